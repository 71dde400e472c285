"""How many seats an hour needs, by Erlang C, and how long somebody waits now.

A = calls an hour × seconds a call ÷ 3600 (erlang). With N seats a caller waits with the probability
C = (A^N/N! · N/(N−A)) ÷ (Σ_{k<N} A^k/k! + A^N/N! · N/(N−A)), and is answered within t seconds in the share
1 − C · e^(−(N−A)·t/seconds a call). Needed is the least N with that share ≥ rule ``floor.share``.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import msgspec

from hotline import city, clock, db

WEEKS = 4
MOST_SEATS = 500
USUAL_CALL = 240.0
"""Seconds of talk and wrap-up where no call tells."""
_ARRIVALS = """
SELECT w.n AS week, date_trunc('hour', c.queued_at) AS hour, count(*)::int AS n
FROM generate_series(1, $3::int) AS w (n)
JOIN call c ON c.direction = 'in' AND c.queued_at >= $1::timestamptz - w.n * interval '7 days'
    AND c.queued_at < $2::timestamptz - w.n * interval '7 days'
GROUP BY 1, 2
"""
_LENGTH = """
SELECT avg(talk_s + coalesce(wrap_s, 0))::float FROM (
    SELECT talk_s, wrap_s FROM call WHERE direction = 'in' AND answered_at IS NOT NULL AND talk_s IS NOT NULL
        AND queued_at >= $1 ORDER BY queued_at DESC LIMIT 500) AS last
"""
_SEATED = "SELECT count(*)::int FROM seat WHERE state IN ('ready', 'ringing', 'talking', 'wrap_up')"


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """One hour ahead: calls expected and the seats that they need; ``weeks`` is how many past weeks tell."""

    at: datetime
    calls: float
    seats: int
    weeks: int


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """The hours ahead, the seconds a call takes, and the aim: so many percent within so many seconds."""

    hours: tuple[Hour, ...]
    call_s: float
    share: float
    within: int
    seated: int


def waits(load: float, seats: int) -> float:
    """Erlang C: the probability that a caller has to wait. 1 when the seats do not suffice."""
    if seats <= load:
        return 1.0
    term = total = 1.0
    for k in range(1, seats):
        term *= load / k
        total += term
    last = term * load / seats * seats / (seats - load)
    return last / (total + last)


def needed(calls_an_hour: float, call_s: float, *, within: float, share: float) -> int:
    """The least seats that answer ``share`` (0–1) of the calls within ``within`` seconds; 0 without calls."""
    load = calls_an_hour * call_s / 3600
    if load <= 0:
        return 0
    for seats in range(max(1, math.floor(load)), MOST_SEATS):
        if seats > load and 1 - waits(load, seats) * math.exp(-(seats - load) * within / call_s) >= share:
            return seats
    return MOST_SEATS


async def call_length(connection: db.Connection) -> float:
    """Mean seconds of talk and wrap-up of the last 500 answered calls of four weeks."""
    found: float | None = await connection.fetchval(_LENGTH, clock.now() - timedelta(weeks=WEEKS))
    return max(30.0, found) if found else USUAL_CALL


async def seated(connection: db.Connection) -> int:
    """Seats that take calls now: ready, ringing, talking or wrapping up."""
    return int(await connection.fetchval(_SEATED))


async def usual(connection: db.Connection, begin: datetime, end: datetime) -> dict[datetime, tuple[float, int]]:
    """Hour → mean arrivals in the same hour of the last four weeks, and how many weeks had any call in that span."""
    rows = await connection.fetch(_ARRIVALS, begin, end, WEEKS)
    weeks = {row["week"] for row in rows}
    found: dict[datetime, tuple[float, int]] = {}
    for row in rows:
        hour = row["hour"] + timedelta(weeks=row["week"])
        found[hour] = (found.get(hour, (0.0, 0))[0] + row["n"] / len(weeks), len(weeks))
    return found


async def forecast(connection: db.Connection, *, hours: int = 8) -> Forecast:
    """The hour that runs and those after it."""
    rule = city.current().rule
    begin = clock.now().replace(minute=0, second=0, microsecond=0)
    known = await usual(connection, begin, begin + timedelta(hours=hours))
    call_s, within, share = await call_length(connection), int(rule("voice.answer")), float(rule("floor.share"))
    ahead = []
    for n in range(hours):
        at = begin + timedelta(hours=n)
        calls, weeks = known.get(at, (0.0, 0))
        seats = needed(calls, call_s, within=within, share=share / 100)
        ahead.append(Hour(at=at, calls=calls, seats=seats, weeks=weeks))
    return Forecast(
        hours=tuple(ahead), call_s=call_s, share=share, within=within, seated=await seated(connection)
    )  # fmt: skip


async def wait_minutes(connection: db.Connection, ahead: int) -> int:
    """About how many minutes a caller waits with so many before them: each seat frees itself once a call's length."""
    per_seat = await call_length(connection) / max(1, await seated(connection))
    return max(1, math.ceil((ahead + 1) * per_seat / 60))
