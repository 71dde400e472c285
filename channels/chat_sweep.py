"""What time does to live chats: nobody answers, an agent or a citizen is silent, a case is owed, words grow old.

Each step asks for all that is due as of now and is safe twice.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from cases.file import CaseFile, Entry
from channels import chat_citizen, chats, reminders
from channels.chats import SYSTEM, Chat
from hotline import actor, city, clock, db
from hotline.errors import Say, plain
from hotline.work import Work, work

log = logging.getLogger(__name__)
SUPERVISOR = "shift_supervisor"
_LIMIT = 200
_UNANSWERED = """
SELECT id, is_urgent FROM chat WHERE state <> 'ended' AND alerted_at IS NULL
    AND (is_urgent OR answered_at IS NULL AND started_at < $1) ORDER BY started_at LIMIT 200 FOR UPDATE SKIP LOCKED
"""
_BACK = """state = 'talking' AND (unanswered_since < $1 OR unanswered_since IS NOT NULL AND (
    EXISTS (SELECT FROM seat s WHERE s.person = chat.agent AND s.state = 'offline')
    OR EXISTS (SELECT FROM person p WHERE p.id = chat.agent AND NOT p.is_active)))"""
_NOBODY = "state = 'waiting' AND waiting_since < $1"
_SILENT = "state = 'talking' AND unanswered_since IS NULL AND warned_at IS NULL AND greatest(agent_at, citizen_at) < $1"
_GONE = "state = 'talking' AND unanswered_since IS NULL AND warned_at < $1"
_OLD = """
SELECT id FROM chat c WHERE state = 'ended' AND wiped_at IS NULL AND ended_at < $1 AND NOT is_owed
    AND NOT EXISTS (SELECT FROM chat_case x WHERE x.chat = c.id) LIMIT 500 FOR UPDATE SKIP LOCKED
"""
_OF_CASE = "SELECT chat FROM chat_case WHERE case_id = $1"
_UNLINKED = """
UPDATE chat_case SET case_id = r.case_id FROM chat c, request r
WHERE c.started_at > $1 AND chat_case.chat = c.id AND chat_case.case_id IS NULL AND r.receipt_no = chat_case.receipt_no
"""
LINKED_FOR = timedelta(days=30)
"""For so long after a chat began it is asked whether its case is made: a message that failed waits for a person."""
WAITS = Say("有网上对话没人应答，请安排坐席", "a live chat has no answer; please see that somebody takes it")
CRIES = Say("网上对话里有人呼救，请马上查看", "somebody in a live chat cries for help; please look at once")
Step = Callable[[db.Connection, Chat], Awaitable[None]]


async def sweep() -> int:
    """All of it, in order; how many chats something was done to."""
    rule, now = city.current().rule, clock.now()
    minutes = {name: now - timedelta(minutes=int(rule(f"chat.{name}")))
               for name in ("nobody", "back", "idle_warn", "idle_end")}  # fmt: skip
    done = await _alert(now - timedelta(seconds=int(rule("chat.answer"))))
    done += await _each(_BACK, minutes["back"], _put_back)
    done += await _each(_NOBODY, minutes["nobody"], _give_up)
    done += await _each(_GONE, minutes["idle_end"], _end_idle)
    done += await _each(_SILENT, minutes["idle_warn"], _warn)
    return done + await _make_owed() + await _forget(now - timedelta(days=int(rule("chat.keep_days"))))


async def _alert(edge: datetime) -> int:
    """Nobody has said a word within the rule, or somebody cries for help: the shift supervisor hears of it, once."""
    async with work(actor.SYSTEM) as w:
        rows = await w.connection.fetch(_UNANSWERED, edge)
        ids = [row["id"] for row in rows]
        for row in rows:
            say, key = (CRIES, f"chat_cry:{row['id']}") if row["is_urgent"] else (WAITS, f"chat:{row['id']}")
            await reminders.remind(
                w, unit="", kind="chat_unanswered", case=None, text=say, to=SUPERVISOR, critical=True, key=key
            )
        await w.connection.execute("UPDATE chat SET alerted_at = $2 WHERE id = ANY($1)", ids, w.now)
    for one in ids:
        await chats.tell(one, is_queue=True)
    return len(ids)


async def _each(condition: str, edge: datetime, step: Step) -> int:
    """One transaction a chat: one that fails keeps no other from being done, and is tried again next time."""
    async with db.reading() as connection:
        ids = [row["id"] for row in await connection.fetch(
            f"SELECT id FROM chat WHERE {condition} ORDER BY started_at LIMIT {_LIMIT}", edge
        )]  # fmt: skip
    return sum([await _alone(one, _once(one, condition, edge, step)) for one in ids])


async def _alone(chat: UUID, act: Awaitable[object]) -> int:
    """Do it to one chat; 0 when it failed or there was nothing to do. PostgreSQL away is everybody's trouble."""
    try:
        return int(bool(await act))
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, one chat's trouble is not its neighbours'
        log.error("chat %s could not be swept\n%s", chat, plain(error))  # noqa: TRY400
        return 0


async def _once(chat: UUID, condition: str, edge: datetime, step: Step) -> bool:
    async with db.atomic() as connection:
        sql = f"SELECT {chats.COLUMNS} FROM chat WHERE id = $2 AND {condition} FOR UPDATE"
        row = await connection.fetchrow(sql, edge, chat)
        if row is None:
            return False  # somebody spoke meanwhile
        one = Chat(**row)
        await step(connection, one)
    await chats.tell(chat, one.agent, is_queue=True)
    return True


async def _put_back(connection: db.Connection, chat: Chat) -> None:
    """The agent is silent, or went home while somebody waits: another takes it, before those who began later."""
    await connection.execute(
        "UPDATE chat SET state = 'waiting', agent = NULL, waiting_since = $2 WHERE id = $1", chat.id, clock.now()
    )
    await chats.add(connection, chat.id, SYSTEM, "back")


async def _give_up(connection: db.Connection, chat: Chat) -> None:
    await chats.end(connection, chat, chats.MESSAGE, is_owed=True)


async def _warn(connection: db.Connection, chat: Chat) -> None:
    await chats.add(connection, chat.id, SYSTEM, "warned")
    await connection.execute("UPDATE chat SET warned_at = $2 WHERE id = $1", chat.id, clock.now())


async def _end_idle(connection: db.Connection, chat: Chat) -> None:
    made = await chats.receipts(connection, chat.id)
    await chats.end(connection, chat, chats.CASE if made else chats.IDLE)


async def _make_owed() -> int:
    """Chats that are over and whose question is in no case yet; and cases that are made by now."""
    async with db.reading() as connection:
        ids = [row["id"] for row in await connection.fetch("SELECT id FROM chat WHERE is_owed LIMIT 200")]
    made = sum([await _alone(one, chat_citizen.make_case(one)) for one in ids])
    async with db.atomic() as connection:
        await connection.execute(_UNLINKED, clock.now() - LINKED_FOR)
    return made


async def _forget(edge: datetime) -> int:
    """Words of chats that became no case are kept for the rule's days."""
    async with db.atomic() as connection:
        ids = [row["id"] for row in await connection.fetch(_OLD, edge)]
        await chats.wipe(connection, ids)
    return len(ids)


async def on_erased(work: Work, file: CaseFile, _: Entry) -> None:
    """What was said goes with the case that it became."""
    rows = await work.connection.fetch(_OF_CASE, file.case.id)
    await chats.wipe(work.connection, [row["chat"] for row in rows])
