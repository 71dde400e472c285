"""What a form sent, as plain text by field name. Read once a request; never through the framework's parser.

Litestar keeps the last 1,024 URL-encoded bodies in an ``lru_cache``: passwords and phone numbers would stay in
memory, and a flood of large forms would fill it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import UploadFile

from hotline.errors import Refusal, Say

MOST_FIELDS = 500
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean(text: str) -> str:
    """Text as we store it: lines end in LF, no control characters (PostgreSQL refuses NUL), no blank ends."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


async def posted(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """The text fields by name, cleaned; a name sent twice has two. 422 for a body that is no form."""
    await _read(request)
    fields: dict[str, list[str]] = request.scope["state"]["posted"]
    return fields


async def uploads(request: Request[Any, Any, Any]) -> dict[str, list[UploadFile]]:
    """The files by field name; a file field left empty is not there."""
    await _read(request)
    files: dict[str, list[UploadFile]] = request.scope["state"]["uploads"]
    return files


async def _read(request: Request[Any, Any, Any]) -> None:
    state = request.scope["state"]
    if "posted" in state:
        return
    texts: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    kind = request.content_type[0]
    if kind == "multipart/form-data":
        for name, value in (await request.form()).multi_items():
            if not isinstance(value, UploadFile):
                texts.setdefault(name, []).append(clean(str(value)))
            elif value.filename:
                files.setdefault(name, []).append(value)
    elif kind == "application/x-www-form-urlencoded":
        try:
            body = (await request.body()).decode("latin-1")
            pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            say = Say("这张表的栏目太多，读不了。", "This form has too many fields.")
            raise Refusal(422, "too_many_fields", say) from None
        for name, value in pairs:
            texts.setdefault(name, []).append(clean(value))
    state["posted"], state["uploads"] = texts, files
