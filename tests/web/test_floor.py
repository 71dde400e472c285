"""The seat, the call backs, the floor and its figures through HTTP, with every page checked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from channels import phones, ringing, tapes, voice
from hotline import clock, db
from tests.builders import a_case
from tests.engines import Place
from tests.phones import FakePhones
from tests.web import house

CITIZEN = "13800000042"


@pytest.fixture(autouse=True)
async def carrier(database: Place) -> AsyncIterator[FakePhones]:
    """A carrier made of memory and an empty floor."""
    one = FakePhones()
    phones.use(one)
    async with db.atomic() as connection:
        for table in ("recording", "callback_task", "transfer_record", "call_event", "seat", "seat_log", "call"):
            await connection.execute(f"DELETE FROM {table}")
    yield one
    phones.use(None)


async def a_call(number: str = CITIZEN) -> tuple[str, UUID]:
    """A call in the queue."""
    provider_id = f"CA{uuid4().hex}"
    script = await voice.arrived(voice.Arriving(provider_id=provider_id, caller=number, dialled="12319"))
    assert script.call is not None
    await voice.waiting(script.call)
    return provider_id, script.call


async def value(sql: str, *args: object) -> object:
    """One value of the database."""
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


async def talk(client: httpx.AsyncClient) -> tuple[str, UUID]:
    """Who is signed in is ready and speaks with somebody."""
    await house.post(client, "/seat/ready", {"phone": "8001"})
    provider_id, call = await a_call()
    await ringing.ring()
    await voice.picked_up(call, str(await value("SELECT leg FROM call WHERE id = $1", call)))
    return provider_id, call


async def test_nobody_is_ready_without_a_telephone_and_the_page_says_why(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent"):
        assert "还没写话机号码" in await house.get(client, "/seat")
        answer = await house.post(client, "/seat/ready")
        assert answer.status_code == 422
        assert "先写话机号码" in answer.text
        assert (await house.post(client, "/seat/phone", {"phone": "abc"})).status_code == 422
        assert (await house.post(client, "/seat/ready", {"phone": "8001"})).status_code == 303
        assert "就绪" in await house.get(client, "/seat")
        assert (await house.post(client, "/seat/pause", {"reason": "nonsense"})).status_code == 422
        assert (await house.post(client, "/seat/pause", {"reason": "meal"})).status_code == 303
        assert "用餐" in await house.get(client, "/seat")
        assert "meal" in await house.get(client, "/seat?lang=en")
        await house.get(client, "/seat?lang=zh")


async def test_the_bar_stands_on_every_page_of_those_who_take_calls_only(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent") as person:
        page = await house.get(client, "/desk")
        assert 'id="r-seat"' in page
        assert f"seat.{person}" in page
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert 'id="r-seat"' not in await house.get(client, "/work")
        assert (await client.get("/seat")).status_code == 403


async def test_a_ring_shows_the_line_its_greeting_and_a_masked_number_and_the_call_the_whole(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "agent"):
        await house.post(client, "/seat/ready", {"phone": "8001"})
        _, call = await a_call()
        await ringing.ring()
        bar = await house.htmx(client, "/seat", "r-seat")
        assert "12319" in bar
        assert "请讲" in bar
        assert CITIZEN not in bar
        assert "138****0042" in bar
        assert f'href="/desk?call={call}" data-key="F2"' in bar
        await voice.picked_up(call, str(await value("SELECT leg FROM call WHERE id = $1", call)))
        assert CITIZEN in await house.htmx(client, "/seat", "r-seat")


async def test_f2_opens_the_desk_prefilled_and_the_case_belongs_to_the_call(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent"):
        provider_id, call = await talk(client)
        page = await house.get(client, f"/desk?call={call}")
        assert f'value="{CITIZEN}"' in page
        assert '<option value="12319" selected>' in page
        sent = {"call": str(call), "words": "和平路路灯不亮。", "matter": "020201", "county": "130403",
                "phone": CITIZEN, "line": "12319", "outcome": "accept"}  # fmt: skip
        answer = await house.post(client, "/desk", sent, page="/desk")
        assert answer.status_code == 303, answer.text
        assert await value("SELECT settled FROM call WHERE id = $1 AND case_id IS NOT NULL", call) == "case"
        await voice.told(provider_id, "completed")
        assert "已登记" in await house.htmx(client, "/seat", "r-seat")
        assert (await house.post(client, "/seat/ready")).status_code == 303


async def test_another_agents_call_opens_nobodys_desk(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent"):
        _, call = await talk(client)
    async with house.signed_in(client, "agent"):
        answer = await client.get(f"/desk?call={call}")
        assert answer.status_code == 404
        assert CITIZEN not in answer.text
        sent = {"call": str(call), "words": "别人的电话。", "matter": "020201", "county": "130403",
                "phone": "13800000001", "outcome": "accept"}  # fmt: skip
        await house.post(client, "/desk", sent, page="/desk")
        assert await value("SELECT case_id FROM call WHERE id = $1", call) is None


@pytest.mark.requirement("004-03")
async def test_f8_on_the_desk_during_a_call_transfers_it_without_a_case(
    client: httpx.AsyncClient, carrier: FakePhones
) -> None:
    async with house.signed_in(client, "agent"):
        _, call = await talk(client)
        before = await value("SELECT count(*) FROM cases")
        answer = await house.post(client, "/desk", {"call": str(call), "emergency": "119"}, page="/desk")
        assert answer.headers["location"] == "/seat"
        assert carrier.redirected[-1][1:3] == ("emergency", call)
        assert await value("SELECT count(*) FROM cases") == before
        assert await value("SELECT target FROM transfer_record WHERE call = $1", call) == "119"
    async with house.signed_in(client, "shift_supervisor"):
        assert "119" in await house.get(client, "/floor")


async def test_f8_pressed_twice_is_one_transfer_and_no_case(client: httpx.AsyncClient, carrier: FakePhones) -> None:
    async with house.signed_in(client, "agent"):
        _, call = await talk(client)
        before = await value("SELECT count(*) FROM cases")
        for _ in range(2):
            answer = await house.post(client, "/desk", {"call": str(call), "emergency": "110"}, page="/desk")
            assert answer.headers["location"] == "/seat"
        assert len(carrier.redirected) == 1
        assert await value("SELECT count(*) FROM cases") == before
        assert await value("SELECT count(*) FROM transfer_record WHERE call = $1", call) == 1


async def test_a_call_whose_end_was_lost_is_ended_from_the_strip(
    client: httpx.AsyncClient, carrier: FakePhones
) -> None:
    async with house.signed_in(client, "agent"):
        answer = await house.post(client, "/seat/over")
        assert answer.status_code == 422
        assert "现在没有通话可结束" in answer.text
        provider_id, _ = await talk(client)
        assert 'id="seat-over"' in await house.htmx(client, "/seat", "r-seat")
        assert (await house.post(client, "/seat/over")).status_code == 303
        assert provider_id in carrier.hung_up
        assert "整理" in await house.htmx(client, "/seat", "r-seat")


async def test_who_signs_out_takes_no_calls_any_more(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent") as person:
        await house.post(client, "/seat/ready", {"phone": "8001"})
        await house.post(client, "/sign-out")
        assert await value("SELECT state FROM seat WHERE person = $1", person) == "offline"
    async with house.signed_in(client, "agent") as person:
        await house.post(client, "/sign-out")
        assert await value("SELECT count(*) FROM seat WHERE person = $1", person) == 0


async def test_a_wrap_up_asks_for_its_outcome_and_keys_add_time(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent"):
        provider_id, _ = await talk(client)
        await voice.told(provider_id, "completed")
        answer = await house.post(client, "/seat/ready")
        assert answer.status_code == 422
        assert "先选这一通的结果" in answer.text
        assert (await house.post(client, "/seat/wrap-up", is_htmx=True)).status_code == 200
        assert (await house.post(client, "/seat/ready", {"settled": "silent"})).status_code == 303
        assert await value("SELECT settled FROM call WHERE provider_id = $1", provider_id) == "silent"


async def test_call_backs_are_listed_taken_dialled_and_settled(client: httpx.AsyncClient, carrier: FakePhones) -> None:
    async with house.signed_in(client, "agent"):
        assert "没有要回拨的" in await house.get(client, "/callbacks")
        provider_id, _ = await a_call()
        await voice.told(provider_id, "completed")
        page = await house.get(client, "/callbacks")
        assert "138****0042" in page
        assert CITIZEN not in page
        task = await value("SELECT id FROM callback_task")
        assert (await house.post(client, f"/callbacks/{task}/claim")).status_code == 303
        answer = await house.post(client, f"/callbacks/{task}/call")
        assert answer.status_code == 422
        assert "话机号码" in answer.text
        assert (await house.post(client, f"/callbacks/{task}/call", {"own_phone": "8001"})).status_code == 303
        await ringing.ring()
        assert carrier.last[:2] == ("8001", "out")
        assert "登记诉求" in await house.get(client, "/callbacks")
    async with house.signed_in(client, "agent"):
        answer = await house.post(client, f"/callbacks/{task}/outcome", {"outcome": "reached"})
        assert answer.status_code == 422
        assert "同事已经认领" in answer.text
        assert (await house.post(client, f"/callbacks/{uuid4()}/claim")).status_code == 404


async def test_the_floor_shows_seats_waiting_and_says_its_formula(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "shift_supervisor", name="赵班长"):
        empty = await house.get(client, "/floor")
        assert "没有人在席" in empty
        assert "GB/T 33358-2016" in empty
        provider_id, _ = await talk(client)
        await a_call("13800000043")
        page = await house.get(client, "/floor")
        assert "赵班长" in page
        assert "通话中" in page
        assert "12319" in page
        await voice.told(provider_id, "completed")
        assert "100.0%" in await house.get(client, "/floor")
        figures = await house.get(client, "/floor/figures")
        assert "1/1 (1)" in figures
        assert "answered ÷ calls" in await house.get(client, "/floor/figures?lang=en")
        await house.get(client, "/floor/figures?lang=zh")
        table = await client.get(f"/floor/figures.csv?day={clock.today()}")
        assert table.text.count("\r\n") == 2
        assert "城建（城管）服务热线" in table.text
        old = clock.today() - timedelta(days=400)
        assert "没有来电记录" in await house.get(client, f"/floor/figures?day={old}")
        for day in ("nonsense", "0001-01-01", "9999-12-31"):
            await house.get(client, f"/floor/figures?day={day}")
    async with house.signed_in(client, "agent"):
        for path in ("/floor", "/floor/figures", "/floor/figures.csv", "/recordings"):
            assert (await client.get(path)).status_code == 403
        assert "今天还没有接听记录" in await house.get(client, "/floor/mine")


async def test_a_return_visit_is_dialled_through_the_centre_and_a_stranger_gets_nothing(
    client: httpx.AsyncClient, carrier: FakePhones
) -> None:
    receipt = await a_case("callback", phone=CITIZEN)
    async with house.signed_in(client, "callback"):
        page = await house.get(client, f"/visits/{receipt.number}")
        assert "经热线通话" in page
        answer = await house.post(client, f"/visits/{receipt.number}/call", {"own_phone": "8009"})
        assert answer.status_code == 303
        await ringing.ring()
        assert carrier.last[:2] == ("8009", "out")
        page = (await client.get(f"/visits/{receipt.number}")).text
        assert CITIZEN not in page
        assert "您已认领" in page, "whoever calls has them, so that no colleague does"
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        answer = await house.post(client, f"/cases/{receipt.number}/call", {"own_phone": "8010"})
        assert answer.status_code == 404
    assert await value("SELECT count(*) FROM act WHERE kind = 'call_made'")


async def test_a_unit_without_its_own_telephone_is_asked_for_it(client: httpx.AsyncClient) -> None:
    receipt = await a_case("signed", phone=CITIZEN)
    async with house.signed_in(client, "unit_handler", unit="130403"):
        answer = await house.post(client, f"/cases/{receipt.number}/call")
        assert answer.headers["location"] == f"/cases/{receipt.number}"
        page = await house.get(client, f"/cases/{receipt.number}")
        assert "先写您的话机号码" in page
        assert CITIZEN not in page


async def test_without_a_carrier_the_floor_says_so(client: httpx.AsyncClient) -> None:
    phones.use(None)
    async with house.signed_in(client, "shift_supervisor"):
        assert "没有接通运营商" in await house.get(client, "/floor")


async def test_an_agents_own_figures(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent"):
        provider_id, _ = await talk(client)
        await voice.told(provider_id, "completed")
        await house.post(client, "/seat/ready", {"settled": "answered"})
        assert "今天的时间" in await house.get(client, "/floor/mine")


async def test_recordings_are_played_by_the_centre_never_by_a_unit_and_each_playing_is_noted(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "agent"):
        provider_id, call = await talk(client)
        sent = {"call": str(call), "words": "和平路路灯不亮。", "matter": "020201", "county": "130403",
                "phone": CITIZEN, "outcome": "accept"}  # fmt: skip
        await house.post(client, "/desk", sent, page="/desk")
        await voice.told(provider_id, "completed")
    await tapes.made(call, f"RE{uuid4().hex}", 9)
    await tapes.fetch_all()
    tape = await value("SELECT id FROM recording WHERE call = $1", call)
    number = await value("SELECT k.number FROM call c JOIN cases k ON k.id = c.case_id WHERE c.id = $1", call)
    async with house.signed_in(client, "auditor"):
        assert f"/recordings/{tape}" in await house.get(client, "/recordings")
        assert f"/recordings/{tape}" in await house.htmx(client, f"/cases/{number}/recordings", "r-recordings")
        assert "r-recordings" in await house.get(client, f"/cases/{number}")
        answer = await client.get(f"/recordings/{tape}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
        assert answer.headers["cache-control"] == "no-store"
    assert (
        await value("SELECT count(*) FROM act WHERE kind = 'recording_played' AND subject = $1", f"recording:{tape}")
        == 1
    )
    for role, unit in (("unit_handler", "130403"), ("agent", ""), ("supervisor", "")):
        async with house.signed_in(client, role, unit=unit):
            assert (await client.get(f"/recordings/{tape}")).status_code == 403
    async with house.signed_in(client, "auditor"):
        assert (await client.get(f"/recordings/{uuid4()}")).status_code == 404


async def test_a_recording_of_a_report_is_for_those_who_work_on_reports(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent"):
        _, call = await talk(client)
        sent = {"call": str(call), "words": "举报一家企业偷排。", "kind": "report", "matter": "020201",
                "county": "130403", "phone": CITIZEN, "summary": "有人反映偷排。", "outcome": "accept"}  # fmt: skip
        answer = await house.post(client, "/desk", sent, page="/desk")
        assert answer.status_code == 303, answer.text
    await tapes.made(call, f"RE{uuid4().hex}", 9)
    await tapes.fetch_all()
    tape = await value("SELECT id FROM recording WHERE call = $1", call)
    async with house.signed_in(client, "shift_supervisor"):
        page = await house.get(client, "/recordings")
        assert str(tape) not in page
        assert "138****0042" not in page, "not even masked: it says who reported"
        assert (await client.get(f"/recordings/{tape}")).status_code == 404
    async with house.signed_in(client, "auditor"):
        assert "138****0042" in await house.get(client, "/recordings")
        assert (await client.get(f"/recordings/{tape}")).status_code == 200
