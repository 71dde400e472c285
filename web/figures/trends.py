"""More than last year? A line of these days, last year's same weekdays in grey behind it, holidays shaded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from hotline import city, clock
from hotline.errors import Say
from sla import calendar
from sla.facts import Figure
from sla.measures import MEASURES
from web.chart import Chart, Line, Series
from web.figures.room import Room, shown
from web.figures.spans import YEAR, Span

SHORT = 14
"""A line needs a few days: fewer are shown with those before."""
BY = {"day": Say("日", "Day"), "week": Say("周（周一）", "Week (Monday)"), "month": Say("月", "Month")}


async def trend(room: Room, measure: str = "requests") -> Chart:
    """The chart; one day or week stands at the end of the fortnight up to it."""
    span = room.span
    if span.days < SHORT:
        span = Span(code="", first=span.end - timedelta(days=SHORT), end=span.end)
    each = span.each
    past_span = span.year_before if each != "month" else Span(
        code="", first=_year_back(span.first), end=_year_back(span.end)
    )  # fmt: skip
    now = {one.first: one for one in await room.counted([measure], span=span, each=each)}
    past = {one.first: one for one in await room.counted([measure], span=past_span, each=each)}
    points = _points(span, each) if now or past else []
    before = [_year_back(one) if each == "month" else one - timedelta(days=YEAR) for one in points]
    names = [_name(one, each) for one in points]
    today = clock.today()
    is_rate = MEASURES[measure].is_rate

    def value(found: Mapping[date | None, Figure], day: date) -> float | None:
        one = found.get(day)
        if is_rate:
            return round(one.rate, 1) if one is not None and one.rate is not None else None
        return one.total if one is not None else None if day > today else 0

    named = MEASURES[measure].name
    rows = [
        Line(name=name, cells=[shown(now.get(a), measure), shown(past.get(b), measure)], link=room.link(
            measure, span=_of(a, each, span)
        ))
        for name, a, b in zip(names, points, before, strict=True)
    ]  # fmt: skip
    return room.chart(
        "trend", Say(
            f"{named.zh}比去年{'高' if is_rate else '多'}吗？",
            f"{named.en}: {'higher' if is_rate else 'more'} than last year?",
        ), by=BY[each], names=names,
        heads=[Say("本期", "These days"), Say("去年同星期", "Last year, same weekdays")], rows=rows,
        unit=Say("%", "%") if is_rate else Say("件", ""), is_whole=not is_rate,
        series=[
            Series(name=Say("去年同星期", "Last year, same weekdays"), kind="line", look="past",
                   data=[value(past, one) for one in before]),
            Series(name=Say("本期", "These days"), kind="line", data=[value(now, one) for one in points],
                   shaded=_rests(points, names) if each == "day" else ()),
        ],
    )  # fmt: skip


def _year_back(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _points(span: Span, each: str) -> list[date]:
    if each == "day":
        return [span.first + timedelta(days=n) for n in range(span.days)]
    found, one = [], span.first - timedelta(days=span.first.weekday()) if each == "week" else span.first.replace(day=1)
    while one < span.end:
        found.append(one)
        one = one + timedelta(days=7) if each == "week" else (one + timedelta(days=32)).replace(day=1)
    return found


def _of(first: date, each: str, span: Span) -> Span:
    """The days that a point stands for, within the span."""
    end = first + timedelta(days={"day": 1, "week": 7}.get(each, 0)) if each != "month" else (
        first + timedelta(days=32)
    ).replace(day=1)  # fmt: skip
    return Span(code="", first=max(first, span.first), end=min(end, span.end))


def _name(day: date, each: str) -> Say:
    text = f"{day:%Y-%m}" if each == "month" else f"{day:%m-%d}"
    return Say(text, text)


def _rests(points: list[date], names: list[Say]) -> list[tuple[str, str]]:
    """Holidays that are no plain weekends, each day shaded."""
    days = calendar.of(city.current())
    return [
        (name.zh, name.zh) for one, name in zip(points, names, strict=True)
        if one in days.days and not days.is_working(one)
    ]  # fmt: skip
