"""The second chained log: acts that are no case's, such as a sign-in, an unmasking, an export (rules.md 5).

Ids, codes and times only, like the ledger. The sealer of ``cases.seals`` seals it as log "a": positions are ``seq``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from hotline import canon, clock, db
from hotline.actor import Actor
from hotline.work import Row, Work

TAG = "hotline.act.1"


class ActRow(Row, kw_only=True):
    """One act. ``subject`` says on whom or what (``person:<id>``, ``case:<number>``); ``data`` is canonical JSON."""

    table: ClassVar[str] = "act"
    identity: ClassVar[tuple[str, ...]] = ("seq",)

    seq: int
    at: datetime
    actor: UUID
    actor_kind: str
    kind: str
    subject: str
    data: str
    prev: bytes
    hash: bytes

    @property
    def details(self) -> dict[str, object]:
        """``data`` again as it was noted."""
        found: dict[str, object] = msgspec.json.decode(self.data)
        return found


COLUMNS = ", ".join(ActRow.__struct_fields__)

_HEAD = """
SELECT last_seq, last_hash, (SELECT at FROM act WHERE seq = h.last_seq) AS last_at FROM act_head h FOR UPDATE
"""
_NOTE = f"""
WITH noted AS (INSERT INTO act ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING seq, hash)
UPDATE act_head SET last_seq = noted.seq, last_hash = noted.hash FROM noted
"""


def act_hash(
    prev: bytes, seq: int, at: datetime, actor: UUID | str, actor_kind: str, kind: str, subject: str, data: str
) -> bytes:
    """SHA-256 of ``[TAG, prev, seq, at, actor, actor_kind, kind, subject, data]`` as ``hotline.canon`` spells it."""
    return canon.digest(TAG, prev.hex(), seq, canon.moment(at), str(actor), actor_kind, kind, subject, data)


async def note(
    within: Work | db.Connection, actor: Actor, kind: str, subject: str = "", data: Mapping[str, object] | None = None
) -> ActRow:
    """Note an act in the caller's transaction, as late in it as possible: everybody who notes waits until it ends.

    An act on somebody's behalf names them too, as ``for`` in its data.

    Lock cases and other rows before, never after. Never pass words, names or numbers: this log is not erasable.
    """
    connection = within.connection if isinstance(within, Work) else within
    at = within.now if isinstance(within, Work) else clock.now()
    async with connection.transaction():  # a savepoint inside the caller's transaction, else a transaction
        head = await connection.fetchrow(_HEAD)
        if head is None:
            msg = "the log of acts has lost its head row: run `hotline verify`"
            raise RuntimeError(msg)
        is_now = within.is_now if isinstance(within, Work) else clock.is_running()
        if is_now and head["last_at"] is not None:
            at = max(at, head["last_at"])  # the host's clock may have been set back
        seq, prev, body = head["last_seq"] + 1, head["last_hash"], canon.canonical(_whole(actor, data))
        row = ActRow(
            seq=seq, at=at, actor=actor.id, actor_kind=actor.kind, kind=kind, subject=subject, data=body, prev=prev,
            hash=act_hash(prev, seq, at, actor.id, actor.kind, kind, subject, body),
        )  # fmt: skip
        await connection.execute(_NOTE, *msgspec.structs.astuple(row))
    return row


def _whole(actor: Actor, data: Mapping[str, object] | None) -> Mapping[str, object]:
    if actor.behalf is None:
        return data or {}
    return {**(data or {}), "for": str(actor.behalf)}


async def recent(
    connection: db.Connection,
    *,
    before: int | None = None,
    limit: int = 50,
    kind: str | None = None,
    actor: UUID | None = None,
    subject: str | None = None,
) -> list[ActRow]:
    """Acts, newest first, at most ``limit``, older than ``before`` (the last ``seq`` of the page before)."""
    wheres: list[str] = []
    values: list[object] = [limit]
    asked = (("seq", "<", before), ("kind", "=", kind), ("actor", "=", actor), ("subject", "=", subject))
    for column, sign, value in asked:
        if value is not None:
            values.append(value)
            wheres.append(f"{column} {sign} ${len(values)}")
    where = f"WHERE {' AND '.join(wheres)}" if wheres else ""
    sql = f"SELECT {COLUMNS} FROM act {where} ORDER BY seq DESC LIMIT $1"
    found = await connection.fetch(sql, *values)
    return [ActRow(**row) for row in found]
