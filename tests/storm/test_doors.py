"""PostgreSQL stopped and the worker killed while texts and chats pour in, repeated, out of order: one request each."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.embedded import Engines
from tests import engines as stage
from tests import standins
from tests.doorstorm import Storm, break_things, until_done
from tests.houses import House, command

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
AWAY = 3.0
"""Seconds without PostgreSQL; bench/doors.py takes twenty."""


@pytest.fixture
def data() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="hld"))
    place.chmod(0o711)
    yield place / "d"
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.requirement("004-04")
async def test_every_message_of_a_storm_ends_as_exactly_one_request_and_its_receipt_arrives(data: Path) -> None:
    port = stage.free_port()
    address = f"http://127.0.0.1:{port}"
    async with standins.opened() as standin:
        given = {"HOTLINE_PUBLIC_URL": address, **standin.environment()}
        house = await asyncio.to_thread(lambda: House(data, "--port", str(port), **given))
        try:
            standin.hotline = address
            standin.twilio.faults.is_shuffled = standin.wechat.faults.is_shuffled = True
            storm = Storm(standin, "风暴", texts=60, chats=40, seconds=9)
            _, spooled = await asyncio.gather(storm.rage(), break_things(house, AWAY))
            assert spooled, "nothing came while PostgreSQL was away: that was no storm"
            assert storm.refused == [], "not one delivery of these was taken"
            await until_done(house, 90)
            await standin.settle()
            told = await storm.reckon(Engines(data).app_url)
        finally:
            assert await asyncio.to_thread(house.end) == 0
    assert told.is_exact, told
    assert set(told.doubled.values()) <= {2}, "a receipt is sent again only where the kill fell between send and mark"
    assert len(told.doubled) <= 32, "as many as one worker has on their way at once, by two doors"
    verified = command("verify", "--data", str(data))
    assert verified.returncode == 0, verified.stdout
