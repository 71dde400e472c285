"""What is done with a request for data: asked, taken up, approved, refused, withdrawn, a late stage answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from channels import reminders
from hotline import acts
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.work import Work, work
from sla import data_request_lists, data_requests
from sla.data_requests import RequestRow, StageRow
from web import forms
from web.access import Who
from web.datarequests import asks, pages
from web.forms import Form
from web.render import see_other
from web.trying import worked

AnyRequest = Request[Any, Any, Any]
F = TypeVar("F", bound=msgspec.Struct)
Do = Callable[[Work, RequestRow, list[StageRow]], Awaitable[None]]


class Nothing(msgspec.Struct):
    """A form with a button only."""


@post(pages.PATH, opt={"needs": "data.ask"}, status_code=200)
async def ask(request: AnyRequest, actor: Who) -> Response[str]:
    """A new request; its number and first date stand on its page."""
    form = await forms.read(request, asks.Ask)
    if not form.is_good:
        return pages.shown_form(request, form, status=422)
    identifier = form.once_id
    try:
        async with work(actor) as w:
            given = {**msgspec.structs.asdict(form.good), "unit": actor.unit}
            row = await data_requests.ask(w, identifier, given)
            text = Say(f"{row.number} 新的数据申请，请受理", f"{row.number}: a new request for data to take up")
            key = f"data_asked:{row.id}:coordination"
            await reminders.remind(w, unit="", kind="data_asked", case=None, text=text, to="coordination", key=key)
            await noted(w, "data_request_asked", row)
        said = Say(f"已提交，编号 {row.number}。", f"Sent, number {row.number}.")
    except Refusal as refusal:
        if refusal.code != "posted":
            raise
        said = refusal.say
    return see_other(request, f"{pages.PATH}/{identifier}", flash=said)


async def noted(w: Work, kind: str, row: RequestRow) -> None:
    """The act in the log, in the transaction that did it; what was buffered is written before the log is locked."""
    await w.flush()
    await acts.note(w, w.actor, kind, f"data_request:{row.id}", {"number": row.number})


async def tell_asker(w: Work, row: RequestRow, text: Say) -> None:
    """The unit that asked hears how its request stands."""
    await reminders.remind(w, unit=row.unit, kind="data_answered", case=None, text=text,
                           key=f"data_answered:{row.id}:{row.state}")  # fmt: skip


async def done(
    request: AnyRequest, actor: Actor, request_id: UUID, name: str, form: Form[F], do: Do, kind: str, said: Say
) -> Response[str]:
    """Do it to the locked request, note it, go back to its page; 409 and 422 give the page with the form as typed."""
    pages.admitted(actor)

    async def to_request(w: Work, _: F) -> None:
        await data_request_lists.one(w.connection, actor, request_id)  # 404 unless it is theirs to see
        row, stages = await data_requests.opened(w, request_id)
        await do(w, row, stages)
        await noted(w, kind, row)

    status, _ = await worked(actor, form, to_request)
    if status != 200:
        return await pages.shown(request, actor, request_id, wrong=(name, form), status=status)
    return see_other(request, f"{pages.PATH}/{request_id}", flash=said)


@post("/data-requests/{request_id:uuid}/advance", opt={"needs": "data.answer"}, status_code=200)
async def advance(request: AnyRequest, actor: Who, request_id: FromPath[UUID]) -> Response[str]:
    """Take it up, or approve it after the review; the button says which it was, so that a second click does nothing."""
    form = await forms.read(request, Advance)

    async def do(w: Work, row: RequestRow, stages: list[StageRow]) -> None:
        if form.good.state != row.state:
            raise data_requests.over(row)
        data_requests.advance(w, row, stages)
        state = data_requests.STATES[row.state]
        text = Say(f"{row.number} 数据申请{state.zh}", f"{row.number}: {state.en.lower()}")
        await tell_asker(w, row, text)

    said = Say("已办，下一步的期限开始计。", "Done; the next date runs.")
    return await done(request, actor, request_id, "advance", form, do, "data_request_advanced", said)


class Advance(msgspec.Struct):
    """The state that the button was pressed in."""

    state: str = ""


@post("/data-requests/{request_id:uuid}/refuse", opt={"needs": "data.answer"}, status_code=200)
async def refuse(request: AnyRequest, actor: Who, request_id: FromPath[UUID]) -> Response[str]:
    """Refuse it, with its reason."""
    form = await forms.read(request, asks.Refuse)

    async def do(w: Work, row: RequestRow, stages: list[StageRow]) -> None:
        data_requests.refuse(w, row, stages, form.good.reason)
        await tell_asker(w, row, Say(f"{row.number} 数据申请不提供，理由在申请页上",
                                     f"{row.number}: refused; the reason stands on its page"))  # fmt: skip

    said = Say("已答复不提供，理由申请方能看到。", "Refused; the asker reads the reason.")
    return await done(request, actor, request_id, "refuse", form, do, "data_request_refused", said)


@post("/data-requests/{request_id:uuid}/withdraw", opt={"needs": "data.ask"}, status_code=200)
async def withdraw(request: AnyRequest, actor: Who, request_id: FromPath[UUID]) -> Response[str]:
    """The asker takes it back."""
    form = await forms.read(request, Nothing)

    async def do(w: Work, row: RequestRow, stages: list[StageRow]) -> None:
        data_requests.withdraw(w, row, stages)

    said = Say("已撤回，各期限停止。", "Withdrawn; its dates have stopped.")
    return await done(request, actor, request_id, "withdraw", form, do, "data_request_withdrawn", said)


@post("/data-requests/{request_id:uuid}/stages/{stage_id:uuid}", opt={"needs": "data.answer"}, status_code=200)
async def answer(
    request: AnyRequest, actor: Who, request_id: FromPath[UUID], stage_id: FromPath[UUID]
) -> Response[str]:
    """Answer the alert of a late stage."""
    form = await forms.read(request, asks.Answer)

    async def do(w: Work, _: RequestRow, stages: list[StageRow]) -> None:
        data_requests.answer(w, stages, stage_id, form.good.answer)

    said = Say("已答复，预警留在记录里。", "Answered; the alert stays on record.")
    return await done(request, actor, request_id, "answer", form, do, "data_request_answered", said)


ROUTES = [ask, advance, refuse, withdraw, answer]
