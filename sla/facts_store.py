"""Keeps the fact store up with the ledger: cases with news since the last sealed position are made anew.

A case's facts are replaced whole, then the sums of the days that they touched; a job each half minute, safe twice. The
store is never more than a minute behind, and may be thrown away: ``rebuild`` makes the same of the same ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from hotline import city, clock, db
from sla.facts_sql import COLUMNS, MONTH_SUMS, OF_CASES, day_sums

AT_ONCE = 2000
"""Cases in one transaction."""
_LOCK = 0x46616374  # "Fact"
_NAMES = ", ".join(COLUMNS)
_THESE = "c.id = ANY($2::uuid[])"
_NEWS = """
    SELECT DISTINCT case_id FROM (
        (SELECT case_id FROM case_event WHERE log = 'p' AND position > $1 ORDER BY position LIMIT $3)
        UNION ALL (SELECT case_id FROM case_event WHERE log = 'i' AND position > $2 ORDER BY position LIMIT $3)
        UNION ALL (SELECT case_id FROM case_event WHERE log IN ('p', 'i') AND position IS NULL ORDER BY at LIMIT $3)
    ) x
"""
_REACHED = """
    SELECT log, max(position) AS position FROM (
        (SELECT log, position FROM case_event WHERE log = 'p' AND position > $1 ORDER BY position LIMIT $3)
        UNION ALL (SELECT log, position FROM case_event WHERE log = 'i' AND position > $2 ORDER BY position LIMIT $3)
    ) x GROUP BY log
"""
_MARK = """
    INSERT INTO fact_mark (log, position, at) VALUES ($1, $2, $3)
    ON CONFLICT (log) DO UPDATE SET position = excluded.position, at = excluded.at
"""


async def hold_still(connection: db.Connection) -> None:
    """Wait until nobody writes the store, and let nobody write it before the caller's transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def refresh() -> int:
    """Take over all that is committed; how many cases were made anew. 0 when another is at it."""
    done = 0
    while True:
        async with db.atomic() as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
                return done
            got, is_more = await _step(connection)
        done += got
        if not is_more:
            return done


async def _step(connection: db.Connection) -> tuple[int, bool]:
    marks = {row["log"]: row["position"] for row in await connection.fetch("SELECT log, position FROM fact_mark")}
    since = (marks.get("p", 0), marks.get("i", 0), AT_ONCE)
    reached = {row["log"]: row["position"] for row in await connection.fetch(_REACHED, *since)}
    cases = [row["case_id"] for row in await connection.fetch(_NEWS, *since)]
    if cases:
        await write_sums(connection, await replace(connection, cases))
    now = clock.now()
    for log in ("p", "i"):
        await connection.execute(_MARK, log, reached.get(log, marks.get(log, 0)), now)
    moved = sum(reached.get(log, 0) - marks.get(log, 0) for log in reached)
    return len(cases), moved >= AT_ONCE


async def replace(connection: db.Connection, cases: Sequence[UUID]) -> set[date]:
    """Make the facts of these cases anew; the days whose sums are no longer true."""
    gone = await connection.fetch("DELETE FROM fact WHERE case_id = ANY($1::uuid[]) RETURNING day", cases)
    days = {row["day"] for row in gone}
    for text in OF_CASES:
        made = await connection.fetch(
            f"WITH made AS (INSERT INTO fact ({_NAMES}) {_made(text, _THESE)} RETURNING day)"
            " SELECT DISTINCT day FROM made",
            good_grades(), cases,
        )  # fmt: skip
        days |= {row["day"] for row in made}
    return days


def good_grades() -> list[str]:
    """The grades that the city counts as satisfied (rule ``rating.counted``)."""
    return str(city.current().rule("rating.counted")).split()


def _made(text: str, which: str) -> str:
    """The SELECT for these cases; ``$1`` has a place in each, so that one call fits all."""
    return f"{text.format(which=which)} AND $1::text[] IS NOT NULL"


async def write_sums(connection: db.Connection, days: Iterable[date]) -> None:
    """Sum these days anew, and the months that they are in."""
    wanted = sorted(days)
    if not wanted:
        return
    await connection.execute("DELETE FROM fact_sum WHERE grain = 'day' AND first = ANY($1::date[])", wanted)
    await connection.execute(day_sums(), wanted)
    for first in sorted({day.replace(day=1) for day in wanted}):
        await connection.execute("DELETE FROM fact_sum WHERE grain = 'month' AND first = $1", first)
        await connection.execute(MONTH_SUMS, first, (first + timedelta(days=32)).replace(day=1))


async def rebuild() -> int:
    """Throw the store away and make it of the present; how many cases. The same ledger gives the same store."""
    async with db.atomic() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute("DELETE FROM fact_sum")
        await connection.execute("DELETE FROM fact")
        await connection.execute("DELETE FROM fact_mark")
        marks = await connection.fetch(
            "SELECT log, max(last_position) AS position FROM ledger_seal WHERE log IN ('p', 'i') GROUP BY log"
        )
        for text in OF_CASES:
            made = _made(text, "$2::uuid[] IS NULL")
            await connection.execute(f"INSERT INTO fact ({_NAMES}) {made}", good_grades(), None)
        for row in marks:
            await connection.execute(_MARK, row["log"], row["position"], clock.now())
        days = [row["day"] for row in await connection.fetch("SELECT DISTINCT day FROM fact")]
        await write_sums(connection, days)
        return int(await connection.fetchval("SELECT count(*) FROM fact WHERE measure = 'cases'"))
