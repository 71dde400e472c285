"""`/hooks/twilio/sms` and `/hooks/twilio/status`: texts that come in, and what became of those that went out.

Plain ASGI, reached without router and guard: these doors have to bear a rush. The work begins after the answer.
"""

from __future__ import annotations

from litestar import asgi
from litestar.types import Receive, Scope, Send

from channels import arrivals, twilio, twilio_status
from hotline.permissions import PUBLIC
from web.hooks import twilio_edge

EMPTY = b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
_OPT = {"needs": PUBLIC, "is_hook": True, "is_rush": True}


@asgi("/hooks/twilio/sms", opt=_OPT, copy_scope=False)
async def text(scope: Scope, receive: Receive, send: Send) -> None:
    """A text: stored before it is answered, once however often it comes. The answer itself goes by the outbox."""

    async def taken() -> bytes:
        posted = await twilio_edge.read(scope, receive)
        stored = await arrivals.take(twilio.text_of(posted.fields), token=posted.token)
        return stored.reply.encode() or EMPTY

    await twilio_edge.answered(scope, send, taken)


@asgi("/hooks/twilio/status", opt=_OPT, copy_scope=False)
async def status(scope: Scope, receive: Receive, send: Send) -> None:
    """What became of a text of ours; states only move forward, in whatever order they are told."""

    async def noted() -> bytes:
        posted = await twilio_edge.read(scope, receive)
        await twilio_status.take(posted.fields)
        return EMPTY

    await twilio_edge.answered(scope, send, noted)
