"""What requesters hear of an outage: that it is over, or that what they were told was wrong. Once for each of them."""

from __future__ import annotations

from uuid import UUID

from cases.events_outage import OutageOver
from cases.file import CaseFile, Entry
from cases.outage_rows import BACK
from cases.rows import RequestRow
from channels import notify, ways
from hotline.errors import Say
from hotline.work import Work

_NEWS = Say("有新答复", "news")
_RECALL = """
    UPDATE outbox_message SET state = 'dropped', error = 'recalled', next_at = NULL
    WHERE request_id IN (SELECT request_id FROM outage_link WHERE outage_id = $1) AND state = 'queued' AND tries = 0
        AND key ^@ $2
"""


_TOLD = """
    SELECT EXISTS (
        SELECT FROM request o JOIN outage_link l ON l.request_id = o.id JOIN cases c ON c.id = o.case_id
        WHERE o.phone_index = $1 AND o.reply_by = 'sms' AND o.reply_to IS NULL AND l.outage_id = $2
            AND l.told_round = $3 AND (l.told_at, o.id) < ($4, $5) AND c.kind <> 'report' AND NOT c.is_confidential)
"""


async def recall(work: Work, outage: UUID) -> None:
    """It goes on after all: what the quiet hours, or a door that rests, still hold back is not said in the morning.

    What a door is trying just now goes: its sender has it. Whoever was to hear is told at the real end.
    """
    await work.connection.execute(_RECALL, outage, f"outage:{outage}:")


async def on_over(work: Work, file: CaseFile, entry: Entry) -> None:
    """By their own doors, by a key of outage, round and requester. Of a confidential one not a word of what was off.

    Whoever called twice about it is told once.
    """
    event = entry.event
    assert isinstance(event, OutageOver)  # noqa: S101 - the flow lists this for the kind
    request = file.requests[event.request]
    key = f"outage:{event.outage}:{event.round}{':wrong' if event.is_wrong else ''}"
    if await _is_told(work, request, event):
        return
    if file.case.is_sealed:
        notify.send(work, file, request, "progress_sealed", key=key, state=_NEWS.in_(request.lang))
    elif event.is_wrong:
        notify.send(work, file, request, "outage_wrong", key=key)
    else:
        notify.send(work, file, request, "outage_over", key=key, supply=BACK[event.supply].in_(request.lang))


async def _is_told(work: Work, request: RequestRow, event: OutageOver) -> bool:
    """Whether an SMS to the same number says so already, for an earlier call of theirs."""
    if request.reply_by != "sms" or request.reply_to is not None or request.second_by in ways.DOORS:
        return False
    return bool(await work.connection.fetchval(
        _TOLD, request.phone_index, event.outage, event.round, work.now, request.id
    ))  # fmt: skip
