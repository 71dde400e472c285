"""The picture of a run: two lines for the queue as it was and in the trial, and a column a week of broken promises."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sla.replay import Week

LEFT, RIGHT, TOP, MIDDLE, BOTTOM = 56, 704, 16, 176, 276
"""In the picture's own units: lines stand between TOP and MIDDLE, columns between MIDDLE + 12 and BOTTOM."""
_TICKS = 8


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One week: the columns of promises broken as it was (grey) and in the trial, and its label if it has room."""

    x: float
    width: float
    was: float
    then: float
    label: str
    week: Week


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Points of both lines and the columns; ``most`` are the highest figures, for the scale."""

    was: str
    then: str
    columns: list[Column]
    most_queue: int
    most_broken: int


def drawn(weeks: Sequence[Week], *, has_staff: bool) -> Chart:
    """The chart: the open cases where hands were changed, else those past due, for only they can differ."""
    name = "queue" if has_staff else "overdue"
    was, then = [getattr(one, name) for one in weeks], [getattr(one, f"{name}_then") for one in weeks]
    most = max([*was, *then, 1])
    broken = max([max(one.broken, one.would_break) for one in weeks] or [1]) or 1
    step = (RIGHT - LEFT) / max(len(weeks), 1)
    every = max(1, -(-len(weeks) // _TICKS))
    columns = [
        Column(
            x=round(LEFT + n * step + step * 0.1, 1), width=round(step * 0.4, 1), was=_height(one.broken, broken),
            then=_height(one.would_break, broken), label=f"{one.week:%m-%d}" if n % every == 0 else "", week=one,
        )
        for n, one in enumerate(weeks)
    ]  # fmt: skip
    return Chart(
        was=_line(was, most, step), then=_line(then, most, step), columns=columns, most_queue=most, most_broken=broken
    )


def _height(n: int, most: int) -> float:
    return round((BOTTOM - MIDDLE - 12) * n / most, 1)


def _line(values: Sequence[int], most: int, step: float) -> str:
    """Points of a polyline, a week in the middle of its column."""
    return " ".join(
        f"{LEFT + (n + 0.5) * step:.1f},{MIDDLE - (MIDDLE - TOP) * value / most:.1f}" for n, value in enumerate(values)
    )
