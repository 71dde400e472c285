"""What Twilio says became of a text: on to the outbox, or into the spool while PostgreSQL is away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from channels import outbox, spool, twilio
from channels.arrivals import PATIENCE
from hotline import clock, db

KIND = "twilio.status"
_OURS = "UPDATE outbox_message SET provider_id = $2 WHERE id = $1 AND channel = 'sms' AND provider_id IS NULL"


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """One state of one message. ``ours`` is the row's own id, as the address that Twilio called carries it."""

    provider_id: str
    state: str
    ours: str = ""


async def take(fields: Mapping[str, str], ours: str) -> None:
    """Note what a callback says; raises the refusals of ``twilio.status_of``, and 503 when no disk takes it."""
    provider_id, state, _ = twilio.status_of(fields)
    if not state:
        return
    one, now = Status(provider_id=provider_id, state=state, ours=ours), clock.now()
    try:
        async with asyncio.timeout(PATIENCE):
            await note(one, now)
    except db.AWAY:
        await spool.keep(KIND, msgspec.json.encode(one))


async def note(one: Status, at: datetime) -> None:
    """Move the message forward. Twilio may be faster than our own note of its id: then the row is found by ours."""
    async with db.atomic() as connection:
        if await outbox.status(connection, "sms", one.provider_id, one.state, at):
            return
        if ours := _uuid(one.ours):
            await connection.execute(_OURS, ours, one.provider_id)
            await outbox.status(connection, "sms", one.provider_id, one.state, at)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _from_spool(payload: bytes, at: datetime) -> None:
    await note(msgspec.json.decode(payload, type=Status), at)


spool.HANDLERS[KIND] = _from_spool
