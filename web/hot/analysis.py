"""Trend, place, repeat and week-on-week by matter and county; what last year's season and lasting spots foretell."""

from __future__ import annotations

from functools import partial

from litestar import Response, get

from hotline import areas, clock, db
from hotline.errors import Say
from hotline.permissions import SIGNED_IN, may
from sla import hot_ahead, hot_trends
from web.access import Who
from web.hot import common, picture
from web.hot.common import EDIT, AnyRequest
from web.render import render

PERIODS = {"week": Say("周", "Week"), "day": Say("日", "Day")}


@get("/hot/trends", opt={"needs": SIGNED_IN})
async def trends(request: AnyRequest, actor: Who) -> Response[str]:
    """Matters against last week and last year's; a chosen group by its leaves, and where it comes from."""
    common.demand(actor)
    asked, places, groups = request.query_params, common.counties(), common.group_choices()
    period = asked.get("period", "week") if asked.get("period") in PERIODS else "week"
    county = asked.get("county", "") if asked.get("county", "") in places else ""
    matter = asked.get("matter", "")
    matter = matter if matter in groups or matter in common.leaf_choices() else ""
    when = hot_trends.span(period, clock.today())
    async with db.reading() as connection:
        by_matter = await hot_trends.read(
            connection, when, "leaf" if matter else "group", county=county, matter=matter
        )
        by_place = await hot_trends.read(
            connection, when, "township" if county else "county", county=county, matter=matter
        )
    return render(
        request, "hot/trends.html", region="#r-trends", when=when, period=period, periods=PERIODS, county=county,
        counties=places, matter=matter, groups=groups, by_matter=by_matter, by_place=by_place,
        matter_name=areas.matter_name, area_name=_place, bars=picture.bars, tabs=common.tabs("trends"),
        last_of=_last, group=matter[:4], matter_link=partial(_matter_link, period, county, is_leaf=bool(matter)),
        place_link=partial(_place_link, period, matter, is_town=bool(county)),
    )  # fmt: skip


def _matter_link(period: str, county: str, key: str, *, is_leaf: bool) -> str:
    return "" if is_leaf else f"/hot/trends?period={period}&county={county}&matter={key}"


def _place_link(period: str, matter: str, key: str, *, is_town: bool) -> str:
    return "" if is_town or key == "city" else f"/hot/trends?period={period}&county={key}&matter={matter}"


def _place(code: str) -> Say:
    return areas.area_name(code) if code and code != "city" else Say("地点不详", "place unknown")


def _last(period: str) -> tuple[Say, Say, Say]:
    """The heads of the columns: this, last, last year's."""
    if period == "day":
        return Say("昨天", "Yesterday"), Say("前一天", "Day before"), Say("去年同期", "Last year")
    return Say("最近 7 天", "Last 7 days"), Say("前 7 天", "7 days before"), Say("去年同期", "Last year")


@get("/hot/ahead", opt={"needs": SIGNED_IN})
async def ahead(request: AnyRequest, actor: Who) -> Response[str]:
    """What the coming weeks bring, by last year's; and places where a matter comes up week after week."""
    common.demand(actor)
    async with db.reading() as connection:
        coming = await hot_ahead.foretold(connection, clock.now())
        lasting = await hot_ahead.lasting(connection, clock.now())
    return render(
        request, "hot/ahead.html", coming=coming, lasting=lasting, matter_name=areas.matter_name,
        area_name=areas.area_name, bars=picture.bars, tabs=common.tabs("ahead"), may_task=may(actor, EDIT),
    )  # fmt: skip


ROUTES = [trends, ahead]
