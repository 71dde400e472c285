"""Bodies of requests at the doors of machines: read whole up to a limit, and answered plainly. Plain ASGI."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from litestar.types import Receive, Send

from hotline.errors import Refusal, Say

JSON = b"application/json"


async def whole(receive: Receive, limit: int) -> bytes:
    """The body. Refuses with 413 what is longer than ``limit`` bytes, with 400 what breaks off."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "cut_off", Say("请求没有收完。", "The request broke off."))
        body += message["body"] if message["type"] == "http.request" else b""
        if len(body) > limit:
            say = Say(f"内容太大，最多 {limit // 1024} KB。", f"Too large: at most {limit // 1024} KB.")
            raise Refusal(413, "too_large", say)
        if not message.get("more_body", False):
            return body


async def answer(
    send: Send, status: int, body: bytes, kind: bytes, more: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    """One whole response of this media type."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *more]
    if status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def refuse(send: Send, refusal: Refusal) -> None:
    """A refusal for machines: its status, code, sentence and fields."""
    fields = {name: why._asdict() for name, why in refusal.fields.items()}
    told = {"error": refusal.code, "say": refusal.say._asdict(), "fields": fields}
    await answer(send, refusal.status, msgspec.json.encode(told), JSON)
