"""Our own history for a replay: every promise of a period's clocks, page by page, as it was kept or broken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from hotline import city, db
from sla import history, targets
from sla.replay import Past
from sla.replay_scenario import STAGES

PAGE = 5000
_WHERE = """k.started_at < $2 AND (k.stopped_at IS NULL OR k.stopped_at >= $1) AND k.stage = ANY($3::text[])
    AND k.outcome IS DISTINCT FROM 'void'"""
_COUNT = f"SELECT count(*) FROM clock k WHERE {_WHERE}"
_READ = f"""
    SELECT k.id, c.number, k.unit, k.stage, k.profile, k.measure, k.amount, k.started_at, k.due_at, k.stopped_at,
           k.history, c.law, c.kind <> 'report' AND NOT c.is_confidential AS is_listed
    FROM clock k JOIN cases c ON c.id = k.case_id
    WHERE {_WHERE} AND ($4::uuid IS NULL OR k.id > $4) ORDER BY k.id LIMIT {PAGE}
"""


async def count(opens: datetime, closes: datetime) -> int:
    """How many promises ``pages`` will give."""
    async with db.reading() as connection:
        return int(await connection.fetchval(_COUNT, opens, closes, list(STAGES), timeout=60))


async def pages(opens: datetime, closes: datetime) -> AsyncIterator[list[Past]]:
    """The promises that ran between the two moments, PAGE at a time; void ones (recalled, merged) were no promise."""
    after: UUID | None = None
    while True:
        async with db.reading() as connection:
            rows = await connection.fetch(_READ, opens, closes, list(STAGES), after, timeout=60)
        if not rows:
            return
        yield [_past(row) for row in rows]
        after = rows[-1]["id"]


def _past(row: Any) -> Past:
    snapshot, profile, stage = city.current(), row["profile"], row["stage"]
    target = targets.of(snapshot).target(profile, stage)
    is_lawful = row["law"] is not None and targets.under_law(snapshot, profile, stage, row["law"]) != target
    acts = () if row["history"] == "[]" else tuple(history.read(row["history"]))
    return Past(
        ref=row["number"], unit=row["unit"], stage=stage, profile=profile, start=row["started_at"],
        due=row["due_at"], end=row["stopped_at"], measure=row["measure"], amount=float(row["amount"]), acts=acts,
        is_lawful=is_lawful, is_listed=row["is_listed"],
    )  # fmt: skip
