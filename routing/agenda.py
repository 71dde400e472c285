"""Which cases belong on an agenda: those in conference that wait for one, and difficult ones that may need it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from cases import scope, worklists
from cases.file import CaseFile
from cases.worklists import Item
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say

SIZE = 50
_COLUMNS = ", ".join(f"c.{name}" for name in worklists.CASE_COLUMNS)
_WAITING = """
    SELECT {columns} FROM cases c WHERE c.state = 'in_conference' AND {scope}
        AND NOT EXISTS (SELECT FROM conference_item i WHERE i.case_id = c.id AND i.state = 'open')
    ORDER BY c.due_key, c.id LIMIT {size}
"""
_DIFFICULT = """
    SELECT {columns} FROM cases c WHERE c.state = 'in_conference' AND {scope} ORDER BY c.due_key, c.id LIMIT {size}
"""
_CANDIDATES = """
    SELECT {columns}, c.return_count AS returns, (SELECT count(*) FROM assignment a WHERE a.case_id = c.id
            AND a.role = 'co' AND a.state NOT IN ('recalled', 'ended')) AS helpers,
        EXISTS (SELECT FROM case_event e WHERE e.case_id = c.id AND e.kind = 'objected') AS objected,
        c.state = 'accepted' AND c.accepted_at < ${first} AS is_stuck
    FROM cases c WHERE c.is_open AND c.state IN ('accepted', 'active', 'rework') AND {scope}
        AND (c.return_count >= ${second} OR (c.state = 'accepted' AND c.accepted_at < ${first})
            OR cardinality(c.unit_codes) > ${third}
            OR EXISTS (SELECT FROM case_event e WHERE e.case_id = c.id AND e.kind = 'objected'))
        AND NOT EXISTS (SELECT FROM assignment a WHERE a.case_id = c.id AND a.role = 'lead' AND (a.is_binding
            OR a.state = 'handled') AND a.state NOT IN ('recalled', 'ended'))
    ORDER BY c.return_count DESC, c.due_key, c.id LIMIT {size}
"""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A case that may need a conference, and why it is offered."""

    item: Item
    why: Sequence[Say]
    cause: str


async def waiting(connection: db.Connection, actor: Actor, size: int = SIZE) -> list[Item]:
    """Cases in conference that are on no agenda yet, nearest due first, as far as the actor may see them."""
    where, args = scope.condition(actor)
    sql = _WAITING.format(columns=_COLUMNS, scope=where, size=size)
    return [Item(**row) for row in await connection.fetch(sql, *args)]


async def difficult(connection: db.Connection, actor: Actor, size: int = SIZE) -> list[Item]:
    """The dispatcher's list 疑难: every case in conference, on an agenda or not."""
    where, args = scope.condition(actor)
    sql = _DIFFICULT.format(columns=_COLUMNS, scope=where, size=size)
    return [Item(**row) for row in await connection.fetch(sql, *args)]


async def count_difficult(connection: db.Connection, actor: Actor) -> int:
    """How long the list 疑难 is, at most ``worklists.COUNTED``."""
    return len(await difficult(connection, actor, worklists.COUNTED))


async def candidates(connection: db.Connection, actor: Actor, size: int = SIZE) -> list[Candidate]:
    """Open cases returned often, objected to, with many co-handlers or long undispatched; decided ones are not."""
    where, args = scope.condition(actor)
    snapshot, n = city.current(), len(args)
    hours, returns = float(snapshot.rule("conference.undispatched")), int(snapshot.rule("conference.returns"))
    helpers = int(snapshot.rule("conference.co_handlers"))
    sql = _CANDIDATES.format(columns=_COLUMNS, scope=where, size=size, first=n + 1, second=n + 2, third=n + 3)
    rows = await connection.fetch(sql, *args, clock.now() - timedelta(hours=hours), returns, helpers)
    found = []
    for row in rows:
        item = Item(**{name: row[name] for name in worklists.CASE_COLUMNS})
        reasons = (
            (row["returns"] >= returns, Say(f"退回 {row['returns']} 次", f"returned {row['returns']} times")),
            (row["objected"], Say("有异议", "a unit objects")),
            (row["helpers"] >= helpers, Say(f"{row['helpers']} 家协办", f"{row['helpers']} co-handlers")),
            (row["is_stuck"], Say("长时间没派出", "long undispatched")),
        )
        why = [say for holds, say in reasons if holds]
        cause = "objection" if row["objected"] else ("overlap" if row["helpers"] >= helpers else "unclear")
        if why:
            found.append(Candidate(item=item, why=why, cause=cause))
    return found


async def concerned(connection: db.Connection, file: CaseFile) -> tuple[str, ...]:
    """The units whose position is asked for: those that have the case or had it, and those that were suggested."""
    had = [one.unit for one in file.assignments.values()]
    rows = await connection.fetch(
        "SELECT data::jsonb ->> 'suggested' AS unit FROM case_event WHERE case_id = $1 AND kind = 'return_requested'",
        file.case.id,
    )
    known = city.current().units
    return tuple(one for one in dict.fromkeys([*had, *(r["unit"] for r in rows if r["unit"])]) if one in known)


async def reasons_of(connection: db.Connection, case_id: UUID) -> list[str]:
    """In whose words the dispute stands on the record: why it was called, and on what units rested their returns."""
    rows = await connection.fetch(
        "SELECT t.value FROM case_event e JOIN case_text t USING (case_id, seq) WHERE e.case_id = $1 "
        "AND e.kind IN ('conference_called', 'return_requested') AND t.field IN ('reason', 'basis') "
        "AND t.value <> '' ORDER BY seq",
        case_id,
    )
    return [row["value"] for row in rows]
