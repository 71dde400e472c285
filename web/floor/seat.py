"""My seat: ready, pause, wrap-up, the ringing call with its caller's history, and where a call may be transferred.

The bar of every staff page and the page ``/seat`` show the same region; each act answers with it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from cases.callers import History
from channels import call_in, calls, chat_desk, helping, seats, transfers, voice
from channels.calls import Call
from channels.helping import Help
from channels.seats import Seat
from hotline import city, clock, db, masks, unfinished
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from web import fields
from web.access import Who
from web.desk import help as desk_help
from web.render import is_fragment, render, see_other

NEEDS = "call.take"
AnyRequest = Request[Any, Any, Any]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A seat as its bar shows it. ``seconds``: in this state, or left of the wrap-up; ``number`` is whole or masked."""

    seat: Seat
    seconds: int
    phone: str
    call: Call | None = None
    line: city.Line | None = None
    number: str = ""
    earlier: History = History()
    is_at_desk: bool = False
    help: Help | None = None
    called_in: str | None = None
    chats: chat_desk.Strip = chat_desk.Strip()


async def standing(request: AnyRequest, actor: Actor) -> Standing:
    """The actor's seat with its call; the number is whole only during call and wrap-up (ux.md 4)."""
    async with db.reading() as connection:
        seat = await seats.of(connection, actor.id)
        call = await calls.found(connection, seat.call) if seat.call else None
        asked, called = await helping.of(connection, actor.id), await call_in.question(connection, actor.id)
        chat = await chat_desk.strip(connection, actor.id)
    number = call.number if call is not None else ""
    is_whole = call is not None and seat.state in (seats.TALKING, seats.WRAP_UP) and call.direction == calls.IN
    return Standing(
        seat=seat, seconds=_seconds(seat, clock.now()), phone=masks.mask_phone(seat.number) if seat.phone else "",
        call=call, line=city.current().line(call.line) if call else None,
        number=number if is_whole else masks.mask_phone(number),
        earlier=await desk_help.history(actor, number) if number else History(),
        is_at_desk="/desk?call=" in request.headers.get("hx-current-url", ""), help=asked, called_in=called,
        chats=chat,
    )  # fmt: skip


def _seconds(seat: Seat, now: datetime) -> int:
    if seat.state == seats.WRAP_UP and seat.wrap_until is not None:
        return max(0, int((seat.wrap_until - now).total_seconds()))
    return max(0, int((now - seat.since).total_seconds()))


async def _shown(
    request: AnyRequest, actor: Actor, *, status: int = 200, wrong: Say | None = None, say: Say | None = None
) -> Response[str]:
    """The bar for htmx, else the page."""
    is_bar = is_fragment(request) and request.headers.get("hx-target") == "r-seat"
    return render(
        request, "floor/bar.html" if is_bar else "floor/seat.html", region="#r-seat" if is_bar else "", status=status,
        say=say, own=await standing(request, actor), wrong=wrong, states=seats.STATES, reasons=seats.REASONS,
        chosen_reasons=seats.CHOSEN, settled=seats.SETTLED, emergencies=transfers.EMERGENCIES,
        partners=_partners(), help_reasons=helping.REASONS, help_ways=helping.WAYS,
        is_willing=False if is_bar else await _is_willing(actor),
    )  # fmt: skip


async def _is_willing(actor: Actor) -> bool:
    async with db.reading() as connection:
        return await call_in.agrees(connection, actor.id)


def _partners() -> dict[str, Say]:
    known = city.current().related_numbers
    return {n: one.name for n, one in known.items() if n not in transfers.EMERGENCIES and transfers.is_target(n)}


async def done(request: AnyRequest, actor: Actor, act: Awaitable[object], say: Say | None = None) -> Response[str]:
    """Do it and show the seat; a refusal stands beside it in words."""
    try:
        await act
    except Refusal as refusal:
        if refusal.status not in (409, 422, 502):
            raise
        wrong = next(iter(refusal.fields.values()), refusal.say)
        return await _shown(request, actor, status=422, wrong=wrong)
    if is_fragment(request):
        return await _shown(request, actor, say=say)
    return see_other(request, "/seat", flash=say)


@get("/seat", opt={"needs": NEEDS, "is_quiet": True})
async def my_seat(request: AnyRequest, actor: Who) -> Response[str]:
    """The page, or the bar that every staff page fetches."""
    return await _shown(request, actor)


@post("/seat/ready", opt={"needs": NEEDS}, status_code=200)
async def ready(request: AnyRequest, actor: Who) -> Response[str]:
    """就绪; with a telephone when one is given, with the last call's outcome when it is chosen here."""
    posted = await fields.posted(request)

    async def act() -> None:
        if phone := (posted.get("phone") or [""])[0]:
            await seats.give_phone(actor.id, phone)
        if outcome := (posted.get("settled") or [""])[0]:
            await _settle(actor, outcome)
        await seats.get_ready(actor.id)

    return await done(request, actor, act(), Say("就绪。", "Ready."))


@post("/seat/pause", opt={"needs": NEEDS}, status_code=200)
async def pause(request: AnyRequest, actor: Who) -> Response[str]:
    """小休, with its reason."""
    reason = (await fields.posted(request)).get("reason") or [""]
    return await done(request, actor, seats.pause(actor.id, reason[0]), Say("已小休。", "Paused."))


@post("/seat/offline", opt={"needs": NEEDS}, status_code=200)
async def offline(request: AnyRequest, actor: Who) -> Response[str]:
    """离线."""
    return await done(request, actor, seats.go(actor.id), Say("已离线。", "Off."))


@post("/seat/phone", opt={"needs": NEEDS}, status_code=200)
async def phone(request: AnyRequest, actor: Who) -> Response[str]:
    """The desk telephone that is dialled."""
    number = ((await fields.posted(request)).get("phone") or [""])[0]
    return await done(request, actor, seats.give_phone(actor.id, number), Say("话机号码已记下。", "Telephone kept."))


@post("/seat/wrap-up", opt={"needs": NEEDS, "is_quiet": True}, status_code=200)
async def more_time(request: AnyRequest, actor: Who) -> Response[str]:
    """Any key: as much wrap-up again."""
    return await done(request, actor, seats.go_on(actor.id))


@post("/seat/outcome", opt={"needs": NEEDS}, status_code=200)
async def outcome(request: AnyRequest, actor: Who) -> Response[str]:
    """How the call ended, without which no next one comes."""
    settled = ((await fields.posted(request)).get("settled") or [""])[0]
    return await done(request, actor, _settle(actor, settled), Say("结果已记下。", "Outcome kept."))


async def _settle(actor: Actor, outcome: str) -> None:
    """The call ends without a case: of a draft in which nothing was typed nothing stays."""
    async with db.reading() as connection:
        call = (await seats.of(connection, actor.id)).call
    await seats.settle(actor.id, outcome)
    if call is not None:
        await unfinished.drop_blank(actor, call)


@post("/seat/transfer", opt={"needs": NEEDS}, status_code=200)
async def transfer(request: AnyRequest, actor: Who) -> Response[str]:
    """F8: the caller to 110, 119, 120, 122 or a partner, at once or three of us; a record, never a queue item."""
    posted = await fields.posted(request)
    target = (posted.get("target") or [""])[0]
    kind = transfers.THREE_WAY if posted.get("is_three_way") else transfers.ONE_WAY
    say = Say(f"已转 {target}，记录在案。", f"Transferred to {target}; it is on record.")
    return await done(request, actor, transfers.transfer(actor, target, kind), say)


@post("/seat/over", opt={"needs": NEEDS}, status_code=200)
async def over(request: AnyRequest, actor: Who) -> Response[str]:
    """挂断: also the way out of a call whose end never reached us."""
    return await done(request, actor, voice.hang_up(actor.id), Say("通话已结束。", "The call is over."))


HANDED_OVER = Say("已转接，记录在案，没有登记成件。", "Transferred and on record; no case was made.")


async def hand_over(actor: Actor, posted: dict[str, list[str]]) -> bool:
    """F8 on the desk during a call transfers the call itself: a record and no case. False: there is no such call."""
    target, call = (posted.get("emergency") or [""])[0], (posted.get("call") or [""])[0]
    if not call or target not in transfers.EMERGENCIES:
        return False
    async with db.reading() as connection:
        seat = await seats.of(connection, actor.id)
        is_repeat = await transfers.just_made(connection, actor, target) is not None
    if str(seat.call) != call or not (seat.state == seats.TALKING or is_repeat):
        return False
    await transfers.transfer(actor, target, transfers.ONE_WAY)
    await unfinished.drop_blank(actor, UUID(call))
    return True


async def desk_start(actor: Actor, call_id: UUID) -> dict[str, list[str]]:
    """What the desk's form begins with for a call: number, line, and the call itself. 404 when it is not theirs."""
    async with db.reading() as connection:
        call = await calls.mine(connection, actor.id, call_id)
    return {"call": [str(call.id)], "phone": [call.number], "line": [call.line or "12345"], "channel": ["phone"]}


ROUTES = [my_seat, ready, pause, offline, phone, more_time, outcome, transfer, over]
