"""By which doors one requester is answered: the first one and the second that they chose, each with its address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cases.rows import RequestRow
from channels import hours, texts
from channels.carrier import Facts
from channels.rows import OutboxRow
from hotline import settings, vault
from hotline.errors import Say
from hotline.ids import new_id

DOORS = frozenset({"sms", "wechat", "email"})
"""Ways to be answered that are a message; web answers are read on the tracking page, calls are made by people."""
_encode = msgspec.json.Encoder().encode


def of(request: RequestRow) -> Iterator[tuple[str, str]]:
    """Door and address of each way, the first door first; none twice, none without an address."""
    seen = set()
    for door, held, context in (
        (request.reply_by, request.reply_to, "case_text.reply_to"),
        (request.second_by, request.second_to, "case_text.second_to"),
    ):
        own = request.phone if door == "sms" and held is None else held
        if door not in DOORS or own is None:
            continue
        address = vault.unseal(own, "case_text.phone" if own is request.phone else context)
        if address and (door, address) not in seen:
            seen.add((door, address))
            yield door, address


def site(path: str = "/track") -> str:
    """Where the full text is read, without ``https://``; "" where the city has no address yet."""
    return settings.current().public_url.partition("://")[2].rstrip("/") + path if settings.current().public_url else ""


def where(lang: str) -> str:
    """The same in a sentence."""
    return site() or Say("请凭编号和查询码查询。", "use number and code to read it.").in_(lang)


def worded(name: str, channel: str, lang: str, values: Mapping[str, str]) -> str:
    """The text as its door says it: an SMS signed, and a reply in it cut to its length; elsewhere whole."""
    if channel != "sms":
        return texts.write(name, lang, **values)
    is_long = "reply" in values
    return texts.SIGNATURE + (texts.shorten if is_long else texts.write)(name, lang, **values)


def facts(name: str, lang: str, values: Mapping[str, str]) -> Facts:
    """The values for templates, subjects and web hooks: number, subject, state, due, remark, address to read it."""
    number = values.get("number", "")
    return Facts(
        number=number, subject=texts.cut(values.get("subject", ""), texts.REMARK), due=values.get("due", ""),
        state=texts.state(name, lang, **values), remark=texts.remark(name, lang, **values),
        url=f"{settings.current().public_url.rstrip('/')}/track" if number and settings.current().public_url else "",
        title=texts.subject(name, lang, **values),
    )  # fmt: skip


def row(
    *, key: str, name: str, channel: str, address: str, text: str, facts: Facts, now: datetime, is_waking: bool,
    case_id: UUID | None = None, request_id: UUID | None = None,
) -> OutboxRow:  # fmt: skip
    """One message for the outbox, sealed; one that may wake somebody is due when the quiet hours are over."""
    given: dict[str, Any] = {"case_id": case_id, "request_id": request_id, "name": name, "is_waking": is_waking}
    return OutboxRow(
        id=new_id(), key=key, channel=channel, address=vault.seal(address, "outbox"), body=vault.seal(text, "outbox"),
        facts=vault.seal(_encode(facts).decode(), "outbox"), created_at=now,
        next_at=hours.permitted(now) if is_waking else now, **given,
    )  # fmt: skip
