"""What a notice may be drawn from on this floor: an overdue supervision order, and a finding against a unit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cases.notice_sources import OPEN_TO_ALL, UNTAKEN, Offer, Source
from hotline import city, db
from hotline.errors import Say, conflict, invalid, not_found
from hotline.work import Work

_ORDER = """
    SELECT o.id, o.number, o.unit, o.case_id, o.due_at, o.answered_at, o.ended_at, o.ended_for, c.matter, c.county,
        c.township, EXISTS (SELECT FROM ladder_paper p WHERE p.cause_id = o.id AND p.measure = 'bulletin'
            AND p.state <> 'dropped') AS has_paper
    FROM supervision_order o JOIN cases c ON c.id = o.case_id WHERE o.id = $1
"""
_FINDING = """
    SELECT f.id, f.number, f.unit, f.person, f.state, f.case_id, f.appealed_at, f.appeal_decided_at, c.matter, c.county,
        c.township
    FROM finding f LEFT JOIN cases c ON c.id = f.case_id WHERE f.id = $1
"""

_ORDERS = f"""
    SELECT o.id, o.number, o.unit, c.matter, o.due_at FROM supervision_order o JOIN cases c ON c.id = o.case_id
    WHERE o.answered_at IS NULL AND o.ended_at IS NULL AND o.due_at < $1 AND {OPEN_TO_ALL} AND c.matter IS NOT NULL
        AND {UNTAKEN.format(kind="order", id="o.id")} ORDER BY o.due_at LIMIT $2
"""
_FINDINGS = f"""
    SELECT f.id, f.number, f.unit, coalesce(c.matter, '') AS matter, f.due_at FROM finding f
    LEFT JOIN cases c ON c.id = f.case_id
    WHERE f.state = 'open' AND f.unit <> '' AND f.person IS NULL AND f.due_at < $1
        AND (f.appealed_at IS NULL OR f.appeal_decided_at IS NOT NULL) AND (c.id IS NULL OR {OPEN_TO_ALL})
        AND {UNTAKEN.format(kind="finding", id="f.id")} ORDER BY f.due_at LIMIT $2
"""


async def of_order(work: Work, order: UUID) -> Source:
    """A supervision order as a source. 404 for none; 409 unless it was not answered in time, or when it was withdrawn.

    One over which the ladder drafted a bulletin is overdue by that.
    """
    row = await work.connection.fetchrow(_ORDER, order)
    if row is None:
        raise not_found()
    if row["ended_for"] == "withdrawn":
        raise conflict(
            "order_withdrawn", "这张督办单已经撤回，不能公示。", "This order was withdrawn; nothing is exposed of it."
        )
    if row["due_at"] >= (row["answered_at"] or row["ended_at"] or work.now) and not row["has_paper"]:
        raise conflict(
            "order_in_time", "督办单没有逾期，不能公示。", "The order is not overdue, so there is nothing to expose."
        )
    return Source(
        kind="order", id=row["id"], number=row["number"], unit=row["unit"], matter=row["matter"] or "",
        county=row["county"], township=row["township"], cases=(row["case_id"],),
    )  # fmt: skip


async def of_finding(work: Work, finding: UUID, *, matter: str = "") -> Source:
    """A finding against a unit as a source; one without a case takes the matter that is given.

    404 for none; 409 for one about a person, one that was lifted, and while an appeal waits.
    """
    row = await work.connection.fetchrow(_FINDING, finding)
    if row is None:
        raise not_found()
    if row["person"] is not None or not row["unit"]:
        raise conflict(
            "about_person", "针对个人的问题不能公示。", "A finding against a person is never published."
        )
    if row["state"] == "lifted" or (row["appealed_at"] is not None and row["appeal_decided_at"] is None):
        raise conflict(
            "finding_open", "问题已撤销或申诉还没裁定，不能公示。",
            "The finding was lifted, or an appeal waits; nothing is exposed of it.",
        )  # fmt: skip
    if matter and city.current().matter(matter) is None:  # it stands in the open: a word of the catalogue or none
        raise invalid({"matter": Say("请从列表里选事项。", "Choose the matter from the list.")})
    unit = city.current().unit(row["unit"])
    return Source(
        kind="finding", id=row["id"], number=row["number"], unit=row["unit"], matter=row["matter"] or matter,
        county=row["county"] or (unit.jurisdiction if unit is not None and unit.jurisdiction else "city"),
        township=row["township"], cases=(row["case_id"],) if row["case_id"] is not None else (),
    )  # fmt: skip


async def offered(connection: db.Connection, now: datetime, limit: int = 20) -> list[Offer]:
    """Orders that are overdue and findings that are late, of which there is no notice; never of shielded cases."""
    orders = await connection.fetch(_ORDERS, now, limit)
    findings = await connection.fetch(_FINDINGS, now, limit)
    return [Offer(kind=kind, **row) for kind, rows in (("order", orders), ("finding", findings)) for row in rows]
