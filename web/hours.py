"""The picture of today by the hour: a column for each office hour and every other with something due. Pure."""

from __future__ import annotations

import msgspec

OFFICE = range(9, 18)
HEIGHT, STEP = 96, 44


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One hour's column: geometry in the picture's own units; ``is_past`` has passed already."""

    hour: int
    n: int
    x: int
    height: int
    is_past: bool


def bars(hours: dict[int, int], now: int) -> list[Bar]:
    """The columns of a day, of how many in each hour; ``now`` is the hour it is."""
    most = max(hours.values(), default=0) or 1
    wanted = sorted({*OFFICE, *hours})
    return [
        Bar(
            hour=hour,
            n=hours.get(hour, 0),
            x=24 + n * STEP,
            height=round(HEIGHT * hours.get(hour, 0) / most),
            is_past=hour < now,
        )
        for n, hour in enumerate(wanted)
    ]
