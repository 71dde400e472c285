"""The citizen's page of the live chat: plain forms; with JavaScript new lines come by themselves. No address says who.

A cookie with a token finds the chat again after a refresh or a lost connection; nothing else does.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import track, verbs
from cases.states import GRADES
from channels import chat_citizen, chat_figures, chats, surge
from channels.chats import Chat, Line
from hotline import city, db, line_hours
from hotline.actor import CITIZEN
from hotline.errors import Refusal, Say, not_found
from hotline.permissions import PUBLIC
from hotline.work import work
from web import cookies, forms
from web.forms import Form, label
from web.public.lists import portal_county
from web.public.pass_cookie import UNSTORED, give_pass
from web.render import is_fragment, preference, render, see_other

COOKIE = "hl_chat"
_KEPT = 2 * 24 * 3600
_Request = Request[Any, Any, Any]
_STALE = (404, 409, 422, 429)
BACK = {"HX-Retarget": "#r-chat", "HX-Reswap": "outerHTML"}
"""A refusal comes back in its own place with what was typed, not as a sentence above the page."""


class Words(msgspec.Struct):
    """One message."""

    words: Annotated[
        str,
        label(
            "想说什么？",
            "What would you like to say?",
            missing=Say("还没写内容，请写上再发。", "Write something first."),
        ),
    ]
    county: str = ""


class Grade(msgspec.Struct):
    """One of exactly four grades."""

    grade: Annotated[
        str,
        label("这次对话怎样？", "How was this chat?", missing=Say("还没选评价，请选一项。", "Choose one of the four.")),
    ]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The browser's chat as its page shows it. ``at`` changes whenever anything on the page would."""

    chat: Chat
    lines: list[Line]
    numbers: list[str]
    ahead: int

    @property
    def at(self) -> str:
        """What the page compares: the last line and the place in the queue."""
        return f"{self.chat.last_seq}.{self.ahead}"

    @property
    def danger(self) -> str:
        """The emergency number that was shown last, "" when none was."""
        return next((one.words for one in reversed(self.lines) if one.kind == "emergency"), "")


def _token(request: _Request) -> str:
    return cookies.get(request.scope, COOKIE)


async def _shown(request: _Request) -> Shown | None:
    chat = await chat_citizen.of(_token(request))
    if chat is None:
        return None
    async with db.reading() as connection:
        lines = await chats.lines(connection, chat.id)
        numbers = await chats.receipts(connection, chat.id)
    ahead = await chat_citizen.ahead(chat) if chat.state == chats.WAITING else 0
    return Shown(chat=chat, lines=lines, numbers=numbers, ahead=ahead)


async def _page(
    request: _Request, *, status: int = 200, form: Form[Words] | None = None, grade: Form[Grade] | None = None,
    region: str = "#r-chat", is_poll: bool = False, say: Say | None = None,
) -> Response[str]:  # fmt: skip
    one = await _shown(request)
    async with db.reading() as connection:
        busy = await surge.current(connection) if one is None else None
    county = portal_county((form.text("county") if form else "") or request.query_params.get("county", ""))
    return render(
        request, "chat/chat.html", region=region, status=status, say=say, one=one, county=county,
        headers=UNSTORED if status in (200, 422) else UNSTORED | BACK,
        form=form or forms.blank(Words, {"county": county}), grade=grade or forms.blank(Grade), grades=GRADES,
        focus="" if is_poll else "#f-words" if status == 200 else "#r-errors", is_poll=is_poll, surge=busy,
        is_over=one is not None and one.chat.state == chats.ENDED, is_open=chat_citizen.is_open(),
        hours=line_hours.say(chat_citizen.hours()), queue=await chat_citizen.waiting() if one is None else 0,
        seconds=chat_figures.seconds(), most=int(city.current().rule("chat.words")),
        keep_days=int(city.current().rule("chat.keep_days")), outcomes=chats.OUTCOMES,
    )  # fmt: skip


@get("/chat", opt={"needs": PUBLIC})
async def page(request: _Request) -> Response[str]:
    """The chat that this browser holds, else how to begin one."""
    return await _page(request)


@post("/chat", opt={"needs": PUBLIC}, status_code=200)
async def begin(request: _Request) -> Response[str]:
    """The first question: a token for this browser, a place in the queue (out of hours: a case at once).

    While a chat goes on, a second window of the browser goes on in it: another cookie would leave the first one behind.
    """
    form = await forms.read(request, Words)
    held, token = _token(request), chats.new_token()
    try:
        given = form.good
        now_on = await chat_citizen.of(held)
        if now_on is not None and now_on.state != chats.ENDED:
            await chat_citizen.say(held, given.words, once=form.once_id)
            return see_other(request, "/chat")
        await chat_citizen.begin(
            token, given.words, once=form.once_id, lang=preference(request, "lang"), held=held,
            county=portal_county(given.county), address=request.client.host if request.client else "",
        )  # fmt: skip
    except Refusal as refusal:
        return await _refused(request, form, refusal)
    cookies.put(request.scope, COOKIE, token, seconds=_KEPT)
    return see_other(request, "/chat")


@post("/chat/words", opt={"needs": PUBLIC}, status_code=200)
async def say(request: _Request) -> Response[str]:
    """One more message; the same post twice is one."""
    form = await forms.read(request, Words)
    try:
        await chat_citizen.say(_token(request), form.good.words, once=form.once_id)
    except Refusal as refusal:
        return await _refused(request, form, refusal)
    return await _page(request) if is_fragment(request) else see_other(request, "/chat")


async def _refused(request: _Request, form: Form[Words], refusal: Refusal) -> Response[str]:
    """The page again with what was typed and what to do."""
    if refusal.status not in _STALE:
        raise refusal
    if form.value is not None or not form.errors:
        form.take(refusal)
    return await _page(request, status=refusal.status, form=form)


@get("/chat/lines", opt={"needs": PUBLIC})
async def lines(request: _Request) -> Response[str]:
    """What the page asks for by itself: 204 while nothing is new."""
    one = await _shown(request)
    if one is None:
        return see_other(request, "/chat")
    if is_fragment(request) and request.query_params.get("at", "") == one.at:
        return Response("", status_code=204)
    heard = " ".join(line.words for line in one.lines if line.seq > _after(request) and line.by == chats.AGENT)
    say = Say(f"客服：{heard}", f"Agent: {heard}") if heard else None
    return await _page(request, region="#r-lines", is_poll=True, say=say)


def _after(request: _Request) -> int:
    seq = request.query_params.get("at", "").partition(".")[0]
    return int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 9 else 0


@post("/chat/leave", opt={"needs": PUBLIC}, status_code=200)
async def leave(request: _Request) -> Response[str]:
    """Done; or nobody came, or it is not solved: then it becomes a case with number and code."""
    posted = await forms.read(request, Leave)
    try:
        await chat_citizen.leave(_token(request), wants_case=posted.text("how") == "case")
    except Refusal as refusal:
        if refusal.status != 404:
            raise
    return see_other(request, "/chat")


class Leave(msgspec.Struct):
    """How one leaves: ``case`` or not."""

    how: str = ""


@post("/chat/rating", opt={"needs": PUBLIC}, status_code=200)
async def rate(request: _Request) -> Response[str]:
    """One grade; where the chat became a case that is answered it is that case's grade too."""
    form = await forms.read(request, Grade)
    try:
        given = await chat_citizen.rate(_token(request), form.good.grade)
    except Refusal as refusal:
        if refusal.status not in _STALE:
            raise
        form.take(refusal)
        return await _page(request, status=refusal.status, grade=form)
    async with db.reading() as connection:
        numbers = await chats.receipts(connection, given.chat)
    for number in numbers:
        await _grade_case(number, given.grade)
    return see_other(request, "/chat", flash=Say("谢谢您的评价。", "Thank you for rating."))


async def _grade_case(number: str, grade: str) -> None:
    try:
        async with work(CITIZEN) as w:
            file, own = await track.opened(w, number)
            if own.receipt_no == number and track.may_rate(file, own, w.now):
                await verbs.rate(w, file, own, grade=grade, channel="chat")
    except Refusal:
        return  # not made yet, or ended in a way that has no grade: the chat's own grade stands


@get("/chat/cases/{number:str}", opt={"needs": PUBLIC})
async def follow(request: _Request, number: FromPath[str]) -> Response[str]:
    """To the page of a case that this browser's chat became, without asking for its code once more."""
    one = await _shown(request)
    if one is None or number not in one.numbers:
        raise not_found()
    give_pass(request.scope, number)
    return see_other(request, f"/track/{number}")


@post("/chat/forget", opt={"needs": PUBLIC}, status_code=200)
async def forget(request: _Request) -> Response[str]:
    """A computer that others use too: this browser does not show the chat any more."""
    one = await chat_citizen.of(_token(request))
    if one is None or (one.state == chats.ENDED and one.barred_until is None):
        cookies.drop(request.scope, COOKIE)
    return see_other(request, "/chat")


ROUTES = [page, begin, say, lines, leave, rate, follow, forget]
