"""Rows that come one by one from many requests and are committed together: a busy minute costs few commits.

While batches are being committed the next gathers, so that a quiet minute waits for nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from asyncpg import DataError, IntegrityConstraintViolationError

from hotline import db

BATCH = 128
FLIGHTS = 3
"""Batches on their way to the disk at once: while they are, the next messages are read and sealed."""

Pending = tuple[Any, "asyncio.Future[bool]"]


class Batcher:
    """Gathers rows of one INSERT (unnest, ON CONFLICT DO NOTHING, RETURNING id); a bad row fails no neighbour."""

    def __init__(self, insert: str, columns: Sequence[str]) -> None:
        self.insert, self.columns = insert, columns
        self.loop = asyncio.get_running_loop()
        self.pool = db.pool()
        self.waiting: list[Pending] = []
        self.flights: set[asyncio.Task[None]] = set()

    async def put(self, row: Any) -> bool:
        """Whether the row is new; returns once it is committed."""
        future: asyncio.Future[bool] = self.loop.create_future()
        self.waiting.append((row, future))
        if len(self.flights) < FLIGHTS:
            flight = self.loop.create_task(self._run())
            self.flights.add(flight)
            flight.add_done_callback(self.flights.discard)
        return await future

    async def _run(self) -> None:
        while self.waiting:
            await asyncio.sleep(0)  # whoever is ready in this same turn of the loop comes along
            batch, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
            if batch:  # else another flight took them
                await self._commit(batch)

    async def _commit(self, batch: list[Pending]) -> None:
        try:
            new = await self._insert([row for row, _ in batch])
        except (DataError, IntegrityConstraintViolationError) as error:
            if len(batch) == 1:
                _settle(batch[0][1], error)
                return
            for one in batch:
                await self._commit([one])
            return
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            for _, future in batch:
                _settle(future, error)
            return
        for row, future in batch:
            if not future.done():
                future.set_result(row.id in new)

    async def _insert(self, rows: list[Any]) -> set[UUID]:
        arrays = [[getattr(row, column) for row in rows] for column in self.columns]
        async with db.borrowed() as connection:
            return {record["id"] for record in await connection.fetch(self.insert, *arrays)}


def _settle(future: asyncio.Future[bool], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


_live: dict[str, Batcher] = {}


def batcher(insert: str, columns: Sequence[str]) -> Batcher:
    """The one of this process for this INSERT; a fresh one when pool or loop are others than before."""
    one = _live.get(insert)
    if one is None or one.pool is not db.ENGINE.pool or one.loop is not asyncio.get_running_loop():
        one = _live[insert] = Batcher(insert, columns)
    return one
