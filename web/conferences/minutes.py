"""The minutes on a page set as 公文 for print, and as a text file."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from hotline import acts, db
from hotline.actor import Actor
from hotline.errors import conflict
from routing import conferences, minutes
from routing.conferences import CANCELLED, Meeting
from routing.minutes import Minutes
from web.access import Who
from web.render import preference, render

NEEDS = "case.read"
AnyRequest = Request[Any, Any, Any]


async def _read(actor: Actor, identifier: UUID) -> tuple[Meeting, Minutes]:
    async with db.reading() as connection:
        meeting = await conferences.meeting_for(connection, actor, identifier)
        if meeting.conference.state == CANCELLED:
            raise conflict("cancelled", "会商取消了，没有纪要。", "The conference was cancelled; there are no minutes.")
        return meeting, await minutes.read(connection, meeting)


@get("/conferences/{identifier:uuid}/minutes", opt={"needs": NEEDS})
async def page(request: AnyRequest, actor: Who, identifier: FromPath[UUID]) -> Response[str]:
    """The minutes as far as they are the reader's; whoever reads them whole sees whether they are still as fixed."""
    meeting, one = await _read(actor, identifier)
    fixed = meeting.conference.minutes_hash
    is_whole = conferences.sees_all(actor)
    lang = preference(request, "lang")
    return render(
        request, "conferences/minutes.html", conference=meeting.conference, title=minutes.title(meeting.conference),
        paragraphs=minutes.paragraphs(one, lang), fixed=fixed.hex() if fixed else "", is_whole=is_whole,
        is_same=fixed is not None and minutes.digest(one) == fixed,
    )  # fmt: skip


@get("/conferences/{identifier:uuid}/minutes.txt", opt={"needs": NEEDS})
async def as_text(request: AnyRequest, actor: Who, identifier: FromPath[UUID]) -> Response[str]:
    """The minutes as a text file; who took it is noted."""
    meeting, one = await _read(actor, identifier)
    number = meeting.conference.number
    async with db.atomic() as connection:
        await acts.note(connection, actor, "export.made", f"conference:{number}")
    name = quote(f"会商纪要-{number}.txt")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "private, no-store"}
    words = minutes.text(one, preference(request, "lang"))
    return Response(words, media_type="text/plain; charset=utf-8", headers=headers)


ROUTES = [page, as_text]
