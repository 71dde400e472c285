"""The head's approval: where the unit wants it a result waits for its head, and leaves on their word."""

from __future__ import annotations

from typing import Any

from cases import ledger, verbs, verbs_hands, worklists
from cases.events_hands import HeadApproved, HeadAsked, HeadRefused
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows import AssignmentRow
from hotline import city, clock
from hotline.actor import Actor
from hotline.errors import conflict
from hotline.permissions import may
from hotline.work import Work

_CLAIM = ("result", "is_substantiated", "is_beyond_remit", "has_contacted", "is_solved")


def waits_for_head(share: AssignmentRow, actor: Actor) -> bool:
    """Whether a result that ``actor`` submits on this share goes to the unit's head first."""
    unit = city.current().unit(share.unit, clock.today())
    return unit is not None and unit.needs_head and (not may(actor, "case.approve") or actor.behalf is not None)


async def submit(work: Work, file: CaseFile, share: AssignmentRow, **result: Any) -> Entry:
    """The unit's result (as of ``verbs.handle``): to its head, to the unit above, or to the centre's audit."""
    if waits_for_head(share, work.actor):
        return await ask(work, file, share, **result)
    return await _leave(work, file, share, result)


async def _leave(work: Work, file: CaseFile, share: AssignmentRow, result: dict[str, Any]) -> Entry:
    verb = verbs_hands.report_up if share.role == "below" else verbs.handle
    return await verb(work, file, share, **result)


async def ask(work: Work, file: CaseFile, share: AssignmentRow, **result: Any) -> Entry:
    """报请批准. The finish clock runs on until the head approves."""
    event = HeadAsked(assignment=share.id, **{name: result.get(name, False) for name in _CLAIM})
    texts = {name: Text(value=result.get(name, "")) for name in ("note", "reply", "reason")}
    return await append(work, file, event, texts)


async def approve(work: Work, file: CaseFile, share: AssignmentRow) -> Entry:
    """批准: the result leaves as it was written, on the record with handler and head.

    409 ``own_draft`` for whoever submitted it, acted for whom submitted it, or was acted for.
    """
    asked = await asked_of(work, file, share)
    is_asked = share.head_asked_at is not None and asked is not None and may(work.actor, "case.approve")
    if is_asked and asked is not None and not work.actor.persons.isdisjoint(asked.persons):
        raise conflict(
            "own_draft",
            "自己报请的、代别人报请的或别人代您报请的，不能由您批准。请另一位负责人批准，或退回后重新报请。",
            "You, or somebody for or through you, submitted this: let another head approve it, or send it back.",
        )  # fmt: skip
    await append(work, file, HeadApproved(assignment=share.id, asked=asked.row.seq if asked else 0))
    file.approved.add(share.id)
    assert asked is not None  # noqa: S101 - the demand has just found that the head was asked
    given = {name: getattr(asked.event, name) for name in _CLAIM}
    texts = {name: asked.texts[name].value or "" for name in ("note", "reply", "reason") if name in asked.texts}
    return await _leave(work, file, share, {**given, **texts})


async def refuse(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """退回修改 by the head: back to the handlers, the date stays."""
    return await append(work, file, HeadRefused(assignment=share.id), {"reason": Text(value=reason)})


async def asked_of(work: Work, file: CaseFile, share: AssignmentRow) -> Entry | None:
    """The line of the ledger that waits for the head, with its texts."""
    await work.flush()
    found: Entry | None = worklists.last(
        await ledger.entries(work.connection, file.case.id), "head_asked", assignment=share.id
    )
    return found
