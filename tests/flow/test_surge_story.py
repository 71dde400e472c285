"""Surge mode from the switch to its end: callers, web, WeChat, desks and people off duty hear of it; all is logged."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from channels import phones, shift_due, staffing, surge, voice
from hotline import city, clock, db
from tests.engines import Place
from tests.web import house, seats

SAID = "今天大雪，来电集中，不急的事请在网上反映。"
FORM = {
    "why": "weather", "words": "全市大雪，供暖和道路来电集中。", "hours": "2", "greeting_zh": SAID,
    "greeting_en": "Heavy snow: please write on the web.", "lines": "12319", "matters": "0202",
    "script_zh": "已知情况，只记地址。", "script_en": "Known; take the address only.",
}  # fmt: skip


async def value(sql: str, *args: object) -> object:
    """One value of the database."""
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


async def caller() -> phones.Script:
    """Somebody dials 12345 and stands in the queue."""
    number = f"138000{uuid4().int % 100000:05}"
    script = await voice.arrived(voice.Arriving(provider_id=f"CA{uuid4().hex}", caller=number, dialled="12345"))
    assert script.call is not None
    return script


async def it_is_switched_on(client: httpx.AsyncClient, supervisor: UUID) -> None:
    """Refused by the rules, then on, once; whoever is off duty is called, and it is logged."""
    async with seats.at(client, supervisor):
        answer = await house.post(client, "/shift/surge", {**FORM, "hours": "13", "matters": "9x", "why": ""})
        assert answer.status_code == 422
        assert SAID in answer.text, "the form comes back filled in"
        assert (await house.post(client, "/shift/surge", {**FORM, "hours": "13"})).status_code == 422
        assert (await house.post(client, "/shift/surge", FORM)).status_code == 303
        assert (await house.post(client, "/shift/surge", FORM)).status_code == 409, "one at a time"
        await house.post(client, "/shift/surge/call-in")
        page = await house.get(client, "/shift/surge")
        assert "钱休息 · 还没回复" in page
        assert "开高峰模式" in page, "it is logged"
        assert "高峰模式开着" in await house.get(client, "/floor")


async def callers_hear_of_it() -> None:
    """The announcement before the line's greeting, and about how long they wait."""
    first = await caller()
    assert first.says[1] == SAID, "the announcement comes before the line's own greeting"
    second = await caller()
    for one in (first, second):
        assert one.call is not None
        told = await voice.waiting(one.call)
    assert "大约要等" in told.says[0]


@pytest.mark.requirement("001-08")
async def test_surge_mode_is_switched_on_heard_everywhere_and_ends(client: httpx.AsyncClient, database: Place) -> None:
    off_duty, supervisor = await seats.person("agent", name="钱休息"), await seats.person("shift_supervisor")
    async with seats.at(client, off_duty):
        await house.post(client, "/seat/on-call", {"is_willing": "yes"})
        assert not (await house.htmx(client, "/surge")).strip(), "nothing on other days"
    assert SAID not in (await client.get("/")).text
    await it_is_switched_on(client, supervisor)
    await callers_hear_of_it()
    home = (await client.get("/")).text
    assert SAID in home
    assert "大约要等" in home.replace("打电话现在", "")
    assert await surge.added("请说发生了什么") == f"请说发生了什么\n{SAID}\n{FORM['greeting_en']}"
    async with seats.at(client, off_duty):
        strip = await house.htmx(client, "/surge")
        assert "12319" in strip
        assert "0202 " in strip
        assert city.current().matters["020201"].l2_zh in strip, "agents know matters by name"
        assert "只记地址" in strip
        assert "来电高峰" in await house.get(client, "/reminders")
        await house.post(client, "/seat/called-in", {"answer": "yes"})
        assert "您答应来支援" in await house.get(client, "/seat")
    async with seats.at(client, supervisor):
        assert "能来" in await house.get(client, "/shift/surge")
        await house.post(client, "/shift/surge/more", {"more": "3"})
    with clock.at(clock.now() + timedelta(hours=2, minutes=40)):
        assert await shift_due.sweep() == 1, "supervisors are reminded before its end, once"
        assert await shift_due.sweep() == 0
    told_of = "SELECT count(*) FROM staff_notice WHERE kind = 'surge_ends' AND person_id = $1"
    assert await value(told_of, supervisor) == 1
    with clock.at(clock.now() + timedelta(hours=3, minutes=1)):
        assert (await caller()).says[1] != SAID, "past its end nobody hears it, job or no job"
        assert await shift_due.sweep() >= 1
    assert await value("SELECT off_at = until FROM surge") is True, "it was over then, not when the job came"
    kinds = await value("SELECT array_agg(kind ORDER BY seq) FROM act WHERE subject LIKE 'surge:%'")
    assert kinds == ["surge_on", "surge_called_in", "surge_prolonged", "surge_ended"]
    async with seats.at(client, off_duty):
        answer = await house.post(client, "/seat/called-in", {"answer": "no"})
        assert "不用来了" in answer.text


async def test_it_is_switched_off_with_a_reason_and_suggested_by_the_figures_only(
    client: httpx.AsyncClient, database: Place
) -> None:
    async with db.atomic() as connection:
        await connection.execute("UPDATE call SET state = 'ended', ended_at = now(), outcome = 'abandoned'"
                                 " WHERE state <> 'ended'")  # fmt: skip
    async with seats.taken(client, "shift_supervisor"):
        assert "surge-suggested" not in await house.get(client, "/floor")
        for _ in range(10):
            script = await caller()
            assert script.call is not None
            await voice.waiting(script.call)
        assert "考虑开高峰模式" in await house.get(client, "/floor")
        assert await value("SELECT count(*) FROM surge WHERE off_at IS NULL") == 0, "never by itself"
        await house.post(client, "/shift/surge", FORM)
        assert (await house.post(client, "/shift/surge/off", {})).status_code == 422
        assert (await house.post(client, "/shift/surge/off", {"reason": "雪停了，来电回落。"})).status_code == 303
        assert "雪停了" in await house.get(client, "/shift/surge")
        assert (await house.post(client, "/shift/surge/off", {"reason": "再关一次"})).status_code == 409
    assert SAID not in (await caller()).says


async def test_the_forecast_reads_the_same_hour_of_past_weeks(database: Place) -> None:
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    async with db.atomic() as connection:
        await connection.execute(
            """INSERT INTO call (id, direction, purpose, line, state, outcome,
                started_at, queued_at, answered_at, ended_at)
            SELECT gen_random_uuid(), 'in', 'call', '12345', 'ended', 'answered',
                at, at, at, at + interval '170 seconds'
            FROM generate_series(1, 2) w, generate_series(1, 60) n,
            LATERAL (SELECT $1::timestamptz - w * interval '7 days' + n * interval '50 seconds' AS at) t""", hour,
        )
        found = await staffing.forecast(connection)
    first = found.hours[0]
    assert (first.calls, first.weeks) == (60, 2)
    assert first.seats == staffing.needed(60, found.call_s, within=15, share=0.8) > 0
