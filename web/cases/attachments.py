"""A case's files: shown and opened only through a case that one may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import File

from cases import scope, views
from cases.views import CaseView
from hotline import acts, db, files
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.files import Attachment
from web.access import Who

SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""Opened in the browser; everything else is downloaded."""


def visible(view: CaseView, actor: Actor, attached: Sequence[Attachment]) -> list[Attachment]:
    """The files that this viewer may open: none of the requester's where the words are not theirs to read either."""
    is_blind = views.shields(actor, view.file.case)
    return [one for one in attached if _may_open(one, actor, is_blind=is_blind)]


def _may_open(one: Attachment, actor: Actor, *, is_blind: bool) -> bool:
    if one.audience == "centre" and (is_blind or scope.is_of_unit(actor)):
        return False
    return not (one.audience == "requester" and is_blind)


@get("/files/{file_id:uuid}", opt={"needs": "case.read"})
async def download(actor: Who, file_id: FromPath[UUID]) -> Response[Any]:
    """The file's bytes; 404 unless its case is the actor's and the file is for them."""
    async with db.reading() as connection:
        one = await files.found(connection, file_id)
        condition, args = scope.condition(actor, 2)
        is_theirs = one.case_id is not None and await connection.fetchval(
            f"SELECT TRUE FROM cases c WHERE c.id = $1 AND {condition}", one.case_id, *args
        )
        if one.case_id is None or not is_theirs:
            raise not_found()
        file = await views.read(connection, one.case_id)
        case = file.case
        if not _may_open(one, actor, is_blind=views.shields(actor, case)):
            raise not_found()
    if case.is_sealed:
        async with db.atomic() as connection:
            await acts.note(connection, actor, "sealed_file_opened", f"case:{case.number}", {"file": str(one.id)})
    return given(one)


def given(one: Attachment) -> Response[Any]:
    """The file as a browser gets it: nothing in it runs, nobody keeps it."""
    way = "inline" if one.media_type in SHOWN else "attachment"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(one.name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return File(files.open_path(one), media_type=one.media_type, headers=headers, filename=None)
