"""Ratings by unit and period: of cases, bodies, counters and third parties, each apart, with how sure a rate is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from cases import body_ratings, grades, outside, scope
from cases.states import GRADES, RATEABLE
from hotline import clock, db
from hotline.actor import Actor
from sla import records
from sla.agreement import Rate

_UNRATED = """
    SELECT c.lead_unit AS unit, count(*) AS n FROM request r JOIN cases c ON c.id = r.case_id
    WHERE c.closed_at >= {since} AND c.closed_at < {until} AND c.state = ANY({states}) AND c.lead_unit IS NOT NULL
        AND c.close_reason IS DISTINCT FROM 'withdrawn'
        AND r.rated_at IS NULL AND r.state NOT IN ('withdrawn', 'erased') AND {scope} GROUP BY c.lead_unit
"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's grades in a period (from one source, where they come from elsewhere)."""

    unit: str
    grades: Mapping[str, int]
    source: str = ""
    unrated: int | None = None
    scores: int = 0
    mean: Decimal | None = None

    @property
    def rated(self) -> int:
        """How many gave a grade; unrated is no grade."""
        return sum(self.grades.values())

    @property
    def rate(self) -> Rate:
        """How many of them count as satisfied in this city (rule ``rating.counted``), with its interval."""
        counted = grades.counted()
        return Rate(sum(n for grade, n in self.grades.items() if grade in counted), self.rated)


async def of_cases(connection: db.Connection, actor: Actor, period: str) -> list[Line]:
    """The ratings of closed cases that stand, by the unit that had the lead, as the records count them."""
    unrated = await _unrated(connection, actor, period)
    found = [
        Line(unit=one.unit, grades={grade: getattr(one, grade) for grade in GRADES},
             unrated=unrated.pop(one.unit, 0))
        for one in await records.sheets(connection, actor, period)
    ]  # fmt: skip
    found += [Line(unit=unit, grades=dict.fromkeys(GRADES, 0), unrated=n) for unit, n in unrated.items()]
    return sorted((one for one in found if one.rated or one.unrated), key=lambda one: (-one.rated, one.unit))


async def _unrated(connection: db.Connection, actor: Actor, period: str) -> dict[str, int]:
    """By unit how many requests of cases closed in the month have no grade."""
    first, end = records.month(period)
    where, args = scope.condition(actor)
    own = scope.scope_of(actor)
    if own.units and not own.city and not own.county:
        args.append(list(own.units))
        where += f" AND c.lead_unit = ANY(${len(args)})"
    n = len(args)
    sql = _UNRATED.format(since=f"${n + 1}", until=f"${n + 2}", states=f"${n + 3}::text[]", scope=where)
    rows = await connection.fetch(sql, *args, clock.on(first), clock.on(end), sorted(RATEABLE))
    return {row["unit"]: row["n"] for row in rows}


async def of_bodies(connection: db.Connection, actor: Actor, period: str) -> list[Line]:
    """What verified accounts said of bodies without a case, and what was imported of that kind, by source."""
    first, end = records.month(period)
    sums = await body_ratings.sums(connection, actor, clock.on(first), clock.on(end))
    found = [Line(unit=unit, grades=given) for unit, given in sums.items()]
    found.sort(key=lambda one: (-one.rated, one.unit))
    return [*found, *await of_elsewhere(connection, actor, "body", period)]


async def of_elsewhere(connection: db.Connection, actor: Actor, kind: str, period: str) -> list[Line]:
    """What was imported, by unit and source."""
    first, end = records.month(period)
    return [
        Line(unit=one.unit, source=one.source, grades={grade: getattr(one, grade) for grade in GRADES},
             scores=one.scores, mean=one.mean)
        for one in await outside.tallies(connection, actor, kind, first, end)
    ]  # fmt: skip


class Single(msgspec.Struct, frozen=True, kw_only=True):
    """One rating of a case as it is exported; ``five`` is the same in the national five grades.

    ``excluded``: why it counts nowhere, "annulled" or a key of ``cases.states_audit.EXCLUDED``; else "".
    """

    day: date
    number: str
    unit: str
    grade: str
    raw: str
    scale: str
    channel: str
    excluded: str

    @property
    def five(self) -> str:
        """In the national five grades."""
        return grades.five(self.grade, self.raw, self.scale)


async def singles(connection: db.Connection, actor: Actor, period: str, size: int) -> list[Single]:
    """The ratings of cases one by one, the last first, within the actor's reach; what counts nowhere says why."""
    first, end = records.month(period)
    where, args = scope.condition(actor, 4)
    rows = await connection.fetch(
        "SELECT t.at, r.receipt_no AS number, t.unit, t.grade, t.raw_grade AS raw, t.scale, t.channel,"
        " CASE WHEN t.annulled_at IS NOT NULL THEN 'annulled' ELSE coalesce((SELECT min(x.excluded) FROM assignment x"
        " WHERE x.case_id = t.case_id AND x.unit = t.unit), '') END AS excluded"
        " FROM rating t JOIN cases c ON c.id = t.case_id"
        f" JOIN request r ON r.id = t.request_id WHERE t.at >= $1 AND t.at < $2 AND {where}"
        " ORDER BY t.at DESC, t.id LIMIT $3",
        clock.on(first), clock.on(end), size, *args,
    )  # fmt: skip
    own = [name for name in Single.__struct_fields__ if name != "day"]
    return [Single(day=clock.local_day(row["at"]), **{name: row[name] for name in own}) for row in rows]
