"""Web hooks: signed, sent once each, tried again or given up by status, never into a network they may not reach."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from channels import hook_log, hook_target, intake, outbox, partners, receivers, webhooks
from channels.acknowledge import acknowledge
from channels.carrier import Later, Never, Outgoing
from hotline import acts, clock, db
from tests import builders
from tests.engines import Place
from tests.partnering import a_partner, secret_of
from tests.receiver import Receiver, is_signed, listening

pytestmark = pytest.mark.anyio


@pytest.fixture
async def receiver(database: Place) -> AsyncIterator[Receiver]:
    """A receiver of this test; only the web hook's door is open."""
    before = dict(outbox.SENDERS)
    outbox.SENDERS.clear()
    outbox.SENDERS["webhook"] = webhooks.send
    async with listening() as one:
        yield one
    outbox.SENDERS.clear()
    outbox.SENDERS.update(before)


def a_message(partner: str, text: str = '{"event":"ping"}') -> Outgoing:
    """One message on its way."""
    return Outgoing(id=uuid4(), key=f"hook:{partner}:x", channel="webhook", address=partner, text=text)


async def filed(partner: str, **change: Any) -> str:
    """A case of a partner; its number."""
    message = builders.a_message(
        channel="province", origin_system=partner, origin_no=str(uuid4()), matter="020201", reply_by="none", **change
    )
    receipt = await acknowledge(message)
    await intake.make_one(receipt.message)
    return receipt.number


async def test_the_signature_is_the_published_one() -> None:
    # The example of the Standard Webhooks specification, with its own secret, id, time and body.
    secret, message = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    body = b'{"test": 2432232314}'
    assert webhooks.signature(secret, message, 1614265330, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_what_is_sent_can_be_checked_by_anybody_with_the_secret(receiver: Receiver) -> None:
    await a_partner("signed", hook=receiver.url)
    message = a_message("signed", '{"event":"路灯"}')
    assert await webhooks.send(message) == ""
    headers, body = receiver.got[0]
    assert body.decode() == '{"event":"路灯"}'
    assert headers["webhook-id"] == str(message.id)
    assert headers["content-type"] == "application/json"
    assert abs(int(headers["webhook-timestamp"]) - clock.now().timestamp()) < 60
    secret = await secret_of("signed")
    assert is_signed(secret, headers, body)
    assert not is_signed(secret, headers, body + b" ")
    assert not is_signed(partners.new_secret(), headers, body)
    assert not is_signed(secret, {**headers, "webhook-timestamp": "1"}, body)


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408, 425])
async def test_a_failure_that_passes_is_tried_again(receiver: Receiver, status: int) -> None:
    await a_partner(f"later{status}", hook=receiver.url)
    receiver.answers, receiver.headers = [status], {"Retry-After": "120"}
    with pytest.raises(Later) as caught:
        await webhooks.send(a_message(f"later{status}"))
    assert (caught.value.code, caught.value.after, caught.value.is_one) == (str(status), 120.0, True)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404])
async def test_another_answer_is_no_receipt_and_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    await a_partner(f"never{status}", hook=receiver.url)
    receiver.answers, receiver.headers = [status, 200], {"Location": receiver.url}
    with pytest.raises(Never, match=str(status)):
        await webhooks.send(a_message(f"never{status}"))
    assert len(receiver.got) == 1


async def test_gone_switches_the_hook_off_and_says_so_in_the_log_of_acts(receiver: Receiver) -> None:
    await a_partner("gone", hook=receiver.url)
    receiver.answers = [410]
    with pytest.raises(Never, match="410"):
        await webhooks.send(a_message("gone"))
    async with db.reading() as connection:
        one = await partners.found(connection, "gone")
        kinds = [act.kind for act in await acts.recent(connection, subject="partner:gone")]
    assert (one.is_hook_on, kinds) == (False, ["partner_hook_gone"])
    assert one.hook_off_at is not None
    with pytest.raises(Never, match="off"):
        await webhooks.send(a_message("gone"))
    assert len(receiver.got) == 1


async def test_nobody_there_is_tried_again_and_rests_no_other_partners_messages(receiver: Receiver) -> None:
    await a_partner("deaf", hook="http://127.0.0.1:9/hook")
    await a_partner("hears", hook=receiver.url)
    with pytest.raises(Later, match="connect"):
        await webhooks.send(a_message("deaf"))
    for _ in range(8):
        await filed("deaf")
    number = await filed("hears")
    await outbox.deliver_due()
    await outbox.deliver_due()
    assert number in {one["number"] for one in receiver.told}
    assert await db.pool().fetchval("SELECT paused_until FROM door WHERE channel = 'webhook'") is None


async def test_a_secret_that_cannot_be_read_is_its_own_partners_trouble(receiver: Receiver) -> None:
    await a_partner("locked", hook=receiver.url)
    async with db.atomic() as connection:
        await partners.change(connection, "locked", {"hook_secret": b"not sealed by us"})
    with pytest.raises(Later) as caught:
        await webhooks.send(a_message("locked"))
    assert caught.value.is_one, "or five of these would rest every partner's web hooks"


async def test_a_partner_that_hangs_holds_up_no_other_and_is_left_alone_for_a_while(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hung.append(1)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    hung: list[int] = []
    monkeypatch.setattr(webhooks, "PATIENCE", 1.0)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        await a_partner("hangs", hook=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook")
        await a_partner("lively", hook=receiver.url)
        for _ in range(8):
            await filed("hangs")
        number = await filed("lively")
        began = time.monotonic()
        running = asyncio.create_task(outbox.deliver_due())
        while number not in {one["number"] for one in receiver.told}:
            await asyncio.sleep(0.01)
            assert time.monotonic() - began < 10
        await running
    assert receivers.RUN <= len(hung) < 2 * receivers.RUN, "its others wait"
    rows = await db.pool().fetch("SELECT state, tries, next_at FROM outbox_message WHERE key LIKE 'hook:hangs:%'")
    tries = sorted(row["tries"] for row in rows)
    assert tries == [0] * (len(rows) - len(hung)) + [1] * len(hung), "and keep their tries"
    assert {row["state"] for row in rows} == {"queued"}


def test_a_receiver_is_left_alone_for_longer_each_time_and_forgiven_at_its_first_answer() -> None:
    now, rests = clock.now(), []
    for _ in range(receivers.RUN - 1):
        receivers.missed("webhook", "x", now)
        assert receivers.rest("webhook", "x", now) == 0.0
    for _ in range(7):
        receivers.missed("webhook", "x", now)
        receivers.missed("webhook", "x", now)  # was on its way together with the other
        rests.append(next(n for n in (30, 60, 120, 240, 480, 600) if receivers.rest("webhook", "x", now) <= n * 1.25))
        now += timedelta(seconds=rests[-1] + 1)
    assert rests == [30, 60, 120, 240, 480, 600, 600]
    receivers.heard("webhook", "x")
    receivers.missed("webhook", "x", now)
    assert receivers.rest("webhook", "x", now) == 0.0


async def test_a_private_network_is_reached_only_with_the_switch(receiver: Receiver) -> None:
    await a_partner("outside", hook=receiver.url.replace("http://127.0.0.1", "https://localhost"))
    async with db.atomic() as connection:
        await partners.change(connection, "outside", {"is_intranet": False})
    with pytest.raises(Never, match="private_address"):
        await webhooks.send(a_message("outside"))
    await a_partner("literal", hook=receiver.url)
    async with db.atomic() as connection:
        await partners.change(connection, "literal", {"is_intranet": False})
    with pytest.raises(Never, match="address"):
        await webhooks.send(a_message("literal"))
    assert receiver.got == []


@pytest.mark.parametrize(
    ("address", "outside", "intranet"),
    [
        ("8.8.8.8", True, True), ("2001:4860:4860::8888", True, True), ("10.0.0.1", False, True),
        ("192.168.1.1", False, True), ("127.0.0.1", False, True), ("::1", False, True), ("fd00::1", False, True),
        ("169.254.169.254", False, False), ("fe80::1", False, False), ("224.0.0.1", False, False),
        ("224.0.0.251", False, False), ("::ffff:10.0.0.1", False, True), ("::ffff:169.254.169.254", False, False),
        ("100.64.0.1", False, False),
    ],
)  # fmt: skip
def test_which_addresses_may_be_reached(address: str, outside: bool, intranet: bool) -> None:
    found = [hook_target.may_reach(address, is_intranet=one) for one in (False, True)]
    assert found == [outside, intranet]


async def test_each_event_is_one_row_of_its_own_transaction_and_tells_nothing_personal(receiver: Receiver) -> None:
    await a_partner("story", hook=receiver.url)
    number = await filed("story", words="王小明说路灯不亮，电话 13800000001。", place="丛台区和平路 7 号")
    rows = await db.pool().fetch("SELECT name, address, body FROM outbox_message WHERE key LIKE 'hook:story:%'")
    assert {row["name"] for row in rows} == {"registered", "accepted", "dispatched"}
    assert b"story" not in b"".join(row["address"] + row["body"] for row in rows)
    await outbox.deliver_due()
    assert [one["event"] for one in receiver.told] == ["registered", "accepted", "dispatched"]
    last = receiver.told[-1]
    assert (last["number"], last["state"], last["unit"]["code"]) == (number, "in_progress", "130403")
    assert last["due"]
    assert last["origin_no"]
    for _, body in receiver.got:
        for secret in ("王小明", "13800000001", "路灯不亮", "7 号"):
            assert secret not in body.decode()


async def test_only_what_was_asked_for_is_told_and_another_partners_case_never(receiver: Receiver) -> None:
    await a_partner("few", hook=receiver.url)
    await a_partner("none")
    async with db.atomic() as connection:
        await partners.change(connection, "few", {"hook_events": ["dispatched"]})
    await filed("few")
    await filed("none")
    await builders.a_receipt(matter="020201")
    await outbox.deliver_due()
    assert [one["event"] for one in receiver.told] == ["dispatched"]


async def test_of_a_sealed_case_neither_unit_nor_reply_is_told(receiver: Receiver) -> None:
    from cases import verbs

    await a_partner("sealed", hook=receiver.url)
    number = await filed("sealed", is_confidential=True)
    await builders.act("dispatcher", number, verbs.answer, reply="请到窗口找张主任。")
    await outbox.deliver_due()
    assert [one["event"] for one in receiver.told] == ["registered", "answered"]
    assert {(one["unit"], one["reply"]) for one in receiver.told} == {(None, "")}


async def test_the_log_holds_every_try_and_a_replay_keeps_the_id(receiver: Receiver) -> None:
    await a_partner("logged", hook=receiver.url)
    receiver.answers = [503, 404, 200]
    async with db.atomic() as connection:
        await partners.change(connection, "logged", {"hook_events": ["registered"]})
    await filed("logged")
    await outbox.deliver_due()
    later = clock.now() + timedelta(hours=1)
    with clock.at(later):
        await outbox.deliver_due()
    with clock.at(later + timedelta(minutes=1)):
        await _replay(receiver)


async def _replay(receiver: Receiver) -> None:
    async with db.atomic() as connection:
        (one,) = await hook_log.deliveries(connection, "logged")
        assert (one.state, [t.outcome for t in one.attempts]) == ("failed", ["later", "never"])
        assert [t.code for t in one.attempts] == ["503", "404"]
        await hook_log.again(connection, "logged", one.id)
    await outbox.deliver_due()
    async with db.reading() as connection:
        (one,) = await hook_log.deliveries(connection, "logged")
    assert (one.state, [t.outcome for t in one.attempts][2:]) == ("sent", ["replayed", "sent"])
    assert len({UUID(headers["webhook-id"]) for headers, _ in receiver.got}) == 1


async def test_erasing_a_case_takes_its_messages_words_too(receiver: Receiver) -> None:
    from cases import verbs

    await a_partner("erased", hook=receiver.url)
    number = await filed("erased", is_confidential=True)
    await builders.act("dispatcher", number, verbs.answer, reply="答复")
    await builders.act("admin", number, verbs.erase, rule="保管期满")
    async with db.reading() as connection:
        found = await hook_log.deliveries(connection, "erased")
    assert found
    assert all(one.is_erased and not one.may_again for one in found)
