"""Which days a bulletin is of, and with which it compares itself. Pure."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from hotline.errors import Say, invalid

KINDS: dict[str, Say] = {
    "daily": Say("日报", "Daily bulletin"),
    "weekly": Say("周报", "Weekly bulletin"),
    "monthly": Say("月报", "Monthly bulletin"),
    "quarterly": Say("季报", "Quarterly bulletin"),
    "yearly": Say("年报", "Yearly bulletin"),
    "special": Say("专报", "Special report"),
    "inspection": Say("督查通报", "Inspection bulletin"),
}
FREE = frozenset({"special", "inspection"})
"""Kinds whose first and last day a person chooses."""
_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
LONGEST = 1100
"""Days: three years, and a little."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """From ``first`` to ``last``, both of them in it."""

    kind: str
    first: date
    last: date

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.last + timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.first).days

    @property
    def before(self) -> Span:
        """The one before it, of the same length or the same kind of calendar."""
        if self.kind in _MONTHS:
            return of(self.kind, self.first - timedelta(days=1))
        return Span(kind=self.kind, first=self.first - timedelta(days=self.days), last=self.first - timedelta(days=1))

    @property
    def year_ago(self) -> Span:
        """The same days of the year before: whole months as months, weeks as the weekdays 52 weeks before."""
        if self.kind in _MONTHS:
            return of(self.kind, self.first.replace(year=self.first.year - 1))
        back = timedelta(days=364)
        return Span(kind=self.kind, first=self.first - back, last=self.last - back)

    @property
    def name(self) -> Say:
        """How people call it: 2026 年 10 月."""
        first, last = self.first, self.last
        if self.kind == "yearly":
            return Say(f"{first.year} 年", str(first.year))
        if self.kind == "quarterly":
            n = (first.month + 2) // 3
            return Say(f"{first.year} 年第 {'一二三四'[n - 1]}季度", f"quarter {n} of {first.year}")
        if self.kind == "monthly":
            return Say(f"{first.year} 年 {first.month} 月", f"{first:%B %Y}")
        if first == last:
            return Say(f"{first.year} 年 {first.month} 月 {first.day} 日", f"{first.day} {first:%B %Y}")
        year = "" if first.year == last.year else f"{last.year} 年 "
        return Say(
            f"{first.year} 年 {first.month} 月 {first.day} 日至 {year}{last.month} 月 {last.day} 日",
            f"{first.day} {first:%B}{'' if not year else first.strftime(' %Y')} to {last.day} {last:%B %Y}",
        )


def of(kind: str, day: date) -> Span:
    """The period of a kind that holds the day; a free one is the day alone."""
    if kind == "weekly":
        first = day - timedelta(days=day.weekday())
        return Span(kind=kind, first=first, last=first + timedelta(days=6))
    months = _MONTHS.get(kind)
    if months is None:
        return Span(kind=kind, first=day, last=day)
    first = day.replace(month=day.month - (day.month - 1) % months, day=1)
    after = first
    for _ in range(months):
        after = (after + timedelta(days=32)).replace(day=1)
    return Span(kind=kind, first=first, last=after - timedelta(days=1))


def last_full(kind: str, today: date) -> Span:
    """The latest period of a kind that is over."""
    return of(kind, of(kind, today).first - timedelta(days=1))


def free(kind: str, first: date, last: date) -> Span:
    """A period between two chosen days; 422 when they are in the wrong order or too far apart."""
    if last < first:
        raise invalid({"last": Say("最后一天不能早于第一天。", "The last day is before the first.")})
    if (last - first).days > LONGEST:
        raise invalid({"last": Say("最多写三年。", "Three years at most.")})
    if first.year < 2001 or last.year > 2999:
        raise invalid({"first": Say("请核对年份。", "Check the year.")})
    return Span(kind=kind, first=first, last=last)
