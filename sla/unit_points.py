"""Points of a unit that come from no case: lost (positive) once for one cause, given back by a row of its own."""

from __future__ import annotations

from uuid import UUID

from hotline.ids import new_id
from hotline.work import Work

_LOSE = """
    INSERT INTO unit_point (id, unit, at, cause, cause_id, points, note) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (cause, cause_id) DO NOTHING
"""
_RESTORE = """
    INSERT INTO unit_point (id, unit, at, cause, cause_id, points, note)
    SELECT $1, unit, $2, $4, cause_id, -points, $5 FROM unit_point WHERE cause = $3 AND cause_id = $6
    ON CONFLICT (cause, cause_id) DO NOTHING
"""
BACK = "_overturned"
"""What the cause of a restoration ends in."""


async def lose(work: Work, *, unit: str, cause: str, cause_id: UUID, points: int, note: str = "") -> None:
    """Take ``points`` off the unit for this cause; a second time is nothing."""
    if points:
        await work.connection.execute(_LOSE, new_id(), unit, work.now, cause, cause_id, points, note)


async def restore(work: Work, *, cause: str, cause_id: UUID, note: str = "") -> None:
    """Give back what was taken for this cause, once; nothing when nothing was taken."""
    await work.connection.execute(_RESTORE, new_id(), work.now, cause, cause + BACK, note, cause_id)
