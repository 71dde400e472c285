"""The hours before a moment, newest first: which kind of day each is of, and how busy such hours are. Pure.

A make-up day (调休上班) is a working day, a statutory holiday is a kind of its own: people call otherwise on each.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from hotline import clock
from sla.calendar import Calendar

WORKING, WEEKEND, HOLIDAY = 0, 1, 2
KINDS = 3
Array = np.ndarray[Any, np.dtype[Any]]
_CITY_HOURS = 3.0
"""Hours of the general shape that stand behind each kind of hour of the city."""
_GROUP_CASES = 40.0
"""Cases of the city's shape that stand behind a group of matters: few cases make no shape of their own."""


def cells(calendar: Calendar, as_of: datetime, count: int) -> Array:
    """For the hour that ended k hours before ``as_of`` the cell of its kind: kind of day × 24 + hour of the day."""
    found = np.empty(count, dtype=np.int64)
    kinds: dict[Any, int] = {}
    for k in range(count):
        moment = clock.local(as_of - timedelta(hours=k, minutes=30))
        day = moment.date()
        if day not in kinds:
            kinds[day] = kind_of(calendar, day)
        found[k] = kinds[day] * 24 + moment.hour
    return found


def kind_of(calendar: Calendar, day: Any) -> int:
    """Working day, weekend or statutory holiday."""
    if calendar.is_working(day):
        return WORKING
    return HOLIDAY if day in calendar.days else WEEKEND


def city_shape(hours: Array, kinds: Array, since: int, known: Array) -> Array:
    """How busy each kind of hour is against the mean hour, from the cases of the known hours from ``since`` on."""
    lengths = _lengths(kinds, since, known)
    past = hours[hours >= since]
    counts = np.bincount(kinds[past], minlength=KINDS * 24).astype(float)
    mean = max(past.size / max(lengths.sum(), 1), 1e-9)
    by_hour = counts.reshape(KINDS, 24).sum(0) / np.maximum(lengths.reshape(KINDS, 24).sum(0), 1)
    general = np.tile(np.where(by_hour > 0, by_hour, mean * 0.05), KINDS)
    shape: Array = (counts + _CITY_HOURS * general) / (lengths + _CITY_HOURS) / mean
    return shape


def _lengths(kinds: Array, since: int, known: Array) -> Array:
    """Known hours of each kind."""
    return np.bincount(kinds[since:], weights=known[since:].astype(float), minlength=KINDS * 24)


def group_shape(hours: Array, kinds: Array, since: int, city: Array, known: Array) -> Array:
    """The same of one group of matters, leaning on the city's shape where its cases are few."""
    lengths = _lengths(kinds, since, known)
    past = hours[hours >= since]
    mean = max(past.size / max(lengths.sum(), 1), 1e-9)
    behind = _GROUP_CASES / (mean * 24)
    counts = np.bincount(kinds[past], minlength=KINDS * 24)
    shape: Array = (counts + behind * mean * city) / (lengths + behind) / mean
    return shape
