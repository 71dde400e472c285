"""One transaction's buffered writes: rows are added and changed in memory, and written together before the commit.

Verbs, clocks and the outbox all write through it, so that one case costs a few round trips and a batch of a
hundred costs hardly more. It knows tables and rows, nothing of cases.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.actor import Actor

COPY_FROM = 40
"""From this many rows on COPY is cheaper than a pipelined INSERT."""
TOGETHER = 20
"""From this many rows on one UPDATE is cheaper than as many: each opens all the indexes of its table anew."""
_TYPES = "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0"
_types: dict[str, dict[str, str]] = {}
"""Types of columns by table, read once a process: the schema is moved while nobody is in the house."""


class Row(msgspec.Struct, gc=False):
    """A row as the writers hold it: the fields are the columns, in any order."""

    table: ClassVar[str]
    identity: ClassVar[tuple[str, ...]] = ("id",)
    is_final: ClassVar[bool] = False
    """Never changed once written, so that nobody watches it for changes."""
    is_free: ClassVar[bool] = False
    """Changes of many rows may be written in any order: no row makes room for another in a unique index."""


class Mark(msgspec.Struct):
    """A place in a work to go back to."""

    added: dict[str, int]
    after: int
    lists: list[tuple[list[Any], int]]
    rows: list[tuple[Row, Row]]


class Work:
    """What one transaction has read for change and is going to write."""

    def __init__(self, connection: db.Connection, actor: Actor, now: datetime | None = None) -> None:
        self.connection = connection
        self.actor = actor
        self.now = clock.now() if now is None else now
        self._is_set = now is not None
        self.kept: dict[str, Any] = {}
        """Room for a floor to keep what it has loaded within this transaction, under its own name."""
        self._added: dict[str, list[Row]] = {}
        self._tracked: list[tuple[Row, Row]] = []
        self._after: list[Callable[[], Awaitable[None]]] = []

    def add(self, row: Row) -> None:
        """Write this new row when the work is flushed; it may still be changed until then."""
        self._added.setdefault(row.table, []).append(row)

    def track(self, row: Row) -> None:
        """Write this row's changes from now on when the work is flushed (it was read under a lock)."""
        self._tracked.append((row, copy.copy(row)))

    def after(self, call: Callable[[], Awaitable[None]]) -> None:
        """Do this once the transaction is committed: nudges and live news, never anything that must not be lost."""
        self._after.append(call)

    def waited(self) -> None:
        """Say that the first lock was waited for: now is when it was got, not when the wait began.

        So the events of a case stand in the order of their times, whoever came first to its door.
        """
        if not (self._is_set or self._added or self._tracked):
            self.now = clock.now()

    @property
    def is_now(self) -> bool:
        """Whether its moment is that of the wall's clock, and not one that its caller chose."""
        return not self._is_set and clock.is_running()

    def not_before(self, moment: datetime | None) -> None:
        """What is written from now on is no earlier than what stands there: the host's clock may have been set back."""
        if moment is not None and moment > self.now and self.is_now:
            self.now = moment

    def mark(self, case_id: UUID, rows: Iterable[Row]) -> Mark:
        """Where the work stands now, for ``rewind``; ``rows`` are those that what follows may change.

        Rows that a floor keeps of this case in a list (its clocks) are marked too.
        """
        lists = [
            one for kept in self.kept.values() if isinstance(kept, dict) and isinstance(one := kept.get(case_id), list)
        ]
        beside = [row for one in lists for row in one if isinstance(row, Row)]
        return Mark(
            added={table: len(added) for table, added in self._added.items()},
            after=len(self._after),
            lists=[(one, len(one)) for one in lists],
            rows=[(row, copy.copy(row)) for row in (*rows, *beside)],
        )

    def rewind(self, mark: Mark) -> None:
        """Forget what was buffered since ``mark``: a savepoint for work that has sent no statement yet."""
        for table, added in self._added.items():
            del added[mark.added.get(table, 0) :]
        del self._after[mark.after :]
        for one, length in mark.lists:
            del one[length:]
        for row, before in mark.rows:
            for name in row.__struct_fields__:
                setattr(row, name, getattr(before, name))

    async def flush(self) -> None:
        """Write everything buffered so far: changes first, so that one lead makes room for the next, then new rows."""
        changed = [(row, diff) for row, before in self._tracked if (diff := _changes(row, before))]
        await _update(self.connection, changed)
        added, self._added = self._added, {}
        for rows in sorted(filter(None, added.values()), key=_rank):
            await _insert(self.connection, rows)
        fresh = [row for rows in added.values() for row in rows if not row.is_final]
        written = [row for row, _ in self._tracked] + fresh
        self._tracked = [(row, copy.copy(row)) for row in written]

    async def settle(self) -> None:
        """Run what waits for the commit."""
        for call in self._after:
            await call()


ORDER: list[str] = []
"""Tables whose rows others point at come first; each floor appends its own when it is imported."""


def _rank(rows: Sequence[Row]) -> int:
    table = rows[0].table
    return ORDER.index(table) if table in ORDER else len(ORDER)


def _changes(row: Row, before: Row) -> tuple[str, ...]:
    if row == before:
        return ()
    pairs = zip(row.__struct_fields__, msgspec.structs.astuple(row), msgspec.structs.astuple(before), strict=True)
    return tuple(name for name, new, old in pairs if new is not old and new != old)


async def _insert(connection: db.Connection, rows: Sequence[Row]) -> None:
    columns = rows[0].__struct_fields__
    records = [msgspec.structs.astuple(row) for row in rows]
    if len(rows) >= COPY_FROM:
        await connection.copy_records_to_table(rows[0].table, records=records, columns=columns)
        return
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    names = ", ".join(columns)
    await connection.executemany(f"INSERT INTO {rows[0].table} ({names}) VALUES ({places})", records)


async def _update(connection: db.Connection, changed: Iterable[tuple[Row, tuple[str, ...]]]) -> None:
    alike: dict[tuple[type[Row], tuple[str, ...]], list[tuple[object, ...]]] = {}
    for row, columns in changed:
        values = tuple(getattr(row, c) for c in (*columns, *row.identity))
        alike.setdefault((type(row), columns), []).append(values)
    for (kind, columns), records in alike.items():
        if kind.is_free and len(records) >= TOGETHER and await _update_together(connection, kind, columns, records):
            continue
        sets = ", ".join(f"{c} = ${n}" for n, c in enumerate(columns, 1))
        keys = " AND ".join(f"{k} = ${n}" for n, k in enumerate(kind.identity, len(columns) + 1))
        await connection.executemany(f"UPDATE {kind.table} SET {sets} WHERE {keys}", records)


async def _update_together(
    connection: db.Connection, kind: type[Row], columns: Sequence[str], records: Sequence[tuple[object, ...]]
) -> bool:
    """One statement for all rows; False where it cannot say them: arrays do not nest, and no row may come twice."""
    types = await _types_of(connection, kind.table)
    names = (*columns, *kind.identity)
    keys = len(columns)
    if any(types[c].endswith("[]") for c in names) or len({one[keys:] for one in records}) < len(records):
        return False
    sets = ", ".join(f"{c} = new.{c}" for c in columns)
    same = " AND ".join(f"t.{k} = new.{k}" for k in kind.identity)
    arrays = ", ".join(f"${n}::{types[c]}[]" for n, c in enumerate(names, 1))
    sql = f"UPDATE {kind.table} t SET {sets} FROM unnest({arrays}) AS new ({', '.join(names)}) WHERE {same}"
    await connection.execute(sql, *map(list, zip(*records, strict=True)))
    return True


async def _types_of(connection: db.Connection, table: str) -> dict[str, str]:
    if table not in _types:
        _types[table] = dict(await connection.fetch(_TYPES, table))
    return _types[table]


@contextlib.asynccontextmanager
async def work(actor: Actor, *, now: datetime | None = None) -> AsyncIterator[Work]:
    """A transaction for ``actor``: commits what was written, or nothing. ``now`` stands still once it has written."""
    async with db.atomic() as connection:
        one = Work(connection, actor, now)
        yield one
        await one.flush()
    await one.settle()
