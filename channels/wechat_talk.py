"""What is left to do about a chat message whose answer was given at once (``channels.wechat_prompts``).

Who asks how things stand hears of their own without number and code, for it is their openid that asks; who wants to
rate is told what can be rated. Everything else is ``channels.talk``'s, as by every text door.
"""

from __future__ import annotations

from cases import track
from channels import talk_case
from channels import wechat_prompts as prompts
from channels.heard import MENU
from channels.meaning import QUERY, Meant
from channels.turn import Turn
from channels.wechat_xml import CHANNEL
from hotline import city


async def settle(turn: Turn) -> str:
    """Add to the answer given at once what we know of this person; the outcome, "" for what talk has to read."""
    heard = turn.heard
    if heard.channel != CHANNEL:
        return ""
    outcome = "ignored" if prompts.is_settled(heard) else ""
    if prompts.is_query(heard):
        outcome = await talk_case.query(turn, Meant(act=QUERY)) if turn.theirs else "query"
    elif heard.event == MENU and heard.key == prompts.RATE:
        await _show_rateable(turn)
    return "" if heard.event else outcome


async def _show_rateable(turn: Turn) -> None:
    """The request that a digit would rate now, if there is one."""
    for own in (one for one in turn.theirs if one.has_ended):
        file, request = await track.opened(turn.work, own.number)
        if track.may_rate(file, request, turn.row.received_at):
            turn.about(own.number, own.case_id)
            turn.tell("rate", own, number=own.number, days=str(city.current().rule("rating.window_days")))
            return
