"""The call floor in figures: seats, who waits, answer rate and 15-second figure per line and hour (GB/T 33358-2016).

Counted are calls that came into the queue and are decided: answered, or over. Answer rate = answered ÷ counted; the
15-second figure = answered within rule ``voice.answer`` seconds ÷ counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from channels import calls
from channels.tallies import Answered
from hotline import city, clock, db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_COUNTED = """
count(*)::int AS n, count(answered_at)::int AS answered, (count(*) FILTER (WHERE answer_s <= $3))::int AS quick,
(count(*) FILTER (WHERE outcome = 'missed'))::int AS missed,
(count(*) FILTER (WHERE outcome = 'abandoned'))::int AS abandoned,
coalesce(sum(answer_s), 0)::int AS wait_s,
coalesce(sum(talk_s) FILTER (WHERE answered_at IS NOT NULL), 0)::int AS talk_s
FROM call WHERE direction = 'in' AND queued_at >= $1 AND queued_at < $2 AND (answered_at IS NOT NULL OR state = 'ended')
"""
_HOUR = "extract(hour FROM queued_at AT TIME ZONE 'Asia/Shanghai')::int"
_BY_LINE = f"SELECT line, {_HOUR} AS hour, {_COUNTED} GROUP BY 1, 2"
_BY_HOUR = f"SELECT date_trunc('hour', queued_at) AS hour, {_COUNTED} GROUP BY 1"
_SEATS = """
SELECT s.person, p.name, p.login, s.state, s.reason, s.since, c.line, c.direction FROM seat s
JOIN person p ON p.id = s.person
LEFT JOIN call c ON c.id = s.call
WHERE s.state <> 'offline'
ORDER BY array_position(ARRAY['ringing', 'talking', 'wrap_up', 'ready', 'pause'], s.state), s.since
"""
_WAITING = """
SELECT line, coalesce(queued_at, started_at) AS since, state FROM call
WHERE state IN ('greeting', 'queued', 'offered') AND direction = 'in' ORDER BY 2
"""
_MINE = """
SELECT count(*)::int AS n, coalesce(avg(answer_s), 0)::float AS answer_s, coalesce(avg(talk_s), 0)::float AS talk_s,
    coalesce(avg(wrap_s), 0)::float AS wrap_s, count(case_id)::int AS logged
FROM call WHERE agent = $1 AND direction = 'in' AND answered_at >= $2 AND answered_at < $3
"""
_SPENT = """
SELECT state, extract(epoch FROM sum(least(until, $3) - at))::float AS seconds FROM (
    SELECT state, greatest(at, $2) AS at, coalesce(lead(at) OVER (ORDER BY id), $3) AS until FROM seat_log
    WHERE person = $1 AND at < $3 AND at >= $2::timestamptz - interval '1 day') one
WHERE until > $2 GROUP BY state
"""


LONG = {"talking": "floor.talk", "wrap_up": "floor.wrap", "pause": "floor.pause"}
"""State of a seat → the rule that says how many minutes are long."""


class Tally(Answered, kw_only=True):
    """Calls counted together."""

    abandoned: int = 0
    talk_s: int = 0

    @property
    def rate(self) -> float | None:
        """Answered ÷ counted in percent; None when nothing was counted."""
        return 100 * self.answered / self.n if self.n else None

    def add(self, other: Tally) -> None:
        """Count the other's calls too."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class SeatLine(msgspec.Struct, frozen=True, kw_only=True):
    """A seat that is taken."""

    person: UUID
    name: str
    login: str
    state: str
    reason: str
    since: datetime
    line: str | None
    direction: str | None

    def is_long(self, now: datetime) -> bool:
        """Whether talk, wrap-up or pause lasts longer than rules ``floor.talk``, ``floor.wrap``, ``floor.pause``."""
        rule = LONG.get(self.state)
        return rule is not None and now - self.since > timedelta(minutes=float(city.current().rule(rule)))


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who waits."""

    line: str
    since: datetime
    state: str


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's day: calls, mean seconds, cases logged, and seconds spent in each state."""

    n: int
    answer_s: float
    talk_s: float
    wrap_s: float
    logged: int
    spent: dict[str, float]


def _tally(row: dict[str, object]) -> Tally:
    return msgspec.convert({name: row[name] for name in Tally.__struct_fields__}, Tally)


async def of_day(connection: db.Connection, day: date) -> dict[tuple[str, int], Tally]:
    """Line and hour (of the city's clock) → its calls, for one of the city's days."""
    seconds = int(city.current().rule("voice.answer"))
    rows = await connection.fetch(_BY_LINE, clock.on(day), clock.on(day + DAY), seconds)
    return {(row["line"], row["hour"]): _tally(dict(row)) for row in rows}


async def of_hours(connection: db.Connection, first: date, days: int) -> dict[datetime, Tally]:
    """Each hour (its beginning) of some days → its calls, all lines together."""
    until = clock.on(first + days * DAY)
    rows = await connection.fetch(_BY_HOUR, clock.on(first), until, int(city.current().rule("voice.answer")))
    return {row["hour"]: _tally(dict(row)) for row in rows}


def worst_day(hours: dict[datetime, Tally], until: datetime) -> tuple[datetime, Tally] | None:
    """The 24 hours with the lowest answer rate, whichever hour they begin with, and that hour; None without calls."""
    if not hours:
        return None
    worst: tuple[datetime, Tally] | None = None
    start = min(hours)
    while start + DAY <= max(until, min(hours) + DAY):
        one = total(hours[start + n * HOUR] for n in range(24) if start + n * HOUR in hours)
        if one.rate is not None and (worst is None or one.rate < (worst[1].rate or 0)):
            worst = (start, one)
        start += HOUR
    return worst


def total(tallies: Iterable[Tally]) -> Tally:
    """All counted together."""
    found = Tally()
    for one in tallies:
        found.add(one)
    return found


async def seats(connection: db.Connection) -> list[SeatLine]:
    """Everybody who sits, those with a call first."""
    return [SeatLine(**row) for row in await connection.fetch(_SEATS)]


async def waiting(connection: db.Connection) -> list[Waiting]:
    """Everybody who waits, the longest first."""
    return [Waiting(**row) for row in await connection.fetch(_WAITING)]


async def mine(connection: db.Connection, person: UUID, day: date) -> Mine:
    """One agent's figures of a day of the city."""
    start, end = clock.on(day), min(clock.on(day + DAY), clock.now())
    row = await connection.fetchrow(_MINE, person, start, clock.on(day + DAY))
    spent = await connection.fetch(_SPENT, person, start, end)
    return Mine(**dict(row), spent={one["state"]: max(0.0, one["seconds"]) for one in spent})


async def recent(connection: db.Connection, *, before: datetime, limit: int = 50) -> list[calls.Call]:
    """Calls that began before, the latest first."""
    rows = await connection.fetch(
        f"SELECT {calls.COLUMNS} FROM call WHERE started_at < $1 ORDER BY started_at DESC LIMIT $2", before, limit
    )
    return [calls.Call(**row) for row in rows]
