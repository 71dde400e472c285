"""Live pages (rules.md 11): each process hears Valkey's channel ``live`` once and tells its open pages by name only.

A page asks ``/live?on=queue,case.<id>`` and gets events of those names without data: it fetches what it may see, so
rights live in one place. When Valkey is away the pages are told so (``away``) and poll until it is ``back``.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import threading
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import structlog
from litestar import Request, get
from litestar.response import Stream
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hotline import db, sessions, settings
from hotline.errors import Refusal
from web.access import Who

CHANNEL = "live"
HEARTBEAT = 20.0
LONGEST = 300.0
"""Seconds after which a stream ends; the browser opens the next, and its session is looked at again."""
LOOK = 2.0
"""Seconds between two looks at whose sessions are still open: who was signed out or left hears nothing more."""
PAUSE = 1.0
"""Seconds between two tellings of what many pages show: a busy floor is asked for once a second, not once a change."""
AT_ONCE = ("seat.", "staff.", "case.", "risk", "help", "away", "back")
"""Names, or how they begin, that wait for nothing: one person's own, and alarms."""
MOST_NAMES = 20
_NAME = re.compile(r"[a-z][a-z0-9_.:-]{0,79}", re.IGNORECASE)
log = structlog.get_logger("live")


class _Page:
    """One open stream: the names it asked for and what it has not been told yet."""

    def __init__(self, names: frozenset[str], session: UUID | None = None) -> None:
        self.names = names
        self.session = session
        self.is_over = False
        self.news: set[str] = set()
        self.wake = asyncio.Event()
        self.free_at = 0.0
        """When it may be told again of what can wait; until then the name is kept."""

    def tell(self, name: str) -> None:
        self.news.add(name)
        if name.startswith(AT_ONCE):
            self.free_at = 0.0
        self.wake.set()


class Hub:
    """The one listener of a process and its open pages."""

    def __init__(self) -> None:
        self.is_away = True
        self.is_over = False
        self._pages: set[_Page] = set()
        self._by_name: dict[str, set[_Page]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen as long as the application lives."""
        self._loop = asyncio.get_running_loop()
        self.is_over = False
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]
        try:
            yield
        finally:
            self.end()
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    def end(self) -> None:
        """Close every stream: the server waits for them before it stops."""
        self.is_over = True
        for page in self._pages:
            page.wake.set()

    def end_soon(self) -> None:
        """``end`` from a signal handler."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.end)

    def hear(self, message: str) -> None:
        """Tell the pages that asked for one of the names in ``message`` (several are separated by blanks)."""
        for name in message.split():
            for page in self._by_name.get(name, ()):
                page.tell(name)

    def _turn(self, *, is_away: bool) -> None:
        if is_away != self.is_away:
            self.is_away = is_away
            log.warning("valkey", is_away=is_away)
            for page in self._pages:
                page.tell("away" if is_away else "back")

    async def _listen(self) -> None:
        pause = 0.2
        while True:
            client = Redis.from_url(settings.current().redis_url or "redis://127.0.0.1:1", socket_connect_timeout=2)
            try:
                async with client.pubsub() as news:
                    await news.subscribe(CHANNEL)
                    self._turn(is_away=False)
                    pause, is_silent = 0.2, False
                    while True:
                        message = await news.get_message(ignore_subscribe_messages=True, timeout=HEARTBEAT)
                        if message is None and is_silent:
                            raise TimeoutError  # a server that hangs: the ping before went unanswered
                        is_silent = message is None
                        if message is None:
                            await news.ping()  # a dead connection shows itself here
                        elif message["type"] == "message":
                            self.hear(message["data"].decode("ascii", "ignore"))
            except (RedisError, OSError):
                self._turn(is_away=True)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await client.aclose()

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return len(self._pages)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except (*db.AWAY, Refusal):
                continue  # away: looked at again in a moment
            except Exception as error:  # noqa: BLE001 - whatever it is: without this look nobody would be cut off
                log.error("live_look", kind=type(error).__qualname__)  # noqa: TRY400 - messages quote rows

    async def look(self) -> None:
        """Close the pages whose session has ended, or whose person has left: one question for all of them."""
        asked = {page.session for page in self._pages if page.session is not None}
        if not asked:
            return
        here = await sessions.still_open(asked)
        for page in [one for one in self._pages if one.session is not None and one.session in asked - here]:
            page.is_over = True
            page.wake.set()

    async def stream(self, names: frozenset[str], session: UUID | None = None) -> AsyncIterator[bytes]:
        """The bytes of one page's stream: named events, a comment as heartbeat, the end after LONGEST seconds.

        A page with a ``session`` ends within LOOK seconds of it, in whatever process it is.
        """
        page = self._open(names, session)
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST
        try:
            yield b"retry: 3000\n\n" + (_event("away") if self.is_away else _event("back"))
            while not self.is_over and (left := until - loop.time()) > 0:
                await _rest(page, min(HEARTBEAT, left))
                while not self.is_over and not page.is_over and page.news and (held := page.free_at - loop.time()) > 0:
                    await _rest(page, held)
                if page.is_over:
                    return
                news, page.news = page.news, set()
                page.free_at = loop.time() + PAUSE
                yield b"".join(_event(name) for name in sorted(news)) or b":\n\n"
        finally:
            self._close(page)

    def _open(self, names: frozenset[str], session: UUID | None) -> _Page:
        page = _Page(names, session)
        self._pages.add(page)
        for name in names:
            self._by_name.setdefault(name, set()).add(page)
        return page

    def _close(self, page: _Page) -> None:
        self._pages.discard(page)
        for name in page.names:
            left = self._by_name.get(name, set())
            left.discard(page)
            if not left:
                self._by_name.pop(name, None)


async def _rest(page: _Page, seconds: float) -> None:
    """Wait until the page is told something, or so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await page.wake.wait()
    page.wake.clear()


HUB = Hub()


def end_on_signals() -> None:
    """Let SIGTERM and Ctrl-C end the streams before the server's own handler runs; else it would wait for them."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, _then(before))


def _then(before: Any) -> Any:
    def handle(number: int, frame: Any) -> None:
        HUB.end_soon()
        before(number, frame)

    return handle


def wanted(text: str) -> frozenset[str]:
    """The names that a page asks for: well-formed ones, at most MOST_NAMES."""
    names = [name for name in text.split(",") if _NAME.fullmatch(name)]
    return frozenset(names[:MOST_NAMES])


def _event(name: str) -> bytes:
    return f"event: {name}\ndata:\n\n".encode()


@get("/live", opt={"needs": "signed_in", "is_quiet": True}, sync_to_thread=False)
def live(request: Request[Any, Any, Any], actor: Who) -> Stream:
    """The page's stream of names."""
    names = wanted(request.query_params.get("on", ""))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(HUB.stream(names, actor.session), media_type="text/event-stream", headers=headers)
