"""The knowledge for the staff: the list with the chosen article beside it, one article with its history, comparing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from hotline import areas, city, clock, db, knowledge
from hotline import knowledge_checks as checks
from hotline import knowledge_lists as lists
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.knowledge_rows import VERSION_STATES, Article
from hotline.permissions import may
from routing import guess
from web import filters
from web import worklists as split
from web.access import Who
from web.filters import Choice, Filters
from web.forms import Form
from web.knowledge import shown
from web.render import render

AnyRequest = Request[Any, Any, Any]
READ = "knowledge.read"
HERE = "/knowledge"
FOUND, MATTERS = 20, 3
_EMPTY = {
    "": Say("还没有知识。点“写一条”，或导入一份。", "No articles yet: write one, or import a file."),
    "force": Say("还没有可用的知识。", "No article is in use yet."),
    "submitted": Say("没有待审定的，单位送审的会到这里。", "Nothing to approve; what units submit comes here."),
    "draft": Say("没有草稿，也没有退回的。", "No drafts, and none sent back."),
    "due": Say("近期没有要复核的。", "No review is due soon."),
    "stale": Say("没有过了复核期的。", "None is past its review date."),
    "look": Say("没有因事项、单位变动或过了截止日要看的。", "Nothing to look at: nothing changed, no last day passed."),
    "coming": Say("没有等着生效的。", "None waits for its first day."),
    "retired": Say("没有下架的。", "None is retired."),
}


def choices() -> tuple[Choice, ...]:
    """The filters of the list."""
    snapshot = city.current()
    return (
        Choice(key="kind", say=Say("状态", "State"), options=lists.KINDS),
        Choice(key="unit", say=Say("归口单位", "Unit"), options=units()),
        Choice(key="matter", say=Say("事项", "Matter"), options=areas.groups()),
        Choice(key="county", say=Say("地方", "Place"),
               options={code: one.name for code, one in snapshot.jurisdictions.items()}),
        Choice(key="q", say=Say("问题", "Question")),
    )  # fmt: skip


def units() -> dict[str, Say]:
    """Units that may own articles: those in use down to the counties."""
    return {code: one.name for code, one in city.current().units.items() if one.is_on and one.tier <= 3}


@get(HERE, opt={"needs": READ})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """The list as the address filters it, and the chosen article, else the first."""
    asked = filters.parse(HERE, request.query_params, choices())
    offset = int(asked.after) if asked.after.isdecimal() and len(asked.after) < 7 else 0
    async with db.reading() as connection:
        looked = await lists.to_look_at(connection) if _writes(actor) else {}
        rows = await _rows(connection, actor, asked, list(looked), offset)
        tally = await lists.counts(connection, actor, list(looked)) if _writes(actor) else {}
        key = request.query_params.get("article", "")
        one = _picked(rows, key)
        chosen = await _chosen(connection, actor, one, looked)
    here = asked.url(after=str(offset) if offset else "")
    lines = [line(row, here, one, looked) for row in rows]
    more = asked.url(after=str(offset + lists.SIZE)) if len(rows) == lists.SIZE else ""
    return render(
        request, "knowledge/index.html", region="#r-knowledge", asked=asked, lines=lines, chosen=chosen, more=more,
        tabs=_tabs(actor, asked, tally), around=split.around(lines, str(one) if one else ""), is_chosen=bool(key),
        empty=_EMPTY[asked.get("kind")], back=here, states=VERSION_STATES, now_day=clock.today(),
        kinds_of=choices()[1:4],
    )  # fmt: skip


async def _rows(
    connection: db.Connection, actor: Actor, asked: Filters, looked: list[UUID], offset: int
) -> list[lists.Line]:
    """Words without a state are looked up as an agent does; everything else is a list."""
    words = asked.get("q")
    if words and not asked.get("kind") and not offset:
        hits = await knowledge.search(connection, words, county=asked.get("county"), limit=FOUND, matters=likely(words))
        known = await lists.those(connection, actor, [hit.id for hit in hits])
        if fitting := [row for row in known if _fits(row.article, asked)]:
            return fitting
    return await lists.listed(
        connection, actor, looked=looked,
        asked=lists.Asked(kind=asked.get("kind"), unit=asked.get("unit"), matter=asked.get("matter"),
                          county=asked.get("county"), words=words, after=offset),
    )  # fmt: skip


def likely(words: str) -> list[str]:
    """The matters that the model makes of the words: the search weighs them. None without a model."""
    return [one.matter for one in guess.suggest(words, most=MATTERS).ranked]


def _fits(article: Article, asked: Filters) -> bool:
    unit = asked.get("unit")
    return article.matter.startswith(asked.get("matter")) and (
        not unit or article.owner in city.current().subtree(unit)
    )


def _picked(rows: list[lists.Line], key: str) -> UUID | None:
    if key:
        try:
            return UUID(key)
        except ValueError:
            raise not_found() from None
    return rows[0].article.id if rows else None


async def _chosen(
    connection: db.Connection, actor: Actor, one: UUID | None, looked: dict[UUID, Say]
) -> shown.Shown | None:
    return await shown.shown(connection, actor, one, looked=looked) if one is not None else None


def line(row: lists.Line, here: str, chosen: UUID | None, looked: dict[UUID, Say]) -> split.Line:
    """An article as a line of the list."""
    one = row.article
    marks: list[tuple[Say, str]] = []
    if one.is_stale(clock.today()):
        marks.append((Say("▲ 过了复核期", "▲ Past review"), "danger"))
    if one.id in looked:
        marks.append((Say("须看一看", "Look at it"), "danger"))
    if row.open_state == "submitted":
        marks.append((Say("待审定", "To approve"), ""))
    elif row.open_state == "draft":
        marks.append((Say("草稿", "Draft"), ""))
    elif row.open_state == "sent_back":
        marks.append((Say("退回修改", "Sent back"), "danger"))
    if one.state == "retired":
        marks.append((Say("已下架", "Retired"), ""))
    joint = "&" if "?" in here else "?"
    facts = [split.unit_name(one.owner), areas.matter_name(one.matter) if one.matter else Say("未选事项", "No matter")]
    facts += [areas.area_name(one.county)] if one.county else []
    return split.Line(
        key=str(one.id), number=one.name, title=Say(row.question, row.question),
        url=f"{here}{joint}article={one.id}", facts=facts, marks=marks, is_open=one.id == chosen,
    )  # fmt: skip


def _writes(actor: Actor) -> bool:
    """Whether the lists are for the actor; who only reads has what is in use."""
    return may(actor, checks.WRITE) or may(actor, checks.APPROVE)


def _tabs(actor: Actor, asked: Filters, tally: dict[str, int]) -> list[tuple[Say, str, int | None, bool]]:
    kind = asked.get("kind")
    found: list[tuple[Say, str, int | None, bool]] = [(Say("全部", "All"), asked.url(kind=""), None, not kind)]
    if not _writes(actor):
        return found
    return found + [(say, asked.url(kind=code), tally[code], code == kind) for code, say in lists.KINDS.items()]


async def page(
    request: AnyRequest, actor: Actor, article: UUID, *, form: Form[Any] | None = None, act: str = "",
    status: int = 200, template: str = "knowledge/one.html",
) -> Response[str]:  # fmt: skip
    """One article whole: what it says, its versions, reviews, acts; with a form that came back."""
    query = request.query_params
    async with db.reading() as connection:
        looked = await lists.to_look_at(connection) if _writes(actor) else {}
        one = await shown.shown(connection, actor, article, looked=looked, version=_number(query.get("v")), form=form)
        past = await shown.history(connection, article) if one.may_write else None
    new, old = (next((v for v in one.versions if v.version == _number(query.get(key))), None) for key in ("to", "from"))
    changed = shown.compared(old, new) if one.may_write and old is not None and new is not None else None
    return render(
        request, template, region="#r-article", status=status, chosen=one, past=past, act=act, states=VERSION_STATES,
        changed=changed, old=old, new=new, units=units(), now_day=clock.today(), back=f"/knowledge/{article}",
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0


@get("/knowledge/{article:uuid}", opt={"needs": READ})
async def one(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """One article; ``v`` an earlier version, ``from`` and ``to`` two versions compared."""
    return await page(request, actor, article)


@get("/knowledge/{article:uuid}/print", opt={"needs": READ})
async def as_print(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """The article on paper, with who printed it and when."""
    return await page(request, actor, article, template="knowledge/print.html")


ROUTES = [index, one, as_print]
