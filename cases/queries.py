"""The queue: filters, search, order, keyset paging and counts, each over ``scope.condition`` and in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from cases import scope, search
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say, invalid

PAGE = 50
COUNTED = 1000
"""Counts stop here and show "999+": a queue page must cost the same with a million cases as with a thousand."""
LAST = datetime.max.replace(tzinfo=UTC)

BANDS: dict[str, str] = {
    "overdue": "c.next_due < {now}",
    "today": "c.next_due >= {now} AND c.next_due <= {end}",
    "risk": "c.next_due > {end} AND c.next_warn <= {now}",
}
"""Named slices of time left; each is an SQL condition on the open cases."""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the address bar may say. Empty means "not filtered"; ``open`` is open or all; ``sort`` is due or new."""

    band: str = ""
    state: str = ""
    kind: str = ""
    county: str = ""
    township: str = ""
    matter: str = ""
    unit: str = ""
    line: str = ""
    urgency: str = ""
    level: str = ""
    requester: str = ""
    q: str = ""
    open: str = "open"
    sort: str = "due"
    after: str = ""


class QueueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the queue."""

    id: UUID
    number: str
    title: str
    state: str
    kind: str
    urgency: str
    matter: str | None
    county: str
    township: str | None
    place: str
    lead_unit: str | None
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    next_due: datetime | None
    next_stage: str | None
    next_warn: datetime | None
    is_provisional: bool
    paused: str | None
    paused_until: datetime | None
    is_open: bool
    is_confidential: bool
    is_minor: bool
    is_vulnerable: bool
    is_enterprise: bool
    about_units: list[str]
    flagged_at: datetime | None
    supervision: int
    urge_count: int
    rework_count: int
    return_count: int
    request_count: int

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the queue; ``after`` is the cursor of the next one, empty at the end."""

    rows: Sequence[QueueRow]
    after: str


_COLUMNS = ", ".join(f"c.{name}" for name in QueueRow.__struct_fields__)


class _Where:
    """Conditions and their arguments, numbered as they come."""

    def __init__(self, actor: Actor) -> None:
        text, args = scope.condition(actor)
        self.parts, self.args = [text], args

    def arg(self, value: object) -> str:
        self.args.append(value)
        return f"${len(self.args)}"

    def add(self, text: str) -> None:
        self.parts.append(text)

    def __str__(self) -> str:
        return " AND ".join(self.parts)


def _where(actor: Actor, filters: Filters, now: datetime) -> _Where:
    where = _Where(actor)
    if filters.open != "all" or filters.band:
        where.add("c.is_open")
    if filters.band:
        if filters.band not in BANDS:
            raise invalid({"band": Say("没有这个时限筛选。", "There is no such time filter.")})
        end = clock.on(clock.local_day(now), 23, 59)
        slots = {"now": now, "end": end}
        text = BANDS[filters.band]
        where.add(text.format(**{name: where.arg(moment) for name, moment in slots.items() if f"{{{name}}}" in text}))
    for name, column in (
        ("state", "state"), ("kind", "kind"), ("county", "county"), ("township", "township"), ("matter", "matter"),
        ("urgency", "urgency"),
    ):  # fmt: skip
        value = getattr(filters, name)
        if value:
            where.add(f"c.{column} = {where.arg(value)}")
    if filters.unit:
        where.add(f"{where.arg(filters.unit)} = ANY(c.unit_codes)")
    if filters.requester or filters.line:
        # Who may not know the requester learns nothing about them, by no filter either.
        if blind := _blind(where, actor):
            where.add(f"NOT ({blind}) AND c.kind <> 'report' AND NOT c.is_confidential")
        if filters.requester:
            where.add("c.is_enterprise" if filters.requester == "enterprise" else "NOT c.is_enterprise")
        if filters.line:
            where.add(f"c.line = {where.arg(filters.line)}")
    if filters.level.isdecimal():
        where.add(f"c.supervision >= {where.arg(min(int(filters.level), 9))}")
    words = search.query(filters.q) if filters.q.strip() else ""
    if words:
        found = f"c.search @@ {where.arg(words)}::tsquery"
        if blind := _blind(where, actor):  # whoever may not read the words may not ask for them either
            found = f"({found} AND (NOT ({blind}) OR c.number = {where.arg(filters.q.strip())}))"
        # Two halves of an index, each with its condition: the open one must never cost what the archive costs.
        is_all = filters.open == "all" and not filters.band
        where.add(f"((c.is_open AND {found}) OR (NOT c.is_open AND {found}))" if is_all else found)
    return where


def _blind(where: _Where, actor: Actor) -> str:
    """SQL that holds where this viewer reads the summary only, but for sealed cases; "" when nowhere."""
    if scope.scope_of(actor).city:
        return ""
    return "TRUE" if scope.is_third_level(actor) else f"c.about_units && {where.arg(scope.house(actor.unit))}::text[]"


async def inbox(connection: db.Connection, actor: Actor, filters: Filters, size: int = PAGE) -> Page:
    """A page of the actor's queue: one statement, keyset, never OFFSET.

    Sorted by due (nearest first, without due last) or by newest. Raises the 422 refusal for a broken filter or cursor.
    """
    now = clock.now()
    where = _where(actor, filters, now)
    key, order, compare = ("due_key", "ASC", ">") if filters.sort != "new" else ("opened_at", "DESC", "<")
    if filters.after:
        moment, last = read_cursor(filters.after)
        where.add(f"(c.{key}, c.id) {compare} ({where.arg(moment)}, {where.arg(last)})")
    sql = f"SELECT {_COLUMNS} FROM cases c WHERE {where} ORDER BY c.{key} {order}, c.id {order} LIMIT {size + 1}"
    rows = [QueueRow(**r) for r in await connection.fetch(sql, *where.args)]
    more = rows[size:]
    rows = rows[:size]
    after = cursor(rows[-1], filters.sort) if more else ""
    return Page(rows=[_cut(actor, row) for row in rows], after=after)


def _cut(actor: Actor, row: QueueRow) -> QueueRow:
    """Without what units do not read: the words of the blind, a sealed case's place, the centre's own marks."""
    is_blind = scope.is_blind(actor, row.about_units, is_sealed=row.is_sealed)
    if is_blind or scope.is_of_unit(actor):
        row = msgspec.structs.replace(row, flagged_at=None)
        if row.next_stage == "risk":  # a supervisor's clock tells what was said
            row = msgspec.structs.replace(row, next_stage=None, next_due=None, next_warn=None)
    if not is_blind:
        return row
    knows_place = not row.is_sealed and not scope.is_of_house(actor.unit, row.about_units)
    return msgspec.structs.replace(
        row, place=row.place if knows_place else "", is_enterprise=False, is_vulnerable=False,
        title=row.title if row.is_sealed else scope.bare_title(row.kind, row.matter),
    )  # fmt: skip


def cursor(row: QueueRow, sort: str) -> str:
    """Where the next page begins: the sort key and the id of the last row."""
    moment = row.opened_at if sort == "new" else (row.next_due or LAST)
    return f"{moment.isoformat()}~{row.id}"


def read_cursor(text: str) -> tuple[datetime, UUID]:
    """The inverse of ``cursor``. Raises the 422 refusal for anything else."""
    moment, _, last = text.partition("~")
    try:
        at = datetime.fromisoformat(moment.replace(" ", "+"))
        return clock.utc(at if at.tzinfo else at.replace(tzinfo=clock.CITY_ZONE)), UUID(last)
    except (ValueError, OverflowError):
        raise invalid(
            {"after": Say("翻页地址不完整，请回到第一页。", "That page address is broken; go back to the first page.")}
        ) from None


async def counts(connection: db.Connection, actor: Actor, filters: Filters | None = None) -> dict[str, int]:
    """How many open cases fall in each band and state, in one statement; each count stops at COUNTED.

    For the whole city each slice is its own short walk along an index; for less, one pass over what there is.
    """
    now = clock.now()
    filters = Filters() if filters is None else filters
    where = _where(actor, filters, now)
    now_arg, end_arg = where.arg(now), where.arg(clock.on(clock.local_day(now), 23, 59))
    slices = {"open": "TRUE"} | {name: text.format(now=now_arg, end=end_arg) for name, text in BANDS.items()}
    slices |= {f"state:{state}": f"c.state = '{state}'" for state in ("registered", "accepted", "callback")}
    slices |= {"enterprise": "c.is_enterprise"}
    walk = "(SELECT count(*) FROM (SELECT 1 FROM cases c WHERE {where} AND {text} LIMIT {most}) x)"
    is_whole = scope.scope_of(actor).city and msgspec.structs.replace(filters, sort="due") == Filters()
    one = walk if is_whole else "least(count(*) FILTER (WHERE {text}), {most})"
    parts = [f'{one.format(where=where, text=text, most=COUNTED)} AS "{name}"' for name, text in slices.items()]
    source = "" if is_whole else f" FROM cases c WHERE {where}"
    row = await connection.fetchrow(
        f"SELECT {', '.join(parts)}, {now_arg}::timestamptz AS _now, {end_arg}::timestamptz AS _end{source}",
        *where.args,
    )
    return {name: row[name] for name in slices}


async def handling(connection: db.Connection, actor: Actor, receipt_no: str) -> UUID | None:
    """The id of the case on which this request is handled now, when it is within the actor's scope, else None.

    Another than the one of that number once it was merged: ask with this wherever a requester is meant, not a case.
    """
    text, args = scope.condition(actor, 2)
    sql = f"SELECT c.id FROM cases c JOIN request r ON r.case_id = c.id WHERE r.receipt_no = $1 AND {text}"
    case_id: UUID | None = await connection.fetchval(sql, receipt_no, *args)
    return case_id


async def found(connection: db.Connection, actor: Actor, number: str) -> UUID | None:
    """The id of the case with this number (or receipt number) when it is within the actor's scope, else None.

    A merged case is found by its own number, by those who may still see it; for others its receipt leads to the case
    that it went into.
    """
    text, args = scope.condition(actor, 2)
    sql = (
        "SELECT c.id FROM cases c "
        f"WHERE (c.number = $1 OR c.id = (SELECT case_id FROM request WHERE receipt_no = $1)) AND {text} "
        "ORDER BY c.number = $1 DESC LIMIT 1"
    )
    case_id: UUID | None = await connection.fetchval(sql, number, *args)
    return case_id
