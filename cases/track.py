"""What a requester may read of their own case, in citizens' words: no staff, no notes, nobody else's words (ux.md 7).

Built from the ledger's requester-visible events only; whoever calls has checked number and query code.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from cases import events as e
from cases import ledger, pauses, ratings, states, views, wording
from cases.events_audit import ClaimDecided
from cases.events_pause import InfoAsked
from cases.file import CaseFile, Entry
from cases.own import Own, is_for
from cases.own import entries as own_entries
from cases.rows import RequestRow
from hotline import city, clock, db
from hotline.errors import Say
from hotline.work import Work

RECEIVED = Say("已收到", "Received")
IN_PROGRESS = Say("办理中", "In progress")
STATES: dict[str, Say] = {
    "received": RECEIVED,
    "in_progress": IN_PROGRESS,
    "needs_info": Say("待您补充", "Needs you"),
    "planned": Say("列入计划", "Planned"),
    "declined": Say("不予受理", "Not taken up"),
    "transferred": Say("已转接", "Transferred"),
    "answered": Say("已答复", "Answered"),
    "closed": Say("已办结", "Closed"),
    "withdrawn": Say("已撤回", "Withdrawn"),
}
"""All that a citizen ever reads as a state: five characters at most, as a WeChat template takes."""
OUTCOMES: dict[str, Say] = {
    "suggestion_adopted": Say("您的建议已采纳。", "Your suggestion was adopted."),
    "suggestion_not_adopted": Say("您的建议这次没有采纳。", "Your suggestion was not adopted this time."),
    "praise_forwarded": Say("您的表扬已转达本人和单位。", "Your praise was passed on."),
    "planned": Say("这件事已列入计划。", "This was put on the plan."),
}
_BY_STATE = {
    "registered": "received", "declined": "declined", "transferred": "transferred", "answered": "answered",
    "callback": "answered", "closed": "closed", "archived": "closed",
}  # fmt: skip
WAITING = frozenset({"received", "in_progress", "needs_info"})
"""States in which an answer is still to come."""
_ELSEWHERE = frozenset({"promised", "handled", "rated"})
"""Kinds that stand elsewhere on the page."""
_TOLD = {"extension_granted": "told", "responded": "answer"}
"""Kinds whose line shows what the requester is told, and the text that holds it."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the line: what, done, now or next, and when."""

    say: Say
    look: str
    at: datetime | None = None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what happened, with the requester's own words where it was they who wrote."""

    at: datetime
    say: Say
    words: str = ""
    slug: str = ""
    """The public page of a theme: /themes/<slug>."""


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """The page of one receipt."""

    request: UUID
    case_id: UUID
    number: str
    seq: int
    kind: str
    filed_at: datetime
    state: str
    steps: Sequence[Step]
    notes: Sequence[Note]
    unit: Say | None = None
    due: datetime | None = None
    is_provisional: bool = False
    clock: UUID | None = None
    """Which promise ``due`` is, so that it can explain itself."""
    is_late: bool = False
    reply: str = ""
    replied_at: datetime | None = None
    reason: str = ""
    outcome: Say | None = None
    grade: str = ""
    is_anonymous: bool = False
    may_add: bool = False
    may_urge: bool = False
    urged_at: datetime | None = None
    may_withdraw: bool = False
    may_wish: bool = False
    may_rate: bool = False
    wanted: Sequence[str] = ()
    wanted_by: datetime | None = None
    review_at: datetime | None = None
    is_lapsed: bool = False
    may_wish_hour: bool = False
    wish: str = ""

    @property
    def state_say(self) -> Say:
        """The state in words."""
        return STATES[self.state]


async def read(connection: db.Connection, number: str) -> Track | None:
    """The page of the receipt ``number``, None when no case has it (yet). Three statements and the ledger's two."""
    case_id = await connection.fetchval("SELECT case_id FROM request WHERE receipt_no = $1", number)
    if case_id is None:
        return None
    file = await views.read(connection, case_id)
    request = file.request_no(number)
    if request is None:
        return None
    return _track(file, request, await own_entries(connection, file, request), clock.now())


def _track(file: CaseFile, request: RequestRow, entries: Own, now: datetime) -> Track:
    case, own = file.case, entries.story
    state = state_of(file, request, own)
    reply, reason, replied_at = reply_of(entries.answers)
    runs = state in WAITING and case.paused is None  # while it stands no date is promised
    promise = _due(entries.answers, case.lead_unit, request) if runs else None
    due = promise.due if promise is not None else None
    unit = city.current().unit(case.lead_unit) if case.lead_unit else None
    is_open = case.state in states.OPEN and request.state not in {"withdrawn", "erased"}
    result = file.lead.result if file.lead is not None else case.close_reason
    return Track(
        request=request.id, case_id=case.id, number=request.receipt_no, seq=case.last_seq, kind=request.kind,
        filed_at=request.filed_at, state=state, steps=_steps(file, request, own, state),
        notes=_notes(file, own, request), unit=unit.name if unit is not None and is_open else None,
        due=due, is_provisional=promise is not None and promise.is_provisional,
        clock=promise.clock if promise is not None else None, is_late=due is not None and due < now,
        reply=reply, reason=reason, replied_at=replied_at,
        outcome=OUTCOMES.get(result or "") if replied_at is not None else None,
        grade=request.final_grade or "" if request.rated_at is not None else "", is_anonymous=request.is_anonymous,
        may_add=is_open, urged_at=request.urged_at, may_urge=is_open and may_urge(request, now),
        may_withdraw=may_withdraw(file, request), may_wish=may_wish(file, request),
        may_rate=may_rate(file, request, now),
        wanted=_wanted(own) if request.info_until is not None else (), wanted_by=request.info_until,
        review_at=case.review_at if state == "planned" and is_open else None,
        is_lapsed=case.close_reason == "info_not_supplied", wish=request.wish,
        may_wish_hour=case.is_open and request.phone is not None and request.state in {"open", "awaiting_visit"},
    )  # fmt: skip


def _wanted(own: Sequence[Entry]) -> list[str]:
    """What the requester was asked for, an item each."""
    asked = next((entry for entry in reversed(own) if isinstance(entry.event, InfoAsked)), None)
    return _public(asked, "list").splitlines() if asked is not None else []


def state_of(file: CaseFile, request: RequestRow, own: Sequence[Entry]) -> str:
    """The key of STATES for this request: returns, conferences and audits all read 办理中."""
    if request.state == "withdrawn":
        return "withdrawn"
    if request.info_until is not None:
        return "needs_info"
    if file.case.paused == pauses.SUSPENDED and request.state == "open":
        return "planned"
    was_dispatched = bool(file.assignments) or any(isinstance(entry.event, e.Dispatched) for entry in own)
    return state_in_public(file.case.state, file.case.close_reason, is_with_unit=was_dispatched)


def state_in_public(state: str, close_reason: str | None, *, is_with_unit: bool) -> str:
    """The key of STATES for a case of which only its row is at hand."""
    if close_reason == "withdrawn":
        return "withdrawn"
    if state in {"closed", "archived"} and close_reason == "planned":
        return "planned"
    if state == "accepted" and not is_with_unit:
        return "received"
    return _BY_STATE.get(state, "in_progress")


def may_urge(request: RequestRow, now: datetime) -> bool:
    """Whether they may urge: once in the city's ``urge.hours``."""
    hours = float(city.current().rule("urge.hours"))
    return request.urged_at is None or now - request.urged_at >= timedelta(hours=hours)


def may_withdraw(file: CaseFile, request: RequestRow) -> bool:
    """While no unit has it, and while the case is theirs alone: withdrawing ends the case."""
    return (
        file.case.state in states.UNDISPATCHED and request.state == "open" and len(file.requests) == 1 and not file.live
    )


def may_wish(file: CaseFile, request: RequestRow) -> bool:
    """Once a unit has it they may say that they wish to withdraw; the centre calls before anything ends."""
    return (
        file.case.state in {"active", "rework", "in_conference", "callback"} and file.case.lead_unit is not None
        and request.state in {"open", "awaiting_visit"} and request.withdraw_state != "wished"
    )  # fmt: skip


def may_rate(file: CaseFile, request: RequestRow, now: datetime) -> bool:
    """Closed or answered, within the window, once, and not by somebody who chose to stay anonymous (rules.md 8).

    Before that, while a message asks whoever three calls did not reach.
    """
    if request.is_anonymous or file.case.close_reason == "withdrawn":
        return False
    if ratings.may_answer(file, request, now):
        return True
    since = now - file.case.closed_at if file.case.closed_at is not None else None
    return ratings.may_rate(file, request, since)


async def opened(work: Work, number: str) -> tuple[CaseFile, RequestRow]:
    """Case (locked) and request of a receipt whose code was shown; the 404 refusal when there is none."""
    file = await ledger.opened_for(work, number)
    request = file.request_no(number)
    return file, request if request is not None else file.first_request


def reply_of(own: Sequence[Entry]) -> tuple[str, str, datetime | None]:
    """The public reply with its reason: the lead's last one that an audit has passed, or the answer given at once."""
    given = answers_of(own)
    if not given:
        return "", "", None
    entry, at = given[-1]
    beside = {"handled": "reason", "claim_decided": ""}.get(entry.row.kind, "channel")
    return _public(entry, "reply"), _public(entry, beside), at


def answers_of(own: Sequence[Entry]) -> list[tuple[Entry, datetime]]:
    """The entries with an answer to the requester, each with when it was given: a unit's once an audit passed it."""
    pending: Entry | None = None
    found: list[tuple[Entry, datetime]] = []
    lead = next((entry.event.assignment for entry in reversed(own) if isinstance(entry.event, e.Dispatched)), None)
    for entry in own:
        event = entry.event
        if isinstance(event, e.Handled):
            pending = entry if event.assignment == lead else pending
        elif isinstance(event, e.Approved) and pending is not None:
            found.append((pending, entry.row.at))
        elif isinstance(event, e.Answered | e.Declined | e.Transferred) or (
            isinstance(event, ClaimDecided) and event.is_upheld
        ):
            found.append((entry, entry.row.at))
    return found


def _public(entry: Entry, field: str) -> str:
    text = entry.texts.get(field)
    return (text.value or "") if text is not None and text.audience == e.REQUESTER else ""


def _due(own: Sequence[Entry], lead: str | None, request: RequestRow) -> e.Promise | None:
    """When the unit now in charge promised an answer; before there is one, when that will be decided.

    A date that was told to this requester before their request was merged stays theirs, until there was an answer.
    """
    found: dict[str, e.Promise] = {}
    for entry in own:
        if isinstance(entry.event, e.Approved):
            found.pop("answer", None)
        if isinstance(entry.event, e.Promised):
            theirs = [one for one in entry.event.promises if one.request in {None, request.id}]
            found.update({one.stage: one for one in theirs if one.unit in {"", lead}})
    return found.get("answer") or found.get("finish") or found.get("dispatch") or found.get("accept")


def _steps(file: CaseFile, request: RequestRow, own: Sequence[Entry], state: str) -> list[Step]:
    """Received, with whom, in progress, answered, your rating; an early end shortens the line."""
    at: dict[str, datetime] = {}
    for entry in own:
        at[entry.event.kind] = entry.row.at
    first = Step(say=Say("收到", "Received"), look="done", at=request.filed_at)
    if state in {"declined", "transferred", "withdrawn"}:
        return [first, Step(say=STATES[state], look="now", at=file.case.closed_at)]
    unit = city.current().unit(file.case.lead_unit) if file.case.lead_unit else None
    with_unit = (
        Say(f"交{unit.name_zh}", f"With {unit.name_en}") if unit is not None else Say("交单位办理", "With a unit")
    )
    is_answered = state in {"answered", "closed", "planned"} and file.case.state not in states.WORKING
    is_with_other = request.home_id is not None and file.lead is not None
    is_there = is_answered or "dispatched" in at or "imported" in at or is_with_other
    steps = [
        first,
        Step(say=with_unit, look="done" if is_there else "now", at=at.get("dispatched")),
        Step(say=IN_PROGRESS, look="done" if is_answered else ("now" if is_there else "next")),
        Step(
            say=Say("答复", "Answered"), look="done" if is_answered else "next",
            at=at.get("approved", at.get("answered")),
        ),
    ]  # fmt: skip
    if file.case.state == "answered":
        steps = [first, steps[3]]
    if not request.is_anonymous:
        rated = request.rated_at is not None
        look = "done" if rated else ("now" if is_answered else "next")
        steps.append(Step(say=Say("您来评价", "Your rating"), look=look, at=request.rated_at))
    return steps


def _notes(file: CaseFile, own: Sequence[Entry], request: RequestRow) -> list[Note]:
    notes: list[Note] = []
    for entry in own:
        say = _sentence(file, entry)
        if say is not None:
            notes.append(Note(at=entry.row.at, say=say, words=_words(entry, request),
                              slug=getattr(entry.event, "slug", "")))  # fmt: skip
    return notes


def _words(entry: Entry, request: RequestRow) -> str:
    """What this requester wrote, or what they are told of a new date or a theme; never anybody else's words."""
    if entry.row.kind in _TOLD:
        return _public(entry, _TOLD[entry.row.kind])
    text = entry.texts.get("words")
    is_own = text is not None and text.audience == e.REQUESTER and text.request_id in (None, request.id)
    return (text.value or "") if text is not None and is_own else ""


def _sentence(file: CaseFile, entry: Entry) -> Say | None:
    event = entry.event
    if event.kind in _ELSEWHERE:
        return None
    if isinstance(event, e.Signed | e.Contacted):
        assignment = file.assignments.get(event.assignment)
        unit = city.current().unit(assignment.unit) if assignment is not None else None
        name = unit.name if unit is not None else Say("办理单位", "The unit")
        if isinstance(event, e.Signed):
            return Say(f"{name.zh}已接到", f"{name.en} has it")
        return Say(f"{name.zh}与您联系过", f"{name.en} was in touch with you")
    return wording.for_requester(event)


__all__ = [
    "STATES", "WAITING", "Note", "Step", "Track", "answers_of", "is_for", "may_rate", "may_urge", "may_wish",
    "may_withdraw", "opened", "read", "reply_of", "state_in_public", "state_of",
]  # fmt: skip
