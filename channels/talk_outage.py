"""“没恢复”: whoever was told that an outage is over says that it is not, or not at their place."""

from __future__ import annotations

from cases import track
from channels import still_off, talk_words
from channels.meaning import WORDS, Meant
from channels.turn import Own, Turn

_TOLD = """
    SELECT r.receipt_no FROM outage_link l JOIN request r ON r.id = l.request_id
    WHERE r.receipt_no = ANY($1) AND l.told_round > 0 AND l.still_at IS NULL
        AND l.told_at > $2::timestamptz - interval '7 days'
    ORDER BY l.told_at DESC LIMIT 1
"""


async def still(turn: Turn, said: Meant) -> str:
    """Flag the outage, and take the matter up anew for this requester: they get a number of their own for it.

    Where nobody told them of an outage, or they have said so already, these are words like any other.
    """
    own = await _told(turn, said)
    if own is None:
        return await talk_words.take(turn, Meant(act=WORDS, number=said.number, code=said.code))
    file, request = await track.opened(turn.work, own.number)
    known = await still_off.flag(turn.work, file, request, channel=turn.heard.channel, said=turn.heard.words)
    return await talk_words.take_up(turn, **known)


async def _told(turn: Turn, said: Meant) -> Own | None:
    numbers = [one.number for one in turn.theirs if said.number in {"", one.number}]
    found = await turn.work.connection.fetchval(_TOLD, numbers, turn.row.received_at) if numbers else None
    return turn.own(found) if found else None
