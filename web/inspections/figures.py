"""What the re-checks say: agreement per question and error rates with their intervals, per caller, unit and month."""

from __future__ import annotations

from datetime import date

from litestar import Response, get

from hotline import db
from sla import rechecks, records
from web import worklists as split
from web.access import Who
from web.inspections import common
from web.inspections.common import CHECK, AnyRequest
from web.inspections.samples import callers_of
from web.render import render

YEAR = 12


@get("/inspections/figures", opt={"needs": CHECK})
async def figures(request: AnyRequest, actor: Who) -> Response[str]:
    """One month of return visits as re-checked, whatever sample drew them; and the twelve months to it."""
    first, end = records.month(request.query_params.get("month", ""))
    start = _year_before(first)
    async with db.reading() as connection:
        rows = await rechecks.of_months(connection, start, end)
    here = [row for row in rows if row.month == first]
    names = {str(key): name for key, name in (await common.names(callers_of(here))).items()}
    months = sorted(rechecks.by(rows, "month"), key=lambda one: one.key)
    return render(
        request, "inspections/figures.html", month=f"{first:%Y-%m}", months=months, periods=common.periods(),
        total=rechecks.figure(here), questions=rechecks.QUESTIONS, tabs=common.tabs(actor, "figures"),
        groups=[
            ("caller", rechecks.by(here, "caller"), lambda key: names.get(key, key)),
            ("unit", rechecks.by(here, "unit"), split.unit_name),
        ],
    )  # fmt: skip


def _year_before(first: date) -> date:
    back = first.year * 12 + first.month - 1 - (YEAR - 1)
    return date(back // 12, back % 12 + 1, 1)


ROUTES = [figures]
