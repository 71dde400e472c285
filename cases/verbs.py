"""What people do to a case: one verb, one event. Who may is the route's to say, whether it is possible the ledger's."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases import events as e
from cases import reaching, verbs_visit, visit_policy
from cases.erasing import erase as erase  # noqa: PLC0414 - one of the verbs, in a file of its own
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.register import short_title
from cases.rows import AssignmentRow, RequestRow
from cases.states import CLOSE_REASONS, SUPERVISED
from hotline import city
from hotline.errors import conflict
from hotline.ids import new_id
from hotline.work import Work

CONTACTLESS = "no_contact"
TOLD = "told"
"""Stands in the event for a reason in somebody's own words, which are kept beside it."""


async def accept(
    work: Work,
    file: CaseFile,
    *,
    matter: str,
    county: str = "city",
    township: str | None = None,
    place: str = "",
    title: str = "",
    summary: str = "",
    urgency: str = "normal",
    decided_by: str = "person",
    no_place: str | None = None,
) -> Entry:
    """受理: in scope, with its matter and place; the flow dispatches from here. Sealed cases need a summary."""
    event = e.Accepted(
        matter=matter, county=county, township=township, urgency=urgency, decided_by=decided_by,
        no_place=TOLD if no_place else None,
    )  # fmt: skip
    shown = "" if file.case.is_sealed else short_title(title)
    texts = {
        "summary": Text(value=summary), "title": Text(value=shown), "place": Text(value=place),
        "no_place": Text(value=no_place or ""),
    }  # fmt: skip
    return await append(work, file, event, texts)


async def decline(work: Work, file: CaseFile, *, reason: str, channel: str, reply: str) -> Entry:
    """不予受理, with the reason's code, the right channel and the sentence the requester gets."""
    texts = {"channel": Text(value=channel, audience="requester"), "reply": Text(value=reply, audience="requester")}
    return await append(work, file, e.Declined(reason=reason), texts)


async def transfer(work: Work, file: CaseFile, *, target: str, reference: str | None = None, reply: str = "") -> Entry:
    """转接 to an emergency number, a professional line, petition or discipline."""
    texts = {"reply": Text(value=reply, audience="requester")}
    return await append(work, file, e.Transferred(target=target, reference=reference or None), texts)


async def answer(
    work: Work, file: CaseFile, *, reply: str, article: str | None = None, version: int | None = None
) -> Entry:
    """直接答复: an answer at first contact, from an article (in its version) or in the agent's own words."""
    event = e.Answered(article=article or None, article_version=version)
    return await append(work, file, event, {"reply": Text(value=reply, audience="requester")})


async def dispatch(
    work: Work,
    file: CaseFile,
    *,
    unit: str,
    basis: str = "person",
    profile: str,
    reason: str = "",
    is_binding: bool = False,
) -> Entry:
    """派单 to a lead unit. ``profile`` is the clock profile of ``sla.targets``; the handling clock starts now.

    A co-handler that becomes the lead has its share as a co-handler no more.
    """
    before = next((one.id for one in file.live if one.unit == unit and one.role == "co"), None)
    event = e.Dispatched(
        assignment=new_id(), unit=unit, basis=basis, profile=profile, is_binding=is_binding, replaces=before
    )
    return await append(work, file, event, {"reason": Text(value=reason)})


async def add_co_handler(work: Work, file: CaseFile, *, unit: str, profile: str, reason: str = "") -> Entry:
    """加派: a unit beside the lead, with clocks of its own."""
    event = e.CoHandlerAdded(assignment=new_id(), unit=unit, profile=profile)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def recall(work: Work, file: CaseFile, assignment: AssignmentRow, *, reason: str) -> Entry:
    """改派, first half: take the case back from a unit."""
    return await append(work, file, e.Recalled(assignment=assignment.id), {"reason": Text(value=reason)})


async def sign(work: Work, file: CaseFile, assignment: AssignmentRow) -> Entry:
    """签收."""
    return await append(work, file, e.Signed(assignment=assignment.id))


async def contact(work: Work, file: CaseFile, assignment: AssignmentRow, *, way: str, said: str = "") -> Entry:
    """首次联系, by phone, in person or through the hotline."""
    return await append(work, file, e.Contacted(assignment=assignment.id, way=way), {"note": Text(value=said)})


async def ask_return(
    work: Work, file: CaseFile, assignment: AssignmentRow, *, ground: str, basis: str, suggested: str | None = None
) -> Entry:
    """申请退回, with a ground and the rule it rests on. Whether there is still time: ``sla.clocks.check_return``."""
    event = e.ReturnRequested(assignment=assignment.id, ground=ground, suggested=suggested or None)
    return await append(work, file, event, {"basis": Text(value=basis)})


async def approve_return(work: Work, file: CaseFile, assignment: AssignmentRow, *, reason: str = "") -> Entry:
    """同意退回: back to the dispatcher's desk."""
    return await append(work, file, e.ReturnApproved(assignment=assignment.id), {"reason": Text(value=reason)})


async def refuse_return(
    work: Work, file: CaseFile, assignment: AssignmentRow, *, reason: str, is_groundless: bool = False
) -> Entry:
    """不同意退回: the clock ran on. A groundless one is recorded as buck-passing (seed 004-47)."""
    record = new_id() if is_groundless else None
    event = e.ReturnRefused(assignment=assignment.id, is_groundless=is_groundless, record=record)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def handle(
    work: Work,
    file: CaseFile,
    assignment: AssignmentRow,
    *,
    result: str,
    note: str,
    reply: str,
    is_substantiated: bool,
    has_contacted: bool,
    is_solved: bool,
    is_beyond_remit: bool = False,
    reason: str = "",
) -> Entry:
    """提交办结: the internal note (staff only) and the public reply (sent once audited) are two fields, never one."""
    event = e.Handled(
        assignment=assignment.id,
        result=result,
        is_substantiated=is_substantiated,
        is_beyond_remit=is_beyond_remit,
        has_contacted=has_contacted,
        is_solved=is_solved,
    )
    texts = {
        "note": Text(value=note),
        "reply": Text(value=reply, audience="requester"),
        "reason": Text(value=reason, audience="requester"),
    }
    return await append(work, file, event, texts)


async def send_back(work: Work, file: CaseFile, assignment: AssignmentRow, *, reason: str) -> Entry:
    """退回修改 by the auditor."""
    return await append(work, file, e.SentBack(assignment=assignment.id), {"reason": Text(value=reason)})


async def approve(work: Work, file: CaseFile) -> Entry:
    """审核通过. Requests that cannot be reached are exempt from the visit, and those that the policy does not draw.

    Supervised cases are always visited (rules.md 2).
    """
    is_supervised = file.case.supervision >= SUPERVISED
    asked = [r for r in file.requests.values() if r.state == "open"]
    away = [] if is_supervised else [r.id for r in asked if not _is_reachable(r)]
    policy = await visit_policy.current(work.connection)
    draws = await visit_policy.draws(work.connection, policy, file, [r for r in asked if r.id not in away])
    undrawn = [one.request for one in draws if not one.is_drawn]
    event = e.Approved(
        exempt=(*away, *undrawn), exempt_reason=CONTACTLESS if away else None,
        policy=policy.version if draws else None, draws=tuple(draws),
    )  # fmt: skip
    return await append(work, file, event)


def _is_reachable(request: RequestRow) -> bool:
    return request.phone is not None or request.reply_by in {"web", "wechat", "email", "mail"}


async def visit(
    work: Work,
    file: CaseFile,
    request: RequestRow,
    *,
    was_contacted: bool,
    is_solved: bool,
    is_truthful: bool = True,
    grade: str | None = None,
    said: str = "",
    channel: str = "phone",
    cause: str | None = None,
) -> Entry:
    """记录回访: contacted? solved? true? satisfied? — the requester's word beside the unit's claim (domain.md 2.9).

    ``cause`` is why they are dissatisfied, a key of ``states_visit.CAUSES``.
    """
    event = e.Visited(
        visit=new_id(),
        request=request.id,
        channel=channel,
        was_contacted=was_contacted,
        is_solved=is_solved,
        is_truthful=is_truthful,
        grade=grade or None,
        cause=cause or None,
    )
    return await append(work, file, event, {"said": Text(value=said, audience="centre")})


async def miss_visit(
    work: Work,
    file: CaseFile,
    request: RequestRow,
    *,
    next_at: datetime | None,
    outcome: str = "unreached",
    channel: str = "phone",
    is_repeat: bool = False,
) -> Entry:
    """记录未接. The last of the tries (three) ends the calls: a message asks instead, for the city's days.

    ``outcome`` unreached; refused, which ends the calls at once; later, which uses up no try, nor does ``is_repeat``.
    """
    rule = city.current().rule
    is_try = outcome == "unreached" and not is_repeat
    last = is_try and request.visit_tries + 1 >= int(rule("visit.tries"))
    may_answer = last and reaching.by_message(request)
    until = work.now + timedelta(days=float(rule("visit.rating_days"))) if may_answer else None
    event = e.VisitMissed(
        visit=new_id(),
        request=request.id,
        channel=channel,
        outcome=outcome,
        is_last=last,
        next_at=None if last or outcome == "refused" else next_at,
        asked_until=until,
        is_repeat=is_repeat,
    )
    return await append(work, file, event)


async def rework(
    work: Work, file: CaseFile, request: RequestRow, assignment: AssignmentRow, *, reason: str, profile: str
) -> Entry:
    """重办: only the assignment at fault goes back, with a new clock and a count (rules.md 1)."""
    event = e.Reworked(assignment=assignment.id, request=request.id, profile=profile)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def close(work: Work, file: CaseFile, *, reason: str = "") -> Entry:
    """结案, for the lead's result unless another reason is given; unreachable requesters give their own.

    A case that a policy left unvisited names the version of that policy.
    """
    lead, requests = file.lead, file.requests.values()
    is_unreached = bool(requests) and all(one.exempt_by == "tries" for one in requests)
    default = "unreachable" if is_unreached else (lead.result if lead else None)
    chosen = reason or default or "resolved"
    if chosen not in CLOSE_REASONS:
        raise conflict("close_reason", "这个结案原因不在目录里。", "That closing reason is not in the catalogue.")
    is_sampled = any(one.exempt_by == "sample" for one in requests)
    policy = await visit_policy.of_case(work.connection, file.case.id) if is_sampled else None
    return await append(work, file, e.Closed(reason=chosen, policy=policy))


async def rate(
    work: Work,
    file: CaseFile,
    request: RequestRow,
    *,
    grade: str,
    words: str = "",
    channel: str = "web",
    raw: str = "",
    scale: str = "four",
) -> Entry:
    """评价: one grade a request, and its supervision record in the same transaction (seed 004-10, 004-11).

    Before the case is closed it is the answer to a return visit that reached nobody.
    """
    if file.case.state == "callback" and request.state == "exempt":
        return await verbs_visit.answer(
            work, file, request, grade=grade, words=words, channel=channel, raw=raw, scale=scale
        )
    event = e.Rated(
        rating=new_id(),
        record=new_id(),
        request=request.id,
        unit=file.case.lead_unit or "HOT",
        grade=grade,
        raw_grade=raw or grade,
        scale=scale,
        channel=channel,
    )
    return await append(work, file, event, {"words": Text(value=words, audience="centre", request=request.id)})


async def add_words(work: Work, file: CaseFile, request: RequestRow, *, words: str, channel: str = "web") -> Entry:
    """补充: the requester's further words, on the case they belong to."""
    text = Text(value=words, audience="requester", request=request.id)
    return await append(work, file, e.WordsAdded(request=request.id, channel=channel), {"words": text})


async def urge(work: Work, file: CaseFile, request: RequestRow, *, channel: str = "web") -> Entry:
    """催办 by the requester."""
    return await append(work, file, e.Urged(request=request.id, channel=channel))


async def remind(work: Work, file: CaseFile, assignment: AssignmentRow, *, words: str) -> Entry:
    """催办 by the centre, to one unit."""
    return await append(work, file, e.Reminded(unit=assignment.unit), {"words": Text(value=words)})


async def withdraw(work: Work, file: CaseFile, request: RequestRow, *, words: str = "") -> Entry:
    """撤单 while no unit has it. Later the return visit decides, so that no unit can talk a citizen out of it."""
    text = Text(value=words, audience="centre", request=request.id)
    return await append(work, file, e.Withdrawn(request=request.id), {"words": text})
