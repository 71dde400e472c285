"""Publishing a sheet for good, computing it again, its text to take along, its black list's approval."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from channels import reminders
from hotline import clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, invalid, not_found
from hotline.work import work
from sla import scores_black, scores_frozen, scores_given
from sla.scores_period import Period
from sla.scores_sheet import Sheet
from web import forms
from web.access import Who
from web.render import render, see_other
from web.scores import asks, common, pages
from web.scores.common import NEEDS, AnyRequest
from web.trying import tried

FREEZES = {"needs": "score.freeze"}
MOST = 1_000_000
"""Bytes of a sheet of figures."""


@post("/scores/{preset:str}/{period:str}/freeze", opt=FREEZES, status_code=200)
async def freeze(
    request: AnyRequest, actor: Who, preset: FromPath[str], period: FromPath[str]
) -> Response[str]:
    """核定公布: final from now on; done already, it is the same."""
    when = common.known_period(period)
    form = await forms.read(request, asks.Nothing)
    status, sheet = await tried(form, lambda _: scores_frozen.freeze(actor, common.known_preset(preset), when))
    if sheet is None:
        return await pages.shown(request, actor, preset, when, form=form, status=status)
    await _tell(actor, sheet, when)
    return see_other(request, f"/scores?preset={preset}&period={period}",
                     flash=Say("已核定公布，以后不再变动。", "Published; these scores will not change any more."))


async def _tell(actor: Actor, sheet: Sheet, period: Period) -> None:
    """Each unit with a score hears of it, once."""
    async with work(actor) as w:
        for row in sheet.rows:
            if row.total is None:
                continue
            place = Say(f"，第 {row.rank} 名", f", place {row.rank}") if row.rank else Say("", "")
            text = Say(f"{period.name.zh}考核已公布：{row.total} 分{place.zh}，有异议请按期申诉",
                       f"Scores of {period.name.en} are published: {row.total}{place.en}; appeal in time if need be")
            await reminders.remind(w, unit=row.unit, kind="score_frozen", case=None, text=text,
                                   key=f"score_frozen:{sheet.preset}:{sheet.body.period}:{row.unit}")


@get("/scores/{preset:str}/{period:str}/proof", opt=NEEDS)
async def proof(request: AnyRequest, actor: Who, preset: FromPath[str], period: FromPath[str]) -> Response[str]:
    """Every revision computed again from what was kept, with its hash."""
    when = common.known_period(period)
    async with db.reading() as connection:
        kept = await scores_frozen.revisions(connection, common.known_preset(preset), period)
        verdicts = await scores_frozen.verify(connection, preset, when)
    names = await people.names({one.frozen_by for one in kept if one.frozen_by is not None})
    return render(
        request, "scores/proof.html", kept=list(zip(kept, verdicts, strict=True)), period=when, preset=preset,
        tabs=common.tabs(actor, "sheet"), names=names, sheet_path=common.path, at=clock.now(),
    )  # fmt: skip


@get("/scores/{preset:str}/{period:str}/sheet.json", opt=NEEDS)
async def text(preset: FromPath[str], period: FromPath[str]) -> Response[Any]:
    """The sheet as it is kept and hashed, to compute it again elsewhere."""
    async with db.reading() as connection:
        sheet = await scores_frozen.frozen(connection, preset, period)
        if sheet is None:
            raise not_found()
        body = await connection.fetchval("SELECT body FROM score_sheet WHERE id = $1", sheet.id)
    name = f"scores-{preset}-{period}-{sheet.revision}.json"
    return Response(body.encode(), media_type="application/json",
                    headers={"Content-Disposition": f"attachment; filename={name}", "X-Content-SHA256": sheet.hash})


@post("/scores/{preset:str}/{period:str}/black-list", opt=FREEZES, status_code=200)
async def black_list(
    request: AnyRequest, actor: Who, preset: FromPath[str], period: FromPath[str]
) -> Response[str]:
    """同意公开末位名单, by somebody else than who published the scores; a second time is nothing."""
    when = common.known_period(period)
    form = await forms.read(request, asks.Nothing)
    status, done = await tried(form, lambda _: _approve(actor, preset, period))
    if done is None:
        return await pages.shown(request, actor, common.known_preset(preset), when, form=form, status=status)
    return see_other(request, f"/scores?preset={preset}&period={period}",
                     flash=Say("末位名单已公开。", "The bottom list is public now."))


async def _approve(actor: Actor, preset: str, period: str) -> bool:
    async with work(actor) as w:
        await scores_black.approve(w, preset, period)
    return True


@post("/scores/{preset:str}/{period:str}/sheet", opt=FREEZES, status_code=200)
async def given(request: AnyRequest, actor: Who, preset: FromPath[str], period: FromPath[str]) -> Response[str]:
    """Publish a period from before the system by a sheet of figures."""
    when = common.known_period(period)
    form = await forms.read(request, asks.Nothing)
    uploads = [one for one in form.files.get("file", []) if one.filename]
    if not uploads:
        form.errors["file"] = Say("请选填报的表（CSV）。", "Choose the sheet, a CSV.")
    else:
        data = await uploads[0].read(MOST + 1)
        status, sheet = await tried(form, lambda _: _given(actor, common.known_preset(preset), when, data))
        if sheet is not None:
            return see_other(request, f"/scores?preset={preset}&period={period}",
                             flash=Say("已按填报的表公布。", "Published by the sheet."))
        return await pages.shown(request, actor, preset, when, form=form, status=status)
    return await pages.shown(request, actor, preset, when, form=form, status=422)


async def _given(actor: Actor, preset: str, period: Period, data: bytes) -> Sheet:
    if len(data) > MOST:
        raise invalid({"file": Say("表太大，最多 1 MB。", "The sheet is too large: at most 1 MB.")})
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise invalid({"file": Say("CSV 读不出，请存成 UTF-8 再传。",
                                   "The CSV cannot be read: save it as UTF-8.")}) from None
    return await scores_given.publish(actor, preset, period, text)


ROUTES = [freeze, proof, text, black_list, given]
