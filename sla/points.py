"""Points off a unit in a period, from its cases and from what is no case's, with each line behind.

What is annulled counts nowhere, nor what befell a share that the centre put aside (``sla.records``). What was given
back leaves the period in which it was lost, and gives nothing to the one in which that was decided: so it is given back
once and whole, and a period that was published by then gives it back on appeal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say
from sla import records
from sla.board import reach
from sla.unit_points import BACK

_OF_CASES = f"""
    SELECT t.unit, sum(t.points)::int AS points FROM supervision_record t LEFT JOIN rating g ON g.id = t.cause_id
    WHERE t.points <> 0 AND {records.COUNTED} AND t.at >= $1 AND t.at < $2 GROUP BY t.unit
"""
_STANDS = f"""t.cause NOT LIKE '%{BACK}' AND NOT EXISTS (SELECT FROM unit_point b
    WHERE b.cause = t.cause || '{BACK}' AND b.cause_id = t.cause_id)"""
_OF_UNITS = f"""
    SELECT t.unit, sum(t.points)::int AS points FROM unit_point t
    WHERE {_STANDS} AND t.at >= $1 AND t.at < $2 GROUP BY t.unit
"""
CAUSES: dict[str, Say] = {
    **records.CAUSES,
    "bounty": Say("有奖找茬", "A bounty finding"),
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that cost points. ``number`` is empty where there is no case, or not one to see."""

    id: UUID
    cause: str
    unit: str
    at: datetime
    points: int
    number: str = ""

    @property
    def say(self) -> Say:
        """What it was."""
        return CAUSES.get(self.cause, Say("其他", "Something else"))


async def totals(connection: db.Connection, first: date, end: date) -> dict[str, int]:
    """Points off each unit in the local days from ``first`` to before ``end``; units with none are absent."""
    found: dict[str, int] = {}
    for text in (_OF_CASES, _OF_UNITS):
        for row in await connection.fetch(text, clock.on(first), clock.on(end)):
            found[row["unit"]] = found.get(row["unit"], 0) + row["points"]
    return {unit: points for unit, points in found.items() if points}


async def lines(
    connection: db.Connection, actor: Actor, units: Sequence[str], first: date, end: date
) -> list[Line]:
    """What makes up the points of these units, the last first; numbers of cases only where they are the actor's."""
    span = (list(units), clock.on(first), clock.on(end))
    rows = await connection.fetch(
        "SELECT t.id, t.cause, t.unit, t.at, t.points, t.case_id FROM supervision_record t"
        f" LEFT JOIN rating g ON g.id = t.cause_id WHERE t.points <> 0 AND {records.COUNTED}"
        " AND t.unit = ANY($1::text[]) AND t.at >= $2 AND t.at < $3"
        f" UNION ALL SELECT t.id, t.cause, t.unit, t.at, t.points, NULL FROM unit_point t WHERE {_STANDS}"
        " AND t.unit = ANY($1::text[]) AND t.at >= $2 AND t.at < $3 ORDER BY at DESC, id DESC",
        *span,
    )
    numbers = await _numbers(connection, actor, [row["id"] for row in rows if row["case_id"] is not None])
    return [
        Line(id=row["id"], cause=row["cause"], unit=row["unit"], at=row["at"], points=row["points"],
             number=numbers.get(row["id"], ""))
        for row in rows
    ]  # fmt: skip


async def _numbers(connection: db.Connection, actor: Actor, records_of: Sequence[UUID]) -> dict[UUID, str]:
    r = reach(actor, with_case=True)
    rows = await connection.fetch(
        f"SELECT t.id, c.number FROM supervision_record t {r.join} WHERE {r.where}"
        f" AND t.id = ANY({r.arg(list(records_of))}::uuid[])",
        *r.args,
    )
    return {row["id"]: row["number"] for row in rows}
