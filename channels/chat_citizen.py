"""What the citizen does in a live chat: begins, says, waits, leaves, has it made into a case, grades it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from cases.states import GRADES
from channels import acknowledge, chats, emergency
from channels.chats import CITIZEN, ENDED, SYSTEM, WAITING, Chat
from channels.message import Inbound
from hotline import city, clock, db, jobs, line_hours, tries
from hotline.errors import Refusal, Say, conflict, invalid, too_many
from hotline.ids import new_id

SEEN = timedelta(days=1)
"""For so long after its end the browser that holds the token sees the chat."""
_BEGIN = """
INSERT INTO chat (id, token, once, lang, county, state, is_urgent, started_at, waiting_since, citizen_at,
    unanswered_since)
VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $7, $7, $7) ON CONFLICT (once) DO NOTHING RETURNING id
"""
_AGAIN = "UPDATE chat SET token = $2 WHERE once = $1 AND wiped_at IS NULL RETURNING id"
_SAID = """
UPDATE chat SET citizen_at = $2, unanswered_since = coalesce(unanswered_since, $2), warned_at = NULL,
    alerted_at = CASE WHEN $3 AND NOT is_urgent THEN NULL ELSE alerted_at END, is_urgent = is_urgent OR $3 WHERE id = $1
"""
_AHEAD = """
SELECT count(*) FROM chat WHERE state = 'waiting' AND (NOT is_urgent, started_at, id) < (NOT $1::boolean, $2, $3)
"""
_MOST_STARTS = Say(
    "这个网络地址一小时内开始的对话太多，请稍后再试，或拨 12345。",
    "Too many chats were begun from your network; try later, or call 12345.",
)
_CUT = "…（后面的话见网上对话记录）"


def hours() -> str:
    """When somebody answers, as a line's hours are written; what cannot be read is day and night."""
    return str(city.current().rule("chat.hours")).strip() or line_hours.ALWAYS


def is_open() -> bool:
    """Whether somebody answers now."""
    return line_hours.is_open(hours(), clock.now(), city.current().calendar.days)


def tidy(words: str) -> str:
    """The words as they are kept. Raises 422 when there are none or too many."""
    most = int(city.current().rule("chat.words"))
    plain = acknowledge.storable(words).strip()
    if not plain:
        raise invalid({"words": Say("还没写内容，请写上再发。", "Write something first.")})
    if len(plain) > most:
        say = Say(
            f"一次最多 {most} 字，现在 {len(plain)} 字，请分几次发。",
            f"At most {most} characters at a time, these are {len(plain)}; send them in parts.",
        )
        raise invalid({"words": say})
    return plain


async def begin(token: str, words: str, *, once: UUID, lang: str, county: str, address: str, held: str) -> UUID:
    """A chat begins with its first question, for the browser that will hold ``token``; the same post twice is one chat.

    ``held`` is the token that the browser has now. Raises 422, 429 after too many, 409 while the browser must wait.
    """
    plain = tidy(words)
    async with db.atomic() as connection:
        await _demand_welcome(connection, held)
        again: UUID | None = await connection.fetchval(_AGAIN, once, chats.key(token))
    if again is not None:
        return again
    await _count(address)
    chat, danger, now, is_served = new_id(), emergency.cried(plain), clock.now(), is_open()
    async with db.atomic() as connection:
        made = await connection.fetchval(_BEGIN, chat, chats.key(token), once, lang, county, bool(danger), now)
        if made is None:  # the same post came twice in the same moment
            same: UUID = await connection.fetchval(_AGAIN, once, chats.key(token))
            return same
        await chats.add(connection, chat, CITIZEN, "words", plain, once=once)
        if danger:
            await chats.add(connection, chat, SYSTEM, "emergency", danger)
        if is_served:
            await chats.add(connection, chat, SYSTEM, "queued")
        else:
            one = await chats.found(connection, chat)
            await chats.end(connection, one, chats.MESSAGE, is_owed=True, is_said=False, at=now)
    if not is_served:
        await make_case(chat)
    await chats.tell(chat, is_queue=True)
    return chat


async def _demand_welcome(connection: db.Connection, held: str) -> None:
    before = await chats.by_token(connection, held)
    if before is not None and before.barred_until is not None and before.barred_until > clock.now():
        raise conflict("chat_barred", "暂时不能使用网上对话，有事请拨 12345。", "Chat is closed to you; call 12345.")


async def _count(address: str) -> None:
    try:
        limit = int(city.current().rule("chat.starts"))
        await tries.count("chat.start", address, limit=limit, pause=timedelta(hours=1))
    except Refusal:
        raise too_many(*_MOST_STARTS) from None


async def of(token: str) -> Chat | None:
    """The browser's chat; None without one, and some time after its end."""
    async with db.reading() as connection:
        one = await chats.by_token(connection, token)
    is_past = one is not None and one.ended_at is not None and one.ended_at < clock.now() - SEEN
    return None if one is None or is_past or one.wiped_at is not None else one


async def say(token: str, words: str, *, once: UUID) -> None:
    """One more message; the same post twice is one. 404 without a chat, 409 when it is over, 422, 429."""
    plain = tidy(words)
    danger = emergency.cried(plain)
    async with db.atomic() as connection:
        chat = await _held(connection, token)
        if await chats.was_said(connection, chat.id, once):
            return
        chats.demand_open(chat)
        await _demand_room(connection, chat.id)
        await chats.add(connection, chat.id, CITIZEN, "words", plain, once=once)
        if danger:
            await chats.add(connection, chat.id, SYSTEM, "emergency", danger)
        await connection.execute(_SAID, chat.id, clock.now(), bool(danger))
    await chats.tell(chat.id, chat.agent, is_queue=bool(danger))


async def _held(connection: db.Connection, token: str) -> Chat:
    chat = await chats.by_token(connection, token, lock=True)
    if chat is None:
        raise Refusal(
            404, "no_chat", Say("没有找到对话，请重新开始。", "There is no chat here; please begin a new one.")
        )
    return chat


async def _demand_room(connection: db.Connection, chat: UUID) -> None:
    most = int(city.current().rule("chat.lines"))
    sql = "SELECT count(*) FROM chat_line WHERE chat = $1 AND by = 'citizen'"
    if await connection.fetchval(sql, chat) >= most:
        raise too_many(
            "这次对话说得太多了，请等客服答复，或拨 12345。", "This chat is full; wait for the answer, or call 12345."
        )


async def ahead(chat: Chat) -> int:
    """How many wait before this one."""
    async with db.reading() as connection:
        return int(await connection.fetchval(_AHEAD, chat.is_urgent, chat.started_at, chat.id))


async def waiting() -> int:
    """How many wait at all."""
    async with db.reading() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM chat WHERE state = 'waiting'"))


async def leave(token: str, *, wants_case: bool) -> None:
    """The citizen is done; ``wants_case``: nobody answered, or it is not solved, and it is to become a case.

    Also some time after the end. Safe twice. 404 without a chat.
    """
    async with db.atomic() as connection:
        chat = await _held(connection, token)
        made = await chats.receipts(connection, chat.id)
        is_owed = wants_case and (not made or chat.unanswered_since is not None)
        if chat.state != ENDED:
            outcome = chats.CASE if made else chats.ANSWERED if chat.answered_at else chats.LEFT
            await chats.end(connection, chat, chats.MESSAGE if is_owed else outcome, is_owed=is_owed)
        elif is_owed:
            await connection.execute("UPDATE chat SET is_owed = true WHERE id = $1 AND wiped_at IS NULL", chat.id)
    if is_owed:
        await make_case(chat.id)
    await chats.tell(chat.id, chat.agent, is_queue=chat.state == WAITING)


async def make_case(chat: UUID) -> bool:
    """What was asked in a chat that is over becomes a case; number and code stand in the chat. Safe twice.

    False when there was nothing to make.
    """
    async with db.reading() as connection:
        one = await chats.found(connection, chat)
        said = await chats.lines(connection, chat, one.made_seq)
    asked = "\n".join(line.words for line in said if line.by == CITIZEN and line.words)
    if not one.is_owed or not asked:
        await _settled(chat)
        return False
    receipt = await acknowledge.acknowledge(Inbound(
        channel="chat", provider_id=f"chat:{chat}:{one.last_seq}", words=_whole(asked), county=one.county,
        reply_by="web", lang=one.lang, filed_at=one.started_at,
    ))  # fmt: skip
    code = await acknowledge.code_of(receipt)  # the sweep may have been at it in the same moment
    async with db.atomic() as connection:
        one = await chats.found(connection, chat, lock=True)
        await chats.add_receipt(connection, one, receipt.number, code)
        await connection.execute("UPDATE chat SET is_owed = false WHERE id = $1", chat)
    await jobs.nudge("make_cases")
    await chats.tell(chat)
    return True


async def _settled(chat: UUID) -> None:
    async with db.atomic() as connection:
        await connection.execute("UPDATE chat SET is_owed = false WHERE id = $1 AND is_owed", chat)


def _whole(asked: str) -> str:
    """What fits into a case; the rest stands in the transcript."""
    most = acknowledge.LONGEST
    return asked if len(asked) <= most else asked[: most - len(_CUT)] + _CUT


class Graded(msgspec.Struct, frozen=True):
    """A grade that was given to a chat."""

    chat: UUID
    grade: str


async def rate(token: str, grade: str) -> Graded:
    """One of the four grades, once, when the chat is over. 404, 409 when it is not or was graded, 422."""
    if grade not in GRADES:
        raise invalid({"grade": Say("还没选评价，请选一项。", "Choose one of the four.")})
    async with db.atomic() as connection:
        chat = await _held(connection, token)
        if chat.state != ENDED:
            raise conflict("chat_open", "对话结束以后再评价。", "Grade the chat once it is over.")
        if chat.grade:
            raise conflict("chat_rated", "已经评价过了，谢谢。", "You have graded it already, thank you.")
        await connection.execute("UPDATE chat SET grade = $2, rated_at = $3 WHERE id = $1", chat.id, grade, clock.now())
    return Graded(chat=chat.id, grade=grade)
