"""Supplying the data: a checked file that goes after some days, or a note; and downloading it, which is logged."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import File

from cases import redaction
from hotline import acts, city, clock, db, files, media, settings
from hotline.errors import Refusal, Say, invalid, not_found
from hotline.work import Work
from sla import data_request_lists, data_requests
from sla.data_requests import RequestRow, StageRow
from web import forms
from web.access import Who
from web.datarequests import asks, pages
from web.datarequests.acts import done, tell_asker

AnyRequest = Request[Any, Any, Any]
CSV = "text/csv"
_KINDS = frozenset({redaction.PHONE, redaction.ID, redaction.CARD, redaction.PLATE, redaction.EMAIL})
_NAMES = {
    redaction.PHONE: Say("电话号码", "a telephone number"), redaction.ID: Say("身份证号", "an identity number"),
    redaction.CARD: Say("银行卡号", "a card number"), redaction.PLATE: Say("车牌号", "a number plate"),
    redaction.EMAIL: Say("电子邮箱", "an e-mail address"),
}  # fmt: skip


@post("/data-requests/{request_id:uuid}/supply", opt={"needs": "data.answer"}, status_code=200)
async def supply(request: AnyRequest, actor: Who, request_id: FromPath[UUID]) -> Response[str]:
    """Supply the data, or say where they were handed over."""
    form = await forms.read(request, asks.Supply)
    uploads = [one for one in form.files.get("file", []) if one.filename]
    clean: media.Clean | None = None
    if form.is_good:
        try:
            clean = await _checked(uploads, form.good)
        except Refusal as refusal:
            form.errors.update({"file" if name == "files" else name: say for name, say in refusal.fields.items()})

    async def do(w: Work, row: RequestRow, stages: list[StageRow]) -> None:
        data_requests.ready_to_supply(w, row)
        kept = None
        if clean is not None:
            kept = await files.keep(w.connection, clean, uploads[0].filename, subject=("data_request", row.id),
                                    audience="staff", actor=actor)  # fmt: skip
        data_requests.supply(w, row, stages, file=kept.id if kept else None, note=form.good.note,
                             expires=_expires(form.good) if kept else None)  # fmt: skip
        await tell_asker(w, row, Say(f"{row.number} 数据已提供", f"{row.number}: the data are supplied"))

    said = Say("已提供，申请方已收到提醒。", "Supplied; the asker is told.")
    return await done(request, actor, request_id, "supply", form, do, "data_request_supplied", said)


async def _checked(uploads: list[UploadFile], given: asks.Supply) -> media.Clean | None:
    """The file, looked through; None when a note says where the data are. Raises the 422 refusal by field."""
    if not uploads:
        if not given.note.strip():
            say = Say("附上文件，或写明在何处交接。", "Attach a file, or say where it was handed over.")
            raise invalid({"file": say})
        return None
    if not given.is_deidentified:
        say = Say("先去掉能认出人的内容，并勾选确认。", "Take out what tells who somebody is, and confirm it.")
        raise invalid({"is_deidentified": say})
    upload = uploads[0]
    data = await upload.read(settings.current().upload_limit + 1)
    if upload.filename.lower().endswith(".csv"):
        return await asyncio.to_thread(_table, data, upload.filename)
    return await asyncio.to_thread(files.look, data, upload.filename)


def _table(data: bytes, name: str) -> media.Clean:
    """A CSV without a number that tells who somebody is; the refusal says on which line the first one stands."""
    if len(data) > settings.current().upload_limit:
        return files.look(data, name)  # says how big it is and what the limit is
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (UnicodeError, csv.Error):
        say = Say("CSV 读不出，请存成 UTF-8 再传。", "The CSV cannot be read: save it as UTF-8.")
        raise invalid({"file": say}) from None
    if not any(map(any, rows)):
        raise invalid({"file": Say("文件是空的。", "The file is empty.")})
    for number, row in enumerate(rows, 1):
        for cell in row:
            if found := redaction.finds(cell, kinds=_KINDS):
                what = _NAMES[found[0].kind]
                raise invalid({"file": Say(f"第 {number} 行有{what.zh}，去掉后再传。",
                                           f"Line {number} holds {what.en}: take it out first.")})  # fmt: skip
    return media.Clean(data=data, media_type=CSV)


def _expires(given: asks.Supply) -> datetime:
    """The last minute of the last day on which the file may be fetched."""
    last = given.expires or clock.today() + timedelta(days=int(city.current().rule("data.expires_days")))
    return clock.on(last, 23, 59)


@get("/data-requests/{request_id:uuid}/file", opt={"needs": "signed_in"})
async def download(actor: Who, request_id: FromPath[UUID]) -> Response[Any]:
    """The supplied file, for its asker's unit and the centre, until it expires; each fetching is logged."""
    pages.admitted(actor)
    async with db.atomic() as connection:
        line = await data_request_lists.one(connection, actor, request_id)
        row = line.request
        if row.expires_at is not None and (row.file_id is None or row.expires_at <= clock.now()):
            zh = f"文件已到期删除（{clock.local(row.expires_at):%m-%d %H:%M}），还要用请重新申请。"
            en = f"The file expired ({clock.local(row.expires_at):%m-%d %H:%M}); ask again if it is still needed."
            raise Refusal(410, "expired", Say(zh, en))
        if row.file_id is None:
            raise not_found()
        attached = await files.found(connection, row.file_id)
        path = files.open_path(attached)
        await connection.execute("UPDATE data_request SET downloads = downloads + 1 WHERE id = $1", row.id)
        await acts.note(connection, actor, "data_request_downloaded", f"data_request:{row.id}", {"number": row.number})
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attached.name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return File(path, media_type=attached.media_type, headers=headers, filename=None)


ROUTES = [supply, download]
