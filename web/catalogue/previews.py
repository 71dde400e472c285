"""What a change of the catalogue would do: the open cases that would lie elsewhere, and places left without a unit."""

from __future__ import annotations

import asyncio
from datetime import date

import msgspec

from hotline import city, clock, db
from routing import book, catalogue_verbs, gaps, shifts
from routing.catalogue_verbs import Difference
from routing.gaps import Gap
from routing.shifts import Shifts


class Preview(msgspec.Struct, frozen=True):
    """The cases that a change would move from its day on, and the gaps it would leave. Nothing is moved by it."""

    on: date
    shifts: Shifts
    gaps: tuple[Gap, ...]


async def of(change: Difference, from_day: date, matter: str = "") -> Preview:
    """Try a change on the open cases as they stand; ``matter`` narrows to the matters that it can touch."""
    snapshot, standing = city.current(), book.current()
    day = max(from_day, clock.today())
    trial = catalogue_verbs.after(standing, change, from_day)
    async with db.reading() as connection:
        moved = await shifts.moved(connection, standing, trial, day, snapshot, matter=matter)
    found = await asyncio.to_thread(gaps.check, day, snapshot, trial)
    return Preview(day, moved, found.gaps)
