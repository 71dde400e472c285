"""Risk alarms: those heard during a call, before there is a case, and the flagged cases that wait for a supervisor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from cases import scope
from cases.risk import Found
from hotline import clock, db
from hotline.actor import Actor
from hotline.ids import new_id

SIZE = 100


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One call's alarm: kinds and words of the city's lists, never the caller's own sentence."""

    id: UUID
    draft: UUID
    agent: UUID
    kinds: tuple[str, ...]
    words: tuple[str, ...]
    raised_at: datetime
    cleared_at: datetime | None = None
    reason: str | None = None


class Flagged(msgspec.Struct, frozen=True, kw_only=True):
    """A flagged case; ``is_theirs`` False: sealed, so that this viewer learns only that there is one."""

    id: UUID
    number: str
    title: str
    kind: str
    is_confidential: bool
    state: str
    county: str
    lead_unit: str | None
    risk: tuple[str, ...]
    words: str
    flagged_at: datetime
    seen_at: datetime | None
    said: str
    is_theirs: bool

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential


_COLUMNS = "id, draft, agent, kinds, words, raised_at, cleared_at, reason"
_HEARD = f"""
INSERT INTO risk_alarm AS a (id, draft, agent, kinds, words, raised_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (draft) DO UPDATE SET kinds = $4, words = $5, cleared_at = NULL, cleared_by = NULL, reason = NULL
    WHERE a.agent = $3 AND a.case_id IS NULL AND NOT ($5::text[] <@ a.words)
RETURNING {_COLUMNS}
"""
_ONE = f"SELECT {_COLUMNS} FROM risk_alarm WHERE draft = $1 AND agent = $2 AND case_id IS NULL"
_CALLS = f"""
SELECT {_COLUMNS} FROM risk_alarm
WHERE case_id IS NULL AND cleared_at IS NULL AND raised_at > $1 ORDER BY raised_at DESC LIMIT {SIZE}
"""
_CLEAR = f"""
UPDATE risk_alarm SET cleared_at = $3, cleared_by = $2, reason = $4
WHERE {{which}} AND cleared_at IS NULL AND case_id IS NULL RETURNING {_COLUMNS}
"""
_SETTLE = """
UPDATE risk_alarm SET case_id = (SELECT case_id FROM request WHERE receipt_no = $2)
WHERE draft = $1 AND case_id IS NULL
"""
_FLAGGED = """
SELECT c.id, c.number, c.title, c.kind, c.is_confidential, c.state, c.county, c.lead_unit, c.risk, c.flagged_at,
       c.risk_seen_at AS seen_at, ({scope}) AS is_theirs, coalesce(w.value, '') AS words, coalesce(a.reason, '') AS said
FROM cases c
LEFT JOIN LATERAL (SELECT t.value FROM case_text t JOIN case_event e USING (case_id, seq)
    WHERE t.case_id = c.id AND t.field = 'risk' AND e.kind = 'flagged' ORDER BY t.seq DESC LIMIT 1) w ON TRUE
LEFT JOIN LATERAL (SELECT reason FROM risk_alarm WHERE case_id = c.id ORDER BY raised_at DESC LIMIT 1) a ON TRUE
WHERE c.flagged_at IS NOT NULL AND {reach} ORDER BY c.risk_seen_at IS NOT NULL, c.flagged_at DESC, c.id LIMIT {size}
"""
KEPT = timedelta(hours=12)
"""A call's alarm that nobody answered and that became no case stands this long on the board."""


async def heard(connection: db.Connection, actor: Actor, draft: UUID, found: Found) -> tuple[Alarm | None, bool]:
    """The alarm of a call in which ``found`` was said, and whether it is news; None once the call is a case."""
    row = await connection.fetchrow(
        _HEARD, new_id(), draft, actor.id, list(found.kinds), list(found.words), clock.now()
    )
    if row is not None:
        return _alarm(row), True
    row = await connection.fetchrow(_ONE, draft, actor.id)
    return (_alarm(row) if row is not None else None), False


async def explained(connection: db.Connection, actor: Actor, draft: UUID, reason: str) -> Alarm | None:
    """The agent of the call says why it is no risk; None when there is no such open alarm of theirs."""
    sql = _CLEAR.format(which="draft = $1 AND agent = $2")
    row = await connection.fetchrow(sql, draft, actor.id, clock.now(), reason)
    return _alarm(row) if row is not None else None


async def cleared(connection: db.Connection, actor: Actor, alarm: UUID, reason: str) -> Alarm | None:
    """A supervisor answers a call's alarm; None when it is answered already."""
    row = await connection.fetchrow(_CLEAR.format(which="id = $1"), alarm, actor.id, clock.now(), reason)
    return _alarm(row) if row is not None else None


async def settle(connection: db.Connection, draft: UUID, receipt_no: str) -> None:
    """The call has become a case, which carries the flag from here on."""
    await connection.execute(_SETTLE, draft, receipt_no)


async def calls(connection: db.Connection) -> Sequence[Alarm]:
    """Open alarms of calls that are no case yet, the last first."""
    since = clock.now() - KEPT
    return [_alarm(row) for row in await connection.fetch(_CALLS, since)]


async def flagged(connection: db.Connection, actor: Actor) -> Sequence[Flagged]:
    """Flagged cases, unseen ones first, within the actor's scope; the city's desk knows that there are sealed ones."""
    where, args = scope.condition(actor)
    reach = "TRUE" if scope.scope_of(actor).city else where
    rows = await connection.fetch(_FLAGGED.format(scope=where, reach=reach, size=SIZE), *args)
    return [Flagged(**{**row, "risk": tuple(row["risk"])}) for row in rows]


def _alarm(row: Mapping[str, Any]) -> Alarm:
    return Alarm(**{**row, "kinds": tuple(row["kinds"]), "words": tuple(row["words"])})
