"""The HTTP edge of Twilio's hooks, texts and calls: body, signature, form fields, the address that was signed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from litestar import Request
from litestar.types import Receive, Scope, Send

from channels import twilio
from channels.twilio_signature import is_signed
from hotline import settings
from hotline.errors import Refusal, Say
from web import bodies, failures, proxies

LONGEST_BODY = 256 * 1024
MOST_FIELDS = 500
FORM = b"application/x-www-form-urlencoded"
XML = b"text/xml; charset=utf-8"
T = TypeVar("T")


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose signature was right. ``token`` is the same for every repeat of one delivery."""

    fields: Mapping[str, str]
    token: str = ""


async def read(scope: Scope, receive: Receive) -> Posted:
    """The signed form. Refuses: 405 another method, 413 too large, 415 no form, 403 a signature that is not right."""
    if scope.get("method") != "POST":
        raise Refusal(405, "only_post", Say("只收 POST。", "Only POST is taken here."))
    headers = dict(scope["headers"])
    body = await bodies.whole(receive, LONGEST_BODY)
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    is_form = kind == FORM or not body
    pairs = _pairs(body) if is_form else None
    given = headers.get(b"x-twilio-signature", b"").decode("latin-1")
    named = headers.get(b"x-twilio-webhooks-signature-settings", b"").decode("latin-1")
    secrets = twilio.secrets()
    if not any(is_signed(url, pairs, body, given, named, secrets) for url in addresses(scope, headers)):
        raise Refusal(403, "signature", Say("签名不对，没有收。", "The signature is not right; nothing was taken."))
    if pairs is None:
        raise Refusal(415, "not_a_form", Say("请用表单提交。", "Send a form."))
    token = headers.get(b"i-twilio-idempotency-token", b"").decode("latin-1")[:200]
    return Posted(fields={_text(name): _text(value) for name, value in reversed(pairs)}, token=token)


def addresses(scope: Scope, headers: Mapping[bytes, bytes]) -> list[str]:
    """What Twilio may have called, path and query as sent.

    Our public address, what a proxy of ours says, or the Host line where no public address is set.
    """
    one = settings.current()
    rest = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]
    rest += b"?" + scope["query_string"] if scope["query_string"] else b""
    found = [one.public_url.rstrip("/")] if one.public_url else []
    if proxies.peer_is_ours(scope):
        proto, host = _first(headers, b"x-forwarded-proto"), _first(headers, b"x-forwarded-host")
        found.append(f"{proto or 'https'}://{host or _first(headers, b'host')}")
    if not found:
        found.append(f"{scope.get('scheme', 'http')}://{_first(headers, b'host')}")
    return [base + rest.decode("latin-1") for base in found]


async def answered(scope: Scope, send: Send, work: Callable[[], Awaitable[bytes]]) -> None:
    """Answer with the XML that ``work`` makes; refusals and failures as JSON with their status, never a traceback."""
    try:
        told = await work()
    except Refusal as refusal:
        await bodies.refuse(send, refusal)
    except Exception as error:  # noqa: BLE001 - whatever it is: told to the log, and to the provider as 503 or 500
        page = failures.failed(Request(scope), error)
        await bodies.answer(send, page.status_code or 500, msgspec.json.encode(page.content), bodies.JSON)
    else:
        await bodies.answer(send, 200, told, XML)


def _pairs(body: bytes) -> list[tuple[bytes, bytes]]:
    """The form's parameters as the bytes that were signed; the library's parser reads text only."""
    parts = [part for part in body.split(b"&") if part]
    if len(parts) > MOST_FIELDS:
        raise Refusal(400, "bad_form", Say("表单项太多。", "The form has too many fields."))
    split = [part.replace(b"+", b" ").partition(b"=") for part in parts]
    return [(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in split]


def _text(value: bytes) -> str:
    """Bytes that are no UTF-8 lose what cannot be read, nothing else; NUL can stand in no database."""
    return value.decode("utf-8", "replace").replace("\0", "")


def _first(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1").partition(",")[0].strip()
