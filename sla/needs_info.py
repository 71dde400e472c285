"""补正 in time: until when the requester may answer, what their words end, what happens when none come."""

from __future__ import annotations

from cases import pauses, verbs_pause
from cases.events import WordsAdded
from cases.file import CaseFile, Entry
from cases.rows import AssignmentRow, RequestRow
from hotline import city
from hotline.work import Work
from sla import calendar
from sla.timed import Due


async def ask(
    work: Work, file: CaseFile, request: RequestRow, *, wanted: str, share: AssignmentRow | None = None
) -> Entry:
    """Ask for all that is missing, once; ``info.within`` working days to answer, and the clocks stand meanwhile."""
    days = int(city.current().rule("info.within"))
    until = calendar.of(city.current()).add_working_days(work.now, days).at
    return await verbs_pause.ask_info(work, file, request, wanted=wanted, until=until, share=share)


async def on_words_added(work: Work, file: CaseFile, entry: Entry) -> None:
    """The words of whoever was asked end the waiting, by whatever door. Nobody else's do."""
    event = entry.event
    assert isinstance(event, WordsAdded)  # noqa: S101 - the flow lists this for the kind
    request = file.requests.get(event.request)
    if request is not None and request.info_until is not None:
        await verbs_pause.end_info(work, file, request, how="answered")


async def lapse(work: Work, file: CaseFile, due: Due) -> int:
    """Nobody answered in time. Before a unit has the case it ends with that; else work goes on with what there is.

    A case that others have joined does not end for want of one requester's answer.
    """
    request = pauses.awaited(file)
    if request is None or request.info_until is None or request.info_until > work.now:
        return 0
    if file.case.state in ("registered", "accepted") and file.unsettled == [request]:
        await verbs_pause.lapse_info(work, file, request)
    else:
        await verbs_pause.end_info(work, file, request, how="lapsed")
    return 1
