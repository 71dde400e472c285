"""A small picture of counts with the band of the usual, as numbers for an SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from hotline import clock
from hotline.errors import Say
from sla.hot_nouns import Point

WIDTH, HEIGHT, EDGE = 240, 80, 6


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One window in words, for the table beside the picture."""

    when: Say
    observed: int
    low: int
    expected: float
    high: int
    is_over: bool


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What the SVG draws: the band's outline, the line of the usual, of what came, and its last dot."""

    band: str
    usual: str
    line: str
    dots: tuple[tuple[float, float, bool], ...]
    last: tuple[float, float]
    top: int
    rows: tuple[Row, ...]


def draw(points: Sequence[Point], hours: int, seen_at: datetime) -> Picture:
    """The picture of an issue's windows, the oldest on the left."""
    top = max([1, *(one.observed for one in points), *(one.high for one in points)])
    step = (WIDTH - 2 * EDGE) / max(len(points) - 1, 1)

    def at(n: int, value: float) -> tuple[float, float]:
        return round(EDGE + n * step, 1), round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / top, 1)

    upper = [at(n, one.high) for n, one in enumerate(points)]
    lower = [at(n, one.low) for n, one in enumerate(points)]
    dots = tuple((*at(n, one.observed), one.observed > one.high) for n, one in enumerate(points))
    return Picture(
        band=_path([*upper, *reversed(lower)]), usual=_path([at(n, one.expected) for n, one in enumerate(points)]),
        line=_path([dot[:2] for dot in dots]), dots=dots, last=dots[-1][:2] if dots else (0, 0), top=top,
        rows=tuple(
            Row(when=window(one.back, hours, seen_at), observed=one.observed, low=one.low, expected=one.expected,
                high=one.high, is_over=one.observed > one.high)
            for one in points
        ),
    )  # fmt: skip


def _path(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def window(back: int, hours: int, seen_at: datetime) -> Say:
    """When a window was: its day and hours, its last day, or its week."""
    end = clock.local(seen_at - timedelta(hours=max(hours, 24) * back))
    if hours == 3:
        begin = end - timedelta(hours=3)
        return Say(f"{end:%m-%d} {begin:%H:%M}–{end:%H:%M}", f"{end.day} {end:%b}, {begin:%H:%M}–{end:%H:%M}")
    if hours == 24:
        return Say(f"到 {end:%m-%d %H:%M} 的 24 小时", f"24 h to {end.day} {end:%b} {end:%H:%M}")
    return Say(f"到 {end:%m-%d} 的 7 天", f"7 days to {end.day} {end:%b}")


def bars(series: Sequence[int], width: int = 96, height: int = 24) -> list[tuple[float, float, float, float]]:
    """Columns of a row's picture: x, y, width, height of each."""
    top, step = max([1, *series]), width / max(len(series), 1)
    tall = [round(height * value / top, 1) for value in series]
    return [(round(n * step, 1), round(height - one, 1), round(step - 2, 1), one) for n, one in enumerate(tall)]
