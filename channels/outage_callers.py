"""Whose calls an outage answered: how many, who was told of its end, and whom a person has to call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import outages, scope
from hotline import acts, db
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.work import Work

MOST = 500
"""Callers that are listed; all are counted."""
_SENT = """
    LEFT JOIN LATERAL (
        SELECT bool_and(m.state IN ('failed', 'dropped')) AS is_lost, bool_or(m.state = 'failed') AS has_failed
        FROM outbox_message m WHERE m.request_id = r.id AND m.key ^@ ('outage:' || o.id || ':' || o.round || ':')
    ) m ON TRUE
"""
"""What became of the messages to request r of the last end of outage o: one for each of their doors."""
_BY_CALL = """
    (r.reply_by = 'phone' AND r.second_by NOT IN ('sms', 'wechat', 'email') OR m.is_lost AND m.has_failed)
"""
"""No message reaches them. Whoever wants no messages is not called instead."""
_WAY = f"""
    CASE WHEN l.told_round < o.round THEN '' WHEN l.called_at IS NOT NULL THEN 'called'
        WHEN {_BY_CALL} IS TRUE THEN 'call'
        WHEN m.is_lost OR r.reply_by = 'none' AND r.second_by NOT IN ('sms', 'wechat', 'email') THEN 'silent'
        ELSE 'told' END
"""
_COUNTS = f"""
    SELECT o.id, count(*) AS linked, count(*) FILTER (WHERE l.told_round = o.round AND l.still_at IS NOT NULL) AS still,
        count(*) FILTER (WHERE w.way IN ('told', 'called')) AS told, count(*) FILTER (WHERE w.way = 'call') AS to_call
    FROM outage o JOIN outage_link l ON l.outage_id = o.id JOIN request r ON r.id = l.request_id {_SENT}
        CROSS JOIN LATERAL (SELECT {_WAY} AS way) w
    WHERE o.id = ANY($1) GROUP BY o.id
"""
_CALLERS = f"""
    SELECT r.receipt_no, c.number, c.state, l.at, l.wants_news, l.told_at, l.called_at, {_WAY} AS way,
        CASE WHEN l.told_round = o.round THEN l.still_at END AS still_at, {{0}} AS is_theirs
    FROM outage o JOIN outage_link l ON l.outage_id = o.id JOIN request r ON r.id = l.request_id
        JOIN cases c ON c.id = r.case_id {_SENT}
    WHERE o.id = $1 AND ({{0}} OR c.kind <> 'report' AND NOT c.is_confidential)
    ORDER BY (CASE WHEN l.told_round = o.round THEN l.still_at END) DESC NULLS LAST, l.at DESC LIMIT {MOST}
"""
_CALLED = f"""
    UPDATE outage_link l SET called_at = coalesce(called_at, $3), called_by = coalesce(called_by, $4)
    FROM outage o CROSS JOIN request r {_SENT}
    WHERE o.id = $1 AND r.receipt_no = $2 AND l.outage_id = o.id AND l.request_id = r.id AND l.told_round = o.round
        AND {_BY_CALL}
    RETURNING called_at
"""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Of one outage: requesters linked; and of its last end: told, still to be called, and who say it is not over."""

    linked: int = 0
    told: int = 0
    to_call: int = 0
    still: int = 0


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A requester whose call it answered; no name and no telephone number.

    ``way``, of its last end: told, call (a person has to), called, silent (they want no messages), or "".
    ``is_theirs``: whoever looks may open the case.
    """

    receipt_no: str
    number: str
    state: str
    at: datetime
    wants_news: bool
    told_at: datetime | None
    called_at: datetime | None
    way: str
    still_at: datetime | None
    is_theirs: bool


async def counts(connection: db.Connection, outages: Sequence[UUID]) -> dict[UUID, Counts]:
    """How many were linked, told, have to be called, and say that it is not over; none of one without callers."""
    rows = await connection.fetch(_COUNTS, list(outages))
    return {row["id"]: Counts(**{name: row[name] for name in Counts.__struct_fields__}) for row in rows}


async def listed(connection: db.Connection, actor: Actor, outage: UUID) -> list[Caller]:
    """Whose calls it answered, at most MOST; those who say it is not over first.

    Confidential ones are only for who may open them: others count them and see nothing of them.
    """
    theirs, args = scope.condition(actor, 2)
    return [Caller(**row) for row in await connection.fetch(_CALLERS.format(theirs), outage, *args)]


async def called(work: Work, outage: UUID, receipt: str) -> None:
    """已打电话: whom no message reaches was told by a person. Safe twice; 404 for who is not to be called."""
    one = await outages.one(work.connection, outage)
    at = await work.connection.fetchval(_CALLED, outage, receipt, work.now, work.actor.id)
    if at is None:
        raise not_found()
    if at == work.now:
        await acts.note(work, work.actor, "outage_called", f"outage:{one.number}", {"receipt": receipt})
