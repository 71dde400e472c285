"""Numbers that count within a year: supervision orders, special reports. Gap-free, under the counter's row lock."""

from __future__ import annotations

from hotline import db

_NEXT = """
INSERT INTO serial_counter (name, year, last) VALUES ($1, $2, 1)
ON CONFLICT (name, year) DO UPDATE SET last = serial_counter.last + 1 RETURNING last
"""


async def following(connection: db.Connection, name: str, year: int) -> int:
    """The next number of ``name`` in ``year``, from 1; taken for good when the caller's transaction commits."""
    found: int = await connection.fetchval(_NEXT, name, year)
    return found
