"""What a change of the calendar would move, before it is made: how many promises, whose, and the first of them by case.

Exactly what ``sla.recompute`` then does: the same rows, reckoned by the same sums.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from hotline import db
from sla import recompute
from sla.recompute import CalendarOf

LISTED = 100
_FETCH = 2_000
_ROWS = f"""
    SELECT id, case_id, unit, stage, measure, amount, started_at, due_at, is_provisional, history
    FROM clock WHERE {recompute.CANDIDATE}
"""
_NUMBERS = "SELECT id, number, kind, is_confidential FROM cases WHERE id = ANY($1::uuid[])"


class Moved(msgspec.Struct, kw_only=True):
    """One promise that would change; ``number`` is empty for a report or a confidential case."""

    case_id: UUID
    unit: str
    stage: str
    before: datetime
    after: datetime
    is_settled: bool
    number: str = ""


class UnitMoves(msgspec.Struct):
    """What it does to one unit's promises; unit "" is the centre."""

    unit: str
    later: int = 0
    earlier: int = 0
    settled: int = 0


class Effect(msgspec.Struct):
    """What it does to all: how many end later, earlier, or become firm; by unit; and the first of them."""

    later: int = 0
    earlier: int = 0
    settled: int = 0
    units: dict[str, UnitMoves] = msgspec.field(default_factory=dict)
    listed: list[Moved] = msgspec.field(default_factory=list)

    @property
    def moved(self) -> int:
        """Due dates that change."""
        return self.later + self.earlier

    @property
    def by_unit(self) -> list[UnitMoves]:
        """The units concerned, most moved first."""
        return sorted(self.units.values(), key=lambda one: (-one.later - one.earlier, -one.settled, one.unit))

    def count(self, one: Moved) -> None:
        """Take one promise into account."""
        own = self.units.setdefault(one.unit, UnitMoves(one.unit))
        for tally in (self, own):
            tally.later += one.after > one.before
            tally.earlier += one.after < one.before
            tally.settled += one.is_settled
        self.listed.append(one)
        if len(self.listed) > 20 * LISTED:
            self.cut()

    def cut(self) -> None:
        """Keep the first of them only: those that move, nearest new date first."""
        self.listed = sorted(self.listed, key=lambda m: (m.after == m.before, m.after, m.case_id))[:LISTED]


async def preview(
    connection: db.Connection, by: CalendarOf, first: date, last: date, jurisdiction: str = ""
) -> Effect:
    """What would move if the calendars were ``by``, which differ from today's on ``first`` to ``last`` only."""
    effect = Effect()
    async with connection.transaction():
        cursor = connection.cursor(_ROWS, *recompute.span(first, last, jurisdiction), prefetch=_FETCH)
        async for row in cursor:
            after, provisional = recompute.reckoned(row, by)
            settled = row["is_provisional"] and not provisional
            if after != row["due_at"] or settled:
                effect.count(Moved(
                    case_id=row["case_id"], unit=row["unit"], stage=row["stage"], before=row["due_at"], after=after,
                    is_settled=settled,
                ))  # fmt: skip
    effect.cut()
    await _name(connection, effect.listed)
    return effect


async def _name(connection: db.Connection, listed: list[Moved]) -> None:
    rows = await connection.fetch(_NUMBERS, [one.case_id for one in listed])
    numbers = {row["id"]: row["number"] for row in rows if row["kind"] != "report" and not row["is_confidential"]}
    for one in listed:
        one.number = numbers.get(one.case_id, "")
