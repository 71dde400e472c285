"""Making open data: a month frozen, looked at with the proof of its anonymity, published by a second person."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.work import Work
from sla import opendata, opendata_files
from web import forms
from web.access import Who
from web.forms import Form, label
from web.render import render, see_other
from web.trying import worked

_Request = Request[Any, Any, Any]
PATH = "/opendata/releases"
PREVIEW = 20


class Make(msgspec.Struct):
    """Which month."""

    month: Annotated[str, label("哪个月", "Which month", most=7)]


class Reason(msgspec.Struct):
    """Why not, or why no longer."""

    reason: Annotated[str, label("理由", "Reason", most=1000)] = ""


def _last_ready() -> date:
    """The last month that can be made today."""
    over = clock.today() - timedelta(days=int(city.current().rule("opendata.after_days")))
    return (over.replace(day=1) - timedelta(days=1)).replace(day=1)


@get(PATH, opt={"needs": opendata.NEED})
async def index(request: _Request) -> Response[str]:
    """All versions, newest month first, and the form for another month."""
    return await _index(request, forms.blank(Make))


async def _index(request: _Request, form: Form[Make], *, status: int = 200) -> Response[str]:
    async with db.reading() as connection:
        rows = await opendata.listed(connection)
    return render(
        request, "opendata/releases.html", region="#r-releases", status=status, rows=rows, form=form,
        states=opendata.STATES, last=f"{_last_ready():%Y-%m}", after_days=city.current().rule("opendata.after_days"),
        names=await people.names({one.made_by for one in rows}), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post(PATH, opt={"needs": opendata.NEED}, status_code=200)
async def make(request: _Request, actor: Who) -> Response[str]:
    """Freeze a month and make its files, to be looked at."""
    form = await forms.read(request, Make)

    async def do(w: Work, given: Make) -> opendata.ReleaseRow:
        return await opendata.make(w, opendata.first_day(given.month))

    status, row = await worked(actor, form, do)
    if row is None:
        return await _index(request, form, status=status)
    said = Say("已生成，请看过再由另一位发布。", "Made. Look at it; another person publishes it.")
    return see_other(request, f"{PATH}/{row.id}", flash=said)


@get("/opendata/releases/{release:uuid}", opt={"needs": opendata.NEED})
async def show(request: _Request, actor: Who, release: FromPath[UUID]) -> Response[str]:
    """One version: how anonymous it is, its first rows, whether its files come out the same again."""
    return await _show(request, actor, release, forms.blank(Reason))


async def _show(
    request: _Request, actor: Actor, release: UUID, form: Form[Reason], *, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        row = await opendata.one(connection, release)
        files = (await opendata.files(connection, [release])).get(release, [])
    again = opendata.files_of(row)
    table = csv.reader(io.StringIO(again[f"requests-{row.name}.csv"].decode(), newline=""))
    rows = [line for _, line in zip(range(PREVIEW + 1), table, strict=False)]
    who = {one for one in (row.made_by, row.decided_by, row.withdrawn_by) if one is not None}
    return render(
        request, "opendata/release.html", region="#r-release", status=status, row=row, report=row.told, form=form,
        files=files, is_same=all(sha256(again[name]).hexdigest() == digest for name, _, digest in files),
        columns=opendata_files.COLUMNS, preview=rows[1:], steps=opendata_files.STEP_SAYS, states=opendata.STATES,
        names=await people.names(who), may_decide=row.state == "draft" and row.made_by != actor.id,
        is_own=row.made_by == actor.id, focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@get("/opendata/releases/{release:uuid}/files/{name:str}", opt={"needs": opendata.NEED})
async def draft_file(release: FromPath[UUID], name: FromPath[str]) -> Response[bytes]:
    """A file of a version that is not in the open, for whoever looks at it before."""
    async with db.reading() as connection:
        data = await opendata.file_of(connection, release, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(data, media_type=opendata_files.media_type(name), headers=headers)


@post("/opendata/releases/{release:uuid}/{act:str}", opt={"needs": opendata.NEED}, status_code=200)
async def act(request: _Request, actor: Who, release: FromPath[UUID], act: FromPath[str]) -> Response[str]:
    """Publish it, do not, or take it down."""
    if act not in {"publish", "refuse", "withdraw"}:
        raise not_found()
    form = await forms.read(request, Reason)

    async def do(w: Work, given: Reason) -> None:
        row = await opendata.opened(w, release)
        if act == "withdraw":
            await opendata.withdraw(w, row, given.reason)
        else:
            await opendata.decide(w, row, is_good=act == "publish", reason=given.reason)

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await _show(request, actor, release, form, status=status)
    said = {
        "publish": Say("已发布，公众在“开放数据”里看得到。", "Published; it stands on the open data page."),
        "withdraw": Say("已撤下，原处写着理由。", "Taken down; the reason stands in its place."),
    }.get(act, Say("已记为不发布。", "It will not be published."))
    return see_other(request, f"{PATH}/{release}", flash=said)


ROUTES = [index, make, show, draft_file, act]
