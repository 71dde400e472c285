"""没帮上 at the desk: one key makes a gap of an article that did not help or of a question without an answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from litestar import Request, Response, post
from litestar.params import FromPath

from cases.knowledge import in_force
from cases.search import strip_personal
from channels import reminders_gap
from hotline import city, db, unfinished
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from hotline.ids import new_id
from hotline.work import work
from routing import guess
from sla import gaps
from sla.gaps import Asked, Gap
from web import fields, forms, units
from web.access import Who
from web.desk import answered, pages
from web.desk import help as helping
from web.desk.call import Call
from web.forms import Form
from web.render import render, see_other

NEEDS = "call.take"
LIKELY = 0.5
_WORDS = "UPDATE gap_ask SET words = $3 WHERE id = $1 AND person_id = $2 RETURNING gap_id"


@post("/desk/gaps", opt={"needs": NEEDS}, status_code=200)
async def raise_gap(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """``gap`` is ``<article>:<version>`` or ``none``. The call goes on as it stands; a second press counts once.

    Of a report or a confidential call no word goes to those who fill gaps: the article's own question does.
    """
    posted = await fields.posted(request)
    form = forms.parse(Call, posted)
    what = (posted.get("gap") or ["none"])[0]
    article, version = answered.article_of(what)
    draft = answered.identified(form.text("draft")) or new_id()
    ask = uuid5(draft, f"gap:{what}")
    one = await _raised(actor, form, ask, article, version)
    if request.headers.get("hx-request") == "true":
        return render(request, "desk/gap.html", region="#r-gap", gap=one, ask=ask, owner=_owner(one))
    form.typed["gap"] = [one.number]
    return await pages.show(request, actor, form)


async def _raised(actor: Actor, form: Form[Call], ask: UUID, article: UUID | None, version: int) -> Gap:
    helped = helping.offer(form)
    county, _ = helping.of_place(form, helped.place)
    asked = Asked(
        question=await _question(form, article), why="did_not_help" if article else "no_answer",
        matter=_matter(form, helped), county=county, article=article, version=version or None,
    )  # fmt: skip
    async with work(actor) as w:
        one = await gaps.ask(w, asked, ask)
        if one.times == 1:
            await reminders_gap.tell(w, what="gap_new", gap=one)
    return one


async def _question(form: Form[Call], article: UUID | None) -> str:
    if not unfinished.is_sealed(form.typed):
        return form.text("words")
    async with db.reading() as connection:
        known = (await in_force(connection, [article])).get(article) if article is not None else None
    if known is None:
        raise conflict(
            "gap_sealed", "举报和保密来电的话不进缺口。要补知识，请在“知识缺口”里用自己的话提。",
            "What was said in a report or a confidential call goes into no gap: report it in your words under Gaps.",
        )  # fmt: skip
    return known.question


def _matter(form: Form[Call], helped: helping.Help) -> str:
    """The matter that was chosen, else what the words are more likely about than not: it decides who fills the gap."""
    if helped.matter:
        return helped.matter
    best = next(iter(guess.suggest(form.text("words"), most=1).ranked), None)
    return best.matter if best is not None and best.probability >= LIKELY else ""


def _owner(gap: Gap) -> Say:
    return units.name(city.current(), gap.owner)


@post("/desk/gaps/{ask:uuid}/words", opt={"needs": NEEDS}, status_code=200)
async def add_words(request: Request[Any, Any, Any], actor: Who, ask: FromPath[UUID]) -> Response[str]:
    """What was missing, in a few words, after the key; for whoever pressed it."""
    posted = await fields.posted(request)
    words = strip_personal((posted.get("gap_words") or [""])[0]).strip()[: gaps.LONGEST]
    async with work(actor) as w:
        gap = await w.connection.fetchval(_WORDS, ask, actor.id, words)
        if gap is None:
            raise not_found()
        one = await gaps.one(w.connection, gap)
    if request.headers.get("hx-request") != "true":
        return see_other(request, "/desk", flash=Say("补充已记下。", "Noted."))
    return render(
        request, "desk/gap.html", region="#r-gap", gap=one, ask=None, owner=_owner(one)
    )


ROUTES = [raise_gap, add_words]
