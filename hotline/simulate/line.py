"""The way to the hotline: one client that posts, measures and remembers; and the moment as the stand-ins see it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec

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
        self.answers: list[Answer] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._own = client is None
        limits = httpx.Limits(max_connections=400, max_keepalive_connections=100)
        self.client = client or httpx.AsyncClient(limits=limits, trust_env=False)

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
        began = time.perf_counter()
        try:
            async with asyncio.timeout(patience):
                got = await self.client.request(method, where, content=body, headers=dict(headers), timeout=None)
            kind = got.headers.get("content-type", "")
            answer = Answer(got.status_code, got.text, time.perf_counter() - began, kind)
        except (httpx.HTTPError, TimeoutError, OSError):
            answer = Answer(LOST, "", time.perf_counter() - began)
        self.answers.append(answer)
        return answer

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
        """End what is under way, and the client where it is our own."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._own:
            await self.client.aclose()
