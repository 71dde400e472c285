"""A whole call, from the provider's signed request to the figures: real web process, real worker, stand-in Twilio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from hotline import city_verbs, db
from tests import engines as stage
from tests import standins
from tests.visitor import Visitor

PUBLIC = "https://hotline.example.gov.cn"
CITIZEN = "13800000077"


class House:
    """The served hotline, the stand-in, and visitors who sign in."""

    def __init__(self, address: str, standin: standins.StandIn) -> None:
        self.address, self.standin = address, standin

    async def visitor(self, login: str) -> Visitor:
        """Somebody signed in."""
        one = Visitor(self.address)
        await one.sign_in(login)
        return one

    async def ready(self, login: str, extension: str) -> Visitor:
        """Somebody at their seat, ready."""
        one = await self.visitor(login)
        await one.open("/seat")
        await one.submit("/seat/phone", phone=extension)
        await one.submit("/seat/ready")
        assert "就绪" in one.text
        return one


async def until(look: Callable[[], Awaitable[Any]], seconds: float = 15.0) -> Any:
    """Wait until ``look`` finds something. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not (found := await look()):  # noqa: ASYNC110 - nobody tells a test when a page changes
            await asyncio.sleep(0.1)
    return found


async def says(one: Visitor, path: str, words: str) -> str:
    """Open the page until it says so."""

    async def look() -> str:
        text = await one.open(path)
        return text if words in text else ""

    return str(await until(look))


async def value(sql: str, *args: object) -> Any:
    """One value of the database."""
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


@pytest.fixture(scope="module")
async def house(database: stage.Place) -> AsyncIterator[House]:
    """Served on this module's database, with the stand-in as its carrier."""
    await city_verbs.set_rule("voice.ring", "600")  # the stand-in's seconds are short, a test's steps are not
    async with standins.opened(public=PUBLIC, tempo=0.05) as standin:
        env = {**database.environment, **standin.environment(), "HOTLINE_PUBLIC_URL": PUBLIC}
        with stage.served(env, database.settings.data_dir / "served.log") as address:
            standin.hotline = address
            yield House(address, standin)


@pytest.mark.requirement("004-02")
async def test_a_call_is_answered_logged_wrapped_up_and_counted(house: House) -> None:
    twilio = house.standin.twilio
    agent = await house.ready("agent", "8001")
    phone = twilio.phone("8001")
    leg = twilio.call(CITIZEN, "12319")
    await leg.until("本次通话将被录音")
    await leg.until("城建（城管）服务热线，请讲")
    ringing = await phone.rings()
    strip = await says(agent, "/seat", "12319")
    assert "138****0077" in strip
    assert CITIZEN not in strip, "the number is whole only during call and wrap-up"
    ringing.pick_up()
    await ringing.until("来电")
    await says(agent, "/seat", CITIZEN)
    call = await value("SELECT id FROM call WHERE state = 'talking'")

    await agent.open(f"/desk?call={call}")
    desk = next(form for form in agent.forms if form.action == "/desk")
    assert desk.fields["phone"] == [CITIZEN]
    assert desk.fields["line"] == ["12319"]
    receipt = await agent.submit(
        "/desk", words="和平路路灯三天不亮。", matter_q="020201", county="130403", name="王女士", outcome="accept"
    )
    assert "请念给诉求人" in receipt, receipt

    leg.hang_up()
    await leg.ended()
    strip = await says(agent, "/seat", "整理")
    assert "已登记" in strip
    await agent.submit("/seat/ready")
    row = await _row(call)
    assert (row["outcome"], row["settled"], row["line"]) == ("answered", "case", "12319")
    assert row["case_line"] == "12319"
    assert row["answer_s"] is not None
    assert row["talk_s"] is not None
    assert row["wrap_s"] is not None

    shift = await house.visitor("shift")
    assert "100.0%" in await shift.open("/floor")
    table = (await shift.client.get("/floor/figures.csv")).text
    assert "12319" in table
    await agent.open("/seat")
    await agent.submit("/seat/offline")


async def _row(call: object) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(
            "SELECT c.*, k.line AS case_line FROM call c JOIN cases k ON k.id = c.case_id WHERE c.id = $1", call
        )


async def test_its_recording_is_played_by_the_auditor_refused_to_the_unit_and_deleted_at_the_provider(
    house: House,
) -> None:
    tape = await until(lambda: value("SELECT id FROM recording WHERE state = 'deleted_at_provider'"), 45)
    assert all(one.is_deleted for one in house.standin.twilio.exchange.recordings.values())
    number = await value("SELECT k.number FROM call c JOIN cases k ON k.id = c.case_id")
    auditor, unit = await house.visitor("audit"), await house.visitor("cgb")
    page = await auditor.client.get(f"/cases/{number}/recordings")
    assert f"/recordings/{tape}" in page.text
    sound = await auditor.client.get(f"/recordings/{tape}")
    assert sound.content.startswith(b"RIFF")
    assert sound.headers["content-type"] == "audio/wav"
    assert await value("SELECT count(*) FROM act WHERE kind = 'recording_played' AND subject = $1", f"recording:{tape}")
    for path in (f"/recordings/{tape}", f"/cases/{number}/recordings", "/recordings"):
        assert (await unit.client.get(path)).status_code == 403, path


async def test_a_missed_call_becomes_a_task_that_is_dialled_and_done(house: House) -> None:
    twilio = house.standin.twilio
    leg = twilio.call("13800000088", "12345")
    await leg.until("下一位就是您")
    leg.hang_up()
    agent = await house.visitor("agent")
    await says(agent, "/callbacks", "138****0088")
    task = next(form.action.split("/")[2] for form in agent.forms if form.action.endswith("/claim"))
    await agent.submit("/claim")
    citizen, own = twilio.phone("13800000088", answers_after=1), twilio.phone("8001")
    await agent.submit(f"/callbacks/{task}/call")
    assert "接起后自动接通对方" in agent.text
    ringing = await own.rings()
    ringing.pick_up()
    await ringing.until("[talk] 13800000088")
    assert "正在为您接通工作人员" in " ".join(citizen.last.transcript)
    assert citizen.last.caller == house.standin.credentials.twilio_number, "the centre's number is shown"
    citizen.last.hang_up()
    await ringing.ended()
    await says(agent, "/callbacks", "我认领的")
    await agent.submit(f"/callbacks/{task}/outcome", outcome="reached")
    assert await value("SELECT state FROM callback_task WHERE id = $1::text::uuid", task) == "done"
    assert await value("SELECT first_at <= due_at FROM callback_task WHERE id = $1::text::uuid", task)


@pytest.mark.requirement("004-03")
async def test_an_emergency_is_with_110_at_once_on_record_and_no_case(house: House) -> None:
    twilio = house.standin.twilio
    before = await value("SELECT count(*) FROM cases")
    agent = await house.ready("agent", "8001")
    police = twilio.phone("110", answers_after=1)
    leg = twilio.call("13800000099", "12345")
    ringing = await twilio.phone("8001").rings()
    ringing.pick_up()
    await says(agent, "/seat", "13800000099")
    call = await value("SELECT id FROM call WHERE state = 'talking'")
    await agent.open(f"/desk?call={call}")
    await agent.submit("/desk", emergency="110")
    assert "没有登记成件" in agent.text
    await leg.until("[talk] 110")
    assert police.last.transcript[-1] == "[talk] 13800000099" or "[talk]" in police.last.transcript[-1]
    assert ringing.is_over or await ringing.ended()
    assert not leg.is_over, "the caller stays with 110 when the agent is out"
    police.last.hang_up()
    await leg.ended()
    assert await value("SELECT target FROM transfer_record WHERE call = $1", call) == "110"
    assert await until(lambda: value("SELECT code FROM transfer_record WHERE call = $1", call)) == "completed"
    assert await value("SELECT count(*) FROM cases") == before
    await agent.open("/seat")
    await agent.submit("/seat/ready")


async def test_three_speak_in_one_room(house: House) -> None:
    twilio = house.standin.twilio
    agent = await house.visitor("agent")
    doctor = twilio.phone("120", answers_after=1)
    leg = twilio.call("13800000066", "12345")
    ringing = await twilio.phone("8001").rings()
    ringing.pick_up()
    await says(agent, "/seat", "13800000066")
    await agent.submit("/seat/transfer", target="120", is_three_way="yes")
    room = f"room-{await value('SELECT id FROM call WHERE room <> $1', '')}"
    for one in (leg, ringing):
        await one.until(f"[talk] {room}")
    await until(lambda: _true(bool(doctor.legs)))
    await doctor.last.until(f"[talk] {room}")
    ringing.hang_up()
    await ringing.ended()
    assert not leg.is_over
    leg.hang_up()
    await leg.ended()
    await doctor.last.ended()
    assert await value("SELECT kind FROM transfer_record WHERE target = '120'") == "three_way"
    await says(agent, "/seat", "整理")
    await agent.submit("/seat/ready")
    await agent.submit("/seat/offline")


async def _true(found: object) -> object:
    return found


async def test_a_unit_speaks_with_the_citizen_and_never_sees_the_number(house: House) -> None:
    twilio = house.standin.twilio
    number = await value("SELECT k.number FROM call c JOIN cases k ON k.id = c.case_id WHERE c.line = '12319'")
    unit = await house.visitor("congtai")
    text = await unit.open(f"/cases/{number}")
    assert "经热线通话" in text
    await unit.submit("/sign-off")
    await unit.open(f"/cases/{number}")
    citizen = twilio.phone(CITIZEN, answers_after=1)
    await unit.submit(f"/cases/{number}/call", own_phone="8050001")
    assert "接起后自动接通诉求人" in unit.text
    assert CITIZEN not in unit.page.text
    ringing = await twilio.phone("8050001").rings()
    ringing.pick_up()
    await ringing.until("[talk]")
    citizen.last.hang_up()
    await ringing.ended()
    text = await says(unit, f"/cases/{number}", "经热线")
    assert await until(
        lambda: value(
            "SELECT count(*) FROM case_event e JOIN cases k ON k.id = e.case_id"
            " WHERE k.number = $1 AND e.kind = 'contacted'",
            number,
        )
    )
