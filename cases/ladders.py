"""Enterprises' requests by level: the list of a leader or of the centre, and the ladder of one case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import scope
from cases.events_care import Escalated
from cases.levels import CAUSES, LEVELS, ORDER
from cases.of_case import CASE, OfCase
from cases.views import CaseView, Line
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say

SIZE = 200


class Led(OfCase, frozen=True, kw_only=True):
    """An open case at a level, with its leader's name and title and the level's running limit."""

    id: UUID
    level: str
    lead_unit: str | None
    leader_name: str
    due_at: datetime | None
    is_instructed: bool


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One level of a case's ladder: done, now or next; who, since when, until when, and why it came here."""

    level: Say
    look: str
    unit: str = ""
    cause: Say | None = None
    leader: str = ""
    reason: str = ""
    since: datetime | None = None
    due: datetime | None = None
    instructions: Sequence[str] = ()


_SQL = f"""
SELECT c.id, {CASE}, c.level, c.lead_unit,
    coalesce(t.value, '') AS leader_name, k.due_at,
    EXISTS (SELECT FROM case_event e WHERE e.case_id = c.id AND e.kind = 'instructed') AS is_instructed
FROM cases c
LEFT JOIN LATERAL (SELECT t.value FROM case_text t JOIN case_event e USING (case_id, seq)
    WHERE t.case_id = c.id AND t.field = 'leader' AND e.kind = 'escalated' ORDER BY seq DESC LIMIT 1) t ON TRUE
LEFT JOIN LATERAL (SELECT due_at FROM clock WHERE case_id = c.id AND stage = 'level_' || c.level
    AND stopped_at IS NULL ORDER BY started_at DESC LIMIT 1) k ON TRUE
WHERE c.level <> '' AND c.is_open AND {{where}} ORDER BY k.due_at NULLS LAST, c.id LIMIT {{size}}
"""


async def listed(connection: db.Connection, actor: Actor, *, level: str = "", is_mine: bool = False) -> list[Led]:
    """Open enterprise cases at a level (or all) within the actor's scope, nearest limit first; at most SIZE."""
    where, args = scope.condition(actor)
    if level:
        args.append(level)
        where += f" AND c.level = ${len(args)}"
    if is_mine:
        args.append(actor.id)
        where += f" AND c.leader = ${len(args)}"
    return [Led(**row) for row in await connection.fetch(_SQL.format(where=where, size=SIZE), *args)]


def ladder(view: CaseView, dues: dict[str, datetime]) -> list[Rung]:
    """The ladder of a case as its viewer may read it; [] where it climbs none. ``dues``: running limits by level."""
    if not view.file.case.level:
        return []
    found: dict[str, Rung] = {}
    at = ""
    for line in view.lines:
        if line.step is not None:
            at = line.step.level
            found[at] = _reached(found.get(at), line, line.step)
        elif line.kind == "instructed" and at:
            said = (*found[at].instructions, line.texts.get("instruction", ""))
            found[at] = msgspec.structs.replace(found[at], instructions=said)
    now = ORDER.index(view.file.case.level)
    above = {level: Rung(level=LEVELS[level], look="next") for level in ORDER[now + 1 :]}
    if view.case.is_open:
        found[at] = msgspec.structs.replace(found[at], look="now", due=dues.get(at))
    return [*found.values(), *(above.values() if view.case.is_open else ())]


def _reached(before: Rung | None, line: Line, step: Escalated) -> Rung:
    leader = line.texts.get("leader", "")
    if before is not None and step.cause == "handover":
        return msgspec.structs.replace(before, leader=leader)
    return Rung(
        level=LEVELS[step.level], look="done", unit=step.unit, cause=CAUSES[step.cause], leader=leader, since=line.at,
        reason=line.texts.get("reason", ""),
    )  # fmt: skip
