"""Changing the city as data: what is refused field by field, and how old versions stay for old cases."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import date, timedelta

import asyncpg
import pytest

from hotline import city, city_verbs, clock, db, line_verbs, seeds
from hotline.city import City
from hotline.errors import Refusal
from tests.engines import Place as Stage

THEN = date(2015, 5, 20)


@pytest.fixture
async def town(database: Stage) -> City:
    """The demo city's reference data as this module's database holds it."""
    await seeds.reference()
    return city.current()


@pytest.fixture
async def undone(town: City) -> AsyncIterator[City]:
    """The city inside a transaction that is rolled back: what a test changes is gone after it."""
    with contextlib.suppress(UndoError):
        async with db.atomic():
            yield town
            raise UndoError
    await city.load()


class UndoError(Exception):
    """Rolls back what a test did."""


@pytest.mark.parametrize("number", ["110", "119", "120", "122", "１１０", " 1 1 9 ", "0310-120", "+86 310 122"])
async def test_an_emergency_number_is_refused_as_a_line_however_it_is_written(town: City, number: str) -> None:
    with pytest.raises(Refusal) as caught:
        await line_verbs.register_line(number, "报警", "Police", "PSB")
    assert (caught.value.status, caught.value.code) == (422, "emergency_number")
    assert "number" in caught.value.fields
    assert "紧急" in caught.value.say.zh
    assert "emergency" in caught.value.say.en
    with pytest.raises(Refusal, match="emergency_number"):
        await line_verbs.register_line("12399", "测试", "Test", "PSB", aliases=[number])
    with pytest.raises(Refusal, match="emergency_number"):
        await line_verbs.change_line("12345", aliases=["961890", number])


async def test_the_database_itself_refuses_an_emergency_number(undone: City) -> None:
    async with db.atomic() as connection:
        for change in ("number = '110'", "aliases = '{119}'"):
            with pytest.raises(asyncpg.CheckViolationError):
                async with db.atomic():
                    await connection.execute(f"UPDATE line SET {change} WHERE number = '12345'")


async def test_a_new_line_is_there_without_a_change_of_code(undone: City) -> None:
    before = undone.version
    await line_verbs.register_line("12388 9", "新热线", "New line", "CGB", phase="live")
    after = await city.refresh()
    assert after.version > before
    assert after.lines["123889"].unit == "CGB"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"number": "12345"}, "number"),
        ({"number": "961890"}, "number"),
        ({"number": "12"}, "number"),
        ({"number": "96xxx1"}, "number"),
        ({"name_zh": " "}, "name_zh"),
        ({"name_en": ""}, "name_en"),
        ({"unit": "XYZ"}, "unit"),
        ({"mode": "OTHER"}, "mode"),
        ({"phase": "soon"}, "phase"),
        ({"valid_from": date(2020, 1, 1)}, "valid_from"),
    ],
)
async def test_a_faulty_line_is_refused_field_by_field(undone: City, given: dict[str, object], field: str) -> None:
    right = {"number": "12399", "name_zh": "新", "name_en": "New", "unit": "CGB", "phase": "live"}
    with pytest.raises(Refusal) as caught:
        await line_verbs.register_line(**{**right, **given})  # type: ignore[arg-type]
    assert caught.value.status == 422
    assert set(caught.value.fields) == {field}


async def test_a_changed_matter_keeps_its_old_version_for_old_cases(undone: City) -> None:
    from_day = clock.today() + timedelta(days=10)
    await city_verbs.change_matter("020201", from_day=from_day, lead_unit="CON", route="FUNC")
    after = await city.refresh()
    assert after.lead_unit("020201", "130403") == "130403"
    assert after.lead_unit("020201", "130403", on=from_day) == "CON"
    old, new = after.matter("020201"), after.matter("020201", from_day)
    assert old is not None
    assert new is not None
    assert (old.route, old.valid_to, new.valid_from) == ("TERR", from_day - timedelta(days=1), from_day)
    with pytest.raises(Refusal) as caught:
        await city_verbs.change_matter("020201", from_day=clock.today(), route="FUNC")
    assert "from_day" in caught.value.fields


async def test_a_matter_cannot_be_changed_into_the_past_nor_into_nonsense(undone: City) -> None:
    yesterday = clock.today() - timedelta(days=1)
    for changes, field in [
        ({"from_day": yesterday, "route": "FUNC"}, "from_day"), ({"route": "X"}, "route"),
        ({"profile": "X"}, "profile"), ({"lead_unit": "X"}, "lead_unit"), ({"l3_zh": ""}, "l3_zh"),
        ({"code": "1"}, "code"), ({"county": "1"}, "county"),
    ]:  # fmt: skip
        with pytest.raises(Refusal) as caught:
            await city_verbs.change_matter("020201", **changes)  # type: ignore[arg-type]
        assert set(caught.value.fields) == {field}
    with pytest.raises(Refusal) as caught:
        await city_verbs.change_matter("999999", route="FUNC")
    assert caught.value.status == 404


async def test_no_county_can_have_its_own_version_of_a_matter(undone: City) -> None:
    async with db.atomic() as connection:
        table = await connection.prepare("SELECT * FROM matter")
        assert not {"county", "jurisdiction"} & {column.name for column in table.get_attributes()}
        with pytest.raises(asyncpg.ExclusionViolationError):
            async with db.atomic():
                await connection.execute(
                    "INSERT INTO matter"
                    " (code, l1_zh, l2_zh, l3_zh, l1_en, l2_en, l3_en, lead_unit, route, profile, valid_from)"
                    " SELECT code, l1_zh, l2_zh, l3_zh, l1_en, l2_en, l3_en, '130403', route, profile, '2020-01-01'"
                    " FROM matter WHERE code = '020201'"
                )


async def test_a_unit_is_not_switched_on_without_somebody_to_take_its_work(undone: City) -> None:
    with pytest.raises(Refusal) as caught:
        await city_verbs.change_unit("130403005", has_liaison=False, is_on=True)
    assert set(caught.value.fields) == {"is_on"}
    await city_verbs.change_unit("130403005", has_liaison=True, is_on=True)
    after = await city.refresh()
    assert after.units["130403005"].is_on


async def test_a_unit_that_ends_is_answered_for_by_its_successor(undone: City) -> None:
    await city_verbs.end_unit("RUR", last_day=clock.today() - timedelta(days=1), successor="AGR")
    after = await city.refresh()
    assert after.unit("RUR") is None
    assert after.unit("RUR", THEN) is not None
    assert after.heir("RUR") == "AGR"
    assert "RUR" not in after.subtree("1304")
    with pytest.raises(Refusal):
        await city_verbs.end_unit("AGR", last_day=clock.today(), successor="RUR")


async def test_a_village_unit_is_the_fifth_tier_and_the_last(undone: City) -> None:
    await city_verbs.add_unit("130434205201", "前大磨村民委员会", "Qiandamo", kind="village", parent="130434205")
    after = await city.refresh()
    assert after.units["130434205201"].tier == 5
    assert not after.units["130434205201"].is_on
    with pytest.raises(Refusal) as caught:
        await city_verbs.add_unit("1304342052011", "组", "Group", kind="village", parent="130434205201")
    assert set(caught.value.fields) == {"code", "parent"}
    with pytest.raises(Refusal) as caught:
        await city_verbs.change_unit("130434205201", has_liaison=False, parent="130434")
    assert set(caught.value.fields) == {"parent"}


async def test_a_day_is_set_and_taken_off_again(undone: City) -> None:
    day = date(2026, 11, 30)  # a Monday
    await city_verbs.set_day(day, is_working=False, name_zh="停工", name_en="Closed")
    assert not (await city.refresh()).calendar.days[day].is_working
    await city_verbs.set_day(day, is_working=True)
    assert day not in (await city.refresh()).calendar.days
    with pytest.raises(Refusal) as caught:
        await city_verbs.set_day(day, is_working=False)
    assert set(caught.value.fields) == {"name_zh", "name_en"}


@pytest.mark.parametrize(
    ("key", "value"),
    [("visit.tries", "three"), ("visit.tries", "2.5"), ("calendar.announced_through", "2027"), ("rating.counted", ""),
     ("hours.working", "09:00-08:00"), ("hours.working", "9-5"), ("hours.working", "09:00-29:00"),
     ("clock.accept", "-1")],
)  # fmt: skip
async def test_a_rule_takes_only_what_fits_its_unit(undone: City, key: str, value: str) -> None:
    with pytest.raises(Refusal) as caught:
        await city_verbs.set_rule(key, value)
    assert set(caught.value.fields) == {"value"}


async def test_a_rule_that_the_city_set_survives_the_next_seeding(undone: City) -> None:
    await city_verbs.set_rule("visit.tries", "4")
    await seeds.reference()
    assert city.current().rule("visit.tries") == 4


async def test_two_who_change_one_matter_at_once_do_so_one_after_the_other(town: City) -> None:
    from_day = clock.today() + timedelta(days=400)
    outcomes = await asyncio.gather(
        *(city_verbs.change_matter("180104", from_day=from_day + timedelta(days=n), route="FUNC") for n in (0, 1)),
        return_exceptions=True,
    )
    assert all(one is None or isinstance(one, Refusal) for one in outcomes)
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT valid_to FROM matter WHERE code = '180104'")
    assert sum(row["valid_to"] is None for row in rows) == 1


async def test_what_the_tests_before_changed_is_gone(town: City) -> None:
    async with db.reading() as connection:
        assert not await connection.fetchval("SELECT count(*) FROM line WHERE number IN ('12399', '123889')")
        assert await connection.fetchval("SELECT value FROM rule WHERE key = 'visit.tries'") == "3"
