"""What WeChat says became of a template message: on to the outbox, or into the spool while PostgreSQL is away.

It comes as an event of the person it went to, but it is no word of theirs: it opens no window and is no arrival.
"""

from __future__ import annotations

import msgspec

from channels import arrivals, outbox, silence, spool
from channels.heard import Heard
from channels.wechat_xml import CHANNEL, JOB_FINISHED
from hotline import db

KIND = "wechat.status"
BLOCKED = "user block"
"""The end of ``failed:user block``: they take nothing from us, until they write again."""
_decode = msgspec.json.Decoder(Heard).decode


def is_status(one: Heard) -> bool:
    """Whether this is a report on a message of ours."""
    return one.event == JOB_FINISHED


async def take(one: Heard) -> None:
    """Note what it says; a repeat changes nothing. Raises the 503 refusal when no disk takes it."""
    try:
        await arrivals.patiently(lambda: _note(one))
    except db.AWAY:
        await spool.keep(KIND, msgspec.json.encode(one))


async def _note(one: Heard) -> None:
    provider_id, _, told = one.key.partition(" ")
    state, _, why = told.partition(":")
    async with db.atomic() as connection:
        if why.strip() == BLOCKED:
            await silence.hush(connection, CHANNEL, one.sender, one.at)
        code = why.strip().replace(" ", "_")[:40]
        await outbox.status(
            connection, CHANNEL, provider_id, "delivered" if state == "success" else "failed", one.at, code
        )


async def _from_spool(payload: bytes, _: object) -> None:
    await _note(_decode(payload))


spool.HANDLERS[KIND] = _from_spool
