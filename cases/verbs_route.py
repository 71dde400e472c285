"""Putting right where a case belongs: one verb, one event."""

from __future__ import annotations

from cases.events_route import MatterCorrected
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from hotline.work import Work


async def correct_matter(work: Work, file: CaseFile, *, matter: str, by: str = "desk", reason: str = "") -> Entry:
    """改事项: the matter was wrong. Running promises stay; what is dispatched from now on has the new matter's profile.

    Raises the 422 refusal for a matter that is unknown or is the case's already.
    """
    event = MatterCorrected(old=file.case.matter, new=matter, by=by)
    return await append(work, file, event, {"reason": Text(value=reason)})
