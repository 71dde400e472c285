"""PostgreSQL or Valkey busy, going down or hanging: nobody waits for ever, and no message is blamed for it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from channels import acknowledge, intake
from hotline import db, jobs, settings
from hotline.work import Work
from tests import builders as b

pytestmark = pytest.mark.anyio


@pytest.fixture
async def small_pool(database: object) -> AsyncIterator[None]:
    await db.connect(size=2)
    yield
    await db.connect()


async def test_many_pages_that_ask_twice_need_no_second_connection_while_they_hold_the_first(small_pool: None) -> None:
    async def page() -> int:
        async with db.reading() as connection:
            await connection.fetchval("SELECT pg_sleep(0.01)")
            async with db.reading() as again:
                assert again is connection
                return int(await again.fetchval("SELECT 1"))

    async with asyncio.timeout(8):
        assert await asyncio.gather(*(page() for _ in range(16))) == [1] * 16


async def test_a_task_started_while_reading_gets_a_connection_of_its_own(small_pool: None) -> None:
    async def mine() -> Any:
        async with db.reading() as connection:
            return connection

    async with db.reading() as connection:
        assert await asyncio.create_task(mine()) is not connection
        assert await mine() is connection


async def test_a_transaction_that_cannot_begin_gives_its_connection_back(
    small_pool: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def begin(_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(db._SafeTransaction, "begin", begin)
        for _ in range(3):
            with pytest.raises(ConnectionResetError):
                async with db.atomic():
                    pass
    async with asyncio.timeout(5), db.atomic() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_full_pool_answers_with_a_time_out_that_counts_as_away(
    small_pool: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "PATIENCE", 0.2)

    async def hold(until: asyncio.Event) -> None:
        async with db.reading():
            await until.wait()

    free = asyncio.Event()
    holders = [asyncio.create_task(hold(free)) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(db.AWAY):
        async with db.atomic():
            pass
    free.set()
    await asyncio.gather(*holders)


async def test_a_server_that_shuts_down_in_the_middle_is_not_the_messages_fault(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shut_down(w: Work, _: object) -> None:
        await w.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    receipt = await acknowledge.acknowledge(b.a_message())
    with monkeypatch.context() as patch:
        patch.setattr(intake, "_make", shut_down)
        for job in (intake.make_one(receipt.message), intake.make_all()):
            with pytest.raises(db.AWAY):
                await job
    async with db.reading() as connection:
        tries = await connection.fetchval("SELECT tries FROM inbound_message WHERE id = $1", receipt.message)
    assert tries == 0
    assert await intake.make_one(receipt.message)


async def test_a_valkey_that_hangs_costs_a_moment_once_and_the_next_nudge_nothing(
    database: object, tmp_path: Path
) -> None:
    async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()

    before = settings.current()
    door = tmp_path / "v"
    server = await asyncio.start_unix_server(say_nothing, door)
    await jobs.close()
    settings.use(msgspec.structs.replace(before, redis_url=f"unix://{door}"))
    try:
        began = time.monotonic()
        async with asyncio.timeout(3 * jobs.PATIENCE):
            await jobs.publish("live", "queue")
            first = time.monotonic() - began
            await jobs.nudge("make_cases")
        assert time.monotonic() - began - first < 0.2
    finally:
        settings.use(before)
        server.close()
        await jobs.close()


async def test_the_servers_own_log_never_quotes_a_row_that_it_refused(database: Any, engines: Any) -> None:
    receipt = await b.a_receipt()
    secret = "我叫赵六，电话13700000007"
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.atomic() as connection:
            await connection.execute(
                "UPDATE request SET words = $2, reply_by = 'x' WHERE receipt_no = $1", receipt.number, secret
            )
    logs = [path for path in Path(engines.data).rglob("*.log") if path.is_file()]
    texts = [path.read_text(errors="replace") for path in logs]
    assert any("request_reply_by_check" in text for text in texts), logs
    assert not any("赵六" in text for text in texts)
