"""Numbers that count within a year: supervision orders, special reports. Gap-free, under the counter's row lock."""

from __future__ import annotations

from typing import ClassVar

from hotline import db
from hotline.work import Row, Work

_NEXT = """
INSERT INTO serial_counter (name, year, last) VALUES ($1, $2, 1)
ON CONFLICT (name, year) DO UPDATE SET last = serial_counter.last + 1 RETURNING last
"""


class SerialRow(Row):
    """A counter that this transaction holds: nobody else counts on it until it ends."""

    table: ClassVar[str] = "serial_counter"
    identity: ClassVar[tuple[str, ...]] = ("name", "year")

    name: str
    year: int
    last: int


async def following(connection: db.Connection, name: str, year: int) -> int:
    """The next number of ``name`` in ``year``, from 1; taken for good when the caller's transaction commits."""
    found: int = await connection.fetchval(_NEXT, name, year)
    return found


async def counted(work: Work, name: str, year: int) -> int:
    """``following`` for one of many in a transaction: after the first the counter is held, and asked no more."""
    held: dict[tuple[str, int], SerialRow] = work.kept.setdefault("serials", {})
    row = held.get((name, year))
    if row is None:
        row = held[name, year] = SerialRow(name=name, year=year, last=await following(work.connection, name, year))
        work.track(row)
    else:
        row.last += 1
    return row.last
