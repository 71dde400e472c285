"""Deadlines beside the lead (并联, 000-12): each co-handler has its own, the lead's never precedes an open one. Pure.

A co-handler is due ``co.before`` working days before the lead, or after ``co.share`` percent of the time that the lead
has left (always so for promises in hours), and has at least ``co.least`` working days or ``co.least_hours`` hours.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from hotline import city, clock
from hotline.errors import Refusal, conflict
from sla import calendar, history, targets
from sla.calendar import Calendar
from sla.rows import ClockRow

_HOUR = timedelta(hours=1)
_PARTS = 10_000
"""A row keeps the ten-thousandth part of an hour."""


class Rules(msgspec.Struct, frozen=True):
    """The city's numbers for co-handling."""

    before: int
    share: float
    least: int
    least_hours: float


def rules(snapshot: city.City) -> Rules:
    """The rules ``co.…`` of a city; whatever it sets, a co-handler gets a day or some time at least."""
    return Rules(
        before=max(0, int(snapshot.rule("co.before"))), share=float(snapshot.rule("co.share")) / 100,
        least=max(1, int(snapshot.rule("co.least"))), least_hours=max(0.25, float(snapshot.rule("co.least_hours"))),
    )  # fmt: skip


def fit(row: ClockRow, lead: ClockRow) -> None:
    """Give a co-handler's fresh finish clock its place before the lead's. It may end after it: see ``follow``."""
    snapshot = city.current()
    days, wanted = calendar.of_unit(snapshot, row.unit), rules(snapshot)
    amount = _whole(_amount(days, wanted, row.started_at, lead))
    _put(days, row, lead.measure, amount, targets.ends(days, row.started_at, lead.measure, amount))


def _amount(days: Calendar, wanted: Rules, start: datetime, lead: ClockRow) -> float:
    """How much of the lead's own measure a co-handler gets from ``start``."""
    if lead.measure == "wd":
        left = max(0, days.working_days_between(start, lead.due_at))
        own = left - wanted.before if wanted.before else int(left * wanted.share)
        return max(own, wanted.least)
    if lead.measure == "h":
        return max(days.working_hours_between(start, lead.due_at) * wanted.share, wanted.least_hours)
    return max((lead.due_at - start) / _HOUR * wanted.share, wanted.least_hours)


def is_running(lead: ClockRow, now: datetime) -> bool:
    """Whether the lead's promise can still be moved: a broken one stays as it was broken."""
    return lead.stopped_at is None and lead.breached_at is None and lead.due_at > now


def follow(lead: ClockRow, due: datetime) -> None:
    """Move the lead's promise so that it does not end before ``due``, in its own measure: its amount grows.

    What its pauses and extensions added stays beside that, so that it is not added twice when it is reckoned anew.
    """
    days, acts = calendar.of_unit(city.current(), lead.unit), history.read(lead.history)
    amount = float(lead.amount)
    if lead.measure == "wd":
        amount = max(1, int(amount))
        while history.reckon(days, lead.started_at, "wd", amount, acts)[0] < due:
            amount += 1
    elif lead.measure == "h":
        amount = _whole(amount + days.working_hours_between(lead.due_at, due))
    else:
        amount = _whole(amount + (due - lead.due_at) / _HOUR)
    _put(days, lead, lead.measure, amount, history.reckon(days, lead.started_at, lead.measure, amount, acts))


def _whole(amount: float) -> float:
    """The amount as the row keeps it, never less: a date reckoned anew from the row is the very same one."""
    return math.ceil(round(amount * _PARTS, 3)) / _PARTS


def _put(days: Calendar, row: ClockRow, measure: str, amount: float, end: tuple[datetime, bool]) -> None:
    row.measure, row.amount = measure, Decimal(str(amount))
    row.due_at, row.is_provisional = end
    promise = targets.Promise(
        stage=row.stage, profile=row.profile, start=row.started_at, due_at=row.due_at,
        provisional=row.is_provisional, unit=measure, amount=float(row.amount),
    )  # fmt: skip
    row.warn_at = targets.warn_at(days, promise)


def no_room(lead: ClockRow) -> Refusal:
    """The 409 for whoever may not move the lead's promise."""
    at = clock.local(lead.due_at)
    return conflict(
        "no_room",
        f"主办期限是 {at:%m-%d %H:%M}，协办单位来不及在此之前办完。请由中心加派（主办期限随之后移），或先申请延期。",
        f"The lead is due {at:%m-%d %H:%M}, too soon for a co-handler to finish before it. Let the centre add it, "
        "which moves the lead's date, or ask for an extension first.",
    )
