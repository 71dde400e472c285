"""What every page that explains a due date draws: the days, the extensions below them, the law it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hotline import city, db
from sla import explain, history, picture, profiles, targets
from sla.calendar import Calendar
from sla.rows import ClockRow

_MOST_DAYS = 62


def drawn(working: Calendar, promise: targets.Promise, acts: Sequence[history.Act]) -> dict[str, Any]:
    """What ``cases/_days.html`` draws: the cells, the row of extensions below them, whether they were cut."""
    cells = picture.days(working, promise, acts)
    shown = cells[:_MOST_DAYS]
    return {
        "cells": shown, "added": picture.added(shown, acts), "is_cut": len(cells) > _MOST_DAYS,
        "measure": promise.unit, "due_at": promise.due_at, "amount_of": explain.amount_of,
    }  # fmt: skip


def ground_of(law: str | None, row: ClockRow) -> explain.Ground:
    """The law that a promise rests on, where it is the statute's own profile; and the version of its profile."""
    snapshot = city.current()
    statute = snapshot.statutes.get(law or "")
    is_lawful = statute is not None and row.stage == "finish" and statute.profile == row.profile
    if statute is not None and is_lawful:
        return explain.Ground(law=statute.citation, version=row.version)
    made = profiles.as_made(targets.begun_with(snapshot), snapshot.promises, row.profile, row.version)
    return explain.Ground(version=row.version, given=made.stages.get(row.stage))


async def clock_of(connection: db.Connection, clock_id: UUID) -> ClockRow | None:
    """One clock by its id, to be read; None when there is none."""
    columns = ", ".join(ClockRow.__struct_fields__)
    row = await connection.fetchrow(f"SELECT {columns} FROM clock WHERE id = $1", clock_id)
    return ClockRow(**row) if row is not None else None
