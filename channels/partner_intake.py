"""A partner's request is acknowledged even while PostgreSQL is away: it waits in the spool and is filed afterwards."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

import msgspec

from channels import acknowledge, spool
from channels.message import Inbound, Receipt
from hotline import db, jobs

KIND = "partner"
PATIENCE = 2.0
"""Seconds that a request waits for PostgreSQL before it goes to the spool."""
PAUSE = 2.0
"""Seconds in which the next ones go there at once."""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Inbound).decode
_away_until = 0.0


async def take(message: Inbound) -> Receipt | None:
    """Store the request: its receipt, or None when it was spooled, as its number comes later then.

    Raises the 422 refusal of ``acknowledge.check``, and 503 when the spool's disk is full.
    """
    global _away_until
    message = acknowledge.tidy(message)
    acknowledge.check(message)
    if time.monotonic() >= _away_until:
        try:
            async with asyncio.timeout(PATIENCE):
                receipt = await acknowledge.acknowledge(message)
        except db.AWAY:
            _away_until = time.monotonic() + PAUSE
        else:
            if not receipt.is_repeat:
                jobs.nudge_soon("make_cases")
            return receipt
    await spool.keep(KIND, _encode(message))
    return None


async def _from_spool(payload: bytes, at: datetime) -> None:
    """Its promises run from when it came."""
    await acknowledge.acknowledge(msgspec.structs.replace(_decode(payload), filed_at=at))


spool.HANDLERS[KIND] = _from_spool
