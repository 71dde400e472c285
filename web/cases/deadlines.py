"""The promises on a case as its page shows them, and the orders and messages that stand beside the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from cases import scope
from cases.views import CaseView
from cases.wording import STAGES
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say
from sla import calendar, explain, history
from sla.clocks import ANSWER
from sla.rows import ClockRow, OrderRow
from web import units
from web.cases import messages
from web.cases.messages import Message
from web.timeleft import PAUSED, Term, TimeLeft, time_left

MOST_TOLD = 3
"""How many requesters' own dates stand among the deadlines: the nearest."""
_CLOCKS = f"SELECT {', '.join(ClockRow.__struct_fields__)} FROM clock WHERE case_id = $1 ORDER BY started_at, id"
_ORDERS = f"SELECT {', '.join(OrderRow.__struct_fields__)} FROM supervision_order WHERE case_id = $1 ORDER BY issued_at"


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """One promise: of what, whose, how much is left, and where it is explained. ``notes``: what happened to it."""

    say: Say
    unit: Say | None
    left: TimeLeft
    url: str
    is_running: bool
    stage: str
    notes: Sequence[Say] = ()


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows beside the ledger."""

    clocks: Sequence[ClockRow]
    orders: Sequence[OrderRow]
    messages: Sequence[Message]


async def beside(connection: db.Connection, view: CaseView, actor: Actor) -> Beside:
    """Clocks, orders and messages of the case, as far as they are this actor's to see."""
    clocks = [ClockRow(**row) for row in await connection.fetch(_CLOCKS, view.case.id)]
    orders = [OrderRow(**row) for row in await connection.fetch(_ORDERS, view.case.id)]
    if not (view.is_shielded or scope.is_of_unit(actor)):
        return Beside(clocks=clocks, orders=orders, messages=await messages.of_case(connection, view.case.id))
    return Beside(
        clocks=[one for one in clocks if one.unit in actor.units],
        orders=[one for one in orders if one.unit in actor.units], messages=(),
    )  # fmt: skip


def shown(view: CaseView, clocks: Sequence[ClockRow]) -> list[Deadline]:
    """The promises in the order in which they began; void ones left out."""
    order = list(STAGES)
    told = sorted((one for one in clocks if one.stage == ANSWER), key=lambda one: (one.outcome is not None, one.due_at))
    many = {one.id for one in told[MOST_TOLD:]}  # the rest stand beside the cases that were merged in
    kept = [one for one in clocks if one.outcome != "void" and one.id not in many]
    kept.sort(key=lambda one: (one.started_at.replace(second=0, microsecond=0), order.index(one.stage)))
    return [_deadline(view, one) for one in kept]


def _deadline(view: CaseView, row: ClockRow) -> Deadline:
    return Deadline(
        say=STAGES.get(row.stage, Say(row.stage, row.stage)), stage=row.stage, is_running=row.stopped_at is None,
        unit=_whose(view, row), left=left(row), notes=_notes(view, row),
        url=f"/cases/{view.case.number}/clocks/{row.id}",
    )  # fmt: skip


def _whose(view: CaseView, row: ClockRow) -> Say | None:
    """The unit whose promise it is, or the receipt of the requester whose own date it is; None for the centre's."""
    if row.unit:
        return units.name(city.current(), row.unit)
    request = view.file.requests.get(row.subject_id) if row.stage == ANSWER else None
    return Say(request.receipt_no, request.receipt_no) if request is not None else None


def _notes(view: CaseView, row: ClockRow) -> list[Say]:
    """An extension that was given or waits, and the law that gave the time."""
    found = []
    share = view.file.assignments.get(row.subject_id)
    for act in history.read(row.history):
        if isinstance(act, history.Extension):
            amount = explain.amount_of(act.amount, act.unit)
            found.append(Say(f"已延期 {amount.zh}", f"extended by {amount.en}"))
    if share is not None and share.extension_asked_at is not None and row.stage == "finish" and row.stopped_at is None:
        found.append(Say("已申请延期，等答复", "extension asked for"))
    law = city.current().statutes.get(view.case.law or "")
    if law is not None and row.stage == "finish" and row.profile == law.profile:
        found.append(Say(f"法定期限：{law.name.zh}", f"by law: {law.name.en}"))
    return found


def left(row: ClockRow) -> TimeLeft:
    """The chip of one clock now."""
    term = Term(
        unit=row.measure,
        start=row.started_at,
        due=row.due_at,
        warn=row.warn_at,
        done=row.stopped_at,
        paused=PAUSED.get(row.paused_for or ""),
        is_provisional=row.is_provisional,
    )
    return time_left(calendar.of_unit(city.current(), row.unit), term, clock.now())


def head(deadlines: Sequence[Deadline]) -> Deadline | None:
    """The one beside the title: the running handling promise, else the nearest running one."""
    running = [one for one in deadlines if one.is_running]
    return next(
        (one for one in running if one.stage == "finish"), min(running, key=lambda one: one.left.due, default=None)
    )


def one(clocks: Sequence[ClockRow], clock_id: UUID) -> ClockRow | None:
    """The clock with this id among those that may be seen."""
    return next((row for row in clocks if row.id == clock_id), None)
