"""Whom to call next: requests that await their visit, cases that only have to be closed, when to try again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from cases import scope
from cases.rows import RequestRow
from cases.worklists import CASE_COLUMNS, COUNTED, Item
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say

SIZE = 50
BANDS: dict[str, Say] = {
    "now": Say("现在回访", "To call now"),
    "later": Say("约定以后", "Planned for later"),
    "close": Say("待结案", "To close"),
}
DAY_PARTS: dict[str, tuple[Say, float, float]] = {
    "morning": (Say("上午", "morning"), 9.0, 12.0),
    "afternoon": (Say("下午", "afternoon"), 13.5, 18.0),
    "evening": (Say("晚上", "evening"), 18.0, 20.5),
}
"""Times at which people may be rung up, in hours of the city's clock; the next try is in another part of the day."""
PROPOSED = {"morning": 10, "afternoon": 15, "evening": 19}


class Working(Protocol):
    """What is asked of a calendar."""

    def is_working(self, day: date) -> bool:
        """Whether the city works on this day."""


class Call(Item, frozen=True, kw_only=True):
    """A request to be called, with its case; ``next_at`` is when the last missed try planned the next."""

    request: UUID
    receipt_no: str
    tries: int
    next_at: datetime | None = None


_COLUMNS = ", ".join(f"c.{name}" for name in CASE_COLUMNS)
_NOT_MINE = """ AND c.accepted_by IS DISTINCT FROM {me} AND NOT ({unit} = ANY(c.unit_codes)) AND NOT EXISTS (
    SELECT FROM assignment m WHERE m.case_id = c.id AND {me} = ANY(m.hands))"""
"""Never a case that one took or handled (rules.md 2)."""
_WAITING = f"""
    SELECT {_COLUMNS}, r.id AS request, r.receipt_no, r.visit_tries AS tries, v.next_at
    FROM request r JOIN cases c ON c.id = r.case_id
    LEFT JOIN LATERAL (SELECT next_at FROM visit WHERE request_id = r.id ORDER BY at DESC LIMIT 1) v ON TRUE
    WHERE c.is_open AND c.state = 'callback' AND {{scope}}{{not_mine}}
      AND r.state = 'awaiting_visit' AND {{when}}
    ORDER BY {{order}} LIMIT {{size}}
"""
_TO_CLOSE = f"""
    SELECT {_COLUMNS}, r.id AS request, r.receipt_no, r.visit_tries AS tries FROM cases c
    JOIN LATERAL (SELECT id, receipt_no, visit_tries FROM request WHERE case_id = c.id
        ORDER BY filed_at, id LIMIT 1) r ON TRUE
    WHERE c.is_open AND c.state = 'callback' AND {{scope}}{{not_mine}}
      AND NOT EXISTS (SELECT FROM request w WHERE w.case_id = c.id AND w.state IN ('open', 'awaiting_visit'))
    ORDER BY c.opened_at, c.id LIMIT {{size}}
"""


def _statement(actor: Actor, band: str, size: int) -> tuple[str, list[object]]:
    where, args = scope.condition(actor)
    args += [actor.id, actor.unit]
    not_mine = _NOT_MINE.format(me=f"${len(args) - 1}::uuid", unit=f"${len(args)}::text")
    if band == "close":
        return _TO_CLOSE.format(scope=where, not_mine=not_mine, size=size), args
    args.append(clock.now())
    now = f"${len(args)}::timestamptz"
    when, order = {
        "now": (f"(v.next_at IS NULL OR v.next_at <= {now})", "c.due_key, v.next_at NULLS LAST, r.filed_at, r.id"),
        "later": (f"v.next_at > {now}", "v.next_at, r.id"),
    }[band]
    return _WAITING.format(scope=where, not_mine=not_mine, when=when, order=order, size=size), args


async def listed(connection: db.Connection, actor: Actor, band: str, size: int = SIZE) -> Sequence[Call]:
    """The calls of a band (a key of BANDS) that this person may make: nearest due first, planned ones by their hour."""
    sql, args = _statement(actor, band, size)
    return [Call(**row) for row in await connection.fetch(sql, *args)]


async def count(connection: db.Connection, actor: Actor, band: str) -> int:
    """How many calls a band holds, at most COUNTED."""
    sql, args = _statement(actor, band, COUNTED)
    return int(await connection.fetchval(f"SELECT count(*) FROM ({sql}) x", *args))


async def tried(connection: db.Connection, request: RequestRow) -> list[datetime]:
    """When this request was tried in vain, oldest first."""
    rows = await connection.fetch(
        "SELECT at FROM visit WHERE request_id = $1 AND outcome <> 'reached' ORDER BY at", request.id
    )
    return [row["at"] for row in rows]


def part_of_day(moment: datetime) -> str:
    """In which part of the day a moment falls: the last one that had begun, so that no hour is without one."""
    here = clock.local(moment)
    hour = here.hour + here.minute / 60
    begun = [name for name, (_, start, _) in DAY_PARTS.items() if start <= hour]
    return begun[-1] if begun else "morning"


def next_hours(now: datetime, before: Iterable[datetime], calendar: Working) -> list[datetime]:
    """When to try again: the next hour of each other part of the day, untried ones first; by day on working days."""
    used = {part_of_day(one) for one in before}
    here = part_of_day(now)
    found = [
        (name in used, _next(now, PROPOSED[name], calendar, is_evening=name == "evening"))
        for name in DAY_PARTS
        if name != here
    ]
    return [moment for _, moment in sorted(found)]


def _next(now: datetime, hour: int, calendar: Working, *, is_evening: bool) -> datetime:
    day = clock.local_day(now)
    while True:
        moment = clock.on(day, hour)
        if moment > now and (is_evening or calendar.is_working(day)):
            return moment
        day += timedelta(days=1)


def may_be_planned(now: datetime, planned: datetime) -> Say | None:
    """Why a planned hour will not do, or None: in the past, too far, at night, or at the same time of day."""
    here = clock.local(planned)
    hour = here.hour + here.minute / 60
    if planned <= now or planned > now + timedelta(days=14):
        return Say("请选两周以内、还没过的时间。", "Choose a time within the next two weeks.")
    if not any(start <= hour <= end for _, start, end in DAY_PARTS.values()):
        return Say(
            "请选 9:00–12:00、13:30–20:30 之间的时间。", "Choose a time between 9:00 and 12:00, or 13:30 and 20:30."
        )
    if part_of_day(planned) == part_of_day(now):
        return Say("请换一个时段：这个时段刚才没接通。", "Choose another part of the day: nobody answered in this one.")
    return None
