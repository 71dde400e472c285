"""People by the sheet: taken out, put in with a preview line by line, and the slips for the first password."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from hotline import acts, clock, db, vault
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from routing import sheets
from web import forms
from web import sheets as files
from web.access import Who
from web.admin import people_apply, people_sheet, words
from web.admin.people_apply import Slip
from web.admin.people_sheet import Given, Line
from web.forms import Form, label
from web.render import render

AnyRequest = Request[Any, Any, Any]
NEEDS = {"needs": "people.edit"}
GRAVE = {**NEEDS, "is_grave": True}
AT = "/people/import"
_SEAL = "people_sheet"
_decode = msgspec.json.Decoder(list[Given]).decode


class Upload(msgspec.Struct, kw_only=True):
    """A sheet, or (``kept``) the one that was looked at, sealed."""

    sheet: Annotated[str, label("表格", "Sheet")] = ""
    kept: str = ""


@get("/people/export", opt=NEEDS)
async def export(request: AnyRequest, actor: Who) -> Response[bytes]:
    """Everybody who is here, as .xlsx or (``?as=csv``) .csv; noted."""
    async with db.atomic() as connection:
        rows = await people_apply.listed(connection)
        await acts.note(connection, actor, "export.made", "people", {"count": len(rows)})
    head = [f"{zh} {key}" for key, zh in people_sheet.COLUMNS.items()]
    kind = "csv" if request.query_params.get("as") == "csv" else "xlsx"
    return await asyncio.to_thread(files.file, [head, *rows], f"people-{clock.today()}", kind)


@get(AT, opt=NEEDS)
async def blank(request: AnyRequest, actor: Who) -> Response[str]:
    """The form that takes a sheet."""
    return _page(request, actor, forms.blank(Upload))


@post(AT, opt=NEEDS, status_code=200, request_max_body_size=sheets.MOST_BYTES + 500_000)
async def upload(request: AnyRequest, actor: Who) -> Response[str]:
    """Look at a sheet: what is wrong, line by line, or what it would do. Nothing is done yet."""
    form = await forms.read(request, Upload)
    sent = form.files.get("sheet", [])
    if not sent:
        form.errors["sheet"] = Say("还没选表格，请选 .xlsx 或 .csv 文件。", "Choose a sheet: an .xlsx or .csv file.")
        return _page(request, actor, form, 422)
    try:
        grid = await asyncio.to_thread(
            sheets.read, sent[0].filename, await sent[0].read(), people_sheet.COLUMNS, people_sheet.NEEDED
        )
        lines = people_sheet.read(grid)
    except Refusal as refusal:
        form.take(refusal)
        return _page(request, actor, form, 422)
    async with db.reading() as connection:
        found = await people_sheet.planned(connection, lines)
    return _page(request, actor, form, 422 if any(line.faults for line in found) else 200, found)


@post(f"{AT}/apply", opt=GRAVE, status_code=200, request_max_body_size=sheets.MOST_BYTES + 500_000)
async def apply(request: AnyRequest, actor: Who) -> Response[str]:
    """Put the sheet that was looked at in force, whole; looked at anew first, for somebody may have acted meanwhile."""
    form = await forms.read(request, Upload)
    try:
        given = _decode(vault.unseal(base64.b64decode(form.text("kept")), _SEAL))
    except Exception:  # noqa: BLE001 - whatever a tampered or old field makes of it
        form.errors["sheet"] = Say("请重新选表格预览。", "Choose the sheet again and look at it first.")
        return _page(request, actor, form, 422)
    lines: list[Line] = []
    try:
        async with db.atomic() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('people_sheet'))")
            lines = await people_sheet.planned(connection, [(one, []) for one in given])
            if any(line.faults for line in lines):
                return _page(request, actor, form, 422, lines)
            slips = await people_apply.put(connection, actor, lines)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        form.take(refusal)
        return _page(request, actor, form, refusal.status, lines)
    return _done(request, actor, lines, slips)


def _page(
    request: AnyRequest, actor: Actor, form: Form[Upload], status: int = 200, lines: Sequence[Line] = ()
) -> Response[str]:
    is_good = bool(lines) and not any(line.faults for line in lines)
    body = msgspec.json.encode([line.given for line in lines]).decode()
    return render(
        request, "admin/people_import.html", region="#r-sheet", status=status, form=form, lines=lines,
        focus="#r-errors" if status != 200 else "", columns=people_sheet.COLUMNS, needed=people_sheet.NEEDED,
        kept=base64.b64encode(vault.seal(body, _SEAL)).decode() if is_good else "", words=words,
        news=sum(not line.does_nothing for line in lines), tabs=words.tabs(actor, "/people"),
    )  # fmt: skip


def _done(request: AnyRequest, actor: Actor, lines: Sequence[Line], slips: Sequence[Slip]) -> Response[str]:
    answer = render(
        request, "admin/people_slips.html", slips=slips, n=sum(not line.does_nothing for line in lines),
        tabs=words.tabs(actor, "/people"),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


ROUTES = [export, blank, upload, apply]
