"""What is done to cases that are not routed plainly: one verb, one event."""

from __future__ import annotations

from uuid import UUID

from cases import events as base
from cases import events_care as e
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows import AssignmentRow, RequestRow
from hotline.work import Work

CENTRE = "centre"


async def name_about(work: Work, file: CaseFile, request: RequestRow, *, unit: str, person: str = "") -> Entry:
    """Write down the body that a request complains about and, if wished, the person. 409 while it leads the case."""
    text = Text(value=person, audience=CENTRE, sealed=True, request=request.id)
    return await append(work, file, e.AboutNamed(request=request.id, unit=unit), {"about_person": text})


async def summarise(work: Work, file: CaseFile, *, summary: str) -> Entry:
    """写转述: what units read that may not read the words. 422 when it tells the requester's name or number."""
    return await append(work, file, e.Summarised(), {"summary": Text(value=summary)})


async def flag(
    work: Work,
    file: CaseFile,
    *,
    kinds: tuple[str, ...],
    words: str = "",
    reason: str = "",
    source: str = "person",
    request: UUID | None = None,
) -> Entry:
    """标记敏感. ``words`` are those of the city's lists that were found, or "" when a person sees the risk."""
    texts = {"risk": Text(value=words, audience=CENTRE), "reason": Text(value=reason, audience=CENTRE)}
    return await append(work, file, e.Flagged(kinds=kinds, source=source, request=request), texts)


async def see_risk(work: Work, file: CaseFile, *, reason: str = "") -> Entry:
    """A supervisor takes note: the clock stops, the flag stays."""
    return await append(work, file, e.RiskSeen(), {"reason": Text(value=reason, audience=CENTRE)})


async def clear_flag(work: Work, file: CaseFile, *, reason: str) -> Entry:
    """解除敏感, with the reason."""
    return await append(work, file, e.FlagCleared(), {"reason": Text(value=reason, audience=CENTRE)})


async def tell_police(work: Work, file: CaseFile, *, number: str, reference: str = "", reason: str = "") -> Entry:
    """通报 110 (119, 120, 122) beside the handling; the case goes on."""
    event = e.PoliceTold(number=number, reference=reference or None)
    return await append(work, file, event, {"reason": Text(value=reason, audience=CENTRE)})


async def verify(work: Work, file: CaseFile, assignment: AssignmentRow, *, finding: str, said: str) -> Entry:
    """记录核实: so, partly so or not so, and what was found; only then may the result be submitted."""
    event = e.VerifiedFacts(assignment=assignment.id, finding=finding)
    return await append(work, file, event, {"finding": Text(value=said)})


async def to_statutory(work: Work, file: CaseFile, *, target: str, reply: str, reference: str = "") -> Entry:
    """转法定渠道: discipline, petition and the like leave through their own channel; the requester is told the way."""
    event = base.Transferred(target=target, reference=reference or None, is_statutory=True)
    return await append(work, file, event, {"reply": Text(value=reply, audience="requester")})


async def escalate(
    work: Work,
    file: CaseFile,
    *,
    level: str,
    unit: str,
    cause: str,
    leader: UUID | None = None,
    person: UUID | None = None,
    name: str = "",
    reason: str = "",
) -> Entry:
    """提级: coordinated at ``level`` by ``unit``'s named leader from now on; ``sla`` starts the level's clock."""
    event = e.Escalated(level=level, unit=unit, cause=cause, leader=leader, person=person)
    return await append(work, file, event, {"leader": Text(value=name), "reason": Text(value=reason)})
