"""Ratings "dissatisfied" of closed cases, looked into within their working days: 100 % called, 100 % answered (2.9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases import scope
from cases.ledger import columns, read_row
from cases.worklists import CASE_COLUMNS, COUNTED, Item
from hotline import db
from hotline.actor import Actor
from hotline.errors import conflict, not_found
from hotline.work import ORDER, Row, Work

ORDER += ["rectification"]
SIZE = 50


class RectificationRow(Row, kw_only=True):
    """One rating to be put right. ``state``: open, proposed (to reopen), reopened, answered, annulled (the rating)."""

    table: ClassVar[str] = "rectification"

    id: UUID
    case_id: UUID
    request_id: UUID
    rating_id: UUID
    opened_at: datetime
    due_at: datetime
    state: str = "open"
    cause: str | None = None
    tries: int = 0
    next_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    warned_at: datetime | None = None
    late_at: datetime | None = None


class Waiting(Item, frozen=True, kw_only=True):
    """A line of the list: the case with the rating's limit."""

    request: UUID
    receipt_no: str
    rectification: UUID
    standing: str
    cause: str | None
    tries: int
    opened: datetime
    due_at: datetime
    channel: str


_COLUMNS = ", ".join(f"c.{name}" for name in CASE_COLUMNS)
_LIST = f"""
    SELECT {_COLUMNS}, r.id AS request, r.receipt_no, x.id AS rectification, x.state AS standing, x.cause, x.tries,
        x.opened_at AS opened, x.due_at, t.channel
    FROM rectification x JOIN cases c ON c.id = x.case_id JOIN request r ON r.id = x.request_id
    JOIN rating t ON t.id = x.rating_id
    WHERE x.ended_at IS NULL AND r.state <> 'erased' AND {{scope}}{{more}} ORDER BY x.due_at, x.id LIMIT {{size}}
"""
_ROW = f"SELECT {columns(RectificationRow)} FROM rectification WHERE {{}} FOR UPDATE"


async def listed(
    connection: db.Connection, actor: Actor, size: int = SIZE, request: UUID | None = None
) -> Sequence[Waiting]:
    """Ratings that wait to be put right within the actor's scope, nearest limit first; or that of one request."""
    where, args = scope.condition(actor)
    more = ""
    if request is not None:
        args.append(request)
        more = f" AND x.request_id = ${len(args)}"
    rows = await connection.fetch(_LIST.format(scope=where, more=more, size=size), *args)
    return [Waiting(**row) for row in rows]


async def count(connection: db.Connection, actor: Actor) -> int:
    """How many wait, at most COUNTED."""
    where, args = scope.condition(actor)
    sql = _LIST.format(scope=where, more="", size=COUNTED)
    return int(await connection.fetchval(f"SELECT count(*) FROM ({sql}) x", *args))


async def opened(work: Work, identifier: UUID) -> RectificationRow:
    """The row, locked and watched for changes. 404 when there is none, 409 when it has ended."""
    row = await _read(work, "id = $1", identifier)
    if row is None:
        raise not_found()
    if row.ended_at is not None:
        raise conflict("settled", "这条评价已经处理过了。", "This rating has been dealt with already.")
    return row


async def waiting(work: Work, request: UUID) -> RectificationRow | None:
    """The open row of a request, locked and watched for changes."""
    return await _read(work, "request_id = $1 AND ended_at IS NULL", request)


async def _read(work: Work, where: str, what: UUID) -> RectificationRow | None:
    record = await work.connection.fetchrow(_ROW.format(where), what)
    if record is None:
        return None
    row = read_row(RectificationRow, record)
    work.track(row)
    return row
