"""The way to the hotline: one client that posts, measures and remembers; and the moment as the stand-ins see it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import msgspec
import yarl

from hotline import clock

LOST = 0
"""The status of a request that got no answer: refused, dropped, or too slow for the provider's patience."""


async def until(is_so: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until ``is_so()``. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is waited for knows of no one who waits
            await asyncio.sleep(0.01)


class Answer(msgspec.Struct, frozen=True):
    """What the hotline answered; status LOST where it did not. ``seconds`` is how long that took."""

    status: int
    text: str = ""
    seconds: float = 0.0
    media_type: str = ""
    path: str = ""
    """Which of the hotline's addresses, without its query."""

    @property
    def is_good(self) -> bool:
        """Whether a provider is content with it."""
        return 200 <= self.status < 300


class Line:
    """Posts to the hotline. ``hotline`` is where it listens, ``public`` the address that providers were given."""

    def __init__(self, hotline: str = "", public: str = "", client: httpx.AsyncClient | None = None) -> None:
        self.hotline = hotline.rstrip("/")
        self.public = (public or hotline).rstrip("/")
        self.shift = timedelta()
        self.answers: deque[Answer] = deque(maxlen=100_000)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.client = client
        """Somebody else's way to a hotline in this process; without one the network is used."""
        self._session: aiohttp.ClientSession | None = None

    def now(self) -> datetime:
        """The moment, with the time that a test let pass."""
        return clock.now() + self.shift

    def url(self, path: str) -> str:
        """The public address of a path: what is signed."""
        return path if path.startswith("http") else f"{self.public or self.hotline}{path}"

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], patience: float = 15.0) -> Answer:
        """Post to a public address; never raises, an answer that does not come is LOST."""
        return await self._ask("POST", url, body, headers, patience)

    async def get(self, url: str, headers: Mapping[str, str], patience: float = 15.0) -> Answer:
        """Get a public address; never raises."""
        return await self._ask("GET", url, b"", headers, patience)

    async def _ask(self, method: str, url: str, body: bytes, headers: Mapping[str, str], patience: float) -> Answer:
        where = url.partition("#")[0]
        if self.hotline and self.public and where.startswith(self.public):
            where = self.hotline + where.removeprefix(self.public)
        path = urlsplit(where).path
        began = time.perf_counter()
        try:
            async with asyncio.timeout(patience):
                status, text, kind = await self._exchange(method, where, body, headers)
        except (httpx.HTTPError, aiohttp.ClientError, TimeoutError, OSError):
            status, text, kind = LOST, "", ""
        answer = Answer(status, text, time.perf_counter() - began, kind, path)
        self.answers.append(answer)
        return answer

    async def _exchange(
        self, method: str, where: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, str, str]:
        if self.client is not None:
            got = await self.client.request(method, where, content=body, headers=dict(headers), timeout=None)
            return got.status_code, got.text, got.headers.get("content-type", "")
        if self._session is None:
            # as many at once as a storm has; a pool that looks through its connections would be the slowest part of it
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=400))
        address = yarl.URL(where, encoded=True)  # what is signed is what is asked, to the letter
        async with self._session.request(method, address, data=body, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text(errors="replace"), answer.headers.get("Content-Type", "")

    def later(self, job: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do it beside everything else; `close` ends what is still under way."""
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settle(self, seconds: float = 10.0) -> None:
        """Wait until nothing that was sent is still under way."""
        async with asyncio.timeout(seconds):
            while self._tasks:
                await asyncio.wait(list(self._tasks))

    async def close(self) -> None:
        """End what is under way, and the connections that are our own."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None
