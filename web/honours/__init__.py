"""The honour list (光荣榜): praise and top scores, for everybody to read."""

from __future__ import annotations

from litestar import Response, get

from hotline import db
from hotline.permissions import PUBLIC
from sla import honours, scores_period
from web import worklists as split
from web.honours import edit
from web.render import render
from web.scores.common import AnyRequest


@get("/honours", opt={"needs": PUBLIC})
async def public(request: AnyRequest) -> Response[str]:
    """The list: unit, period, and one sentence."""
    async with db.reading() as connection:
        rows = await honours.shown(connection)
    return render(request, "honours/public.html", rows=rows, kinds=honours.KINDS, unit_name=split.unit_name,
                  period_of=scores_period.read)  # fmt: skip


ROUTES = [public, *edit.ROUTES]
