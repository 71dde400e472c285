"""What is particular of other ways than the telephone: a chat's words, a letter's day and address, identity seen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from channels import chat_desk
from channels.message import Receipt
from hotline import acts, clock, db, unfinished
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.unfinished import Draft

if TYPE_CHECKING:
    from web.desk.call import Call

OLDEST = timedelta(days=366)
"""A letter that came in longer ago than this is a slip of the pen."""
_SEEN = frozenset({"walk_in", "assisted"})


def wrong(call: Call) -> dict[str, Say]:
    """What the source of a call wants: a letter its sender's address to be answered by, and a day that can be."""
    found: dict[str, Say] = {}
    by_letter = call.reply_by == "mail" or (call.channel == "mail" and not call.reply_by)
    is_mute = call.is_anonymous or call.phone or call.email
    if call.outcome != "transfer" and by_letter and not call.address and not (is_mute and call.reply_by != "mail"):
        found["address"] = Say(
            "要写信答复，请写通信地址；没有地址请勾选“匿名”。",
            "Give the address to answer by letter; without one tick “Anonymous”.",
        )
    if call.received_on is not None and not clock.today() - OLDEST <= call.received_on <= clock.today():
        found["received_on"] = Say("收到日期要在一年以内，不能晚于今天。", "The day lies within a year, not ahead.")
    return found


def reply_by(call: Call) -> str:
    """How somebody without a telephone is answered: by letter, in the chat and by number and code, else not at all."""
    if call.channel == "mail" and call.address:
        return "mail"
    return "web" if call.channel == "chat" else "none"


def filed_at(call: Call) -> datetime | None:
    """A letter was filed on the day on which it came in; everything else is filed now."""
    day: date | None = call.received_on if call.channel == "mail" else None
    return None if day is None or day == clock.today() else clock.on(day, 12)


async def of_chat(actor: Actor, chat: UUID) -> tuple[Draft | None, dict[str, list[str]]]:
    """The draft of what was asked in a chat and is in no case yet, else what the form begins with. 404 for others'."""
    one, words = await chat_desk.asked(actor, chat)
    draft = chat_desk.draft_of(actor, one)
    known = {"chat": [str(chat)], "channel": ["chat"], "reply_by": ["web"], "draft": [str(draft)], "words": [words]}
    if one.county:
        known["county"] = [one.county]
    if one.is_urgent:
        known["urgency"] = ["urgent"]
    saved = await unfinished.one(actor, draft)
    return saved, {} if saved is not None else known


async def settled(actor: Actor, call: Call, number: str) -> None:
    """The receipt of a call that came by chat stands in the chat, with what was answered; identity seen is noted.

    Safe twice. A chat that somebody else has taken over meanwhile goes on without it.
    """
    if call.is_identified and call.channel in _SEEN:
        async with db.atomic() as connection:
            await acts.note(connection, actor, "identity_seen", f"case:{number}")
    if call.chat is None:
        return
    answer = {"answer": call.reply_text, "transfer": call.transfer_reply, "decline": _declined(call)}
    code = await unfinished.code_of(actor, number)
    try:
        receipt = Receipt(message=call.chat, number=number, code=code)
        await chat_desk.logged(actor, call.chat, receipt, answer.get(call.outcome, ""), draft=call.draft)
    except Refusal as refusal:
        if refusal.status != 404:
            raise


def _declined(call: Call) -> str:
    return "\n".join(text for text in (call.decline_reply, call.decline_channel) if text)
