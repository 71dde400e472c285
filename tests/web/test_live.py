"""A real web process: it stops at once although live pages are open, and tells them what happened elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from hotline import jobs, people
from tests import engines
from tests.web import house
from web import access


@pytest.fixture
async def process(database: engines.Place) -> AsyncIterator[tuple[str, subprocess.Popen[bytes]]]:
    """One web process on this module's database: its address and itself."""
    port = engines.free_port()
    log = database.settings.data_dir / "live.log"
    command = [sys.executable, "-m", "uvicorn", "--factory", "hotline.app:create_app", "--port", str(port)]
    with log.open("ab") as out:
        child = subprocess.Popen(command, env=dict(database.environment), stdout=out, stderr=out)
        try:
            async with httpx.AsyncClient() as client:
                until = time.monotonic() + 60  # a busy machine compiles slowly
                while time.monotonic() < until:
                    with contextlib.suppress(httpx.TransportError):
                        await client.get(f"http://127.0.0.1:{port}/health")
                        break
                    assert child.poll() is None, log.read_text()
                    await asyncio.sleep(0.05)
            yield f"http://127.0.0.1:{port}", child
        finally:
            child.kill()
            child.wait()


async def test_news_reach_an_open_page_and_a_stop_does_not_wait_for_it(
    process: tuple[str, subprocess.Popen[bytes]],
) -> None:
    address, child = process
    _, login = await house.a_person("dispatcher")
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    async with httpx.AsyncClient(base_url=address, cookies={access.SESSION: token}, timeout=10) as client:
        async with client.stream("GET", "/live?on=queue") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            seen: list[str] = []
            while "event: back" not in seen:
                seen.append(await anext(lines))
            began = time.monotonic()
            await jobs.publish("live", "other queue")
            while "event: queue" not in seen:
                seen.append(await asyncio.wait_for(anext(lines), 5))
            assert time.monotonic() - began < 1
            assert "event: other" not in seen
            began = time.monotonic()
            child.send_signal(signal.SIGTERM)
            with contextlib.suppress(StopAsyncIteration, httpx.HTTPError):
                while True:
                    await asyncio.wait_for(anext(lines), 10)
        await asyncio.to_thread(child.wait, 10)
        assert time.monotonic() - began < 3
    assert child.returncode in (0, -signal.SIGTERM)
