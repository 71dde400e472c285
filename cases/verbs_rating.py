"""What people do about a rating that a unit holds to be wrong: appealed once, decided by somebody with clean hands."""

from __future__ import annotations

from uuid import UUID

from cases import appeals, ledger, verbs_audit
from cases import events_rating as r
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows import RatingRow
from hotline.errors import conflict, not_found
from hotline.work import Work

HANDS = frozenset({
    "accepted", "handled", "reported_up", "head_approved", "sent_back", "approved", "visited", "visit_missed",
    "closed", "rating_followed", "rating_appealed", "cause_set", "reworked", "reopened",
})  # fmt: skip
"""Kinds of events whose doers had a hand in what the rating is about: work, audit, visit, closing."""


async def bad(work: Work, file: CaseFile, rating: UUID) -> RatingRow:
    """The rating of this case; 404 for any other."""
    found = (await verbs_audit.load_ratings(work, file)).get(rating)
    if found is None:
        raise not_found()
    return found


async def appeal(
    work: Work, file: CaseFile, rating: RatingRow, *, ground: str, reason: str, basis: str
) -> Entry:
    """评价申诉. Whether there is still time: ``sla.appeals.check_time``."""
    event = r.RatingAppealed(rating=rating.id, request=rating.request_id, unit=rating.unit, ground=ground)
    return await append(work, file, event, {"reason": Text(value=reason), "basis": Text(value=basis)})


async def decide(work: Work, file: CaseFile, rating: RatingRow, *, is_upheld: bool, reason: str) -> Entry:
    """裁定. Upheld, the rating is annulled by the one way that annuls ratings, and its requester may rate anew.

    409 for whoever worked on, audited, visited or closed the case.
    """
    past = await ledger.entries(work.connection, file.case.id)
    if any(not work.actor.persons.isdisjoint(one.persons) and one.event.kind in HANDS for one in past):
        raise conflict(
            "not_separate", "办过、审过、回访过这件的人不能裁定，请换一位同事。",
            "Whoever worked on, audited or visited this case cannot decide; let a colleague do it.",
        )  # fmt: skip
    event = r.RatingAppealDecided(
        rating=rating.id, request=rating.request_id, unit=rating.unit, is_upheld=is_upheld
    )
    entry = await append(work, file, event, {"reason": Text(value=reason)})
    if is_upheld:
        await verbs_audit.annul(work, file, file.requests[rating.request_id], reason=appeals.UPHELD)
    return entry
