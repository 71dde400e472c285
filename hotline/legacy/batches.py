"""The record of an import, and what it asks and writes in the database, a thousand cases a transaction."""

from __future__ import annotations

import contextlib
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import asyncpg
import msgspec

from channels.numbers import shown
from hotline import acts, clock, db
from hotline.actor import SYSTEM
from hotline.errors import conflict
from hotline.ids import new_id
from hotline.legacy.rows import Legacy
from hotline.work import ORDER, Row, work

ORDER += ["import_batch"]

_LOCK = 0x494D50  # "IMP"
_OPEN = """
SELECT {} FROM import_batch WHERE system = $1 AND file_sha256 = $2 AND mapping_sha256 = $3 AND ended_at IS NULL
"""
_KNOWN = "SELECT origin_no FROM cases WHERE origin_system = $1 AND origin_no = ANY($2)"
_TAKE = """
INSERT INTO receipt_counter AS c (day, last) SELECT * FROM unnest($1::date[], $2::integer[])
ON CONFLICT (day) DO UPDATE SET last = c.last + excluded.last RETURNING day, last
"""


class BatchRow(Row, kw_only=True):
    """One import of one file under one mapping. ``last_row`` is the line up to which everything is dealt with."""

    table: ClassVar[str] = "import_batch"

    id: UUID
    system: str
    name: str
    file_sha256: bytes
    mapping_sha256: bytes
    started_at: datetime
    ended_at: datetime | None = None
    last_row: int = 0
    rows_read: int = 0
    made: int = 0
    known: int = 0
    refused: int = 0


@contextlib.asynccontextmanager
async def alone(system: str) -> AsyncIterator[None]:
    """Nobody else imports from this system meanwhile. Raises the 409 refusal when somebody does."""
    name = zlib.crc32(system.encode()) - 2**31
    connection = await asyncpg.connect(**db.ENGINE.config)
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", _LOCK, name):
            raise conflict("import_runs", f"“{system}”正在导入，请等它做完。", f"“{system}” is being imported already.")
        yield
    finally:
        await connection.close()


async def begun(system: str, name: str, file: bytes, mapping: bytes) -> BatchRow:
    """The record of this import: the one that was broken off, or a new one."""
    async with work(SYSTEM) as w:
        columns = ", ".join(BatchRow.__struct_fields__)
        found = await w.connection.fetchrow(_OPEN.format(columns), system, file, mapping)
        if found is not None:
            return BatchRow(**found)
        row = BatchRow(
            id=new_id(), system=system, name=name, file_sha256=file, mapping_sha256=mapping, started_at=w.now
        )
        w.add(row)
    return row


async def ended(row: BatchRow, refused: int, read: int) -> None:
    """Close the record, and note the import in the log of acts."""
    async with work(SYSTEM) as w:
        w.track(row)
        row.ended_at, row.refused, row.rows_read = w.now, refused, read
        await w.flush()
        data = {"file": row.file_sha256.hex(), "mapping": row.mapping_sha256.hex(), "read": read, "made": row.made,
                "known": row.known, "refused": refused}  # fmt: skip
        await acts.note(w, SYSTEM, "imported", f"import:{row.id}", data)


async def known(system: str, numbers: Sequence[str]) -> set[str]:
    """Which of these origin numbers are cases of ours already."""
    async with db.reading() as connection:
        return {record["origin_no"] for record in await connection.fetch(_KNOWN, system, numbers)}


async def receipt_nos(cases: Iterable[Legacy]) -> list[str]:
    """A receipt number for each case, of its own opening day, in the order of the cases."""
    days = [clock.local_day(one.opened) for one in cases]
    wanted = Counter(days)
    ordered = sorted(wanted)  # one order for all, so that two never wait for each other
    async with db.reading() as connection:
        taken = await connection.fetch(_TAKE, ordered, [wanted[day] for day in ordered])
    following = {record["day"]: record["last"] - wanted[record["day"]] + 1 for record in taken}
    numbers: list[str] = []
    for day in days:
        numbers.append(shown(day, following[day]))
        following[day] += 1
    return numbers


async def write(row: BatchRow, rows: Sequence[Row], made: int, last_row: int, known_rows: int) -> None:
    """Write a batch of cases and how far the import has come, in one transaction."""
    async with work(SYSTEM) as w:
        w.track(row)
        before = msgspec.structs.astuple(row)
        row.made, row.known, row.last_row = row.made + made, row.known + known_rows, last_row
        for one in rows:
            w.add(one)
        try:
            await w.flush()
        except BaseException:
            for field, value in zip(row.__struct_fields__, before, strict=True):
                setattr(row, field, value)
            raise
