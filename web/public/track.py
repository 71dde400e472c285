"""查进度: number and query code open the page of one receipt; everything its holder may do stands on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import notice_ratings, outages, states, track, verbs, verbs_audit
from cases.file import CaseFile
from cases.rows import RequestRow
from cases.states_audit import WISHED
from channels import receipts
from hotline import city, db, files, tries
from hotline.actor import CITIZEN
from hotline.errors import Refusal, Say, not_found
from hotline.permissions import PUBLIC
from hotline.work import Work, work
from web import cookies, forms
from web.forms import label
from web.public import visit_wish
from web.public.pass_cookie import UNSTORED, drop_pass, give_pass, has_pass
from web.render import Flash, render, see_other

_Request = Request[Any, Any, Any]
WHY = {
    "unsolved": Say("没解决", "Not solved"),
    "no_contact": Say("没联系我", "Nobody was in touch"),
    "manner": Say("态度", "Manner"),
    "slow": Say("太慢", "Too slow"),
}


_WISHED = Say(
    "记下了。我们会打电话问您一句，问清以前照常办理。",
    "Noted. We will call to ask you first; until then it goes on.",
)


class Lookup(msgspec.Struct):
    """What one looks up with."""

    number: Annotated[
        str,
        label(
            "编号",
            "Number",
            most=40,
            missing=Say("还没写编号，请照短信或回执填写。", "Enter the number on your receipt."),
        ),
    ]
    code: Annotated[
        str,
        label(
            "查询码",
            "Query code",
            most=40,
            missing=Say("还没写查询码，请照短信或回执填写。", "Enter the code on your receipt."),
        ),
    ]


class Words(msgspec.Struct):
    """Further words."""

    words: Annotated[
        str,
        label(
            "补充什么？",
            "What would you like to add?",
            most=2000,
            missing=Say("还没写要补充的话。", "Write what you would like to add."),
        ),
    ]


class Grade(msgspec.Struct):
    """One of exactly four grades, and why when it is the last."""

    grade: Annotated[
        str, label("办得怎样？", "How was it?", missing=Say("还没选评价，请选一项。", "Choose one of the four."))
    ]
    why: Annotated[list[str], label("哪里不满意？", "What was wrong?", most=4)] = []
    words: Annotated[str, label("想说的话", "In your words", most=1000)] = ""

    def check(self) -> dict[str, Say]:
        """The four grades and the listed reasons only."""
        if self.grade not in states.GRADES or any(one not in WHY for one in self.why):
            return {"grade": Say("请从四个评价里选一个。", "Choose one of the four.")}
        return {}


def not_right() -> Say:
    """The one answer to any failure, with the city's own numbers."""
    tries_left, minutes = city.current().rule("lookup.tries"), int(city.current().rule("lookup.pause_minutes"))
    zh = f"{minutes // 60} 小时" if minutes % 60 == 0 else f"{minutes} 分钟"
    return Say(
        f"编号或查询码不对，请核对短信；错 {tries_left} 次锁 {zh}。",
        f"Number or code not right; {tries_left} misses lock it for {minutes} minutes.",
    )


@get("/track", opt={"needs": PUBLIC}, sync_to_thread=False)
def ask(request: _Request) -> Response[str]:
    """The form for number and code."""
    return render(request, "public/track.html", form=forms.blank(Lookup))


@post("/track", opt={"needs": PUBLIC}, status_code=200)
async def look(request: _Request) -> Response[str]:
    """Look up: one answer to any failure, and a pause after too many of them for the number and for the address."""
    form = await forms.read(request, Lookup)
    if form.is_good:
        number = receipts.tidy_number(form.good.number)
        try:
            found = await _shown(request, number or form.good.number, receipts.tidy_code(form.good.code))
        except Refusal as refusal:
            if refusal.status != 429:
                raise
            form.errors[""] = refusal.say
            return render(request, "public/track.html", region="#r-track", status=429, focus="#r-errors", form=form)
        if found:
            give_pass(request.scope, number)
            return see_other(request, f"/track/{number}")
        form.errors[""] = not_right()
    form.typed.pop("code", None)
    return render(request, "public/track.html", region="#r-track", status=422, focus="#r-errors", form=form)


async def _shown(request: _Request, number: str, code: str) -> bool:
    """Counted before it is looked at, so that many at once cannot slip past; what was right is given back."""
    city_rule = city.current().rule
    limit, pause = int(city_rule("lookup.tries")), timedelta(minutes=int(city_rule("lookup.pause_minutes")))
    address = request.client.host if request.client else ""
    await tries.count("lookup.address", address, limit=limit, pause=pause)
    await tries.count("lookup.number", number, limit=limit, pause=pause)
    async with db.reading() as connection:
        receipt = await receipts.shown(connection, number, code)
    if receipt is None:
        return False
    await tries.forget("lookup.number", number)
    await tries.give_back("lookup.address", address)
    return True


@get("/track/{number:str}", opt={"needs": PUBLIC})
async def show(request: _Request, number: FromPath[str]) -> Response[str]:
    """The page of one receipt, for the browser that has shown its code."""
    if not has_pass(request.scope, number):
        return see_other(request, "/track")
    return await _page(request, number)


async def _page(
    request: _Request,
    number: str,
    *,
    region: str = "",
    status: int = 200,
    words: forms.Form[Words] | None = None,
    grade: forms.Form[Grade] | None = None,
    flash: Flash | None = None,
) -> Response[str]:
    async with db.reading() as connection:
        found = await track.read(connection, number)
        receipt = await receipts.held(connection, number) if found is None else None
        if found is None and receipt is None:
            raise not_found()
        attached = await files.of(connection, "request", [found.request]) if found is not None else []
        told = await outages.told_last(connection, found.request) if found is not None else None
        exposed = await notice_ratings.of_request(connection, found.case_id, found.request) if found is not None else []
    sent = [one for one in attached if one.audience == "requester" and one.created_by == CITIZEN.id]
    return render(
        request, "public/status.html", region=region, status=status, headers=UNSTORED,
        focus="#r-errors" if status != 200 else "",
        number=number, track=found, receipt=receipt, files=sent,
        words=words or forms.blank(Words), grade=grade or forms.blank(Grade),
        grades=states.GRADES, why=WHY, flash=flash, parts=visit_wish.PARTS, exposed=exposed, told_outage=told,
        kinds=states.KINDS, urge_hours=city.current().rule("urge.hours"),
    )  # fmt: skip


@post("/track/{number:str}/words", opt={"needs": PUBLIC}, status_code=200)
async def add_words(request: _Request, number: FromPath[str]) -> Response[str]:
    """补充: the requester's further words, on the case they belong to."""
    _demand_pass(request, number)
    form = await forms.read(request, Words)
    if form.is_good:
        async with work(CITIZEN) as w:
            file, own = await track.opened(w, number)
            await verbs.add_words(w, file, own, words=form.good.words)
        return see_other(
            request,
            f"/track/{number}",
            flash=Say("补充的话已收到，会转给办理的人。", "We have what you added; it goes to those who deal with it."),
        )
    return await _page(request, number, region="#r-words", status=422, words=form)


@post("/track/{number:str}/urge", opt={"needs": PUBLIC}, status_code=200)
async def urge(request: _Request, number: FromPath[str]) -> Response[str]:
    """催办, once a day."""
    _demand_pass(request, number)
    try:
        async with work(CITIZEN) as w:
            file, own = await track.opened(w, number)
            await verbs.urge(w, file, own)
    except Refusal as refusal:
        if refusal.code != "urged":
            raise
        say = Say(
            "今天已经催过，对方已收到。一天只能催一次。",
            "You have urged it already; they know. Once a day is possible.",
        )
        return await _page(request, number, status=409, flash=Flash(say, "note"))
    return see_other(
        request,
        f"/track/{number}",
        flash=Say("已催办，办理单位看得到。", "They have been reminded that you are waiting."),
    )


@get("/track/{number:str}/withdraw", opt={"needs": PUBLIC})
async def ask_withdraw(request: _Request, number: FromPath[str]) -> Response[str]:
    """Whether they really want to; once an office has it, what happens then."""
    _demand_pass(request, number)
    async with db.reading() as connection:
        found = await track.read(connection, number)
    return render(request, "public/withdraw.html", number=number, is_wish=found is not None and found.may_wish)


@post("/track/{number:str}/withdraw", opt={"needs": PUBLIC}, status_code=200)
async def withdraw(request: _Request, number: FromPath[str]) -> Response[str]:
    """撤回, while nobody has it yet; later it is a wish, and the centre calls first: nobody is talked out of it."""
    _demand_pass(request, number)
    async with work(CITIZEN) as w:
        file, own = await track.opened(w, number)
        if track.may_wish(file, own) or own.withdraw_state == WISHED:
            if own.withdraw_state != WISHED:  # said twice is said once
                await verbs_audit.wish_withdrawal(w, file, own)
            return see_other(request, f"/track/{number}", flash=_WISHED)
        if not track.may_withdraw(file, own):
            raise Refusal(
                409,
                "with_a_unit",
                Say(
                    "已经办到这一步，不能撤回了。有话要说请打 12345。",
                    "It has gone too far to be taken back; call 12345 instead.",
                ),
            )
        await verbs.withdraw(w, file, own)
    return see_other(request, f"/track/{number}", flash=Say("已撤回。", "It is withdrawn."))


@post("/track/{number:str}/rating", opt={"needs": PUBLIC}, status_code=200)
async def rate(request: _Request, number: FromPath[str]) -> Response[str]:
    """评价: one grade, once; its supervision record is written in the same transaction (seed 004-10, 004-11)."""
    _demand_pass(request, number)
    form = await forms.read(request, Grade)
    if not form.is_good:
        return await _page(request, number, region="#r-rate", status=422, grade=form)
    async with work(CITIZEN) as w:
        file, own = await track.opened(w, number)
        no = _why_not(file, own, w)
        if no is None:
            await verbs.rate(w, file, own, grade=form.good.grade, words=_said(form.good))
    if no is not None:
        return await _page(request, number, status=409, flash=Flash(no, "note"))
    return see_other(request, f"/track/{number}", flash=Say("谢谢您的评价。", "Thank you for rating."))


def _why_not(file: CaseFile, own: RequestRow, w: Work) -> Say | None:
    if own.rated_at is not None:
        return Say("这件事您已经评价过了，谢谢。", "You have rated this already. Thank you.")
    if not track.may_rate(file, own, w.now):
        return Say(
            "现在不能评价：要办结以后，并在期限以内。",
            "It cannot be rated now: only once it is closed, and within its time.",
        )
    return None


def _said(given: Grade) -> str:
    reasons = "、".join(WHY[one].zh for one in given.why) if given.grade == "dissatisfied" else ""
    return f"{reasons}。{given.words}".strip("。") if reasons else given.words


@get("/track/{number:str}/files/{attachment:uuid}", opt={"needs": PUBLIC})
async def attached(request: _Request, number: FromPath[str], attachment: FromPath[UUID]) -> Response[bytes]:
    """A file that the requester sent, for themselves."""
    _demand_pass(request, number)
    async with db.reading() as connection:
        one = await files.found(connection, attachment)
        own = await connection.fetchval("SELECT id FROM request WHERE receipt_no = $1", number)
    if (
        one.subject_kind != "request"
        or one.subject_id != own
        or one.audience != "requester"
        or one.created_by != CITIZEN.id
    ):
        raise not_found()
    data = files.open_path(one).read_bytes()
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(one.name, safe='')}",
        "Cache-Control": "no-store",
    }
    return Response(data, media_type=one.media_type, headers=headers)


@post("/track/{number:str}/leave", opt={"needs": PUBLIC}, status_code=200)
async def leave(request: _Request, number: FromPath[str]) -> Response[str]:
    """Close the page on a phone or computer that others use too."""
    if has_pass(request.scope, number):
        drop_pass(request.scope)
        cookies.drop(request.scope, "hl_ask")  # the receipt with its code, too
    return see_other(request, "/", flash=Say("已退出查询。", "The page is closed."))


def _demand_pass(request: _Request, number: str) -> None:
    """The same 404 as for a number that does not exist."""
    if not has_pass(request.scope, number):
        raise not_found()
