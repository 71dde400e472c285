"""The delivery log of a partner's web hook as a page: filtered by state and event, each message sent once more."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import queries
from channels import hook_log, partners, webhooks
from hotline import acts, db, jobs
from hotline.errors import Say
from web import filters
from web.access import Who
from web.admin import words
from web.partners.admin import NEED, PATH
from web.render import render, see_other

PAGE = 50
_Request: TypeAlias = Request[Any, Any, Any]
STATES = {
    "queued": Say("排队", "Queued"), "sent": Say("已送达", "Received"), "failed": Say("没送到", "Failed"),
    "dropped": Say("不发了", "Dropped"),
}  # fmt: skip
OUTCOMES = {
    "sent": Say("送达", "received"), "later": Say("稍后再试", "to be tried again"), "never": Say("不再试", "given up"),
    "silent": Say("已停", "stopped"), "replayed": Say("人工重发", "replayed"), "status": Say("回执", "report"),
}  # fmt: skip
CODES = {
    "timeout": Say("10 秒没有回应", "no answer in 10 s"), "connect": Say("连不上", "no connection"),
    "off": Say("回调未启用", "the hook was off"), "address": Say("地址不允许", "the address is not allowed"),
    "private_address": Say("指向内网，未允许", "leads to a private address"), "erased": Say("内容已删除", "erased"),
    "410": Say("410，对方停用", "410, gone"),
}  # fmt: skip
EVENTS = {**webhooks.EVENTS, webhooks.PING: Say("测试", "Test")}


@get(PATH + "/{code:str}/log", opt=NEED)
async def index(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """What was sent to a partner, newest first."""
    here = f"{PATH}/{code}/log"
    asked = filters.parse(here, request.query_params, (
        filters.Choice(key="state", say=Say("状态", "State"), options=STATES),
        filters.Choice(key="event", say=Say("事项", "Event"), options=EVENTS),
    ), sorts=("new",))  # fmt: skip
    async with db.reading() as connection:
        one = await partners.found(connection, code)
        found = await hook_log.deliveries(
            connection, code, state=asked.get("state"), event=asked.get("event"), before=_cursor(asked.after),
            limit=PAGE + 1,
        )  # fmt: skip
    last = found[PAGE - 1] if len(found) > PAGE else None
    older = asked.url(after=f"{last.created_at.isoformat()}~{last.id}") if last is not None else ""
    return render(
        request, "admin/partner_log.html", region="#r-list", one=one, found=found[:PAGE], filters=asked, older=older,
        states=STATES, events=EVENTS, outcomes=OUTCOMES, codes=CODES, tabs=words.tabs(actor, PATH),
    )  # fmt: skip


def _cursor(text: str) -> tuple[datetime, UUID] | None:
    return queries.read_cursor(text) if text else None


@post(PATH + "/{code:str}/log/{message:uuid}/again", opt=NEED, status_code=200)
async def again(request: _Request, actor: Who, code: FromPath[str], message: FromPath[UUID]) -> Response[str]:
    """Send one once more; its id stays, so that a receiver knows it again."""
    async with db.atomic() as connection:
        await hook_log.again(connection, code, message)
        await acts.note(connection, actor, "partner_replayed", f"partner:{code}")
    await jobs.nudge("send_messages")
    flash = Say("已放回队里，几秒内发出。", "Back in the queue; it goes out within seconds.")
    return see_other(request, f"{PATH}/{code}/log", flash=flash)


ROUTES = [index, again]
