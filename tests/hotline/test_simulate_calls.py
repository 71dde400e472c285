"""The stand-in's telephone exchange: TwiML is done as it says, and everybody who wants to know is told."""

from __future__ import annotations

import asyncio

import pytest

from hotline.simulate.standin import StandIn
from tests.hotline.test_simulate import CALLBACK, MAN, PUBLIC, Hotline, api, hotline, standin

__all__ = ["hotline", "standin"]
VOICE = "/hooks/twilio/voice"
DESK = "8001"


def twiml(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'


async def test_a_call_hears_what_is_said_and_its_keys_come_back(standin: StandIn, hotline: Hotline) -> None:
    hotline.answers[VOICE] = twiml(
        '<Say language="zh-CN">您好，这里是12345。</Say><Gather numDigits="1" action="/menu"><Say>投诉请按1。</Say>'
        "</Gather><Say>没有听到。</Say>"
    )
    hotline.answers["/menu"] = lambda form: twiml(f"<Say>您按了{form['Digits']}</Say><Hangup/><Say>听不到</Say>")
    call = standin.twilio.call(MAN)
    await call.until("投诉请按1")
    call.press("1")
    assert await call.ended() == "completed"
    assert [line for line in call.transcript if not line.startswith("[")] == [
        "您好，这里是12345。", "投诉请按1。", "您按了1",
    ]  # fmt: skip
    await standin.settle()
    assert hotline.forms(VOICE)[0]["CallStatus"] == "ringing"
    [done] = hotline.forms("/hooks/twilio/status")
    assert done["CallStatus"] == "completed"
    assert done["CallSid"] == call.sid
    assert all(hotline.is_signed(ask) for ask in hotline.heard)


async def test_nobody_presses_anything_and_the_next_verb_comes(standin: StandIn, hotline: Hotline) -> None:
    hotline.answers[VOICE] = twiml('<Gather timeout="1" action="/menu"/><Say>没有听到。</Say>')
    call = standin.twilio.call(MAN)
    await call.ended()
    assert "没有听到。" in call.transcript
    assert not hotline.forms("/menu")


async def test_a_queue_plays_music_until_an_agent_takes_the_caller(standin: StandIn, hotline: Hotline) -> None:
    hotline.answers |= {
        VOICE: twiml('<Enqueue waitUrl="/wait" action="/left">agents</Enqueue>'),
        "/wait": lambda form: twiml(f"<Say>第{form['QueuePosition']}位</Say><Pause length='1'/>"),
        "/left": lambda form: twiml(f"<Say>{form['QueueResult']}</Say>"),
        "/desk": twiml('<Dial record="record-from-answer" recordingStatusCallback="/r"><Queue>agents</Queue></Dial>'),
    }
    call = standin.twilio.call(MAN)
    await call.until("第1位")
    desk = standin.twilio.phone(DESK, answers_after=1)
    async with api(standin) as client:
        form = {"To": "+863108001", "From": "+8631012345", "Url": f"{PUBLIC}/desk", "StatusCallback": CALLBACK,
                "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"]}  # fmt: skip
        made = (await client.post("/Calls.json", data=form)).json()
    await call.until("[talk]")
    assert desk.last.sid == made["sid"]
    desk.last.hang_up()
    assert await call.ended() == "completed"
    assert call.transcript[-1] == "bridged"
    await standin.settle()
    mine = [form["CallStatus"] for form in hotline.forms("/hooks/twilio/status") if form["CallSid"] == made["sid"]]
    assert mine == ["initiated", "ringing", "in-progress", "completed"]
    [tape] = hotline.forms("/r")
    async with api(standin) as client:
        where = tape["RecordingUrl"]
        assert (await client.get(where)).content.startswith(b"RIFF")
        assert (await client.delete(f"{where}.json")).status_code == 204
        assert (await client.get(f"{where}.wav")).status_code == 404


async def test_who_hangs_up_while_waiting_left_the_queue_so(standin: StandIn, hotline: Hotline) -> None:
    hotline.answers[VOICE] = twiml('<Enqueue waitUrl="/wait" action="/left">agents</Enqueue>')
    hotline.answers["/wait"] = twiml("<Pause length='5'/>")
    call = standin.twilio.call(MAN)
    await call.until("[queue]")
    call.hang_up()
    await call.ended()
    await standin.settle()
    assert [form["QueueResult"] for form in hotline.forms("/left")] == ["hangup"]
    assert not standin.twilio.exchange.queue("agents").members


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"answers_after": 0, "hangs_up_after": 1}, "completed"), ({"instead": "busy"}, "busy"),
     ({"instead": "failed"}, "failed"), ({"instead": "no-answer"}, "no-answer"), ({}, "no-answer")],
)  # fmt: skip
async def test_a_dialled_telephone_behaves_as_it_is_set(
    standin: StandIn, hotline: Hotline, given: dict[str, object], expected: str
) -> None:
    standin.twilio.phone(DESK, **given)
    hotline.answers[VOICE] = twiml(
        '<Dial timeout="3" action="/dialled"><Number statusCallback="/leg" statusCallbackEvent="ringing answered '
        'completed">+863108001</Number></Dial>'
    )
    hotline.answers["/dialled"] = lambda form: twiml(f"<Say>{form['DialCallStatus']}</Say>")
    call = standin.twilio.call(MAN)
    await call.ended()
    await standin.settle()
    assert call.transcript[-1] == expected
    states = [form["CallStatus"] for form in hotline.forms("/leg")]
    assert states[0] == "ringing"
    assert states[-1] == expected
    assert all(form["ParentCallSid"] == call.sid for form in hotline.forms("/leg"))


async def test_the_first_of_several_telephones_wins_and_the_others_stop(standin: StandIn, hotline: Hotline) -> None:
    standin.twilio.phone("8001", answers_after=5)
    standin.twilio.phone("8002", answers_after=1, hangs_up_after=1)
    hotline.answers[VOICE] = twiml("<Dial><Number>+863108001</Number><Number>+863108002</Number></Dial>")
    call = standin.twilio.call(MAN)
    await call.until("[talk] 8002")
    await call.ended()
    assert standin.twilio.phone("8001", keep=True).last.status == "canceled"


async def test_a_caller_who_hangs_up_stops_the_ringing(standin: StandIn, hotline: Hotline) -> None:
    hotline.answers[VOICE] = twiml("<Dial><Number>+863108001</Number></Dial>")
    call = standin.twilio.call(MAN)
    leg = await standin.twilio.phone(DESK).rings()
    call.hang_up()
    await call.ended()
    await standin.settle()
    assert leg.status == "canceled"


async def test_a_live_call_is_given_something_else_to_do(standin: StandIn, hotline: Hotline) -> None:
    hotline.answers[VOICE] = twiml("<Say>您好</Say><Pause length='600'/>")
    call = standin.twilio.call(MAN)
    await call.until("您好")
    async with api(standin) as client:
        given = {"Twiml": twiml("<Say>为您转接</Say><Pause length='600'/>")}
        assert (await client.post(f"/Calls/{call.sid}.json", data=given)).status_code == 200
        await call.until("为您转接")
        await client.post(f"/Calls/{call.sid}.json", data={"Status": "completed"})
        assert await call.ended() == "completed"
        assert (await client.post(f"/Calls/{call.sid}.json", data=given)).json()["code"] == 21220


async def test_three_meet_in_a_conference_and_it_ends_with_who_may_end_it(standin: StandIn, hotline: Hotline) -> None:
    room = (
        '<Conference endConferenceOnExit="{}" statusCallback="/room" statusCallbackEvent="start end join leave" '
        'record="record-from-start" recordingStatusCallback="/tape">help</Conference>'
    )
    hotline.answers[VOICE] = twiml(f"<Dial>{room.format('false')}</Dial>")
    hotline.answers["/agent"] = twiml(f"<Dial>{room.format('true')}</Dial>")
    for number in ("8001", "110"):
        standin.twilio.phone(number, answers_after=0)
    call = standin.twilio.call(MAN)
    await call.until("[talk] help")
    async with api(standin) as client:
        body = {"To": "+863108001", "From": "+8631012345", "Url": f"{PUBLIC}/agent"}
        agent = (await client.post("/Calls.json", data=body)).json()["sid"]
        await standin.twilio.exchange.legs[agent].until("[talk] help")
        found = (await client.get("/Conferences.json", params={"FriendlyName": "help"})).json()["conferences"]
        form = {"To": "+86310110", "From": "+8631012345"}
        await client.post(f"/Conferences/{found[0]['sid']}/Participants.json", data=form)
        police = standin.twilio.phone("110", keep=True)
        await police.last.until("[talk] help")
        assert len(standin.twilio.exchange.conference("help").legs) == 3
        standin.twilio.exchange.legs[agent].hang_up()
    await call.ended()
    await police.last.ended()
    await standin.settle()
    events = [form["StatusCallbackEvent"] for form in hotline.forms("/room")]
    assert events.count("participant-join") == 3
    assert events[0] == "conference-start"
    assert "conference-end" in events
    assert len(hotline.forms("/tape")) == 1


async def test_a_message_left_after_the_tone_is_recorded(standin: StandIn, hotline: Hotline) -> None:
    hotline.answers[VOICE] = twiml('<Say>请留言</Say><Record action="/left" recordingStatusCallback="/tape"/>')
    call = standin.twilio.call(MAN)
    await call.until("[record]")
    await asyncio.sleep(0.04)
    call.hang_up()
    await call.ended()
    await standin.settle()
    [left] = hotline.forms("/left")
    assert left["Digits"] == "hangup"
    assert int(left["RecordingDuration"]) >= 1
    assert [form["RecordingSid"] for form in hotline.forms("/tape")] == [left["RecordingSid"]]


async def test_a_hotline_that_answers_nonsense_is_an_application_error(standin: StandIn, hotline: Hotline) -> None:
    hotline.answers[VOICE] = "<html>no</html>"
    call = standin.twilio.call(MAN)
    assert await call.ended() == "completed"
    assert call.transcript[-1].startswith("[error]")
