"""A small WeChat for tests of what we ask of it: tokens, messages, media, menus, with the answers that a test wants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from aiohttp import web

from channels import wechat_api, wechat_token
from hotline import settings

APP, SECRET, ACCOUNT = "wx49f0ab532d5d035a", "a-secret", "gh_961890"
TOKEN, AES_KEY = "handan961890", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
TEMPLATE = "tmpl-1"


class WeChat:
    """What was asked of it, and what it answers: ``codes`` are given first, one a message, then all is well."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.issued = 0
        self.good: set[str] = set()
        self.lasts = 7200
        self.codes: list[int] = []
        self.token_codes: list[int] = []
        self.status = 200
        self.delay = 0.02
        self.media: tuple[bytes, str] | None = None

    def of(self, path: str) -> list[dict[str, Any]]:
        """The bodies that came to the addresses ending in ``path``."""
        return [body for where, body in self.asked if where.endswith(path)]

    async def answer(self, request: web.Request) -> web.Response:
        """One call."""
        await asyncio.sleep(self.delay)
        body = msgspec.json.decode(await request.read()) if request.can_read_body else dict(request.query)
        self.asked.append((request.path, body))
        if self.status != 200:
            return web.Response(status=self.status, text="<html>")
        if request.path == "/cgi-bin/token":
            return self._token(body)
        if request.query.get("access_token") not in self.good:
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        code = self.codes.pop(0) if self.codes else 0
        if code:
            return web.json_response({"errcode": code, "errmsg": "no oCitizen0001"})
        if request.path == "/cgi-bin/media/get" and self.media is not None:
            named = {"Content-Disposition": 'attachment; filename="m1.jpg"'}
            return web.Response(body=self.media[0], content_type=self.media[1], headers=named)
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": 200163836 + len(self.asked)})

    def _token(self, query: dict[str, str]) -> web.Response:
        code = self.token_codes.pop(0) if self.token_codes else 0
        if (query["appid"], query["secret"]) != (APP, SECRET):
            code = 40125
        if code:
            return web.json_response({"errcode": code, "errmsg": "no"})
        self.issued += 1
        self.good = {f"token-{self.issued}"}
        return web.json_response({"access_token": f"token-{self.issued}", "expires_in": self.lasts})


@contextlib.asynccontextmanager
async def open_wechat() -> AsyncIterator[WeChat]:
    """It listens, and this process's settings name it; afterwards as before."""
    one, before = WeChat(), settings.current()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", one.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    settings.use(msgspec.structs.replace(before, wechat_url=f"http://127.0.0.1:{port}", **CONFIG))
    wechat_token.forget()
    try:
        yield one
    finally:
        await wechat_api.close()
        await runner.cleanup()
        settings.use(before)


CONFIG: dict[str, Any] = {
    "wechat_app": APP, "wechat_secret": SECRET, "wechat_account": ACCOUNT, "wechat_token": TOKEN,
    "wechat_aes_key": AES_KEY, "wechat_template": TEMPLATE, "public_url": "https://12345.example.cn",
}  # fmt: skip
"""The settings of an installation with an official account."""
