"""Which days a board is about: today, this week, month or year, or any; and the same weekdays before and last year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from hotline import clock
from hotline.errors import Refusal, Say

MOST_DAYS = 1096
YEAR = 364
"""Days back to the same weekday of last year."""
SPANS: dict[str, Say] = {
    "today": Say("今天", "Today"),
    "week": Say("本周", "This week"),
    "month": Say("本月", "This month"),
    "year": Say("今年", "This year"),
}
_WRONG = Say(
    "日期写成 2026-11-25 这样，开始不晚于结束，最长三年。",
    "Dates like 2026-11-25, in order, three years at most.",
)


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Local days from ``first`` up to, not including, ``end``; ``code`` one of SPANS or "" for chosen days."""

    code: str
    first: date
    end: date

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days."""
        return (self.end - self.first).days

    def back(self, days: int) -> Span:
        """The span so many days earlier."""
        return Span(code="", first=self.first - timedelta(days=days), end=self.end - timedelta(days=days))

    @property
    def before(self) -> Span:
        """The same weekdays just before."""
        return self.back(7 * -(-self.days // 7))

    @property
    def year_before(self) -> Span:
        """The same weekdays of last year."""
        return self.back(YEAR)

    @property
    def each(self) -> str:
        """By what a line of time goes: days, weeks or months."""
        return "day" if self.days <= 62 else "week" if self.days <= 400 else "month"

    @property
    def query(self) -> dict[str, str]:
        """The values of an address that name it."""
        return {"span": self.code} if self.code else {"from": str(self.first), "to": str(self.last)}

    def say(self) -> Say:
        """The days in words."""
        if self.days == 1:
            return Say(f"{self.first}", f"{self.first}")
        return Say(f"{self.first} 至 {self.last}", f"{self.first} to {self.last}")


def named(code: str) -> Span:
    """One of SPANS, up to today."""
    today = clock.today()
    first = {
        "today": today, "week": today - timedelta(days=today.weekday()), "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[code]  # fmt: skip
    return Span(code=code, first=first, end=today + timedelta(days=1))


def asked(query: Mapping[str, str]) -> Span:
    """What the address asks for; this month by default. Raises the 422 refusal for days that cannot be."""
    if not query.get("from") and not query.get("to"):
        code = query.get("span", "")
        return named(code if code in SPANS else "month")
    try:
        last = date.fromisoformat(query["to"]) if query.get("to") else clock.today()
        first = date.fromisoformat(query["from"]) if query.get("from") else last.replace(day=1)
    except ValueError:
        raise _wrong() from None
    if not 0 <= (last - first).days < MOST_DAYS or not 2000 <= first.year <= last.year <= 2199:
        raise _wrong()
    return Span(code="", first=first, end=last + timedelta(days=1))


def _wrong() -> Refusal:
    return Refusal(422, "wrong_dates", _WRONG, fields={"from": _WRONG})
