"""What agents do in live chats: take the one that waits longest, answer, hand over, end; a case that it became."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

import msgspec

from cases import queries
from channels import chats, seats
from channels.chats import AGENT, ENDED, SYSTEM, TALKING, WAITING, Chat
from channels.message import Receipt
from hotline import acts, city, clock, db, vault
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found

_FIRST = f"""
SELECT {chats.COLUMNS} FROM chat WHERE state = 'waiting' ORDER BY {chats.QUEUE} LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_TAKE = """
UPDATE chat SET state = 'talking', agent = $2, taken_at = coalesce(taken_at, $3), seen_seq = 0 WHERE id = $1
"""
_SAID = """
UPDATE chat SET agent_at = $2, answered_at = coalesce(answered_at, $2), unanswered_since = NULL, warned_at = NULL,
    seen_seq = last_seq WHERE id = $1
"""
_WAITING = f"""
SELECT id, is_urgent, waiting_since, started_at, lang, unanswered_since FROM chat WHERE state = 'waiting'
ORDER BY {chats.QUEUE} LIMIT 50
"""
_MINE = """
SELECT c.id, c.is_urgent, c.waiting_since, c.started_at, c.lang, c.unanswered_since,
    (SELECT count(*)::int FROM chat_line l WHERE l.chat = c.id AND l.seq > c.seen_seq AND l.by = 'citizen') AS unread
FROM chat c WHERE c.state = 'talking' AND c.agent = $1 ORDER BY c.unanswered_since NULLS LAST, c.started_at
"""
_TODAY = """
SELECT c.id, c.started_at, c.ended_at, c.outcome, c.answer_s, c.grade,
    (SELECT string_agg(receipt_no, ' ' ORDER BY receipt_no) FROM chat_case x WHERE x.chat = c.id) AS numbers
FROM chat c WHERE c.agent = $1 AND c.started_at >= $2::timestamptz - interval '1 day' AND c.ended_at >= $2
ORDER BY c.started_at DESC LIMIT 100
"""
_OTHERS = """
SELECT p.id, p.name, (SELECT count(*)::int FROM chat c WHERE c.agent = p.id AND c.state = 'talking') AS n
FROM seat s JOIN person p ON p.id = s.person
WHERE s.person <> $1 AND (s.state = 'ready' OR (s.state = 'pause' AND s.reason = 'chat')) ORDER BY 3, p.name LIMIT 50
"""
_CASES = "SELECT k.number FROM chat_case x LEFT JOIN cases k ON k.id = x.case_id WHERE x.chat = $1"
OWN_FOR = timedelta(days=1)
"""After its end a chat may still be read and logged by who had it, for so long."""
HOW = {
    "answered": Say("已经答复", "Answered"),
    "left": Say("没有说清、无关内容", "Nothing to answer"),
    "abuse": Say("辱骂，写明原因", "Abuse; say why"),
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A chat in the list of those that wait, or of mine."""

    id: UUID
    is_urgent: bool
    waiting_since: datetime
    started_at: datetime
    lang: str
    unanswered_since: datetime | None = None
    unread: int = 0


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """One of my chats that are over."""

    id: UUID
    started_at: datetime
    ended_at: datetime
    outcome: str
    answer_s: int | None
    grade: str
    numbers: str | None


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to whom a chat can be handed, and how many they hold."""

    id: UUID
    name: str
    n: int


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """What the seat's strip says: how many wait, since when; how many are mine, how many of them wait for me."""

    waiting: int = 0
    since: datetime | None = None
    mine: int = 0
    unread: int = 0


async def waiting() -> list[Row]:
    """Those that wait, who is served next first."""
    async with db.reading() as connection:
        return [Row(**row) for row in await connection.fetch(_WAITING)]


async def mine(person: UUID) -> list[Row]:
    """Those in this person's hands; who waits for an answer first."""
    async with db.reading() as connection:
        return [Row(**row) for row in await connection.fetch(_MINE, person)]


async def over_today(person: UUID) -> list[Past]:
    """This person's chats of the city's day that are over, the latest first."""
    async with db.reading() as connection:
        return [Past(**row) for row in await connection.fetch(_TODAY, person, clock.on(clock.today()))]


async def colleagues(person: UUID) -> list[Colleague]:
    """Who else sits and could go on with a chat; who has fewest first."""
    async with db.reading() as connection:
        return [Colleague(**row) for row in await connection.fetch(_OTHERS, person)]


async def strip(connection: db.Connection, person: UUID) -> Strip:
    """For the seat of this person."""
    row = await connection.fetchrow(
        "SELECT count(*) FILTER (WHERE state = 'waiting')::int AS waiting,"
        " min(waiting_since) FILTER (WHERE state = 'waiting') AS since,"
        " count(*) FILTER (WHERE agent = $1)::int AS mine,"
        " count(*) FILTER (WHERE agent = $1 AND unanswered_since IS NOT NULL)::int AS unread"
        " FROM chat WHERE state = 'waiting' OR (state = 'talking' AND agent = $1)", person,
    )  # fmt: skip
    return Strip(**dict(row)) if row is not None else Strip()


async def take(person: UUID, wanted: UUID | None = None) -> UUID:
    """The chat that waits longest is this person's now; its id.

    ``wanted`` is the one that they saw first in the list: 409 with the name of whoever was faster. 409 as well
    without a seat that is ready, with as many chats as one may hold, and when nobody waits. Pressed twice, it is one.
    """
    async with db.atomic() as connection:
        seat = await seats.of(connection, person, lock=True)  # whoever presses twice waits here
        one = await chats.found(connection, wanted, lock=True) if wanted is not None else None
        if one is not None and (one.state, one.agent) == (TALKING, person):
            return one.id
        await _demand_seat(connection, seat)
        if one is not None:
            await _demand_free(connection, one)
        row = await connection.fetchrow(_FIRST)
        if row is None:
            raise conflict("no_chat_waits", "现在没有人排队。", "Nobody waits at the moment.")
        chat = Chat(**row)
        await connection.execute(_TAKE, chat.id, person, clock.now())
        await chats.add(connection, chat.id, SYSTEM, "taken")
    await chats.tell(chat.id, person, is_queue=True)
    return chat.id


async def _demand_seat(connection: db.Connection, seat: seats.Seat) -> None:
    if seat.state != seats.READY and (seat.state, seat.reason) != (seats.PAUSE, "chat"):
        raise conflict(
            "seat_not_ready", "先就绪，或选“只接网上客服”，再接对话。", "Get ready first, or choose “chats only”."
        )
    most = int(city.current().rule("chat.most"))
    sql = "SELECT count(*) FROM chat WHERE state = 'talking' AND agent = $1"
    if await connection.fetchval(sql, seat.person) >= most:
        raise conflict(
            "chats_full", f"您手里已有 {most} 个对话，先结束一个再接。", f"You hold {most} chats; end one first."
        )


async def _demand_free(connection: db.Connection, chat: Chat) -> None:
    if chat.state == WAITING:
        return
    if chat.state == ENDED:
        raise conflict("chat_over", "对方已经离开，请接下一位。", "They have left; take the next one.")
    name = await connection.fetchval("SELECT name FROM person WHERE id = $1", chat.agent)
    raise conflict("chat_taken", f"{name} 已经接了，请接下一位。", f"{name} was faster; take the next one.")


async def own(connection: db.Connection, actor: Actor, chat: UUID, *, lock: bool = False) -> Chat:
    """The chat if it is in this person's hands, or was a day ago; else 404."""
    one = await chats.found(connection, chat, lock=lock)
    is_past = one.ended_at is not None and one.ended_at < clock.now() - OWN_FOR
    if one.agent != actor.id or is_past:
        raise not_found()
    return one


async def read(actor: Actor, chat: UUID) -> tuple[Chat, list[chats.Line]]:
    """One of the actor's own chats with its lines, which count as seen from now on. 404 for those of others."""
    async with db.atomic() as connection:
        one = await own(connection, actor, chat)
        if one.state == TALKING:
            await connection.execute("UPDATE chat SET seen_seq = last_seq WHERE id = $1 AND seen_seq < last_seq", chat)
        return one, [_masked(line) for line in await chats.lines(connection, chat)]


async def transcript(actor: Actor, chat: UUID) -> tuple[Chat, list[chats.Line]]:
    """What was said in any chat that is over; a noted act.

    404 while it goes on, and where a case is not theirs to see, or not made yet: nobody knows whether it is sealed.
    Who may do this at all is the route's to ask.
    """
    async with db.atomic() as connection:
        one = await chats.found(connection, chat)
        numbers = await connection.fetch(_CASES, chat)
        seen = [row["number"] and await queries.found(connection, actor, row["number"]) for row in numbers]
        if one.state != ENDED or None in seen:
            raise not_found()
        lines = [_masked(line) for line in await chats.lines(connection, chat)]
        await acts.note(connection, actor, "chat_read", f"chat:{chat}")
    return one, lines


def _masked(line: chats.Line) -> chats.Line:
    """Without the query code: it is the citizen's."""
    return msgspec.structs.replace(line, code="")


async def say(actor: Actor, chat: UUID, words: str, *, once: UUID) -> None:
    """An answer; the same post twice is one. 404 for a chat of others, 409 when it is over, 422."""
    plain = words.strip()
    async with db.atomic() as connection:
        one = await own(connection, actor, chat, lock=True)
        if await chats.was_said(connection, chat, once):
            return
        chats.demand_open(one)
        await chats.add(connection, chat, AGENT, "words", plain, author=actor.id, once=once)
        await connection.execute(_SAID, chat, clock.now())
    await chats.tell(chat, actor.id)


async def hand(actor: Actor, chat: UUID, to: UUID | None) -> None:
    """To a colleague who sits, or (None) back to the front of the queue. 404, 409 when it is over, 422."""
    async with db.atomic() as connection:
        one = await own(connection, actor, chat, lock=True)
        chats.demand_open(one)
        if to is None:
            await connection.execute(
                "UPDATE chat SET state = 'waiting', agent = NULL, waiting_since = $2,"
                " unanswered_since = coalesce(unanswered_since, $2) WHERE id = $1", chat, clock.now(),
            )  # fmt: skip
        else:
            if to not in {row["id"] for row in await connection.fetch(_OTHERS, actor.id)}:
                say = Say("这位同事不在席，请换一位。", "They are not seated; choose somebody else.")
                raise invalid({"colleague": say})
            await connection.execute("UPDATE chat SET agent = $2, seen_seq = 0 WHERE id = $1", chat, to)
        await chats.add(connection, chat, SYSTEM, "handed")
        await acts.note(connection, actor, "chat_handed", f"chat:{chat}")
    await chats.tell(chat, actor.id, to, is_queue=True)


async def end(actor: Actor, chat: UUID, how: str, reason: str = "") -> None:
    """The agent ends it: answered (not without a word or a case), nothing to answer, or abuse with its reason.

    Safe twice. 404, 422.
    """
    if how not in HOW:
        raise invalid({"how": Say("请选怎样结束。", "Choose how it ends.")})
    if how == "abuse" and not reason.strip():
        raise invalid({"reason": Say("请写明对方说了什么。", "Say what they did.")})
    async with db.atomic() as connection:
        one = await own(connection, actor, chat, lock=True)
        if one.state == ENDED:
            return
        made = await chats.receipts(connection, chat)
        if how == "answered" and not made and one.answered_at is None:
            raise invalid({"how": Say("还没答复，请先答复或登记成件。", "Answer first, or log a case.")})
        if how == "abuse":
            await _bar(connection, actor, chat, reason.strip())
        await chats.end(connection, one, chats.CASE if made and how != "abuse" else how)
    await chats.tell(chat, actor.id, is_queue=True)


async def _bar(connection: db.Connection, actor: Actor, chat: UUID, reason: str) -> None:
    until = clock.now() + timedelta(hours=int(city.current().rule("chat.bar_hours")))
    await connection.execute(
        "UPDATE chat SET reason = $2, barred_until = $3 WHERE id = $1", chat, vault.seal(reason, f"chat:{chat}:reason"),
        until,
    )  # fmt: skip
    await acts.note(connection, actor, "chat_barred", f"chat:{chat}")


def draft_of(actor: Actor, chat: Chat) -> UUID:
    """The draft in which this person logs what was asked since the last case: the same one however often it opens."""
    return uuid5(chat.id, f"{actor.id}:{chat.made_seq}")


async def logged(actor: Actor, chat: UUID, receipt: Receipt, answer: str = "", *, draft: UUID | None = None) -> None:
    """The call screen made a case of it: number, code and what was answered stand in the chat. Safe twice; 404.

    A chat that went back to the queue while its agent was logging it (by ``draft``) is told as well, lest the next one
    log it again. The receipt is an answer: nobody is kept waiting for another word.
    """
    async with db.atomic() as connection:
        one = await chats.found(connection, chat, lock=True)
        if not (one.state == WAITING and one.taken_at is not None and draft == draft_of(actor, one)):
            await own(connection, actor, chat)
        if receipt.number in await chats.receipts(connection, chat):
            return
        if answer.strip():
            await chats.add(connection, chat, AGENT, "answer", answer.strip(), author=actor.id)
        await chats.add_receipt(connection, one, receipt.number, receipt.code)
        if one.state != ENDED:  # what is logged afterwards makes no answer late
            await connection.execute(_SAID, chat, clock.now())
    await chats.tell(chat, actor.id)


async def asked(actor: Actor, chat: UUID) -> tuple[Chat, str]:
    """For the call screen: the chat, and what the citizen said that is in no case yet. 404 for a chat of others."""
    async with db.reading() as connection:
        one = await own(connection, actor, chat)
        said = await chats.lines(connection, chat, one.made_seq)
    return one, "\n".join(line.words for line in said if line.by == chats.CITIZEN)
