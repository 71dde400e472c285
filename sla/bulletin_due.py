"""Drafts that make themselves at a set hour: yesterday's, last week's, last month's, for an editor to finish."""

from __future__ import annotations

import re
from datetime import datetime, time

from hotline import city, clock, db
from hotline.actor import SYSTEM
from hotline.work import work
from sla import bulletin_periods, bulletins
from sla.bulletin_periods import Span

HOURS = {"daily": "bulletin.daily_at", "weekly": "bulletin.weekly_at", "monthly": "bulletin.monthly_at"}
"""The rule that says from which hour of the day after the period on; "off": never."""
AUDIENCE = "internal"
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def due(now: datetime) -> list[Span]:
    """Periods that are over and whose hour has come. A day missed is not made up: its editor may make it by hand."""
    local, found = clock.local(now), []
    for kind, rule in HOURS.items():
        hour = str(city.current().rule(rule))
        if _HOUR.fullmatch(hour) and local.time() >= time.fromisoformat(hour):  # anything else reads as "off"
            found.append(bulletin_periods.last_full(kind, local.date()))
    return found


async def draft(_: object) -> int:
    """Make the drafts that are due and are not there in any state; how many. Safe twice and from two workers."""
    made = 0
    for span in due(clock.now()):
        async with db.reading() as connection:
            is_there = await connection.fetchval(
                "SELECT EXISTS (SELECT FROM bulletin WHERE kind = $1 AND audience = $2 AND first = $3 AND last = $4)",
                span.kind, AUDIENCE, span.first, span.last,
            )  # fmt: skip
        if not is_there:
            async with work(SYSTEM) as w:
                await bulletins.make(w, span, AUDIENCE)
            made += 1
    return made
