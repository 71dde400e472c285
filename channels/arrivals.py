"""What providers send is stored once, raw and sealed, before anything is done with it (rules.md 4).

PostgreSQL away: it waits in the spool and the provider is answered all the same. What it means: ``channels.reading``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import msgspec
from asyncpg.exceptions import TransactionRollbackError

from cases.file import CaseFile, Entry
from channels import spool
from channels.batcher import batcher
from channels.heard import Heard
from channels.rows import ArrivalRow
from hotline import clock, db, jobs, vault
from hotline.ids import new_id
from hotline.work import Work

T = TypeVar("T")
KIND = "heard"
PATIENCE = 2.0
"""Seconds that a provider's message waits for PostgreSQL before it goes to the spool."""
PAUSE = 2.0
"""Seconds in which the next ones go there at once."""
_COLUMNS = ("id", "channel", "provider_id", "sender", "received_at", "body", "reply", "token")
_INSERT = """
    INSERT INTO arrival (id, channel, provider_id, sender, received_at, body, reply, token)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[], $6::bytea[], $7::bytea[],
        $8::text[]) ORDER BY 2, 3
    ON CONFLICT DO NOTHING RETURNING id
"""
"""In the order of their names: two batches with the same repeats in them wait for each other, never in a circle."""
_FIRST = "SELECT reply FROM arrival WHERE channel = $1 AND (provider_id = $2 OR token = $3)"


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the message is new, and what its provider is to be answered: the first time's answer for ever."""

    is_new: bool
    reply: str = ""


class _Spooled(msgspec.Struct, frozen=True, kw_only=True):
    heard: Heard
    reply: str = ""
    token: str = ""


_encode = msgspec.json.Encoder().encode
_decode_heard = msgspec.json.Decoder(Heard).decode
_decode_spooled = msgspec.json.Decoder(_Spooled).decode
_away_until = 0.0


async def take(heard: Heard, *, reply: str = "", token: str = "") -> Stored:
    """Store the message, or spool it while PostgreSQL is away; returns once it is on a disk.

    ``token`` is the provider's key of this delivery, where it has one beside the message's id. Raises the 503 refusal
    when the spool's disk is full: the provider will try again.
    """
    at = clock.now()  # not when the wait ends: one person's messages are read in the order in which they came
    try:
        stored = await patiently(lambda: store(heard, reply=reply, token=token, at=at))
    except db.AWAY:
        await spool.keep(KIND, _encode(_Spooled(heard=heard, reply=reply, token=token)), at)
        return Stored(is_new=True, reply=reply)
    if stored.is_new:
        jobs.nudge_soon("read_arrivals")
    return stored


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """What ``work`` gives within PATIENCE; raises ``db.AWAY``, at once while PostgreSQL is known to be away.

    Nobody waits for the end of a statement that was given up: its cancelling may hang as long as it does.
    """
    global _away_until
    if time.monotonic() < _away_until:
        raise db.Away("pause")
    if _away_until:
        _away_until = time.monotonic() + PATIENCE  # one asks whether it is back, the others need not wait for it
    task = asyncio.ensure_future(work())
    task.add_done_callback(lambda one: one.cancelled() or one.exception())  # what comes too late is told to nobody
    try:
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:
            task.cancel()
            raise TimeoutError
        found = task.result()
    except db.AWAY as error:
        if not isinstance(error, TransactionRollbackError):  # it let another go first: it is there
            _away_until = time.monotonic() + PAUSE
        raise
    _away_until = 0.0
    return found


async def store(heard: Heard, *, reply: str = "", token: str = "", at: datetime | None = None) -> Stored:
    """One row for one message, however often and by however many at once it is stored. Raises ``db.AWAY``."""
    row = ArrivalRow(
        id=new_id(), channel=heard.channel, provider_id=heard.provider_id, received_at=at or clock.now(),
        sender=vault.reply_index(heard.channel, heard.sender), token=token or None,
        body=vault.seal(_encode(heard).decode(), f"arrival:{heard.provider_id}"),
        reply=vault.seal(reply, "arrival.reply") if reply else None,
    )  # fmt: skip
    if await batcher(_INSERT, _COLUMNS).put(row):
        return Stored(is_new=True, reply=reply)
    async with db.borrowed() as connection:
        first = await connection.fetchval(_FIRST, heard.channel, heard.provider_id, token or None)
    return Stored(is_new=False, reply=vault.unseal(first, "arrival.reply") if first else "")


def heard_of(row: ArrivalRow) -> Heard:
    """The message of a row that was not read yet."""
    return _decode_heard(vault.unseal(row.body or b"", f"arrival:{row.provider_id}"))


async def _from_spool(payload: bytes, at: datetime) -> None:
    one = _decode_spooled(payload)
    await store(one.heard, reply=one.reply, token=one.token, at=at)


spool.HANDLERS[KIND] = _from_spool


async def on_erased(work: Work, file: CaseFile, _: Entry) -> None:
    """What a provider was answered, and what it still keeps for us, goes with the words of the case (rules.md 5)."""
    await work.connection.execute("UPDATE arrival SET reply = NULL WHERE case_id = $1", file.case.id)
    await work.connection.execute(
        "UPDATE medium SET source = NULL, next_at = NULL, state = 'erased' WHERE case_id = $1 AND state = 'new'",
        file.case.id,
    )
