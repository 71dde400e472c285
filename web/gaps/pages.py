"""The list of gaps for the editor and the units, a new one, and one with who asked it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import reminders_gap
from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import may
from hotline.work import Work
from sla import gap_lists, gaps
from sla.gaps import Asked, Gap
from web import forms
from web import worklists as split
from web.access import Who
from web.desk import matters
from web.forms import Form
from web.gaps import asks
from web.render import render, see_other
from web.trying import worked

AnyRequest = Request[Any, Any, Any]
READ = "knowledge.read"
ACTS: dict[str, tuple[Say, type[Any], str]] = {
    "draft": (Say("起草知识", "Draft the article"), asks.Draft, "draft"),
    "settle": (Say("已有答案", "It is answered already"), asks.Settle, "settlement"),
    "refuse": (Say("不补", "Do not fill it"), asks.Refuse, "refusal"),
    "give": (Say("改由别的单位补", "Give it to another unit"), asks.Give, "owner"),
}


@get("/knowledge/gaps", opt={"needs": READ})
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """The nearest date first: all for the editor, a unit's own, what one asked oneself."""
    asked = request.query_params.get("state", "open")
    state = asked if asked in gaps.STATES else "open"
    async with db.reading() as connection:
        rows = await gap_lists.listed(connection, actor, state)
        tallies = await gap_lists.tallies(connection, actor)
    return render(
        request, "gaps/index.html", region="#r-list", rows=rows, state=state, states=gaps.STATES, whys=gaps.WHYS,
        tallies=tallies, at=clock.now(), unit_name=split.unit_name, matter_of=split.matter_of,
        is_editor=may(actor, gaps.EDITOR),
    )  # fmt: skip


@get("/knowledge/gaps/new", opt={"needs": READ})
async def blank(request: AnyRequest) -> Response[str]:
    """The form for a gap that somebody noticed, with what was searched for."""
    start = {"question": request.query_params.get("q", "")[:300]}
    return _new(request, forms.blank(asks.New, start))


def _new(request: AnyRequest, form: Form[asks.New], status: int = 200) -> Response[str]:
    return render(
        request, "gaps/new.html", region="#r-gap-form", status=status, form=form,
        counties={code: one.name for code, one in city.current().jurisdictions.items()},
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/knowledge/gaps", opt={"needs": READ}, status_code=200)
async def raise_gap(request: AnyRequest, actor: Who) -> Response[str]:
    """提出缺口; one that asks the same is counted with it."""
    form = await forms.read(request, asks.New)

    async def do(w: Work, given: asks.New) -> Gap:
        asked = Asked(
            question=given.question, why="asked", matter=_matter(given), county=given.county, words=given.words
        )
        one = await gaps.ask(w, asked, form.once_id)
        if one.times == 1:
            await reminders_gap.tell(w, what="gap_new", gap=one)
        return one

    status, one = await worked(actor, form, do)
    if one is None:
        return _new(request, form, status)
    return see_other(request, f"/knowledge/gaps/{one.id}", flash=Say("已记下。", "Noted."))


def _matter(given: asks.New) -> str:
    """The matter by its code, else the one that its words name best."""
    snapshot = city.current()
    if given.matter in snapshot.matters or not given.matter.strip():
        return given.matter.strip()
    found = matters.propose(snapshot, given.matter, "")
    return found[0].code if found else ""


@get("/knowledge/gaps/{gap:uuid}", opt={"needs": READ})
async def show(request: AnyRequest, actor: Who, gap: FromPath[UUID]) -> Response[str]:
    """One gap with who asked it, and the act that ``?act=`` names open."""
    return await shown(request, actor, gap)


async def shown(
    request: AnyRequest, actor: Actor, gap: UUID, *, name: str = "", form: Form[Any] | None = None, status: int = 200
) -> Response[str]:
    """The page; 404 for who neither fills nor asked it. With ``form`` an act that was refused comes back filled."""
    async with db.reading() as connection:
        one = await gaps.one(connection, gap)
        asked = await gap_lists.asks(connection, gap)
    if not (gaps.may_work(actor, one) or actor.id in {ask.person_id for ask in asked}):
        raise not_found()
    may_do = _doable(actor, one)
    wanted = name or request.query_params.get("act", "")
    act = wanted if wanted in may_do else ""
    names = await people.names({ask.person_id for ask in asked} | ({one.decided_by} if one.decided_by else set()))
    return render(
        request, "gaps/show.html", region="#r-gap-form", status=status, one=one, asked=asked, may_do=may_do, act=act,
        acts=ACTS, form=form or forms.blank(ACTS[act][1] if act else asks.Draft), names=names, at=clock.now(),
        states=gaps.STATES, whys=gaps.WHYS, unit_name=split.unit_name, matter_of=split.matter_of, units=unit_choices(),
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


def unit_choices() -> dict[str, Say]:
    """Units that may fill a gap."""
    return {code: unit.name for code, unit in city.current().units.items() if unit.is_on and unit.tier <= 3}


def _doable(actor: Actor, one: Gap) -> tuple[str, ...]:
    if not (one.is_open and gaps.may_work(actor, one)):
        return ()
    names = [name for name in ACTS if name != "give" or may(actor, gaps.EDITOR)]
    return tuple(name for name in names if name != "draft" or one.state == "open")


ROUTES = [listed, blank, raise_gap, show]
