"""What a citizen is writing on the web: a sealed row for a day, found only by the token in that browser's cookie."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hotline import clock, db, files, vault
from hotline.ids import new_id

KEPT = timedelta(days=1)
SUBJECT = "web_draft"
"""The subject kind of attachments that were sent along before the message itself."""
_CONTEXT = "web_draft"
_SAVE = """
    INSERT INTO web_draft (key, once, body, changed_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO UPDATE SET body = $3, changed_at = $4
"""


class Kept(msgspec.Struct, frozen=True):
    """One file that came with the draft."""

    id: UUID
    name: str
    size: int


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A case that is about the same thing: what may be told of it, and its number, which may not (but to its own)."""

    number: str
    matter: str
    street: str
    due: datetime | None = None
    is_own: bool = False


class Draft(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The answers given so far. ``once`` is the one-time token: however often it is sent, it makes one case."""

    once: UUID
    portal: str = ""
    done: list[str] = []
    kind: str = ""
    about_unit: str = ""
    about: str = ""
    words: str = ""
    county: str = ""
    township: str = ""
    place: str = ""
    point: str = ""
    matter: str = ""
    known: list[Known] = []
    follow: str = ""
    reach: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    second: str = ""
    proxy: str = ""
    is_confidential: bool = False
    is_minor: bool = False
    danger: str = ""
    files: list[Kept] = []
    number: str = ""
    code: str = ""
    sent_at: datetime | None = None


def new_draft() -> Draft:
    """An empty one with its one-time token."""
    return Draft(once=new_id())


def new_token() -> str:
    """What the browser keeps: the only way to a draft."""
    return secrets.token_urlsafe(32)


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def load(token: str) -> Draft | None:
    """The draft of this token; None when there is none, or when its day is over."""
    if not token:
        return None
    async with db.reading() as connection:
        body = await connection.fetchval(
            "SELECT body FROM web_draft WHERE key = $1 AND changed_at > $2", _key(token), clock.now() - KEPT
        )
    return None if body is None else msgspec.json.decode(vault.unseal(body, _CONTEXT), type=Draft)


async def save(token: str, draft: Draft) -> None:
    """Keep the draft; its day begins again."""
    body = vault.seal(msgspec.json.encode(draft).decode(), _CONTEXT)
    async with db.atomic() as connection:
        await connection.execute(_SAVE, _key(token), draft.once, body, clock.now())


async def drop(token: str, draft: Draft) -> None:
    """Forget what was written; files go too unless they were sent."""
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM web_draft WHERE key = $1", _key(token))
        if not draft.number:
            await connection.execute(
                "DELETE FROM attachment WHERE subject_kind = $1 AND subject_id = $2 AND case_id IS NULL",
                SUBJECT,
                draft.once,
            )


async def forget_file(draft: Draft, attachment: UUID) -> None:
    """Take one file back out of an unsent draft."""
    async with db.atomic() as connection:
        gone = await connection.fetchval(
            "DELETE FROM attachment WHERE id = $1 AND subject_kind = $2 AND subject_id = $3 AND case_id IS NULL "
            "RETURNING id",
            attachment, SUBJECT, draft.once,
        )  # fmt: skip
    if gone is not None:
        files.path_of(gone).unlink(missing_ok=True)
    draft.files = [one for one in draft.files if one.id != attachment]


async def sweep(connection: db.Connection) -> int:
    """Remove drafts whose day is over, with files that never became part of a message; how many drafts there were.

    The files' bytes are removed by ``hotline.files.sweep``, which finds what no row speaks of.
    """
    edge = clock.now() - KEPT
    await connection.execute(
        "DELETE FROM attachment a WHERE subject_kind = $1 AND case_id IS NULL AND created_at < $2 AND NOT EXISTS ("
        "SELECT FROM web_draft d WHERE d.once = a.subject_id AND d.changed_at >= $2) AND NOT EXISTS ("
        "SELECT FROM inbound_message m WHERE m.provider_id = 'ask:' || a.subject_id AND m.state <> 'made')",
        SUBJECT, edge,
    )  # fmt: skip
    done = await connection.execute("DELETE FROM web_draft WHERE changed_at < $1", edge)
    return int(done.rpartition(" ")[2])
