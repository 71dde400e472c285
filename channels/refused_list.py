"""Refused numbers as they are read: the list, one with its evidence and objections, the figures; objections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from channels import calls, refused
from hotline import acts, clock, db, masks, vault
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from hotline.ids import new_id

WAYS: dict[str, Say] = {
    "counter": Say("窗口", "counter"),
    "letter": Say("来信", "letter"),
    "other": Say("其他渠道", "another way"),
}
UPHELD, DISMISSED = "upheld", "dismissed"
OUTCOMES: dict[str, Say] = {
    UPHELD: Say("意见成立，解除拒接", "right: the refusal is lifted"),
    DISMISSED: Say("意见不成立，维持", "not right: it stands"),
}
_SEALED = "refused_number"
_COLUMNS = """
SELECT r.*, p.name AS proposer, d.name AS decider, e.name AS ender,
    (SELECT count(*) FROM refused_evidence v WHERE v.refused = r.id)::int AS n,
    (SELECT count(*) FROM call c WHERE c.refused = r.id)::int AS met,
    EXISTS (SELECT FROM refused_appeal a WHERE a.refused = r.id AND a.outcome = '') AS is_appealed
FROM refused_number r JOIN person p ON p.id = r.proposed_by LEFT JOIN person d ON d.id = r.decided_by
    LEFT JOIN person e ON e.id = r.ended_by
"""
_OPEN = """(r.state IN ('proposed', 'refused')
    OR EXISTS (SELECT FROM refused_appeal a WHERE a.refused = r.id AND a.outcome = ''))"""
_LIVE = f"""{_COLUMNS} WHERE {_OPEN}
ORDER BY r.state = 'refused', r.review_on, r.proposed_at"""
_PAST = f"""{_COLUMNS} WHERE NOT {_OPEN} AND ($1::timestamptz IS NULL OR r.proposed_at < $1)
ORDER BY r.proposed_at DESC, r.id LIMIT 51"""
_EVIDENCE = """
SELECT c.id, c.started_at, c.line, c.settled, c.outcome, c.talk_s FROM refused_evidence v JOIN call c ON c.id = v.call
WHERE v.refused = $1 ORDER BY c.started_at
"""
_APPEALS = """
SELECT a.id, a.way, a.words, a.noted_at, n.name AS noter, a.outcome, a.reason, a.decided_at, d.name AS decider
FROM refused_appeal a JOIN person n ON n.id = a.noted_by LEFT JOIN person d ON d.id = a.decided_by
WHERE a.refused = $1 ORDER BY a.noted_at
"""
_FIGURES = """
SELECT count(*) FILTER (WHERE state = 'refused')::int AS now,
    count(*) FILTER (WHERE state = 'proposed')::int AS waiting,
    count(*) FILTER (WHERE state = 'refused' AND review_on <= $1)::int AS due,
    (SELECT count(*) FROM call WHERE refused IS NOT NULL AND started_at >= $2)::int AS met,
    (SELECT count(*) FROM refused_appeal WHERE outcome = '')::int AS appeals,
    (SELECT count(*) FROM refused_appeal WHERE outcome = 'upheld' AND decided_at >= $2)::int AS upheld,
    count(*) FILTER (WHERE decided_at >= $2 AND state <> 'not_refused')::int AS made
FROM refused_number
"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One refusal. ``number`` is masked; ``met`` are the calls that it met, ``n`` its evidence."""

    id: UUID
    number: str
    state: str
    ground: str
    words: str
    is_persuaded: bool
    extends: UUID | None
    proposed_by: UUID
    proposer: str
    proposed_at: datetime
    decided_by: UUID | None
    decider: str | None
    decided_at: datetime | None
    decision: str
    is_police_told: bool
    until: datetime | None
    review_on: date | None
    ended_at: datetime | None
    ender: str | None
    end_words: str
    n: int
    met: int
    is_appealed: bool

    def is_due(self, today: date) -> bool:
        """Whether its review is due."""
        return self.state == refused.REFUSED and self.review_on is not None and self.review_on <= today


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """One objection."""

    id: UUID
    way: str
    words: str
    noter: str
    noted_at: datetime
    outcome: str
    reason: str
    decider: str | None
    decided_at: datetime | None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Now: refused, waiting, due for review, objections open. Since a moment: made, calls met, objections upheld."""

    now: int
    waiting: int
    due: int
    met: int
    appeals: int
    upheld: int
    made: int


def _line(row: asyncpg.Record) -> Line:
    given: dict[str, Any] = {name: row[name] for name in Line.__struct_fields__ if name != "number"}
    given |= {name: refused.unseal(row[name]) for name in ("words", "decision", "end_words")}
    return Line(**given, number=masks.mask_phone(vault.unseal(row["number"], _SEALED)) if row["number"] else "")


async def live(connection: db.Connection) -> list[Line]:
    """Those that wait for a decision, then those in force by their review, and any with an open objection."""
    return [_line(row) for row in await connection.fetch(_LIVE)]


async def past(connection: db.Connection, before: datetime | None = None) -> list[Line]:
    """Those that are over, the latest first, one more than a page when there are older ones."""
    return [_line(row) for row in await connection.fetch(_PAST, before)]


async def one(connection: db.Connection, which: UUID) -> Line:
    """One of them; 404 when there is none."""
    row = await connection.fetchrow(f"{_COLUMNS} WHERE r.id = $1", which)
    if row is None:
        raise not_found()
    return _line(row)


async def evidence(connection: db.Connection, which: UUID) -> list[refused.Evidence]:
    """The calls that it was proposed upon."""
    return [refused.Evidence(**row) for row in await connection.fetch(_EVIDENCE, which)]


async def appeals(connection: db.Connection, which: UUID) -> list[Appeal]:
    """The objections against it."""
    rows = await connection.fetch(_APPEALS, which)
    return [_appeal(dict(row)) for row in rows]


def _appeal(row: dict[str, Any]) -> Appeal:
    return Appeal(**{**row, **{name: refused.unseal(row[name]) for name in ("words", "reason")}})


async def figures(connection: db.Connection, since: datetime) -> Figures:
    """How many stand, wait and are due; what came of them since."""
    return Figures(**dict(await connection.fetchrow(_FIGURES, clock.today(), since)))


async def note_appeal(actor: Actor, phone: str, way: str, words: str) -> UUID:
    """Somebody objects, at a counter or by letter, by the number alone. 409 when it is not refused or that waits."""
    async with db.atomic() as connection:
        bar = await refused.is_refused(connection, phone)
        if bar is None:
            raise conflict("not_refused", "这个号码没有被拒接。", "This number is not refused.")
        new = new_id()
        noted = await connection.execute(
            "INSERT INTO refused_appeal (id, refused, way, words, noted_by, noted_at) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (refused) WHERE outcome = '' DO NOTHING",
            new, bar.id, way, refused.seal(words), actor.id, clock.now(),
        )  # fmt: skip
        if not str(noted).endswith(" 1"):
            raise conflict("known", "已经有一条意见在等处理。", "An objection waits to be decided already.")
        await acts.note(connection, actor, "refusal_objected", f"refused:{bar.id}", {"way": way})
    await calls.tell()
    return bar.id


async def decide_appeal(actor: Actor, which: UUID, outcome: str, reason: str) -> None:
    """Decided by somebody who neither proposed nor decided the refusal; upheld lifts it, in one transaction.

    409 for who did, 404 when none waits. One that is over is decided too: whoever objected is owed an answer.
    """
    async with db.atomic() as connection:
        line = await one(connection, which)
        open_one = await connection.fetchval(
            "SELECT id FROM refused_appeal WHERE refused = $1 AND outcome = '' FOR UPDATE", which
        )
        if open_one is None:
            raise not_found()
        if not actor.persons.isdisjoint({line.proposed_by, line.decided_by}):
            raise conflict("own", "提请、决定拒接的人不能处理意见，请换人。", "Not by who proposed or refused it.")
        await connection.execute(
            "UPDATE refused_appeal SET outcome = $2, reason = $3, decided_by = $4, decided_at = $5 WHERE id = $1",
            open_one, outcome, refused.seal(reason), actor.id, clock.now(),
        )  # fmt: skip
        await acts.note(connection, actor, f"refusal_objection_{outcome}", f"refused:{which}")
        if outcome == UPHELD:
            await refused.end(connection, which, refused.LIFTED, actor, reason)
    await calls.tell()

