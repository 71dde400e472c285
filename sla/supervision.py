"""What the sweep does when a promise comes near or is broken: cards, alerts, an order by itself; alerts' answers.

What each act is worth and cites stands in the ladder's rule table (``sla.ladder_rules``; rules.md 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cases import events as e
from cases.demands_ladder import steps_of
from cases.file import CaseFile
from cases.ledger import append
from cases.rows import AssignmentRow
from cases.states import RED, SUPERVISED, YELLOW
from hotline import acts, city
from hotline.errors import Say, conflict, invalid
from hotline.ids import new_id
from hotline.work import Work
from sla import calendar, ladder_orders, ladder_rules
from sla.ladder_orders import answer_order, on_closed, on_erased, on_ordered, order, sign_order
from sla.rows import AlertRow, ClockRow

__all__ = [
    "CARD_STAGE",
    "ORDER",
    "answer_alert",
    "answer_order",
    "breach",
    "level",
    "on_closed",
    "on_erased",
    "on_ordered",
    "order",
    "sign_order",
    "warn",
]
ORDER = SUPERVISED
CARD_STAGE = "finish"
"""Cards and points are for a late handling; the other stages raise alerts (domain.md 2.10)."""


def level(file: CaseFile, unit: str) -> int:
    """The highest step that stands on a unit over a case, in whichever of its shares (rules.md 7)."""
    return max(steps_of(file, unit), default=0)


def later(start: datetime, days: int, unit: str) -> datetime:
    """The close of the ``days``-th working day after ``start`` in the unit's county; "" is the centre."""
    return calendar.of_unit(city.current(), unit).add_working_days(start, days).at


async def warn(work: Work, file: CaseFile, row: ClockRow) -> None:
    """Yellow: noted on the clock; on the handling clock also a card with points, never after a higher level."""
    row.warned_at = work.now
    assignment = file.assignments.get(row.subject_id)
    rule = (await ladder_rules.of(work)).get("before_due")
    if rule is None or row.stage != CARD_STAGE or assignment is None or level(file, assignment.unit) >= YELLOW:
        return
    await append(
        work,
        file,
        e.Warned(
            clock=row.id, stage=row.stage, unit=row.unit, assignment=assignment.id, record=new_id(), points=rule.points
        ),
    )


async def breach(work: Work, file: CaseFile, row: ClockRow) -> None:
    """Red: an alert for every overdue stage; for the handling clock also a card with points and a supervision order.

    An order that was not answered becomes a joint one. What follows later is set on the clock, the alert, the order.
    """
    row.warned_at = row.warned_at or work.now
    row.breached_at = work.now
    share = file.assignments.get(row.subject_id) if row.stage == CARD_STAGE else None
    before = level(file, share.unit) if share is not None else 0
    rules = await ladder_rules.of(work)
    await _red(work, file, row, share if before < RED else None, rules)
    await _alert(work, file, row, rules)
    if row.stopped_at is not None:
        return  # done meanwhile, late: the card and the alert stay, but there is nothing left to order
    if share is not None:
        if (after := rules.get("long_overdue")) is not None:
            row.chase_at = later(row.due_at, after.days, row.unit)
        if before < ORDER and "overdue_order" in rules:
            await order(work, file, share, rule="overdue")
    elif row.subject == "order":
        await ladder_orders.overdue(work, file, row)


async def orders_ahead(work: Work, found: Sequence[tuple[CaseFile, ClockRow]]) -> None:
    """Lay out the numbers of the orders that ``breach`` will issue on these; for one it can count by itself."""
    rules = await ladder_rules.of(work)
    number = sum(_gets_order(file, row, rules) for file, row in found)
    if number > 1:
        await ladder_orders.numbers_ahead(work, number)


def _gets_order(file: CaseFile, row: ClockRow, rules: ladder_rules.Book) -> bool:
    share = file.assignments.get(row.subject_id) if row.stage == CARD_STAGE and row.stopped_at is None else None
    return share is not None and "overdue_order" in rules and file.case.is_open and level(file, share.unit) < ORDER


async def _red(
    work: Work, file: CaseFile, row: ClockRow, share: AssignmentRow | None, rules: ladder_rules.Book
) -> None:
    """The event of every broken promise; with a card on ``share`` where the ladder gives one."""
    rule = rules.get("overdue")
    is_card = share is not None and rule is not None
    await append(
        work,
        file,
        e.Breached(
            clock=row.id,
            stage=row.stage,
            due=row.due_at,
            unit=row.unit,
            assignment=share.id if is_card and share else None,
            record=new_id() if is_card else None,
            points=rule.points if is_card and rule else 0,
        ),
    )


async def _alert(work: Work, file: CaseFile, row: ClockRow, rules: ladder_rules.Book) -> None:
    climbs = rules.get("alert_unanswered")
    work.add(
        AlertRow(
            id=new_id(),
            clock_id=row.id,
            case_id=file.case.id,
            unit=row.unit,
            stage=row.stage,
            at=work.now,
            due_at=row.due_at,
            escalate_at=later(work.now, climbs.days, row.unit) if climbs else None,
        )
    )


async def answer_alert(work: Work, alert: UUID, *, answer: str) -> None:
    """Answer an alert with words, once; it stays for ever (seed 004-14)."""
    if not answer.strip():
        raise invalid({"answer": Say("请写明原因和措施。", "Write the cause and what is done.")})
    found = await work.connection.fetchval(
        "UPDATE alert SET answered_at = $2, answered_by = $3, answer = $4 "
        "WHERE id = $1 AND answered_at IS NULL RETURNING id",
        alert, work.now, work.actor.id, answer.strip(),
    )  # fmt: skip
    if found is None:
        raise conflict("answered", "这条预警已经答复过了。", "This alert has been answered already.")
    await acts.note(work.connection, work.actor, "alert_answered", str(alert), {})
