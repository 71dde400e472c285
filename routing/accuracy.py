"""First-time-right and time-to-right-unit: how often the first unit kept a case, how long until the right one had it.

A case counts on the day of its first dispatch. It is right when that dispatch was never taken back, by a return that
was upheld or by the centre; decided once the unit acknowledged it, or it was taken back. What a former system
dispatched, and what units hand down among themselves, is nobody's dispatch.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from cases import scope
from hotline import clock, db
from hotline.actor import Actor

DIMENSIONS = ("whole", "decider", "matter", "unit", "source")
MOST = 200
"""Cases that one list shows."""
MOST_DAYS = 366
PATIENCE = 20.0
"""Seconds for one statement: a year of a large city is a million cases, which a page may take a while to add up."""

# $1 and $2 are the edges of the period; {reach} narrows to what the viewer may count. A case opened within the period
# had no dispatch before it, and a first dispatch that stands is the one that kept it: only the rest is looked up, case
# by case (as joins or as NOT EXISTS both would read every dispatch that there ever was).
_FIRST = """
WITH led AS (
    SELECT DISTINCT ON (a.case_id) a.case_id, a.unit, a.basis, a.state, a.dispatched_at, a.dispatched_by, a.signed_at
    FROM assignment a
    WHERE a.role = 'lead' AND a.dispatched_at >= $1 AND a.dispatched_at < $2
    ORDER BY a.case_id, a.dispatched_at, a.id
), first AS (
    SELECT a.case_id, a.unit, c.number, c.matter, c.accepted_at, a.dispatched_at,
        CASE WHEN a.basis LIKE 'catalogue%' THEN 'catalogue' WHEN a.basis LIKE 'rule:%' THEN a.basis
            WHEN a.basis LIKE 'precedent:%' THEN 'precedent' WHEN a.basis = 'conference' THEN 'conference'
            ELSE a.dispatched_by::text END AS decider,
        {source} AS source,
        a.state = 'recalled' AS is_wrong,
        a.state NOT IN ('recalled', 'return_requested')
            AND (a.signed_at IS NOT NULL OR a.state IN ('handled', 'ended')) AS is_right
    FROM led a JOIN cases c ON c.id = a.case_id
    WHERE c.channel <> 'import' AND {reach} AND (c.opened_at >= $1 OR $1 <= (
        SELECT min(e.dispatched_at) FROM assignment e WHERE e.case_id = a.case_id AND e.role = 'lead'))
), told AS (
    SELECT f.*, CASE WHEN f.is_wrong THEN k.unit ELSE f.unit END AS kept,
        extract(epoch FROM CASE WHEN f.is_wrong THEN k.dispatched_at ELSE f.dispatched_at END - f.accepted_at) / 3600
            AS hours
    FROM first f LEFT JOIN LATERAL (
        SELECT b.unit, b.dispatched_at FROM assignment b
        WHERE f.is_wrong AND b.case_id = f.case_id AND b.role = 'lead' AND b.state <> 'recalled'
        ORDER BY b.dispatched_at, b.id LIMIT 1
    ) k ON TRUE
)
"""
# A case is accepted once, among its first events: from the front that is two rows, from the end its whole story. An
# event does not write down its defaults: where it names nobody, a person chose the matter.
_SOURCE = """coalesce((
            SELECT v.data::jsonb ->> 'decided_by' FROM case_event v
            WHERE v.case_id = a.case_id AND v.kind = 'accepted' ORDER BY v.seq LIMIT 1
        ), 'person')"""
_COUNTS = """
    count(*) FILTER (WHERE is_right)::int AS right, count(*) FILTER (WHERE is_wrong)::int AS wrong,
    count(*) FILTER (WHERE NOT is_right AND NOT is_wrong)::int AS undecided,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY hours::float8)
        FILTER (WHERE hours >= 0 AND (is_right OR is_wrong)) AS hours
"""
_FIGURES = _FIRST + f"""
SELECT CASE WHEN grouping(decider) = 0 THEN 'decider' WHEN grouping(matter) = 0 THEN 'matter'
        WHEN grouping(unit) = 0 THEN 'unit' WHEN grouping(source) = 0 THEN 'source' ELSE 'whole' END AS dimension,
    coalesce(decider, matter, unit, source, '') AS key, {_COUNTS}
FROM told GROUP BY GROUPING SETS ((), (decider), (matter), (unit), (source))
"""
_WHOLE = _FIRST + f"SELECT 'whole' AS dimension, '' AS key, {_COUNTS} FROM told"
_CASES = _FIRST + """
SELECT number, matter, unit, decider, kept, is_right, is_wrong, dispatched_at,
    CASE WHEN hours >= 0 THEN hours::float8 END AS hours
FROM told WHERE ({column} = {value}) AND ({verdict}) ORDER BY dispatched_at DESC, case_id LIMIT {most}
"""
VERDICTS = {"right": "is_right", "wrong": "is_wrong", "undecided": "NOT is_right AND NOT is_wrong", "": "TRUE"}
_GROUNDLESS = """
SELECT t.unit, count(*)::int AS n FROM supervision_record t JOIN cases c ON c.id = t.case_id
WHERE t.cause = 'return_groundless' AND t.at >= $1 AND t.at < $2 AND {reach} GROUP BY 1
"""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One row: cases whose first unit kept them, from which they were taken back, and where it is not yet known.

    ``hours`` is the median from acceptance to the dispatch to the unit that kept the case; None without any.
    ``groundless`` are the unit's own returns that were refused as groundless (seed 004-47).
    """

    dimension: str
    key: str
    right: int
    wrong: int
    undecided: int
    hours: float | None = None
    groundless: int = 0

    @property
    def decided(self) -> int:
        """The denominator: cases of which it is known."""
        return self.right + self.wrong

    @property
    def rate(self) -> float | None:
        """First-time-right in percent; None where nothing is decided."""
        return 100 * self.right / self.decided if self.decided else None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One case behind a figure."""

    number: str
    matter: str | None
    unit: str
    decider: str
    kept: str | None
    is_right: bool
    is_wrong: bool
    dispatched_at: object
    hours: float | None


def _reach(actor: Actor, first: int = 3) -> tuple[str, str, list[object]]:
    """What the viewer may count, over first dispatches ``a`` and over records ``t``: counts tell nobody's secrets."""
    own = scope.scope_of(actor)
    if own.city:
        return "TRUE", "TRUE", []
    if own.county:
        return f"c.county = ${first}", f"c.county = ${first}", [own.county]
    return f"a.unit = ANY(${first}::text[])", f"t.unit = ANY(${first}::text[])", [list(own.units)]


def sees_people(actor: Actor) -> bool:
    """Whether figures by dispatcher are the viewer's to see: the city's own people, not the units'."""
    return scope.scope_of(actor).city


def _edges(since: date, until: date) -> tuple[object, object]:
    return clock.on(since), clock.on(until + timedelta(days=1))


async def whole(connection: db.Connection, actor: Actor, since: date, until: date) -> Figure:
    """The figure of all that the viewer may count; both days included."""
    reach, _, args = _reach(actor)
    sql = _WHOLE.format(source="''", reach=reach)
    row = await connection.fetchrow(sql, *_edges(since, until), *args, timeout=PATIENCE)
    return Figure(**row)


async def figures(connection: db.Connection, actor: Actor, since: date, until: date) -> dict[str, list[Figure]]:
    """The figures by dimension: whole, decider, matter, unit, source (who named the matter). Two statements.

    A ``decider`` is a person's id, "catalogue", "rule:<id>", "precedent" or "conference"; a ``source`` is "person",
    "catalogue", "rule:<id>" or "model:<version>".
    """
    reach, of_records, args = _reach(actor)
    edges = _edges(since, until)
    sql = _FIGURES.format(source=_SOURCE, reach=reach)
    rows = await connection.fetch(sql, *edges, *args, timeout=PATIENCE)
    groundless = {
        row["unit"]: row["n"] for row in await connection.fetch(_GROUNDLESS.format(reach=of_records), *edges, *args)
    }
    found: dict[str, list[Figure]] = {name: [] for name in DIMENSIONS}
    for row in rows:
        of_unit = row["dimension"] == "unit"
        n = groundless.pop(row["key"], 0) if of_unit else 0
        if row["key"] or row["dimension"] == "whole":
            found[row["dimension"]].append(Figure(**{**row, "groundless": n}))
    found["unit"] += [
        Figure(dimension="unit", key=unit, right=0, wrong=0, undecided=0, groundless=n)
        for unit, n in sorted(groundless.items())
    ]
    return found


async def cases(
    connection: db.Connection, actor: Actor, since: date, until: date, *, dimension: str = "whole", key: str = "",
    verdict: str = "",
) -> list[Told]:  # fmt: skip
    """The cases behind a figure that this viewer may read, newest dispatch first, at most MOST."""
    reach, _, args = _reach(actor)
    seen, more = scope.condition(actor, 3 + len(args))
    value = f"${3 + len(args) + len(more)}::text"
    column = dimension if dimension in DIMENSIONS[1:] else "''"
    sql = _CASES.format(
        source=_SOURCE if dimension == "source" else "''", reach=f"{reach} AND {seen}", column=column, value=value,
        verdict=VERDICTS.get(verdict, "TRUE"), most=MOST,
    )  # fmt: skip
    wanted = key if column != "''" else ""
    rows = await connection.fetch(sql, *_edges(since, until), *args, *more, wanted, timeout=PATIENCE)
    return [Told(**row) for row in rows]
