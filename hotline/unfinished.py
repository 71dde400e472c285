"""What an agent is typing, as a server row from the ring on; and the receipt of a call just settled.

One window writes a draft at a time. Each saving has a number that only grows: one that arrives late changes nothing,
and one from a window that no longer holds the draft is a 409 in words. Drafts stay until they are settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
VALUES ($1, $2, 'call', $3, $4, coalesce($5, 1 + coalesce((SELECT version FROM draft WHERE id = $1), 0)), $6, $4,
    CASE WHEN NOT EXISTS (SELECT FROM draft WHERE person = $2 AND call = $8 AND id <> $1) THEN $8::uuid END)
ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at, version = excluded.version,
    holder = excluded.holder, held_at = excluded.held_at, is_blank = false, call = coalesce(draft.call, excluded.call)
WHERE draft.person = excluded.person AND draft.kind = 'call' AND (
    CASE WHEN draft.holder = excluded.holder THEN draft.version < excluded.version
         WHEN draft.holder = '' OR draft.held_at < $7 THEN draft.version = coalesce($9, excluded.version - 1) END)
RETURNING version, call
"""
"""A page without scripts counts no savings ($5 is null): it goes on from what is there. A call keeps the draft that it
was opened with."""
_TAKE = """
UPDATE draft SET version = version + 1, holder = $3, held_at = $4
WHERE id = $1 AND person = $2 AND kind = 'call' RETURNING version
"""
_BEGIN = """
INSERT INTO draft (id, person, kind, body, updated_at, call, is_blank) VALUES ($1, $2, 'call', $3, $4, $5, true)
ON CONFLICT (person, call) WHERE call IS NOT NULL DO NOTHING RETURNING id
"""
_GIVE = """
UPDATE draft SET person = $2, holder = '', call = CASE WHEN person = $2 THEN call END
WHERE id = $1 AND kind = 'call' AND (person = $2 OR NOT $3)
"""
_FOUND = """
SELECT {columns}, kind FROM draft WHERE person = $1 AND (id = $2 OR call = $3) AND (kind = 'call' OR updated_at > $4)
ORDER BY kind = 'receipt' DESC, id = $2 DESC NULLS LAST LIMIT 1
"""
_SETTLE = """
INSERT INTO draft (id, person, kind, body, updated_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET kind = $3, body = $4, updated_at = $5, holder = '', planned_for = NULL
WHERE draft.person = $2 AND (draft.kind = 'call' OR $6)
"""
"""A receipt that is there already stays, unless this one ($6) tells more: two submits at once."""


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
    base: int | None = None, call: UUID | None = None,
) -> Draft:  # fmt: skip
    """Keep what was typed as saving number ``version``; the draft as it stands then, with the number that is kept.

    ``base`` is the last saving that the page knows to be kept: savings that never arrived leave a gap. A draft that is
    settled or somebody else's is a 404, never overwritten; one that another window writes a 409. A saving that was
    overtaken by a later one of the same window keeps the later one.
    """
    now, kept = clock.now(), _kept(fields)
    given = (draft, actor.id, _seal(kept), now, version, window[:64], now - HELD, call, base)
    async with db.reading() as connection:
        row = await connection.fetchrow(_SAVE, *given)
        known = await _overtaken(connection, actor, draft, window) if row is None else row["version"]
    return Draft(
        id=draft, updated_at=now, fields=kept, version=known, holder=window, call=row["call"] if row else call
    )


async def _overtaken(connection: db.Connection, actor: Actor, draft: UUID, window: str) -> int:
    """The number of the later saving of the same window that stands there; the refusal where it is no such thing."""
    row = await connection.fetchrow("SELECT person, kind, holder, version FROM draft WHERE id = $1", draft)
    if row is None or row["person"] != actor.id or row["kind"] != CALL:
        raise not_found()
    if not window or row["holder"] != window[:64]:
        raise elsewhere()
    return int(row["version"])


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
    """The draft of a call, made when its desk is opened at the ring; the one that is there where two opened it."""
    now, kept = clock.now(), _kept(fields)
    async with db.reading() as connection:
        made = await connection.fetchval(_BEGIN, new_id(), actor.id, _seal(kept), now, call)
    if made is None:
        there = await found(actor, call=call)
        return there if isinstance(there, Draft) else Draft(id=new_id(), updated_at=now, fields=kept, call=call)
    return Draft(id=made, updated_at=now, fields=kept, call=call, is_blank=True)


async def found(actor: Actor, *, draft: UUID | None = None, call: UUID | None = None) -> Draft | Receipt | None:
    """The actor's draft of this id, else of this call; the receipt that either has become within the hour.

    None when it is unknown or somebody else's. One statement.
    """
    if draft is None and call is None:
        return None
    async with db.reading() as connection:
        row = await connection.fetchrow(
            _FOUND.format(columns=_COLUMNS), actor.id, draft, call, clock.now() - KEPT_RECEIPT
        )
    if row is None:
        return None
    return _receipt(row["body"]) if row["kind"] == RECEIPT else _draft(row)


async def one(actor: Actor, draft: UUID) -> Draft | None:
    """The actor's draft, or None when it is settled, unknown or somebody else's."""
    known = await found(actor, draft=draft)
    return known if isinstance(known, Draft) else None


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
    """Whoever takes the call back takes the draft with it. In the caller's transaction.

    Not that of a report or a confidential call: what was said in it stays with who heard it (domain.md 2.15).
    """
    body = await connection.fetchval("SELECT body FROM draft WHERE id = $1 AND kind = 'call' FOR UPDATE", draft)
    if body is not None:
        await connection.execute(_GIVE, draft, person, is_sealed(_fields(body)))


async def own(connection: db.Connection, actor: Actor, drafts: Sequence[UUID]) -> set[UUID]:
    """Which of these drafts are the actor's, and not settled."""
    rows = await connection.fetch(
        "SELECT id FROM draft WHERE person = $1 AND kind = 'call' AND id = ANY($2)", actor.id, list(drafts)
    )
    return {row["id"] for row in rows}


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
        tells_more = bool(receipt.code or receipt.path)
        await connection.execute(_SETTLE, draft or new_id(), actor.id, RECEIPT, _seal(receipt), now, tells_more)


async def receipt_of(actor: Actor, draft: UUID) -> Receipt | None:
    """The receipt that a draft has become within the hour."""
    known = await found(actor, draft=draft)
    return known if isinstance(known, Receipt) else None


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


def is_sealed(fields: Mapping[str, Sequence[str]]) -> bool:
    """Whether the call that is being written down is a report or confidential."""
    return "report" in fields.get("kind", ()) or any(fields.get("is_confidential", ()))


def _fields(body: bytes) -> dict[str, list[str]]:
    return msgspec.json.decode(vault.unseal(body, _SEALED), type=dict[str, list[str]])


def _draft(row: Mapping[str, Any]) -> Draft:
    is_held = row["holder"] and row["held_at"] is not None and row["held_at"] > clock.now() - HELD
    return Draft(
        id=row["id"], updated_at=row["updated_at"], fields=_fields(row["body"]), version=row["version"],
        holder=row["holder"] if is_held else "", call=row["call"], is_blank=row["is_blank"],
        planned_for=row["planned_for"],
    )  # fmt: skip
