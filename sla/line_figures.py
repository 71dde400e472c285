"""What came by a line: requests, cases, open, on time and ratings by period, kind, state, county and line.

A case counts on the day it was opened, a request on the day it was filed, each under its own line: the figures of all
lines together are those of the whole. That follows what came by a line to its end; boards (sla/measures.py) count what
befell on a day, by whatever line and whenever it came.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from cases import grades, scope
from cases.states import GRADES
from hotline import clock, db
from hotline.actor import Actor

STEPS = ("day", "week", "month")
DIMENSIONS = ("whole", "line", "period", "kind", "state", "county")
MOST_DAYS = 1096
_GROUPS = "GROUP BY GROUPING SETS ((), ({line}), ({period}), ({kind}), ({state}), (c.county))"
_KEYS = """
    CASE WHEN grouping({line}) = 0 THEN 'line' WHEN grouping({period}) = 0 THEN 'period'
         WHEN grouping({kind}) = 0 THEN 'kind' WHEN grouping({state}) = 0 THEN 'state'
         WHEN grouping(c.county) = 0 THEN 'county' ELSE 'whole' END AS dimension,
    coalesce({line}, {period}::text, {kind}, {state}, c.county, '') AS key
"""
_CASES = """
    SELECT {keys}, count(*) AS cases, count(*) FILTER (WHERE c.is_open) AS open,
           count(*) FILTER (WHERE p.is_late) AS late, count(*) FILTER (WHERE NOT p.is_late) AS on_time
    FROM cases c LEFT JOIN LATERAL (
        SELECT bool_or(t.outcome = 'late' OR t.breached_at IS NOT NULL) AS is_late FROM clock t
        WHERE t.case_id = c.id AND t.stage = 'finish' AND (t.outcome IN ('met', 'late') OR t.breached_at IS NOT NULL)
    ) p ON TRUE
    WHERE c.opened_at >= $1 AND c.opened_at < $2 AND ($3 = '' OR c.line = $3) AND {scope} {groups}
"""
_REQUESTS = """
    SELECT {keys}, count(*) AS requests, count(r.first_grade) AS rated,
           count(*) FILTER (WHERE r.first_grade = ANY({good})) AS satisfied
    FROM request r JOIN cases c ON c.id = r.case_id
    WHERE r.filed_at >= $1 AND r.filed_at < $2 AND ($3 = '' OR r.line = $3) AND {scope} {groups}
"""
_CALLS = """
    SELECT count(*) AS calls, count(*) FILTER (WHERE answered_at IS NOT NULL) AS answered,
           count(*) FILTER (WHERE answer_s <= 15) AS in_time
    FROM call WHERE direction = 'in' AND queued_at >= $1 AND queued_at < $2 AND ($3 = '' OR line = $3)
"""


class Count(msgspec.Struct, kw_only=True):
    """One row. ``on_time`` and ``late`` are of cases whose handling promise is decided; ratings are of requests."""

    dimension: str
    key: str
    requests: int = 0
    cases: int = 0
    open: int = 0
    on_time: int = 0
    late: int = 0
    rated: int = 0
    satisfied: int = 0


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """Calls that queued, were answered, and were answered within 15 seconds (GB/T 33358)."""

    calls: int
    answered: int
    in_time: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which figures: the line ("" is all of them), both days included, and the length of a period."""

    since: date
    until: date
    line: str = ""
    step: str = "day"


def _reach(actor: Actor | None) -> tuple[str, list[object]]:
    """Counts tell nobody's secrets: who sees the city counts all of it, others their county or their units."""
    own = scope.scope_of(actor) if actor else None
    if own is None or own.city:
        return "TRUE", []
    if own.county:
        return "c.county = $4", [own.county]
    return "c.unit_codes && $4::text[]", [list(own.units)]


def _statement(text: str, table: str, moment: str, asked: Asked, where: str) -> str:
    period = f"date_trunc('{asked.step}', {moment} AT TIME ZONE 'Asia/Shanghai')::date"
    columns = {"line": f"{table}.line", "period": period, "kind": f"{table}.kind", "state": "c.state"}
    counted = [one for one in GRADES if one in grades.counted()]
    good = "ARRAY[" + ", ".join(f"'{one}'" for one in counted) + "]::text[]"
    return text.format(keys=_KEYS.format(**columns), groups=_GROUPS.format(**columns), scope=where, good=good)


async def counted(connection: db.Connection, asked: Asked, actor: Actor | None = None) -> dict[str, list[Count]]:
    """The counts by dimension (DIMENSIONS), within what ``actor`` reaches (everything by default). Two statements."""
    where, more = _reach(actor)
    edges = clock.on(asked.since), clock.on(asked.until + timedelta(days=1))
    found: dict[tuple[str, str], Count] = {("whole", ""): Count(dimension="whole", key="")}
    for text, table, moment in ((_CASES, "c", "c.opened_at"), (_REQUESTS, "r", "r.filed_at")):
        sql = _statement(text, table, moment, asked, where)
        for row in await connection.fetch(sql, *edges, asked.line, *more):
            key = row["dimension"], row["key"]
            one = found.setdefault(key, Count(dimension=key[0], key=key[1]))
            for name in set(row.keys()) - {"dimension", "key"}:
                setattr(one, name, row[name])
    return {name: [one for key, one in sorted(found.items()) if key[0] == name] for name in DIMENSIONS}


async def calls(connection: db.Connection, asked: Asked) -> Calls | None:
    """The calls of the same days; None where this installation has no telephone."""
    if not await connection.fetchval("SELECT to_regclass('call') IS NOT NULL"):
        return None
    edges = clock.on(asked.since), clock.on(asked.until + timedelta(days=1))
    return Calls(**await connection.fetchrow(_CALLS, *edges, asked.line))
