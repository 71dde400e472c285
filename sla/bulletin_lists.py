"""Bulletins as lists show them: drafts in work, issues within a reader's reach, the public ones; who has read which."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from hotline import db
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.permissions import may
from sla.bulletin_steps import APPROVES, CLEARS, READS
from sla.bulletins import COLUMNS, ISSUED, MAKES, BulletinRow

SIZE = 50
_LIGHT = ", ".join("'' AS computed" if one == "computed" else "NULL AS frozen" if one == "frozen" else f"b.{one}"
                   for one in COLUMNS.split(", "))
"""A list needs no content: a year of issues is megabytes."""


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that an issue went to, and who signed for it."""

    unit: str
    told_at: datetime
    read_at: datetime | None
    read_by: UUID | None


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was first made, and since when it comes out otherwise (None: it does not)."""

    format: str
    lang: str
    hash: bytes
    differs_at: datetime | None


def sees_drafts(actor: Actor) -> bool:
    """Whoever writes or approves."""
    return any(may(actor, one) for one in (MAKES, APPROVES, CLEARS))


def sees_all(actor: Actor) -> bool:
    """The centre reads every issue; a unit those that were sent to it."""
    return sees_drafts(actor) or may(actor, "figures.read")


def is_reader(actor: Actor) -> bool:
    """Whether the room is this person's at all."""
    return sees_all(actor) or may(actor, READS)


async def one(connection: db.Connection, actor: Actor, identifier: UUID) -> BulletinRow:
    """The bulletin if the actor may see it; 404 else."""
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM bulletin WHERE id = $1", identifier)
    if row is None:
        raise not_found()
    found = BulletinRow(**row)
    if found.state not in ISSUED:
        if not sees_drafts(actor):
            raise not_found()
        return found
    if sees_all(actor) or {actor.unit, *actor.units} & {one.unit for one in await readers(connection, identifier)}:
        return found
    raise not_found()


async def drafts(connection: db.Connection) -> list[BulletinRow]:
    """What is in work, the latest changed first."""
    rows = await connection.fetch(
        f"SELECT {_LIGHT} FROM bulletin b WHERE b.state IN ('draft', 'in_review', 'approved')"
        f" ORDER BY b.changed_at DESC, b.id LIMIT {2 * SIZE}"
    )
    return [BulletinRow(**row) for row in rows]


async def issued(
    connection: db.Connection, actor: Actor, *, kind: str = "", before: datetime | None = None, size: int = SIZE
) -> list[BulletinRow]:
    """Issues within reach, newest first."""
    rows = await connection.fetch(
        f"SELECT {_LIGHT} FROM bulletin b WHERE b.issued_at IS NOT NULL AND ($1 = '' OR b.kind = $1)"
        " AND ($2::timestamptz IS NULL OR b.issued_at < $2) AND ($3 OR EXISTS (SELECT FROM bulletin_reader r"
        " WHERE r.bulletin_id = b.id AND r.unit = ANY($4))) ORDER BY b.issued_at DESC, b.id LIMIT $5",
        kind, before, sees_all(actor), [actor.unit, *actor.units], size,
    )  # fmt: skip
    return [BulletinRow(**row) for row in rows]


async def unread(connection: db.Connection, actor: Actor) -> set[UUID]:
    """Issues that the actor's own unit has not signed yet."""
    if not may(actor, READS) or not actor.unit:
        return set()
    rows = await connection.fetch(
        "SELECT bulletin_id FROM bulletin_reader WHERE unit = $1 AND read_at IS NULL", actor.unit
    )
    return {row["bulletin_id"] for row in rows}


async def readers(connection: db.Connection, identifier: UUID) -> list[Reader]:
    """To whom it went; those that have not signed first."""
    rows = await connection.fetch(
        "SELECT unit, told_at, read_at, read_by FROM bulletin_reader WHERE bulletin_id = $1"
        " ORDER BY read_at IS NOT NULL, unit",
        identifier,
    )
    return [Reader(**row) for row in rows]


async def public_page(
    connection: db.Connection, *, kind: str = "", before: datetime | None = None, size: int = SIZE
) -> list[BulletinRow]:
    """Public issues, newest first."""
    rows = await connection.fetch(
        f"SELECT {_LIGHT} FROM bulletin b WHERE b.issued_at IS NOT NULL AND b.audience = 'public'"
        " AND ($1 = '' OR b.kind = $1) AND ($2::timestamptz IS NULL OR b.issued_at < $2)"
        " ORDER BY b.issued_at DESC, b.id LIMIT $3",
        kind, before, size,
    )  # fmt: skip
    return [BulletinRow(**row) for row in rows]


async def public_one(connection: db.Connection, slug: str) -> BulletinRow:
    """A public issue by its address; 404 for anything else."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM bulletin WHERE slug = $1 AND audience = 'public' AND issued_at IS NOT NULL", slug
    )
    if row is None:
        raise not_found()
    return BulletinRow(**row)


async def related(connection: db.Connection, row: BulletinRow) -> dict[str, BulletinRow]:
    """What it supersedes ("old") and what superseded it ("new"), where there is such an issue."""
    found: dict[str, BulletinRow] = {}
    for key, identifier in (("old", row.supersedes), ("new", row.superseded_by)):
        if identifier is not None:
            record = await connection.fetchrow(f"SELECT {_LIGHT} FROM bulletin b WHERE b.id = $1", identifier)
            if record is not None:
                found[key] = BulletinRow(**record)
    return found


async def files_known(connection: db.Connection, identifier: UUID) -> list[Rendering]:
    """Each rendering made so far."""
    rows = await connection.fetch(
        "SELECT format, lang, hash, differs_at FROM bulletin_file WHERE bulletin_id = $1 ORDER BY 1, 2", identifier
    )
    return [Rendering(**row) for row in rows]
