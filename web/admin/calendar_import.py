"""A year's holidays, put in at once: read and checked, what it moves, then in force; provisional dates become firm."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from hotline import acts, city, city_calendar, city_verbs, clock, db
from hotline.actor import Actor
from hotline.city import CalendarDays
from hotline.errors import Say
from sla import arrangement, board, moves, recompute
from sla.arrangement import Arrangement
from web import forms
from web.access import Who
from web.admin import calendar_common as common
from web.admin import changes, sentences, words
from web.forms import Form, label
from web.render import render, see_other

HERE = "/admin/calendar/import"
MOST_BYTES = 200_000


class Edit(msgspec.Struct):
    """A year and its arrangement as text; a file that was sent takes the text's place."""

    year: Annotated[int, label("哪一年", "Year", least=2025, most=2100)]
    text: Annotated[str, label("放假安排", "Arrangement", most=60_000)] = ""
    version: str = ""


@get(HERE, opt={"needs": "city.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The form, on the next year that is not complete."""
    year = city.current().calendar.announced_through.year + 1
    return await _shown(request, actor, forms.blank(Edit, {"year": year}))


@post(HERE, opt={"needs": "city.edit"}, status_code=200, request_max_body_size=MOST_BYTES)
async def bring(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Check and preview an arrangement, or put it in force; the worker then reckons the promises anew."""
    form = await forms.read(request, Edit)
    await _take_file(form)
    read = _read(form)
    if form.is_good and (changes.is_preview(form) or form.good.version != _version(form.good)):
        form.typed["version"] = [_version(form.good)]
        async with db.reading() as connection:
            effect = await _effect(connection, form.good.year, read)
        return await _shown(request, actor, form, read=read, effect=effect)

    async def keep(good: Edit) -> None:
        await _change(actor, good, read)

    status = await changes.tried(form, keep)
    if status == 200:
        await common.after()
        say = Say(
            f"{form.good.year} 年的安排已生效，正在重算期限。",
            f"The arrangement of {form.good.year} is in force; due dates are being reckoned.",
        )
        return see_other(request, f"/admin/calendar?year={form.good.year}", flash=say)
    return await _shown(request, actor, form, read=read, status=status)


async def _take_file(form: Form[Edit]) -> None:
    sent = form.files.get("sheet", [])
    if not sent or form.value is None:
        return
    data = await sent[0].read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            form.value.text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        form.typed["text"] = [form.value.text]
        return
    form.errors["text"] = Say("这个文件不是文本，请存成 CSV 或 ICS。", "This file is no text; save it as CSV or ICS.")


def _read(form: Form[Edit]) -> Arrangement:
    """What the form holds; its faults go into the form."""
    if form.value is None or form.errors:
        return Arrangement()
    year, known = form.value.year, city.current().calendar.announced_through
    if date(year, 12, 31) < clock.today():
        form.errors["year"] = Say("过去的年份不能改。", "A past year stays.")
    elif year > known.year + 1:
        form.errors["year"] = Say(f"请先导入 {known.year + 1} 年的。", f"Import {known.year + 1} first.")
    if not form.value.text.strip():
        form.errors["text"] = Say("还没有内容：请粘贴表格，或选一个文件。", "Paste a table, or choose a file.")
        return Arrangement()
    read = arrangement.read(form.value.text, year)
    if read.faults:
        n = len(read.faults)
        form.errors["text"] = Say(f"整份没有导入：有 {n} 处要改，见下。", f"Refused whole: {n} lines to mend, below.")
    return read


async def _change(actor: Actor, good: Edit, read: Arrangement) -> None:
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        tried = _tried(good.year, read)
        known = city.current().calendar
        if tried == known:
            raise changes.nothing()
        effect = await _effect(connection, good.year, read)
        first, last = _span(good.year)
        await city_calendar.replace_year(connection, good.year, first, read.days)
        if tried.announced_through != known.announced_through:
            await city_verbs.set_rule("calendar.announced_through", str(tried.announced_through))
        await recompute.note(connection, actor, first, last)
        await changes.note(
            connection, actor, "year_imported", f"year:{good.year}", {}, rest=read.rest, made_up=read.made_up,
            moves=effect.moved, settled=effect.settled,
        )  # fmt: skip


def _tried(year: int, read: Arrangement) -> CalendarDays:
    """Today's calendar with this year as it was read, from today on."""
    known, today = city.current().calendar, clock.today()
    days = {day: what for day, what in known.days.items() if day.year != year or day < today}
    days |= {day: what for day, what in read.days.items() if day >= today}
    through = max(known.announced_through, date(year, 12, 31))
    return msgspec.structs.replace(known, days=days, announced_through=through)


def _span(year: int) -> tuple[date, date]:
    """The days that an import changes; all later ones when the year was not announced before."""
    is_new = city.current().calendar.announced_through < date(year, 12, 31)
    return max(clock.today(), date(year, 1, 1)), recompute.FAR if is_new else date(year, 12, 31)


async def _effect(connection: db.Connection, year: int, read: Arrangement) -> moves.Effect:
    return await moves.preview(connection, common.by(_tried(year, read)), *_span(year))


def _version(good: Edit) -> str:
    """What was previewed: the year and its text."""
    return f"{good.year} {changes.mark({'text': good.text, 'city': city.current().calendar.announced_through})}"


async def _shown(
    request: Request[Any, Any, Any],
    actor: Actor,
    form: Form[Edit],
    *,
    status: int = 200,
    read: Arrangement | None = None,
    effect: moves.Effect | None = None,
) -> Response[str]:
    async with db.reading() as connection:
        past = await sentences.told(await acts.recent(connection, kind="year_imported", limit=10))
    return render(
        request, "admin/calendar_import.html", region="#r-import", status=status,
        focus="#r-errors" if status != 200 else ("#r-moves" if effect else ""),
        form=form, read=read, effect=effect, moves=common.told(effect) if effect else None,
        calendar_here=HERE, where="", places=None, own=(), calendar_tabs=common.TABS,
        known=city.current().calendar, unit_name=common.unit_name, stage_name=board.stage_name, history=past,
        tabs=words.tabs(actor, "/admin/calendar"),
    )  # fmt: skip


ROUTES = [index, bring]
