"""Numbers that count within a year: supervision orders, special reports. Gap-free: what is not used is used next.

One number at a time is taken from its counter, whose row is held until the commit. Who needs many at once (a batch of
the sweep) has them laid out ahead in ``serial_free``, so that two batches need not wait for each other: a free number
is taken by deleting its row, so that a transaction that fails, or a worker that dies, gives it back. Free numbers go
before new ones, the lowest first.
"""

from __future__ import annotations

from typing import ClassVar

from hotline import db
from hotline.work import Row, Work

_NEXT = """
INSERT INTO serial_counter (name, year, last) VALUES ($1, $2, 1)
ON CONFLICT (name, year) DO UPDATE SET last = serial_counter.last + 1 RETURNING last
"""
_LAY_OUT = """
WITH counter AS (
    INSERT INTO serial_counter (name, year, last) VALUES ($1, $2, $3)
    ON CONFLICT (name, year) DO UPDATE SET last = serial_counter.last + excluded.last RETURNING last
)
INSERT INTO serial_free (name, year, number) SELECT $1, $2, n FROM counter, generate_series(last - $3 + 1, last) AS n
"""
_TAKE = """
WITH free AS MATERIALIZED (
    SELECT number FROM serial_free WHERE name = $1 AND year = $2 ORDER BY number LIMIT $3 FOR UPDATE SKIP LOCKED
)
DELETE FROM serial_free AS s USING free WHERE s.name = $1 AND s.year = $2 AND s.number = free.number RETURNING s.number
"""
_GIVE_BACK = "INSERT INTO serial_free (name, year, number) VALUES ($1, $2, $3)"


class SerialRow(Row):
    """A counter that this transaction holds: nobody else counts on it until it ends."""

    table: ClassVar[str] = "serial_counter"
    identity: ClassVar[tuple[str, ...]] = ("name", "year")

    name: str
    year: int
    last: int


async def following(connection: db.Connection, name: str, year: int) -> int:
    """The next number of ``name`` in ``year``, from 1; taken for good when the caller's transaction commits.

    For a ``name`` of which nobody takes many at once: it looks for no free numbers.
    """
    found: int = await connection.fetchval(_NEXT, name, year)
    return found


async def counted(work: Work, name: str, year: int) -> int:
    """The next number for one of many in a transaction: one taken ahead, else a free one, else from the counter.

    Once the counter is held it is asked no more.
    """
    if taken := _ahead(work).get((name, year)):
        return taken.pop()
    held: dict[tuple[str, int], SerialRow] = work.kept.setdefault("serials", {})
    row = held.get((name, year))
    if row is not None:
        row.last += 1
        return row.last
    if free := await work.connection.fetch(_TAKE, name, year, 1):
        return int(free[0]["number"])
    row = held[name, year] = SerialRow(name=name, year=year, last=await following(work.connection, name, year))
    work.track(row)
    return row.last


async def take_ahead(work: Work, name: str, year: int, number: int) -> None:
    """Have so many numbers ready for ``counted`` without holding the counter. ``give_back`` what was not used.

    Those that are missing are laid out by a statement of its own, committed at once on another connection: only where
    one task of a process does so, or the tasks could starve the pool between them.
    """
    found = await _taken(work, name, year, number)
    if len(found) < number and (name, year) not in work.kept.get("serials", {}):  # else we would wait for ourselves
        async with db.borrowed() as other:
            await other.execute(_LAY_OUT, name, year, number - len(found))
        found += await _taken(work, name, year, number - len(found))
    kept = _ahead(work)
    kept[name, year] = sorted((*kept.get((name, year), ()), *found), reverse=True)


async def give_back(work: Work) -> None:
    """Free the numbers that were taken ahead and not used, at the end of the transaction."""
    unused = [(*key, number) for key, numbers in _ahead(work).items() for number in numbers]
    _ahead(work).clear()
    if unused:
        await work.connection.executemany(_GIVE_BACK, unused)


def _ahead(work: Work) -> dict[tuple[str, int], list[int]]:
    """What was taken ahead, the lowest last."""
    kept: dict[tuple[str, int], list[int]] = work.kept.setdefault("serials_ahead", {})
    return kept


async def _taken(work: Work, name: str, year: int, number: int) -> list[int]:
    return [row["number"] for row in await work.connection.fetch(_TAKE, name, year, number)]
