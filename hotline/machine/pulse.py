"""Each process says every few seconds that it lives, with its figures: so one scrape and one page see them all."""

from __future__ import annotations

import os
import resource
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hotline import clock, db

ALIVE = timedelta(seconds=90)
"""A process that said nothing for so long is taken for dead."""
KEPT = timedelta(days=1)
JUMP = 2.0
"""Seconds by which the wall clock may part from the monotonic one between two pulses."""
REMEMBERED = 600.0
"""Seconds for which a jump is told, so that a round by another process sees it."""
EXTRA: dict[str, Callable[[], float]] = {}
"""Figures that a process adds to its pulse: open pages, jobs done."""
_SAY = """
    INSERT INTO machine_process (name, kind, began_at, at, figures) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO UPDATE SET began_at = excluded.began_at, at = excluded.at, figures = excluded.figures
"""
_FORGET = "DELETE FROM machine_process WHERE at < $1 OR at > $2"
"""The long dead, and what a clock that was set forward left: it would pass for alive until that day."""
_began: dict[str, datetime] = {}


class Watch:
    """Compares the wall clock with the monotonic one: what parts them is somebody who set the clock."""

    def __init__(self) -> None:
        self.last: tuple[datetime, float] | None = None
        self.jumped: tuple[float, float] | None = None

    def look(self, wall: datetime, steady: float) -> float:
        """Seconds by which the clock jumped lately (forward is positive); 0 when it did not."""
        if self.last is not None:
            apart = (wall - self.last[0]).total_seconds() - (steady - self.last[1])
            if abs(apart) > JUMP:
                self.jumped = (apart, steady)
        self.last = (wall, steady)
        if self.jumped is not None and steady - self.jumped[1] > REMEMBERED:
            self.jumped = None
        return self.jumped[0] if self.jumped is not None else 0.0


WATCH = Watch()


async def say(kind: str) -> None:
    """Note that this process lives, with its memory, CPU time, connections and clock."""
    name = f"{kind}@{socket.gethostname()}:{os.getpid()}"
    async with db.reading() as connection:
        before = clock.now()
        there: datetime = await connection.fetchval("SELECT clock_timestamp()")
        middle = before + (clock.now() - before) / 2
        figures = {"offset": (middle - there).total_seconds(), "jump": WATCH.look(clock.now(), time.monotonic())}
        figures |= _own() | {name: read() for name, read in EXTRA.items()}
        now = clock.now()
        body = msgspec.json.encode(figures).decode()
        await connection.execute(_SAY, name, kind, _began.setdefault(name, now), now, body)
        await connection.execute(_FORGET, now - KEPT, now + ALIVE)


def _own() -> dict[str, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    pool = db.pool()
    return {
        "cpu_seconds": used.ru_utime + used.ru_stime, "memory_bytes": used.ru_maxrss * 1024.0,
        "pool_open": float(pool.get_size()), "pool_idle": float(pool.get_idle_size()),
    }  # fmt: skip


class Process(msgspec.Struct, frozen=True):
    """One process as it last spoke of itself."""

    name: str
    kind: str
    began_at: datetime
    at: datetime
    figures: dict[str, float]

    @property
    def is_alive(self) -> bool:
        """Whether it spoke lately."""
        return abs(clock.now() - self.at) < ALIVE


async def processes(connection: db.Connection) -> list[Process]:
    """All that spoke within a day, the living first."""
    rows = await connection.fetch("SELECT name, kind, began_at, at, figures FROM machine_process ORDER BY at DESC")
    return [_process(dict(row)) for row in rows]


def _process(row: dict[str, Any]) -> Process:
    return Process(**{**row, "figures": msgspec.json.decode(row["figures"])})
