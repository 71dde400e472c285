"""Providers' messages that could not be read, or not yet: for the operations page, and tried anew by hand."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hotline import db


async def arrivals(connection: db.Connection) -> Sequence[dict[str, object]]:
    """Stored messages that nobody has read yet, parked ones first, then oldest first. Never what they say."""
    rows = await connection.fetch(
        "SELECT id, channel, received_at, state, tries, error FROM arrival WHERE state IN ('new', 'parked') "
        "ORDER BY state DESC, received_at LIMIT 100"
    )
    return [dict(row) for row in rows]


async def again(connection: db.Connection, arrival: UUID) -> bool:
    """A person wants a parked one tried anew, with all its tries. False when it is parked no longer."""
    done = await connection.execute(
        "UPDATE arrival SET state = 'new', tries = 0, error = NULL WHERE id = $1 AND state = 'parked'", arrival
    )
    return str(done) == "UPDATE 1"
