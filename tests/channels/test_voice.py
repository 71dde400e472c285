"""Calls, seats and call backs against real PostgreSQL, with a carrier made of memory."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from channels import callbacks, calls, floor, opening, phones, ringing, seats, tapes, transfers, voice
from channels import voice_texts as texts
from channels.carrier import Never
from channels.phones import Script
from hotline import city, clock, db, settings
from hotline.actor import Actor
from hotline.errors import Refusal
from tests.builders import a_case, a_receipt, act, person
from tests.phones import AWAY, FakePhones

pytestmark = [pytest.mark.usefixtures("database")]
CALLER = "+8613800000009"


async def sit(login: str, number: str = "0310-3110001") -> Actor:
    """The person is ready."""
    one = await person(login)
    await seats.give_phone(one.id, number)
    await seats.get_ready(one.id)
    return one


async def a_call(caller: str = CALLER, dialled: str = "+8631012345", *, waits: bool = True) -> tuple[str, UUID]:
    """A call that came in, and stands in the queue: the provider's id and ours."""
    provider_id = f"CA{uuid4().hex}"
    script = await voice.arrived(voice.Arriving(provider_id=provider_id, caller=caller, dialled=dialled))
    assert script.call is not None, script
    if waits:
        await voice.waiting(script.call)
    return provider_id, script.call


async def row(call: UUID) -> calls.Call:
    """The call as it stands."""
    async with db.reading() as connection:
        return await calls.found(connection, call)


async def state_of(who: Actor) -> tuple[str, str]:
    """The seat's state and reason."""
    async with db.reading() as connection:
        seat = await seats.of(connection, who.id)
    return seat.state, seat.reason


async def tasks() -> list[callbacks.Task]:
    """Who waits for a call back."""
    async with db.reading() as connection:
        return await callbacks.waiting(connection)


async def talk(carrier: FakePhones, who: Actor) -> tuple[str, UUID, str]:
    """A call that this person speaks: the provider's id, ours, and the leg."""
    provider_id, call = await a_call()
    await ringing.ring()
    assert carrier.last[2] == call
    leg = (await row(call)).leg or ""
    await voice.picked_up(call, leg)
    assert await state_of(who) == ("talking", "")
    return provider_id, call, leg


@pytest.mark.requirement("004-02")
@pytest.mark.parametrize(
    ("dialled", "line"),
    [
        ("12345", "12345"),
        ("+8631012345", "12345"),
        ("+86310961890", "12345"),
        ("961890", "12345"),
        ("031012319", "12319"),
    ],
)
async def test_a_number_means_its_line_however_it_is_dialled(carrier: FakePhones, dialled: str, line: str) -> None:
    _, call = await a_call(dialled=dialled, waits=False)
    assert (await row(call)).line == line


@pytest.mark.requirement("004-02")
async def test_every_open_line_leads_into_the_one_queue_and_keeps_its_tag(carrier: FakePhones) -> None:
    lines = list(city.current().open_lines)
    for number in lines:
        await a_call(dialled=number)
    async with db.reading() as connection:
        waiting = await floor.waiting(connection)
    assert [one.line for one in waiting] == lines
    assert len(lines) >= 22


async def test_the_caller_hears_the_announcement_the_greeting_and_their_place(carrier: FakePhones) -> None:
    script = await voice.arrived(voice.Arriving(provider_id="CAfirst", caller=CALLER, dialled="12319"))
    greeting = city.current().lines["12319"].greeting_zh
    assert script == Script(says=(texts.RECORDED.zh, greeting), then=phones.QUEUE, call=script.call)
    again = await voice.arrived(voice.Arriving(provider_id="CAfirst", caller=CALLER, dialled="12319"))
    assert again == script
    assert script.call is not None
    assert (await voice.waiting(script.call)).says == (texts.NEXT.zh,)
    _, second = await a_call(waits=False)
    assert (await voice.waiting(second)).says == (texts.AHEAD.zh.format(n=1),)


async def test_an_unknown_number_and_a_line_not_open_are_told_what_to_do(carrier: FakePhones) -> None:
    unknown = await voice.arrived(voice.Arriving(provider_id="CAunknown", caller=CALLER, dialled="+15550001"))
    assert unknown == Script(says=(texts.UNKNOWN.zh,))
    line = next(one for one in city.current().lines.values() if one.phase == "planned")
    planned = voice._refused(line, clock.now())
    assert planned is not None
    assert "还没有开通" in planned.zh
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT outcome FROM call WHERE provider_id = 'CAunknown'") == "refused"


async def test_outside_its_hours_a_line_says_when_it_answers_and_its_call_backs_wait_for_the_morning(
    carrier: FakePhones,
) -> None:
    line = msgspec.structs.replace(city.current().lines["12319"], hours="Mo-Fr 09:00-17:00")
    evening, friday = clock.on(date(2026, 11, 25), 20), clock.on(date(2026, 11, 27), 16, 50)
    closed = voice._refused(line, evening)
    assert closed is not None
    assert "周一至周五 09:00-17:00" in closed.zh
    assert voice._refused(line, friday) is None
    assert opening.ahead(line, friday, 30) == clock.on(date(2026, 11, 30), 9, 20)
    always = msgspec.structs.replace(city.current().lines["12345"], hours="Mo 09:00-10:00")
    assert opening.is_open(always, evening)


async def test_who_is_ready_longest_is_rung_and_who_does_not_pick_up_pauses(carrier: FakePhones) -> None:
    first, second = await sit("agent"), await sit("agent2", "0310-3110002")
    _, call = await a_call()
    await ringing.ring()
    assert (carrier.last[0], carrier.last[1]) == ("03103110001", "agent")
    await voice.told((await row(call)).leg or "", "no-answer", call)
    assert await state_of(first) == ("pause", "unanswered")
    await ringing.ring()
    assert carrier.last[0] == "03103110002"
    script = await voice.picked_up(call, (await row(call)).leg or "")
    assert (script.then, script.is_recorded) == (phones.BRIDGE, True)
    found = await row(call)
    assert (found.state, found.agent) == ("talking", second.id)
    assert found.answer_s is not None


async def test_two_ready_agents_and_one_call_never_both_get_it_and_nobody_gets_two(carrier: FakePhones) -> None:
    people = [await sit("agent"), await sit("agent2", "0310-3110002"), await sit("shift", "0310-3110003")]
    await asyncio.gather(*[ringing.ring() for _ in range(6)])
    _, call = await a_call()
    await asyncio.gather(*[ringing.ring() for _ in range(8)])
    assert [one[2] for one in carrier.dialled] == [call]
    for _ in range(5):
        await a_call()
    await asyncio.gather(*[ringing.ring() for _ in range(8)])
    assert len(carrier.dialled) == len(people)
    assert len({one[0] for one in carrier.dialled}) == len(people)
    assert len({one[2] for one in carrier.dialled}) == len(people)


async def test_what_comes_late_or_twice_moves_nothing_back(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, call, leg = await talk(carrier, who)
    await voice.told(leg, "ringing", call)
    await voice.told(leg, "initiated", call)
    assert (await row(call)).state == "talking"
    await voice.told(provider_id, "completed")
    done = await row(call)
    assert (done.state, done.outcome) == ("ended", "answered")
    assert await state_of(who) == ("wrap_up", "")
    for status in ("no-answer", "busy", "in-progress", "completed", "canceled"):
        await voice.told(provider_id, status)
        await voice.told(leg, status, call)
    assert await row(call) == done
    assert await tasks() == []


async def test_an_old_agents_leg_that_ends_late_does_not_touch_the_next_ones(carrier: FakePhones) -> None:
    await sit("agent")
    _, call = await a_call()
    await ringing.ring()
    old = (await row(call)).leg or ""
    await voice.told(old, "no-answer", call)
    second = await sit("agent2", "0310-3110002")
    await ringing.ring()
    await voice.told(old, "completed", call)
    assert await state_of(second) == ("ringing", "")
    await voice.told("CAstranger", "completed", call)
    async with db.atomic() as connection:
        await connection.execute("UPDATE call SET leg = NULL WHERE id = $1", call)  # its number has not come back yet
    first = await person("agent")
    assert (await voice.picked_up(call, old, first.id)).says == (texts.GONE.zh,)
    await voice.told("CAanother", "no-answer", call, first.id)
    assert (await row(call)).state == "offered"


async def test_a_caller_who_hangs_up_is_called_back_within_the_clock_once(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, call = await a_call()
    await ringing.ring()
    await voice.told(provider_id, "completed")
    assert (await row(call)).outcome == "abandoned"
    assert carrier.hung_up == [carrier.dialled and (await row(call)).leg]
    assert await state_of(who) == ("ready", "")
    again, _ = await a_call(waits=True)
    await voice.told(again, "canceled")
    (task,) = await tasks()
    assert (task.calls, task.why, task.line) == (2, "abandoned", "12345")
    assert timedelta(minutes=29) < task.due_at - clock.now() <= timedelta(minutes=30)
    assert task.masked == "138****0009"


async def test_patience_ends_the_wait_with_a_promise(carrier: FakePhones) -> None:
    provider_id, call = await a_call()
    await ringing.sweep_calls()
    assert (await row(call)).state == "queued"
    with clock.at(clock.now() + timedelta(seconds=181)):
        await ringing.sweep_calls()
        assert (await row(call)).outcome == "missed"
        assert carrier.redirected == [(provider_id, "left", call, "")]
        assert (await voice.left(call)).says == (texts.MISSED.zh,)
        assert (await voice.waiting(call)).then == phones.LEAVE
        assert [one.why for one in await tasks()] == ["missed"]


async def test_a_withheld_number_cannot_be_called_back_and_is_not_promised(carrier: FakePhones) -> None:
    provider_id, call = await a_call(caller="anonymous")
    with clock.at(clock.now() + timedelta(minutes=4)):
        await ringing.sweep_calls()
    assert await tasks() == []
    assert (await voice.left(call)).says == (texts.MISSED_NOBODY.zh,)
    assert provider_id


async def test_no_next_call_without_an_outcome_and_any_key_adds_time(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, call, _ = await talk(carrier, who)
    await voice.told(provider_id, "completed")
    with pytest.raises(Refusal, match="invalid"):
        await seats.get_ready(who.id)
    with clock.at(clock.now() + timedelta(seconds=25)):
        until = await seats.go_on(who.id)
        assert until == clock.now() + timedelta(seconds=30)
    with clock.at(clock.now() + timedelta(seconds=60)):
        await ringing.sweep_calls()
        assert await state_of(who) == ("wrap_up", "")
        await seats.settle(who.id, "answered")
        await ringing.sweep_calls()
        assert await state_of(who) == ("ready", "")
        assert (await row(call)).wrap_s in (60, 61)


async def test_a_wrap_up_without_end_becomes_a_pause(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, _, _ = await talk(carrier, who)
    await voice.told(provider_id, "completed")
    with clock.at(clock.now() + timedelta(minutes=11)):
        await ringing.sweep_calls()
    assert await state_of(who) == ("pause", "overrun")


async def test_a_ring_that_the_provider_forgot_goes_on_to_the_next(carrier: FakePhones) -> None:
    who = await sit("agent")
    _, call = await a_call()
    await ringing.ring()
    with clock.at(clock.now() + timedelta(seconds=45)):
        await ringing.sweep_calls()
    assert (await row(call)).state == "queued"
    assert await state_of(who) == ("pause", "unanswered")


async def test_a_carrier_away_pauses_nobody_and_keeps_the_callers_place(carrier: FakePhones) -> None:
    who = await sit("agent")
    _, call = await a_call()
    before = (await row(call)).queued_at
    carrier.fails = AWAY
    assert await ringing.ring() == 0
    assert await state_of(who) == ("ready", "")
    async with db.reading() as connection:
        states = await connection.fetch("SELECT state FROM seat_log WHERE person = $1", who.id)
    assert [one["state"] for one in states] == ["ready"], "nothing rang"
    carrier.fails = None
    assert await ringing.ring() == 0, "the carrier is let be for a while"
    ringing._quiet_until = 0.0
    assert await ringing.ring() == 1
    assert (await row(call)).queued_at == before


async def test_a_telephone_that_cannot_be_dialled_pauses_its_seat_only(carrier: FakePhones) -> None:
    first = await sit("agent")
    _, call = await a_call()
    carrier.fails = Never("400")
    await ringing.ring()
    assert await state_of(first) == ("pause", "unanswered")
    assert (await row(call)).state == "queued"


@pytest.mark.requirement("004-03")
async def test_an_emergency_is_transferred_at_once_with_a_record_and_no_queue_item(carrier: FakePhones) -> None:
    who = await sit("agent")
    async with db.reading() as connection:
        before = (
            await connection.fetchval("SELECT count(*) FROM cases"),
            await connection.fetchval("SELECT count(*) FROM inbound_message"),
        )
    provider_id, call, leg = await talk(carrier, who)
    record = await transfers.transfer(who, "110", transfers.ONE_WAY)
    assert carrier.redirected == [(provider_id, "emergency", call, str(record))]
    script = await transfers.leaving(record)
    assert (script.then, script.target) == (phones.NUMBER, "110")
    assert (await row(call)).outcome == "transferred"
    await voice.told(leg, "completed", call)  # the agent's own leg ends, and must not end the caller's
    assert carrier.hung_up == []
    await seats.get_ready(who.id)  # the transfer is the outcome
    assert (await transfers.told(record, "busy")).says == (texts.EMERGENCY_BUSY.zh.format(target="1 1 0"),)
    async with db.reading() as connection:
        (one,) = await transfers.recent(connection, clock.now() - timedelta(minutes=1))
        after = (
            await connection.fetchval("SELECT count(*) FROM cases"),
            await connection.fetchval("SELECT count(*) FROM inbound_message"),
        )
    assert (one.target, one.kind, one.line, one.code) == ("110", "one_way", "12345", "busy")
    assert after == before


@pytest.mark.requirement("004-03")
async def test_three_are_in_one_room_and_the_agent_may_leave_it(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, call, leg = await talk(carrier, who)
    await transfers.transfer(who, "120", transfers.THREE_WAY)
    assert carrier.redirected[0][:2] == (provider_id, "room")
    assert carrier.last[:2] == ("120", "join")
    room = f"room-{call}"
    caller, agent = await voice.left(call), await voice.bridged(call)
    assert (caller.target, caller.ends_room) == (room, True)
    assert (agent.target, agent.ends_room) == (room, False)
    await voice.told(leg, "completed", call)
    assert carrier.hung_up == []
    assert await state_of(who) == ("wrap_up", "")
    assert (await row(call)).outcome == "transferred"


async def test_nobody_transfers_without_a_call_or_to_a_number_of_their_own(carrier: FakePhones) -> None:
    who = await sit("agent")
    for target, code in (("110", "no_call"), ("13800000001", "invalid")):
        with pytest.raises(Refusal, match=code):
            await transfers.transfer(who, target, transfers.ONE_WAY)


async def test_a_call_back_is_dialled_by_the_centre_tried_again_and_given_up_with_a_message(
    carrier: FakePhones,
) -> None:
    who = await person("agent")
    await seats.give_phone(who.id, "0310-3110001")
    provider_id, _ = await a_call()
    await voice.told(provider_id, "completed")
    (task,) = await tasks()
    other = await person("agent2")
    now = clock.now()
    for n in range(3):
        with clock.at(now + timedelta(hours=2 * n + 1)):
            call = await callbacks.dial(who, task.id)
            with pytest.raises(Refusal, match="claimed"):
                await callbacks.claim(other, task.id)
            await ringing.ring()
            assert carrier.last[:3] == ("03103110001", "out", call)
            await _never_answered(call)
            state = await callbacks.settle(who, task.id, "unreached")
            assert state == ("given_up" if n == 2 else "open")
    with pytest.raises(Refusal, match="settled"):
        await callbacks.dial(who, task.id)
    async with db.reading() as connection:
        sent = await connection.fetch("SELECT channel FROM outbox_message WHERE key = $1", f"callback:{task.id}")
    assert [one["channel"] for one in sent] == ["sms"]


async def _never_answered(call: UUID) -> None:
    from channels import bridge

    script = await bridge.answered(call, (await row(call)).leg or "")
    assert (script.then, script.target) == (phones.NUMBER, "13800000009")
    assert (await bridge.over(call, "no-answer")).says == (texts.NOT_REACHED.zh,)


async def test_who_calls_again_and_is_answered_need_not_be_called_back(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, _ = await a_call()
    await voice.told(provider_id, "completed")
    await talk(carrier, who)
    assert await tasks() == []


@pytest.mark.parametrize("hangs_up", ["citizen", "unit"])
async def test_a_unit_speaks_through_the_centre_and_the_contact_is_in_the_case(
    carrier: FakePhones, hangs_up: str
) -> None:
    from cases import verbs
    from channels import bridge
    from hotline.work import work
    from tests.builders import lead

    receipt = await a_receipt(matter="020201")
    await act("congtai", receipt.number, verbs.sign, lead)
    unit = await person("congtai")
    await seats.give_phone(unit.id, "0310-8050001")
    async with work(unit) as w:
        case_id = await w.connection.fetchval("SELECT id FROM cases WHERE number = $1", receipt.number)
        call = await bridge.dial(w.connection, unit, number="13800000001", purpose="contact", case_id=case_id)
    await ringing.ring()
    assert carrier.last[0] == "03108050001"
    script = await bridge.answered(call, (await row(call)).leg or "")
    assert (script.target, script.is_recorded) == ("13800000001", True)
    assert (await bridge.greeted(call, "CAcitizen")).says == (texts.FROM_CENTRE.zh,)
    leg = (await row(call)).leg or ""
    if hangs_up == "unit":
        await voice.told(leg, "completed", call)
    else:
        await bridge.over(call, "completed")
    async with db.reading() as connection:
        data = await connection.fetchval(
            "SELECT data FROM case_event WHERE case_id = $1 AND kind = 'contacted'", case_id
        )
    assert '"hotline"' in data
    assert await state_of(unit) == ("offline", "")


async def test_a_recording_is_fetched_sealed_deleted_there_and_forgotten_in_time(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, call, _ = await talk(carrier, who)
    await voice.told(provider_id, "completed")
    assert await tapes.made(call, "RE0001", 12) is True
    assert await tapes.made(call, "RE0001", 12) is False
    carrier.fails = AWAY
    assert await tapes.fetch_all() == 0
    carrier.fails = None
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert await tapes.fetch_all() == 1
        assert await tapes.fetch_all() == 0
    assert carrier.deleted == ["RE0001"]
    tape = await _tape()
    assert tape.state == "deleted_at_provider"
    path = tapes.path_of(tape.id)
    assert b"WAVE" not in path.read_bytes()
    assert (await tapes.sound(tape)).startswith(b"RIFF")
    async with db.atomic() as connection:
        assert await tapes.sweep(connection) == 0
    with clock.at(clock.now() + timedelta(days=733)):
        async with db.atomic() as connection:
            assert await tapes.sweep(connection) == 1
    assert not path.exists()
    assert (await _tape()).state == "forgotten"
    assert (await row(call)).number == ""


async def _tape() -> Any:
    async with db.reading() as connection:
        return await tapes.found(connection, await connection.fetchval("SELECT id FROM recording"))


async def test_erasing_a_case_takes_its_recordings_and_numbers_along(carrier: FakePhones) -> None:
    from cases import verbs

    who = await sit("agent")
    provider_id, call, _ = await talk(carrier, who)
    receipt = await a_case("closed")
    async with db.atomic() as connection:
        assert await calls.link(connection, who.id, call, receipt.number) is True
        assert await calls.link(connection, who.id, call, receipt.number) is False
    await voice.told(provider_id, "completed")
    await tapes.made(call, "RE0002", 5)
    await tapes.fetch_all()
    path = tapes.path_of((await _tape()).id)
    assert path.exists()
    await act("coord", receipt.number, verbs.erase, rule="pipl47")
    assert not path.exists()
    assert (await row(call)).caller is None
    assert settings.current().files_dir in path.parents


async def test_the_figures_count_by_line_and_hour_and_say_the_worst_day(carrier: FakePhones) -> None:
    start = clock.on(clock.today() - timedelta(days=1), 9)
    async with db.atomic() as connection:
        for line, seconds in (("12345", 5), ("12345", 15), ("12345", 40), ("12345", None), ("12319", 3)):
            answered = None if seconds is None else start + timedelta(seconds=seconds)
            await connection.execute(
                "INSERT INTO call (id, direction, purpose, line, state, outcome, started_at, queued_at,"
                " answered_at, ended_at) VALUES ($1, 'in', 'call', $2, 'ended', $3, $4, $4, $5, $6)",
                uuid4(), line, "answered" if answered else "abandoned", start, answered, start + timedelta(minutes=3),
            )  # fmt: skip
        found = await floor.of_day(connection, clock.local_day(start))
        hours = await floor.of_hours(connection, clock.local_day(start), 2)
    one = found["12345", 9]
    assert (one.n, one.answered, one.quick, one.abandoned) == (4, 3, 2, 1)
    assert one.rate == 75
    assert found["12319", 9].quick_rate == 100
    worst = floor.worst_day(hours, clock.now())
    assert worst is not None
    assert (worst[1].n, worst[1].answered) == (5, 4)


async def test_one_agents_day_adds_up(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, _, _ = await talk(carrier, who)
    await voice.told(provider_id, "completed")
    await seats.settle(who.id, "answered")
    await seats.get_ready(who.id)
    async with db.reading() as connection:
        own = await floor.mine(connection, who.id, clock.today())
    assert (own.n, own.logged) == (1, 0)
    assert set(own.spent) <= set(seats.STATES)
