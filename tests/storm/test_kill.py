"""`kill -9` of everything in the middle of a load of intakes, start again: every acknowledged one is there, once."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import asyncpg
import httpx
import msgspec
import pytest

from hotline import processes
from hotline.embedded import Engines
from tests.houses import House, command

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
CLIENTS = 6


@pytest.fixture
def data() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="hlk"))
    place.chmod(0o711)
    yield place / "d"
    shutil.rmtree(place, ignore_errors=True)


class Load:
    """Clients that post without a pause and keep what was acknowledged: words by number. Every third has a key."""

    def __init__(self, house: House, name: str) -> None:
        self.address = house.address
        self.name = name
        self.sent = 0
        self.acknowledged: dict[str, str] = {}
        self.unanswered: dict[str, bytes] = {}
        """Bodies by key whose answer never came: their fate is unknown, and they are sent once more."""

    def body(self) -> tuple[str, bytes]:
        self.sent += 1
        words = f"{self.name}第{self.sent}盏路灯不亮"
        message = {
            "words": words,
            "place": "丛台区和平路",
            "county": "130403",
            "matter": "020201",
            "phone": f"139{self.sent:08d}",
            "reply_by": "sms",
        }
        return words, msgspec.json.encode(message)

    async def one(self) -> None:
        """A client until the house falls."""
        async with httpx.AsyncClient(base_url=self.address, timeout=10) as client:
            while True:
                words, body = self.body()
                key = f"{self.name}-{words}"
                self.unanswered[key] = body
                try:
                    answer = await post(client, key, body)
                except httpx.TransportError:
                    return
                if answer.status_code == 202:
                    self.acknowledged[answer.json()["number"]] = words
                del self.unanswered[key]

    async def again(self, address: str) -> None:
        """Send once more what got no answer, with the same key: a client that was left hanging does just this."""
        async with httpx.AsyncClient(base_url=address, timeout=30) as client:
            for key, body in self.unanswered.items():
                answer = await post(client, key, body)
                assert answer.status_code == 202, answer.text
                self.acknowledged[answer.json()["number"]] = msgspec.json.decode(body)["words"]


async def post(client: httpx.AsyncClient, key: str, body: bytes) -> httpx.Response:
    headers = {"Content-Type": "application/json", "Idempotency-Key": msgspec.json.encode(key).hex()[:200]}
    return await client.post("/api/requests", content=body, headers=headers)


def kill_everything(house: House) -> None:
    """The power goes: no process gets to say a word."""
    members = house.members()
    for pid in members:
        os.kill(pid, signal.SIGSTOP)  # so that none sees another die and tidies up
    members |= house.members()
    for pid in members:
        os.kill(pid, signal.SIGKILL)
    house.process.wait(30)
    processes.wait_until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and alive(pid) for pid in members), 20)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


async def settled(connection: asyncpg.Connection) -> None:
    """Wait until the worker has made every waiting message into a case."""
    until = time.monotonic() + 60
    while await connection.fetchval("SELECT count(*) FROM inbound_message WHERE state = 'new'"):
        assert time.monotonic() < until, "messages are left unmade"
        await anyio.sleep(0.2)


async def test_whatever_was_acknowledged_before_the_power_went_is_there_once(data: Path) -> None:
    acknowledged: dict[str, str] = {}
    house = House(data)
    for storm in range(3):
        load = Load(house, f"风暴{storm}")
        clients = [asyncio.create_task(load.one()) for _ in range(CLIENTS)]
        await anyio.sleep(1.0 + storm * 0.7)
        await asyncio.to_thread(kill_everything, house)
        await asyncio.gather(*clients)
        assert load.acknowledged, "nothing was acknowledged before the storm: the load was none"
        house = await asyncio.to_thread(House, data)
        await load.again(house.address)
        acknowledged |= load.acknowledged
    try:
        assert urlsplit(house.address).hostname == "127.0.0.1"
        connection = await asyncpg.connect(Engines(data).app_url)
        await settled(connection)
        found = await connection.fetch(
            "SELECT r.receipt_no, r.words, c.state, c.lead_unit, "
            "(SELECT count(*) FROM clock k WHERE k.case_id = c.id AND k.stopped_at IS NULL) AS clocks, "
            "(SELECT count(*) FROM outbox_message o WHERE o.case_id = c.id) AS receipts "
            "FROM request r JOIN cases c ON c.id = r.case_id WHERE r.words LIKE '风暴%'"
        )
        await connection.close()
    finally:
        assert house.end() == 0
    words = Counter(row["words"] for row in found)
    assert [one for one, n in words.items() if n > 1] == []
    there = {row["receipt_no"]: row["words"] for row in found}
    assert {number: said for number, said in acknowledged.items() if there.get(number) != said} == {}
    assert set(there) == set(acknowledged), "a message that nobody was told of: it was sent again and must be known"
    assert {(row["state"], row["clocks"] > 0, row["receipts"]) for row in found} == {("active", True, 1)}
    verified = command("verify", "--data", str(data))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    rebuilt = command("rebuild", "--check", "--data", str(data))
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
