"""The live chat's rows: one chat, its lines (sealed), the few steps that everybody's path shares. No screens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from hotline import clock, db, jobs, vault
from hotline.errors import Say, conflict, not_found
from hotline.live import CHANNEL

WAITING, TALKING, ENDED = "waiting", "talking", "ended"
CITIZEN, AGENT, SYSTEM = "citizen", "agent", "system"
ANSWERED, CASE, LEFT, IDLE, ABUSE, MESSAGE = "answered", "case", "left", "idle", "abuse", "message"
OUTCOMES: dict[str, Say] = {
    ANSWERED: Say("已答复", "answered"),
    CASE: Say("已登记成件", "became a case"),
    LEFT: Say("对方离开", "the citizen left"),
    IDLE: Say("对方没有再说话", "the citizen went silent"),
    ABUSE: Say("因辱骂结束", "ended for abuse"),
    MESSAGE: Say("没人接，登记成件", "nobody there, became a case"),
}
NEWS = "chats"
"""The name under which pages hear that the queue of chats changed."""


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """One chat. ``unanswered_since``: since when words of the citizen stand without words of a person."""

    id: UUID
    lang: str
    county: str
    state: str
    outcome: str | None
    agent: UUID | None
    is_urgent: bool
    started_at: datetime
    waiting_since: datetime
    taken_at: datetime | None
    answered_at: datetime | None
    citizen_at: datetime
    agent_at: datetime | None
    unanswered_since: datetime | None
    warned_at: datetime | None
    ended_at: datetime | None
    barred_until: datetime | None
    last_seq: int
    seen_seq: int
    made_seq: int
    is_owed: bool
    grade: str
    wiped_at: datetime | None
    answer_s: int | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line as it is shown. ``words`` is "" with a notice; ``code`` only beside the number of a receipt."""

    seq: int
    at: datetime
    by: str
    kind: str
    words: str = ""
    code: str = ""
    author: str = ""


COLUMNS = ", ".join(Chat.__struct_fields__)
QUEUE = "is_urgent DESC, started_at, id"
"""Who is served next: a cry for help, then whoever began first, however often they went back into the queue."""
_LINES = """
SELECT l.seq, l.at, l.by, l.kind, l.body, coalesce(p.name, '') AS author FROM chat_line l
LEFT JOIN person p ON p.id = l.author WHERE l.chat = $1 AND l.seq > $2 ORDER BY l.seq
"""
_ADD = """
INSERT INTO chat_line (chat, seq, at, by, kind, author, once, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


def new_token() -> str:
    """What the citizen's browser keeps: the only way back to the chat."""
    return secrets.token_urlsafe(32)


def key(token: str) -> bytes:
    """The token as it is stored."""
    return hashlib.sha256(token.encode()).digest()


def _context(chat: UUID, seq: int) -> str:
    return f"chat:{chat}:{seq}"


async def found(connection: db.Connection, chat: UUID, *, lock: bool = False) -> Chat:
    """The chat, locked if it is to be changed; the 404 refusal when there is none."""
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM chat WHERE id = $1{' FOR UPDATE' if lock else ''}", chat)
    if row is None:
        raise not_found()
    return Chat(**row)


async def by_token(connection: db.Connection, token: str, *, lock: bool = False) -> Chat | None:
    """The chat that this browser holds; None without one."""
    if not token:
        return None
    sql = f"SELECT {COLUMNS} FROM chat WHERE token = $1{' FOR UPDATE' if lock else ''}"
    row = await connection.fetchrow(sql, key(token))
    return Chat(**row) if row else None


async def was_said(connection: db.Connection, chat: UUID, once: UUID) -> bool:
    """Whether this very post was stored before: a lost connection sends it twice."""
    sql = "SELECT EXISTS (SELECT FROM chat_line WHERE chat = $1 AND once = $2)"
    return bool(await connection.fetchval(sql, chat, once))


async def add(
    connection: db.Connection, chat: UUID, by: str, kind: str, words: str = "", *,
    author: UUID | None = None, once: UUID | None = None,
) -> int:  # fmt: skip
    """Write one line, sealed, in the caller's transaction; its place in the chat."""
    seq: int = await connection.fetchval(
        "UPDATE chat SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq", chat
    )
    body = vault.seal(words, _context(chat, seq)) if words else None
    await connection.execute(_ADD, chat, seq, clock.now(), by, kind, author, once, body)
    return seq


async def add_receipt(connection: db.Connection, chat: Chat, number: str, code: str) -> None:
    """Number and code stand in the chat; what was said up to here is in that case. In the caller's transaction."""
    done = await connection.execute(
        "INSERT INTO chat_case (chat, receipt_no) VALUES ($1, $2) ON CONFLICT DO NOTHING", chat.id, number
    )
    if done.endswith(" 1"):
        seq = await add(connection, chat.id, SYSTEM, "receipt", f"{number} {code}".strip())
        await connection.execute("UPDATE chat SET made_seq = $2 WHERE id = $1", chat.id, seq)
        await link(connection, number)


async def link(connection: db.Connection, number: str) -> None:
    """A receipt whose case is made by now is told its id."""
    await connection.execute(
        "UPDATE chat_case SET case_id = r.case_id FROM request r"
        " WHERE chat_case.receipt_no = $1 AND chat_case.case_id IS NULL AND r.receipt_no = $1", number,
    )  # fmt: skip


async def lines(connection: db.Connection, chat: UUID, after: int = 0) -> list[Line]:
    """What was said after a place in the chat, in order."""
    return [_line(chat, dict(row)) for row in await connection.fetch(_LINES, chat, after)]


def _line(chat: UUID, row: dict[str, object]) -> Line:
    body = row.pop("body")
    words = vault.unseal(body, _context(chat, int(str(row["seq"])))) if isinstance(body, bytes) else ""
    code = ""
    if row["kind"] == "receipt":
        words, _, code = words.partition(" ")
    return msgspec.convert({**row, "words": words, "code": code}, Line)


async def receipts(connection: db.Connection, chat: UUID) -> list[str]:
    """The numbers that the chat became."""
    rows = await connection.fetch("SELECT receipt_no FROM chat_case WHERE chat = $1 ORDER BY receipt_no", chat)
    return [row["receipt_no"] for row in rows]


async def end(
    connection: db.Connection, chat: Chat, outcome: str, *, is_owed: bool = False, is_said: bool = True,
    at: datetime | None = None,
) -> None:  # fmt: skip
    """The chat is over, in the caller's transaction; ``is_owed``: what was asked is still to become a case."""
    if is_said:
        await add(connection, chat.id, SYSTEM, "ended")
    await connection.execute(
        "UPDATE chat SET state = 'ended', outcome = $2, ended_at = $3, is_owed = $4, unanswered_since = NULL,"
        " warned_at = NULL WHERE id = $1 AND state <> 'ended'",
        chat.id, outcome, at or clock.now(), is_owed,
    )  # fmt: skip


async def tell(chat: UUID, *people: UUID | None, is_queue: bool = False) -> None:
    """After the commit: this chat's pages, these people's seats and, if it changed, the queue."""
    names = [f"chat.{chat}", *(f"seat.{one}" for one in people if one is not None)]
    await jobs.publish(CHANNEL, " ".join([*names, NEWS, "floor"] if is_queue else names))


async def wipe(connection: db.Connection, chats: Iterable[UUID]) -> None:
    """Forget what was said in these chats; times and figures stay. In the caller's transaction."""
    ids = list(chats)
    await connection.execute("UPDATE chat_line SET body = NULL WHERE chat = ANY($1) AND body IS NOT NULL", ids)
    await connection.execute(
        "UPDATE chat SET wiped_at = $2, reason = NULL WHERE id = ANY($1) AND wiped_at IS NULL", ids, clock.now()
    )


def demand_open(chat: Chat) -> None:
    """The 409 refusal when the chat is over."""
    if chat.state == ENDED:
        raise conflict("chat_over", "这次对话已经结束。", "This chat is over.")
