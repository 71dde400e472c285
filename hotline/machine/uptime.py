"""Which minutes the service was up: a bit a minute, set by whoever lives. The figure is minutes up of minutes since.

Minutes of announced work (``planned``) are in neither.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from hotline import clock, db
from hotline.machine import planned
from hotline.machine.planned import MINUTES

_MARK = """
    INSERT INTO uptime_day AS u (day, part, minutes) VALUES ($1, $2, set_bit(repeat('0', 1440)::bit(1440), $3, 1))
    ON CONFLICT (day, part) DO UPDATE SET minutes = set_bit(u.minutes, $3, 1) WHERE get_bit(u.minutes, $3) = 0
"""
_DAYS = "SELECT day, minutes FROM uptime_day WHERE part = $1 ORDER BY day"
PARTS = ("web", "worker")


class Span(msgspec.Struct, frozen=True):
    """A day, month or year: minutes up of minutes that there were since the first one ever noted."""

    name: str
    up: int
    whole: int

    @property
    def percent(self) -> float:
        """The figure, from 0 to 100; 100 for a span without a minute."""
        return 100.0 * self.up / self.whole if self.whole else 100.0


async def mark(part: str) -> None:
    """This minute ``part`` is up."""
    now = clock.local(clock.now())
    async with db.reading() as connection:
        await connection.execute(_MARK, now.date(), part, now.hour * 60 + now.minute)


async def days(connection: db.Connection, part: str) -> list[Span]:
    """Every day from the first noted to today; a day without a row was down throughout."""
    rows = {row["day"]: int.from_bytes(row["minutes"].bytes) for row in await connection.fetch(_DAYS, part)}
    if not rows:
        return []
    work = await planned.minutes(connection)
    now = clock.local(clock.now())
    begin, today = min(rows), now.date()
    found = []
    for n in range(max((today - begin).days, 0) + 1):
        day = begin + timedelta(days=n)
        first = MINUTES - rows[day].bit_length() if day == begin else 0
        end = now.hour * 60 + now.minute + 1 if day == today else MINUTES
        counted = ~work.get(day, 0)
        up = (rows.get(day, 0) & counted).bit_count()
        found.append(Span(day.isoformat(), up, max((planned.between(first, end) & counted).bit_count(), up)))
    return found


def by(spans: list[Span], length: int) -> list[Span]:
    """Days summed by the first ``length`` characters of their name: 7 gives months, 4 years."""
    sums: dict[str, Span] = {}
    for one in spans:
        old = sums.get(one.name[:length], Span(one.name[:length], 0, 0))
        sums[old.name] = Span(old.name, old.up + one.up, old.whole + one.whole)
    return list(sums.values())


def this(spans: list[Span], day: date) -> tuple[Span, Span]:
    """The month and the year that hold the day."""
    text = day.isoformat()
    month, year = ({one.name: one for one in by(spans, n)} for n in (7, 4))
    return month.get(text[:7], Span(text[:7], 0, 0)), year.get(text[:4], Span(text[:4], 0, 0))
