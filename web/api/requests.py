"""`POST /api/requests`: the JSON twin of the citizen's web form. The same message, the same limits, the same intake."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import uuid4

import msgspec
from litestar import Request, Response, post
from litestar.enums import MediaType

from channels import acknowledge
from channels.message import Inbound
from hotline import jobs
from hotline.errors import Refusal, Say, invalid
from hotline.permissions import PUBLIC

KEY = "idempotency-key"
LONGEST_KEY = 200
_Request = Request[Any, Any, Any]


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


@post("/api/requests", opt={"needs": PUBLIC, "is_hook": True}, status_code=202)
async def create(request: _Request) -> Response[bytes]:
    """Acknowledge a message: 202 once it is stored for good; the worker makes the case."""
    try:
        body = await _body(request)
        receipt = await acknowledge.acknowledge(_inbound(request, body))
    except Refusal as refusal:
        return _refused(refusal)
    if not receipt.is_repeat:
        jobs.nudge_soon("make_cases")
    answer = Answer(number=receipt.number, code=receipt.code, is_repeat=receipt.is_repeat)
    return Response(_encode(answer), status_code=202, media_type=MediaType.JSON)


async def _body(request: _Request) -> bytes:
    if request.content_type[0] != "application/json":
        say = Say("请用 application/json 提交。", "Send application/json.")
        raise Refusal(415, "not_json", say)
    return await request.body()


def _inbound(request: _Request, body: bytes) -> Inbound:
    try:
        asked = _decode(body)
    except msgspec.ValidationError as error:
        field = str(error).rpartition("$.")[2].strip("`") if "$." in str(error) else "body"
        raise invalid({field: Say(f"这一项不对：{error}", f"This is wrong: {error}")}) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refusal(400, "bad_json", Say("这不是完整的 JSON。", "This is not well-formed JSON.")) from None
    fields = {name: getattr(asked, name) for name in Asked.__struct_fields__}
    return Inbound(channel="web", provider_id=_provider_id(request.headers.get(KEY, ""), body), **fields)


def _provider_id(key: str, body: bytes) -> str:
    """The same key with the same body is the same message; another's key alone tells nothing of theirs."""
    if len(key) > LONGEST_KEY:
        say = Say(f"Idempotency-Key 最多 {LONGEST_KEY} 个字符。", f"Idempotency-Key has at most {LONGEST_KEY} characters.")
        raise invalid({KEY: say})
    if not key:
        return f"api:{uuid4()}"
    return f"api:{sha256(key.encode() + bytes(1) + body).hexdigest()}"


def _refused(refusal: Refusal) -> Response[bytes]:
    answer = {
        "error": refusal.code,
        "say": refusal.say._asdict(),
        "fields": {name: why._asdict() for name, why in refusal.fields.items()},
    }
    return Response(_encode(answer), status_code=refusal.status, media_type=MediaType.JSON)
