"""Write articles: a new one, a change, submitted at once when asked; the form comes back as it was typed."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from hotline import areas, city, clock, db
from hotline import knowledge_checks as checks
from hotline import knowledge_verbs as verbs
from hotline.actor import Actor
from hotline.errors import Say
from hotline.knowledge_decisions import default_review
from hotline.knowledge_lists import found
from hotline.knowledge_rows import Version
from hotline.permissions import may
from hotline.work import Work
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import Form
from web.knowledge import asks
from web.knowledge.pages import AnyRequest, units
from web.render import render, see_other
from web.trying import worked

WRITE = "knowledge.write"
SAVED = Say("草稿已存。", "The draft is kept.")
WAITS = Say("这一版正待审定，要改请先撤回送审。", "This version waits for approval: take it back before you change it.")
SENT = Say("已送审，知识编辑会来审定。", "Submitted: the knowledge editor decides on it.")


@get("/knowledge/new", opt={"needs": WRITE})
async def blank(request: AnyRequest, actor: Who) -> Response[str]:
    """The form for a new article; the address may carry a question."""
    start = {
        "owner": actor.unit if actor.unit in owners(actor) else "", "valid_from": clock.today(),
        "review_on": default_review(clock.today()), "wordings": request.query_params.get("question", "")[:500],
    }  # fmt: skip
    return _form(request, actor, forms.blank(asks.Edit, start))


@post("/knowledge/new", opt={"needs": WRITE}, status_code=200)
async def write(request: AnyRequest, actor: Who) -> Response[str]:
    """A new article: a draft, or submitted at once."""
    form = await forms.read(request, asks.Edit)

    async def do(w: Work, good: asks.Edit) -> UUID:
        made = await verbs.write(w.connection, actor, good.owner, good.words)
        if good.then:
            await verbs.submit(w.connection, actor, made)
        return made

    status, made = await worked(actor, form, do)
    if made is None:
        return _form(request, actor, form, status=status)
    return see_other(request, f"/knowledge/{made}", flash=SENT if form.good.then else SAVED)


@get("/knowledge/{article:uuid}/edit", opt={"needs": WRITE})
async def edit(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """The form with the newest version in it; saving makes the next one, or changes the open draft."""
    async with db.reading() as connection:
        one, every = await found(connection, actor, article)
    checks.demand_write(actor, one.owner)
    if every[0].state == "submitted":
        return see_other(request, f"/knowledge/{article}", flash=WAITS)
    form = forms.blank(asks.Edit, asks.filled(every[0], one.owner, one.changed_at.isoformat()))
    return _form(request, actor, form, article=article, newest=every[0])


@post("/knowledge/{article:uuid}/edit", opt={"needs": WRITE}, status_code=200)
async def save(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """Keep the change; 409 shows what somebody else wrote meanwhile, and what was typed stays."""
    form = await forms.read(request, asks.Edit)

    async def do(w: Work, good: asks.Edit) -> UUID:
        await verbs.edit(w.connection, actor, article, good.words, seen=good.seen)
        if good.then:
            await verbs.submit(w.connection, actor, article)
        return article

    status, made = await worked(actor, form, do)
    if made is not None:
        return see_other(request, f"/knowledge/{article}", flash=SENT if form.good.then else SAVED)
    async with db.reading() as connection:
        one, every = await found(connection, actor, article)
    if status == 409:
        form.typed["seen"] = [one.changed_at.isoformat()]  # seen now: the next save is meant
    return _form(request, actor, form, status=status, article=article, newest=every[0])


def owners(actor: Actor) -> dict[str, Say]:
    """Units for whom the actor may write."""
    if may(actor, checks.APPROVE):
        return units() | {actor.unit: split.unit_name(actor.unit)}
    snapshot = city.current()
    return {code: snapshot.units[code].name for code in actor.units if code in snapshot.units}


def _form(
    request: AnyRequest, actor: Actor, form: Form[asks.Edit], *, status: int = 200, article: UUID | None = None,
    newest: Version | None = None,
) -> Response[str]:  # fmt: skip
    snapshot = city.current()
    offered = owners(actor)
    kept = form.text("owner")
    if article is not None and kept and kept not in offered:
        offered = {kept: split.unit_name(kept)} | offered
    return render(
        request, "knowledge/edit.html", region="#r-edit", status=status, form=form, article=article, newest=newest,
        owners=offered, clash=status == 409,
        matters={code: Say(f"{one.l2_zh}：{one.l3_zh}（{code}）", f"{one.l2_en}: {one.l3_en} ({code})")
                 for code, one in snapshot.matters.items()},
        counties={"": areas.WHOLE} | {code: one.name for code, one in snapshot.jurisdictions.items()},
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


ROUTES = [blank, write, edit, save]
