"""What an agent is typing, as a server row from the first settled words on; and the receipt of a call just settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from hotline import clock, db, vault
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.ids import new_id

CALL, RECEIPT = "call", "receipt"
KEPT_RECEIPT = timedelta(hours=1)
KEPT_DRAFT = timedelta(days=30)
MOST = 20
_LONGEST = 20_000
_SEALED = "draft"
_SAVE = """
INSERT INTO draft (id, person, kind, body, updated_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET body = $4, updated_at = $5 WHERE draft.person = $2 AND draft.kind = $3
RETURNING id
"""


_SETTLE = """
INSERT INTO draft (id, person, kind, body, updated_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET kind = $3, body = $4, updated_at = $5 WHERE draft.person = $2
"""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One unfinished call: the fields as typed."""

    id: UUID
    updated_at: datetime
    fields: dict[str, list[str]]

    @property
    def words(self) -> str:
        """The beginning of what was typed, for the list."""
        text = (self.fields.get("words") or [""])[0]
        return text[:24] + ("…" if len(text) > 24 else "")


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Number and query code of a call just settled, for the agent who reads them out."""

    number: str
    code: str


async def save(actor: Actor, draft: UUID, fields: Mapping[str, list[str]]) -> datetime:
    """Keep what was typed; the moment of saving. A draft that is somebody else's is a 404, never overwritten."""
    now = clock.now()
    kept = {name: [text[:_LONGEST] for text in texts] for name, texts in fields.items() if any(texts)}
    body = vault.seal(msgspec.json.encode(kept).decode(), _SEALED)
    async with db.atomic() as connection:
        if await connection.fetchval(_SAVE, draft, actor.id, CALL, body, now) is None:
            raise not_found()
    return now


async def one(actor: Actor, draft: UUID) -> Draft | None:
    """The actor's draft, or None when it is settled, unknown or somebody else's."""
    async with db.reading() as connection:
        row = await connection.fetchrow(
            "SELECT id, updated_at, body FROM draft WHERE id = $1 AND person = $2 AND kind = $3", draft, actor.id, CALL
        )
    return _draft(row) if row is not None else None


async def of(actor: Actor) -> list[Draft]:
    """The actor's unfinished calls, newest first."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT id, updated_at, body FROM draft WHERE person = $1 AND kind = $2 ORDER BY updated_at DESC LIMIT $3",
            actor.id, CALL, MOST,
        )  # fmt: skip
    return [_draft(row) for row in rows]


async def drop(actor: Actor, draft: UUID) -> None:
    """The draft is settled or thrown away. Safe twice."""
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM draft WHERE id = $1 AND person = $2", draft, actor.id)


async def settle(actor: Actor, draft: UUID | None, receipt: Receipt) -> None:
    """The call is settled: its draft becomes its receipt for the wrap-up, so that a late save cannot bring it back."""
    now = clock.now()
    body = vault.seal(msgspec.json.encode(receipt).decode(), _SEALED)
    async with db.atomic() as connection:
        await connection.execute(
            "DELETE FROM draft WHERE person = $1 AND kind = $2 AND updated_at < $3",
            actor.id,
            RECEIPT,
            now - KEPT_RECEIPT,
        )
        await connection.execute(_SETTLE, draft or new_id(), actor.id, RECEIPT, body, now)


async def code_of(actor: Actor, number: str) -> str:
    """The query code of a call that the actor settled within the hour, or ""."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT body FROM draft WHERE person = $1 AND kind = $2 AND updated_at > $3",
            actor.id, RECEIPT, clock.now() - KEPT_RECEIPT,
        )  # fmt: skip
    for row in rows:
        receipt = msgspec.json.decode(vault.unseal(row["body"], _SEALED), type=Receipt)
        if receipt.number == number:
            return receipt.code
    return ""


async def sweep() -> int:
    """Drop receipts past their hour and drafts that nobody touched for a month: both hold personal data."""
    now = clock.now()
    async with db.atomic() as connection:
        done = await connection.execute(
            "DELETE FROM draft WHERE updated_at < CASE kind WHEN $1 THEN $2::timestamptz ELSE $3::timestamptz END",
            RECEIPT, now - KEPT_RECEIPT, now - KEPT_DRAFT,
        )  # fmt: skip
    return int(done.rpartition(" ")[2])


def _draft(row: Mapping[str, Any]) -> Draft:
    fields = msgspec.json.decode(vault.unseal(row["body"], _SEALED), type=dict[str, list[str]])
    return Draft(id=row["id"], updated_at=row["updated_at"], fields=fields)
