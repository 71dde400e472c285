"""Whom to call next: requests that await their visit, those that wait for an answer by message, cases to be closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cases import scope
from cases.rows import RequestRow
from cases.visit_hours import part_of_day
from cases.worklists import CASE_COLUMNS, COUNTED, Item
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say

SIZE = 50
BANDS: dict[str, Say] = {
    "now": Say("现在回访", "To call now"),
    "later": Say("约定以后", "Planned for later"),
    "asked": Say("等短信评价", "Asked by message"),
    "close": Say("待结案", "To close"),
    "sampled": Say("免访待结案", "Not drawn, to close"),
}


def bands(actor: Actor) -> dict[str, Say]:
    """The bands that are this person's: what a policy left unvisited is an auditor's to close."""
    return {name: say for name, say in BANDS.items() if name != "sampled" or "auditor" in actor.roles}


class Call(Item, frozen=True, kw_only=True):
    """A request to be called, with its case; ``next_at`` is when the last missed try planned the next.

    What is a plan is called when its visit's clock begins, not before.

    ``claimer`` is who is about to call them, and until when nobody else does.
    """

    request: UUID
    receipt_no: str
    tries: int
    next_at: datetime | None = None
    wish: str = ""
    asked_until: datetime | None = None
    claimer: str = ""
    claimed_by: UUID | None = None


_COLUMNS = ", ".join(f"c.{name}" for name in CASE_COLUMNS)
_NOT_MINE = """ AND c.accepted_by IS DISTINCT FROM {me} AND NOT ({unit} = ANY(c.unit_codes)) AND NOT EXISTS (
    SELECT FROM assignment m WHERE m.case_id = c.id AND {me} = ANY(m.hands))"""
"""Never a case that one took or handled (rules.md 2)."""
_UNHAPPY = (
    "(r.state = 'visited' AND r.final_grade = 'dissatisfied' AND r.cause IS NULL AND r.visit_channel IS NOT NULL)"
)
"""Dissatisfied by message, and nobody has asked why: ``demands_visit.needs_cause``."""
_WAITING = f"""
    SELECT {_COLUMNS}, r.id AS request, r.receipt_no, r.visit_tries AS tries, v.next_at, r.wish, r.asked_until,
        coalesce(p.name, '') AS claimer, k.person AS claimed_by
    FROM request r JOIN cases c ON c.id = r.case_id
    LEFT JOIN clock t ON t.case_id = c.id AND t.subject_id = r.id AND t.stage = 'visit' AND t.stopped_at IS NULL
        AND t.started_at > {{now}}
    LEFT JOIN LATERAL (SELECT coalesce(t.started_at, (SELECT next_at FROM visit WHERE request_id = r.id
        ORDER BY at DESC LIMIT 1)) AS next_at) v ON TRUE
    LEFT JOIN visit_claim k ON k.request_id = r.id AND k.until > {{now}} LEFT JOIN person p ON p.id = k.person
    WHERE c.is_open AND c.state = 'callback' AND {{scope}}{{not_mine}} AND {{when}}
    ORDER BY {{order}} LIMIT {{size}}
"""
_TO_CLOSE = f"""
    SELECT {_COLUMNS}, r.id AS request, r.receipt_no, r.visit_tries AS tries FROM cases c
    JOIN LATERAL (SELECT id, receipt_no, visit_tries FROM request WHERE case_id = c.id
        ORDER BY filed_at, id LIMIT 1) r ON TRUE
    WHERE c.is_open AND c.state = 'callback' AND {{scope}}{{not_mine}}
      AND NOT EXISTS (SELECT FROM request r WHERE r.case_id = c.id AND (
        r.state IN ('open', 'awaiting_visit') OR (r.state = 'exempt' AND r.asked_until > {{now}}) OR {_UNHAPPY}))
      AND {{sampled}}EXISTS (SELECT FROM request w WHERE w.case_id = c.id AND w.exempt_by = 'sample')
    ORDER BY c.opened_at, c.id LIMIT {{size}}
"""
_WHEN = {
    "now": "((r.state = 'awaiting_visit' AND (v.next_at <= {now} OR (v.next_at IS NULL AND r.wish IN ('', {part}))))"
    f" OR {_UNHAPPY})",
    "later": "r.state = 'awaiting_visit' AND (v.next_at > {now}"
    " OR (v.next_at IS NULL AND r.wish NOT IN ('', {part})))",
    "asked": "r.state = 'exempt' AND r.asked_until > {now} AND {part} <> ''",
}
_ORDER = {
    "now": "(k.person IS NOT NULL AND k.person <> {me}), c.due_key, v.next_at NULLS LAST, r.filed_at, r.id",
    "later": "v.next_at NULLS LAST, c.due_key, r.id",
    "asked": "r.asked_until, r.id",
}


def _statement(actor: Actor, band: str, size: int) -> tuple[str, list[object]]:
    where, args = scope.condition(actor)
    moment = clock.now()
    args += [actor.id, actor.unit, moment]
    n = len(args)
    me, unit, now = f"${n - 2}::uuid", f"${n - 1}::text", f"${n}::timestamptz"
    given = {"scope": where, "not_mine": _NOT_MINE.format(me=me, unit=unit), "size": size, "now": now}
    if band in {"close", "sampled"}:
        return _TO_CLOSE.format(sampled="NOT " if band == "close" else "", **given), args
    args.append(part_of_day(moment))
    when = _WHEN[band].format(now=now, part=f"${n + 1}::text")
    return _WAITING.format(when=when, order=_ORDER[band].format(me=me), **given), args


async def listed(connection: db.Connection, actor: Actor, band: str, size: int = SIZE) -> Sequence[Call]:
    """The calls of a band (a key of BANDS) that this person may make: nearest due first, planned ones by their hour.

    Somebody who wished for a part of the day is on the list in that part. What a colleague is about to call is last.
    """
    sql, args = _statement(actor, band, size)
    return [Call(**row) for row in await connection.fetch(sql, *args)]


async def count(connection: db.Connection, actor: Actor, band: str) -> int:
    """How many calls a band holds, at most COUNTED."""
    sql, args = _statement(actor, band, COUNTED)
    return int(await connection.fetchval(f"SELECT count(*) FROM ({sql}) x", *args))


async def tried(connection: db.Connection, request: RequestRow) -> list[datetime]:
    """When this request was tried in vain since its result was last audited, oldest first."""
    rows = await connection.fetch(
        "SELECT at FROM visit WHERE request_id = $1 AND outcome = 'unreached' AND at > coalesce((SELECT max(at) "
        "FROM case_event WHERE case_id = $2 AND kind = 'approved'), '-infinity') ORDER BY at",
        request.id, request.case_id,
    )  # fmt: skip
    return [row["at"] for row in rows]
