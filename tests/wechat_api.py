"""A small WeChat for tests of what we ask of it: tokens, messages, media, menus, with the answers that a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import xmltodict
from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from channels import wechat_api, wechat_token
from hotline import clock, settings

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
        self.is_ending = False
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
        if request.path == "/cgi-bin/stable_token":
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

    def _token(self, query: dict[str, Any]) -> web.Response:
        code = self.token_codes.pop(0) if self.token_codes else 0
        if (query["appid"], query["secret"]) != (APP, SECRET):
            code = 40125
        if code:
            return web.json_response({"errcode": code, "errmsg": "no"})
        if query["force_refresh"] or not self.good or self.is_ending:
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


class Push:
    """What WeChat would call: query and body of a message, signed and encrypted by wechatpy, not by us."""

    def __init__(self, xml: str, mode: str = "secure", *, token: str = TOKEN, app: str = APP, age: float = 0) -> None:
        timestamp, nonce = str(int(clock.now().timestamp() - age)), str(secrets.randbelow(10**10))
        self.query = {"timestamp": timestamp, "nonce": nonce, "openid": "oCitizen0001"}
        self.query["signature"] = _signed(token, timestamp, nonce)
        self.body = xml
        if mode == "plain":
            return
        sealed = xmltodict.parse(WeChatCrypto(token, AES_KEY, app).encrypt_message(xml, nonce, timestamp))["xml"]
        self.query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
        box = f"<Encrypt><![CDATA[{sealed['Encrypt']}]]></Encrypt>"
        inner = xml.removeprefix("<xml>").removesuffix("</xml>") if mode == "compatible" else ""
        self.body = f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>{inner}{box}</xml>"

    async def to(self, client: httpx.AsyncClient, body: bytes | None = None) -> httpx.Response:
        """Post it."""
        content = self.body.encode() if body is None else body
        return await client.post("/hooks/wechat", params=self.query, content=content, headers=_XML)


_XML = {"Content-Type": "text/xml"}


def verification(echo: str, token: str = TOKEN, *, age: float = 0) -> dict[str, str]:
    """The query with which WeChat verifies an address."""
    timestamp, nonce = str(int(clock.now().timestamp() - age)), "437374425"
    signature = _signed(token, timestamp, nonce)
    return {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}


def _signed(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def message(kind: str = "text", openid: str = "oCitizen0001", *, to: str = ACCOUNT, **fields: str) -> str:
    """The XML of a message or event, as WeChat writes it."""
    head = {"ToUserName": to, "FromUserName": openid, "MsgType": kind}
    rows = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in {**head, **fields}.items())
    return f"<xml>{rows}<CreateTime>{int(clock.now().timestamp())}</CreateTime></xml>"


def opened(answer: httpx.Response) -> dict[str, str]:
    """The fields of a passive answer, decrypted by wechatpy where it came encrypted; {} for none."""
    if answer.text in ("", "success"):
        return {}
    found = xmltodict.parse(answer.text)["xml"]
    if "Encrypt" in found:
        theirs = WeChatCrypto(TOKEN, AES_KEY, APP)
        xml = theirs.decrypt_message(answer.text, found["MsgSignature"], found["TimeStamp"], found["Nonce"])
        found = xmltodict.parse(xml)["xml"]
    return dict(found)
