"""导出整本账本: asked for with a reason, decided by a second person, fetched while it is kept; all of it noted."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from cases import exporting, exports
from hotline import city, db, people
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.work import Work
from web import forms
from web.access import Who
from web.filters import moment_in
from web.forms import Form, label
from web.render import render, see_other
from web.trying import worked

_Request = Request[Any, Any, Any]
PATH = "/exports"
AUDIENCES = {
    "requester": Say("诉求人看得到的文字（诉求、答复）", "Texts that requesters read: their words, the answers"),
    "staff": Say("承办单位看得到的文字（办理备注等）", "Texts that units read: notes and the like"),
    "centre": Say("只有热线看得到的文字", "Texts that only the centre reads"),
}


class Ask(msgspec.Struct):
    """What is asked for."""

    reason: Annotated[str, label("用途和依据", "What for, and on what basis", least=4, most=1000)]
    audiences: Annotated[list[str], label("带哪些文字", "Which texts go along", most=3)] = []
    is_personal: Annotated[
        bool, label("解密姓名、号码、住址，并带举报件、保密件的文字",
                    "Decrypt names, numbers and addresses, with texts of reports and confidential cases"),
    ] = False  # fmt: skip

    def check(self) -> dict[str, Say]:
        """Known audiences only."""
        if any(one not in AUDIENCES for one in self.audiences):
            return {"audiences": Say("请从列出的里面选。", "Choose from the list.")}
        return {}


class Decision(msgspec.Struct):
    """Approved, or refused with a reason."""

    answer: Annotated[str, label("理由", "Reason", most=1000)] = ""


@get(PATH, opt={"needs": exports.NEED})
async def index(request: _Request, actor: Who) -> Response[str]:
    """All exports, newest first, and the form for a new one."""
    return await _index(request, actor, forms.blank(Ask))


async def _index(request: _Request, actor: Actor, form: Form[Ask], *, status: int = 200) -> Response[str]:
    async with db.reading() as connection:
        found = await exports.listed(connection, moment_in(request.query_params.get("before", "")))
    rows = found[: exports.PAGE]
    older = f"{PATH}?{urlencode({'before': rows[-1].asked_at.isoformat()})}" if len(found) > exports.PAGE else ""
    return render(
        request, "opendata/exports.html", region="#r-exports", status=status, rows=rows, older=older, form=form,
        states=exports.STATES, audiences=AUDIENCES, may_personal=exports.may_decrypt(actor),
        names=await people.names({one.asked_by for one in rows}), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post(PATH, opt={"needs": exports.NEED}, status_code=200)
async def ask(request: _Request, actor: Who) -> Response[str]:
    """Ask for one; a second person has to agree."""
    form = await forms.read(request, Ask)
    identifier = form.once_id

    async def do(w: Work, given: Ask) -> bool:
        return await exports.ask(w, identifier, reason=given.reason, audiences=tuple(given.audiences),
                                 has_personal=given.is_personal)  # fmt: skip

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await _index(request, actor, form, status=status)
    said = Say("已提交，等另一位有权的人批准。", "Sent; another person with this permission has to agree.")
    return see_other(request, f"{PATH}/{identifier}", flash=said)


@get("/exports/{export:uuid}", opt={"needs": exports.NEED})
async def show(request: _Request, actor: Who, export: FromPath[UUID]) -> Response[str]:
    """One export: what was asked, who decided, the file."""
    return await _show(request, actor, export, forms.blank(Decision))


async def _show(
    request: _Request, actor: Actor, export: UUID, form: Form[Decision], *, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        row = await exports.one(connection, export)
    return render(
        request, "opendata/export.html", region="#r-export", status=status, row=row, form=form, states=exports.STATES,
        audiences=AUDIENCES, names=await people.names({one for one in (row.asked_by, row.decided_by) if one}),
        may_decide=row.state == "asked" and row.asked_by != actor.id, is_own=row.asked_by == actor.id,
        may_fetch=exports.may_fetch(actor, row), days=city.current().rule("export.keep_days"),
        format=exporting.FORMAT, focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/exports/{export:uuid}/{act:str}", opt={"needs": exports.NEED, "is_grave": True}, status_code=200)
async def act(request: _Request, actor: Who, export: FromPath[UUID], act: FromPath[str]) -> Response[str]:
    """Approve, refuse, or take back."""
    if act not in {"approve", "refuse", "withdraw"}:
        raise not_found()
    form = await forms.read(request, Decision)

    async def do(w: Work, given: Decision) -> None:
        row = await exports.opened(w, export)
        if act == "withdraw":
            await exports.withdraw(w, row)
        else:
            await exports.decide(w, row, is_approved=act == "approve", answer=given.answer)

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await _show(request, actor, export, form, status=status)
    said = {
        "approve": Say("已批准，一分钟内开始生成。", "Approved; it is begun within a minute."),
        "withdraw": Say("已撤回。", "Taken back."),
    }.get(act, Say("已记为不批准，申请人看得到理由。", "Refused; whoever asked reads the reason."))
    return see_other(request, f"{PATH}/{export}", flash=said)


@get("/exports/{export:uuid}/file", opt={"needs": exports.NEED})
async def download(actor: Who, export: FromPath[UUID]) -> Stream:
    """The archive, decrypted on its way; the fetching is in the log of acts before the first byte leaves."""
    row, blocks = await exports.fetched(actor, export)
    headers = {
        "Content-Disposition": f'attachment; filename="ledger-{row.asked_at:%Y%m%d}-{str(row.id)[:8]}.zip"',
        "Cache-Control": "private, no-store", "Content-Length": str(row.size),
    }  # fmt: skip
    return Stream(blocks, media_type="application/zip", headers=headers)


ROUTES = [index, ask, show, act, download]
