"""Requests for data as lists show them: the asker's own, the centre's, the late ones that a supervisor follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import may
from sla.data_requests import REQUEST_COLUMNS, RequestRow, StageRow, stages_of

SIZE = 50
BANDS: dict[str, Say] = {
    "open": Say("在办", "Open"),
    "late": Say("超期", "Late"),
    "ended": Say("已办完", "Ended"),
}
_LATE = """EXISTS (SELECT FROM data_request_stage s WHERE s.request_id = r.id
    AND (s.breached_at IS NOT NULL AND s.answered_at IS NULL OR s.stopped_at IS NULL AND s.due_at < $1))"""
_NEAREST = """(SELECT min(s.due_at) FROM data_request_stage s WHERE s.request_id = r.id AND s.stopped_at IS NULL)
    NULLS LAST, r.asked_at"""
_BANDS = {
    "open": "r.ended_at IS NULL AND $1::timestamptz IS NOT NULL",
    "late": _LATE,
    "ended": "r.ended_at IS NOT NULL AND $1::timestamptz IS NOT NULL",
}


class Line(msgspec.Struct, frozen=True):
    """A request with its stages in order; ``running`` is the one whose promise runs."""

    request: RequestRow
    stages: Sequence[StageRow]

    @property
    def running(self) -> StageRow | None:
        """The promise that runs, if any."""
        return next((row for row in self.stages if row.stopped_at is None), None)

    def is_late(self, now: datetime) -> bool:
        """Whether a stage is past its date."""
        return self.running is not None and self.running.due_at < now


def sees_all(actor: Actor) -> bool:
    """The centre, which answers, and supervisors, who follow what is late."""
    return may(actor, "data.answer") or may(actor, "case.supervise")


async def listed(
    connection: db.Connection, actor: Actor, band: str, before: datetime | None = None, size: int = SIZE
) -> list[Line]:
    """The requests of one band that are this person's to see: the nearest due first, ended ones newest first."""
    order = "r.asked_at DESC" if band == "ended" else _NEAREST
    columns = ", ".join(f"r.{name}" for name in REQUEST_COLUMNS.split(", "))
    rows = await connection.fetch(
        f"SELECT {columns} FROM data_request r WHERE {_BANDS[band]} AND ($2 OR r.unit = ANY($3::text[]) "
        f"OR r.asked_by = $4) AND ($5::timestamptz IS NULL OR r.asked_at < $5) ORDER BY {order} LIMIT $6",
        clock.now(), sees_all(actor), list(actor.units), actor.id, before, size,
    )  # fmt: skip
    return await _lines(connection, [RequestRow(**row) for row in rows])


async def one(connection: db.Connection, actor: Actor, request_id: UUID) -> Line:
    """One request, 404 unless it is this person's to see."""
    row = await connection.fetchrow(f"SELECT {REQUEST_COLUMNS} FROM data_request WHERE id = $1", request_id)
    if row is None:
        raise not_found()
    request = RequestRow(**row)
    if not (sees_all(actor) or request.unit in actor.units or request.asked_by == actor.id):
        raise not_found()
    return (await _lines(connection, [request]))[0]


async def counts(connection: db.Connection, actor: Actor) -> dict[str, int]:
    """How many requests stand in each band, for this person."""
    parts = ", ".join(f"count(*) FILTER (WHERE {_BANDS[band]}) AS {band}" for band in BANDS)
    row = await connection.fetchrow(
        f"SELECT {parts} FROM data_request r WHERE $2 OR r.unit = ANY($3::text[]) OR r.asked_by = $4",
        clock.now(), sees_all(actor), list(actor.units), actor.id,
    )  # fmt: skip
    return dict(row)


async def _lines(connection: db.Connection, requests: list[RequestRow]) -> list[Line]:
    stages: dict[UUID, list[StageRow]] = {row.id: [] for row in requests}
    for row in await stages_of(connection, list(stages)):
        stages[row.request_id].append(row)
    return [Line(row, stages[row.id]) for row in requests]
