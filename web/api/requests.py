"""`POST /api/requests`: the JSON twin of the citizen's web form. The same message, the same limits, the same intake.

Plain ASGI instead of a handler with a request and a response: this is the door that has to bear a rush.
"""

from __future__ import annotations

from hashlib import sha256
from secrets import token_hex

import msgspec
from litestar import Request, asgi
from litestar.types import Receive, Scope, Send

from channels import acknowledge
from channels.message import Inbound
from hotline import jobs
from hotline.errors import Refusal, Say, invalid
from hotline.permissions import PUBLIC
from web import bodies, failures, json_body

KEY = b"idempotency-key"
LONGEST_KEY = 200
LONGEST_BODY = 64 * 1024


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body: what the web form asks, under the same names."""

    words: str
    kind: str = "assistance"
    title: str = ""
    place: str = ""
    county: str = ""
    township: str = ""
    matter: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    reply_by: str = "web"
    reply_to: str = ""
    second_by: str = "none"
    second_to: str = ""
    about_unit: str = ""
    about_person: str = ""
    is_anonymous: bool = False
    is_confidential: bool = False
    is_minor: bool = False
    lang: str = "zh"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The receipt. ``code`` is told once: it is empty when the same key and body came before."""

    number: str
    code: str
    is_repeat: bool


_decode = msgspec.json.Decoder(Asked).decode
_encode = msgspec.json.Encoder().encode


@asgi("/api/requests", opt={"needs": PUBLIC, "is_hook": True, "is_rush": True}, copy_scope=False)
async def create(scope: Scope, receive: Receive, send: Send) -> None:
    """Acknowledge a message: 202 once it is stored for good; the worker makes the case. Refusals are JSON too."""
    try:
        headers = dict(scope["headers"])
        body = await _body(scope, headers, receive)
        receipt = await acknowledge.acknowledge(_inbound(headers.get(KEY, b""), body))
    except Refusal as refusal:
        await bodies.refuse(send, refusal)
        return
    except Exception as error:  # noqa: BLE001 - whatever it is: told to the log, and to the sender as 503 or 500
        answer = failures.failed(Request(scope), error)
        await bodies.answer(send, answer.status_code or 500, _encode(answer.content), bodies.JSON)
        return
    if not receipt.is_repeat:
        jobs.nudge_soon("make_cases")
    told = Answer(number=receipt.number, code=receipt.code, is_repeat=receipt.is_repeat)
    await bodies.answer(send, 202, _encode(told), bodies.JSON)


async def _body(scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> bytes:
    if scope.get("method") != "POST":
        raise Refusal(405, "only_post", Say("只收 POST。", "Only POST is taken here."))
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        raise json_body.not_json()
    return await bodies.whole(receive, LONGEST_BODY)


def _inbound(key: bytes, body: bytes) -> Inbound:
    asked = json_body.decoded(_decode, body)
    return Inbound(channel="web", provider_id=_provider_id(key, body), **msgspec.structs.asdict(asked))


def _provider_id(key: bytes, body: bytes) -> str:
    """The same key with the same body is the same message; another's key alone tells nothing of theirs."""
    if len(key) > LONGEST_KEY:
        say = Say(
            f"Idempotency-Key 最多 {LONGEST_KEY} 个字符。", f"Idempotency-Key has at most {LONGEST_KEY} characters."
        )
        raise invalid({"idempotency-key": say})
    return f"api:{sha256(key + bytes(1) + body).hexdigest()}" if key else f"api:{token_hex(16)}"
