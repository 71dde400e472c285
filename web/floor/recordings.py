"""Calls and their recordings: listed for the centre, played by those who may (a logged act), never by a unit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from cases import queries
from channels import calls, floor, seats, tapes
from channels.calls import Call
from channels.tapes import Tape
from hotline import acts, city, clock, db, masks, people
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.permissions import may
from web.access import Who
from web.cases_access import view_for
from web.filters import moment_in
from web.render import is_fragment, render

AnyRequest = Request[Any, Any, Any]
PAGE = 50


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the list; ``case`` is its case's number if that is the reader's to see."""

    call: Call
    number: str
    agent: str
    case: str
    tapes: list[Tape]


@get("/recordings", opt={"needs": "recording.play"})
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """The latest calls, masked, with the recordings that may be played."""
    before = moment_in(request.query_params.get("before", "")) or clock.now() + timedelta(seconds=1)
    async with db.reading() as connection:
        found = await floor.recent(connection, before=before, limit=PAGE)
        rows = [await _line(connection, actor, call) for call in found]
        names = await people.names({call.agent for call in found if call.agent})
    rows = [msgspec.structs.replace(row, agent=names.get(row.call.agent or row.call.id, "")) for row in rows]
    older = found[-1].started_at if len(found) == PAGE else None
    return render(
        request, "floor/calls.html", rows=rows, outcomes=calls.OUTCOMES, purposes=calls.PURPOSES, older=older,
        lines=city.current().lines, settled=seats.SETTLED,
    )  # fmt: skip


async def _line(connection: db.Connection, actor: Actor, call: Call) -> Line:
    case = await _case_of(connection, actor, call)
    rows = await connection.fetch("SELECT id FROM recording WHERE call = $1 ORDER BY made_at", call.id)
    is_open = call.case_id is None or bool(case)
    own = [await tapes.found(connection, row["id"]) for row in rows] if is_open else []
    number = masks.mask_phone(call.number) if is_open else ""  # who reported (举报) is for those who work on reports
    return Line(call=call, number=number, agent="", case=case, tapes=own)


async def _case_of(connection: db.Connection, actor: Actor, call: Call) -> str:
    """The number of the call's case, "" where there is none or it is not the reader's to see."""
    if call.case_id is None:
        return ""
    number = str(await connection.fetchval("SELECT number FROM cases WHERE id = $1", call.case_id))
    return number if await queries.found(connection, actor, number) else ""


@get("/cases/{number:str}/recordings", opt={"needs": "recording.play", "is_quiet": True})
async def of_case(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """A case's recordings: a region of its page, and a page where scripts are off."""
    view = await view_for(actor, number)
    async with db.reading() as connection:
        own = await tapes.of_case(connection, view.case.id)
    return render(
        request, "floor/of_case.html", region="#r-recordings", number=number, own=own, is_region=is_fragment(request)
    )


@get("/recordings/{tape:uuid}", opt={"needs": "recording.play"})
async def sound(actor: Who, tape: FromPath[UUID]) -> Response[bytes]:
    """The sound. Playing it is an act in the log, noted before a byte is sent."""
    async with db.atomic() as connection:
        one = await tapes.found(connection, tape)
        call = await calls.found(connection, one.call)
        if not may(actor, "recording.play") or (call.case_id and not await _case_of(connection, actor, call)):
            raise not_found()
        data = await tapes.sound(one)
        await acts.note(connection, actor, "recording_played", f"recording:{one.id}", {"call": str(call.id)})
    kind = "audio/wav" if data[:4] == b"RIFF" else "audio/mpeg"
    ending = "wav" if kind == "audio/wav" else "mp3"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="recording.{ending}"'}
    return Response(data, media_type=kind, headers=headers)


ROUTES = [listed, of_case, sound]
