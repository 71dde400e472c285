"""开放数据: the months in the open, licence, columns, how nobody can be recognised; what was taken down says why."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from hotline import city, db
from hotline.permissions import PUBLIC
from sla import opendata, opendata_files
from sla.anonymity import LEAST
from web.render import render

_Request = Request[Any, Any, Any]


@get("/opendata", opt={"needs": PUBLIC})
async def index(request: _Request) -> Response[str]:
    """Every month that was ever published, newest first."""
    async with db.reading() as connection:
        rows = await opendata.public(connection)
        files = await opendata.files(connection, [one.id for one in rows if one.state == "published"])
    rule = city.current().rule
    return render(
        request, "opendata/public.html", rows=rows, files=files, columns=opendata_files.COLUMNS,
        values=opendata_files.VALUES, steps=opendata_files.STEP_SAYS, k=max(LEAST, int(rule("opendata.k"))),
        harsh_share=int(rule("opendata.harsh_share")), after_days=int(rule("opendata.after_days")),
        licence=str(rule("opendata.licence")), licences=opendata_files.LICENCES,
    )  # fmt: skip


@get("/opendata/{month:str}/{name:str}", opt={"needs": PUBLIC})
async def file(month: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """One file as it was published; 410 with the reason once it was taken down."""
    first = opendata.first_day(month)
    async with db.reading() as connection:
        data = await opendata.file(connection, first, name)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "public, max-age=3600",
        "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
    }  # fmt: skip
    return Response(data, media_type=opendata_files.media_type(name), headers=headers)


ROUTES = [index, file]
