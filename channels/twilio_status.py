"""What Twilio says became of a text: on to the outbox, or into the spool while PostgreSQL is away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

import msgspec

from channels import outbox, spool, twilio
from channels.arrivals import PATIENCE
from hotline import clock, db

KIND = "twilio.status"


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """One state of one message, and the provider's code where it failed."""

    provider_id: str
    state: str
    code: str = ""


async def take(fields: Mapping[str, str]) -> None:
    """Note what a callback says; raises the refusals of ``twilio.status_of``, and 503 when no disk takes it."""
    provider_id, state, code = twilio.status_of(fields)
    if not state:
        return
    one, now = Status(provider_id=provider_id, state=state, code=code), clock.now()
    try:
        async with asyncio.timeout(PATIENCE):
            await _note(one, now)
    except db.AWAY:
        await spool.keep(KIND, msgspec.json.encode(one))


async def _note(one: Status, at: datetime) -> None:
    async with db.borrowed() as connection:
        await outbox.status(connection, "sms", one.provider_id, one.state, at, one.code)


async def _from_spool(payload: bytes, at: datetime) -> None:
    await _note(msgspec.json.decode(payload, type=Status), at)


spool.HANDLERS[KIND] = _from_spool
