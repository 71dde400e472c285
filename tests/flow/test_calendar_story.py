"""The calendar changes under running promises: a new year, other hours, a county's own days, pauses, co-handlers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from cases import ledger, verbs
from channels import staff_hours
from hotline import city, city_calendar, clock, db, rebuild
from hotline.actor import SYSTEM
from hotline.work import work
from sla import calendar, clocks, history, pausing, recompute, reminding
from tests import builders as b
from tests.web import house
from tests.zones import host_in

pytestmark = pytest.mark.anyio
IMPORT = "/admin/calendar/import"
HOURS = "/admin/calendar/hours"
YEAR_2027 = """日子,休或班,名称
2027-01-01/2027-01-03,休,元旦
2027-02-05/2027-02-11,休,春节
2027-02-14,班,春节调休上班
"""
LAW60 = {"matter": "070101", "words": "工地拖欠工资两个月。"}
STD5 = {"matter": "020101", "words": "路口占道经营，挡了盲道。"}
STATUS = re.compile(r'id="due">[^<]*</strong>前答复(?: at the latest)?(（暂定）)?')


@pytest.fixture(params=["America/Los_Angeles"])
def _host_elsewhere(request: pytest.FixtureRequest) -> Iterator[None]:
    with host_in(request.param):
        yield


async def clocks_of(number: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The running clocks of a case by unit and stage."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT k.* FROM clock k JOIN cases c ON c.id = k.case_id WHERE number = $1 AND outcome IS NULL", number
        )
    return {(row["unit"], row["stage"]): dict(row) for row in rows}


async def put_in_force(client: httpx.AsyncClient, path: str, form: dict[str, str]) -> str:
    """Preview, then do it as the page makes one do; gives the preview."""
    shown = await house.post(client, path, {**form, "step": "preview"}, page=path)
    assert shown.status_code == 200, shown.text[:3000]
    version = re.search(r'name="version" value="([^"]*)"', shown.text)
    assert version
    answer = await house.post(client, path, {**form, "step": "apply", "version": version[1]}, page=path)
    assert answer.status_code == 303, answer.text[:3000]
    return shown.text


async def status_page(client: httpx.AsyncClient, receipt: Any) -> str:
    """What the requester reads with number and code."""
    await house.post(client, "/track", {"number": receipt.number, "code": receipt.code}, page="/track")
    return await house.get(client, f"/track/{receipt.number}")


async def test_a_case_of_10_december_is_provisional_until_the_next_year_is_imported_then_everybody_reads_the_firm_date(
    client: httpx.AsyncClient,
) -> None:
    with clock.at(clock.on(date(2026, 12, 10), 10)):
        receipt = await b.a_case("signed", **LAW60)
        before = (await clocks_of(receipt.number))["130403", "finish"]
        assert before["is_provisional"]
        assert STATUS.search(await status_page(client, receipt))[1] == "（暂定）"  # type: ignore[index]
    with clock.at(clock.on(date(2026, 12, 18), 10)):
        async with house.signed_in(client, "admin", unit="HOT"):
            bad = "2027-01-01,休,元旦\n2027-13-01,休,甲\n2027-01-01,休,乙\n2026-05-01,班,丙\n2027-05-04,玩,丁"
            refused = await house.post(client, IMPORT, {"year": "2027", "text": bad, "step": "preview"}, page=IMPORT)
            assert refused.status_code == 422
            for line in (
                "第 2 行", "第 3 行：2027-01-01 在第 1 行已写过", "第 4 行：2026-05-01 不在 2027 年", "第 5 行"
            ):
                assert line in refused.text, line
            early = await house.post(
                client, IMPORT, {"year": "2029", "text": YEAR_2027, "step": "preview"}, page=IMPORT
            )
            assert "请先导入 2027 年的" in early.text
            seen = await put_in_force(client, IMPORT, {"year": "2027", "text": YEAR_2027})
        assert receipt.number in seen, "the preview names the cases that move"
        assert "读到 6 个放假的工作日、1 个调休上班的周末日" in seen
        assert await recompute.run() >= 1
        after = (await clocks_of(receipt.number))["130403", "finish"]
        assert not after["is_provisional"]
        assert after["due_at"] == calendar.of(city.current()).add_working_days(after["started_at"], 60).at
        assert after["due_at"] > before["due_at"]
        page = await status_page(client, receipt)
        assert STATUS.search(page)[1] is None  # type: ignore[index]
        assert f"{clock.local(after['due_at']).month}月{clock.local(after['due_at']).day}日" in page
        async with house.signed_in(client, "unit_handler", unit="130403"):
            theirs = await house.get(client, f"/cases/{receipt.number}")
            assert f"{clock.local(after['due_at']):%m-%d %H:%M}" in theirs
        async with db.reading() as connection:
            last = await connection.fetchrow(
                "SELECT e.kind, e.actor_kind, e.data::text FROM case_event e JOIN cases c ON c.id = e.case_id "
                "WHERE c.number = $1 ORDER BY e.seq DESC LIMIT 1", receipt.number,
            )  # fmt: skip
        assert (last["kind"], last["actor_kind"]) == ("promised", "system")
        assert (await rebuild.rebuild(check=True)).different == 0


async def test_summer_hours_move_what_is_due_from_that_day_on_and_a_broken_rule_is_named(
    client: httpx.AsyncClient,
) -> None:
    day = date(2026, 11, 30)
    with clock.at(clock.on(date(2026, 11, 25), 15)):
        receipt = await b.a_case("dispatched", **STD5)
        before = await clocks_of(receipt.number)
        async with house.signed_in(client, "admin", unit="HOT"):
            for hours, rule in (
                ("09:00-13:00 12:00-18:00", "两个时段重叠"), ("", "至少要有一个时段"),
                ("12:00-09:00", "结束要晚于它的开始"),
            ):
                refused = await house.post(client, HOURS, {"valid_from": str(day), "hours": hours, "step": "preview"})
                assert refused.status_code == 422
                assert rule in refused.text
            past = await house.post(client, HOURS, {"valid_from": "2026-11-02", "hours": "09:00-17:00"})
            assert (past.status_code, "过去的上班时间不能改" in past.text) == (422, True)
            await put_in_force(client, HOURS, {"valid_from": str(day), "hours": "9：00-12：00，14：30至17：30"})
        await recompute.run()
        after = await clocks_of(receipt.number)
        assert after["130403", "sign_off"]["due_at"] == before["130403", "sign_off"]["due_at"], "due before that day"
        assert before["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 2), 18)
        assert after["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 2), 17, 30)
        async with house.signed_in(client, "admin", unit="HOT"):
            assert "09:00-12:00 14:30-17:30" in await house.get(client, HOURS)
            taken = await house.post(client, f"{HOURS}/drop", {"valid_from": str(day)}, page=HOURS)
            assert taken.status_code == 303, taken.text[:2000]
        await recompute.run()
        assert (await clocks_of(receipt.number))["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 2), 18)


async def test_shorter_hours_that_begin_today_break_no_promise_that_ends_today(client: httpx.AsyncClient) -> None:
    day = date(2026, 11, 25)
    with clock.at(clock.on(date(2026, 11, 24), 10)):
        receipt = await b.a_case("dispatched", **STD5)
        assert (await clocks_of(receipt.number))["130403", "sign_off"]["due_at"] == clock.on(day, 18)
    with clock.at(clock.on(day, 16)):
        async with house.signed_in(client, "admin", unit="HOT"):
            await put_in_force(client, HOURS, {"valid_from": str(day), "hours": "09:00-12:00"})
        await recompute.run()
        after = await clocks_of(receipt.number)
        assert after["130403", "sign_off"]["due_at"] == clock.on(day, 18), "noon is over: nobody could keep it"
        assert after["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 1), 12)
    async with db.atomic() as connection:  # hours that hold are not taken back on the page
        await city_calendar.drop_hours(connection, "", day)
    await city.refresh()


async def test_a_county_with_its_own_holiday_moves_its_units_clocks_and_nobody_elses(client: httpx.AsyncClient) -> None:
    with clock.at(clock.on(date(2026, 11, 25), 15)):
        here = await b.a_case("dispatched", **STD5)
        there = await b.a_case("dispatched", **STD5, county="130404", place="复兴区前进大街")
        assert ("130404", "finish") in await clocks_of(there.number)
        form = {
            "first": "2026-11-27", "kind": "rest", "name_zh": "建区纪念", "name_en": "Founding day", "where": "130403"
        }
        async with house.signed_in(client, "admin", unit="HOT"):
            seen = await put_in_force(client, "/admin/calendar", form)
            assert here.number in seen
            assert there.number not in seen
            assert 'title="建区纪念"' in await house.get(client, "/admin/calendar?where=130403&year=2026")
            assert 'title="建区纪念"' not in await house.get(client, "/admin/calendar?year=2026")
        await recompute.run()
        assert (await clocks_of(here.number))["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 3), 18)
        assert (await clocks_of(there.number))["130404", "finish"]["due_at"] == clock.on(date(2026, 12, 2), 18)
        thursday, night = clock.on(date(2026, 11, 26), 18), clock.on(date(2026, 11, 26), 22)
        assert reminding.day_after(thursday, "130403") == clock.on(date(2026, 11, 30), 9)
        assert reminding.day_after(thursday, "130404") == clock.on(date(2026, 11, 27), 9)
        assert staff_hours.permitted(night, "", "130403") == clock.on(date(2026, 11, 30), 8)
        assert staff_hours.permitted(night, "", "130404") == clock.on(date(2026, 11, 27), 8)
        later = await b.a_case("dispatched", **STD5)
        assert (await clocks_of(later.number))["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 3), 18)
        async with house.signed_in(client, "admin", unit="HOT"):
            await put_in_force(client, "/admin/calendar", {"first": "2026-11-27", "kind": "work", "where": "130403"})
        await recompute.run()
        assert (await clocks_of(later.number))["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 2), 18)


async def rest_day(client: httpx.AsyncClient, day: date, kind: str = "rest") -> None:
    """The city makes a day a rest day (or takes that back), and the worker has reckoned."""
    form = {"first": str(day), "kind": kind, "name_zh": "检修", "name_en": "Works"}
    async with house.signed_in(client, "admin", unit="HOT"):
        await put_in_force(client, "/admin/calendar", form)
    await recompute.run()


async def test_what_stands_still_or_was_extended_is_reckoned_in_the_light_of_its_history(
    client: httpx.AsyncClient,
) -> None:
    with clock.at(clock.on(date(2026, 11, 24), 10)):
        receipt = await b.a_case("signed", **STD5)
    with clock.at(clock.on(date(2026, 11, 25), 10)):
        async with work(SYSTEM) as w:
            file = await ledger.opened(w, number=receipt.number)
            row = next(row for row in await clocks.of_case(w, file) if row.stage == "finish")
            row.history = history.written([history.Extension(2, "wd", "city")])
            pausing.reckon(row)
            await pausing.pause(w, file, cause="suspended", stages=("finish",))
            await clocks.show_next(w, file)
        assert (await clocks_of(receipt.number))["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 3), 18)
        await rest_day(client, date(2026, 11, 30))
        stood = (await clocks_of(receipt.number))["130403", "finish"]
        assert stood["due_at"] == clock.on(date(2026, 12, 4), 18)
        assert stood["paused_at"] is not None
    with clock.at(clock.on(date(2026, 11, 27), 10)):
        async with work(SYSTEM) as w:
            file = await ledger.opened(w, number=receipt.number)
            await pausing.resume(w, file, cause="suspended")
            await clocks.show_next(w, file)
        assert (await clocks_of(receipt.number))["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 8), 18)
        await rest_day(client, date(2026, 11, 30), "work")
        assert (await clocks_of(receipt.number))["130403", "finish"]["due_at"] == clock.on(date(2026, 12, 7), 18)


async def test_where_the_calendar_puts_a_co_handler_behind_a_warned_lead_the_lead_follows(
    client: httpx.AsyncClient,
) -> None:
    with clock.at(clock.on(date(2026, 11, 24), 10)):
        receipt = await b.a_case("signed", **STD5)
        await b.act("dispatcher", receipt.number, verbs.add_co_handler, unit="CGB", profile="STD5")
        now = await clocks_of(receipt.number)
        assert now["CGB", "finish"]["due_at"] <= now["130403", "finish"]["due_at"]
        async with db.reading() as connection:
            await connection.execute(
                "UPDATE clock SET warned_at = $2 WHERE id = $1", now["130403", "finish"]["id"], clock.now()
            )
        for day in (25, 26, 27):
            await rest_day(client, date(2026, 11, day))
        then = await clocks_of(receipt.number)
        assert then["CGB", "finish"]["due_at"] > now["130403", "finish"]["due_at"]
        assert then["CGB", "finish"]["due_at"] <= then["130403", "finish"]["due_at"]
        assert (await rebuild.rebuild(check=True)).different == 0
        for day in (25, 26, 27):
            await rest_day(client, date(2026, 11, day), "work")


@pytest.mark.usefixtures("_host_elsewhere")
async def test_a_host_with_another_clock_and_time_zone_changes_no_due_date(client: httpx.AsyncClient) -> None:
    moment = clock.on(date(2026, 2, 13), 10)
    with clock.at(moment):
        receipt = await b.a_case("dispatched", **STD5)
    made = await clocks_of(receipt.number)
    assert made["130403", "finish"]["due_at"] == clock.on(date(2026, 2, 27), 18)
    async with db.atomic() as connection:
        await recompute.note(connection, SYSTEM, date(2026, 2, 13), date(2026, 3, 1))
    for wrong in (moment + timedelta(hours=9), datetime.fromisoformat("2031-05-01T00:00+00:00")):
        with clock.at(wrong):
            assert await recompute.run() == 0
    assert {k: r["due_at"] for k, r in (await clocks_of(receipt.number)).items()} == {
        k: r["due_at"] for k, r in made.items()
    }
