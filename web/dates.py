"""Moments and days in words: 11月27日（周五）18:00 / Fri 27 Nov, 18:00; short for staff: 11-27 18:00. Pure."""

from __future__ import annotations

from datetime import date, datetime

from hotline.clock import local

_WEEK_ZH = "一二三四五六日"
_WEEK_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def long_day(day: date, lang: str, *, this_year: int) -> str:
    """``11月27日（周五）`` / ``Fri 27 Nov``; another year is named."""
    if lang == "en":
        year = "" if day.year == this_year else f" {day.year}"
        return f"{_WEEK_EN[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}{year}"
    year = "" if day.year == this_year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日（周{_WEEK_ZH[day.weekday()]}）"


def long_moment(moment: datetime, lang: str, *, this_year: int) -> str:
    """``11月27日（周五）18:00`` / ``Fri 27 Nov, 18:00`` on the city's clock."""
    here = local(moment)
    between = ", " if lang == "en" else ""
    return f"{long_day(here.date(), lang, this_year=this_year)}{between}{here:%H:%M}"


def short_day(day: date, *, this_year: int) -> str:
    """``11-27``, or ``2025-11-27`` of another year."""
    return f"{day:%m-%d}" if day.year == this_year else f"{day:%Y-%m-%d}"


def short_moment(moment: datetime, *, this_year: int) -> str:
    """``11-27 18:00`` for staff."""
    here = local(moment)
    return f"{short_day(here.date(), this_year=this_year)} {here:%H:%M}"


def clock_time(moment: datetime) -> str:
    """``10:32``."""
    return f"{local(moment):%H:%M}"
