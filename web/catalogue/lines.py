"""One line of the catalogue: its versions, a new one from a day on, its end; each with a preview of what it moves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, not_found
from routing import book, catalogue_verbs
from routing.book import Key, Line
from routing.catalogue_faults import day_fault, faults, tier_of
from web import forms
from web.access import Who
from web.admin import changes, sentences, words
from web.catalogue import names, previews
from web.catalogue.listing import HERE, NEEDS
from web.forms import Form, label
from web.render import render, see_other

SAVED = Say("已保存。没有案件自动改派；需要时由派单员改派。", "Saved. No case was moved; a dispatcher may re-dispatch.")


class Edit(msgspec.Struct, kw_only=True):
    """What a line says from a day on."""

    lead: Annotated[str, label("主办单位", "Lead unit")]
    co_handlers: Annotated[str, label("协办单位", "Co-handling units", most=300)] = ""
    tier: Annotated[str, label("层级", "Tier")] = ""
    route: Annotated[str, label("派单方式", "Route")]
    valid_from: Annotated[date, label("第一天", "First day")]
    valid_to: Annotated[date | None, label("最后一天", "Last day")] = None
    basis: Annotated[str, label("依据", "Basis", most=200)] = ""
    version: str = ""


class New(Edit, kw_only=True):
    """A line that does not stand yet."""

    matter: Annotated[str, label("事项", "Matter")]
    place: Annotated[str, label("地点", "Place")]
    requester: Annotated[str, label("诉求人", "Requester")] = names.EVERY


class End(msgspec.Struct, kw_only=True):
    """The last day of one version."""

    last_day: Annotated[date, label("最后一天", "Last day")]
    line: int
    version: str = ""


@get("/admin/catalogue/new", opt=NEEDS)
async def blank(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """A new line's form; the address may say matter and place already."""
    start = {"valid_from": clock.today(), "requester": names.EVERY, "route": "FUNC", "place": names.EVERY}
    query = request.query_params
    start |= {name: str(query[name])[:12] for name in ("matter", "place") if name in query}
    return _new_shown(request, actor, forms.blank(New, start))


@post("/admin/catalogue/new", opt=NEEDS, status_code=200)
async def add(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Preview or put in force a new line."""
    form = await forms.read(request, New)
    key: Key = ("", "", "")
    if form.is_good:
        key = names.key_of(f"{form.good.matter}.{form.good.place}.{form.good.requester}")
        if changes.is_preview(form):
            moves = await _preview(form, key)
            return _new_shown(request, actor, form, moves=moves, status=200 if moves else 422)

    async def keep(good: New) -> None:
        await _keep(actor, key, good, is_new=True)

    status = await changes.tried(form, keep)
    if status == 200:
        await book.refresh()
        return see_other(request, names.url(key), flash=SAVED)
    return _new_shown(request, actor, form, status=status)


@get("/admin/catalogue/lines/{key:str}", opt=NEEDS)
async def record(request: Request[Any, Any, Any], actor: Who, key: FromPath[str]) -> Response[str]:
    """One line with all its versions."""
    return await _shown(request, actor, names.key_of(key))


@post("/admin/catalogue/lines/{key:str}", opt=NEEDS, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who, key: FromPath[str]) -> Response[str]:
    """Preview or put in force a new version from a day on."""
    own = names.key_of(key)
    form = await forms.read(request, Edit)
    if form.is_good and changes.is_preview(form):
        moves = await _preview(form, own)
        return await _shown(request, actor, own, form=form, moves=moves, status=200 if moves else 422)

    async def keep(good: Edit) -> None:
        await _keep(actor, own, good, is_new=False)

    status = await changes.tried(form, keep)
    if status == 200:
        await book.refresh()
        return see_other(request, names.url(own), flash=SAVED)
    return await _shown(request, actor, own, form=form, status=status)


@post("/admin/catalogue/lines/{key:str}/end", opt=NEEDS, status_code=200)
async def end(request: Request[Any, Any, Any], actor: Who, key: FromPath[str]) -> Response[str]:
    """Preview or set the last day of a version; one that has not begun is withdrawn."""
    own = names.key_of(key)
    form = await forms.read(request, End)
    if form.is_good and changes.is_preview(form):
        old = book.current().by_id(form.good.line)
        if old is None or old.key != own:
            raise not_found()
        if wrong := day_fault(form.good.last_day):
            form.errors["last_day"] = wrong
            return await _shown(request, actor, own, ending=form, status=422)
        gone = catalogue_verbs.Difference((), (), (old,), 0)
        moves = await previews.of(gone, max(form.good.last_day + timedelta(days=1), clock.today()), own[0])
        return await _shown(request, actor, own, ending=form, moves=moves)

    async def keep(good: End) -> None:
        async with catalogue_verbs.changing() as (connection, standing):
            await changes.unchanged(connection, _subject(own), good.version, _mark(standing.versions(own)))
            await catalogue_verbs.end(connection, standing, actor, good.line, good.last_day)
            await changes.note(connection, actor, "catalogue_ended", _subject(own), {}, until=good.last_day.isoformat())

    status = await changes.tried(form, keep)
    if status == 200:
        await book.refresh()
        return see_other(request, names.url(own), flash=SAVED)
    return await _shown(request, actor, own, ending=form, status=status)


async def _keep(actor: Actor, key: Key, good: Edit, *, is_new: bool) -> None:
    async with catalogue_verbs.changing() as (connection, standing):
        versions = standing.versions(key)
        if not is_new:
            await changes.unchanged(connection, _subject(key), good.version, _mark(versions))
        line = _line(key, good)
        old = None if is_new else _standing(versions, line.valid_from)
        changed = changes.difference(_said(old) if old else {}, _said(line))
        if not changed:
            raise changes.nothing()
        await catalogue_verbs.write(
            connection, standing, actor, line, basis=good.basis, instead_of=old.id if old else None
        )
        await changes.note(connection, actor, "catalogue_written", _subject(key), changed, on=line.valid_from)


def _line(key: Key, good: Edit) -> Line:
    snapshot = city.current()
    tier = tier_of(good.lead, int(good.tier) if good.tier in ("3", "4") else 0, good.valid_from, snapshot)
    return Line(
        id=0, matter=key[0], place=key[1], requester=key[2], lead=good.lead,
        co_handlers=names.beside(good.co_handlers, snapshot), tier=tier, route=good.route,
        valid_from=good.valid_from, valid_to=good.valid_to, basis=good.basis,
    )  # fmt: skip


def _standing(versions: tuple[Line, ...], day: date) -> Line | None:
    """The version that a new one of that day follows."""
    return next((one for one in versions if one.is_on(day)), None)


def _said(line: Line) -> dict[str, object]:
    fields = ("lead", "co_handlers", "tier", "route", "valid_to")
    return {f"catalogue_{name}" if name == "tier" else name: getattr(line, name) for name in fields}


def _subject(key: Key) -> str:
    return f"catalogue:{names.address(key)}"


def _mark(versions: tuple[Line, ...]) -> str:
    return changes.mark(*(msgspec.structs.asdict(one) for one in versions))


async def _preview(form: Form[Any], key: Key) -> previews.Preview | None:
    """What the line would move; None with the faults in the form when it cannot stand."""
    line = _line(key, form.good)
    wrong = faults(line, city.current())
    if line.valid_from < clock.today():
        wrong["valid_from"] = catalogue_verbs.PAST
    if wrong:
        form.errors.update(wrong)
        return None
    old = _standing(book.current().versions(key), line.valid_from)
    new = catalogue_verbs.Difference(() if old else (line,), ((old, line),) if old else (), (), 0)
    return await previews.of(new, line.valid_from, key[0])


def _new_shown(
    request: Request[Any, Any, Any], actor: Actor, form: Form[New], *, moves: Any = None, status: int = 200
) -> Response[str]:
    snapshot = city.current()
    return render(
        request, "catalogue/new.html", region="#r-line", status=status, form=form, moves=moves,
        focus="#r-errors" if status != 200 else ("#r-moves" if moves else ""), matters=names.matters(snapshot),
        places=names.places(snapshot), **_choices(actor),
    )  # fmt: skip


def _choices(actor: Actor) -> dict[str, Any]:
    return {
        "names": names, "leads": names.leads(city.current()), "routes": words.ROUTES, "tabs": words.tabs(actor, HERE),
        "words": words, "today": clock.today(),
    }  # fmt: skip


class Version(Line, frozen=True, kw_only=True):
    """A line as it was written: by whom and when, and whether it was withdrawn before it ran."""

    author: UUID
    at: datetime
    is_withdrawn: bool


_VERSIONS = """
SELECT l.id, l.matter, l.place, l.requester, l.lead, l.co_handlers, l.tier, l.route, l.valid_from, l.valid_to,
    l.edition, l.is_withdrawn, e.source, e.source_id, e.author, e.at, e.basis FROM catalogue_line l
JOIN catalogue_edition e ON e.id = l.edition WHERE l.matter = $1 AND l.place = $2 AND l.requester = $3
ORDER BY l.valid_from DESC, l.id DESC
"""


async def _shown(
    request: Request[Any, Any, Any], actor: Actor, key: Key, *, form: Form[Edit] | None = None,
    ending: Form[End] | None = None, moves: Any = None, status: int = 200,
) -> Response[str]:  # fmt: skip
    async with db.reading() as connection:
        rows = [
            Version(**{**row, "co_handlers": tuple(row["co_handlers"])})
            for row in await connection.fetch(_VERSIONS, *key)
        ]
        past = await sentences.history(connection, _subject(key))
    if not rows:
        raise not_found()
    versions, today = book.current().versions(key), clock.today()
    mark = _mark(versions)
    for one in (form, ending):
        if one is not None and status == 409:
            one.typed["version"] = [mark]
    standing = _standing(versions, today)
    start = _start(standing or (versions[-1] if versions else rows[0]), today) | {"version": mark}
    open_ended = [one for one in versions if one.valid_to is None or one.valid_to >= today]
    return render(
        request, "catalogue/line.html", region="#r-line", status=status, key=key, title=names.title(key),
        address=names.url(key), form=form or forms.blank(Edit, start), ending=ending, mark=mark, rows=rows,
        standing=standing, open_ended=open_ended, history=past, moves=moves,
        who=await people.names({row.author for row in rows}),
        focus="#r-errors" if status != 200 else ("#r-moves" if moves else ""), **_choices(actor),
    )  # fmt: skip


def _start(line: Line, today: date) -> dict[str, object]:
    return {
        "lead": line.lead, "co_handlers": " ".join(line.co_handlers), "route": line.route,
        "tier": str(line.tier) if line.lead == book.PLACE else "", "valid_from": max(today, line.valid_from),
        "valid_to": line.valid_to if line.valid_to and line.valid_to >= today else None,
    }  # fmt: skip


ROUTES = [blank, add, record, change, end]
