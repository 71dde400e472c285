"""Requests for the centre's data: asked, taken up, reviewed, supplied; or refused with a reason, or withdrawn.

Each stage has a promise of its own (3, 3 and 10 working days by rules.md 6). They are no case's, so they stand apart
from the clocks and are reckoned by the same functions.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from hotline import city, clock, db, serials
from hotline.errors import Refusal, Say, conflict, not_found
from hotline.ids import new_id
from hotline.permissions import demand
from hotline.work import ORDER, Row, Work
from sla import calendar, targets

ORDER += ["data_request", "data_request_stage"]
OPEN = ("asked", "accepted", "approved")
STAGE_OF = {"asked": "request_accept", "accepted": "request_review", "approved": "request_supply"}
"""The stage whose promise runs in a state."""
STATES: dict[str, Say] = {
    "asked": Say("待受理", "To be taken up"),
    "accepted": Say("待审核", "To be reviewed"),
    "approved": Say("待提供", "To be supplied"),
    "supplied": Say("已提供", "Supplied"),
    "refused": Say("不提供", "Refused"),
    "withdrawn": Say("已撤回", "Withdrawn"),
}
NEXT = {"asked": "accepted", "accepted": "approved"}
STAGES = tuple(STAGE_OF.values())


class RequestRow(Row, kw_only=True):
    """One request. ``unit`` asks, for itself or for ``partner``; ``expires_at`` is when its file goes."""

    table: ClassVar[str] = "data_request"

    id: UUID
    number: str
    unit: str
    partner: str = ""
    asked_at: datetime
    asked_by: UUID
    purpose: str
    legal_basis: str
    fields: str
    period_from: date
    period_to: date
    recipient: str
    retention: str
    state: str = "asked"
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    reason: str | None = None
    handed_over: str | None = None
    file_id: UUID | None = None
    expires_at: datetime | None = None
    downloads: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes something."""
        return self.state in OPEN


class StageRow(Row, kw_only=True):
    """The promise of one stage; ``answer`` is what the centre said of its being late."""

    table: ClassVar[str] = "data_request_stage"

    id: UUID
    request_id: UUID
    stage: str
    measure: str
    amount: Decimal
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    is_provisional: bool
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    outcome: str | None = None
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: UUID | None = None


REQUEST_COLUMNS = ", ".join(RequestRow.__struct_fields__)
STAGE_COLUMNS = ", ".join(StageRow.__struct_fields__)


def promise(stage: str, start: datetime, measure: str, amount: float) -> targets.Promise:
    """The promise of a stage, by the calendar in force."""
    due, provisional = targets.ends(calendar.of(city.current()), start, measure, amount)
    return targets.Promise(
        stage=stage, profile="", start=start, due_at=due, provisional=provisional, unit=measure, amount=amount
    )


def promised(row: StageRow) -> targets.Promise:
    """The promise that a stage keeps, for whoever explains it."""
    return targets.Promise(
        stage=row.stage, profile="", start=row.started_at, due_at=row.due_at, provisional=row.is_provisional,
        unit=row.measure, amount=float(row.amount),
    )  # fmt: skip


def _begin(work: Work, request: RequestRow) -> None:
    """Start the promise of the state that the request is in."""
    stage = STAGE_OF[request.state]
    target = targets.of(city.current()).common[stage]
    one = promise(stage, work.now, target.unit, target.amount)
    work.add(StageRow(
        id=new_id(), request_id=request.id, stage=stage, measure=one.unit, amount=Decimal(str(one.amount)),
        started_at=work.now, due_at=one.due_at, warn_at=targets.warn_at(calendar.of(city.current()), one),
        is_provisional=one.provisional,
    ))  # fmt: skip


async def ask(work: Work, identifier: UUID, given: dict[str, object]) -> RequestRow:
    """A new request; ``given`` are the fields that the asker fills in. The first promise starts.

    409 ``posted`` when there is one of this id already: the same form sent twice.
    """
    demand(work.actor, "data.ask")
    year = clock.local_day(work.now).year
    last = await serials.following(work.connection, "data_request", year)  # whoever posts twice waits here
    if await work.connection.fetchval("SELECT TRUE FROM data_request WHERE id = $1", identifier):
        raise conflict("posted", "这份申请已经提交过。", "This request was sent already.")
    columns: dict[str, object] = {
        "id": identifier, "number": f"数申〔{year}〕{last}号", "asked_at": work.now, "asked_by": work.actor.id, **given,
    }  # fmt: skip
    row = RequestRow(**columns)  # type: ignore[arg-type] # the form's struct has checked them
    work.add(row)
    _begin(work, row)
    return row


async def opened(work: Work, request_id: UUID) -> tuple[RequestRow, list[StageRow]]:
    """The request and its stages, locked and tracked for change. 404 when there is none."""
    found = await work.connection.fetchrow(
        f"SELECT {REQUEST_COLUMNS} FROM data_request WHERE id = $1 FOR UPDATE", request_id
    )
    if found is None:
        raise not_found()
    work.waited()
    request, stages = RequestRow(**found), await stages_of(work.connection, [request_id])
    for row in (request, *stages):
        work.track(row)
    return request, stages


async def stages_of(connection: db.Connection, requests: list[UUID]) -> list[StageRow]:
    """The stages of some requests, in the order in which they began."""
    rows = await connection.fetch(
        f"SELECT {STAGE_COLUMNS} FROM data_request_stage WHERE request_id = ANY($1) ORDER BY started_at, id", requests
    )
    return [StageRow(**row) for row in rows]


def advance(work: Work, request: RequestRow, stages: list[StageRow]) -> None:
    """Take it up, or approve it: its promise stops, the next one starts. 409 when nothing is left to decide."""
    _may_answer(work, request)
    if request.state not in NEXT:
        raise over(request)
    _stop(work, stages)
    request.state = NEXT[request.state]
    _begin(work, request)


def refuse(work: Work, request: RequestRow, stages: list[StageRow], reason: str) -> None:
    """Refuse it, with the reason that the asker reads. 422 without one."""
    _may_answer(work, request)
    if not reason.strip():
        say = Say("不提供要写明理由。", "A refusal gives its reason.")
        raise Refusal(422, "no_reason", say, fields={"reason": say})
    _end(work, request, stages, "refused")
    request.reason = reason.strip()


def supply(
    work: Work, request: RequestRow, stages: list[StageRow], *, file: UUID | None, note: str, expires: datetime | None
) -> None:
    """Supply it: a file that goes at ``expires``, or a note where it was handed over. 409 before it is approved."""
    ready_to_supply(work, request)
    _end(work, request, stages, "supplied")
    request.file_id, request.handed_over = file, note.strip() or None
    request.expires_at = expires if file is not None else None


def ready_to_supply(work: Work, request: RequestRow) -> None:
    """Raise the 409 unless it is approved and for this person to supply."""
    _may_answer(work, request)
    if request.state != "approved":
        raise conflict("not_approved", "审核通过以后才能提供。", "It is supplied only once it is approved.")


def withdraw(work: Work, request: RequestRow, stages: list[StageRow]) -> None:
    """The asker takes it back. 404 for others, 409 once it is decided."""
    if not is_own(work, request):
        raise not_found()
    if not request.is_open:
        raise over(request)
    for row in stages:
        if row.stopped_at is None:
            row.stopped_at, row.outcome = work.now, "void"
    request.state, request.ended_at, request.ended_by = "withdrawn", work.now, work.actor.id


def answer(work: Work, stages: list[StageRow], stage: UUID, text: str) -> None:
    """Say why a stage was late; once, and it stays. 409 for one that was answered, 404 for one that was not late."""
    demand(work.actor, "data.answer")
    row = next((one for one in stages if one.id == stage and one.breached_at is not None), None)
    if row is None:
        raise not_found()
    if row.answered_at is not None:
        raise conflict("answered", "这条预警已经答复过。", "This alert was answered already.")
    row.answer, row.answered_at, row.answered_by = text.strip(), work.now, work.actor.id


def is_own(work: Work, request: RequestRow) -> bool:
    """Whether the actor is of the unit that asks."""
    return request.unit in work.actor.units or request.asked_by == work.actor.id


def _may_answer(work: Work, request: RequestRow) -> None:
    demand(work.actor, "data.answer")
    if request.asked_by == work.actor.id:
        raise conflict("own_request", "自己提的申请，要由别人来办。", "Somebody else decides on your own request.")
    if not request.is_open:
        raise over(request)


def over(request: RequestRow) -> Refusal:
    """The 409 for an act that comes too late."""
    state = STATES[request.state]
    return conflict("over", f"这份申请{state.zh}，不能再改。", f"This request is past that: {state.en.lower()}.")


def _stop(work: Work, stages: list[StageRow]) -> None:
    for row in stages:
        if row.stopped_at is None:
            row.stopped_at, row.outcome = work.now, "met" if work.now <= row.due_at else "late"
            if row.outcome == "late" and row.breached_at is None:
                row.breached_at = row.due_at  # before the sweep came round: it was late all the same


def _end(work: Work, request: RequestRow, stages: list[StageRow], state: str) -> None:
    _stop(work, stages)
    request.state, request.ended_at, request.ended_by = state, work.now, work.actor.id
