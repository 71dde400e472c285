"""The floor as it stands, for shift supervisors: who needs help, seats, who waits, the service level, seats needed.

The page hears of each change by its stream and asks anew; what lasts is counted on in the browser.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import callbacks, chat_figures, floor, helping, phones, seats, shift, staffing, surge, tapes, transfers
from channels.floor import Tally
from hotline import city, clock, db
from hotline.errors import Refusal, Say
from web import fields
from web.access import Who
from web.floor import figures
from web.render import Flash, is_fragment, render, see_other

NEEDS, HOLD = "floor.read", "shift.hold"
AnyRequest = Request[Any, Any, Any]


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of the hour that runs and of the day."""

    hour: Tally
    day: Tally


async def _level(connection: db.Connection, moment: datetime) -> Level:
    found = await floor.of_day(connection, clock.local_day(moment))
    hour = clock.local(moment).hour
    return Level(
        hour=floor.total(one for (_, at), one in found.items() if at == hour), day=floor.total(found.values())
    )


@get("/floor", opt={"needs": NEEDS, "is_quiet": True})
async def page(request: AnyRequest) -> Response[str]:
    """现场: as it stands, renewed as it changes."""
    return await _shown(request)


async def _shown(request: AnyRequest, *, status: int = 200, wrong: Say | None = None) -> Response[str]:
    moment = clock.now()
    async with db.reading() as connection:
        sitting, waiting = await floor.seats(connection), await floor.waiting(connection)
        level = await _level(connection, moment)
        to_call, late = await callbacks.counts(connection)
        helps, helped = await helping.open_ones(connection), await helping.figures(connection, _midnight())
        behind = await tapes.behind(connection)
        on, suggested = await surge.current(connection), await surge.suggested(connection)
        untaken, chat = await shift.waiting(connection), await chat_figures.shown(connection, clock.today())
        more = {} if is_fragment(request) else await _slow(connection, moment)
    rule = city.current().rule
    return render(
        request, "floor/floor.html", region="#r-floor", live="floor,help,surge,shift", status=status, wrong=wrong,
        sitting=sitting, waiting=waiting, level=level, aim=figures.numbers(), at=moment, to_call=to_call, late=late,
        states=seats.STATES, reasons=seats.REASONS, lines=city.current().lines, behind=behind,
        has_carrier=phones.current() is not None, ready=sum(one.state == seats.READY for one in sitting),
        helps=helps, helped=helped, help_reasons=helping.REASONS, ways=helping.WAYS, on=on,
        suggested=None if on else suggested, whys=surge.WHYS, untaken=untaken, chat=chat,
        help_s=int(rule("floor.help")),
        long={state: rule(key) for state, key in floor.LONG.items()},
        seconds_since=lambda since: int((moment - since).total_seconds()), **more,
    )  # fmt: skip


def _midnight() -> datetime:
    return clock.on(clock.today())


async def _slow(connection: db.Connection, moment: datetime) -> dict[str, Any]:
    """What need not be renewed by the second: the week, today's transfers, the seats that the next hours need."""
    today, days = clock.today(), figures.WEEK
    week = await floor.of_hours(connection, today - timedelta(days=days - 1), days)
    return {
        "moved": await transfers.recent(connection, _midnight()), "kinds": transfers.KINDS,
        "worst": floor.worst_day(week, moment), "ahead": await staffing.forecast(connection), "weeks": staffing.WEEKS,
    }  # fmt: skip


@get("/floor/staffing", opt={"needs": NEEDS, "is_quiet": True})
async def needed(request: AnyRequest) -> Response[str]:
    """The seats that the next hours need: the page asks for them every few minutes."""
    if not is_fragment(request):
        return see_other(request, "/floor")
    async with db.reading() as connection:
        ahead = await staffing.forecast(connection)
    return render(request, "floor/floor.html", region="#r-staffing", ahead=ahead, weeks=staffing.WEEKS)


@get("/floor/help", opt={"needs": HOLD, "is_quiet": True})
async def bell(request: AnyRequest) -> Response[str]:
    """Who asks for help and was not answered: the mark in a supervisor's header; with ``say`` what is read aloud."""
    if not is_fragment(request):
        return see_other(request, "/floor")
    async with db.reading() as connection:
        asking = [one for one in await helping.open_ones(connection) if one.answered_at is None]
    is_said = bool(request.query_params.get("say"))
    if is_said and not asking:
        return Response("", status_code=204)
    return render(request, "floor/bell.html", region="#r-help-bell", asking=asking, is_said=is_said,
                  help_reasons=helping.REASONS)  # fmt: skip


@post("/floor/help/{one:uuid}", opt={"needs": HOLD}, status_code=200)
async def answer(request: AnyRequest, actor: Who, one: FromPath[UUID]) -> Response[str]:
    """过去, 加入通话 or 旁听."""
    way = ((await fields.posted(request)).get("way") or [""])[0]
    said = {
        helping.OVER: Say("已应答，坐席看得到您过去。", "Answered; the agent sees that you come."),
        helping.JOINED: Say("正在呼叫您的话机，接起就加入通话。", "Your telephone rings; pick it up to join."),
        helping.LISTENING: Say("正在呼叫您的话机，接起就开始旁听。", "Your telephone rings; pick it up to listen."),
    }
    try:
        await helping.answer(actor, one, way)
    except Refusal as refusal:
        return await _refused(request, refusal)
    return see_other(request, "/floor", flash=said[way])


async def _refused(request: AnyRequest, refusal: Refusal) -> Response[str]:
    if refusal.status not in (409, 422, 502):
        raise refusal
    return see_other(request, "/floor", flash=Flash(next(iter(refusal.fields.values()), refusal.say), "error"))


@post("/floor/help/{one:uuid}/over", opt={"needs": HOLD}, status_code=200)
async def over(request: AnyRequest, actor: Who, one: FromPath[UUID]) -> Response[str]:
    """帮完了."""
    await helping.end(actor, one)
    return see_other(request, "/floor", flash=Say("已记下，求助结束。", "Noted: it is over."))


ROUTES = [page, needed, bell, answer, over]
