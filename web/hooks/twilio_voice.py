"""`/hooks/twilio/voice` and the addresses below it: what a call does next, as TwiML, and what became of its legs.

Twilio plays an error to the caller for anything but a document: whatever is wrong on our side is said politely.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
import structlog
from litestar import asgi
from litestar.types import Receive, Scope, Send

from channels import barred, bridge, grading, helping, phones, spool, tapes, transfers, twilio, voice, voice_texts
from channels.phones import Script
from channels.twilio_voice import HOOK, twiml
from channels.voice import Arriving
from hotline import db, jobs
from hotline.errors import Refusal, not_found
from hotline.permissions import PUBLIC
from web.hooks import twilio_edge

log = structlog.get_logger("voice")
_flights: dict[str, asyncio.Future[Script]] = {}
"""Calls being taken just now: their repeats wait for the same answer instead of asking PostgreSQL beside them."""
_OPT = {"needs": PUBLIC, "is_hook": True, "is_rush": True}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A signed question about a leg: our own call, what else our address carried, and the provider's fields."""

    fields: Mapping[str, str]
    call: UUID | None = None
    more: UUID | None = None

    @property
    def leg(self) -> str:
        """The provider's id of the leg that asks."""
        return self.fields.get("CallSid", "")[:100]

    @property
    def ours(self) -> UUID:
        """The call that our address names; 404 when it names none."""
        if self.call is None:
            raise not_found()
        return self.call

    @property
    def transfer(self) -> UUID:
        """The transfer that our address names; 404 when it names none."""
        if self.more is None:
            raise not_found()
        return self.more


async def _arrived(asked: Asked) -> Script:
    if not asked.leg:
        raise not_found()
    call = _arriving(asked)
    if voice.line_of(call.dialled) is None:
        log.warning("unknown_number")  # which one stands in the call's row
    flight = _flights.get(asked.leg)
    if flight is None:
        flight = _flights[asked.leg] = asyncio.ensure_future(voice.arrived(call))
        flight.add_done_callback(lambda _: _flights.pop(asked.leg, None))
    return await asyncio.shield(flight)


def _arriving(asked: Asked) -> Arriving:
    return Arriving(
        provider_id=asked.leg, caller=asked.fields.get("From", "")[:40], dialled=asked.fields.get("To", "")[:40]
    )


async def _told(asked: Asked) -> Script:
    status = asked.fields.get("CallStatus", "")[:20]
    if asked.more is not None and await _is_transfer(asked.more):
        if status in voice.ENDS:
            await transfers.told(asked.more, status)
        return Script()
    if asked.more is not None and status in voice.ENDS and await helping.told(asked.more):
        return Script()
    await voice.told(asked.leg, status, asked.call, asked.more)
    return Script()


async def _is_transfer(more: UUID) -> bool:
    async with db.reading() as connection:
        return bool(await transfers.target_of(connection, more))


async def _over(asked: Asked) -> Script:
    status = asked.fields.get("DialCallStatus", "")[:20]
    if asked.more is not None:
        return await transfers.told(asked.more, status)
    return await bridge.over(asked.ours, status)


async def _joined(asked: Asked) -> Script:
    if not await _is_transfer(asked.transfer):
        raise not_found()
    await transfers.told(asked.transfer, "answered")
    return Script(says=(voice_texts.JOINING.zh,), then=phones.ROOM, target=f"room-{asked.ours}", call=asked.ours)


async def _recorded(asked: Asked) -> Script:
    if (made := _made(asked)) is not None:
        await tapes.made(made.call, made.provider_id, made.seconds)
        await jobs.nudge("fetch_recordings")
    return Script()


def _made(asked: Asked) -> tapes.Made | None:
    """The recording that the provider says it has; None for one that is still going on or has failed."""
    recording, status = asked.fields.get("RecordingSid", "")[:100], asked.fields.get("RecordingStatus", "completed")
    length = asked.fields.get("RecordingDuration", "")
    if not recording or status != "completed":
        return None
    seconds = int(length) if length.isascii() and length.isdigit() and len(length) < 7 else 0
    return tapes.Made(call=asked.ours, provider_id=recording, seconds=seconds)


_STEPS: dict[str, Callable[[Asked], Awaitable[Script]]] = {
    "": _arrived,
    "wait": lambda asked: voice.waiting(asked.ours),
    "left": lambda asked: voice.left(asked.ours, asked.fields.get("QueueResult", "")),
    "graded": lambda asked: grading.graded(asked.ours, asked.more, asked.fields.get("Digits", "")[:1]),
    "agent": lambda asked: voice.picked_up(asked.ours, asked.leg, asked.more),
    "bridged": lambda asked: voice.bridged(asked.ours),
    "room": lambda asked: voice.into_room(asked.ours),
    "join": _joined,
    "help": lambda asked: helping.joined(asked.ours, asked.transfer, asked.leg, is_muted=False),
    "listen": lambda asked: helping.joined(asked.ours, asked.transfer, asked.leg, is_muted=True),
    "urgent": lambda asked: barred.urgent(asked.ours, asked.fields.get("Digits", "")[:1]),
    "emergency": lambda asked: transfers.leaving(asked.transfer),
    "out": lambda asked: bridge.answered(asked.ours, asked.leg),
    "greeted": lambda asked: bridge.greeted(asked.ours, asked.leg),
    "over": _over,
    "status": _told,
    "recorded": _recorded,
}
"""The last part of the address → what follows."""


async def answer(step: str, asked: Asked) -> bytes:
    """The document for a signed question. PostgreSQL away: see ``_meanwhile``."""
    try:
        script = await _STEPS[step](asked)
    except db.AWAY:
        script = await _meanwhile(step, asked)
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        script = Script()
    return twiml(script).encode()


async def _meanwhile(step: str, asked: Asked) -> Script:
    """While PostgreSQL is away: who waits goes on waiting, a new call is kept for a call back, and so is what ended.

    A status is answered 503 all the same: a provider set up to repeat it does, one that is not has been heard.
    """
    if step == "wait" and asked.call is not None:
        return Script(says=(voice_texts.HOLD.zh,), then=phones.WAIT, call=asked.call)
    if not step and asked.leg:
        await spool.keep(voice.KIND, msgspec.json.encode(_arriving(asked)))
    elif step == "status" and asked.fields.get("CallStatus") in voice.ENDS:
        one = voice.Told(
            provider_id=asked.leg, status=asked.fields["CallStatus"], call=asked.call, person=asked.more
        )  # fmt: skip
        await spool.keep(voice.TOLD, msgspec.json.encode(one))
    elif step == "recorded" and (made := _made(asked)) is not None:
        await spool.keep(tapes.KIND, msgspec.json.encode(made))
    if step in ("status", "recorded", "over"):
        raise db.Away
    return Script(says=(voice_texts.AWAY.zh,))


@asgi([f"{HOOK}/{step}".rstrip("/") for step in _STEPS], opt=_OPT, copy_scope=False)
async def voice_hook(scope: Scope, receive: Receive, send: Send) -> None:
    """Anything about a call. 403 without a right signature; addresses that are none of these are the router's 404."""
    step = scope["path"].removeprefix(HOOK).strip("/")

    async def answered() -> bytes:
        posted = await twilio_edge.read(scope, receive)
        twilio.check_account(posted.fields)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        ids = {name: _id(query.get(name, [""])[0]) for name in ("call", "more")}
        return await answer(step, Asked(fields=posted.fields, call=ids["call"], more=ids["more"]))

    await twilio_edge.answered(scope, send, answered)


def _id(text: str) -> UUID | None:
    with contextlib.suppress(ValueError):
        return UUID(text)
    return None
