"""A unit's handling as a queue: arrivals as they were, service times from history, so many hands by the calendar. Pure.

Service times: the cases in the order in which they were finished, on as many hands as there were; a case's service is
from the later of its arrival and a hand coming free until its end, in working time. Served again in that order on as
many hands, history comes out as it was. Each case waits for a hand; nobody lays one aside.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from hotline.errors import Say
from sla.calendar import Calendar

if TYPE_CHECKING:
    from sla.replay import Past

ORDERS: dict[str, Say] = {
    "as_was": Say("按当时办完的先后", "In the order in which they were finished"),
    "fifo": Say("先到先办", "First come, first served"),
    "due": Say("先到期先办", "By due date"),
}
_MICRO = timedelta(microseconds=1)


class Staff(msgspec.Struct, frozen=True, omit_defaults=True):
    """A unit's hands: ``handlers`` then, ``now`` in history; or ``capacity``: so many cases a working day then."""

    handlers: int = 1
    now: int = 1
    capacity: float | None = None


class Jobs(msgspec.Struct):
    """A unit's finished cases, with when each is due then (None: it had no promise)."""

    pasts: list[Past] = msgspec.field(default_factory=list)
    dues: list[datetime | None] = msgspec.field(default_factory=list)

    def add(self, past: Past, due: datetime | None) -> None:
        """One case more."""
        self.pasts.append(past)
        self.dues.append(due)


def run(
    before: Calendar, after: Calendar, jobs: Jobs, staff: Staff, order: str, opens: datetime
) -> tuple[list[datetime], list[datetime]]:
    """When each case ends with the changed hands, and by the same model with the hands there were.

    The hands are free at ``opens``; what was there before waits for them.
    """
    arrive = [_position(before, opens, past.start) for past in jobs.pasts]
    done = [_position(before, opens, past.end or past.start) for past in jobs.pasts]
    service = services(arrive, done, staff.now)
    rank = [_instant(due or past.end or past.start) for past, due in zip(jobs.pasts, jobs.dues, strict=True)]
    modelled = serve(arrive, service, staff.now, order, done, rank)
    model = _moments(before, opens, jobs, modelled, done)
    if staff.capacity is not None:
        service = [round(_day(after, opens) / staff.capacity)] * len(service)
    hands = staff.handlers if staff.capacity is None else 1
    if after is not before:
        arrive = [_position(after, opens, past.start) for past in jobs.pasts]
    then = serve(arrive, service, hands, order, done, rank)
    return _moments(after, opens, jobs, then, done if after is before else None), model


def services(arrive: Sequence[int], done: Sequence[int], hands: int) -> list[int]:
    """The service time of each case, from its arrival and end on ``hands`` hands (all in microseconds of work)."""
    free = [0] * hands
    found = [0] * len(done)
    for i in sorted(range(len(done)), key=lambda n: (done[n], arrive[n], n)):
        found[i] = done[i] - max(arrive[i], free[0])
        heapq.heapreplace(free, done[i])
    return found


def serve(
    arrive: Sequence[int], service: Sequence[int], hands: int, order: str, done: Sequence[int], rank: Sequence[int]
) -> list[int]:
    """When each case ends, served in ``order`` (ORDERS): of ``done`` as it was, of ``rank`` when by due date."""
    if order == "due":
        return _by_rank(arrive, service, hands, rank)
    first = done if order == "as_was" else arrive
    free = [0] * hands
    ends = [0] * len(arrive)
    for i in sorted(range(len(arrive)), key=lambda n: (first[n], arrive[n], n)):
        ends[i] = max(arrive[i], free[0]) + service[i]
        heapq.heapreplace(free, ends[i])
    return ends


def _by_rank(arrive: Sequence[int], service: Sequence[int], hands: int, rank: Sequence[int]) -> list[int]:
    """Whenever a hand is free it takes, of those that wait, the one of the lowest rank."""
    coming = sorted(range(len(arrive)), key=lambda n: (arrive[n], n))
    free = [0] * hands
    waiting: list[tuple[int, int]] = []
    ends, at = [0] * len(arrive), 0
    while at < len(coming) or waiting:
        now = free[0] if waiting else max(free[0], arrive[coming[at]])
        while at < len(coming) and arrive[coming[at]] <= now:
            heapq.heappush(waiting, (rank[coming[at]], coming[at]))
            at += 1
        _, i = heapq.heappop(waiting)
        ends[i] = now + service[i]
        heapq.heapreplace(free, ends[i])
    return ends


def _position(calendar: Calendar, opens: datetime, moment: datetime) -> int:
    """Working microseconds from ``opens`` to the moment; negative before."""
    return calendar.working_time(opens, moment) // _MICRO


def _moments(
    calendar: Calendar, opens: datetime, jobs: Jobs, ends: Sequence[int], done: Sequence[int] | None
) -> list[datetime]:
    """Ends as moments: a case that ends at the work it really ended at ends when it really did, at night or not."""
    found = []
    for n, (past, end) in enumerate(zip(jobs.pasts, ends, strict=True)):
        if done is not None and end == done[n] and past.end is not None:
            found.append(past.end)
        else:
            found.append(max(past.start, calendar.add_working_time(opens, end * _MICRO)))
    return found


def _instant(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _day(calendar: Calendar, opens: datetime) -> int:
    """Microseconds of a working day: of the first from ``opens`` on."""
    day: date = calendar.day_of(opens)
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return calendar.working_time(calendar.close_of(day - timedelta(days=1)), calendar.close_of(day)) // _MICRO
