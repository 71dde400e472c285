"""The agent's chats: who waits, which are mine, taking one, answering, handing over, ending."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import acknowledge, chat_desk, chat_figures, chats, seats
from channels.chat_desk import HOW
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from web import forms
from web.access import Who
from web.desk import settled
from web.forms import Form, label
from web.public.pass_cookie import UNSTORED
from web.render import Flash, is_fragment, render, see_other

NEEDS = "call.take"
_Request = Request[Any, Any, Any]


class Answer(msgspec.Struct):
    """What the agent says; ``place`` is the page that it is said from."""

    words: Annotated[
        str, label("答复", "Answer", most=2000, missing=Say("还没写答复。", "Write the answer first."))
    ]


class Hand(msgspec.Struct):
    """To whom; nobody is the queue."""

    colleague: Annotated[UUID | None, label("转给", "Hand to")] = None


class End(msgspec.Struct):
    """How it ends."""

    how: Annotated[str, label("怎样结束", "How it ends")] = "answered"
    reason: Annotated[str, label("原因", "Reason", most=500)] = ""


class Take(msgspec.Struct):
    """The chat that stood first in the list."""

    chat: UUID | None = None


@get("/chats", opt={"needs": NEEDS})
async def index(request: _Request, actor: Who) -> Response[str]:
    """Who waits, mine, and mine of today that are over."""
    return await _index(request, actor)


async def _index(request: _Request, actor: Actor, *, status: int = 200, flash: Flash | None = None) -> Response[str]:
    async with db.reading() as connection:
        seat = await seats.of(connection, actor.id)
    return render(
        request, "chat/index.html", region="#r-list", status=status, flash=flash, seat=seat, is_ready=_is_ready(seat),
        waiting=await chat_desk.waiting(), mine=await chat_desk.mine(actor.id), states=seats.STATES,
        over=await chat_desk.over_today(actor.id), tabs=await settled.tabs(actor, "/chats"), outcomes=chats.OUTCOMES,
        seconds=chat_figures.seconds(), most=int(city.current().rule("chat.most")),
        since=lambda moment: int((clock.now() - moment).total_seconds()),
    )  # fmt: skip


def _is_ready(seat: seats.Seat) -> bool:
    return seat.state == seats.READY or (seat.state, seat.reason) == (seats.PAUSE, "chat")


@post("/chats/next", opt={"needs": NEEDS}, status_code=200)
async def take(request: _Request, actor: Who) -> Response[str]:
    """Take who waits longest; if somebody else was faster, the list again with their name."""
    form = await forms.read(request, Take)
    try:
        chat = await chat_desk.take(actor.id, form.value.chat if form.value else None)
    except Refusal as refusal:
        if refusal.status not in (404, 409):
            raise
        return await _index(request, actor, status=409, flash=Flash(refusal.say, "error"))
    return see_other(request, f"/desk?chat={chat}")


@post("/chats/only", opt={"needs": NEEDS}, status_code=200)
async def only(request: _Request, actor: Who) -> Response[str]:
    """From now on chats but no calls."""
    try:
        await seats.pause(actor.id, "chat")
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        say = next(iter(refusal.fields.values()), refusal.say)
        return await _index(request, actor, status=409, flash=Flash(say, "error"))
    return see_other(request, "/chats", flash=Say("现在只接网上客服，电话不会进来。", "Chats only: no calls come now."))


async def shown(
    request: _Request, actor: Actor, chat: UUID, *, region: str = "", status: int = 200,
    answer: Form[Answer] | None = None, hand: Form[Hand] | None = None, over: Form[End] | None = None,
    is_mine: bool = True,
) -> Response[str]:  # fmt: skip
    """The chat with its acts: a page, the part beside the call form (``#r-beside``), or its lines alone.

    Not ``is_mine``: somebody else's that is over, to be read only, which is noted.
    """
    one, lines = await (chat_desk.read if is_mine else chat_desk.transcript)(actor, chat)
    async with db.reading() as connection:
        numbers = await chats.receipts(connection, chat)
    phrases = str(city.current().rule(f"chat.phrases_{one.lang}")).split("|")
    return render(
        request, "chat/show.html", region=region or "#r-beside", status=status, one=one, lines=lines,
        headers=UNSTORED | _back(status),
        live=f"chat.{chat}", numbers=numbers, is_mine=is_mine, how=HOW, answer=answer or forms.blank(Answer),
        hand=hand or forms.blank(Hand), over=over or forms.blank(End, {"how": "answered"}), outcomes=chats.OUTCOMES,
        phrases=[acknowledge.storable(each).strip() for each in phrases if each.strip()],
        others=await chat_desk.colleagues(actor.id) if is_mine and one.state == chats.TALKING else [],
        is_at_desk="/desk" in request.headers.get("hx-current-url", ""), focus=_focus(status, answer),
        since=lambda moment: int((clock.now() - moment).total_seconds()), seconds=chat_figures.seconds(),
    )  # fmt: skip


def _back(status: int) -> dict[str, str]:
    """A refusal comes back in its own place with what was typed."""
    return {"HX-Retarget": "#r-beside", "HX-Reswap": "outerHTML"} if status == 409 else {}


def _focus(status: int, answer: Form[Answer] | None) -> str:
    if status != 200:
        return "#chat-errors"
    return "#chat-words" if answer is not None else ""


@get("/chats/{chat:uuid}", opt={"needs": NEEDS})
async def show(request: _Request, actor: Who, chat: FromPath[UUID]) -> Response[str]:
    """One chat: what was said, and what may be done."""
    return await shown(request, actor, chat)


@get("/chats/{chat:uuid}/lines", opt={"needs": NEEDS, "is_quiet": True})
async def lines(request: _Request, actor: Who, chat: FromPath[UUID]) -> Response[str]:
    """What the page asks for when something was said: 204 while nothing is new."""
    one, _ = await chat_desk.read(actor, chat)
    if is_fragment(request) and request.query_params.get("at", "") == f"{one.last_seq}.{one.state}":
        return Response("", status_code=204)
    return await shown(request, actor, chat, region="#r-said")


@post("/chats/{chat:uuid}/words", opt={"needs": NEEDS}, status_code=200)
async def say(request: _Request, actor: Who, chat: FromPath[UUID]) -> Response[str]:
    """Answer; the same post twice is one answer."""
    form = await forms.read(request, Answer)
    if phrase := form.text("phrase"):
        form = forms.parse(Answer, {**form.typed, "words": [phrase], "_once": [form.once]})
    try:
        await chat_desk.say(actor, chat, form.good.words, once=form.once_id)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        form.take(refusal)
        return await shown(request, actor, chat, status=refusal.status, answer=form)
    if is_fragment(request):
        return await shown(request, actor, chat, answer=forms.blank(Answer))
    return see_other(request, f"/chats/{chat}")


@post("/chats/{chat:uuid}/hand", opt={"needs": NEEDS}, status_code=200)
async def hand(request: _Request, actor: Who, chat: FromPath[UUID]) -> Response[str]:
    """To a colleague who sits, or back to the queue."""
    form = await forms.read(request, Hand)
    try:
        await chat_desk.hand(actor, chat, form.good.colleague)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        form.take(refusal)
        return await shown(request, actor, chat, status=refusal.status, hand=form)
    return see_other(request, "/chats", flash=Say("对话已转出。", "The chat is handed over."))


@post("/chats/{chat:uuid}/end", opt={"needs": NEEDS}, status_code=200)
async def end(request: _Request, actor: Who, chat: FromPath[UUID]) -> Response[str]:
    """End it: answered, nothing to answer, or abuse with its reason."""
    form = await forms.read(request, End)
    try:
        await chat_desk.end(actor, chat, form.good.how, form.good.reason)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        form.take(refusal)
        return await shown(request, actor, chat, status=refusal.status, over=form)
    return see_other(request, "/chats", flash=Say("对话已结束。", "The chat is over."))


ROUTES = [index, take, only, show, lines, say, hand, end]
