"""The hands of the database's owner: what may be done to a ledger by force, and everything as it was afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg

from cases import chain
from cases.report import Report
from cases.verify import Line
from hotline import verify
from tests.engines import Place

TABLES = ("cases", "case_event", "case_text", "ledger_seal", "act", "act_head")
VICTIM = "SELECT id FROM cases ORDER BY id LIMIT 1"
DELETED = """DELETE FROM case_text WHERE case_id = VICTIM AND seq = 9;
DELETE FROM case_event WHERE case_id = VICTIM AND seq = 9"""
SWAPPED = """UPDATE case_event SET seq = 1000 WHERE case_id = VICTIM AND seq = 7;
UPDATE case_event SET seq = 7 WHERE case_id = VICTIM AND seq = 8;
UPDATE case_event SET seq = 8 WHERE case_id = VICTIM AND seq = 1000"""
ERASED = """UPDATE case_text SET value = NULL, salt = NULL, erased_at = now(), erased_rule = 'quiet'
WHERE case_id = VICTIM AND field = 'words' AND seq = 1"""
ADDED = "INSERT INTO case_text (case_id, seq, field, audience, salt, value) VALUES (VICTIM, 2, 'x', 'staff', 'x', 'x')"
ACT_CUT = """DELETE FROM act WHERE seq = 5;
UPDATE act_head SET last_seq = 4, last_hash = (SELECT hash FROM act WHERE seq = 4)"""
ACTS_SWAPPED = """UPDATE act SET seq = 100 WHERE seq = 2;
UPDATE act SET seq = 2 WHERE seq = 3;
UPDATE act SET seq = 3 WHERE seq = 100"""
Tamper = Callable[[asyncpg.Connection], Awaitable[object]]


@contextlib.asynccontextmanager
async def as_before(place: Place) -> AsyncIterator[asyncpg.Connection]:
    """The tables' owner with the triggers off; afterwards all rows are as they were."""
    root = await asyncpg.connect(place.root_url)
    try:
        await root.execute("SET session_replication_role = replica")
        for table in TABLES:
            await root.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table}")
        async with place.as_owner() as owner:
            for table in TABLES:
                await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield owner
        for table in TABLES:
            columns = await root.fetchval(
                "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns "
                "WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'", table,
            )  # fmt: skip
            await root.execute(f"DELETE FROM {table}")
            await root.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM kept_{table}")
            await root.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    finally:
        await root.close()


async def tampered(place: Place, tamper: Tamper | str) -> Report:
    """What verify says after the owner did this."""
    async with as_before(place) as owner:
        if isinstance(tamper, str):
            await owner.execute(tamper.replace("VICTIM", f"({VICTIM})"))
        else:
            await tamper(owner)
        return await verify.database()


async def lines_of(owner: asyncpg.Connection) -> list[Line]:
    """The events of the victim."""
    columns = ", ".join(Line._fields)
    rows = await owner.fetch(f"SELECT {columns} FROM case_event WHERE case_id = ({VICTIM}) ORDER BY seq")
    return [Line._make(row) for row in rows]


async def write(owner: asyncpg.Connection, line: Line) -> None:
    """Put an event's content over the row of its ``seq``."""
    await owner.execute(
        "UPDATE case_event SET kind = $3, version = $4, at = $5, actor = $6, actor_kind = $7, unit = $8, data = $9, "
        "prev = $10, hash = $11, salt = $12 WHERE case_id = $1 AND seq = $2", *line[:11], line.salt,
    )  # fmt: skip


def rehashed(line: Line, prev: bytes | None = None) -> Line:
    """The event with the hash that its content asks for."""
    prev = line.prev if prev is None else prev
    return line._replace(prev=prev, hash=chain.event_hash(prev, *line[:9], line.salt))
