"""Backups and drills that were made: begun, ended, good or not, for the page and for the alarms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.ids import new_id
from hotline.machine.signals import Reading

_LAST = """
    SELECT kind, max(ended_at) FILTER (WHERE is_good) AS good,
        (array_agg(is_good ORDER BY ended_at DESC) FILTER (WHERE ended_at IS NOT NULL AND code <> 'stopped'))[1]
            AS is_good
    FROM machine_run WHERE kind IN ('backup', 'drill') AND began_at <= $1 GROUP BY kind
"""


class Run(msgspec.Struct, frozen=True):
    """One of them; ``code`` says why it was not good: a kind of error, never its message.

    ``stopped``: the process ended in the middle of it. That is no failure of a backup: another is made at once.
    """

    id: UUID
    kind: str
    began_at: datetime
    ended_at: datetime | None
    is_good: bool | None
    size: int | None
    file: str
    code: str


async def begin(kind: str, file: str = "") -> UUID:
    """It begins now."""
    one = new_id()
    async with db.reading() as connection:
        await connection.execute(
            "INSERT INTO machine_run (id, kind, began_at, file) VALUES ($1, $2, $3, $4)", one, kind, clock.now(), file
        )
    return one


async def end(one: UUID, *, is_good: bool, size: int | None = None, file: str = "", code: str = "") -> None:
    """It ended so."""
    async with db.reading() as connection:
        await connection.execute(
            "UPDATE machine_run SET ended_at = greatest($2, began_at), is_good = $3, size = $4, code = $6, "
            "file = CASE WHEN $5 = '' THEN file ELSE $5 END WHERE id = $1",
            one, clock.now(), is_good, size, file, code,
        )  # fmt: skip


async def give_up() -> None:
    """What is noted as going on was stopped half-way: whoever holds the lock of backups and drills knows it."""
    async with db.reading() as connection:
        await connection.execute(
            "UPDATE machine_run SET ended_at = greatest($1, began_at), is_good = FALSE, code = 'stopped' "
            "WHERE ended_at IS NULL AND kind IN ('backup', 'drill')",
            clock.now(),
        )


async def recent(connection: db.Connection, limit: int = 10) -> list[Run]:
    """The last ones, newest first."""
    columns = ", ".join(Run.__struct_fields__)
    rows = await connection.fetch(f"SELECT {columns} FROM machine_run ORDER BY began_at DESC LIMIT $1", limit)
    return [Run(**row) for row in rows]


async def last_good(connection: db.Connection, kind: str, now: datetime) -> datetime | None:
    """When the last good one ended; one from the future, by a clock that was set, is none."""
    sql = "SELECT max(ended_at) FROM machine_run WHERE kind = $1 AND is_good AND began_at <= $2"
    found: datetime | None = await connection.fetchval(sql, kind, now)
    return found


async def readings(connection: db.Connection, now: datetime) -> list[Reading]:
    """The age of the last good backup in hours and drill in days, and whether the last one of either failed."""
    rows = {row["kind"]: row for row in await connection.fetch(_LAST, now)}
    ages = {kind: (now - row["good"]).total_seconds() for kind, row in rows.items() if row["good"] is not None}
    backup, drill = ages.get("backup"), ages.get("drill")
    failed = [row["is_good"] is False for row in rows.values()]
    return [
        Reading("backup", max(backup, 0.0) / 3600 if backup is not None else None),
        Reading("drill", max(drill, 0.0) / 86400 if drill is not None else None),
        Reading("failed", float(any(failed)) if failed else None),
    ]
