"""The fact store made of the present: all of it anew, what it was made with, and whether it says the same."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NoReturn
from uuid import UUID

import msgspec

from cases import grades
from hotline import city, clock, db
from sla import facts_calls, lateness
from sla.facts_sql import COLUMNS, OF_CASES
from sla.facts_sums import DAY_SINGLES, MONTH_SUMS, MONTH_TIMES, day_sums, day_times

VERSION = 2
"""Of the definitions in facts_sql and facts_sums: who changes what they say adds one: all is made anew."""
LOCK = 0x46616374  # "Fact"
LOT = 20_000
"""Cases whose facts are written together: neighbours in the index, so that each of its pages is written once."""
_LAST = UUID(int=2**128 - 1)
TABLES = ("fact_time", "fact_sum", "fact", "fact_call", "fact_worst")
_NAMES = ", ".join(COLUMNS)
_MARK = """
    INSERT INTO fact_mark (log, position, at) VALUES ($1, $2, $3)
    ON CONFLICT (log) DO UPDATE SET position = excluded.position, at = excluded.at
"""
_MADE = """
    INSERT INTO fact_made (made_with, at) VALUES ($1, $2)
    ON CONFLICT (is_only) DO UPDATE SET made_with = excluded.made_with, at = excluded.at
"""
LOGS = ("p", "i")


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """How far the store has read: the sealed position of each log, and when it had taken over all news."""

    positions: dict[str, int]
    at: datetime

    @property
    def is_new(self) -> bool:
        """Nothing was read yet."""
        return not self.positions


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found: lines of each table, and how many of them are not as they would be made now."""

    counts: dict[str, int]
    odd: dict[str, int]

    @property
    def is_same(self) -> bool:
        """Whether the store says what the present says."""
        return not any(self.odd.values())


def made_with() -> str:
    """The definitions and rules that the facts depend on."""
    rule = city.current().rule
    return f"{VERSION} rating.counted={rule('rating.counted')} voice.answer={rule('voice.answer')}"


async def is_of_today(connection: db.Connection) -> bool:
    """Whether the store was made with the definitions and rules that hold now."""
    return bool(await connection.fetchval("SELECT made_with FROM fact_made") == made_with())


async def locked(connection: db.Connection) -> bool:
    """Take the store's lock for this transaction; False when another has it."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK))


async def marks(connection: db.Connection) -> Marks:
    """How far the store has read."""
    rows = await connection.fetch("SELECT log, position, at FROM fact_mark")
    at = min((clock.utc(row["at"]) for row in rows), default=datetime.min.replace(tzinfo=UTC) + timedelta(days=800))
    return Marks(positions={row["log"]: row["position"] for row in rows}, at=at)


async def sealed(connection: db.Connection) -> dict[str, int]:
    """The last sealed position of each log whose cases the store holds."""
    rows = await connection.fetch(
        "SELECT log, max(last_position) AS position FROM ledger_seal WHERE log = ANY($1) GROUP BY log", list(LOGS)
    )
    return {row["log"]: row["position"] for row in rows}


async def backlog(connection: db.Connection) -> int:
    """How many sealed positions the store has not read; all of them where it was made with something else."""
    read = (await marks(connection)).positions if await is_of_today(connection) else {}
    return sum(max(0, last - read.get(log, 0)) for log, last in (await sealed(connection)).items())


async def mark(connection: db.Connection, positions: dict[str, int], at: datetime) -> None:
    """Note how far the store has read."""
    for log in LOGS:
        await connection.execute(_MARK, log, positions.get(log, 0), at)


def select(text: str, which: str) -> str:
    """The SELECT for these cases; ``$1`` has a place in each, so that one call fits all."""
    return f"{text.format(which=which)} AND $1::text[] IS NOT NULL"


async def rebuild(patience: float = 0.0) -> int:
    """Throw the store away and make it of the present; how many cases. The same ledger gives the same store.

    One transaction: readers see the old store until the new one stands. 0 when another is at it. Before each lot of
    cases it stands back up to ``patience`` seconds while the sweep of the clocks is late.
    """
    async with db.atomic() as connection:
        if not await locked(connection):
            return 0
        for table in (*TABLES, "fact_mark"):
            await connection.execute(f"DELETE FROM {table}", timeout=facts_calls.PATIENCE)
        await _make(connection, patience)
        return int(await connection.fetchval("SELECT count(*) FROM cases"))


async def _make(connection: db.Connection, patience: float = 0.0) -> None:
    """Fill the emptied store."""
    now = clock.now()
    await connection.execute("SET LOCAL jit = off")
    await connection.execute("SET LOCAL work_mem = '128MB'")
    await mark(connection, await sealed(connection), now)
    counted = list(grades.counted())
    for since, until in await _lots(connection):
        await lateness.give_way(connection, time.monotonic() + patience)
        for text in OF_CASES:
            made = f"{select(text, 'c.id > $2 AND c.id <= $3')} ORDER BY 3"
            put = f"INSERT INTO fact ({_NAMES}) {made}"
            await connection.execute(put, counted, since, until, timeout=facts_calls.PATIENCE)
    months = await _months(connection)
    for first, end in months:
        for statement in (day_sums(), day_times()):
            await connection.execute(statement, first, end, timeout=facts_calls.PATIENCE)
    if months:
        for statement in (DAY_SINGLES, MONTH_SUMS, MONTH_TIMES):
            await connection.execute(statement, months[0][0], months[-1][1], timeout=facts_calls.PATIENCE)
    if (day := await facts_calls.first_day(connection)) is not None:
        await facts_calls.renew(connection, day, now)
    await connection.execute(_MADE, made_with(), now)


async def _lots(connection: db.Connection) -> list[tuple[UUID, UUID]]:
    """Spans of ids, after the first and up to the second, that have LOT cases each and together all."""
    rows = await connection.fetch(
        "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM cases) x WHERE n % $1 = 0 ORDER BY id",
        LOT,
    )
    edges = [UUID(int=0), *(row["id"] for row in rows), _LAST]
    return list(pairwise(edges))


async def _months(connection: db.Connection) -> list[tuple[date, date]]:
    """The months in which anything befell: first days of each and of the next."""
    rows = await connection.fetch("SELECT DISTINCT date_trunc('month', day)::date AS first FROM fact ORDER BY 1")
    return [(row["first"], (row["first"] + timedelta(days=32)).replace(day=1)) for row in rows]


class _Undo(Exception):  # noqa: N818 - nothing went wrong
    pass


def _undo() -> NoReturn:
    raise _Undo


async def check() -> Told:
    """Make the store anew beside the one that stands, compare, and leave everything as it was.

    What changed since the store last took over news is taken over first. Raises BlockingIOError when another is at it.
    """
    counts: dict[str, int] = {}
    odd: dict[str, int] = {}
    try:
        async with db.atomic() as connection:
            if not await locked(connection):
                raise BlockingIOError
            for table in TABLES:
                await connection.execute(f"CREATE TEMP TABLE was_{table} ON COMMIT DROP AS SELECT * FROM {table}")
                await connection.execute(f"DELETE FROM {table}", timeout=facts_calls.PATIENCE)
            await _make(connection)
            for table in TABLES:
                counts[table] = await connection.fetchval(f"SELECT count(*) FROM {table}")
                odd[table] = await connection.fetchval(
                    f"SELECT count(*) FROM ((SELECT * FROM {table} EXCEPT SELECT * FROM was_{table})"
                    f" UNION ALL (SELECT * FROM was_{table} EXCEPT SELECT * FROM {table})) x",
                    timeout=facts_calls.PATIENCE,
                )
            _undo()
    except _Undo:
        return Told(counts=counts, odd=odd)
