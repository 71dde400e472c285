"""JSON that machines send us: read whole within its limit, as the struct it should be, or refused with the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from litestar import Request

from hotline.errors import Refusal, Say, invalid

S = TypeVar("S")


def not_json() -> Refusal:
    """415 for a body of another kind."""
    return Refusal(415, "not_json", Say("请用 application/json 提交。", "Send application/json."))


def decoded(decode: Callable[[bytes], S], body: bytes) -> S:
    """The body as its struct. Raises 422 with the field that is wrong, 400 for what is no JSON."""
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        field = str(error).rpartition("$.")[2].strip("`") if "$." in str(error) else "body"
        raise invalid({field: Say(f"这一项不对：{error}", f"This is wrong: {error}")}) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(400, "bad_json", Say("这不是完整的 JSON。", "This is not well-formed JSON.")) from None


async def read(request: Request[Any, Any, Any], decode: Callable[[bytes], S]) -> S:
    """What the request carries. Raises 415, 413 (the route's ``request_max_body_size``), 400 or 422."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise not_json()
    return decoded(decode, await request.body())
