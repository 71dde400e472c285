"""How late the sweep is: the oldest act that still waits, on one row that operations and the board read."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

from hotline import city, clock, db
from sla.timetable import DUE

RULE = "sweep.late_minutes"
EVERY = 10.0
"""Seconds between two notes of a sweep that had nothing to do: a row a second would only make work."""
WAIT = 0.25
"""Seconds between two looks of who gives way."""
_NOTE = """
    INSERT INTO sweep_mark (name, at, acts, late_seconds) VALUES ('clocks', $1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, late_seconds = excluded.late_seconds,
        acts = CASE WHEN excluded.acts > 0 THEN excluded.acts ELSE sweep_mark.acts END
"""
_noted: dict[str, float] = {}


async def note(moment: datetime, acts: int, *, is_clear: bool = False) -> None:
    """Note a finished sweep: how much it did and how late the oldest act is that it had to leave.

    ``is_clear``: it has just asked and nothing waits, so that nobody need ask again; most seconds are so.
    """
    is_time = time.monotonic() - _noted.get("clocks", 0.0) >= EVERY
    if is_clear and not acts and not is_time:
        return
    async with db.reading() as connection:
        late = 0.0 if is_clear else await behind(connection, moment)
        if acts or late or is_time:
            await connection.execute(_NOTE, moment, acts, late)
            _noted["clocks"] = time.monotonic()


async def behind(connection: db.Connection, moment: datetime) -> float:
    """Seconds by which the oldest act that was not done is late at ``moment``; 0 when none is."""
    oldest = await connection.fetchrow(DUE, moment, 1, [])
    return max(0.0, (moment - oldest["due_at"]).total_seconds()) if oldest is not None else 0.0


async def give_way(connection: db.Connection, until: float) -> None:
    """Let the sweep catch up first: returns once nothing is a second late, or ``time.monotonic()`` is ``until``.

    For work that is long and may wait: a figure may be a minute old, a reminder may not.
    """
    while time.monotonic() < until and await behind(connection, clock.now()) > 1:  # noqa: ASYNC110 - other processes
        await asyncio.sleep(WAIT)


async def alarm(connection: db.Connection) -> timedelta | None:
    """By how much acts are late now, when that is more than the rule allows; None when all is in time."""
    late = timedelta(seconds=await behind(connection, clock.now()))
    return late if late > most() else None


def most() -> timedelta:
    """By how much an act may be late before it counts as late."""
    return timedelta(minutes=float(city.current().rule(RULE)))
