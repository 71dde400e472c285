"""What goes wrong on the telephone: ends lost or told twice, buttons pressed twice, people and carriers away."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from channels import bridge, callbacks, calls, phones, ringing, seats, tapes, transfers, voice
from channels import voice_texts as texts
from channels.carrier import Never
from hotline import clock, db, people
from hotline.actor import Actor
from hotline.errors import Refusal
from tests.builders import person
from tests.channels.test_voice import _tape, a_call, row, sit, state_of, talk, tasks
from tests.phones import AWAY, FakePhones
from tests.web import seats as newcomers

pytestmark = [pytest.mark.usefixtures("database")]


async def test_an_end_that_broke_off_in_the_middle_is_done_when_it_is_told_again(
    carrier: FakePhones, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await sit("agent")
    provider_id, call, _ = await talk(carrier, who)

    async def away(*_: object) -> None:
        raise db.Away

    with monkeypatch.context() as patched:
        patched.setattr(voice, "ended", away)
        with pytest.raises(db.Away):
            await voice.told(provider_id, "completed")
    await voice.told(provider_id, "completed")
    assert (await row(call)).outcome == "answered"
    assert await state_of(who) == ("wrap_up", "")


async def test_an_old_leg_told_again_does_not_end_the_next_ring_of_the_same_telephone(carrier: FakePhones) -> None:
    who = await sit("agent")
    _, call = await a_call()
    await ringing.ring()
    old = (await row(call)).leg or ""
    await voice.told(old, "no-answer", call, who.id)
    await seats.get_ready(who.id)
    await ringing.ring()
    async with db.atomic() as connection:
        await connection.execute("UPDATE call SET leg = NULL WHERE id = $1", call)  # its number has not come back yet
    await voice.told(old, "no-answer", call, who.id)
    found = await row(call)
    assert (found.state, found.leg) == ("offered", None)


async def test_who_waits_while_the_worker_is_away_is_let_go_with_a_call_back(carrier: FakePhones) -> None:
    _, call = await a_call()
    with clock.at(clock.now() + timedelta(seconds=181)):
        assert (await voice.waiting(call)).then == phones.LEAVE
        assert (await voice.left(call, "leave")).says == (texts.MISSED.zh,)
        await ringing.sweep_calls()
    assert [one.why for one in await tasks()] == ["missed"]


async def test_a_talk_whose_end_was_lost_is_ended_by_its_agent(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, call, leg = await talk(carrier, who)
    await voice.hang_up(who.id)
    assert carrier.hung_up == [provider_id, leg]
    assert (await row(call)).outcome == "answered"
    assert await state_of(who) == ("wrap_up", "")
    with pytest.raises(Refusal, match="no_call"):
        await voice.hang_up(who.id)


async def test_who_has_left_the_house_sits_nowhere(database: object) -> None:
    for state in ("ready", "pause"):
        who = await newcomers.person("agent")
        async with db.atomic() as connection:
            await seats.move(connection, who, state, reason="rest" if state == "pause" else "")
        await people.leave(who)
        await ringing.sweep_calls()
        async with db.reading() as connection:
            assert (await seats.of(connection, who)).state == "offline", state


async def test_a_ring_cannot_be_hung_up_but_an_own_call_can(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, _ = await a_call()
    await ringing.ring()
    with pytest.raises(Refusal, match="no_call"):
        await voice.hang_up(who.id)
    await voice.told(provider_id, "completed")
    (task,) = await tasks()
    call = await callbacks.dial(who, task.id)
    await voice.hang_up(who.id)
    assert (await row(call)).outcome == "missed"
    assert await state_of(who) == ("pause", "paperwork")


async def test_a_ring_whose_caller_hung_up_while_it_was_dialled_is_ended(
    carrier: FakePhones, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sit("agent")
    provider_id, _ = await a_call()
    dial = carrier.dial

    async def slow(*args: Any, **given: Any) -> str:
        await voice.told(provider_id, "completed")
        return await dial(*args, **given)

    monkeypatch.setattr(carrier, "dial", slow)
    await ringing.ring()
    assert len(carrier.hung_up) == 1


async def test_an_outcome_and_the_callers_end_at_once_block_nobody(carrier: FakePhones) -> None:
    who = await sit("agent")
    provider_id, call, _ = await talk(carrier, who)
    async with db.atomic() as connection:
        await calls.found(connection, call, lock=True)  # as one who ends it holds it
        saying = asyncio.create_task(seats.settle(who.id, "answered"), context=contextvars.Context())
        await asyncio.sleep(0.1)
        await connection.execute("SET LOCAL lock_timeout = '2s'")
        await seats.of(connection, who.id, lock=True)
    await saying
    assert (await row(call)).settled == "answered"
    assert provider_id


async def test_who_left_is_not_rung_any_more(carrier: FakePhones) -> None:
    who = await sit("agent")
    async with db.atomic() as connection:
        await connection.execute("UPDATE person SET is_active = false, left_at = now() WHERE id = $1", who.id)
    try:
        await a_call()
        assert await ringing.ring() == 0
    finally:
        async with db.atomic() as connection:
            await connection.execute("UPDATE person SET is_active = true, left_at = NULL WHERE id = $1", who.id)


@pytest.mark.parametrize("number", ["110", "120", "12345", "961890"])
async def test_no_seat_rings_at_an_emergency_number_or_a_line_of_ours(carrier: FakePhones, number: str) -> None:
    with pytest.raises(Refusal, match="invalid"):
        await seats.give_phone((await person("agent")).id, number)


async def test_a_call_out_does_not_skip_the_outcome_of_the_last_call(carrier: FakePhones) -> None:
    who = await sit("agent")
    lost, _ = await a_call(caller="+8613800000010")
    await voice.told(lost, "completed")
    provider_id, _, _ = await talk(carrier, who)
    await voice.told(provider_id, "completed")
    (task,) = await tasks()
    with pytest.raises(Refusal) as refused:
        await callbacks.dial(who, task.id)
    assert "settled" in refused.value.fields
    await seats.settle(who.id, "answered")
    await callbacks.dial(who, task.id)


@pytest.mark.parametrize("kind", [transfers.ONE_WAY, transfers.THREE_WAY])
async def test_a_transfer_that_the_carrier_did_not_take_leaves_the_call_with_its_agent(
    carrier: FakePhones, kind: str
) -> None:
    who = await sit("agent")
    _, call, _ = await talk(carrier, who)
    carrier.fails = AWAY
    with pytest.raises(Refusal, match="not_transferred"):
        await transfers.transfer(who, "110", kind)
    found = await row(call)
    assert (found.state, found.outcome, found.room) == ("talking", None, "")
    assert await state_of(who) == ("talking", "")
    carrier.fails = None
    await transfers.transfer(who, "110", kind)
    assert len(carrier.redirected) == 1


@pytest.mark.parametrize("kind", [transfers.ONE_WAY, transfers.THREE_WAY])
async def test_a_transfer_whose_answer_was_lost_does_not_cut_the_caller_off(carrier: FakePhones, kind: str) -> None:
    who = await sit("agent")
    _, call, leg = await talk(carrier, who)
    carrier.fails = AWAY
    with pytest.raises(Refusal, match="not_transferred"):
        await transfers.transfer(who, "110", kind)
    if kind == transfers.THREE_WAY:
        assert (await voice.into_room(call)).target == f"room-{call}"
    await voice.told(leg, "completed", call)
    assert carrier.hung_up == []
    assert await state_of(who) == ("wrap_up", "")


@pytest.mark.parametrize("kind", [transfers.ONE_WAY, transfers.THREE_WAY])
async def test_a_transfer_pressed_twice_is_one(carrier: FakePhones, kind: str) -> None:
    who = await sit("agent")
    await talk(carrier, who)
    first, second = await asyncio.gather(*[transfers.transfer(who, "110", kind) for _ in range(2)])
    assert first == second
    assert len(carrier.redirected) == 1
    assert [one[0] for one in carrier.dialled[1:]] == (["110"] if kind == transfers.THREE_WAY else [])


async def test_a_second_helper_joins_the_room_and_nobody_is_moved_out_of_it(carrier: FakePhones) -> None:
    who = await sit("agent")
    await talk(carrier, who)
    for target in ("110", "120"):
        await transfers.transfer(who, target, transfers.THREE_WAY)
    assert [one[1] for one in carrier.redirected] == ["room"]
    assert [one[0] for one in carrier.dialled[1:]] == ["110", "120"]


async def _a_claimed_call_back(carrier: FakePhones) -> tuple[Actor, callbacks.Task, UUID]:
    who = await person("agent")
    await seats.give_phone(who.id, "0310-3110001")
    provider_id, _ = await a_call()
    await voice.told(provider_id, "completed")
    (task,) = await tasks()
    call = await callbacks.dial(who, task.id)
    await ringing.ring()
    return who, task, call


async def test_a_call_back_that_is_being_spoken_is_not_given_to_a_colleague(carrier: FakePhones) -> None:
    who, task, call = await _a_claimed_call_back(carrier)
    await bridge.answered(call, (await row(call)).leg or "")
    await bridge.greeted(call, "CAcitizen")
    start = clock.now()
    with clock.at(start + timedelta(minutes=16)):
        await ringing.sweep_calls()
        assert [one.state for one in await tasks()] == ["claimed"]
        await bridge.over(call, "completed")
    with clock.at(start + timedelta(minutes=20)):
        await ringing.sweep_calls()
        assert await callbacks.settle(who, task.id, "reached") == "done"


async def test_a_claim_that_nobody_followed_up_is_open_again(carrier: FakePhones) -> None:
    who, task, call = await _a_claimed_call_back(carrier)
    await bridge.over(call, "no-answer")
    with clock.at(clock.now() + timedelta(minutes=16)):
        await ringing.sweep_calls()
        assert [one.state for one in await tasks()] == ["open"]
        await callbacks.claim(await person("agent2"), task.id)
        with pytest.raises(Refusal, match="claimed"):
            await callbacks.settle(who, task.id, "reached")


async def test_not_reached_pressed_twice_is_one_try(carrier: FakePhones) -> None:
    who, task, call = await _a_claimed_call_back(carrier)
    await bridge.over(call, "no-answer")
    assert await callbacks.settle(who, task.id, "unreached") == "open"
    with pytest.raises(Refusal, match="not_claimed"):
        await callbacks.settle(who, task.id, "unreached")
    assert [one.tries for one in await tasks()] == [1]


async def test_a_call_back_counts_from_when_the_citizen_is_rung(carrier: FakePhones) -> None:
    who, task, call = await _a_claimed_call_back(carrier)
    await voice.told((await row(call)).leg or "", "no-answer", call)  # the agent's own telephone
    assert [one.first_at for one in await tasks()] == [None]
    again = await callbacks.dial(who, task.id)
    await ringing.ring()
    await bridge.answered(again, (await row(again)).leg or "")
    assert [one.first_at is not None for one in await tasks()] == [True]


async def test_a_recording_is_asked_for_until_it_is_deleted_there(
    carrier: FakePhones, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await sit("agent")
    _, call, _ = await talk(carrier, who)
    await tapes.made(call, "RE0003", 5)

    async def refuses(_: str) -> None:
        raise Never("409")

    with monkeypatch.context() as patched:
        patched.setattr(carrier, "delete", refuses)
        assert await tapes.fetch_all() == 0
    assert (await _tape()).is_at_provider, "it is here, and still there"
    async with db.atomic() as connection:
        await connection.execute("UPDATE recording SET tries = 1000, next_at = now() - interval '1 minute'")
    assert await tapes.fetch_all() == 1
    assert (await _tape()).state == "deleted_at_provider"


async def test_a_call_back_forgets_its_number_and_the_index_of_it(carrier: FakePhones) -> None:
    who, task, call = await _a_claimed_call_back(carrier)
    await bridge.over(call, "completed")
    await callbacks.settle(who, task.id, "reached")
    with clock.at(clock.now() + timedelta(days=733)):
        async with db.atomic() as connection:
            await tapes.sweep(connection)
    async with db.reading() as connection:
        left = await connection.fetchrow("SELECT number, number_index FROM callback_task WHERE id = $1", task.id)
    assert tuple(left) == (None, b"")
