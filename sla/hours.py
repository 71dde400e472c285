"""The hours of a working day as people write them: read, or refused with the rule that they break. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from hotline.errors import Say

Hours = tuple[tuple[float, float], ...]
"""Intervals of a day in hours of the local clock, in order, with gaps between."""
SHAPE = "09:00-12:00 13:30-18:00"
_PART = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)")
_Edge = tuple[int, int]


def read_hours(text: str) -> Hours:
    """Read ``09:00-12:00 13:30-18:00``. Raises ValueError unless it is intervals in order that do not overlap."""
    if fault(text) is not None:
        msg = f"working hours must look like {SHAPE}: {text!r}"
        raise ValueError(msg)
    return tuple((a / 60, b / 60) for a, b in _parts(text) or ())


def tidy(text: str) -> str:
    """Hours as somebody typed them (full-width signs, commas, one digit) in the form that is kept."""
    plain = re.sub(r"[,，;；、/\s]+", " ", re.sub(r"\s*[-–—~～至]\s*", "-", text.replace("：", ":"))).strip()
    return " ".join(re.sub(r"(?<!\d)(\d):", r"0\1:", part) for part in plain.split(" "))


def fault(text: str) -> Say | None:
    """The rule that these hours break, None when they are good."""
    parts = _parts(text)
    if not text.strip():
        return Say("至少要有一个时段，如 09:00-12:00。", "A working day needs an interval, such as 09:00-12:00.")
    if parts is None:
        return Say(f"请写成 {SHAPE}。", f"Write it as {SHAPE}.")
    return next((say(*found) for is_broken, say in _RULES if (found := is_broken(parts)) is not None), None)


def _parts(text: str) -> list[_Edge] | None:
    """The intervals in minutes of the day; None where something else stands."""
    found = [_PART.fullmatch(part) for part in text.split()]
    if any(one is None for one in found):
        return None
    numbers = [[int(n) for n in one.groups()] for one in found if one is not None]
    return [(a * 60 + b, c * 60 + d) if max(b, d) < 60 else (-1, -1) for a, b, c, d in numbers]


def _beyond(parts: list[_Edge]) -> tuple[int, int] | None:
    return next((one for one in parts if min(one) < 0 or max(one) > 24 * 60), None)


def _backward(parts: list[_Edge]) -> tuple[int, int] | None:
    return next((one for one in parts if one[1] <= one[0]), None)


def _overlapping(parts: list[_Edge]) -> tuple[int, int] | None:
    return next(((a[1], b[0]) for a, b in pairwise(sorted(parts)) if b[0] < a[1]), None)


def _touching(parts: list[_Edge]) -> tuple[int, int] | None:
    return next(((a[1], b[0]) for a, b in pairwise(sorted(parts)) if b[0] == a[1]), None)


def _unordered(parts: list[_Edge]) -> tuple[int, int] | None:
    return next(((a[0], b[0]) for a, b in pairwise(parts) if b[0] < a[0]), None)


def _at(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


_RULES: tuple[tuple[Callable[[list[_Edge]], tuple[int, int] | None], Callable[[int, int], Say]], ...] = (
    (_beyond, lambda _a, _b: Say("钟点从 00:00 到 24:00。", "Hours run from 00:00 to 24:00.")),
    (_backward, lambda a, b: Say(
        f"{_at(a)}-{_at(b)}：一段的结束要晚于它的开始；跨过半夜的请分写两段。",
        f"{_at(a)}-{_at(b)}: an interval ends after it begins; write one across midnight as two.",
    )),
    (_overlapping, lambda a, b: Say(
        f"两个时段重叠：前一段到 {_at(a)}，后一段从 {_at(b)} 开始。",
        f"Two intervals overlap: one ends at {_at(a)}, the next begins at {_at(b)}.",
    )),
    (_touching, lambda a, _b: Say(
        f"两段在 {_at(a)} 相接，请合成一段。", f"Two intervals meet at {_at(a)}; write them as one."
    )),
    (_unordered, lambda a, b: Say(
        f"请从早到晚写：{_at(b)} 在 {_at(a)} 之前。", f"Write them from early to late: {_at(b)} comes before {_at(a)}."
    )),
)  # fmt: skip
