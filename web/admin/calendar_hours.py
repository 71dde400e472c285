"""Working hours of a day: which hold since when, others from a day on, and what that moves. The past stays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from hotline import acts, city, city_calendar, clock, db
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from sla import board, calendar, moves, recompute
from sla.hours import SHAPE, fault, tidy
from web import forms
from web.access import Who
from web.admin import calendar_common as common
from web.admin import changes, sentences, words
from web.forms import Form, label
from web.render import render, see_other

HERE = "/admin/calendar/hours"
LAST_YEAR = 2100


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Hours that hold from a day on (None: as long as there is a calendar)."""

    valid_from: date | None
    hours: str
    is_now: bool
    is_to_come: bool


_DAY = Say("还没写从哪天起。", "Enter the day.")
_HOURS = Say("至少要有一个时段，如 09:00-12:00。", "A working day needs an interval, such as 09:00-12:00.")


class Drop(msgspec.Struct):
    """Hours that are taken back before they begin."""

    valid_from: Annotated[date, label("从哪天起", "From which day", missing=_DAY)]
    where: str = ""


class Edit(msgspec.Struct):
    """Other hours from a day on. ``step``: preview, apply; of a county also city, city_apply: the city's hold again."""

    valid_from: Annotated[date, label("从哪天起", "From which day", missing=_DAY)]
    hours: Annotated[str, label("上班时段", "Working hours", most=120, missing=_HOURS)]
    where: str = ""
    step: str = ""
    version: str = ""

    def check(self) -> dict[str, Say]:
        """From today on, and hours that follow the rules."""
        wrong: dict[str, Say] = {}
        if self.valid_from < clock.today():
            wrong["valid_from"] = Say(
                "过去的上班时间不能改，期限已按当时的时间算过。", "Past hours stay: due dates were reckoned by them."
            )
        elif self.valid_from.year > LAST_YEAR:
            wrong["valid_from"] = Say("太远了，请写近几年的日子。", "That is too far away.")
        if self.where and self.where not in city.current().jurisdictions:
            wrong["where"] = Say("没有这个县区。", "There is no such county.")
        if not self.is_citys and (broken := fault(self.told)) is not None:
            wrong["hours"] = broken
        return wrong

    @property
    def is_citys(self) -> bool:
        """Whether a county gets the city's hours again."""
        return bool(self.where) and self.step.startswith("city")

    @property
    def told(self) -> str:
        """The hours in the form that is kept."""
        return "" if self.is_citys else tidy(self.hours)

    @property
    def asked(self) -> str:
        """What was previewed."""
        return f"{self.valid_from} {self.told or '-'}{self.where and f' {self.where}'}"


def turns(where: str) -> list[Turn]:
    """The hours of the city or of a county in the order in which they begin."""
    snapshot, today = city.current(), clock.today()
    data = snapshot.calendar
    own = (data.local[where].hours if where in data.local else ()) if where else data.hours
    first = "" if where else str(snapshot.rule("hours.working"))
    found = [(None, first), *own] if not where or own else []
    now = max((n for n, (day, _) in enumerate(found) if day is None or day <= today), default=-1)
    return [
        Turn(valid_from=day, hours=hours, is_now=n == now, is_to_come=day is not None and day > today)
        for n, (day, hours) in enumerate(found)
    ]


@get(HERE, opt={"needs": "city.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The hours that held, hold and will hold, with the form for others."""
    where = common.where_of(request)
    day = clock.today() + timedelta(days=1)
    start = {"valid_from": day, "where": where, "hours": _text(calendar.of(city.current(), where).hours_of(day))}
    return await _shown(request, actor, forms.blank(Edit, start), where)


@post(HERE, opt={"needs": "city.edit"}, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Preview or set hours from a day on; the worker then reckons the promises anew that it moves."""
    form = await forms.read(request, Edit)
    where = form.value.where if form.value and "where" not in form.errors else ""
    is_preview = changes.is_preview(form) or form.text("step") == "city"
    if form.is_good and (is_preview or form.good.version != _version(form.good)):
        form.typed["version"] = [_version(form.good)]
        form.typed["hours"] = [form.good.told or form.good.hours]
        async with db.reading() as connection:
            effect = await _effect(connection, where, form.good.valid_from, form.good.told)
        return await _shown(request, actor, form, where, effect=effect)

    async def keep(good: Edit) -> None:
        await _change(actor, good.where, good.valid_from, good.told)

    status = await changes.tried(form, keep)
    if status == 200:
        await common.after()
        say = Say(
            "上班时间已改，正在重算受影响的期限。",
            "The working hours are changed; the due dates that they move are being reckoned.",
        )
        return see_other(request, f"{HERE}?where={where}" if where else HERE, flash=say)
    return await _shown(request, actor, form, where, status=status)


async def _change(actor: Actor, where: str, day: date, hours: str | None) -> None:
    """Set the hours from a day on ("": the city's), or take back those that begin on it (None)."""
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        old = await connection.fetchval(
            "SELECT hours FROM working_hours WHERE jurisdiction = $1 AND valid_from = $2", where, day
        )
        now = _text(calendar.of(city.current(), where).hours_of(day))
        if hours is not None and hours in (old, now if old is None else old):
            raise changes.nothing()
        effect = await _effect(connection, where, day, hours)
        if hours is None:
            await city_calendar.drop_hours(connection, where, day)
        else:
            await city_calendar.set_hours(connection, where, day, hours)
        await recompute.note(connection, actor, day, recompute.FAR, where)
        kind = "hours_dropped" if hours is None else "hours_set"
        changed = {"working_hours": [old if old is not None else now, hours or ""]}
        subject = f"hours:{day}{where and f'@{where}'}"
        await changes.note(connection, actor, kind, subject, changed, moves=effect.moved)


async def _effect(connection: db.Connection, where: str, day: date, hours: str | None) -> moves.Effect:
    tried = common.with_hours(where, day, hours)
    return await moves.preview(connection, common.by(tried), day, recompute.FAR, where)


def _version(good: Edit) -> str:
    """What was previewed, over what was there then."""
    return f"{good.asked} {changes.mark({'turns': repr(turns(good.where))})}"


def _text(hours: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{_clock(a)}-{_clock(b)}" for a, b in hours)


def _clock(hour: float) -> str:
    minutes = round(hour * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


async def _shown(
    request: Request[Any, Any, Any],
    actor: Actor,
    form: Form[Edit],
    where: str,
    *,
    status: int = 200,
    effect: moves.Effect | None = None,
) -> Response[str]:
    async with db.reading() as connection:
        kinds = [await acts.recent(connection, kind=kind, limit=10) for kind in ("hours_set", "hours_dropped")]
    past = sorted((one for kind in kinds for one in kind), key=lambda one: one.seq, reverse=True)
    today = calendar.of(city.current(), where)
    return render(
        request, "admin/calendar_hours.html", region="#r-hours", status=status,
        focus="#r-errors" if status != 200 else ("#r-moves" if effect else ""),
        form=form, turns=turns(where), where=where, place=common.name_of(where), places=common.places(),
        own=common.own_places(), calendar_tabs=common.TABS, calendar_here=HERE, shape=SHAPE, effect=effect,
        moves=common.told(effect) if effect else None, unit_name=common.unit_name, stage_name=board.stage_name,
        hours_now=_text(today.hours_of(clock.today())), history=await sentences.told(past[:10]),
        tabs=words.tabs(actor, "/admin/calendar"),
    )  # fmt: skip


@post("/admin/calendar/hours/drop", opt={"needs": "city.edit"}, status_code=200)
async def drop(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Take back hours that have not begun. 404 for hours that there are not, 409 once they hold."""
    good = (await forms.read(request, Drop)).good
    where = common.known_where(good.where)
    found = next((one for one in turns(where) if one.valid_from == good.valid_from), None)
    if found is None:
        raise not_found()
    if not found.is_to_come:
        raise conflict("begun", "已经开始的不能撤回。", "What has begun cannot be taken back.")
    await _change(actor, where, good.valid_from, None)
    await common.after()
    say = Say("已撤回，正在重算受影响的期限。", "Taken back; the due dates that it moves are being reckoned.")
    return see_other(request, f"{HERE}?where={where}" if where else HERE, flash=say)


ROUTES = [index, change, drop]
