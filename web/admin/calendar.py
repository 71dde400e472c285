"""The working calendar: a year as a grid, days changed from today on, and the running due dates that this moves."""

from __future__ import annotations

import calendar as weeks
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from hotline import acts, city, city_calendar, city_verbs, clock, db, people
from hotline.actor import Actor
from hotline.city import Day
from hotline.errors import Say
from sla import board, calendar, moves, recompute
from sla.calendar import Calendar
from web import forms
from web.access import Who
from web.admin import calendar_common as common
from web.admin import changes, sentences, words
from web.forms import Form, label
from web.render import render, see_other

FIRST_YEAR, LAST_YEAR = 2025, 2100
MOST_DAYS = 31
KINDS = {"rest": Say("休息", "Rest day"), "work": Say("上班", "Working day")}
_DAY = Say("还没写日期。", "Enter the day.")
_TOO_FAR = Say("太远了，请写近几年的日子。", "That is too far away.")


_NAMELESS = {
    "name_zh": Say("还没写这几天的中文名称，如 国庆节。", "Enter the Chinese name, such as 国庆节."),
    "name_en": Say("还没写这几天的英文名称。", "Enter the English name, such as National Day."),
}


class Edit(msgspec.Struct):
    """A run of days and what they are; ``kind`` is a key of KINDS."""

    first: Annotated[date, label("第一天", "First day", missing=_DAY)]
    kind: Annotated[str, label("这几天", "These days", missing=Say("还没选上班还是休息。", "Choose working or rest."))]
    last: Annotated[date | None, label("最后一天", "Last day")] = None
    name_zh: Annotated[str, label("名称（中）", "Name (zh)", most=40)] = ""
    name_en: Annotated[str, label("名称（英）", "Name (en)", most=80)] = ""
    where: str = ""
    """Whose calendar: a county's code, empty for the city's."""
    version: str = ""
    """What was previewed: the days, their kind, and the mark of what they were then."""

    def check(self) -> dict[str, Say]:
        """The days are in order, few, and not past."""
        wrong: dict[str, Say] = {}
        if max(self.first, self.end).year > LAST_YEAR:
            return {"last" if self.last else "first": _TOO_FAR}
        if self.first < clock.today():
            wrong["first"] = Say(
                "过去的日子不能改，期限已按当时的日历算过。", "Past days stay: due dates were reckoned by them."
            )
        if not self.first <= self.end < self.first + timedelta(days=MOST_DAYS):
            wrong["last"] = Say(
                f"最后一天要在第一天之后 {MOST_DAYS} 天以内。", f"The last day is within {MOST_DAYS} days of the first."
            )
        if self.kind not in KINDS:
            wrong["kind"] = Say("请从列出的里面选。", "Choose from the list.")
        if self.where and self.where not in city.current().jurisdictions:
            wrong["where"] = Say("没有这个县区。", "There is no such county.")
        if not wrong and any(self.differs(day) for day in self.days):
            wrong |= {name: say for name, say in _NAMELESS.items() if not getattr(self, name).strip()}
        return wrong

    @property
    def end(self) -> date:
        """The last day, the first when none is given."""
        return self.last or self.first

    @property
    def days(self) -> list[date]:
        """Every day meant."""
        return [self.first + timedelta(days=n) for n in range((self.end - self.first).days + 1)]

    @property
    def asked(self) -> str:
        """What is asked for, as the beginning of ``version``."""
        return f"{self.first}/{self.end} {self.kind}{self.where and f' {self.where}'}"

    def differs(self, day: date) -> bool:
        """Whether such a day differs from Monday to Friday, or a county's from the city's."""
        usual = calendar.of(city.current()).is_working(day) if self.where else day.weekday() < 5
        return (self.kind == "work") != usual

    def what(self, day: date) -> Day | None:
        """What the table gets for the day; None: nothing, it is as usual."""
        if not self.differs(day):
            return None
        return Day(self.kind == "work", Say(self.name_zh.strip(), self.name_en.strip()))


class Through(msgspec.Struct):
    """The last day up to which the table of holidays is complete."""

    through: Annotated[date, label("录全到", "Complete to")]
    version: str = ""

    def check(self) -> dict[str, Say]:
        """A day that the calendar reaches."""
        return {"through": _TOO_FAR} if self.through.year > LAST_YEAR else {}


class Cell(msgspec.Struct, frozen=True):
    """A day of the grid; ``mark`` is rest, made_up, weekend or plain."""

    day: date
    mark: str
    name: Say
    is_past: bool


def grid(working: Calendar, year: int) -> Iterator[tuple[int, list[list[Cell | None]]]]:
    """Twelve months, each in weeks that begin on Monday."""
    today = clock.today()
    for month in range(1, 13):
        rows = weeks.Calendar().monthdatescalendar(year, month)
        yield month, [[_cell(working, day, today) if day.month == month else None for day in row] for row in rows]


def _cell(working: Calendar, day: date, today: date) -> Cell:
    special = day in working.days
    marks = ("made_up", "plain") if working.is_working(day) else ("rest", "weekend")
    mark = marks[0] if special else marks[1]
    return Cell(day, mark, working.name(day), day < today)


def holidays(year: int, where: str = "") -> list[tuple[date, date, Day]]:
    """The named days of a year, of the city or those a county has of its own, as runs of one kind and name."""
    runs: list[tuple[date, date, Day]] = []
    data = city.current().calendar
    own = (data.local[where].days if where in data.local else {}) if where else data.days
    for day, what in sorted(own.items()):
        if day.year != year:
            continue
        if runs and runs[-1][2] == what and (day - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], day, what)
        else:
            runs.append((day, day, what))
    return runs


@get("/admin/calendar", opt={"needs": "city.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """A year, with the form for a day that was chosen in it."""
    where = common.where_of(request)
    start: dict[str, object] = {"where": where}
    chosen = _date(request.query_params.get("day", ""))
    if chosen is not None:
        working = calendar.of(city.current(), where)
        was_rest, name = not working.is_working(chosen), working.days.get(chosen)
        start |= {"first": chosen, "last": chosen, "kind": "rest" if was_rest else "work"}
        start |= {"name_zh": name.name.zh, "name_en": name.name.en} if name else {}
    year = chosen.year if chosen else _year(request)
    return await _shown(request, actor, year, start=start, where=where)


@post("/admin/calendar", opt={"needs": "city.edit"}, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Preview or set a run of days; the worker then reckons the promises anew that it moves."""
    form = await forms.read(request, Edit)
    year = _clamped(form.value.first.year) if form.value else _year(request)
    if form.is_good and (changes.is_preview(form) or not form.good.version.startswith(f"{form.good.asked} ")):
        async with db.reading() as connection:
            effect = await _effect(connection, form.good)
            form.typed["version"] = [f"{form.good.asked} {(await _mark(connection, form.good))[0]}"]
        return await _shown(request, actor, year, form=form, effect=effect, where=form.good.where)

    async def keep(good: Edit) -> None:
        await _change(actor, good)

    status = await changes.tried(form, keep)
    if status == 200:
        await common.after()
        say = Say(
            "日历已改，正在重算受影响的期限。",
            "The calendar is changed; the due dates that it moves are being reckoned.",
        )
        where = f"&where={form.good.where}" if form.good.where else ""
        return see_other(request, f"/admin/calendar?year={year}{where}", flash=say)
    where = form.value.where if form.value and "where" not in form.errors else ""
    return await _shown(request, actor, year, status=status, form=form, where=where)


async def _change(actor: Actor, good: Edit) -> None:
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        version, before = await _mark(connection, good)
        subject = f"days:{good.first}/{good.end}{good.where and f'@{good.where}'}"
        await changes.unchanged(connection, subject, good.version, f"{good.asked} {version}")
        changed: dict[str, list[str]] = {}
        for day in good.days:
            what = good.what(day)
            now = (good.kind == "work", *(what.name if what else ("", "")))
            was = before.get(day, (not good.differs(day) if good.kind == "work" else good.differs(day), "", ""))
            if was != now:
                changed[str(day)] = [_say(*was), _say(*now)]
            await _keep(connection, good, day, what)
        if not changed:
            raise changes.nothing()
        effect = await _effect(connection, good)
        await recompute.note(connection, actor, good.first, good.end, good.where)
        await changes.note(connection, actor, "days_set", subject, changed, moves=effect.moved)


async def _keep(connection: db.Connection, good: Edit, day: date, what: Day | None) -> None:
    if good.where:
        await city_calendar.set_local_day(connection, good.where, day, what)
    else:
        await city_verbs.set_day(
            day, is_working=good.kind == "work", name_zh=good.name_zh, name_en=good.name_en
        )


async def _effect(connection: db.Connection, good: Edit) -> moves.Effect:
    tried = common.with_days(good.where, {day: good.what(day) for day in good.days})
    return await moves.preview(connection, common.by(tried), good.first, good.end, good.where)


@post("/admin/calendar/through", opt={"needs": "city.edit"}, status_code=200)
async def complete(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Preview or say up to which day the holidays are complete: promises until then are provisional no more."""
    form = await forms.read(request, Through)
    known = city.current().calendar
    if form.is_good and form.good.through < known.announced_from:
        form.errors["through"] = Say("早于表的第一天。", "This is before the table's first day.")
    first = min(form.value.through, known.announced_through) if form.value else clock.today()
    if form.is_good and changes.is_preview(form):
        tried = msgspec.structs.replace(known, announced_through=form.good.through)
        async with db.reading() as connection:
            effect = await moves.preview(connection, common.by(tried), first, recompute.FAR)
        return await _shown(request, actor, form.good.through.year, through=form, effect=effect)

    async def keep(good: Through) -> None:
        async with db.atomic() as connection:
            await connection.execute("SELECT version FROM city_version FOR UPDATE")
            old = await connection.fetchval("SELECT value FROM rule WHERE key = 'calendar.announced_through'")
            await changes.unchanged(connection, "rule:calendar.announced_through", good.version or old, old)
            if old == str(good.through):
                raise changes.nothing()
            await city_verbs.set_rule("calendar.announced_through", str(good.through))
            await recompute.note(connection, actor, first, recompute.FAR)
            changed = {"value": [old, str(good.through)]}
            await changes.note(connection, actor, "rule_set", "rule:calendar.announced_through", changed)

    status = await changes.tried(form, keep)
    if status == 200:
        await common.after()
        say = Say("已记下，正在重算暂定的期限。", "Noted; provisional due dates are being reckoned.")
        return see_other(request, f"/admin/calendar?year={form.good.through.year}", flash=say)
    return await _shown(request, actor, _year(request), status=status, through=form)


async def _shown(
    request: Request[Any, Any, Any],
    actor: Actor,
    year: int,
    *,
    status: int = 200,
    form: Form[Edit] | None = None,
    through: Form[Through] | None = None,
    effect: moves.Effect | None = None,
    start: dict[str, object] | None = None,
    where: str = "",
) -> Response[str]:
    working, known = calendar.of(city.current(), where), city.current().calendar
    async with db.reading() as connection:
        recent = await recompute.recent(connection)
        if form is None:
            days_form = forms.blank(Edit, start)
        else:
            days_form = form
            if form.value is not None and status == 409:
                mark = (await _mark(connection, form.value))[0]
                form.typed["version"] = [f"{form.value.asked} {mark}"]
        past = await sentences.told(await acts.recent(connection, kind="days_set", limit=10))
    through_start = {"through": date(year, 12, 31), "version": str(known.announced_through)}
    if through is not None and status == 409:
        through.typed["version"] = [str(known.announced_through)]
    return render(
        request, "admin/calendar.html", region="#r-calendar", status=status,
        focus="#r-errors" if status != 200 else ("#r-moves" if effect else ""),
        year=year, years=sorted({2025, 2026, 2027, year, clock.today().year, clock.today().year + 1}),
        months=list(grid(working, year)), holidays=holidays(year, where), known=known, form=through or days_form,
        edit=days_form, through=through or forms.blank(Through, through_start), kinds=KINDS, effect=effect,
        moves=common.told(effect) if effect else None, where=where, places=common.places(), own=common.own_places(),
        place=common.name_of(where), calendar_tabs=common.TABS, unit_name=common.unit_name, stage_name=board.stage_name,
        is_previewed_days=bool(effect) and form is not None, is_previewed_through=bool(effect) and through is not None,
        place_of=common.name_of,
        recent=recent, names=await people.names({one.by for one in recent}), history=past, today=clock.today(),
        is_open=bool(start) or form is not None, tabs=words.tabs(actor, "/admin/calendar"),
    )  # fmt: skip


async def _mark(connection: db.Connection, good: Edit) -> tuple[str, dict[date, tuple[bool, str, str]]]:
    """What the days are now, and the mark of it for the form."""
    rows = await city_calendar.days_between(connection, good.where, good.first, good.end)
    return changes.mark(*rows), {row["day"]: (row["is_working"], row["name_zh"], row["name_en"]) for row in rows}


def _say(is_working: bool, zh: str, en: str) -> str:  # noqa: FBT001 - the row's columns
    return f"{'work' if is_working else 'rest'} {zh}".strip() if zh or en else ("work" if is_working else "rest")


def _year(request: Request[Any, Any, Any]) -> int:
    text = request.query_params.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year
    return _clamped(year)


def _clamped(year: int) -> int:
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


ROUTES = [index, change, complete]
