"""A partner's request is acknowledged even while PostgreSQL is away: it waits in the spool and is filed afterwards."""

from __future__ import annotations

from datetime import datetime

import msgspec

from channels import acknowledge, arrivals, spool
from channels.message import Inbound, Receipt
from hotline import db, jobs

KIND = "partner"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Inbound).decode


async def take(message: Inbound) -> Receipt | None:
    """Store the request: its receipt, or None when it was spooled, as its number comes later then.

    Raises the 422 refusal of ``acknowledge.check``, and 503 when the spool's disk is full.
    """
    message = acknowledge.tidy(message)
    acknowledge.check(message)
    try:
        receipt = await arrivals.patiently(lambda: acknowledge.acknowledge(message))
    except db.AWAY:
        await spool.keep(KIND, _encode(message))
        return None
    if not receipt.is_repeat:
        jobs.nudge_soon("make_cases")
    return receipt


async def _from_spool(payload: bytes, at: datetime) -> None:
    """Its promises run from when it came."""
    await acknowledge.acknowledge(msgspec.structs.replace(_decode(payload), filed_at=at))


spool.HANDLERS[KIND] = _from_spool
