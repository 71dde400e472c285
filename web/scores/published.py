"""What everybody may read: the published sheets, each with its formula and arithmetic; never a case."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from hotline import db
from hotline.errors import not_found
from hotline.permissions import PUBLIC
from sla import scores_black, scores_frozen, scores_presets, scores_sheet, scores_words
from sla.scores_sheet import Sheet
from web.render import render
from web.scores import common
from web.scores.common import AnyRequest

OPEN = {"needs": PUBLIC}


@get("/published-scores", opt=OPEN)
async def listed(request: AnyRequest) -> Response[str]:
    """The last published sheet of the city's own formula, and the list of all."""
    async with db.reading() as connection:
        known = await scores_frozen.listed(connection, scores_presets.OWN)
        sheet = await scores_frozen.frozen(connection, scores_presets.OWN, known[0]) if known else None
        return await _shown(request, connection, sheet, known)


@get("/published-scores/{period:str}", opt=OPEN)
async def one(request: AnyRequest, period: FromPath[str]) -> Response[str]:
    """One published period."""
    async with db.reading() as connection:
        sheet = await scores_frozen.frozen(connection, scores_presets.OWN, period)
        if sheet is None:
            raise not_found()
        return await _shown(request, connection, sheet, await scores_frozen.listed(connection, scores_presets.OWN))


async def _shown(
    request: AnyRequest, connection: db.Connection, sheet: Sheet | None, known: list[str]
) -> Response[str]:
    red = scores_sheet.red_and_black(sheet)[0] if sheet else []
    kept = await scores_frozen.revisions(connection, sheet.preset, sheet.body.period) if sheet else []
    black = (await scores_black.opened(connection, sheet, kept)).rows if sheet else ()
    return render(
        request, "scores/published.html", sheet=sheet, known=[scores_frozen.period_of(one) for one in known], red=red,
        black=black, rule=scores_words.formula, kept=kept,
        tiers={one.code: one for one in sheet.formula.tiers} if sheet else {},
    )  # fmt: skip


@get("/published-scores/{period:str}/{unit:str}", opt=OPEN)
async def unit(request: AnyRequest, period: FromPath[str], unit: FromPath[str]) -> Response[str]:
    """One unit's published score, item by item."""
    async with db.reading() as connection:
        sheet = await scores_frozen.frozen(connection, scores_presets.OWN, period)
    row = sheet.row(unit) if sheet else None
    if sheet is None or row is None:
        raise not_found()
    return render(request, "scores/published_unit.html", sheet=sheet, row=row, rule=scores_words.formula,
                  period=common.known_period(period))  # fmt: skip


ROUTES = [listed, one, unit]
