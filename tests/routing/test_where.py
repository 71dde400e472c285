"""Address text to a place: abolished counties, short and misspelt names, and what only a person can say."""

from __future__ import annotations

from datetime import date

import pytest

from hotline import city, seeds
from routing import where
from tests.engines import Place as Stage

pytestmark = pytest.mark.anyio
THEN, NOW = date(2015, 5, 20), date(2026, 11, 23)
SHANGBI = "130471100"


@pytest.fixture(scope="module", autouse=True)
async def town(database: Stage) -> None:
    """The demo city's reference data."""
    await seeds.reference()


@pytest.mark.parametrize(
    ("text", "county", "township", "heard"),
    [
        ("邯郸县尚璧镇东街路灯不亮", "130403", SHANGBI, "邯郸县尚璧镇"),  # abolished in 2016: the town tells
        ("永年县的小西堡乡有人倒垃圾", "130403", "130471200", "永年县的小西堡乡"),
        ("肥乡县大寺上镇停水", "130407", "", ""),
        ("尚璧有一段路没有灯", "130403", SHANGBI, "尚璧"),  # without 镇
        ("尚壁镇路灯不亮", "130403", SHANGBI, "尚壁镇"),  # sounds the same
        ("邯郸县尚壁南边的路灯", "130403", SHANGBI, "邯郸县尚壁"),  # short and misspelt
        ("从台区联纺东街道垃圾没人清", "130403", "130403003", ""),
        ("丛台区和平路路灯不亮", "130403", "", "丛台区"),
        ("丛台区人民路与中华大街口", "130403", "", "丛台区"),  # roads, no townships
        ("魏县前大磨乡前大磨村停电", "130434", "", "魏县前大磨乡前大磨村"),
    ],
)
async def test_a_place_is_found_as_it_is_governed_today(text: str, county: str, township: str, heard: str) -> None:
    found = where.find(text, NOW)
    assert (found.is_clear, found.county) == (True, county), found
    assert not township or found.township == township, found
    assert not heard or found.heard == heard, found


async def test_the_same_address_belonged_to_the_old_county_before_2016() -> None:
    assert where.find("邯郸县尚璧镇", THEN).county == "130421"
    assert where.find("邯郸县", THEN).is_clear


@pytest.mark.parametrize(
    ("text", "counties"),
    [
        ("邯郸县有人倒垃圾", {"130402", "130403"}),  # divided, and no town is named
        ("邯山区尚璧镇路灯不亮", {"130402", "130403"}),  # one of the two is wrong
        ("从尚璧镇到兼庄乡的公交", {"130403"}),
    ],
)
async def test_what_may_be_several_places_is_not_guessed(text: str, counties: set[str]) -> None:
    found = where.find(text, NOW)
    assert not found.is_clear
    assert found.county == ""
    assert {one.county for one in found.candidates} == counties
    assert 2 <= len(found.candidates) <= where.MOST


async def test_a_village_of_a_name_that_many_bear_is_asked_for_and_one_that_is_alone_is_found() -> None:
    several = where.find("南街村停水三天了", NOW)
    assert not several.is_clear
    assert len(several.candidates) > 1
    assert all(one.village for one in several.candidates)
    alone = where.find("前大磨村停水三天了", NOW)
    assert alone.is_clear
    assert alone.village.startswith(alone.township)


async def test_a_point_tells_where_words_do_not() -> None:
    assert where.find("路灯不亮", NOW, point="36.612300,114.491200").county == "130403"
    assert where.find("在36.6123,114.4912这里路灯不亮", NOW).point == "36.6123,114.4912"
    divided = where.find("邯郸县有人倒垃圾", NOW, point="36.612300,114.491200")
    assert (divided.is_clear, divided.county) == (True, "130403")
    assert not where.find("路灯不亮", NOW, point="1,1").is_known


@pytest.mark.parametrize(
    "text",
    ["", "  ", "x" * 12_000, "县" * 12_000, "<b>丛台</b>", "'; DROP TABLE cases; --", "\ud800路", "a\x00b", "🚧" * 500,
     "help at the 路 street", "镇", "村"],
)  # fmt: skip
async def test_whatever_is_typed_is_no_error(text: str) -> None:
    found = where.find(text, NOW, point="not,a point" if text else "nan,inf")
    assert len(found.candidates) <= where.MOST


async def test_every_township_is_found_by_its_county_and_its_name() -> None:
    snapshot = city.current()
    wrong = [
        (one.name_zh, found)
        for one in snapshot.townships.values()
        for found in [where.find(f"{snapshot.jurisdictions[one.county].name_zh}{one.name_zh}某处", NOW)]
        if (found.county, found.township) != (one.county, one.code)
    ]
    assert not wrong
