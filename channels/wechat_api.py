"""Calls of WeChat's server interface: one session a process, time limits, and every way to fail as one of three.

It answers 200 to nearly everything, with an ``errcode`` in the JSON. Its addresses hold a secret or a token, so no
failure here is told with an address: codes only.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from channels.carrier import Later, Never
from hotline import settings

PATIENCE = 8.0
"""Seconds for one call, connecting included."""
LONGEST_ANSWER = 256 * 1024
BUSY = -1
"""``errcode`` for "busy, come again"."""

_json = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode
_session: tuple[asyncio.AbstractEventLoop, aiohttp.ClientSession] | None = None


class Refused(Exception):  # noqa: N818 - it is an answer, and its meaning depends on the call
    """WeChat said no: its ``errcode``, never its words, which quote openids."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


async def get(path: str, **query: str) -> dict[str, Any]:
    """The JSON answer to a GET. Raises Refused, or Later when WeChat is away."""
    return _agreed(await _call("GET", path, query, None))


async def post(path: str, body: object, **query: str) -> dict[str, Any]:
    """The JSON answer to a POST of JSON. Chinese goes as it is: WeChat shows escapes to people."""
    return _agreed(await _call("POST", path, query, _encode(body)))


async def download(path: str, most: int, **query: str) -> tuple[bytes, str, str]:
    """A file: bytes, media type and name; at most ``most`` bytes. Raises Refused, Later, or Never when it is larger.

    For a film WeChat answers with an address, which is followed when it is WeChat's own.
    """
    body, kind, name = await _downloaded(path, most, query)
    if not (kind in ("application/json", "text/plain") or body.startswith(b"{")):
        return body, kind, name
    answer = _decoded(body)
    film = str(answer.get("video_url", ""))
    if not _is_theirs(film):
        raise Refused(int(answer.get("errcode") or BUSY))
    return await _downloaded(film, most, {})


def session() -> aiohttp.ClientSession:
    """This process's session; a new one when the loop is another."""
    global _session
    loop = asyncio.get_running_loop()
    if _session is None or _session[0] is not loop or _session[1].closed:
        _session = (loop, aiohttp.ClientSession(timeout=_limit(PATIENCE)))
    return _session[1]


async def close() -> None:
    """Close this process's session, if there is one."""
    global _session
    if _session is not None and _session[0] is asyncio.get_running_loop():
        await _session[1].close()
    _session = None


async def _downloaded(path: str, most: int, query: dict[str, str]) -> tuple[bytes, str, str]:
    try:
        async with session().get(_address(path), params=query, timeout=_limit(4 * PATIENCE)) as answer:
            _check_status(answer.status)
            body = await _read(answer, most)
            kind, disposition = answer.content_type, answer.content_disposition
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Later(_named(error)) from None
    return body, kind, (disposition.filename if disposition else "") or ""


def _is_theirs(address: str) -> bool:
    """Whether an address in an answer is one of WeChat's: nobody sends us to a machine of our own network."""
    parts = urlsplit(address)
    host, own = parts.hostname or "", urlsplit(settings.current().wechat_url).hostname
    return parts.scheme in ("http", "https") and (host == own or host.endswith((".qq.com", ".qpic.cn")))


async def _call(method: str, path: str, query: dict[str, str], body: bytes | None) -> bytes:
    headers = {"Content-Type": "application/json; charset=utf-8"} if body is not None else {}
    try:
        async with session().request(method, _address(path), params=query, data=body, headers=headers) as answer:
            _check_status(answer.status)
            return await _read(answer, LONGEST_ANSWER)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Later(_named(error)) from None


async def _read(answer: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > most:
            raise Never("too_large")
    return bytes(body)


def _agreed(body: bytes) -> dict[str, Any]:
    answer = _decoded(body)
    code = int(answer.get("errcode") or 0)
    if code:
        raise Refused(code)
    return answer


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        return _json(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Later("no_json") from None


def _check_status(status: int) -> None:
    if status != 200:
        raise Later(f"http_{status}", after=60.0 if status == 429 else None)


def _address(path: str) -> str:
    return path if "://" in path else settings.current().wechat_url.rstrip("/") + path


def _limit(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, connect=min(seconds, 4.0))


def _named(error: BaseException) -> str:
    return "timeout" if isinstance(error, TimeoutError) else "away"
