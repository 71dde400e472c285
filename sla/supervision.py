"""The ladder's acts: yellow and red cards, the supervision order on a breach, alerts and their answers (rules.md 7)."""

from __future__ import annotations

from uuid import UUID

from cases import events as e
from cases.file import CaseFile, Text
from cases.ledger import append, opened
from cases.rows import AssignmentRow
from hotline import acts, city, clock, serials
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla import clocks
from sla.rows import AlertRow, ClockRow, OrderRow

YELLOW, RED, ORDER = 2, 3, 4
CARD_STAGE = "finish"
"""Cards and points are for a late handling; the other stages raise alerts (domain.md 2.10)."""


def level(file: CaseFile, unit: str) -> int:
    """The highest level that a unit has reached on a case, in whichever of its assignments (rules.md 7)."""
    return max((a.supervision for a in file.assignments.values() if a.unit == unit), default=0)


async def warn(work: Work, file: CaseFile, row: ClockRow) -> None:
    """Yellow: noted on the clock; on the handling clock also a card with points, never after a higher level."""
    row.warned_at = work.now
    assignment = file.assignments.get(row.subject_id)
    if row.stage != CARD_STAGE or assignment is None or level(file, assignment.unit) >= YELLOW:
        return
    points = int(city.current().rule("supervision.yellow_points"))
    await append(
        work,
        file,
        e.Warned(
            clock=row.id, stage=row.stage, unit=row.unit, assignment=assignment.id, record=new_id(), points=points
        ),
    )


async def breach(work: Work, file: CaseFile, row: ClockRow) -> None:
    """Red: an alert for every overdue stage; for the handling clock also a card with points and a supervision order."""
    row.warned_at = row.warned_at or work.now
    row.breached_at = work.now
    assignment = file.assignments.get(row.subject_id)
    before = level(file, assignment.unit) if assignment is not None else 0
    is_card = row.stage == CARD_STAGE and assignment is not None and before < RED
    points = int(city.current().rule("supervision.red_points")) if is_card else 0
    await append(
        work,
        file,
        e.Breached(
            clock=row.id,
            stage=row.stage,
            due=row.due_at,
            unit=row.unit,
            assignment=assignment.id if is_card and assignment else None,
            record=new_id() if is_card else None,
            points=points,
        ),
    )
    work.add(
        AlertRow(
            id=new_id(),
            clock_id=row.id,
            case_id=file.case.id,
            unit=row.unit,
            stage=row.stage,
            at=work.now,
            due_at=row.due_at,
        )
    )
    if row.stage == CARD_STAGE and assignment is not None and before < ORDER:
        await order(work, file, assignment, rule="overdue")


async def order(work: Work, file: CaseFile, assignment: AssignmentRow, *, rule: str) -> OrderRow:
    """Issue a numbered supervision order to the assignment's unit, to be answered within its working days.

    409 while an order for the same reason is still unanswered.
    """
    is_open = await work.connection.fetchval(
        "SELECT EXISTS (SELECT FROM supervision_order WHERE assignment_id = $1 AND rule = $2 AND answered_at IS NULL)",
        assignment.id,
        rule,
    )
    if is_open:
        zh, en = "已有一张督办单还没回复，不重复发。", "An order for this is still unanswered; none is issued twice."
        raise conflict("ordered", zh, en)
    year = clock.local_day(work.now).year
    last = await serials.following(work.connection, "order", year)
    due, _ = clocks.promise("order_reply", assignment.profile, work.now)
    row = OrderRow(
        id=new_id(),
        number=f"督办〔{year}〕{last}号",
        case_id=file.case.id,
        assignment_id=assignment.id,
        unit=assignment.unit,
        rule=rule,
        issued_at=work.now,
        issued_by=work.actor.id,
        due_at=due.due_at,
    )
    work.add(row)
    await append(
        work,
        file,
        e.Ordered(order=row.id, number=row.number, unit=row.unit, rule=rule, assignment=assignment.id, due=row.due_at),
    )
    return row


async def on_ordered(work: Work, file: CaseFile, entry: object) -> None:
    """The order's own clock starts, and a visit clock for each request that the order brought back to be visited."""
    event = entry.event  # type: ignore[attr-defined]
    profile = file.assignments[event.assignment].profile
    watched = {r.subject_id for r in await clocks.of_case(work, file) if r.stage == "visit" and r.stopped_at is None}
    again = [r for r in file.requests.values() if r.state == "awaiting_visit" and r.id not in watched]
    await clocks.start(
        work,
        file,
        [
            clocks.make(file, "order", event.order, "order_reply", profile=profile, unit=event.unit, start=work.now),
            *(clocks.make(file, "request", r.id, "visit", profile=profile, unit="", start=work.now) for r in again),
        ],
    )
    await clocks.show_next(work, file)


async def sign_order(work: Work, number: str, *, units: tuple[str, ...]) -> OrderRow:
    """签收: the unit has the order in hand. 404 for an order that is not the unit's, 409 when it was signed before."""
    file, row = await _own_order(work, number, units)
    if row.signed_at is not None:
        raise conflict("signed", "这张督办单已经签收过了。", "This order has been acknowledged already.")
    row.signed_at, row.signed_by = work.now, work.actor.id
    await append(work, file, e.OrderSigned(order=row.id, number=row.number))
    return row


async def _own_order(work: Work, number: str, units: tuple[str, ...]) -> tuple[CaseFile, OrderRow]:
    """The order, locked for change together with its case; the 404 refusal when it is not these units'."""
    columns = ", ".join(OrderRow.__struct_fields__)
    record = await work.connection.fetchrow("SELECT case_id, unit FROM supervision_order WHERE number = $1", number)
    if record is None or record["unit"] not in units:
        raise not_found()
    file = await opened(work, case_id=record["case_id"])
    row = OrderRow(
        **await work.connection.fetchrow(
            f"SELECT {columns} FROM supervision_order WHERE number = $1 FOR UPDATE",
            number,
        )
    )
    work.track(row)
    return file, row


async def on_erased(work: Work, file: CaseFile, entry: object) -> None:
    """What units answered to orders of the case goes with its other words (rules.md 5)."""
    await work.connection.execute("UPDATE supervision_order SET reply = NULL WHERE case_id = $1", file.case.id)


async def answer_order(work: Work, number: str, *, reply: str, units: tuple[str, ...]) -> OrderRow:
    """The unit's reply to its order; the order's clock stops. 404 for an order that is not the unit's."""
    file, row = await _own_order(work, number, units)
    if row.answered_at is not None:
        raise conflict("answered", "这张督办单已经回复过了。", "This order has been answered already.")
    row.signed_at, row.signed_by = row.signed_at or work.now, row.signed_by or work.actor.id
    row.answered_at, row.answered_by, row.reply = work.now, work.actor.id, reply
    await append(work, file, e.OrderAnswered(order=row.id, number=row.number), {"reply": Text(value=reply)})
    await clocks.stop(work, file, "order_reply", subject=row.id)
    await clocks.show_next(work, file)
    return row


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
