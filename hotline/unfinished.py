"""What an agent is typing, as a server row from the ring on; and the receipt of a call just settled.

One window writes a draft at a time. Each saving has a number that only grows: one that arrives late changes nothing,
and one from a window that no longer holds the draft is a 409 in words. Drafts stay until they are settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from hotline import clock, db, vault
from hotline.actor import Actor
from hotline.errors import Refusal, conflict, not_found
from hotline.ids import new_id

CALL, RECEIPT = "call", "receipt"
KEPT_RECEIPT = timedelta(hours=1)
KEPT_DRAFT = timedelta(days=30)
KEPT_BLANK = timedelta(days=1)
HELD = timedelta(minutes=2)
"""A window that saved nothing for so long has left its draft to whoever opens it."""
MOST = 20
_LONGEST = 20_000
_SEALED = "draft"
_COLUMNS = "id, updated_at, body, version, holder, held_at, call, is_blank, planned_for"
_SAVE = """
INSERT INTO draft (id, person, kind, body, updated_at, version, holder, held_at, call)
VALUES ($1, $2, 'call', $3, $4, $5, $6, $4, $8)
ON CONFLICT (id) DO UPDATE SET body = $3, updated_at = $4, version = $5, holder = $6, held_at = $4, is_blank = false,
    call = coalesce(draft.call, $8)
WHERE draft.person = $2 AND draft.kind = 'call' AND (
    CASE WHEN draft.holder = $6 THEN draft.version < $5
         WHEN draft.holder = '' OR draft.held_at < $7 THEN draft.version = $5 - 1 END)
RETURNING version
"""
_OTHERS = "SELECT EXISTS (SELECT FROM draft WHERE person = $1 AND call = $2 AND id <> $3)"
"""A call keeps the draft that it was opened with."""
_TAKE = """
UPDATE draft SET version = version + 1, holder = $3, held_at = $4
WHERE id = $1 AND person = $2 AND kind = 'call' RETURNING version
"""
_BEGIN = """
INSERT INTO draft (id, person, kind, body, updated_at, call, is_blank) VALUES ($1, $2, 'call', $3, $4, $5, true)
ON CONFLICT (person, call) WHERE call IS NOT NULL DO NOTHING
"""
_SETTLE = """
INSERT INTO draft (id, person, kind, body, updated_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET kind = $3, body = $4, updated_at = $5, holder = '', planned_for = NULL
WHERE draft.person = $2
"""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One unfinished call: the fields as typed, the number of the last saving, and the window that writes it."""

    id: UUID
    updated_at: datetime
    fields: dict[str, list[str]]
    version: int = 0
    holder: str = ""
    call: UUID | None = None
    is_blank: bool = False
    planned_for: datetime | None = None

    @property
    def words(self) -> str:
        """The beginning of what was typed, for the list."""
        text = (self.fields.get("words") or [""])[0]
        return text[:24] + ("…" if len(text) > 24 else "")


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Number and query code of a call just settled, for the agent who reads them out.

    ``path`` is the page of it where it is another than the receipt's; ``mark`` tells whether a second submit says the
    same as the first.
    """

    number: str
    code: str
    path: str = ""
    mark: str = ""


def _seal(value: Mapping[str, list[str]] | Receipt) -> bytes:
    return vault.seal(msgspec.json.encode(value).decode(), _SEALED)


def _kept(fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: [text[:_LONGEST] for text in texts] for name, texts in fields.items() if any(texts)}


async def save(
    actor: Actor, draft: UUID, fields: Mapping[str, list[str]], *, window: str = "", version: int | None = None,
    call: UUID | None = None,
) -> Draft:  # fmt: skip
    """Keep what was typed as saving number ``version``; the draft as it stands then.

    A draft that is settled or somebody else's is a 404, never overwritten; one that another window writes a 409. A
    saving that was overtaken by a later one of the same window keeps the later one.
    """
    now, kept = clock.now(), _kept(fields)
    async with db.atomic() as connection:
        if call is not None and await connection.fetchval(_OTHERS, actor.id, call, draft):
            call = None
        if version is None:  # a page without scripts saves by its buttons only: it goes on from what is there
            version = 1 + (await connection.fetchval("SELECT version FROM draft WHERE id = $1", draft) or 0)
        done = await connection.fetchval(
            _SAVE, draft, actor.id, _seal(kept), now, version, window[:64], now - HELD, call
        )
        if done is None:
            await _refused(connection, actor, draft, window)
    return Draft(id=draft, updated_at=now, fields=kept, version=version, holder=window, call=call)


async def _refused(connection: db.Connection, actor: Actor, draft: UUID, window: str) -> None:
    """Why a saving was not kept; nothing when a later one of the same window was."""
    row = await connection.fetchrow("SELECT person, kind, holder FROM draft WHERE id = $1", draft)
    if row is None or row["person"] != actor.id or row["kind"] != CALL:
        raise not_found()
    if not window or row["holder"] != window:
        raise elsewhere()


def elsewhere() -> Refusal:
    """The 409 of a draft that another window writes."""
    return conflict(
        "draft_elsewhere",
        "这份草稿在另一个窗口里改过，这里写的还在，没有存。接管后以这里的为准。",
        "This draft was changed in another window. What you wrote is still here, not saved; take over to go on here.",
    )


async def take(actor: Actor, draft: UUID, window: str = "") -> int:
    """接管: from now on this window writes it, and the other one is refused. The number of the saving; 404 if none."""
    async with db.atomic() as connection:
        version: int | None = await connection.fetchval(_TAKE, draft, actor.id, window[:64], clock.now())
    if version is None:
        raise not_found()
    return version


async def leave(actor: Actor, draft: UUID, window: str) -> None:
    """The window that wrote it was closed: whoever opens the draft may write at once."""
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE draft SET holder = '' WHERE id = $1 AND person = $2 AND holder = $3", draft, actor.id, window
        )


async def begin(actor: Actor, call: UUID, fields: Mapping[str, list[str]]) -> Draft:
    """The draft of a call, made when its desk is opened at the ring; the same one however often it is opened."""
    if (known := await of_call(actor, call)) is not None:
        return known
    now, kept, one = clock.now(), _kept(fields), new_id()
    async with db.atomic() as connection:
        await connection.execute(_BEGIN, one, actor.id, _seal(kept), now, call)
    return await of_call(actor, call) or Draft(id=one, updated_at=now, fields=kept, call=call)


async def of_call(actor: Actor, call: UUID) -> Draft | None:
    """The actor's unfinished draft of a call."""
    return await _one("call = $3", actor, call)


async def one(actor: Actor, draft: UUID) -> Draft | None:
    """The actor's draft, or None when it is settled, unknown or somebody else's."""
    return await _one("id = $3", actor, draft)


async def _one(where: str, actor: Actor, key: UUID) -> Draft | None:
    async with db.reading() as connection:
        row = await connection.fetchrow(
            f"SELECT {_COLUMNS} FROM draft WHERE person = $1 AND kind = $2 AND {where}", actor.id, CALL, key
        )
    return _draft(row) if row is not None else None


async def of(actor: Actor) -> list[Draft]:
    """The actor's unfinished calls, newest first; those of calls in which nothing was typed are none."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            f"SELECT {_COLUMNS} FROM draft WHERE person = $1 AND kind = $2 AND NOT is_blank"
            " ORDER BY updated_at DESC LIMIT $3", actor.id, CALL, MOST,
        )  # fmt: skip
    return [_draft(row) for row in rows]


async def plan(connection: db.Connection, actor: Actor, draft: UUID, at: datetime) -> None:
    """The draft waits for a call back at this time, and no window holds it. In the caller's transaction."""
    await connection.execute(
        "UPDATE draft SET planned_for = $3, holder = '', is_blank = false WHERE id = $1 AND person = $2",
        draft, actor.id, at,
    )  # fmt: skip


async def give(connection: db.Connection, draft: UUID, person: UUID) -> None:
    """Whoever takes the call back takes the draft with it. In the caller's transaction."""
    await connection.execute(
        "UPDATE draft SET person = $2, holder = '', call = CASE WHEN person = $2 THEN call END"
        " WHERE id = $1 AND kind = 'call'", draft, person,
    )  # fmt: skip


async def drop(actor: Actor, draft: UUID) -> None:
    """The draft is settled or thrown away. Safe twice."""
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM draft WHERE id = $1 AND person = $2 AND kind = 'call'", draft, actor.id)


async def drop_blank(actor: Actor, call: UUID) -> None:
    """A call that ended without a case leaves no draft in which nothing was typed."""
    async with db.atomic() as connection:
        await connection.execute(
            "DELETE FROM draft WHERE call = $1 AND person = $2 AND kind = 'call' AND is_blank", call, actor.id
        )


async def settle(actor: Actor, draft: UUID | None, receipt: Receipt) -> None:
    """The call is settled: its draft becomes its receipt for the wrap-up, so that a late save cannot bring it back."""
    now = clock.now()
    async with db.atomic() as connection:
        await connection.execute(
            "DELETE FROM draft WHERE person = $1 AND kind = $2 AND updated_at < $3",
            actor.id, RECEIPT, now - KEPT_RECEIPT,
        )  # fmt: skip
        await connection.execute(_SETTLE, draft or new_id(), actor.id, RECEIPT, _seal(receipt), now)


async def receipt_of(actor: Actor, *, draft: UUID | None = None, call: UUID | None = None) -> Receipt | None:
    """The receipt that a draft, or a call's draft, has become within the hour."""
    async with db.reading() as connection:
        body = await connection.fetchval(
            "SELECT body FROM draft WHERE person = $1 AND kind = $2 AND (id = $3 OR call = $4) AND updated_at > $5",
            actor.id, RECEIPT, draft, call, clock.now() - KEPT_RECEIPT,
        )  # fmt: skip
    return _receipt(body) if body is not None else None


def _receipt(body: bytes) -> Receipt:
    return msgspec.json.decode(vault.unseal(body, _SEALED), type=Receipt)


async def code_of(actor: Actor, number: str) -> str:
    """The query code of a call that the actor settled within the hour, or ""."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT body FROM draft WHERE person = $1 AND kind = $2 AND updated_at > $3",
            actor.id, RECEIPT, clock.now() - KEPT_RECEIPT,
        )  # fmt: skip
    return next((one.code for one in map(_receipt, (row["body"] for row in rows)) if one.number == number), "")


async def sweep() -> int:
    """Drop receipts past their hour and drafts that nobody touched for a month: both hold personal data."""
    now = clock.now()
    async with db.atomic() as connection:
        done = await connection.execute(
            "DELETE FROM draft WHERE updated_at < CASE WHEN kind = $1 THEN $2::timestamptz"
            " WHEN is_blank THEN $4::timestamptz ELSE $3::timestamptz END",
            RECEIPT, now - KEPT_RECEIPT, now - KEPT_DRAFT, now - KEPT_BLANK,
        )  # fmt: skip
    return int(done.rpartition(" ")[2])


def _draft(row: Mapping[str, Any]) -> Draft:
    fields = msgspec.json.decode(vault.unseal(row["body"], _SEALED), type=dict[str, list[str]])
    is_held = row["holder"] and row["held_at"] is not None and row["held_at"] > clock.now() - HELD
    return Draft(
        id=row["id"], updated_at=row["updated_at"], fields=fields, version=row["version"],
        holder=row["holder"] if is_held else "", call=row["call"], is_blank=row["is_blank"],
        planned_for=row["planned_for"],
    )  # fmt: skip
