"""Just enough of a web server: a request read whole, a table of paths, an answer."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

LIMIT = 20_000_000


class Ask(msgspec.Struct, kw_only=True):
    """One request. ``parts`` are the groups of the path's pattern."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    parts: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The form's fields in their order, repeated ones too."""
        return parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True)

    @property
    def form(self) -> dict[str, str]:
        """The form's fields; of repeated ones the last."""
        return dict(self.pairs)

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            found = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def login(self) -> tuple[str, str]:
        """User and password of Basic authentication."""
        kind, _, coded = self.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(coded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return (user, password) if kind.lower() == "basic" else ("", "")


class Answered(msgspec.Struct, kw_only=True):
    """One answer."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: dict[str, str] = {}


def json(value: object, status: int = 200) -> Answered:
    """An answer in JSON."""
    return Answered(status=status, body=msgspec.json.encode(value))


Handler = Callable[[Ask], Awaitable[Answered]]
Table = list[tuple[str, str, Handler]]
"""Method, pattern of the whole path, handler."""


class Site:
    """An ASGI application over a table of paths."""

    def __init__(self, table: Table) -> None:
        self._table = [(method, re.compile(pattern), handler) for method, pattern, handler in table]

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Serve one request; the lifespan is only nodded at."""
        if scope["type"] == "lifespan":
            await _nod(receive, send)
            return
        ask = Ask(
            method=scope["method"],
            path=scope["path"],
            query=dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
            headers={name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]},
            body=await _body(receive),
        )
        answer = await self._answer(ask)
        headers = {"content-type": answer.media_type, "content-length": str(len(answer.body)), **answer.headers}
        lines = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": lines})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, ask: Ask) -> Answered:
        status = 404
        for method, pattern, handler in self._table:
            found = pattern.fullmatch(ask.path)
            if found is None:
                continue
            status = 405
            if method == ask.method:
                ask.parts = tuple(part or "" for part in found.groups())
                return await handler(ask)
        return json({"code": 20404 if status == 404 else 20004, "message": "Not found", "status": status}, status)


async def _body(receive: Any) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > LIMIT:
            return body


async def _nod(receive: Any, send: Any) -> None:
    for word in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{word}.complete"})
