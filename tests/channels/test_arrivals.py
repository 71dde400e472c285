"""What providers send is stored once, read in order, parked when unreadable, and waits out PostgreSQL's absence."""

from __future__ import annotations

import asyncio
import itertools
import logging
from datetime import timedelta
from typing import Any

import pytest

from channels import arrivals, outbox, parked, reading, spool, talk, twilio_status, wechat_status
from channels.heard import Heard
from channels.rows import ArrivalRow
from hotline import clock, db, jobs, worker
from hotline.ids import new_id
from tests import builders as b

pytestmark = pytest.mark.anyio
_numbers = itertools.count(1)
LAMP = "丛台区和平路的路灯三天不亮"


def a_text(words: str = LAMP, **change: Any) -> Heard:
    """A text of somebody new."""
    n = next(_numbers)
    given = {"channel": "sms", "provider_id": f"SM{n}", "sender": f"137{n:08d}", "at": clock.now(), "words": words}
    return Heard(**{**given, **change})


async def one(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(sql, *args)


async def row_of(heard: Heard) -> ArrivalRow:
    found = await one("SELECT * FROM arrival WHERE channel = $1 AND provider_id = $2", heard.channel, heard.provider_id)
    return ArrivalRow(**found)


async def test_the_same_message_a_hundred_times_at_once_is_one_request_and_the_same_answer(database: object) -> None:
    text = a_text()
    answers = await asyncio.gather(*(arrivals.take(text, reply=f"answer {n}") for n in range(100)))
    assert sum(answer.is_new for answer in answers) == 1
    assert len({answer.reply for answer in answers}) == 1
    await asyncio.gather(*(reading.read_all() for _ in range(4)))
    case = (await row_of(text)).case_id
    assert (await one("SELECT count(*) FROM request WHERE case_id = $1", case))["count"] == 1
    assert (await one("SELECT count(*) FROM outbox_message WHERE case_id = $1", case))["count"] == 1
    assert not (await arrivals.take(text)).is_new


async def test_the_deliverys_token_counts_beside_the_messages_id(database: object) -> None:
    first, again = a_text(), a_text()
    assert (await arrivals.store(first, token="T1")).is_new
    assert not (await arrivals.store(again, token="T1")).is_new
    assert not (await arrivals.store(first, token="T2")).is_new
    assert (await arrivals.store(again, token="")).is_new


async def test_one_persons_messages_are_read_in_their_order_by_whoever_reads(database: object) -> None:
    who = a_text().sender
    begin = clock.now()
    texts = [a_text(f"丛台区第{n}句", sender=who) for n in range(12)]
    for n, text in enumerate(texts):
        await arrivals.store(text, at=begin + timedelta(milliseconds=n))
    for _ in range(20):
        await arrivals.store(a_text())
    await asyncio.gather(*(reading.read_all() for _ in range(5)))
    case = (await row_of(texts[0])).case_id
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT value FROM case_text WHERE case_id = $1 AND field = 'words' ORDER BY seq", case
        )
    assert [row["value"] for row in rows] == [text.words for text in texts]


async def test_a_bad_message_harms_no_neighbour_and_the_third_failure_parks_it_until_a_person_replays_it(
    database: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    texts = [a_text() for _ in range(5)]
    bad = texts[2]
    for text in texts:
        await arrivals.store(text)
    real = talk.read

    async def stumble(turn: Any) -> None:
        if turn.heard.provider_id == bad.provider_id:
            raise RuntimeError(f"cannot read {turn.heard.words} of {turn.heard.sender}")
        await real(turn)

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(talk, "read", stumble)
        for minutes in range(3):
            with clock.at(clock.now() + timedelta(minutes=minutes)):
                await reading.read_all()
    assert [(await row_of(text)).state for text in texts] == ["done", "done", "parked", "done", "done"]
    row = await row_of(bad)
    assert (row.tries, row.error) == (3, "RuntimeError")
    assert bad.sender not in caplog.text
    assert "路灯" not in caplog.text
    async with db.atomic() as connection:
        assert row.id in [one["id"] for one in await parked.arrivals(connection)]
        assert await parked.again(connection, row.id)
        assert not await parked.again(connection, row.id)
    await reading.read_all()
    assert (await row_of(bad)).outcome == "request"


async def test_a_server_that_goes_down_in_the_middle_is_not_the_messages_fault(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shut_down(turn: Any) -> None:
        await turn.work.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    text = a_text()
    await arrivals.store(text)
    with monkeypatch.context() as patch:
        patch.setattr(talk, "read", shut_down)
        with pytest.raises(db.AWAY):
            await reading.read_all()
    assert (await row_of(text)).tries == 0
    await reading.read_all()
    assert (await row_of(text)).state == "done"


async def test_while_postgresql_is_away_messages_are_spooled_and_read_when_it_is_back(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [a_text() for _ in range(30)]
    with monkeypatch.context() as patch:
        patch.setattr(db, "borrowed", _away)
        answers = await asyncio.gather(*(arrivals.take(text, reply="好") for text in [*texts, *texts]))
    assert {answer.reply for answer in answers} == {"好"}
    assert spool.figures()["waiting"] == 60
    arrivals._away_until = 0.0
    assert not any([await one("SELECT 1 FROM arrival WHERE provider_id = $1", t.provider_id) for t in texts])
    assert (await spool.drain()).done == 60
    await reading.read_all()
    assert {(await row_of(text)).outcome for text in texts} == {"request"}


def _away() -> Any:
    raise ConnectionRefusedError


async def test_a_postgresql_that_hangs_costs_one_wait_and_the_next_messages_none(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: Any, **__: Any) -> Any:
        await asyncio.sleep(60)

    with monkeypatch.context() as patch:
        patch.setattr(arrivals, "store", hang)
        patch.setattr(arrivals, "PATIENCE", 0.2)
        async with asyncio.timeout(1):
            await arrivals.take(a_text())
            for _ in range(20):
                await arrivals.take(a_text())
    arrivals._away_until = 0.0
    assert (await spool.drain()).done == 21


async def test_what_waited_for_postgresql_keeps_the_moment_at_which_it_came(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: Any, **__: Any) -> Any:
        await asyncio.sleep(60)

    text, begin = a_text(), clock.now()
    with monkeypatch.context() as patch:
        patch.setattr(arrivals, "store", hang)
        patch.setattr(arrivals, "PATIENCE", 0.5)
        await arrivals.take(text)
    arrivals._away_until = 0.0
    await spool.drain()
    assert (await row_of(text)).received_at - begin < timedelta(seconds=0.4)


@pytest.mark.parametrize("take", [
    lambda: twilio_status.take({"MessageSid": "SM9", "MessageStatus": "delivered"}),
    lambda: wechat_status.take(Heard(
        channel="wechat", provider_id="o:1", sender="o", at=clock.now(), event="templatesendjobfinish", key="1 success"
    )),
])  # fmt: skip
async def test_what_became_of_a_message_is_taken_within_its_time_though_even_giving_up_hangs(
    database: object, monkeypatch: pytest.MonkeyPatch, take: Any
) -> None:
    async def hang(*_: Any, **__: Any) -> Any:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(5)  # a server that was stopped does not take the cancelling either

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "status", hang)
        patch.setattr(arrivals, "PATIENCE", 0.2)
        async with asyncio.timeout(2):
            await take()
            await take()
    arrivals._away_until = 0.0
    assert (await spool.drain()).done == 2


async def test_batches_with_the_same_repeats_in_them_never_wait_in_a_circle(database: object) -> None:
    first, second = a_text(provider_id="SMring1"), a_text(provider_id="SMring2")
    sql = (
        "INSERT INTO arrival (id, channel, provider_id, sender, received_at, body) "
        "VALUES ($1, 'sms', $2, 'x', $3, 'x') ON CONFLICT DO NOTHING"
    )
    async with db.borrowed() as other, other.transaction():
        await other.execute(sql, new_id(), first.provider_id, clock.now())
        stored = asyncio.gather(arrivals.store(second), arrivals.store(first))
        while not await one(  # noqa: ASYNC110 - PostgreSQL tells nobody
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%arrival%'"
        ):
            await asyncio.sleep(0.01)
        await other.execute(sql, new_id(), second.provider_id, clock.now())
    assert [answer.is_new for answer in await stored] == [False, False]
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM arrival WHERE sender = 'x'")


async def test_a_message_that_failed_is_not_overtaken_by_its_senders_next(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_text()
    later, neighbour = a_text("还是不亮", sender=first.sender), a_text()
    real = talk.read

    async def stumble(turn: Any) -> None:
        if turn.heard.provider_id == first.provider_id and turn.row.tries == 0:
            raise RuntimeError
        await real(turn)

    monkeypatch.setattr(talk, "read", stumble)
    for text in (first, later, neighbour):
        await arrivals.store(text)
    await reading.read_all()
    await reading.read_all()
    assert [(await row_of(text)).state for text in (first, later, neighbour)] == ["new", "new", "done"]
    with clock.at(clock.now() + timedelta(seconds=5)):
        await reading.read_all()
    assert [(await row_of(text)).outcome for text in (first, later)] == ["request", "words"]


async def test_who_sends_thousands_takes_one_place_among_those_who_wait(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 3)
    flood = a_text()
    for n in range(6):
        await arrivals.store(a_text(f"丛台区第{n}句", sender=flood.sender))
    neighbour = a_text()
    await arrivals.store(neighbour)
    await reading._read_batch()
    assert (await row_of(neighbour)).state == "done"
    await reading.read_all()


async def test_nothing_is_read_while_another_process_hands_over_what_waited(database: object) -> None:
    text, waits = a_text(), a_text()
    await arrivals.store(text)
    await spool.keep(arrivals.KIND, arrivals._encode(arrivals._Spooled(heard=waits)))
    with spool._alone() as is_mine:
        assert is_mine
        assert await worker.read_arrivals({}) == 0
        assert (await row_of(text)).state == "new"
    assert await worker.read_arrivals({}) == 2
    assert (await row_of(text)).state == (await row_of(waits)).state == "done"


async def test_an_erased_case_leaves_no_answer_and_nothing_to_fetch(database: object) -> None:
    from cases import verbs

    receipt = await b.a_case("closed")
    text = a_text()
    await arrivals.store(text, reply="您的来件")
    await reading.read_all()
    case = await one("SELECT case_id FROM request WHERE receipt_no = $1", receipt.number)
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE arrival SET case_id = $2 WHERE provider_id = $1", text.provider_id, case["case_id"]
        )
    await b.act("admin", receipt.number, verbs.erase, rule="retention")
    assert (await row_of(text)).reply is None


@pytest.fixture(autouse=True)
async def quiet_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody nudges a worker that is not there."""
    monkeypatch.setattr(jobs, "nudge_soon", lambda _: None)
