"""A partner's receiver for tests: keeps what is posted, checks nothing by itself, answers as it is told."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web


class Receiver:
    """``answers`` are the statuses to come, the last for ever; ``got`` are headers and body of each post."""

    def __init__(self) -> None:
        self.answers: list[int] = [200]
        self.headers: dict[str, str] = {}
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        """One post."""
        self.got.append(({k.lower(): v for k, v in request.headers.items()}, await request.read()))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, headers=self.headers)

    @property
    def told(self) -> list[dict[str, Any]]:
        """The bodies, each message once, in the order of the events."""
        once = {headers["webhook-id"]: json.loads(body) for headers, body in self.got}
        return sorted(once.values(), key=lambda one: (one["at"], one["seq"]))


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    """A receiver on a port of its own on the loopback."""
    one = Receiver()
    app = web.Application()
    app.router.add_post("/hook", one.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield one
    finally:
        await runner.cleanup()


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Written from the text of Standard Webhooks, not from our sender."""
    key = base64.b64decode(secret.split("_", 1)[1])
    text = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    mine = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(one, f"v1,{mine}") for one in headers["webhook-signature"].split())
