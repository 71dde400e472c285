"""Call backs: whom we owe a call, by due time; taken, dialled by the centre, settled. And an agent's own figures."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import callbacks, calls, floor, seats
from hotline import city, clock, db, jobs, unfinished
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from web import fields
from web.access import Who
from web.render import Flash, render, see_other

NEEDS = "call.take"
AnyRequest = Request[Any, Any, Any]
_LAST = """
SELECT DISTINCT ON (task) task, id FROM call WHERE agent = $1 AND task = ANY($2) ORDER BY task, started_at DESC
"""


@get("/callbacks", opt={"needs": NEEDS})
async def tasks(request: AnyRequest, actor: Who) -> Response[str]:
    """Due first, then those that wait for their next try, then what was settled today."""
    return await _shown(request, actor)


async def _shown(request: AnyRequest, actor: Actor, *, status: int = 200, wrong: Say | None = None) -> Response[str]:
    now = clock.now()
    async with db.reading() as connection:
        waiting = await callbacks.waiting(connection)
        settled = await callbacks.settled(connection, clock.on(clock.today()))
        seat = await seats.of(connection, actor.id)
        rows = await connection.fetch(_LAST, actor.id, [one.id for one in waiting])
        drafts = await unfinished.own(connection, actor, [one.draft for one in waiting if one.draft])
    last = {row["task"]: row["id"] for row in rows}
    mine = [one for one in waiting if one.claimed_by == actor.id]
    due = [one for one in waiting if one.claimed_by != actor.id and one.next_at <= now]
    return render(
        request, "floor/callbacks.html", region="#r-callbacks", status=status, live="floor", now=now, mine=mine,
        due=due, later=[one for one in waiting if one.claimed_by != actor.id and one.next_at > now], settled=settled,
        whys=callbacks.WHYS, outcomes=callbacks.OUTCOMES, lines=city.current().lines, wrong=wrong,
        has_phone=bool(seat.phone), is_busy=seat.state in (seats.RINGING, seats.TALKING), last=last,
        drafts=drafts,
        tries=int(city.current().rule("callback.tries")),
    )  # fmt: skip


async def _done(request: AnyRequest, actor: Actor, act: Awaitable[object], say: Say) -> Response[str]:
    try:
        await act
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        wrong = next(iter(refusal.fields.values()), refusal.say)
        return await _shown(request, actor, status=422, wrong=wrong)
    return see_other(request, "/callbacks", flash=Flash(say))


@post("/callbacks/{task:uuid}/claim", opt={"needs": NEEDS}, status_code=200)
async def claim(request: AnyRequest, actor: Who, task: FromPath[UUID]) -> Response[str]:
    """认领."""
    return await _done(request, actor, callbacks.claim(actor, task), Say("已认领。", "It is yours."))


@post("/callbacks/{task:uuid}/call", opt={"needs": NEEDS}, status_code=200)
async def call(request: AnyRequest, actor: Who, task: FromPath[UUID]) -> Response[str]:
    """拨打: the hotline rings this person's telephone first."""
    posted = await fields.posted(request)

    async def act() -> None:
        if own := (posted.get("own_phone") or [""])[0]:
            await seats.give_phone(actor.id, own)
        await callbacks.dial(actor, task)
        await calls.tell([actor.id])
        await jobs.nudge("ring")

    say = Say("热线正在拨打您的话机，接起后自动接通对方。", "The hotline is calling you; pick it up.")
    return await _done(request, actor, act(), say)


@post("/callbacks/{task:uuid}/outcome", opt={"needs": NEEDS}, status_code=200)
async def outcome(request: AnyRequest, actor: Who, task: FromPath[UUID]) -> Response[str]:
    """Reached or not; after the last try a message goes instead."""
    chosen = ((await fields.posted(request)).get("outcome") or [""])[0]
    return await _done(request, actor, callbacks.settle(actor, task, chosen), Say("回拨结果已记下。", "Outcome kept."))


@get("/floor/mine", opt={"needs": NEEDS})
async def mine(request: AnyRequest, actor: Who) -> Response[str]:
    """我的统计: calls, mean times, cases logged, and how today was spent."""
    async with db.reading() as connection:
        own = await floor.mine(connection, actor.id, clock.today())
        total = floor.total((await floor.of_day(connection, clock.today())).values())
    return render(request, "floor/mine.html", own=own, total=total, states=seats.STATES, today=clock.today())


ROUTES = [tasks, claim, call, outcome, mine]
