"""When returns have gone on long enough: a unit refused twice, or three on a case, and a conference decides."""

from __future__ import annotations

from cases import verbs_conference
from cases.file import CaseFile, Entry
from hotline import city
from hotline.work import Work


async def on_refused(work: Work, file: CaseFile, entry: Entry) -> None:
    """The unit was refused as often as one unit may ask, or the case has had all its returns: to a conference."""
    share = file.assignments[entry.event.assignment]  # type: ignore[attr-defined]  # return_refused
    snapshot = city.current()
    refused = sum(one.return_refusals for one in file.assignments.values() if one.unit == share.unit)
    if refused >= int(snapshot.rule("return.per_unit")) or _is_full(file):
        await _call(work, file)


async def on_approved(work: Work, file: CaseFile, entry: Entry) -> None:
    """A case that has had all its returns is not dispatched again by one person: to a conference."""
    if _is_full(file) and file.lead is None:
        await _call(work, file)


def _is_full(file: CaseFile) -> bool:
    return file.case.return_count >= int(city.current().rule("return.per_case"))


async def _call(work: Work, file: CaseFile) -> None:
    is_done = file.lead is not None and file.lead.state == "handled"  # a co-handler's return: the audit is next
    if file.case.state in ("active", "rework", "accepted") and not is_done:
        await verbs_conference.call(work, file, cause="return_limit")
