"""Ratings of a correction: given from the page of one's own request, read as sums, followed where somebody is not."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import notice_ratings, notices, states, track
from channels import reminders_notice
from hotline import city, db
from hotline.actor import CITIZEN
from hotline.errors import Say, not_found
from hotline.permissions import PUBLIC
from hotline.work import Work, work
from web import forms
from web.access import Who
from web.forms import label
from web.public.pass_cookie import UNSTORED, has_pass
from web.render import render, see_other
from web.trying import tried, worked

_Request = Request[Any, Any, Any]


class Grade(msgspec.Struct):
    """One of exactly four grades, and what is still wrong."""

    grade: Annotated[
        str, label("纠正得怎样？", "How was it put right?", missing=Say("还没选评价，请选一项。", "Choose one."))
    ]
    words: Annotated[str, label("还有什么没改好？", "What is still not right?", most=500)] = ""


class Follow(msgspec.Struct):
    """What the centre did about a dissatisfied grade."""

    note: Annotated[
        str, label("处理情况", "What was done", most=500, missing=Say("请写明怎么处理的。", "Say what was done."))
    ]
    key: str = ""


@get("/track/{number:str}/notices/{notice_id:uuid}", opt={"needs": PUBLIC})
async def ask(request: _Request, number: FromPath[str], notice_id: FromPath[UUID]) -> Response[str]:
    """The form for one's grade; for the browser that has shown the query code."""
    return await _page(request, number, notice_id)


async def _page(
    request: _Request, number: str, notice_id: UUID, *, form: forms.Form[Grade] | None = None, status: int = 200
) -> Response[str]:
    if not has_pass(request.scope, number):
        raise not_found()
    async with db.reading() as connection:
        found = await track.read(connection, number)
        own = await notice_ratings.of_request(connection, found.case_id, found.request) if found is not None else []
    one = next((one for one in own if one.id == notice_id), None)
    if one is None:
        raise not_found()
    unit = city.current().unit(one.unit)
    return render(
        request, "notices/rate.html", region="#r-rate-notice", status=status, headers=UNSTORED, number=number,
        one=one, form=form or forms.blank(Grade), grades=states.GRADES, unit=unit.name if unit else Say("", ""),
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/track/{number:str}/notices/{notice_id:uuid}", opt={"needs": PUBLIC}, status_code=200)
async def rate(request: _Request, number: FromPath[str], notice_id: FromPath[UUID]) -> Response[str]:
    """One grade, once; twice, late or of a stranger's it is refused in words."""
    if not has_pass(request.scope, number):
        raise not_found()
    form = await forms.read(request, Grade)

    async def do(good: Grade) -> None:
        async with work(CITIZEN) as w:
            file, own = await track.opened(w, number)
            await notice_ratings.rate(w, file, own.id, notice_id, grade=good.grade, words=good.words)
            if good.grade == "dissatisfied":
                await reminders_notice.tell(w, await notices.opened(w, notice_id), "dissatisfied")

    status, _ = await tried(form, do)
    if status != 200:
        return await _page(request, number, notice_id, form=form, status=status)
    return see_other(request, f"/track/{number}", flash=Say("谢谢您的评价。", "Thank you for rating."))


@get("/notices/dissatisfied", opt={"needs": "notice.verify"})
async def dissatisfied(request: _Request) -> Response[str]:
    """What those concerned are not satisfied with; never by whom."""
    return await _list(request)


async def _list(
    request: _Request, *, form: forms.Form[Follow] | None = None, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        rows = await notice_ratings.dissatisfied(connection, with_followed=True)
    return render(
        request, "notices/dissatisfied.html", region="#r-list", status=status, rows=rows, city=city.current(),
        form=form or forms.blank(Follow), wrong=form.text("key") if form is not None else "",
    )  # fmt: skip


@post("/notices/dissatisfied/{notice_id:uuid}", opt={"needs": "notice.verify"}, status_code=200)
async def follow(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """The centre has followed one."""
    form = await forms.read(request, Follow)

    async def do(w: Work, good: Follow) -> None:
        await notice_ratings.follow(w, notice_id, good.key, note=good.note)

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await _list(request, form=form, status=status)
    return see_other(request, "/notices/dissatisfied", flash=Say("已记下。", "It is on record."))


ROUTES = [ask, rate, dissatisfied, follow]
