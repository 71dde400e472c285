"""Providers' reports only move a message forward; what they could not deliver a person may send again."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from channels import letters, outbox
from channels.carrier import Never, Outgoing
from hotline import clock, db
from tests.channels import senders
from tests.channels.senders import Provider, attempts, deliver, held, put

pytestmark = pytest.mark.anyio
NOON = clock.on(clock.today(), 12)


@pytest.fixture(autouse=True)
async def noon(database: object) -> AsyncIterator[None]:
    """An empty outbox at noon."""
    with clock.at(NOON):
        await senders.empty()
        yield


async def sent() -> UUID:
    """A message that the provider took."""
    one = await put()
    await deliver("sms", Provider())
    return one


async def told(one: UUID, state: str, code: str = "") -> bool:
    """The provider reports on it."""
    async with db.atomic() as connection:
        return await outbox.status(connection, "sms", f"P{one}", state, clock.now(), code)


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "delivered", "delivered"], 4)))
async def test_reports_in_any_order_and_twice_end_as_delivered(database: object, order: tuple[str, ...]) -> None:
    one = await sent()
    news = [await told(one, state) for state in order]
    assert sum(news) == 1
    assert (await held(one)).state == "delivered"
    assert await attempts(one) == [("sent", ""), ("status", "delivered")]


async def test_a_report_that_waits_for_another_one_still_moves_the_message_on(database: object) -> None:
    one = await sent()
    async with db.pool().acquire() as connection, connection.transaction():
        assert await outbox.status(connection, "sms", f"P{one}", "failed", clock.now(), "30003")
        waiting = asyncio.create_task(told(one, "delivered"))
        for _ in range(500):
            if await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                break
            await asyncio.sleep(0.01)
    assert await waiting
    assert (await held(one)).state == "delivered"
    assert [told for _, told in await attempts(one)] == ["", "failed 30003", "delivered"]


async def test_failed_stands_unless_it_was_delivered_after_all_and_delivered_never_goes_back(database: object) -> None:
    one = await sent()
    assert await told(one, "undelivered", "30003")
    assert not await told(one, "failed", "30003")
    assert not await told(one, "sent")
    row = await held(one)
    assert (row.state, row.error) == ("failed", "30003")
    assert await told(one, "delivered")
    assert not await told(one, "failed", "30003")
    row = await held(one)
    assert (row.state, row.error) == ("delivered", None)


async def test_a_report_that_comes_before_we_know_the_messages_id_is_kept_for_it(database: object) -> None:
    one = await put()
    assert not await told(one, "delivered")
    await deliver("sms", Provider())
    assert (await held(one)).state == "delivered"
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM status_ahead WHERE provider_id = $1", f"P{one}") == 0


async def test_strange_reports_change_nothing(database: object) -> None:
    one = await sent()
    assert not await told(one, "accepted")
    async with db.atomic() as connection:
        assert not await outbox.status(connection, "sms", "nobody's", "delivered", clock.now())
        assert not await outbox.status(connection, "sms", "", "delivered", clock.now())
    assert (await held(one)).state == "sent"


async def test_an_undelivered_one_is_a_dead_letter_that_is_sent_again_once_under_the_same_key(database: object) -> None:
    one = await sent()
    await told(one, "undelivered", "30003")
    async with db.atomic() as connection:
        (letter,) = await letters.dead(connection, "sms")
        assert (letter.id, letter.code, letter.is_undelivered, letter.name) == (one, "30003", True, "help")
        assert await letters.again(connection, one) == [one]
        assert await letters.again(connection, one) == []
    provider = Provider()
    assert await deliver("sms", provider) == 1
    assert (await held(one)).state == "sent"
    assert await attempts(one) == [("sent", ""), ("status", "failed 30003"), ("replayed", ""), ("sent", "")]


async def test_one_put_back_that_turns_out_to_have_arrived_is_not_sent_again(database: object) -> None:
    one = await sent()
    await told(one, "undelivered", "30003")
    async with db.atomic() as connection:
        await letters.again(connection, one)
    assert await told(one, "delivered")
    assert await deliver("sms", Provider()) == 0


async def test_all_of_a_door_are_sent_again_and_no_other_doors(database: object) -> None:
    def fails(_: Outgoing) -> None:
        raise Never("21211")

    texts = [await put() for _ in range(3)]
    mail = await put("email", "a@b.cn")
    await deliver("sms", Provider(fails))
    await deliver("email", Provider(fails))
    async with db.atomic() as connection:
        assert await letters.again(connection) == []
        found = await letters.again(connection, channel="sms")
    assert set(found) >= set(texts)
    assert (await held(mail)).state == "failed"
    assert {(await held(one)).state for one in texts} == {"queued"}
