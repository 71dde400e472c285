"""What somebody who left, or is away, has open: found anew each time, so that nothing done is ever listed.

Each kind says where it stands, what it is, and, where a row names its person, how the row goes to another or back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.errors import Say

SHOWN = timedelta(days=365)
"""For how long after they left somebody's open work is asked for."""


class Kind(NamedTuple):
    """``found``: SQL of (person, subject, case_id, name, at, url) for the persons $1 at the moment $2.

    ``give`` and ``free`` are SQL with the subject $1, the new person $2 (and $3, whose it was); "" where nothing names
    a person and the list alone does. Without ``free`` it cannot go back to the pool. ``need`` is the permission without
    which nobody can go on with it: it would lie where the new person never comes.
    """

    say: Say
    found: str
    give: str = ""
    free: str | None = ""
    need: str = ""


_TO_NEXT_SHIFT = (
    "UPDATE shift_note SET state = 'written', written_at = saved_at "
    "WHERE id = $1::uuid AND author = $3 AND state = 'draft' AND $2::uuid IS NOT DISTINCT FROM $2"
)
"""A half-written note is nobody else's to go on with: the next shift takes it over as it stands."""


KINDS: Mapping[str, Kind] = {
    "share": Kind(
        Say("在办的件", "Case in hand"),
        "SELECT CASE WHEN a.head_asked_by = ANY($1) THEN a.head_asked_by ELSE a.signed_by END, a.id::text, c.id, "
        "c.number, a.dispatched_at, '/cases/' || c.number FROM assignment a JOIN cases c ON c.id = a.case_id "
        "WHERE c.is_open AND (a.signed_by = ANY($1) OR a.head_asked_by = ANY($1)) "
        "AND a.state IN ('dispatched', 'return_requested', 'signed', 'in_progress')",
    ),
    "call": Kind(
        Say("没登记完的来电", "Unfinished call"),
        "SELECT person, id::text, NULL::uuid, '', updated_at, '/desk' FROM draft "
        "WHERE kind = 'call' AND NOT is_blank AND person = ANY($1)",
        "UPDATE draft SET person = $2, holder = '', held_at = NULL WHERE id = $1::uuid AND person = $3", None,
        "call.take",
    ),
    "callback": Kind(
        Say("要回拨的电话", "Number to call back"),
        "SELECT claimed_by, id::text, NULL::uuid, '', made_at, '/callbacks' FROM callback_task "
        "WHERE state = 'claimed' AND claimed_by = ANY($1)",
        "UPDATE callback_task SET claimed_by = $2 WHERE id = $1::uuid AND claimed_by = $3 AND state = 'claimed'",
        "UPDATE callback_task SET claimed_by = NULL, claimed_at = NULL, state = 'open' "
        "WHERE id = $1::uuid AND claimed_by = $3 AND state = 'claimed' AND $2::uuid IS NULL",
        "call.take",
    ),
    "chat": Kind(
        Say("正在谈的网上对话", "Live chat going on"),
        "SELECT agent, id::text, NULL::uuid, '', started_at, '/chats' FROM chat "
        "WHERE state = 'talking' AND agent = ANY($1)",
        "UPDATE chat SET agent = $2, seen_seq = 0 WHERE id = $1::uuid AND agent = $3 AND state = 'talking'", None,
        "call.take",
    ),
    "note": Kind(
        Say("没交出的交班记录", "Hand-over note not yet given"),
        "SELECT n.author, n.id::text, NULL::uuid, '', n.saved_at, '/shift' FROM shift_note n WHERE n.state = 'draft' "
        "AND n.author = ANY($1) AND (n.watch IS NOT NULL OR EXISTS (SELECT FROM shift_item i WHERE i.note = n.id))",
        _TO_NEXT_SHIFT, _TO_NEXT_SHIFT, "shift.hold",
    ),
    "visit": Kind(
        Say("正在做的回访", "Return visit in hand"),
        "SELECT v.person, v.request_id::text, r.case_id, r.receipt_no, v.claimed_at, '/visits' FROM visit_claim v "
        "JOIN request r ON r.id = v.request_id WHERE v.person = ANY($1) AND v.until > $2",
        "UPDATE visit_claim SET person = $2 WHERE request_id = $1::uuid AND person = $3",
        "DELETE FROM visit_claim WHERE request_id = $1::uuid AND person = $3 AND $2::uuid IS NULL",
        "case.visit",
    ),
    "site": Kind(
        Say("约好的现场查看", "Site visit planned"),
        "SELECT v.planned_by, v.id::text, v.case_id, c.number, v.starts_at, '/cases/' || c.number FROM site_visit v "
        "JOIN cases c ON c.id = v.case_id WHERE v.state = 'planned' AND v.planned_by = ANY($1)",
    ),
    "order": Kind(
        Say("没回复的督办", "Supervision order without an answer"),
        "SELECT o.signed_by, o.id::text, o.case_id, o.number, o.due_at, '/cases/' || c.number FROM supervision_order o "
        "JOIN cases c ON c.id = o.case_id WHERE o.answered_at IS NULL AND c.is_open AND o.signed_by = ANY($1)",
    ),
    "finding": Kind(
        Say("没整改完的问题", "Finding to correct"),
        "SELECT f.person, f.id::text, f.case_id, f.number, f.found_at, '/inspections/findings/' || f.id FROM finding f "
        "WHERE f.state IN ('open', 'replied') AND f.person = ANY($1)",
    ),
    "inspection": Kind(
        Say("没做完的督查", "Inspection under way"),
        "SELECT p, i.id::text || '|' || p, NULL::uuid, i.number, i.planned_at, '/inspections/plans/' || i.id "
        "FROM inspection i, unnest(i.inspectors) AS p WHERE i.ended_at IS NULL AND p = ANY($1)",
        "UPDATE inspection SET inspectors = array_replace(array_remove(inspectors, $2), $3, $2) "
        "WHERE id = split_part($1, '|', 1)::uuid AND ended_at IS NULL AND $3 = ANY(inspectors)", None,
        "inspection.check",
    ),
    "paper": Kind(
        Say("没定的督办文书", "Paper of the ladder in draft"),
        "SELECT drafted_by, id::text, case_id, number, drafted_at, '/ladder/papers/' || id FROM ladder_paper "
        "WHERE state = 'draft' AND drafted_by = ANY($1)",
    ),
    "notice": Kind(
        Say("没发布的公示", "Notice not yet published"),
        "SELECT author, id::text, NULL::uuid, coalesce(number, ''), created_at, '/notices/drafts/' || id FROM notice "
        "WHERE state IN ('draft', 'in_review', 'approved') AND author = ANY($1)",
    ),
    "bulletin": Kind(
        Say("没签发的通报", "Bulletin not yet issued"),
        "SELECT made_by, id::text, NULL::uuid, coalesce(number, ''), made_at, '/bulletins/' || id FROM bulletin "
        "WHERE state IN ('draft', 'in_review', 'approved') AND made_by = ANY($1)",
    ),
    "article": Kind(
        Say("没送审的知识", "Article in draft"),
        "SELECT v.author, v.article_id || '|' || v.version, NULL::uuid, a.number::text, v.written_at, "
        "'/knowledge/' || v.article_id FROM article_version v JOIN article a ON a.id = v.article_id "
        "WHERE v.state = 'draft' AND v.author = ANY($1)",
    ),
    "outage": Kind(
        Say("登记的停供还没结束", "Outage not over yet"),
        "SELECT made_by, id::text, NULL::uuid, '', made_at, '/outages' FROM outage "
        "WHERE state = 'on' AND made_by = ANY($1)",
    ),
    "data": Kind(
        Say("没办完的数据申请", "Request for data"),
        "SELECT asked_by, id::text, NULL::uuid, number, asked_at, '/data-requests/' || id FROM data_request "
        "WHERE ended_at IS NULL AND asked_by = ANY($1)",
    ),
    "export": Kind(
        Say("没批的导出申请", "Export that waits for a decision"),
        "SELECT asked_by, id::text, NULL::uuid, '', asked_at, '/exports/' || id FROM ledger_export "
        "WHERE state = 'asked' AND asked_by = ANY($1)",
    ),
    "leader": Kind(
        Say("协调的企业诉求", "Enterprise case coordinated"),
        "SELECT c.leader, c.id::text, c.id, c.number, c.opened_at, '/cases/' || c.number FROM cases c "
        "WHERE c.is_open AND c.leader = ANY($1)",
    ),
}
"""In the order of the list."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody left open, and who has it now, if it was handed on (``given_at`` set).

    Handed to somebody who left in turn, it is in nobody's hands again.
    """

    kind: str
    subject: str
    person: UUID
    case_id: UUID | None
    name: str
    at: datetime
    url: str
    given_to: UUID | None = None
    given_name: str = ""
    given_at: datetime | None = None

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.person}/{self.kind}/{self.subject}"

    @property
    def say(self) -> Say:
        """What kind of thing it is."""
        return KINDS[self.kind].say

    @property
    def may_be_freed(self) -> bool:
        """Whether it can go back to the pool."""
        return KINDS[self.kind].free is not None


class Leaver(msgspec.Struct, frozen=True):
    """Somebody who left, and when."""

    id: UUID
    name: str
    unit: str
    left_at: datetime


_FOUND = " UNION ALL ".join(
    f"(SELECT '{code}' AS kind, f.* FROM ({kind.found} ORDER BY 5 LIMIT 500) AS f"
    "(person, subject, case_id, name, at, url))"
    for code, kind in KINDS.items()
)
_ITEMS = f"""
    SELECT f.kind, f.subject, f.person, f.case_id, f.name, f.at, f.url, h.given_to, coalesce(p.name, '') AS given_name,
        CASE WHEN h.given_to IS NULL OR p.is_active THEN h.given_at END AS given_at
    FROM ({_FOUND}) AS f LEFT JOIN handed_over h ON (h.leaver_id, h.kind, h.subject) = (f.person, f.kind, f.subject)
    LEFT JOIN person p ON p.id = h.given_to AND p.is_active ORDER BY f.at, f.subject
"""
_LEAVERS = """
    SELECT id, name, unit, left_at FROM person
    WHERE NOT is_active AND left_at > $1 AND ($2::text[] IS NULL OR unit = ANY($2)) ORDER BY left_at DESC
"""


async def leavers(connection: db.Connection, units: Sequence[str] | None) -> list[Leaver]:
    """Who left these units (None: any) within SHOWN, the last first."""
    rows = await connection.fetch(_LEAVERS, clock.now() - SHOWN, None if units is None else list(units))
    return [Leaver(**row) for row in rows]


async def of(connection: db.Connection, persons: Sequence[UUID]) -> list[Item]:
    """What these people have open, the oldest first, at most 500 of a kind; handed on or not."""
    if not persons:
        return []
    return [Item(**row) for row in await connection.fetch(_ITEMS, list(persons), clock.now())]


async def in_hands(connection: db.Connection, person: UUID) -> list[Item]:
    """All that has nobody once the person leaves: what is theirs, and what was handed to them."""
    return [*await of(connection, [person]), *await given_to(connection, person)]


async def given_to(connection: db.Connection, person: UUID) -> list[Item]:
    """What was handed to the person and is still open."""
    rows = await connection.fetch("SELECT DISTINCT leaver_id FROM handed_over WHERE given_to = $1", person)
    return [one for one in await of(connection, [row["leaver_id"] for row in rows]) if one.given_to == person]
