"""The city as data: seeds, versions by date, places and successors, lead units, and the verbs of administration."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hotline import city, clock, db, demo_people, line_verbs, people, seeds
from hotline.city import City, Place
from tests.engines import Place as Stage

THEN, NOW = date(2015, 5, 20), date(2026, 11, 23)


@pytest.fixture
async def town(database: Stage) -> City:
    """The demo city's reference data as this module's database holds it."""
    await seeds.reference()
    return city.current()


async def test_the_city_has_its_lines_units_townships_and_matters(town: City) -> None:
    assert len(town.lines) == 23
    assert sum(unit.parent == "1304" and unit.kind != "county" for unit in town.units.values()) == 55
    assert sum(unit.kind == "county" for unit in town.units.values()) == 20
    assert len(town.townships) == sum(unit.kind == "township" for unit in town.units.values()) == 246
    assert len(town.matters) == 180
    assert len(town.jurisdictions) == 20
    assert {unit.tier for unit in town.units.values()} == {1, 2, 3, 4, 5}


async def test_seeding_twice_changes_nothing(town: City) -> None:
    await seeds.reference()
    assert city.current().version == town.version


async def test_every_code_that_reference_data_names_exists(town: City) -> None:
    for unit in town.units.values():
        assert unit.parent is None or town.units[unit.parent].tier == unit.tier - 1
    for matter in town.matters.values():
        assert matter.lead_unit in town.units
        assert matter.profile
    for line in town.lines.values():
        assert line.unit in town.units
        assert line.greeting_zh
        assert line.greeting_en
    for township in town.townships.values():
        assert township.county in town.jurisdictions


async def test_the_tree_below_a_county_is_the_county_and_its_townships(town: City) -> None:
    below = town.subtree("130403")
    assert below[0] == "130403"
    assert len(below) == 1 + sum(one.county == "130403" for one in town.townships.values()) + len(seeds.VILLAGES)
    assert "130471100" in below  # 尚璧镇, which the statistics put under the development zone
    assert set(town.subtree("13")) == set(town.units)
    assert town.subtree("CGB") == ("CGB",)


async def test_a_county_town_moved_in_2016_has_both_counties_each_in_its_time(town: City) -> None:
    assert town.county_of("130471100", THEN) == "130421"
    assert town.county_of("130471100", date(2016, 9, 30)) == "130421"
    assert town.county_of("130471100", date(2016, 10, 1)) == "130403"
    township = town.township("130471100", NOW)
    assert township is not None
    assert (township.county, township.stat_county) == ("130403", "130471")


async def test_an_abolished_county_stands_for_its_successor_and_the_other_way_before(town: City) -> None:
    assert town.county_of("130429", NOW) == "130408"
    assert town.county_of("130408", THEN) == "130429"
    assert town.jurisdiction("130421", THEN) is not None
    assert town.jurisdiction("130421") is None
    assert town.county_of("130421", NOW) is None  # divided: its townships tell
    assert town.counties_after("130421", NOW) == ("130402", "130403")
    assert town.heir("130428", NOW) == "130407"


async def test_a_case_filed_in_2015_against_a_county_town_goes_to_the_district_today(town: City) -> None:
    filed = town.find_place("邯郸县尚璧镇南街没有路灯", THEN)
    assert filed == Place(county="130421", township="130471100")
    assert town.lead_unit("020201", filed.county, filed.township, NOW) == "130403"
    assert town.lead_unit("020201", "130421", None, NOW) is None


@pytest.mark.parametrize(
    ("text", "county", "township"),
    [
        ("丛台区和平路路灯不亮", "130403", None),
        ("丛台东街道", "130403", "130403005"),
        ("大名县大名镇", "130425", "130425100"),
        ("大名县", "130425", None),
        ("家住永年南沿村", "130403", "130471101"),
        ("永年区尚璧镇", "130403", "130471100"),
        ("肥乡县的路", "130407", None),
        ("河沙镇修路", "130402", "130402102"),
        ("武安矿山扬尘", "130481", "130481108"),
        ("峰峰和村", "130406", "130406104"),
        ("经开区企业", "130471", None),
        ("马头镇", "130473", "130473103"),
        ("营镇回族乡", "130425", "130425213"),
        ("涉县城南", "130426", None),
    ],
)
async def test_the_longest_name_finds_the_place(town: City, text: str, county: str, township: str | None) -> None:
    assert town.find_place(text, NOW) == Place(county=county, township=township)


@pytest.mark.parametrize(
    "text", ["", "区", "没有地方", "人民路路灯", "复兴路堵车", "丛台路", "邯郸市", "矿山扬尘", "徘徊不去", "中华大街"]
)
async def test_roads_and_ordinary_words_are_no_places(town: City, text: str) -> None:
    assert town.find_place(text, NOW) is None


async def test_a_divided_county_without_a_township_keeps_its_code_and_its_candidates(town: City) -> None:
    assert town.find_place("邯郸县有人倒垃圾", NOW) == Place(county="130421", candidates=("130402", "130403"))


async def test_every_name_in_the_table_finds_its_own_place(town: City) -> None:
    for county in town.jurisdictions.values():
        found = town.find_place(f"在{county.name_zh}内", NOW)
        assert found is not None
        assert found.county == county.code
    for township in town.townships.values():
        found = town.find_place(f"在{township.name_zh}内", NOW)
        assert found is not None
        assert (found.county, found.township) == (township.county, township.code)


async def test_a_village_is_found_within_what_was_named_and_only_when_it_is_the_only_one(town: City) -> None:
    found = town.find_place("魏县前大磨乡前大磨村", NOW, villages=True)
    assert found is not None
    assert (found.township, found.village) == ("130434205", "130434205201")
    assert found.village is not None
    assert town.county_of(found.village, NOW) == "130434"
    several = town.find_place("南街村停水", NOW, villages=True)
    assert several is None


async def test_the_lead_follows_the_route_of_the_matter(town: City) -> None:
    assert town.lead_unit("020201", "130403") == "130403"  # TERR
    assert town.lead_unit("010101", "130403") == "CON"  # FUNC
    assert town.lead_unit("030101", None) == "WSU"  # UTIL
    assert town.lead_unit("020201", "city") is None
    assert town.lead_unit("999999", "130403") is None
    for code in town.matters:
        for county in town.jurisdictions:
            assert town.lead_unit(code, county) in town.units


async def test_the_old_number_leads_to_the_host_line(town: City) -> None:
    assert town.line("961890") is town.lines["12345"]
    assert town.line("110") is None
    assert town.lines["96xxx"].phase == "planned"
    emergency = {number for number, one in town.related_numbers.items() if one.treatment == "EMERGENCY"}
    assert emergency == line_verbs.EMERGENCY == {"110", "119", "120", "122"}


async def test_the_citys_numbers_have_types_and_sources(town: City) -> None:
    assert town.rule("visit.tries") == 3
    assert town.rule("clock.EMG2H.sign_off") == 0.25
    assert town.rule("hours.working") == "09:00-12:00 13:30-18:00"
    assert all(rule.source and rule.note.zh and rule.note.en for rule in town.rules.values())
    with pytest.raises(KeyError):
        town.rule("no.such")


async def test_the_calendar_is_the_official_one_and_knows_its_end(town: City) -> None:
    assert town.calendar.announced_through == date(2026, 12, 31)
    assert town.calendar.days[date(2026, 9, 20)].is_working
    assert sum(day.is_working for day in town.calendar.days.values()) == 11
    for day, special in town.calendar.days.items():
        assert special.is_working == (day.weekday() > 4), day


async def test_a_snapshot_is_read_anew_only_when_something_changed(town: City) -> None:
    first = await city.refresh()
    assert await city.refresh() is first
    async with db.reading() as connection:
        await connection.execute("UPDATE unit SET name_en = name_en || '!' WHERE code = 'CGB'")
    second = await city.refresh()
    assert second is not first
    assert second.units["CGB"].name_en.endswith("!")
    with clock.at(clock.now() + timedelta(days=1)):
        third = await city.refresh()
    assert third.day == second.day + timedelta(days=1)


async def test_the_demo_has_its_people_once(town: City) -> None:
    await seeds.demo()
    await seeds.demo()
    async with db.reading() as connection:
        logins = {row["login"] for row in await connection.fetch("SELECT login FROM person")}
    assert {login for login, *_ in demo_people.ACCOUNTS} <= logins
    assert {one.unit for one in demo_people.PEOPLE} <= set(town.units)
    assert {one.jurisdiction for one in demo_people.PEOPLE if one.jurisdiction} <= set(town.jurisdictions)


async def test_a_demo_person_signs_in_with_the_printed_password(town: City) -> None:
    await seeds.demo()
    _, actor = await people.sign_in("congtai", demo_people.PASSWORD, "127.0.0.1")
    assert (actor.name, actor.unit, actor.jurisdiction) == ("卫东", "130403", "130403")
    assert actor.roles == {"unit_handler", "unit_liaison"}
    assert "130471100" in actor.units
