"""How long live chats wait: to the first words of a person, within the rule's time, beside the telephone's figures.

GB/T 33358-2016: other media than the telephone answer within 3 minutes. Counted are chats that began in the time and
are decided: answered by a person, or over. Answered in time = first words within rule ``chat.answer`` seconds. What
was written out of hours was over in the moment it began (a case at once) and does not count, as with the telephone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from cases import grades
from channels.tallies import Answered
from hotline import city, clock, db

DAY = timedelta(days=1)
_COUNTED = """
count(*)::int AS n, count(answered_at)::int AS answered, (count(*) FILTER (WHERE answer_s <= $3))::int AS quick,
(count(*) FILTER (WHERE answered_at IS NULL AND outcome = 'message'))::int AS missed,
(count(*) FILTER (WHERE answered_at IS NULL AND outcome = 'left'))::int AS left,
coalesce(sum(answer_s), 0)::int AS wait_s, coalesce(max(answer_s), 0)::int AS longest_s,
count(nullif(grade, ''))::int AS graded,
(count(*) FILTER (WHERE grade = ANY($4)))::int AS pleased
FROM chat WHERE started_at >= $1 AND started_at < $2 AND (answered_at IS NOT NULL OR state = 'ended')
    AND ended_at IS DISTINCT FROM started_at
"""
_OF = f"SELECT {_COUNTED}"
_BY_HOUR = f"SELECT extract(hour FROM started_at AT TIME ZONE 'Asia/Shanghai')::int AS hour, {_COUNTED} GROUP BY 1"
_NOW = """
SELECT count(*) FILTER (WHERE state = 'waiting')::int AS waiting,
    min(started_at) FILTER (WHERE state = 'waiting') AS since,
    count(*) FILTER (WHERE state = 'talking')::int AS talking,
    count(*) FILTER (WHERE answered_at IS NULL AND started_at < $1)::int AS late,
    count(*) FILTER (WHERE is_urgent AND state = 'waiting')::int AS urgent
FROM chat WHERE state IN ('waiting', 'talking')
"""
_SEATED = """
SELECT p.name, count(*)::int AS n, min(c.unanswered_since) AS since FROM chat c JOIN person p ON p.id = c.agent
WHERE c.state = 'talking' GROUP BY p.name ORDER BY 3 NULLS LAST, 1
"""


class Tally(Answered, kw_only=True):
    """Chats counted together; seconds are to the first words of a person."""

    left: int = 0
    longest_s: int = 0
    graded: int = 0
    pleased: int = 0


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds chats, how many, and since when one of theirs waits for an answer."""

    name: str
    n: int
    since: datetime | None


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """The queue as it stands; ``late``: beyond the rule's time without a word of a person."""

    waiting: int = 0
    since: datetime | None = None
    talking: int = 0
    late: int = 0
    urgent: int = 0
    holders: tuple[Holder, ...] = ()


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One of the city's days as the floor's pages show it; ``now`` is the queue as it stands."""

    total: Tally
    hours: dict[int, Tally]
    now: Now
    seconds: int
    percent: float


def seconds() -> int:
    """Within which a chat is to be answered."""
    return int(city.current().rule("chat.answer"))


def _counted_by() -> tuple[int, list[str]]:
    """What decides whether an answer came in time, and whether a grade is a good one."""
    return seconds(), list(grades.counted())


async def of_days(connection: db.Connection, first: date, days: int = 1) -> Tally:
    """Some of the city's days together."""
    row = await connection.fetchrow(_OF, clock.on(first), clock.on(first + days * DAY), *_counted_by())
    return Tally(**dict(row)) if row is not None else Tally()


async def by_hour(connection: db.Connection, day: date) -> dict[int, Tally]:
    """Each hour of a day (of the city's clock) in which a chat began."""
    rows = await connection.fetch(_BY_HOUR, clock.on(day), clock.on(day + DAY), *_counted_by())
    return {row["hour"]: Tally(**{name: row[name] for name in Tally.__struct_fields__}) for row in rows}


async def now(connection: db.Connection) -> Now:
    """The queue, and who holds how many."""
    row = await connection.fetchrow(_NOW, clock.now() - timedelta(seconds=seconds()))
    holders = tuple(Holder(**one) for one in await connection.fetch(_SEATED))
    return Now(**dict(row), holders=holders) if row is not None else Now()


async def shown(connection: db.Connection, day: date) -> Day:
    """All of it for a page."""
    return Day(
        total=await of_days(connection, day), hours=await by_hour(connection, day), now=await now(connection),
        seconds=seconds(), percent=float(city.current().rule("chat.rate")),
    )  # fmt: skip
