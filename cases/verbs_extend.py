"""What is written of an extension asked for, approved or refused; ``sla.extending`` knows the dates and who decides."""

from __future__ import annotations

from cases import events_extend as x
from cases.event import REQUESTER
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows import AssignmentRow
from hotline.work import Work


async def ask(work: Work, file: CaseFile, event: x.ExtensionAsked, *, reason: str, told: str) -> Entry:
    """申请延期: the ground, and what the requester is to read when it is approved."""
    return await append(work, file, event, {"reason": Text(value=reason), "told": Text(value=told)})


async def grant(work: Work, file: CaseFile, event: x.ExtensionGranted, *, told: str, reason: str) -> Entry:
    """同意延期: what the requester reads, and a word to the unit."""
    texts = {"told": Text(value=told, audience=REQUESTER), "reason": Text(value=reason)}
    return await append(work, file, event, texts)


async def refuse(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """不同意延期, with the reason for the unit."""
    event = x.ExtensionRefused(assignment=share.id, unit=share.unit)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def apply_law(work: Work, file: CaseFile, event: x.LawApplied, *, citation: str, reason: str) -> Entry:
    """适用法定期限: the article as it read that day stands beside the event."""
    return await append(work, file, event, {"citation": Text(value=citation), "reason": Text(value=reason)})


async def admit(work: Work, file: CaseFile, share: AssignmentRow) -> Entry:
    """决定受理: the unit takes the mediation up."""
    return await append(work, file, x.Admitted(assignment=share.id))
