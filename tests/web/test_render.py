"""Page or region, both languages, dates in words, filters in the address."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from hotline.actor import Actor
from hotline.errors import Say
from hotline.ids import new_id
from tests.conftest import shared_app
from web import dates, filters, navigation
from web.render import Flash, environment, render

KINDS = {"a": Say("求助", "Help"), "b": Say("投诉", "Complaint")}
CHOICES = (
    filters.Choice(key="kind", say=Say("类型", "Kind"), options=KINDS),
    filters.Choice(key="q", say=Say("搜索", "Search")),
)


@pytest.mark.parametrize(
    ("headers", "is_page"),
    [
        ({}, True),
        ({"HX-Request": "true"}, False),
        ({"HX-Request": "true", "HX-Boosted": "true"}, True),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, True),
    ],
)
async def test_htmx_gets_the_region_and_everybody_else_the_page(
    client: httpx.AsyncClient, headers: dict[str, str], is_page: bool
) -> None:
    answer = await client.get("/sign-in", headers=headers)
    assert ("<html" in answer.text) is is_page
    assert "HX-Request" in answer.headers["vary"]


async def test_a_page_without_a_region_gives_htmx_its_main_part(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers={"HX-Request": "true"})
    assert answer.headers["hx-retarget"] == "#main"
    assert answer.text.lstrip().startswith('<div class="page')


def test_every_template_is_well_formed_and_every_layout_has_one_main() -> None:
    env = environment()
    names = env.list_templates(extensions=["html"])
    assert len(names) > 10
    for name in names:
        env.get_template(name)


def test_dates_are_told_as_each_language_tells_them() -> None:
    moment = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    assert dates.long_moment(moment, "zh", this_year=2026) == "11月27日（周五）18:00"
    assert dates.long_moment(moment, "en", this_year=2026) == "Fri 27 Nov, 18:00"
    assert dates.long_moment(moment, "zh", this_year=2027) == "2026年11月27日（周五）18:00"
    assert dates.long_moment(moment, "en", this_year=2027) == "Fri 27 Nov 2026, 18:00"
    assert dates.short_moment(moment, this_year=2026) == "11-27 18:00"
    assert dates.short_moment(moment, this_year=2025) == "2026-11-27 18:00"
    assert dates.long_day(date(2026, 11, 29), "zh", this_year=2026) == "11月29日（周日）"
    night = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
    assert dates.short_moment(night, this_year=2026) == "11-28 00:30", "the city's day, not London's"


def test_filters_are_words_that_can_be_taken_away_one_by_one() -> None:
    asked = {"kind": "a", "q": "路灯 & <b>", "sort": "new", "x": "y"}
    found = filters.parse("/cases", asked, CHOICES, sorts=("due", "new"))
    assert found.values == {"kind": "a", "q": "路灯 & <b>"}
    words = found.words()
    assert [word.say.zh for word in words] == ["类型：求助", "搜索：路灯 & <b>"]
    assert words[1].url == "/cases?kind=a&sort=new"
    assert "kind" not in words[0].url
    assert found.url(after="k1").endswith("&after=k1")


def test_what_a_list_does_not_offer_is_ignored() -> None:
    found = filters.parse("/cases", {"kind": "zzz", "sort": "drop table", "q": "\x00  ", "after": "x\x00y"}, CHOICES)
    assert not found.is_any
    assert (found.sort, found.after, found.url()) == ("due", "xy", "/cases")


def test_the_header_names_only_places_that_are_served_and_allowed() -> None:
    actor = Actor(id=new_id(), kind="staff", roles=frozenset({"dispatcher"}))
    navigation.open_places(["/dispatch", "/admin"])
    try:
        assert [place.path for place in navigation.items(actor)] == ["/dispatch"]
        assert navigation.home(actor) == "/dispatch"
        assert navigation.home(Actor(id=new_id(), kind="staff")) == "/preferences"
    finally:
        navigation.open_places(route.path for route in shared_app().routes)


def test_a_fragment_carries_flash_spoken_line_counts_and_cursor(client: httpx.AsyncClient) -> None:
    request: Any = _request({"hx-request": "true"})
    answer = render(
        request, "public/withdraw.html", number="1", is_wish=False, flash=Flash(Say("好", "Good")),
        say=Say("已签收", "Signed"), counts={"work": 3},
        focus="#main", push="/work",
    )  # fmt: skip
    body = answer.content
    assert '<div id="flash" class="flash-place" hx-swap-oob="innerHTML">' in body
    assert '<p id="say" hx-swap-oob="innerHTML">已签收</p>' in body
    assert '<span id="n-work" hx-swap-oob="innerHTML">3</span>' in body
    assert answer.headers["HX-Push-Url"] == "/work"
    assert answer.headers["HX-Trigger-After-Settle"] == '{"putFocus":"#main"}'


def _request(headers: dict[str, str]) -> Any:
    from litestar import Request

    raw = [(key.encode(), value.encode()) for key, value in headers.items()]
    return Request(
        {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": raw, "state": {},
         "scheme": "http", "server": ("testserver", 80), "root_path": ""}
    )  # type: ignore[arg-type, typeddict-item]  # fmt: skip
