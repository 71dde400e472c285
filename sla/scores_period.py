"""Periods of scores: a month "2026-10", a quarter "2026-Q3", a year "2026"; and the parts of a longer one. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

import msgspec

from hotline.errors import Say

_FORM = re.compile(r"(\d{4})(?:-(?:(\d\d)|Q([1-4])))?")
FIRST_YEAR, LAST_YEAR = 2000, 2199
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """``first`` is its first day, ``end`` the day after its last; ``kind`` is month, quarter or year."""

    text: str
    kind: str
    first: date
    end: date

    @property
    def name(self) -> Say:
        """As people call it."""
        year = self.first.year
        if self.kind == "year":
            return Say(f"{year} 年", str(year))
        if self.kind == "quarter":
            n = (self.first.month + 2) // 3
            return Say(f"{year} 年第 {n} 季度", f"Q{n} {year}")
        return Say(f"{year} 年 {self.first.month} 月", f"{MONTHS[self.first.month - 1]} {year}")

    def is_over(self, today: date) -> bool:
        """Nothing of it is to come."""
        return today >= self.end

    def parts(self, cycle: str) -> list[Period]:
        """The months or quarters that it consists of."""
        step = 3 if cycle == "quarter" else 1
        found, at = [], self.first
        while at < self.end:
            found.append(of(at, cycle))
            at = _later(at, step)
        return found

    def before(self) -> Period:
        """The period of the same kind before this."""
        return of(self.first - timedelta(days=1), self.kind)


def read(text: str) -> Period | None:
    """The period that a text names; None when it names none."""
    match = _FORM.fullmatch(text)
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return None
    year = int(match[1])
    if match[3]:
        return of(date(year, 3 * int(match[3]) - 2, 1), "quarter")
    if match[2]:
        return of(date(year, int(match[2]), 1), "month") if 1 <= int(match[2]) <= 12 else None
    return of(date(year, 1, 1), "year")


def of(day: date, kind: str) -> Period:
    """The month, quarter or year that a day is in."""
    if kind == "year":
        return Period(text=f"{day.year}", kind=kind, first=date(day.year, 1, 1), end=date(day.year + 1, 1, 1))
    if kind == "quarter":
        n = (day.month + 2) // 3
        first = date(day.year, 3 * n - 2, 1)
        return Period(text=f"{day.year}-Q{n}", kind=kind, first=first, end=_later(first, 3))
    first = day.replace(day=1)
    return Period(text=f"{first:%Y-%m}", kind="month", first=first, end=_later(first, 1))


def _later(first: date, months: int) -> date:
    n = first.year * 12 + first.month - 1 + months
    return date(n // 12, n % 12 + 1, 1)
