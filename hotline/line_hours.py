"""A line's opening hours: weekly intervals as people write them, read, written the one way, and asked. Pure.

``00:00-24:00`` is always; ``Mo-Fr 09:00-12:00,13:30-17:00; Sa 09:00-12:00`` names its days; ``22:00-06:00`` runs past
midnight and belongs to the day on which it begins. A public holiday has Sunday's hours, a make-up working day Monday's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from hotline.errors import Say

CITY_ZONE = ZoneInfo("Asia/Shanghai")
ALWAYS = "00:00-24:00"
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MOST = 200
_ZH = "一二三四五六日"
_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = 24 * 60
_MONDAY, _SUNDAY = 0, 6
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_SPAN = re.compile(rf"({_TIME})-({_TIME}|24:00)")
_NAMES = re.compile(r"(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?")

Span = tuple[int, int]
"""Minutes after the day's midnight; the end may lie behind the next one."""
Week = tuple[tuple[Span, ...], ...]
"""Monday to Sunday."""


class Special(Protocol):
    """What is asked of a day that differs from Monday to Friday."""

    @property
    def is_working(self) -> bool:
        """A make-up day, else a holiday."""


@lru_cache(maxsize=256)
def read(text: str) -> Week:
    """The week that the text means. ValueError when it means none: unknown day, no time, intervals that overlap."""
    week: list[list[Span]] = [[] for _ in DAYS]
    for part in filter(None, (one.strip() for one in _plain(text).split(";"))):
        days, _, spans = part.rpartition(" ")
        for day in _days(days):
            week[day] += [_span(one) for one in spans.split(",")]
    if not any(week):
        raise ValueError(text)
    return tuple(_apart(day) for day in week)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("、", ",").replace("—", "-").replace("–", "-").replace("~", "-")
    return re.sub(r"\s+", " ", re.sub(r"\s*([-,;])\s*", r"\1", text)).strip()


def _days(names: str) -> Iterator[int]:
    for name in names.split(",") if names else ["Mo-Su"]:
        if not _NAMES.fullmatch(name):
            raise ValueError(name)
        first, _, last = name.partition("-")
        at, end = DAYS.index(first), DAYS.index(last or first)
        yield from range(at, end + 1) if at <= end else (*range(at, 7), *range(end + 1))


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    start, end = (int(one[:2]) * 60 + int(one[3:]) for one in found.groups())
    if start == end:
        raise ValueError(text)
    return start, end if end > start else end + _DAY


def _apart(spans: list[Span]) -> tuple[Span, ...]:
    ordered = tuple(sorted(spans))
    if any(after[0] < before[1] for before, after in pairwise(ordered)):
        raise ValueError(ordered)
    return ordered


def write(text: str) -> str:
    """The same hours written the one way: days that are alike stand together. ValueError as ``read``."""
    return "; ".join(f"{names} {spans}".strip() for names, spans in _groups(read(text), _names))


def _groups(week: Week, name: Callable[[list[int]], str]) -> Iterator[tuple[str, str]]:
    done: set[int] = set()
    for day, spans in enumerate(week):
        if not spans or day in done:
            continue
        alike = [one for one in range(day, 7) if week[one] == spans]
        done.update(alike)
        yield name(alike), ",".join(f"{_clock(a)}-{_clock(b)}" for a, b in spans)


def _clock(minute: int) -> str:
    minute = minute if minute <= _DAY else minute - _DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def _runs(days: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _names(days: list[int]) -> str:
    if len(days) == len(DAYS):
        return ""
    return ",".join(DAYS[run[0]] + (f"-{DAYS[run[-1]]}" if len(run) > 1 else "") for run in _runs(days))


def _names_zh(days: list[int]) -> str:
    if len(days) == len(DAYS):
        return "每天"
    return "、".join(f"周{_ZH[run[0]]}" + (f"至周{_ZH[run[-1]]}" if len(run) > 1 else "") for run in _runs(days))


def _names_en(days: list[int]) -> str:
    if len(days) == len(DAYS):
        return "daily"
    return ", ".join(_EN[run[0]] + (f" to {_EN[run[-1]]}" if len(run) > 1 else "") for run in _runs(days))


def say(text: str) -> Say:
    """The hours as a reader takes them: 周一至周五 09:00-17:00."""
    week = read(text)
    if all(day == ((0, _DAY),) for day in week):
        return Say("全天 24 小时", "around the clock")
    zh = "；".join(f"{names} {spans.replace(',', '、')}" for names, spans in _groups(week, _names_zh))
    en = "; ".join(f"{names} {spans.replace(',', ', ')}" for names, spans in _groups(week, _names_en))
    return Say(zh, en)


def is_open(text: str, at: datetime, days: Mapping[date, Special]) -> bool:
    """Whether the hours hold the moment, on the city's clock and calendar."""
    week, local = read(text), at.astimezone(CITY_ZONE)
    today, minute = local.date(), local.hour * 60 + local.minute
    yesterday = today - timedelta(days=1)
    return any(a <= minute < b for a, b in week[_weekday(today, days)]) or any(
        minute + _DAY < b for _, b in week[_weekday(yesterday, days)]
    )


def _weekday(day: date, days: Mapping[date, Special]) -> int:
    special = days.get(day)
    if special is None:
        return day.weekday()
    return _MONDAY if special.is_working else _SUNDAY
