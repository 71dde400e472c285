"""Each class of failure ends where it should, nothing is lost, nothing is sent twice, and no door holds up another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest

from channels import email, hours, outbox, outcomes, silence
from channels.carrier import Later, Never, Outgoing, Silent
from hotline import city, clock, db, settings, vault
from tests.channels import senders
from tests.channels.senders import Provider, attempts, deliver, held, put

pytestmark = pytest.mark.anyio
NOON = clock.on(clock.today(), 12)


@pytest.fixture(autouse=True)
async def noon(database: object) -> AsyncIterator[None]:
    """An empty outbox at noon, when nobody sleeps."""
    with clock.at(NOON):
        await senders.empty()
        yield


def failing(error: Exception) -> Provider:
    """A provider that raises this for whatever it gets."""

    def fails(_: Outgoing) -> None:
        raise error

    return Provider(fails)


async def test_a_message_that_went_is_marked_with_the_providers_id_and_its_try(database: object) -> None:
    one, provider = await put(text="您好"), Provider()
    assert await deliver("sms", provider) == 1
    assert [(got.text, got.address, got.channel, got.name) for got in provider.got] == [
        ("您好", "13800000001", "sms", "help")
    ]
    row = await held(one)
    assert (row.state, row.provider_id, row.tries, row.error) == ("sent", f"P{one}", 1, None)
    assert await attempts(one) == [("sent", "")]
    assert await deliver("sms", provider) == 0


async def test_a_failure_that_passes_is_tried_again_later_each_time_after_a_longer_wait(database: object) -> None:
    one = await put()
    waits = []
    for n in range(1, 4):
        with clock.at(NOON + timedelta(hours=n)):
            await deliver("sms", failing(Later("503")))
        row = await held(one)
        assert (row.state, row.tries, row.error) == ("queued", n, "503")
        assert row.next_at is not None
        waits.append((row.next_at - NOON - timedelta(hours=n)).total_seconds())
    for wait, middle in zip(waits, (30, 60, 120), strict=True):
        assert middle * 0.74 <= wait <= middle * 1.26, waits
    assert await deliver("sms", Provider()) == 0, "not before its time"


async def test_what_the_provider_asks_for_is_waited_for(database: object) -> None:
    one = await put()
    await deliver("sms", failing(Later("429", after=900)))
    row = await held(one)
    assert row.next_at is not None
    assert timedelta(seconds=899) <= row.next_at - NOON <= timedelta(seconds=900 * 1.26)


async def test_after_the_last_try_it_is_a_dead_letter_and_is_tried_no_more(database: object) -> None:
    one = await put()
    tries = int(city.current().rule("message.tries"))
    for n in range(tries + 3):
        with clock.at(NOON + timedelta(hours=2 * n + 1)):
            await deliver("sms", failing(ConnectionError("138 0000 0001 is not to be logged")))
    row = await held(one)
    assert (row.state, row.tries, row.error) == ("failed", tries, "ConnectionError")
    assert await attempts(one) == [("later", "ConnectionError")] * tries


async def test_a_failure_that_stays_is_a_dead_letter_at_once(database: object) -> None:
    one = await put()
    await deliver("sms", failing(Never("21211")))
    row = await held(one)
    assert (row.state, row.tries, row.error) == ("failed", 1, "21211")


async def test_whoever_wants_no_more_gets_no_more_by_that_door_and_everything_by_another(database: object) -> None:
    first = await put("sms", "138 0000-0001")
    await deliver("sms", failing(Silent("21610")))
    row = await held(first)
    assert (row.state, row.error) == ("dropped", "21610")
    second, other, mail = await put("sms", "13800000001"), await put("sms", "13900000002"), await put("email", "a@b.cn")
    provider, post = Provider(), Provider()
    assert await deliver("sms", provider) == 1
    assert await deliver("email", post) == 1
    assert [one.address for one in provider.got] == ["13900000002"]
    row = await held(second)
    assert (row.state, row.error) == ("dropped", "silent")
    assert await attempts(second) == []
    assert {(await held(one)).state for one in (other, mail)} == {"sent"}


async def test_that_we_heard_their_stop_is_still_said(database: object) -> None:
    async with db.atomic() as connection:
        await silence.hush(connection, "sms", "13800000001", clock.now())
    one = await put()
    async with db.atomic() as connection:
        await connection.execute("UPDATE outbox_message SET name = 'stopped' WHERE id = $1", one)
    provider = Provider()
    await deliver("sms", provider)
    assert one in [got.id for got in provider.got]


async def test_a_claimed_message_whose_process_died_comes_back_after_its_lease_under_the_same_key(
    database: object,
) -> None:
    one = await put()
    claimed = await outbox.claim("sms")
    assert [row.id for row, _ in claimed] == [one]
    provider = Provider()
    assert await deliver("sms", provider) == 0, "somebody has it"
    with clock.at(NOON + outbox.LEASE):
        assert await deliver("sms", provider) == 1
    assert [got.key for got in provider.got] == [claimed[0][0].key]


async def test_two_processes_that_claim_at_once_never_get_the_same_message(database: object) -> None:
    ids = {await put() for _ in range(30)}
    both = await asyncio.gather(*(outbox.claim("sms") for _ in range(4)))
    got = [row.id for rows in both for row, _ in rows]
    assert len(got) == len(set(got))
    assert set(got) == ids


async def test_no_connection_is_held_while_a_provider_is_asked(database: object) -> None:
    free: list[int] = []

    def fails(_: Outgoing) -> None:
        free.append(db.pool().get_size() - db.pool().get_idle_size())

    await put()
    await deliver("sms", Provider(fails, seconds=0.01))
    assert free == [0]


async def test_a_slow_door_holds_up_no_other_and_sends_side_by_side(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(12):
        await put("wechat", "openid")
    await put("sms")
    gate = asyncio.Event()
    slow, quick = Provider(gate=gate), Provider()
    monkeypatch.setattr(outbox, "SENDERS", {"wechat": slow})
    running = asyncio.create_task(outbox.deliver_due())
    while slow.asked < 12:  # noqa: ASYNC110 - all of them are on their way at once
        await asyncio.sleep(0.01)
    outbox.SENDERS["sms"] = quick
    assert await outbox.deliver_due() == 1
    assert (len(quick.got), len(slow.got)) == (1, 0)
    gate.set()
    assert await running == 12


async def test_a_provider_that_never_answers_is_a_failure_that_passes(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PATIENCE", 0.05)
    one = await put()
    await deliver("sms", Provider(seconds=5))
    assert ((await held(one)).state, await attempts(one)) == ("queued", [("later", "TimeoutError")])


async def test_a_door_whose_provider_is_down_pauses_loses_nothing_and_goes_on_when_it_is_back(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FLIGHTS", 1)
    ids = [await put() for _ in range(20)]
    down = failing(ConnectionError())
    await deliver("sms", down)
    assert down.asked == outcomes.RUN
    rows = [await held(one) for one in ids]
    assert {row.state for row in rows} == {"queued"}
    assert sorted(row.tries for row in rows) == [0] * 15 + [1] * 5, "what was not tried keeps its tries"
    assert await deliver("sms", down) == 0
    assert down.asked == outcomes.RUN, "it rests"
    with clock.at(NOON + timedelta(seconds=31)):
        await deliver("sms", down)
    assert down.asked == outcomes.RUN + 1, "one message asks whether it is back"
    mail = await put("email", "a@b.cn")
    assert await deliver("email", Provider()) == 1
    assert (await held(mail)).state == "sent"
    with clock.at(NOON + timedelta(hours=1)):
        assert await deliver("sms", Provider()) == 20
    async with db.reading() as connection:
        door = await connection.fetchrow("SELECT later_run, paused_at FROM door WHERE channel = 'sms'")
    assert tuple(door) == (0, None)


async def test_failures_in_any_order_and_from_any_process_leave_a_door_either_resting_or_not(database: object) -> None:
    """What a worker met once: a door with the begin of a rest and no end (check ``door_check``)."""
    one = await put()
    row = await held(one)
    ill = outcomes.Outcome(kind=outcomes.LATER, code="ConnectionRefusedError")
    async with db.atomic() as connection:
        await connection.execute("INSERT INTO door (channel) VALUES ('sms')")
    for run in range(1, outcomes.RUN):
        assert not await outcomes.mark(row, ill)
        assert await _door() == (run, False, False)
    assert await outcomes.mark(row, ill), "the fifth in a row"
    assert await _door() == (outcomes.RUN, True, True)
    assert all(await asyncio.gather(*(outcomes.mark(row, ill) for _ in range(12))))
    assert await _door() == (outcomes.RUN, True, True), "those on their way together are one failure"
    for after in (0, 30, 31, 600, 90_000):
        with clock.at(NOON + timedelta(seconds=after)):
            await asyncio.gather(*(outcomes.mark(row, ill) for _ in range(3)))
            _, began, ends = await _door()
            assert began == ends
    await outcomes.mark(row, outcomes.Outcome(kind=outcomes.NEVER, code="21211"))
    assert await _door() == (0, False, False), "a refusal is an answer"
    await asyncio.gather(*(outcomes.mark(row, ill) for _ in range(3 * outcomes.RUN)))
    assert await _door() == (outcomes.RUN, True, True), "some waited for the lock while the fifth began the rest"


async def _door() -> tuple[int, bool, bool]:
    """Failures in a row, and whether begin and end of a rest are noted."""
    async with db.reading() as connection:
        row = await connection.fetchrow(
            "SELECT later_run, paused_at IS NOT NULL, paused_until IS NOT NULL FROM door WHERE channel = 'sms'"
        )
    return tuple(row)


async def test_a_provider_that_refuses_connections_five_times_rests_its_door_and_nothing_breaks(
    database: object,
) -> None:
    ids = [await put("email", "a@b.cn") for _ in range(outbox.FLIGHTS)]
    before = settings.current()
    settings.use(msgspec.structs.replace(before, smtp_url="smtp://127.0.0.1:9", email_from="12345@example.cn"))
    outbox_senders = dict(outbox.SENDERS)
    outbox.SENDERS.clear()
    outbox.SENDERS["email"] = email.send
    try:
        for n in range(4):
            with clock.at(NOON + timedelta(hours=n)):
                assert await outbox.deliver_due() == 0
    finally:
        settings.use(before)
        outbox.SENDERS.clear()
        outbox.SENDERS.update(outbox_senders)
    assert {(await held(one)).state for one in ids} == {"queued"}
    async with db.reading() as connection:
        door = await connection.fetchrow("SELECT code, paused_at, paused_until FROM door WHERE channel = 'email'")
    assert door["code"] == "ConnectionRefusedError"
    assert door["paused_at"] < door["paused_until"]


async def test_while_nothing_can_be_noted_nothing_more_is_sent(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [await put() for _ in range(3 * outbox.FLIGHTS)]
    provider, mark = Provider(), outcomes.mark

    async def away(*_: object) -> bool:
        raise db.Away

    monkeypatch.setattr(outbox, "_RETRY", (0.01,))
    monkeypatch.setattr(outcomes, "mark", away)
    with pytest.raises(db.Away):
        await deliver("sms", provider)
    assert provider.asked <= outbox.FLIGHTS, "what cannot be noted would be sent again"
    monkeypatch.setattr(outcomes, "mark", mark)
    rest = Provider()
    await deliver("sms", rest)
    assert len(provider.got) + len(rest.got) == len(ids)
    assert not {one.id for one in provider.got} & {one.id for one in rest.got}, "those stay leased"


async def test_a_job_that_is_ended_in_the_middle_still_notes_what_it_sent(database: object) -> None:
    one, gate = await put(), asyncio.Event()
    provider = Provider(gate=gate)
    running = asyncio.create_task(deliver("sms", provider))
    while not provider.asked:  # noqa: ASYNC110 - it is on its way
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.sleep(0.01)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    row = await held(one)
    assert (row.state, row.provider_id) == ("sent", f"P{one}")
    with clock.at(NOON + outbox.LEASE):
        assert await deliver("sms", provider) == 0


async def test_what_outlives_its_lease_is_left_to_whoever_claims_it_next(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, provider = await put(), Provider()
    late = await outbox.claim("sms")
    with clock.at(NOON + outbox.LEASE):
        (again,) = await outbox.claim("sms")
    monkeypatch.setitem(outbox.SENDERS, "sms", provider)
    monkeypatch.setattr(outbox, "MARGIN", outbox.LEASE.total_seconds())
    assert await outbox._send_all("sms", late) == 0
    row = await held(one)
    assert (row.state, row.next_at, row.tries) == ("queued", again[0].next_at, 2), "the other's lease is untouched"
    assert provider.asked == 0


async def test_nobody_claims_what_cannot_leave_within_its_lease(database: object) -> None:
    for _ in range(2):
        await put()
    async with db.atomic() as connection:
        free = NOON + timedelta(seconds=outbox.LEAD + 1)
        await connection.execute("INSERT INTO door (channel, free_at) VALUES ('sms', $1)", free)
    assert await outbox.claim("sms") == []
    with clock.at(NOON + timedelta(seconds=2)):
        assert len(await outbox.claim("sms")) == 2


async def test_many_that_fail_at_once_rest_the_door_for_half_a_minute_and_each_vain_question_doubles_that(
    database: object,
) -> None:
    for _ in range(outbox.FLIGHTS):
        await put()
    await deliver("sms", Provider(failing(ConnectionError()).fails, seconds=0.01))
    at, rests = NOON, []
    for _ in range(7):
        async with db.reading() as connection:
            until = await connection.fetchval("SELECT paused_until FROM door WHERE channel = 'sms'")
        rests.append(round((until - at).total_seconds()))
        at = until
        with clock.at(at):
            async with db.atomic() as connection:
                await connection.execute("UPDATE outbox_message SET next_at = $1 WHERE state = 'queued'", at)
            await deliver("sms", failing(ConnectionError()))
    assert rests == [30, 60, 120, 240, 480, 600, 600]


async def test_all_processes_together_keep_a_doors_pace(database: object) -> None:
    city.current().rules["message.rate.sms"] = _rule("message.rate.sms", 20)
    try:
        for _ in range(60):
            await put()
        first, second = await outbox.claim("sms"), await outbox.claim("sms")
        waits = sorted(wait for _, wait in [*first, *second])
        assert (len(waits), len(first)) == (60, outbox.BATCH)
        assert all(later - earlier >= 0.049 for earlier, later in pairwise(waits)), waits
        assert waits[-1] >= 59 / 20 - 0.01
    finally:
        city.current().rules["message.rate.sms"] = _rule("message.rate.sms", 50)


def _rule(key: str, value: int) -> city.Rule:
    return msgspec.structs.replace(city.current().rules[key], value=value)


async def test_a_message_that_cannot_be_read_does_not_shut_its_door(database: object) -> None:
    ids = [await put() for _ in range(outcomes.RUN + 1)]
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE outbox_message SET body = $1 WHERE id = ANY($2)", vault.seal("x", "something else"), ids
        )
    await put()
    assert await deliver("sms", Provider()) == 1
    assert {(await held(one)).error for one in ids} == {"unreadable"}
    await put()
    assert await deliver("sms", Provider()) == 1


async def test_nobody_is_woken_but_whoever_has_just_written_is_answered(database: object) -> None:
    night = clock.on(clock.today(), 23)
    with clock.at(night):
        waking, answer = await put(is_waking=True), await put()
        assert await deliver("sms", Provider()) == 1
        assert (await held(answer)).state == "sent"
        row = await held(waking)
        assert row.next_at == clock.on(clock.today() + timedelta(days=1), 7, 30)
    with clock.at(night + timedelta(hours=8, minutes=29)):
        assert await deliver("sms", Provider()) == 0
    with clock.at(night + timedelta(hours=8, minutes=31)):
        assert await deliver("sms", Provider()) == 1


async def test_a_try_that_falls_due_in_the_night_waits_too(database: object) -> None:
    with clock.at(clock.on(clock.today(), 21, 29)):
        one = await put(is_waking=True)
        await deliver("sms", failing(Later("503")))
    with clock.at(clock.on(clock.today(), 23)):
        assert await deliver("sms", Provider()) == 0
    with clock.at(clock.on(clock.today() + timedelta(days=1), 7, 31)):
        assert await deliver("sms", Provider()) == 1
    assert (await held(one)).tries == 2


@pytest.mark.parametrize(
    ("hour", "minute", "days", "until"),
    [(21, 29, 0, None), (21, 30, 1, (7, 30)), (23, 59, 1, (7, 30)), (0, 0, 0, (7, 30)), (7, 29, 0, (7, 30)),
     (7, 30, 0, None)],
)  # fmt: skip
async def test_quiet_hours_run_over_midnight(
    database: object, hour: int, minute: int, days: int, until: tuple[int, int] | None
) -> None:
    moment = clock.on(clock.today(), hour, minute)
    assert hours.is_quiet(moment) == (until is not None)
    day = clock.today() + timedelta(days=days)
    assert hours.permitted(moment) == (moment if until is None else clock.on(day, *until))


@pytest.mark.parametrize("value", ["none", "", "21:30", "25:00-07:00", "08:00-08:00"])
def test_hours_that_are_none_are_never_quiet(value: str) -> None:
    assert hours.read(value) is None
