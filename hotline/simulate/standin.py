"""Both stand-ins on one port: opened in the loop of whoever asks, closed with everything that was under way."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import uvicorn

from hotline.settings import Settings
from hotline.simulate import rest, wechat_api
from hotline.simulate.asking import Site, Table
from hotline.simulate.fixed import Credentials
from hotline.simulate.line import Line, until
from hotline.simulate.twilio import Twilio
from hotline.simulate.wechat import WeChat


class StandIn:
    """A Twilio and a WeChat with accounts of their own. ``hotline`` may be told later: it wants to know us first."""

    def __init__(
        self, hotline: str = "", *, public: str = "", client: httpx.AsyncClient | None = None,
        credentials: Credentials | None = None, tempo: float = 1.0,
    ) -> None:  # fmt: skip
        self.credentials = credentials or Credentials()
        self.line = Line(hotline, public, client)
        self.twilio = Twilio(self.line, self.credentials, tempo=tempo)
        self.wechat = WeChat(self.line, self.credentials)
        self.address = ""

    def listens_at(self, address: str) -> None:
        """Where the stand-in is reached."""
        self.address = self.twilio.address = self.wechat.address = address

    @property
    def hotline(self) -> str:
        """Where the hotline listens."""
        return self.line.hotline

    @hotline.setter
    def hotline(self, address: str) -> None:
        self.line.hotline = address.rstrip("/")
        self.line.public = self.line.public or self.line.hotline

    def fields(self) -> dict[str, str]:
        """The hotline's settings that point here: names and values."""
        return {**msgspec.structs.asdict(self.credentials), "twilio_url": self.address, "wechat_url": self.address}

    def settings(self, base: Settings, **more: Any) -> Settings:
        """``base`` with the providers here."""
        return msgspec.structs.replace(base, **{**self.fields(), **more})

    def environment(self) -> dict[str, str]:
        """The same for a child process."""
        return {f"HOTLINE_{name.upper()}": value for name, value in self.fields().items() if value}

    def pass_time(self, **delta: float) -> None:
        """Let time pass at the providers: hours=49."""
        self.line.shift += timedelta(**delta)

    async def settle(self, seconds: float = 10.0) -> None:
        """Wait until no call, callback or delivery is under way."""
        await self.line.settle(seconds)


class _Server(uvicorn.Server):
    """A guest in somebody's loop: signals are not its business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def opened(
    standin: StandIn, *, host: str = "127.0.0.1", port: int = 0, more: Table | None = None
) -> AsyncIterator[StandIn]:
    """Serve the stand-in on ``port`` (any free one by default); ``more`` are the pages beside the interfaces."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        standin.listens_at(f"http://{host}:{listener.getsockname()[1]}")
        site = Site([*rest.table(standin.twilio), *wechat_api.table(standin.wechat), *(more or [])])
        config = uvicorn.Config(site, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await until(lambda: server.started or serving.done())
            yield standin
        finally:
            await standin.line.close()
            server.should_exit = True
            await serving
