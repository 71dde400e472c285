"""The record of what was handed over: to whom, when, by which line and door, by whom, and their reference.

A transferred case is closed in the act; it stands in no working list, and here for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cases import events, scope
from hotline import db
from hotline.actor import Actor

SIZE = 50
_SQL = """
SELECT c.id, c.number, c.title, c.kind, c.matter, c.is_confidential, c.about_units, c.line, c.channel, c.county,
       c.closed_at AS at, e.actor, e.data
FROM cases c JOIN LATERAL (
    SELECT actor, data FROM case_event WHERE case_id = c.id AND kind = 'transferred' ORDER BY seq DESC LIMIT 1
) e ON TRUE
WHERE c.state = 'transferred' AND {scope} {more} ORDER BY c.closed_at DESC, c.id LIMIT {size}
"""


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One case handed over."""

    id: UUID
    number: str
    title: str
    is_sealed: bool
    line: str
    channel: str
    county: str
    at: datetime
    by: UUID
    target: str
    reference: str


async def listed(
    connection: db.Connection, actor: Actor, *, target: str = "", line: str = "", before: datetime | None = None
) -> Sequence[Transfer]:
    """Transfers within the actor's scope, newest first, SIZE + 1 of them; ``target`` is a number, ``line`` a line."""
    where, args = scope.condition(actor)
    more = ""
    if target:
        args.append(target)
        more += f" AND e.data::jsonb ->> 'target' = ${len(args)}"
    if line:
        args.append(line)
        more += f" AND c.line = ${len(args)}"
        if not scope.scope_of(actor).city:  # by which line somebody came is not for the house complained about
            args.append(scope.house(actor.unit))
            more += f" AND NOT (c.about_units && ${len(args)}::text[])"
    if before is not None:
        args.append(before)
        more += f" AND c.closed_at < ${len(args)}"
    rows = await connection.fetch(_SQL.format(scope=where, more=more, size=SIZE + 1), *args)
    return [_transfer(row, actor) for row in rows]


def _transfer(row: Mapping[str, Any], actor: Actor) -> Transfer:
    event = events.decode("transferred", row["data"])
    if not isinstance(event, events.Transferred):
        raise TypeError(event)
    sealed = row["kind"] == "report" or row["is_confidential"]
    is_blind = scope.is_blind(actor, row["about_units"], is_sealed=sealed)
    return Transfer(
        id=row["id"], number=row["number"], is_sealed=sealed, county=row["county"],
        title=scope.bare_title(row["kind"], row["matter"]) if is_blind else row["title"],
        line="" if is_blind else row["line"], channel="" if is_blind else row["channel"],
        at=row["at"], by=row["actor"], target=event.target, reference=event.reference or "",
    )  # fmt: skip
