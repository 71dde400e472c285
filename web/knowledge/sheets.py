"""Articles in and out as a sheet: what is wrong is said line by line, and nothing is half taken in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from hotline import db, knowledge_bringing, knowledge_sheet
from hotline.errors import Refusal, Say
from hotline.knowledge_bringing import Outcome
from hotline.knowledge_rows import Article, Version
from web import forms, sheets
from web.access import Who
from web.forms import Form
from web.knowledge.asks import Bring
from web.knowledge.pages import AnyRequest
from web.render import render, see_other

HERE = "/knowledge/sheets"
NEEDS = "knowledge.write"
NAME = "knowledge"
SHOWN = 200
ROWS = {
    "all": Say("一行有错就整份不收", "Refuse the whole sheet"),
    "good": Say("收下没有错的行", "Take the good lines"),
}


@get(HERE, opt={"needs": NEEDS})
async def index(request: AnyRequest) -> Response[str]:
    """The form, what the columns are called, and the exports."""
    return _page(request, forms.blank(Bring, {"rows": "all"}))


def _page(
    request: AnyRequest, form: Form[Bring], *, status: int = 200, outcome: Outcome | None = None
) -> Response[str]:
    return render(
        request, "knowledge/sheets.html", region="#r-sheets", status=status, form=form, outcome=outcome, rows=ROWS,
        columns=[(say, code in knowledge_sheet.NEEDED) for code, (say, _) in knowledge_sheet.COLUMNS.items()],
        shown=SHOWN, focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post(HERE, opt={"needs": NEEDS}, status_code=200, request_max_body_size=knowledge_sheet.MOST_BYTES + 100_000)
async def bring(request: AnyRequest, actor: Who) -> Response[str]:
    """Take a sheet in: submitted for approval, never in force by itself."""
    form = await forms.read(request, Bring)
    sent = form.files.get("sheet", [])
    if not sent:
        form.errors["sheet"] = Say("请选一个 CSV、XLSX 或 JSON 文件。", "Choose a CSV, XLSX or JSON file.")
        return _page(request, form, status=422)
    try:
        body = await sent[0].read()
        lines, faults, read = await asyncio.to_thread(knowledge_sheet.read, body, sent[0].filename or "")
    except Refusal as refusal:
        form.take(refusal)
        return _page(request, form, status=422)
    good_only = form.text("rows") == "good"
    async with db.atomic() as connection:
        outcome = await knowledge_bringing.take_in(connection, actor, lines, faults, read, good_only=good_only)
    if outcome.faults:
        n = len({one.row for one in outcome.faults})
        form.errors["sheet"] = (
            Say(f"有 {n} 行没有收，见下面。", f"{n} lines were not taken; see below.") if good_only else
            Say(f"整份没有导入：有 {n} 行要改，见下面。", f"Nothing was taken in: {n} lines to mend.")
        )  # fmt: skip
        return _page(request, form, status=422, outcome=outcome)
    said = Say(
        f"共 {outcome.read} 行：新增 {outcome.made}，新版 {outcome.changed}，已有 {outcome.known}。新的等审定。",
        f"{outcome.read} lines: {outcome.made} new, {outcome.changed} new versions, {outcome.known} known. "
        "What is new waits for approval.",
    )
    return see_other(request, "/knowledge?kind=submitted", flash=said)


@get("/knowledge/export/{kind:str}", opt={"needs": NEEDS})
async def export(actor: Who, kind: FromPath[str]) -> Response[bytes]:
    """One's articles as csv, xlsx or json; the editor's are all. The agent's notes are in it: for the staff only."""
    async with db.atomic() as connection:
        rows = await knowledge_bringing.given_out(connection, actor)
    return await asyncio.to_thread(_file, rows, kind)  # seconds for a large city, and the others' pages wait


def _file(rows: Sequence[tuple[Article, Version]], kind: str) -> Response[bytes]:
    if kind == "json":
        body = msgspec.json.format(msgspec.json.encode([knowledge_sheet.record(*row) for row in rows]))
        return Response(body, media_type="application/json",
                        headers={"Content-Disposition": f'attachment; filename="{NAME}.json"'})  # fmt: skip
    table = [knowledge_sheet.heads(), *(knowledge_sheet.cells(*row) for row in rows)]
    return sheets.file(table, NAME, kind if kind in sheets.KINDS else "csv")


ROUTES = [index, bring, export]
