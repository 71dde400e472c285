"""Evidence of a correction: sent with the unit's report, looked at by one person, checked by another, then public."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import File

from cases import notice_files, notice_lists, notice_steps, notices
from cases.notice_rows import Notice
from channels import reminders_notice
from hotline import city, db, files, metadata
from hotline.errors import Say, invalid, not_found
from hotline.media import PDF, Clean
from hotline.permissions import PUBLIC, SIGNED_IN, may, refused
from hotline.work import Work
from web import fields
from web.access import Who
from web.notices.acts import take
from web.notices.drafts import Note

_Request = Request[Any, Any, Any]
KIND = "notice"
"""The subject of the attachments; they belong to no case, so that no case's page gives them out."""


async def sent(request: _Request) -> Sequence[Clean]:
    """The files of the form, cleaned for the public. 422 in words for too many, or one that cannot be shown at all."""
    given = [one for one in (await fields.uploads(request)).get("files", []) if one.filename]
    most = int(city.current().rule("notice.evidence_files"))
    if len(given) > most:
        raise invalid({"files": Say(f"一次最多传 {most} 个。", f"At most {most} files at a time.")})
    found = []
    for one in given:
        clean = await asyncio.to_thread(files.look, await one.read(), one.filename)
        data = await metadata.clean(clean.data, clean.media_type)
        found.append(msgspec.structs.replace(clean, data=data, has_metadata=False))
    return found


@post("/notices/drafts/{notice_id:uuid}/correction", opt={"needs": "notice.reply"}, status_code=200)
async def correct(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """报纠正情况, with photographs or PDF."""

    async def step(w: Work, one: Notice, note: Note) -> Say:
        notices.demand_state(one, "published")
        if not notices.is_of(actor, one.row):
            raise refused("notice.reply")
        kept = [
            await files.keep(
                w.connection, clean, f"evidence.{'pdf' if clean.media_type == PDF else 'jpg'}",
                subject=(KIND, notice_id), audience="staff", actor=actor,
            )
            for clean in await sent(request)
        ]  # fmt: skip
        await notice_files.add(w, one, [(each.id, each.media_type) for each in kept])
        await notice_steps.report(w, one, text=note.text)
        return Say("纠正情况已报，等中心核实。", "The correction is reported; the centre checks it.")

    return await take(request, actor, notice_id, step, tells=("corrected",))


@post("/notices/drafts/{notice_id:uuid}/files/{file_id:uuid}/look", opt={"needs": "notice.verify"}, status_code=200)
async def look(request: _Request, actor: Who, notice_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[str]:
    """查看: it shows no face, plate, door number or document; or it is kept back."""

    async def step(w: Work, one: Notice, note: Note) -> Say:
        is_clean = _decided(note)
        await notice_files.look(w, one, file_id, is_clean=is_clean, reason=note.reason)
        if is_clean:
            await reminders_notice.tell(w, one, "file_looked_at")
            return Say("已查看，等另一位复核。", "Looked at; another person checks it.")
        return Say("这个文件不公开。", "This file is not shown.")

    return await take(request, actor, notice_id, step)


@post("/notices/drafts/{notice_id:uuid}/files/{file_id:uuid}/check", opt={"needs": SIGNED_IN}, status_code=200)
async def check(request: _Request, actor: Who, notice_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[str]:
    """复核 by a second person of the secrecy side or of those who verify."""
    if not (may(actor, "notice.clear") or may(actor, "notice.verify")):
        raise refused("notice.clear")

    async def step(w: Work, one: Notice, note: Note) -> Say:
        agrees = _decided(note)
        await notice_files.check(w, one, file_id, agrees=agrees, reason=note.reason)
        return Say("已复核，核实后公开。", "Checked; shown once the correction is verified.") if agrees else Say(
            "这个文件不公开。", "This file is not shown."
        )

    return await take(request, actor, notice_id, step)


def _decided(note: Note) -> bool:
    """Whether the file may be shown; 422 unless one of the two was chosen."""
    if note.decision not in {"clean", "keep_back"}:
        raise invalid({"decision": Say("请选能公开或不公开。", "Say whether it may be shown.")})
    return note.decision == "clean"


@get("/notices/drafts/{notice_id:uuid}/files/{file_id:uuid}", opt={"needs": SIGNED_IN})
async def staff_file(actor: Who, notice_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[Any]:
    """A file for whoever works on the notice; 404 for others."""
    async with db.reading() as connection:
        found = await notice_lists.one(connection, actor, notice_id)
        if file_id not in {one.id for one in found.files}:
            raise not_found()
        attached = await files.found(connection, file_id)
    return _given(attached, "private, no-store")


@get("/notices/{number:str}/files/{position:int}", opt={"needs": PUBLIC})
async def public_file(number: FromPath[str], position: FromPath[int]) -> Response[Any]:
    """A file of a verified correction, once two persons have looked at it; under a name that says nothing."""
    async with db.reading() as connection:
        attached = await files.found(connection, await notice_files.public(connection, number, position))
    return _given(attached, "private, no-cache")


def _given(attached: files.Attachment, cache: str) -> Response[Any]:
    headers = {
        "Content-Disposition": f'inline; filename="{attached.name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": cache,
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return File(files.open_path(attached), media_type=attached.media_type, headers=headers, filename=None)


ROUTES = [correct, look, check, staff_file, public_file]
