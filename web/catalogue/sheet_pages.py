"""The whole catalogue as a sheet: taken out for a day; read back, refused by cell, or shown and put in force."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import acts, city, clock, db
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from hotline.ids import new_id
from routing import book, catalogue_verbs, sheet_check, sheets
from routing.book import Line
from routing.sheet_check import Checked
from web import forms
from web.access import Who
from web.admin import changes, words
from web.catalogue import names, previews
from web.catalogue.listing import HERE, NEEDS, day_asked
from web.forms import Form, label
from web.render import render, see_other

KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}  # fmt: skip
SHOWN = 50
"""Lines of each kind of change that a preview lists."""


class Upload(msgspec.Struct, kw_only=True):
    """A whole sheet that is to stand from a day on; the file itself comes beside it."""

    from_day: Annotated[date, label("从哪天起", "From")]
    basis: Annotated[str, label("依据", "Basis", most=200)] = ""
    sheet: Annotated[str, label("表格", "Sheet")] = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A checked sheet that waits for its second click."""

    id: UUID
    at: Any
    from_day: date
    name: str
    basis: str
    lines: tuple[Line, ...]
    version: int


@get("/admin/catalogue/export", opt=NEEDS)
async def export(request: Request[Any, Any, Any], actor: Who) -> Response[bytes]:
    """The lines in force on a day and those planned after it, as .xlsx or (``?as=csv``) .csv."""
    day, _ = day_asked(str(request.query_params.get("day", "")))
    kind = "csv" if request.query_params.get("as") == "csv" else "xlsx"
    lines = [one for one in book.current().lines if one.is_on(day) or one.valid_from > day]
    rows = sheets.table(lines, city.current(), day)
    data = await asyncio.to_thread(sheets.as_csv if kind == "csv" else sheets.as_xlsx, rows)
    async with db.atomic() as connection:
        await acts.note(connection, actor, "export.made", "catalogue", {"count": len(lines)})
    return Response(data, media_type=KINDS[kind], headers={
        "Content-Disposition": f'attachment; filename="catalogue-{day}.{kind}"'
    })  # fmt: skip


@get("/admin/catalogue/import", opt=NEEDS)
async def blank(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The form that takes a sheet."""
    start = {"from_day": clock.today() + timedelta(days=1)}
    return _shown(request, actor, forms.blank(Upload, start))


@post("/admin/catalogue/import", opt=NEEDS, status_code=200, request_max_body_size=sheets.MOST_BYTES + 200_000)
async def upload(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Check a sheet: back with every fault by its cell, or kept for the second click."""
    form = await forms.read(request, Upload)
    sent = form.files.get("sheet", [])
    if not sent:
        form.errors["sheet"] = Say("还没选表格，请选 .xlsx 或 .csv 文件。", "Choose a sheet: an .xlsx or .csv file.")
    elif form.is_good and form.good.from_day < clock.today():
        form.errors["from_day"] = catalogue_verbs.PAST
    if not form.is_good:
        return _shown(request, actor, form, status=422)
    read: list[Checked] = []

    async def look(good: Upload) -> None:
        grid = await asyncio.to_thread(sheets.read, sent[0].filename, await sent[0].read())
        read.append(await asyncio.to_thread(sheet_check.check, grid, good.from_day, city.current()))

    status = await changes.tried(form, look)
    if status != 200 or read[0].faults:
        return _shown(request, actor, form, status=422, checked=read[0] if read else None)
    found = await _keep(actor, sent[0].filename, form.good, read[0].lines)
    return see_other(request, f"/admin/catalogue/import/{found}")


@get("/admin/catalogue/import/{sheet:uuid}", opt=NEEDS)
async def preview(request: Request[Any, Any, Any], actor: Who, sheet: FromPath[UUID]) -> Response[str]:
    """What a checked sheet adds, changes and ends, and which open cases it would move."""
    return await _preview(request, actor, await _kept(actor, sheet))


@post("/admin/catalogue/import/{sheet:uuid}", opt=NEEDS, status_code=200)
async def apply(request: Request[Any, Any, Any], actor: Who, sheet: FromPath[UUID]) -> Response[str]:
    """Put a checked sheet in force; 409 with a fresh preview when the catalogue or the city changed meanwhile."""
    kept = await _kept(actor, sheet)
    async with catalogue_verbs.changing() as (connection, standing):
        is_stale = standing.version != kept.version or kept.from_day < clock.today()
        if not is_stale:
            change = catalogue_verbs.difference(standing, kept.lines, kept.from_day)
            await catalogue_verbs.put_in_force(connection, actor, change, kept.from_day, basis=kept.basis)
            await connection.execute("DELETE FROM catalogue_sheet WHERE id = $1", kept.id)
            n = len(change.added) + len(change.changed) + len(change.ended)
            await changes.note(connection, actor, "catalogue_sheet", "catalogue", {}, on=kept.from_day, lines=n)
    await book.refresh()
    if is_stale:
        return await _renewed(request, actor, kept)
    return see_other(request, HERE, flash=Say(
        f"表格自 {kept.from_day} 起生效。没有案件自动改派；需要时由派单员改派。",
        f"The sheet is in force from {kept.from_day}. No case was moved; a dispatcher may re-dispatch.",
    ))  # fmt: skip


async def _renewed(request: Request[Any, Any, Any], actor: Actor, kept: Kept) -> Response[str]:
    """The preview against the catalogue as it stands now; a day that passed has to be chosen again."""
    if kept.from_day < clock.today():
        raise conflict("day_passed", "生效日期已经过了，请重新上传。", "That day has passed: upload the sheet again.")
    kept = msgspec.structs.replace(kept, version=book.current().version)
    async with db.atomic() as connection:
        await connection.execute("UPDATE catalogue_sheet SET version = $2 WHERE id = $1", kept.id, kept.version)
    say = Say(
        "目录刚有别的改动，下面是按现在的目录重新比的，请再看一遍再生效。",
        "The catalogue was changed meanwhile; this is compared with it as it stands. Look again, then put it in force.",
    )
    return await _preview(request, actor, kept, status=409, changed=say)


async def _keep(actor: Actor, name: str, good: Upload, lines: tuple[Line, ...]) -> UUID:
    one = new_id()
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM catalogue_sheet WHERE at < $1", clock.now() - timedelta(days=1))
        await connection.execute(
            "INSERT INTO catalogue_sheet (id, author, at, from_day, name, basis, lines, version)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            one, actor.id, clock.now(), good.from_day, name[:100], good.basis.strip(),
            msgspec.json.encode(lines).decode(), book.current().version,
        )  # fmt: skip
    return one


async def _kept(actor: Actor, sheet: UUID) -> Kept:
    """A person's own sheet. 404 when it is none, was put in force, or is older than a day."""
    async with db.reading() as connection:
        row = await connection.fetchrow(
            "SELECT id, at, from_day, name, basis, lines, version FROM catalogue_sheet WHERE id = $1 AND author = $2",
            sheet, actor.id,
        )  # fmt: skip
    if row is None:
        raise not_found()
    return Kept(**{**row, "lines": msgspec.json.decode(row["lines"], type=tuple[Line, ...])})


def _shown(
    request: Request[Any, Any, Any], actor: Actor, form: Form[Upload], *, status: int = 200,
    checked: Checked | None = None,
) -> Response[str]:  # fmt: skip
    return render(
        request, "catalogue/import.html", region="#r-sheet", status=status, form=form, checked=checked,
        columns=sheets.COLUMNS, needed=sheets.NEEDED, focus="#r-errors" if status != 200 else "",
        tabs=words.tabs(actor, HERE),
    )  # fmt: skip


async def _preview(
    request: Request[Any, Any, Any], actor: Actor, kept: Kept, *, status: int = 200, changed: Say | None = None
) -> Response[str]:
    change = catalogue_verbs.difference(book.current(), kept.lines, kept.from_day)
    return render(
        request, "catalogue/import_preview.html", status=status, kept=kept, change=change, names=names, shown=SHOWN,
        moves=await previews.of(change, kept.from_day), changed=changed, routes=words.ROUTES_SHORT,
        tabs=words.tabs(actor, HERE),
    )  # fmt: skip


ROUTES = [export, blank, upload, preview, apply]
