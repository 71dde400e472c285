"""How each way out is doing, in figures: for the operations page and for /metrics. Nothing of any message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from channels import hours, outcomes
from hotline import clock, db

_COUNTS = """
    SELECT channel, sum(queued)::bigint AS queued, sum(failed)::bigint AS failed, sum(sent)::bigint AS sent,
        min(waking) AS waking, min(other) AS other
    FROM (
        SELECT channel, count(*) AS queued, 0 AS failed, 0 AS sent, min(created_at) FILTER (WHERE is_waking) AS waking,
            min(created_at) FILTER (WHERE NOT is_waking) AS other
        FROM outbox_message WHERE state = 'queued' GROUP BY channel
        UNION ALL SELECT channel, 0, count(*), 0, NULL, NULL FROM outbox_message
            WHERE state = 'failed' AND address IS NOT NULL GROUP BY 1
        UNION ALL SELECT channel, 0, 0, count(*), NULL, NULL FROM outbox_message WHERE sent_at > $1 GROUP BY 1
    ) AS counted GROUP BY channel
"""
_DOORS = "SELECT channel, later_run, paused_at, paused_until, code, code_at FROM door"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One door. ``oldest`` is since when its longest-waiting message was permitted to leave; None: nothing waits."""

    queued: int = 0
    failed: int = 0
    sent: int = 0
    oldest: datetime | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    code: str = ""
    code_at: datetime | None = None


async def doors(connection: db.Connection) -> dict[str, Figures]:
    """Every way out that has or had something to send: what waits, what failed, what went within a day."""
    now = clock.now()
    counted = {row["channel"]: row for row in await connection.fetch(_COUNTS, now - timedelta(days=1))}
    known = {row["channel"]: row for row in await connection.fetch(_DOORS)}
    return {one: _figures(counted.get(one), known.get(one), now) for one in {*counted, *known}}


def _figures(row: Mapping[str, Any] | None, door: Mapping[str, Any] | None, now: datetime) -> Figures:
    is_paused = door is not None and door["later_run"] >= outcomes.RUN
    return Figures(
        queued=row["queued"] if row else 0, failed=row["failed"] if row else 0, sent=row["sent"] if row else 0,
        oldest=_oldest((row["other"], row["waking"]), now) if row else None,
        paused_at=door["paused_at"] if door and is_paused else None,
        paused_until=door["paused_until"] if door and is_paused else None,
        code=door["code"] if door else "", code_at=door["code_at"] if door else None,
    )  # fmt: skip


def _oldest(pair: Iterable[datetime | None], now: datetime) -> datetime | None:
    """The earliest moment at which one was permitted: what waits for the end of the quiet hours is not late."""
    other, waking = pair
    found = [one for one in (other, hours.permitted(waking) if waking else None) if one is not None and one <= now]
    return min(found, default=None)
