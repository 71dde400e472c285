"""Brings a database to the schema of this install, as the owner; then says what the application may do in it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

import asyncpg

from hotline import schema
from hotline.servers import EngineError

_LOCK = 0x486F746C696E65  # "Hotline"
NEWEST, OLDEST = 18, 15  # PostgreSQL versions that are tested
APPEND_ONLY = ("case_event", "act", "ledger_seal")
"""Ledgers: the application adds rows and gives a row its position once; it changes and deletes nothing (rules.md 5)."""

# The table that Piccolo itself would make: its command line and this file keep one record.
_RECORD = """
CREATE TABLE IF NOT EXISTS migration (
    id serial PRIMARY KEY,
    name varchar(200) NOT NULL DEFAULT '',
    app_name varchar(200) NOT NULL DEFAULT '',
    ran_on timestamp NOT NULL DEFAULT current_timestamp
)
"""


async def migrate(owner_url: str, app_role: str = "", *, say: Callable[[str], None] | None = None) -> list[str]:
    """Run what has not run yet, one transaction a file, under a lock; returns the names of what ran.

    ``app_role`` gets its rights; empty or the owner itself gets none (it has them all). ``say`` hears each name.
    Raises EngineError for a server that is too old, asyncpg errors with the file's name noted.
    """
    ran: list[str] = []
    async with _owner(owner_url) as connection:
        for step in await pending(connection):
            name = f"{step.app}/{step.name}"
            if say is not None:
                say(name)
            await _run(connection, step)
            ran.append(name)
        await _grant(connection, app_role)
    return ran


async def prepare(owner_url: str, app_url: str) -> tuple[list[str], bool]:
    """Migrate for the role that ``app_url`` signs in as; returns what ran and whether the city is still missing."""
    connection = await asyncpg.connect(app_url)
    try:
        role = await connection.fetchval("SELECT current_user")
    finally:
        await connection.close()
    ran = await migrate(owner_url, role)
    connection = await asyncpg.connect(app_url)
    try:
        return ran, not await connection.fetchval("SELECT EXISTS (SELECT FROM unit)")
    finally:
        await connection.close()


async def pending(connection: asyncpg.Connection) -> list[schema.Step]:
    """The migrations of this install that the database does not have yet; only reads."""
    if await connection.fetchval("SELECT to_regclass('public.migration')") is None:
        return schema.steps()
    rows = await connection.fetch("SELECT app_name, name FROM migration")
    done = {(row["app_name"], row["name"]) for row in rows}
    return [step for step in schema.steps() if (step.app, step.name) not in done]


async def strangers(connection: asyncpg.Connection) -> list[str]:
    """Migrations that the database has and this install does not know: a newer install was here."""
    known = {(step.app, step.name) for step in schema.steps()}
    rows = await connection.fetch("SELECT app_name, name FROM migration ORDER BY id")
    return [f"{app}/{name}" for app, name in rows if (app, name) not in known]


@contextlib.asynccontextmanager
async def _owner(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url, command_timeout=None)
    try:
        version = connection.get_server_version().major
        if version < OLDEST:
            raise EngineError(
                f"PostgreSQL {version} 太旧，要 {OLDEST} 至 {NEWEST}。",
                f"PostgreSQL {version} is too old; {OLDEST} to {NEWEST} will do.",
            )
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute("SET client_min_messages = warning")
        # A step and its record are lost together or not at all, and lost ones run again: nobody waits for the disk.
        await connection.execute("SET synchronous_commit = off")
        await connection.execute(_RECORD)
        yield connection
    finally:
        await connection.close()  # gives the lock back too


async def _run(connection: asyncpg.Connection, step: schema.Step) -> None:
    try:
        async with connection.transaction():
            await connection.execute(step.file.read_text(encoding="utf-8"))
            await connection.execute("INSERT INTO migration (name, app_name) VALUES ($1, $2)", step.name, step.app)
    except asyncpg.PostgresError as error:
        error.add_note(f"in {step.app}/migrations/{step.file.name}{_place(step, error)}")
        raise


def _place(step: schema.Step, error: asyncpg.PostgresError) -> str:
    at = getattr(error, "position", None)
    if not at:
        return ""
    return f", line {step.file.read_text(encoding='utf-8')[: int(at)].count(chr(10)) + 1}"


_TABLES = """
SELECT c.relname AS name, c.relname = ANY($2) AS is_ledger,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'position') AS has_position,
       has_table_privilege($1, c.oid, 'INSERT') AND has_table_privilege($1, c.oid, 'SELECT')
         AND has_table_privilege($1, c.oid, 'DELETE') <> (c.relname = ANY($2))
         AND has_table_privilege($1, c.oid, 'UPDATE') <> (c.relname = ANY($2)) AS is_right
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'migration'
"""


async def _grant(connection: asyncpg.Connection, role: str) -> None:
    """Idempotent; touches only tables whose rights are not what they should be."""
    if not role or role == await connection.fetchval("SELECT current_user"):
        return
    name = await connection.fetchval("SELECT quote_ident($1)", role)
    async with connection.transaction():
        for table in await connection.fetch(_TABLES, role, list(APPEND_ONLY)):
            if table["is_right"]:
                continue
            await connection.execute(f"REVOKE ALL ON {table['name']} FROM {name}")
            rights = "SELECT, INSERT, UPDATE, DELETE"
            if table["is_ledger"]:
                rights = "SELECT, INSERT" + (", UPDATE (position)" if table["has_position"] else "")
            await connection.execute(f"GRANT {rights} ON {table['name']} TO {name}")
        await connection.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        await connection.execute(f"GRANT SELECT ON migration TO {name}")
        await connection.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
