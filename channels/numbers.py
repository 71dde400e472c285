"""Receipt numbers, ``yymmdd-NNNNN`` by the city's day, and query codes of six digits.

A process leases numbers one by one while it is quiet and in growing blocks while it is busy: a quiet town's numbers
run on without a gap, a busy city's are unique, and a restart leaves a gap.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import date

from hotline import db, vault

LARGEST = 512
HURRY = 0.25
"""A lease used up within so many seconds is followed by one twice as large, up to LARGEST."""
_TAKE = """
    INSERT INTO receipt_counter (day, last) VALUES ($1, $2)
    ON CONFLICT (day) DO UPDATE SET last = receipt_counter.last + $2 RETURNING last
"""


class _Lease:
    """The numbers of one day that this process may still give away."""

    def __init__(self) -> None:
        self.day: date | None = None
        self.next = 1
        self.last = 0
        self.block = 1
        self.taken = 0.0
        self.pool: object | None = None
        self.lock = asyncio.Lock()


_lease = _Lease()


def shown(day: date, number: int) -> str:
    """The number as people read it: 261122-00417."""
    return f"{day.year % 100:02d}{day.month:02d}{day.day:02d}-{number:05d}"


async def receipt_no(day: date) -> str:
    """The next receipt number of ``day``; takes a block from the database when the lease is used up."""
    global _lease
    if _lease.pool is not db.ENGINE.pool:
        _lease = _Lease()
        _lease.pool = db.ENGINE.pool
    if _lease.day != day or _lease.next > _lease.last:
        async with _lease.lock:
            if _lease.day != day or _lease.next > _lease.last:
                await _renew(_lease, day)
    number = _lease.next
    _lease.next += 1
    return shown(day, number)


async def _renew(lease: _Lease, day: date) -> None:
    now = time.monotonic()
    lease.block = min(LARGEST, lease.block * 2) if lease.day == day and now - lease.taken < HURRY else 1
    last = await take(day, lease.block)
    lease.day, lease.next, lease.last, lease.taken = day, last - lease.block + 1, last, now


async def take(day: date, amount: int) -> int:
    """Take ``amount`` numbers of a day; returns the last of them. Never inside a transaction: the row is hot."""
    async with db.borrowed() as connection:
        return int(await connection.fetchval(_TAKE, day, amount))


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def code_hash(number: str, code: str) -> bytes:
    """What is kept of a query code: a keyed hash bound to its receipt number."""
    return vault.index(f"{number}:{code}")


def code_matches(number: str, code: str, kept: bytes) -> bool:
    """Whether ``code`` is the one of ``number``, under any live key; the comparison takes the same time either way."""
    matches = [secrets.compare_digest(one, kept) for one in vault.indexes(f"{number}:{code}")]
    return any(matches)
