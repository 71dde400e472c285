"""What a month says of each unit: breaches, steps of the ladder, points, grades; and the records behind each figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from cases import grades
from cases.of_case import CASE, OfCase
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say
from sla.board import SIZE, reach

CAUSES: dict[str, Say] = {
    "yellow": Say("黄牌", "Yellow cards"),
    "red": Say("红牌", "Red cards"),
    "return_groundless": Say("推诿", "Buck-passing"),
    "rating": Say("评价", "Ratings"),
    "rating_annulled": Say("评价作废", "Ratings annulled"),
    "withdrawal_solicited": Say("要求撤单", "Asked to withdraw"),
    "finding": Say("复核、督查问题", "Findings"),
    "card_cancelled": Say("取消的牌", "Cards taken back"),
}
GRADES = ("satisfied", "basically_satisfied", "neutral", "dissatisfied")


class Sheet(msgspec.Struct, kw_only=True):
    """One unit's month: breaches, steps of the ladder, points lost and grades."""

    unit: str
    breaches: int = 0
    unanswered: int = 0
    yellow: int = 0
    red: int = 0
    orders: int = 0
    buck_passing: int = 0
    points: int = 0
    satisfied: int = 0
    basically_satisfied: int = 0
    neutral: int = 0
    dissatisfied: int = 0

    @property
    def rated(self) -> int:
        """How many grades; the unrated are in none of the figures."""
        return sum(int(getattr(self, grade)) for grade in GRADES)

    @property
    def rate(self) -> float | None:
        """Share of the grades that the city counts as satisfied, 0 to 100; None without grades."""
        counted = grades.counted()
        good = sum(int(getattr(self, grade)) for grade in GRADES if grade in counted)
        return 100 * good / self.rated if self.rated else None


def month(text: str) -> tuple[date, date]:
    """First day of a month "2026-11" and of the next; the month of today for anything else."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = date.min
    if not 2000 <= first.year < 3000:  # at the ends of the calendar there is no month before or after
        first = clock.today().replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


_EXCLUDED = """EXISTS (SELECT FROM assignment x WHERE x.case_id = t.case_id AND x.unit = t.unit
    AND x.excluded IS NOT NULL)"""
_TAKEN_BACK = """EXISTS (SELECT FROM supervision_record b
    WHERE b.case_id = t.case_id AND b.cause = 'card_cancelled' AND b.cause_id = t.id)"""
COUNTED = f"""g.annulled_at IS NULL AND t.cause <> 'card_cancelled'
    AND NOT (t.cause IN ('yellow', 'red') AND {_TAKEN_BACK})
    AND NOT (t.cause IN ('rating', 'yellow', 'red') AND {_EXCLUDED})"""
"""An annulled rating counts nowhere, nor what befell a share that the centre put aside (domain.md 2.13).

A card taken back leaves the month in which it was given, as in the fact store: points given back in a later month
would be lost there to the floor of that month, and the card would stay in its own.
"""
_SHEETS = {
    "records": ", ".join(f"count(*) FILTER (WHERE t.cause = '{card}') AS {card}" for card in ("yellow", "red"))
    + ", "
    "count(*) FILTER (WHERE t.cause = 'return_groundless') AS buck_passing, sum(t.points)::int AS points, "
    + ", ".join(f"count(*) FILTER (WHERE t.grade = '{grade}') AS {grade}" for grade in GRADES)
    + " FROM supervision_record t LEFT JOIN rating g ON g.id = t.cause_id {join} WHERE {counted} AND t.at",
    "alerts": f"count(*) FILTER (WHERE NOT {_EXCLUDED}) AS breaches, "
    "count(*) FILTER (WHERE t.answered_at IS NULL) AS unanswered "
    "FROM alert t {join} WHERE t.at",
    "orders": "count(*) AS orders FROM supervision_order t {join} "
    "WHERE t.ended_for IS DISTINCT FROM 'withdrawn' AND t.issued_at",
}


async def sheets(connection: db.Connection, actor: Actor, period: str) -> list[Sheet]:
    """What the month says of each unit; most points lost first, then most breaches (seed 004-13)."""
    first, end = month(period)
    found: dict[str, Sheet] = {}
    for part in _SHEETS.values():
        r = reach(actor)
        since, until = r.arg(clock.on(first)), r.arg(clock.on(end))
        rows = await connection.fetch(
            f"SELECT t.unit, {part.format(join=r.join, counted=COUNTED)} >= {since} AND "
            f"{'t.issued_at' if 'issued_at' in part else 't.at'} < {until} AND {r.where} GROUP BY t.unit",
            *r.args,
        )
        for row in rows:
            sheet = found.setdefault(row["unit"], Sheet(unit=row["unit"]))
            for name, value in row.items():
                setattr(sheet, name, value)
    return sorted(found.values(), key=lambda s: (-s.points, -s.breaches, s.unit))


class Record(OfCase, frozen=True, kw_only=True):
    """One line of the supervision record, with the case it traces back to."""

    id: UUID
    cause: str
    unit: str
    at: datetime
    grade: str | None
    points: int


async def records(
    connection: db.Connection,
    actor: Actor,
    *,
    unit: str,
    period: str,
    cause: str,
    after: tuple[datetime, UUID] | None = None,
) -> Sequence[Record]:
    """The records behind a figure of a sheet, as it counts them, the last first, SIZE + 1 of them.

    Asked for themselves, cards taken back are listed, though they count in nothing.
    """
    first, end = month(period)
    r = reach(actor, with_case=True)
    parts = ["TRUE" if cause == "card_cancelled" else COUNTED, r.where, f"t.unit = {r.arg(unit)}"]
    parts.append(f"t.at >= {r.arg(clock.on(first))} AND t.at < {r.arg(clock.on(end))}")
    if cause:
        parts.append(f"t.cause = {r.arg(cause)}")
    if after is not None:
        parts.append(f"(t.at, t.id) < ({r.arg(after[0])}, {r.arg(after[1])})")
    rows = await connection.fetch(
        f"SELECT t.id, t.cause, t.unit, t.at, t.grade, t.points, {CASE} "
        f"FROM supervision_record t LEFT JOIN rating g ON g.id = t.cause_id {r.join} WHERE {' AND '.join(parts)} "
        f"ORDER BY t.at DESC, t.id DESC LIMIT {SIZE + 1}",
        *r.args,
    )
    return [Record(**row) for row in rows]
