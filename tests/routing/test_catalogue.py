"""The dispatch catalogue: which unit leads a matter at a place on a day, and why."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from cases import verbs
from hotline import city, clock, db
from hotline.actor import SYSTEM
from hotline.errors import Refusal
from routing import book, catalogue, catalogue_verbs, gaps, sheet_check, sheets, where
from routing.book import Book, Line
from tests import builders

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 11, 23)


def line(matter: str = "", place: str = "", requester: str = "", lead: str = "CGB", **more: Any) -> Line:
    """A line of the catalogue; in force for ever unless it says otherwise."""
    given: dict[str, Any] = {"id": 1, "route": "FUNC", "valid_from": date(2020, 1, 1), **more}
    return Line(matter=matter, place=place, requester=requester, lead=lead, **given)


def asked(matter: str, county: str, township: str | None, *lines: Line, day: date = DAY, **more: Any) -> Any:
    """What a catalogue of these lines answers."""
    return catalogue.of(matter, county, township, day, city.current(), lines=Book(lines), **more)


async def test_without_lines_the_matter_decides_and_a_utility_has_the_city_beside_it() -> None:
    assert asked("020201", "130403", None).unit == "130403"
    assert asked("010101", "130403", None).unit == "CON"
    water = asked("030101", "130403", None)
    assert (water.unit, water.reason, water.co_handlers) == ("WSU", "UTIL", ("CGB",))
    assert asked("020201", "city", None) == catalogue.Choice(None, "no_unit")


async def test_the_most_specific_line_wins_by_place_then_matter_then_requester() -> None:
    lines = [
        line("02", lead="GDN", id=1), line("0202", lead="TRA", id=2), line("020201", lead="PWR", id=3),
        line("02", "130403", lead="CON", id=4), line("02", "130403", "enterprise", lead="DRC", id=5),
        line("", "130403005", lead="HOU", id=6),
    ]  # fmt: skip
    assert asked("020301", "130402", None, *lines).unit == "GDN"
    assert asked("020202", "130402", None, *lines).unit == "TRA"
    assert asked("020201", "130402", None, *lines).unit == "PWR"
    assert asked("020201", "130403", None, *lines).unit == "CON"
    assert asked("020201", "130403", None, *lines, requester_kind="enterprise").unit == "DRC"
    found = asked("020201", "130403", "130403005", *lines)
    assert (found.unit, found.line, found.tier) == ("HOU", 6, 3)


async def test_the_abolished_countys_township_goes_to_its_successor_and_to_the_county_in_its_own_time() -> None:
    then = date(2015, 5, 20)
    place = city.current().find_place("邯郸县尚璧镇南街没有路灯", then)
    assert place is not None
    assert asked("020201", place.county, place.township, day=then).unit == "130421"
    assert asked("020201", place.county, place.township).unit == "130403"
    of_the_district = line("0202", "130403", lead="CGB")
    assert asked("020201", place.county, place.township, of_the_district).unit == "CGB"
    assert asked("020201", "130421", None).unit is None, "divided: only its township can tell"


async def test_what_is_filed_from_the_abolished_county_is_dispatched_to_the_district_that_has_its_township() -> None:
    told = "邯郸县尚璧镇南街没有路灯，晚上看不见路。"
    place = where.find(told)
    today = await builders.a_receipt(matter="020201", words=told, county=place.county, township=place.township)
    by_then, divided = await builders.a_receipt(words=told), await builders.a_receipt(words=told)
    old = {"matter": "020201", "county": "130421"}  # as an agent takes it from an old paper
    await builders.act("agent", by_then.number, verbs.accept, **old, township="130471100")
    await builders.act("agent", divided.number, verbs.accept, **old)
    rows = await db.pool().fetch("SELECT number, state, lead_unit FROM cases")
    found = {row["number"]: (row["state"], row["lead_unit"]) for row in rows}
    assert found[today.number] == found[by_then.number] == ("active", "130403")
    assert found[divided.number] == ("accepted", None), "which district has it, only the township tells"


async def test_a_lead_that_takes_no_cases_falls_back_to_the_government_of_the_place() -> None:
    found = asked("020201", "130403", None, line("020201", lead="130403005", tier=4))
    assert (found.unit, found.reason) == ("130403", "fallback"), "the township is switched off"
    assert asked("010101", "city", None, line("010101", lead="130403005", tier=4)).unit is None


async def test_a_complaint_about_a_unit_keeps_it_from_leading_and_from_standing_beside() -> None:
    assert asked("030101", "130403", None, about={"WSU"}) == catalogue.Choice(None, "about_itself")
    assert asked("030101", "130403", None, about={"CGB"}).co_handlers == ()


async def test_what_a_line_said_on_a_day_is_what_it_is_asked_for() -> None:
    june = line("020201", lead="CGB", valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 30))
    later = line("020201", lead="TRA", id=2, valid_from=date(2027, 1, 1))
    for day, unit in ((date(2026, 5, 31), "130403"), (date(2026, 6, 30), "CGB"), (DAY, "130403"),
                      (date(2027, 1, 1), "TRA")):  # fmt: skip
        assert asked("020201", "130403", None, june, later, day=day).unit == unit


_codes = st.sampled_from(["", "01", "02", "0202", "020201", "030101", "17", "180103"])
_places = st.sampled_from(["", "130402", "130403", "130471", "130403005", "130471100"])
_leads = st.sampled_from(["PLACE", "MATTER", "CGB", "WSU", "RUR", "130403005", "1304"])
_days = st.dates(date(2016, 10, 1), date(2030, 12, 31))


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Any catalogue that the database would take: on one day a key has one line."""
    found: dict[Any, Line] = {}
    for n in range(draw(st.integers(0, 12))):
        begins = draw(_days)
        one = line(
            draw(_codes), draw(_places), draw(st.sampled_from(["", *book.REQUESTERS])), draw(_leads), id=n + 1,
            tier=draw(st.sampled_from([3, 4])), valid_from=begins,
            valid_to=draw(st.none() | st.dates(begins, date(2031, 1, 1))),
        )  # fmt: skip
        found.setdefault(one.key, one)
    return Book(found.values())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=books(), day=_days, kind=st.sampled_from(book.REQUESTERS), data=st.data())
def test_for_every_matter_place_and_date_there_is_exactly_one_lead_unit_and_it_takes_cases(
    lines: Book, day: date, kind: str, data: st.DataObject
) -> None:
    town = city.current()
    named = sorted({one.matter for one in lines.lines})
    matters = [code for code in town.matters if any(code.startswith(one) for one in named)] or sorted(town.matters)
    matter = data.draw(st.sampled_from(matters))
    spots = [(code, None) for code in town.jurisdictions] + [(one.county, one.code) for one in town.townships.values()]
    near = [spot for spot in spots if {*spot} & {one.place for one in lines.lines}]
    for county, township in {*near, *data.draw(st.sets(st.sampled_from(spots), min_size=9, max_size=9))}:
        first = catalogue.of(matter, county, township, day, town, requester_kind=kind, lines=lines)
        again = catalogue.of(matter, county, township, day, town, requester_kind=kind, lines=Book(lines.lines[::-1]))
        assert first == again, "the order of the lines decides nothing"
        unit = town.unit(first.unit or "", day)
        assert unit is not None, (matter, county, township, day)
        assert unit.is_on
        assert first.unit not in first.co_handlers


async def test_the_check_finds_no_gap_and_names_the_lead_that_only_the_fallback_answers_for() -> None:
    town = city.current()
    assert gaps.check(DAY, town, Book()) == gaps.Found((), (), 180 * 20)
    found = gaps.check(DAY, town, Book([line("020201", "130403", lead="130403005", tier=4)]))
    assert [(one.matter, one.place, one.unit) for one in found.fallbacks] == [("020201", "130403", "130403")]


async def test_an_edit_makes_a_dated_version_and_the_old_one_stays() -> None:
    today = clock.today()
    async with catalogue_verbs.changing() as (connection, standing):
        first = await catalogue_verbs.write(connection, standing, SYSTEM, line("020301", valid_from=today))
    await book.refresh()
    assert catalogue.of("020301", "130403", None, today, city.current()).unit == "CGB"
    later = today + timedelta(days=3)
    async with catalogue_verbs.changing() as (connection, standing):
        new = line("020301", lead="GDN", valid_from=later)
        await catalogue_verbs.write(connection, standing, SYSTEM, new, instead_of=first, basis="市编办〔2026〕3 号")
    await book.refresh()
    told = [catalogue.of("020301", "130403", None, day, city.current()).unit for day in (today, later)]
    assert told == ["CGB", "GDN"], "the planned one becomes live by itself on its day"
    assert [one.basis for one in book.current().versions(("020301", "", ""))] == ["", "市编办〔2026〕3 号"]
    with pytest.raises(Refusal) as caught:
        async with catalogue_verbs.changing() as (connection, standing):
            await catalogue_verbs.write(connection, standing, SYSTEM, line("020301", lead="TRA", valid_from=today))
    assert caught.value.code == "overlap"


async def test_the_database_itself_takes_no_second_line_for_a_key_on_a_day() -> None:
    async with catalogue_verbs.changing() as (connection, _):
        number = await catalogue_verbs.edition(connection, SYSTEM, DAY, source="edit")
        twice = (
            "INSERT INTO catalogue_line (matter, place, requester, lead, route, valid_from, edition)"
            " VALUES ('19', '', '', 'CGB', 'FUNC', $1, $2)"
        )
        await connection.execute(twice, DAY, number)
        with pytest.raises(Exception, match="exclusion constraint"):
            async with connection.transaction():
                await connection.execute(twice, DAY + timedelta(days=9), number)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_a_sheet_that_was_written_reads_back_as_the_same_lines(kind: str) -> None:
    town, today = city.current(), clock.today()
    lines = [
        line("", "130473", lead="PLACE", route="TERR", basis="=cmd()"),
        line("030101", lead="WSU", route="UTIL", co_handlers=("CGB", "CON"), id=2),
    ]
    rows = sheets.table(lines, town, today)
    data = sheets.as_xlsx(rows) if kind == "xlsx" else sheets.as_csv(rows)
    grid = sheets.read(f"a.{kind}", data)
    found = sheet_check.check(grid, today, town)
    assert not found.faults
    assert not catalogue_verbs.difference(Book(lines), found.lines, today).is_any
    if kind == "csv":
        assert b"'=cmd()" in data


async def test_a_sheet_with_unknown_codes_overlaps_holes_and_bad_dates_is_refused_whole_by_cell() -> None:
    head = "matter,place,requester,lead,co_handlers,route,valid_from,valid_to\r\n"
    body = (
        "990101,*,*,CGB,,FUNC,,\r\n020201,130421,*,XYZ,,FUNC,,\r\n020202,*,*,CGB,CGB,FUNC,2026-13-01,\r\n"
        "0203,*,*,GDN,,FUNC,,\r\n0203,*,*,CGB,,FUNC,,\r\n0204,*,*,CGB,,FUNC,2027-01-01,2027-01-31\r\n"
        "0204,*,*,CGB,,FUNC,2027-02-05,\r\n0205,*,,CGB,,TERRA,,\r\n"
    )
    grid = sheets.read("a.csv", (head + body).encode())
    found = sheet_check.check(grid, clock.today(), city.current())
    cells = {fault.cell for fault in found.faults}
    assert cells == {"A2", "B3", "D3", "E4", "G4", "A6", "G8", "C9", "F9"}
    assert all(fault.say.zh and fault.say.en for fault in found.faults)


def workbook(*rows: list[Any], part: str = "", holds: str = "") -> bytes:
    """A workbook of these rows below the needed head; ``part`` of it replaced."""
    made = Workbook()
    for row in ([*sheets.NEEDED, "tier", "valid_to"], *rows):
        made.active.append(row)
    plain, out = io.BytesIO(), io.BytesIO()
    made.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, holds if name == part else old.read(name))
    return out.getvalue()


async def test_a_sheet_loses_no_row_and_no_cell_without_saying_so() -> None:
    row = ["020201", "*", "*", "CGB", "FUNC"]
    grid = sheets.read("a.xlsx", workbook([*row, "34"], [*row[:-1], "TERR", "", "=DATE(2027,1,1)"]))
    found = sheet_check.check(grid, clock.today(), city.current())
    assert {"F2", "G3"} <= {fault.cell for fault in found.faults}, "a tier that is none, a formula not reckoned yet"
    with pytest.raises(Refusal, match="5000"):
        sheets.read("a.xlsx", workbook(row, *([[None]] * 5_200), row))
    wide = "matter\tplace\trequester\tlead\troute\r\n020201\t*\t企业\tCGB\t职能\r\n"
    for encoding in ("utf-16", "gbk", "utf-8"):
        assert sheets.read("a.txt", wide.encode(encoding)).rows[0][1]["requester"] == "企业"


@pytest.mark.parametrize(
    ("part", "unit"), [("xl/styles.xml", "<font><sz val='11'/></font>"), ("xl/worksheets/sheet1.xml", "<c r='A1'/>")]
)
async def test_a_workbook_that_unpacks_to_far_more_is_refused_before_it_is_read(part: str, unit: str) -> None:
    bomb = workbook(["020201", "*", "*", "CGB", "FUNC"], part=part, holds=f"<x>{unit * 400_000}</x>")
    assert len(bomb) < sheets.MOST_BYTES
    with pytest.raises(Refusal, match="too large"):
        sheets.read("a.xlsx", bomb)
