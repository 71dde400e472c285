"""Supervision orders whole (督办单): issued and numbered, signed off, answered, reviewed, joined by others, ended."""

from __future__ import annotations

from uuid import UUID

from cases import demands
from cases import events as e
from cases.ask import Ask
from cases.demands_ladder import order_in_force, out_of_order
from cases.events_ladder import OrderEnded, OrderJoined, OrderReviewed
from cases.file import CaseFile, Text
from cases.ledger import append, columns, opened, read_row
from cases.rows import AssignmentRow
from cases.states import SUPERVISED
from hotline import city, clock, serials
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla import calendar, clocks, ladder_clocks, ladder_papers, ladder_rules
from sla.rows import ClockRow, OrderRow

BY_RULE = {"overdue": "overdue_order", "rework_dissatisfied": "rework_dissatisfied", "mass": "mass"}
"""Grounds on which an order is issued by itself, and the rule of the ladder that each cites."""
BY_HAND = "order_by_hand"
_SERIAL = "order"
_ORDERS = f"SELECT {columns(OrderRow)} FROM supervision_order WHERE"


def rule_of(row: OrderRow | str) -> str:
    """The code of the ladder's rule that an order (or its ground) cites."""
    return BY_RULE.get(row if isinstance(row, str) else row.rule, BY_HAND)


async def order(
    work: Work, file: CaseFile, assignment: AssignmentRow, *, rule: str, words: str = "", bodies: tuple[str, ...] = ()
) -> OrderRow | None:
    """Issue a numbered supervision order to the assignment's unit, to be answered within its working days.

    By hand 409 while one is in force or a higher step stands. By a rule (a key of BY_RULE) the one in force stands for
    both and is returned, and None says that the ladder gives none: a higher step stands, or the rule is switched off.
    """
    if rule in BY_RULE:
        if order_in_force(file, assignment.unit):
            return await _standing(work, file, assignment.unit)
        is_off = BY_RULE[rule] not in await ladder_rules.of(work) or not file.case.is_open
        if is_off or out_of_order(file, assignment.unit, SUPERVISED):
            return None
    _check(work, file, assignment, rule)
    year = clock.local_day(work.now).year
    last = await serials.counted(work, _SERIAL, year)
    due, _ = clocks.promise("order_reply", assignment.profile, work.now, unit=assignment.unit)
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
        words=words,
        bodies=known(bodies),
        joint_at=work.now if bodies else None,
    )
    work.kept.setdefault("orders", {})[row.id] = row
    work.add(row)
    event = e.Ordered(
        order=row.id, number=row.number, unit=row.unit, rule=rule, assignment=assignment.id, due=row.due_at,
        bodies=row.bodies,
    )  # fmt: skip
    await append(work, file, event, {"words": Text(value=words)} if words else {})
    await ladder_papers.after_order(work, row)
    return row


async def numbers_ahead(work: Work, number: int) -> None:
    """Have so many numbers ready for ``order``; what is not used is given back by ``serials.give_back``."""
    await serials.take_ahead(work, _SERIAL, clock.local_day(work.now).year, number)


def _check(work: Work, file: CaseFile, assignment: AssignmentRow, rule: str) -> None:
    """Raise what the move refuses before a number is taken, so that none is missing for an order that never was."""
    event = e.Ordered(
        order=new_id(), number="", unit=assignment.unit, rule=rule, assignment=assignment.id, due=work.now
    )  # fmt: skip
    demands.check(Ask(file=file, event=event, texts={}, actor=work.actor, now=work.now))


def known(bodies: tuple[str, ...]) -> tuple[str, ...]:
    """Units that may supervise jointly, each once; 422 for one that there is not."""
    found = tuple(dict.fromkeys(code for code in bodies if code))
    if any(city.current().unit(code) is None for code in found):
        raise invalid({"bodies": Say("请从列表里选联合督办单位。", "Choose the joining bodies from the list.")})
    return found


async def _standing(work: Work, file: CaseFile, unit: str) -> OrderRow | None:
    kept: dict[UUID, OrderRow] = work.kept.get("orders", {})
    fresh = [one for one in kept.values() if one.case_id == file.case.id and one.unit == unit]
    if fresh:
        return fresh[-1]
    record = await work.connection.fetchrow(
        f"{_ORDERS} case_id = $1 AND unit = $2 AND ended_at IS NULL ORDER BY issued_at DESC LIMIT 1 FOR UPDATE",
        file.case.id,
        unit,
    )
    return _tracked(work, record) if record is not None else None


def _tracked(work: Work, record: object) -> OrderRow:
    row = read_row(OrderRow, record)  # type: ignore[arg-type]
    work.track(row)
    work.kept.setdefault("orders", {})[row.id] = row
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


async def of_number(work: Work, number: str, units: tuple[str, ...] | None = None) -> tuple[CaseFile, OrderRow]:
    """The order, locked for change together with its case; 404 when there is none, or none of these ``units``'."""
    record = await work.connection.fetchrow("SELECT id, case_id, unit FROM supervision_order WHERE number = $1", number)
    if record is None or (units is not None and record["unit"] not in units):
        raise not_found()
    file = await opened(work, case_id=record["case_id"])
    return file, await of_id(work, record["id"])


async def of_id(work: Work, order_id: UUID) -> OrderRow:
    """The order, locked for change; its case is locked already."""
    kept: OrderRow | None = work.kept.get("orders", {}).get(order_id)
    if kept is not None:
        return kept
    return _tracked(work, await work.connection.fetchrow(f"{_ORDERS} id = $1 FOR UPDATE", order_id))


async def sign_order(work: Work, number: str, *, units: tuple[str, ...]) -> OrderRow:
    """签收: the unit has the order in hand. 404 for an order that is not the unit's, 409 when it was signed before."""
    file, row = await of_number(work, number, units)
    if row.ended_at is not None:
        raise conflict("ended", "这张督办单已经办结。", "This order has ended.")
    if row.signed_at is not None:
        raise conflict("signed", "这张督办单已经签收过了。", "This order has been acknowledged already.")
    row.signed_at, row.signed_by = work.now, work.actor.id
    await append(work, file, e.OrderSigned(order=row.id, number=row.number))
    return row


async def answer_order(work: Work, number: str, *, reply: str, units: tuple[str, ...]) -> OrderRow:
    """The unit's reply to its order; its clock stops and the review waits. 404 for an order that is not the unit's."""
    file, row = await of_number(work, number, units)
    if row.answered_at is not None or row.ended_at is not None:
        raise conflict("answered", "这张督办单已经回复过了。", "This order has been answered already.")
    row.signed_at, row.signed_by = row.signed_at or work.now, row.signed_by or work.actor.id
    row.answered_at, row.answered_by, row.reply = work.now, work.actor.id, reply
    row.chase_at = None
    await append(work, file, e.OrderAnswered(order=row.id, number=row.number), {"reply": Text(value=reply)})
    await clocks.stop(work, file, "order_reply", subject=row.id)
    await clocks.show_next(work, file)
    return row


async def review(work: Work, number: str, *, accepted: bool, reason: str, days: int = 3) -> OrderRow:
    """审核回复: accepted ends the order; else it goes back with the reason, due again in ``days`` working days.

    409 while nothing was answered, or once it ended; 422 without a reason.
    """
    file, row = await of_number(work, number)
    if row.state != "answered":
        raise conflict("not_answered", "还没有待审核的回复。", "There is no answer that waits for its review.")
    row.reviewed_at, row.reviewed_by, row.review_reason = work.now, work.actor.id, reason
    row.review = "accepted" if accepted else "sent_back"
    again: ClockRow | None = None
    if accepted:
        row.ended_at, row.ended_by, row.ended_for = work.now, work.actor.id, "accepted"
    else:
        again = ladder_clocks.of_days(file, "order", row.id, "order_reply", days=days, unit=row.unit, start=work.now)
        row.answered_at = row.answered_by = row.reply = None
        row.due_at, row.sent_back = again.due_at, row.sent_back + 1
    event = OrderReviewed(
        order=row.id, number=row.number, unit=row.unit, assignment=row.assignment_id, outcome=row.review,
        due=again.due_at if again else None,
    )  # fmt: skip
    await append(work, file, event, {"reason": Text(value=reason)})
    if again is not None:
        await clocks.start(work, file, [again])
        await clocks.show_next(work, file)
    return row


async def join(work: Work, file: CaseFile, row: OrderRow, *, bodies: tuple[str, ...], rule: str, reason: str) -> None:
    """联合督办: ``bodies`` supervise the order too. 409 once it ended, 422 without a body."""
    if row.ended_at is not None:
        raise conflict("ended", "这张督办单已经办结。", "This order has ended.")
    added = known((*row.bodies, *bodies))
    if not bodies or added == row.bodies:
        raise invalid({"bodies": Say("请选要一起督办的单位。", "Choose who supervises it too.")})
    row.bodies, row.joint_at = added, row.joint_at or work.now
    event = OrderJoined(order=row.id, number=row.number, unit=row.unit, bodies=added, rule=rule)
    await append(work, file, event, {"reason": Text(value=reason)})


async def overdue(work: Work, file: CaseFile, clock_row: ClockRow) -> None:
    """Not answered in time: the order becomes a joint one, and after some days a bulletin is drafted."""
    row = await of_id(work, clock_row.subject_id)
    rules = await ladder_rules.of(work)
    named = str(city.current().rule("supervision.joint_bodies")).split()
    bodies = tuple(code for code in named if city.current().unit(code) is not None and code not in row.bodies)
    if "order_overdue" in rules and bodies:
        ground = rules["order_overdue"].ground_zh
        await join(work, file, row, bodies=bodies, rule="order_overdue", reason=ground)
    if "order_ignored" in rules:
        days = rules["order_ignored"].days
        row.chase_at = calendar.of_unit(city.current(), row.unit).add_working_days(row.due_at, days).at


async def withdraw(work: Work, number: str, *, reason: str) -> OrderRow:
    """撤回 an order that should not have been: it no longer stands, its clock is void. 409 once it ended."""
    file, row = await of_number(work, number)
    if row.ended_at is not None:
        raise conflict("ended", "这张督办单已经办结。", "This order has ended.")
    if not reason.strip():
        raise invalid({"reason": Say("请写明理由。", "Give the reason.")})
    await _end(work, file, row, "withdrawn", reason)
    await clocks.show_next(work, file)
    return row


async def _end(work: Work, file: CaseFile, row: OrderRow, cause: str, reason: str = "") -> None:
    row.ended_at, row.ended_by, row.ended_for, row.chase_at = work.now, work.actor.id, cause, None
    event = OrderEnded(order=row.id, number=row.number, assignment=row.assignment_id, cause=cause)
    await append(work, file, event, {"reason": Text(value=reason)})
    await clocks.stop(work, file, "order_reply", subject=row.id, void=True)


async def on_closed(work: Work, file: CaseFile, entry: object) -> None:
    """The supervision office closed its own case: the orders that were in force end with it (seed 004-45)."""
    if not order_in_force(file):
        return
    for record in await work.connection.fetch(
        f"{_ORDERS} case_id = $1 AND ended_at IS NULL ORDER BY issued_at FOR UPDATE", file.case.id
    ):
        kept = work.kept.get("orders", {}).get(record["id"])
        await _end(work, file, kept or _tracked(work, record), "case_closed")


async def on_erased(work: Work, file: CaseFile, entry: object) -> None:
    """What was written on orders and instructions of the case goes with its other words (rules.md 5)."""
    await work.connection.execute(
        "UPDATE supervision_order SET reply = NULL, review_reason = NULL, words = '' WHERE case_id = $1", file.case.id
    )
    await work.connection.execute("UPDATE instruction SET words = '', report = NULL WHERE case_id = $1", file.case.id)
