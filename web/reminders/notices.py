"""What I was told: the bell, the list, one opened, all read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import staff_notices
from hotline import clock, db
from hotline.errors import Say
from hotline.permissions import may
from sla import lateness
from web import fields
from web.access import Who
from web.filters import moment_in
from web.render import render, see_other

AnyRequest = Request[Any, Any, Any]
SIGNED_IN = {"needs": "signed_in"}


@get("/reminders/bell", opt={"needs": "signed_in", "is_quiet": True})
async def bell(request: AnyRequest, actor: Who) -> Response[str]:
    """How many I have not read."""
    async with db.reading() as connection:
        n = await staff_notices.unread(connection, actor.id)
    return render(request, "reminders/bell.html", region="#r-reminders-bell", n=n)


@get("/reminders/late", opt={"needs": "signed_in", "is_quiet": True})
async def late(request: AnyRequest, actor: Who) -> Response[str]:
    """The alarm for who answers for the promises or runs the machine: acts are later than the city allows."""
    is_theirs = may(actor, "operations.read") or may(actor, "case.supervise")
    async with db.reading() as connection:
        found = await lateness.alarm(connection) if is_theirs else None
    minutes = int(found.total_seconds() // 60) if found is not None else 0
    return render(request, "reminders/late.html", region="#r-reminders-late", late=found, minutes=minutes)


@get("/reminders", opt=SIGNED_IN)
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """My notices, newest first; ``only=unread`` those I have not read; ``before`` older ones."""
    only = request.query_params.get("only", "") == "unread"
    before = moment_in(request.query_params.get("before", ""))
    async with db.reading() as connection:
        found = await staff_notices.of_person(connection, actor.id, only_unread=only, before=before)
        n = await staff_notices.unread(connection, actor.id)
    shown, older = found[: staff_notices.PAGE], ""
    if len(found) > len(shown):
        older = "/reminders?" + urlencode({"before": shown[-1].at.isoformat(), **({"only": "unread"} if only else {})})
    return render(
        request, "reminders/index.html", region="#r-reminders", notices=shown, n=n, only=only, older=older,
        until=(shown[0].at if shown else clock.now()).isoformat(), live=f"staff.{actor.id}",
    )  # fmt: skip


@post("/reminders/{notice:uuid}", opt=SIGNED_IN, status_code=200)
async def open_one(request: AnyRequest, actor: Who, notice: FromPath[UUID]) -> Response[str]:
    """Mark it read and go to its case."""
    async with db.atomic() as connection:
        number = await staff_notices.open_one(connection, actor.id, notice)
    return see_other(request, f"/cases/{number}" if number else "/reminders")


@post("/reminders/read", opt=SIGNED_IN, status_code=200)
async def read_all(request: AnyRequest, actor: Who) -> Response[str]:
    """Mark all that the page showed as read, and what is older."""
    until = moment_in((await fields.posted(request)).get("until", [""])[0]) or clock.now()
    async with db.atomic() as connection:
        n = await staff_notices.read_all(connection, actor.id, until)
    return see_other(request, "/reminders", flash=Say(f"{n} 条已读。", f"{n} marked as read."))


ROUTES = [bell, late, index, open_one, read_all]
