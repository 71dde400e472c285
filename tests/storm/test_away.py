"""PostgreSQL or Valkey gone or frozen under a real `hotline up`: a clear page, nothing lost, recovery by itself."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import anyio
import asyncpg
import httpx
import jinja2
import pytest
import redis.asyncio

from hotline import db, processes, servers
from hotline.embedded import Engines
from tests import engines as stage
from tests.houses import House
from tests.visitor import Visitor
from web import live

WORDS = "和平路与陵西大街口的路灯三天不亮，晚上过马路看不清。"
PATIENT = 2 * db.WEB_PATIENCE
"""Seconds within which any page must have said something, on a machine that does other things too."""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One house for all the storms: each leaves it as it found it."""
    place = Path(tempfile.mkdtemp(prefix="hls"))
    place.chmod(0o711)
    one = House(place / "d")
    # The worker starts once the pages answer: who freezes the house before that has none.
    assert processes.wait_until(lambda: httpx.get(f"{one.address}/health").json()["status"] == "ok", 60, 0.2)
    yield one
    assert one.end() == 0
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
async def citizen(house: House) -> AsyncIterator[Visitor]:
    """Somebody in the middle of writing: the next page is that for the words."""
    async with a_visitor(house.address) as one:
        await one.open("/ask")
        await one.submit("/ask", kind="assistance")
        yield one


@contextlib.asynccontextmanager
async def a_visitor(address: str) -> AsyncIterator[Visitor]:
    one = Visitor(address)
    try:
        yield one
    finally:
        await one.client.aclose()


async def up_to_the_check(citizen: Visitor) -> None:
    """Every question answered; what is left is to send it."""
    await citizen.submit("/ask/what", words=WORDS)
    await citizen.submit("/ask/where", county="130403", place="和平路与陵西大街口")
    while "/ask/check" not in str(citizen.page.url):
        form = next(f for f in citizen.forms if re.search(r"/ask/(street|matter|reach)$", f.action))
        await citizen.submit(form.action, **({"reach": "web"} if "phone" in form.names else {}))


async def send(citizen: Visitor) -> str:
    """Send it; the receipt number on the page."""
    await citizen.submit("/ask/send")
    number = re.search(r"\d{6}-\d{5}", citizen.text)
    assert number, citizen.text
    return number[0]


async def until(what: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait for it, bounded."""
    end = time.monotonic() + seconds
    while not await what():
        assert time.monotonic() < end, "it did not come in time"
        await anyio.sleep(0.2)


async def is_made(url: str, number: str) -> bool:
    """Whether the acknowledged message is a case."""
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM request WHERE receipt_no = $1)", number))
    finally:
        await connection.close()


async def health(address: str) -> dict[str, object]:
    """What the web process says of what it stands on; empty when it says nothing."""
    async with httpx.AsyncClient(timeout=PATIENT) as client:
        with contextlib.suppress(httpx.TransportError):
            told: dict[str, object] = (await client.get(f"{address}/health")).json()
            return told
    return {}


async def is_back(address: str) -> bool:
    """Whether PostgreSQL answers the web process again."""
    return (await health(address)).get("db") is True


async def is_whole(address: str) -> bool:
    """Whether all of it works again."""
    return (await health(address)).get("status") == "ok"


@contextlib.contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """Processes that are there and do nothing."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def postmaster(house: House) -> int:
    """The process that PostgreSQL is."""
    return int((Engines(house.data).postgres.data / "postmaster.pid").read_text().split()[0])


def postgres(house: House) -> list[int]:
    """PostgreSQL with all its helpers and sessions, the postmaster first."""
    first = postmaster(house)
    return [first, *(p for p in house.members() if p != first and processes.is_running(p, "postgres: "))]


@contextlib.contextmanager
def without_postgres(house: House) -> Iterator[None]:
    """PostgreSQL killed, and nobody there to start it again until the block is over."""
    with frozen(house.process.pid):
        members = postgres(house)
        os.kill(members[0], signal.SIGKILL)
        assert processes.wait_until(lambda: not [p for p in members if processes.is_running(p)], 30)
        yield


async def test_without_valkey_pages_answer_and_what_is_sent_becomes_a_case(house: House, citizen: Visitor) -> None:
    url = Engines(house.data).app_url
    await up_to_the_check(citizen)
    with frozen(house.process.pid):
        os.kill(house.pid_of("valkey-server"), signal.SIGKILL)
        for path in ("/", "/track", "/sign-in", "/ask/check"):
            await citizen.open(path)
            assert citizen.page.status_code == 200, path
            assert citizen.page.elapsed.total_seconds() < PATIENT
        number = await send(citizen)
        assert (await health(house.address))["valkey"] is False
        await until(lambda: is_made(url, number))
    await until(lambda: is_whole(house.address))


async def test_losing_all_that_valkey_holds_loses_nothing(house: House, citizen: Visitor) -> None:
    engines = Engines(house.data)
    await up_to_the_check(citizen)
    with frozen(house.pid_of("-m", "hotline", "worker")):
        number = await send(citizen)
        async with redis.asyncio.Redis.from_url(engines.redis_url) as valkey:
            assert await valkey.zcard("arq:queue") > 0, "the nudge lies there"
            await valkey.flushall()
        os.kill(house.pid_of("valkey-server"), signal.SIGKILL)
        assert not await is_made(engines.app_url, number)
    await until(lambda: is_made(engines.app_url, number))


async def test_a_valkey_that_hangs_keeps_nobody_waiting(house: House, citizen: Visitor) -> None:
    await up_to_the_check(citizen)
    with frozen(house.pid_of("valkey-server")):
        begun = time.monotonic()
        number = await send(citizen)
        assert time.monotonic() - begun < PATIENT
    await until(lambda: is_made(Engines(house.data).app_url, number))


async def test_web_and_worker_that_start_without_valkey_come_up_and_find_it_later(database: stage.Place) -> None:
    with tempfile.TemporaryDirectory(prefix="hlv") as place:
        Path(place).chmod(0o711)
        user = processes.plain_user()
        valkey = servers.Valkey(Path(place), Path(place), user)
        (Path(place) / "valkey").mkdir()
        if user:
            for folder in (Path(place), Path(place) / "valkey"):
                os.chown(folder, user.pw_uid, user.pw_gid)
        environment = database.environment | {"REDIS_URL": f"unix://{valkey.socket}"}
        with stage.served(environment, database.settings.data_dir / "served.log") as address:
            async with a_visitor(address) as citizen:
                await citizen.open("/ask")
                await citizen.submit("/ask", kind="assistance")
                await up_to_the_check(citizen)
                number = await send(citizen)
                await until(lambda: is_made(database.settings.database_url, number))
                assert (await health(address))["status"] == "degraded"
            valkey.begin()
            try:
                valkey.wait()
                await until(lambda: is_whole(address))
            finally:
                valkey.stop()


async def test_live_pages_notice_a_valkey_that_hangs_and_hear_it_again_later(
    database: stage.Place, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = live.Hub()
    monkeypatch.setattr(live, "HEARTBEAT", 0.2)

    async def is_heard() -> bool:
        return not hub.is_away

    async def is_missed() -> bool:
        return hub.is_away

    assert engines.valkey.process is not None
    async with hub.listening():
        await until(is_heard)
        await anyio.sleep(1)
        assert await is_heard(), "silence is no absence while the pings are answered"
        with frozen(engines.valkey.process.pid):
            await until(is_missed)
        await until(is_heard)


async def test_without_postgresql_what_was_typed_is_kept_and_its_button_works_once_it_is_back(
    house: House, citizen: Visitor
) -> None:
    web = house.pid_of("-m", "hotline", "web")
    with without_postgres(house):
        await citizen.submit("/ask/what", words=WORDS)
        assert citizen.page.status_code == 503
        assert citizen.page.headers["retry-after"]
        assert "暂时存不了，内容还在" in citizen.text
        assert WORDS in citizen.page.text
        citizen.client.cookies.set("hl_lang", "en")
        kept = citizen.forms
        assert "It cannot be saved just now." in await citizen.open("/")
        assert citizen.page.status_code == 503
        citizen.forms = kept
    await until(lambda: is_back(house.address))
    await citizen.submit("/ask/what")
    assert "/ask/where" in str(citizen.page.url), citizen.text
    assert house.pid_of("-m", "hotline", "web") == web, "the web process is the same one"


async def test_the_agents_call_is_kept_while_postgresql_is_away(house: House) -> None:
    async with a_visitor(house.address) as agent:
        await agent.sign_in("agent")
        await agent.open("/desk")
        with without_postgres(house):
            await agent.submit("/desk", words=WORDS, is_anonymous="1", no_place="说不清")
            assert agent.page.status_code == 503
            assert WORDS in agent.page.text
            assert "暂时存不了" in agent.text
        await until(lambda: is_back(house.address))
        await agent.submit("/desk")
        assert agent.page.status_code in {200, 422}, agent.text
        assert WORDS in agent.page.text or "/desk/receipts/" in str(agent.page.url)


async def test_machines_are_told_with_a_code_and_a_sentence(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.address, timeout=PATIENT) as client:
        with without_postgres(house):
            answer = await client.get("/", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
        assert answer.json()["say"]["en"].startswith("It cannot be saved")
        assert answer.json()["say"]["zh"]
    await until(lambda: is_back(house.address))


async def test_a_frozen_postgresql_hangs_no_page_and_costs_no_connection(house: House, citizen: Visitor) -> None:
    web = house.pid_of("-m", "hotline", "web")
    async with httpx.AsyncClient(base_url=house.address, timeout=30) as client:

        async def together(many: int) -> list[int]:
            found: list[int] = []

            async def one() -> None:
                found.append((await client.get("/")).status_code)

            async with anyio.create_task_group() as group:
                for _ in range(many):
                    group.start_soon(one)
            return found

        assert await together(5) == [200] * 5
        with frozen(*postgres(house)):
            begun = time.monotonic()
            assert await together(15) == [503] * 15, "more than there are connections"
            assert time.monotonic() - begun < PATIENT + db.PATIENCE
            begun = time.monotonic()
            await citizen.submit("/ask/what", words=WORDS)
            assert time.monotonic() - begun < PATIENT
            assert citizen.page.status_code == 503
            assert WORDS in citizen.page.text
        await until(lambda: is_back(house.address))
        assert await together(15) == [200] * 15
        await citizen.submit("/ask/what")
        assert "/ask/where" in str(citizen.page.url), citizen.text
    assert house.pid_of("-m", "hotline", "web") == web


@pytest.mark.parametrize(
    "mistake",
    [
        jinja2.TemplateNotFound("public/none.html"),
        FileNotFoundError(2, "No such file or directory"),
        OSError(28, "No space left on device"),
        asyncpg.InterfaceError("cannot use Connection.transaction() in a manually started transaction"),
        KeyError("county"),
    ],
    ids=lambda one: type(one).__name__,
)
async def test_a_mistake_of_ours_is_a_500_with_a_number_and_not_the_weather(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, mistake: Exception
) -> None:
    from web.public import home

    def fails(*_: object, **__: object) -> None:
        raise mistake

    monkeypatch.setattr(home, "render", fails)
    answer = await client.get("/")
    assert answer.status_code == 500
    assert re.search(r"已记下编号 [0-9a-f]{8}", answer.text)


async def test_a_connection_that_broke_is_dropped_whatever_was_done_on_it(database: stage.Place) -> None:
    """More often than the pool has connections: not one of them is lost."""
    size = db.pool().get_max_size()

    async def kill(connection: db.Connection) -> None:
        pid = await connection.fetchval("SELECT pg_backend_pid()")
        other = await asyncpg.connect(database.root_url)
        await other.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        await other.close()
        await anyio.sleep(0.05)

    async def between_two_statements() -> None:
        async with db.reading() as connection:
            await kill(connection)
            await connection.fetchval("SELECT 1")

    async def before_the_commit() -> None:
        async with db.atomic() as connection:
            await kill(connection)

    async def in_a_savepoint() -> None:
        async with db.atomic(), db.atomic() as connection:
            await kill(connection)
            await connection.fetchval("SELECT 1")

    for _ in range(size + 2):
        for fails in (between_two_statements, before_the_commit, in_a_savepoint):
            with pytest.raises(db.AWAY):
                await fails()
    async with db.atomic() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_mistake_in_a_transaction_leaves_none_open(database: stage.Place) -> None:
    async def wrong() -> None:
        async with db.atomic() as connection:
            await connection.execute("DELETE FROM role_grant")
            raise asyncpg.InterfaceError("a mistake of ours")

    try:
        await db.connect(size=1)
        with pytest.raises(asyncpg.InterfaceError):
            await wrong()
        async with db.reading() as connection:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("SELECT count(*) FROM role_grant") > 0
    finally:
        await db.connect()


async def test_a_statement_that_takes_too_long_gives_its_connection_up_at_once(database: stage.Place) -> None:
    try:
        await db.connect(size=1, patience=0.3)
        for _ in range(3):
            begun = time.monotonic()
            with pytest.raises(TimeoutError):
                async with db.atomic() as connection:
                    await connection.execute("SELECT pg_sleep(20)")
            assert time.monotonic() - begun < 3
        async with db.reading() as connection:
            assert await connection.fetchval("SELECT 1") == 1
    finally:
        await db.connect()
