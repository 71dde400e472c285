"""Ratings from elsewhere put in: a sheet is tried or taken in, what was refused is shown and can be downloaded."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from cases import grades, outside, outside_sheet
from cases.outside import Given, Outcome
from hotline import db, people
from hotline.actor import Actor
from hotline.errors import Say
from hotline.work import Work
from web import forms
from web.access import Who
from web.forms import Form, label
from web.ratings.common import IMPORT, AnyRequest, tabs
from web.render import render
from web.trying import worked

HERE = "/ratings/import"
SHOWN = 50
"""Refused rows that the page lists; the file has them all."""
MOST_BYTES = outside_sheet.MOST_BYTES + 100_000
_KINDS = {code: outside.KINDS[code] for code in ("counter", "third", "body")}


class Sheet(msgspec.Struct):
    """A sheet, whose ratings it holds, where they come from, and in which scale they are."""

    kind: Annotated[Literal["counter", "third", "body"], label("谁的评价", "Whose ratings")]
    source: Annotated[
        str,
        label("来源", "Source", most=outside.LONGEST_SOURCE,
              missing=Say("请写来源，如“市政务大厅好差评”。", "Name the source, such as “City service hall”.")),
    ]
    scale: Annotated[Literal["four", "five", "hundred"], label("等级制", "Scale")]
    step: str = "try"


@get(HERE, opt={"needs": IMPORT})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """The form, and what was imported before."""
    return await _shown(request, actor, forms.blank(Sheet, {"kind": "counter", "scale": "four"}))


@post(HERE, opt={"needs": IMPORT}, status_code=200, request_max_body_size=MOST_BYTES)
async def bring(request: AnyRequest, actor: Who) -> Response[str]:
    """Try a sheet, or take it in; the same file twice makes nothing new."""
    form = await forms.read(request, Sheet)
    sent = form.files.get("sheet", [])
    if not sent:
        form.errors["sheet"] = Say("请选文件（.csv、.xlsx）。", "Choose a file (.csv, .xlsx).")
    data, name = (await sent[0].read(), sent[0].filename or "") if sent else (b"", "")

    async def do(w: Work, good: Sheet) -> Outcome:
        given = Given(data=data, name=name, kind=good.kind, source=good.source, scale=good.scale)
        return await outside.take_in(w, given, dry=good.step != "import")

    status, outcome = await worked(actor, form, do)
    return await _shown(request, actor, form, outcome=outcome, status=status)


async def _shown(
    request: AnyRequest, actor: Actor, form: Form[Sheet], *, outcome: Outcome | None = None, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        batches = await outside.batches(connection)
    return render(
        request, "ratings/import.html", region="#r-import", status=status, form=form, outcome=outcome,
        batches=batches, kinds=_KINDS, scales=grades.SCALES, tabs=tabs(actor, "import"), shown=SHOWN,
        names=await people.names({one.by for one in batches}), columns=outside_sheet.COLUMNS,
        focus="#r-errors" if status != 200 else "#r-outcome" if outcome else "",
    )  # fmt: skip


@get("/ratings/imports/{batch:uuid}/refused.csv", opt={"needs": IMPORT})
async def refused(batch: FromPath[UUID]) -> Response[bytes]:
    """The refused rows of an import, each with its reason."""
    async with db.reading() as connection:
        faults = await outside.refusals(connection, batch)
    headers = {"Content-Disposition": f'attachment; filename="refused-{batch}.csv"', "Cache-Control": "no-store"}
    return Response(outside_sheet.report(faults), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES: list[Any] = [index, bring, refused]
