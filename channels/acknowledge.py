"""The first transaction of intake: the message is stored, durably, with its receipt number and query code.

One INSERT stores whoever came in the same few milliseconds (``channels.batcher``).
"""

from __future__ import annotations

import re

import msgspec

from cases.states import KINDS, URGENCIES
from channels import numbers
from channels.batcher import batcher
from channels.message import CHANNELS, POINT, Inbound, Receipt
from channels.rows import InboundRow
from hotline import city, clock, db, vault
from hotline.errors import Say, invalid
from hotline.ids import new_id

LONGEST = 10_000
LONGEST_FIELD = 500
REPLIES = frozenset({"none", "phone", "sms", "wechat", "web", "email", "mail"})
ADDRESSED = frozenset({"wechat", "email"})
"""Ways to be answered that need an address of their own; SMS and telephone go to the number."""
_INSERT = """
    INSERT INTO inbound_message (id, channel, provider_id, receipt_no, code_hash, received_at, body)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::timestamptz[], $7::bytea[])
    ORDER BY 2, 3
    ON CONFLICT (channel, provider_id) DO NOTHING RETURNING id
"""
_COLUMNS = ("id", "channel", "provider_id", "receipt_no", "code_hash", "received_at", "body")
_SEEN = "SELECT id, receipt_no FROM inbound_message WHERE channel = $1 AND provider_id = $2"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What the encrypted body of a stored message holds."""

    message: Inbound
    code: str


_encode = msgspec.json.Encoder().encode


_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TEXTS = tuple(one.name for one in msgspec.structs.fields(Inbound) if one.type is str)


def storable(text: str) -> str:
    """A text without what no database or reader takes: NUL, control characters, halves of characters."""
    return _UNSTORABLE.sub("", text)


def tidy(message: Inbound) -> Inbound:
    """The message without what no database or reader takes: NUL, control characters, halves of characters."""
    if not _UNSTORABLE.search("".join(_texts(message))):
        return message
    wrong = {name: value for name in _TEXTS if _UNSTORABLE.search(value := getattr(message, name))}
    return msgspec.structs.replace(message, **{name: storable(value) for name, value in wrong.items()})


def _texts(message: Inbound) -> list[str]:
    """Every text of the message: all are looked at at once, and one by one only where something is wrong."""
    return [value for value in msgspec.structs.astuple(message) if type(value) is str]


def check(message: Inbound) -> None:
    """Refuse a message that could never become a case: 422 with the fields to mend."""
    wrong: dict[str, Say] = {}
    words = message.words.strip()
    if not words:
        wrong["words"] = Say("还没写发生了什么，请写清何时、何事。", "Write what happened, and when.")
    elif len(words) > LONGEST:
        wrong["words"] = Say(
            f"最多 {LONGEST} 字，请缩短或分两次提交。",
            f"At most {LONGEST} characters; shorten it or send it in two parts.",
        )
    if message.kind not in KINDS:
        wrong["kind"] = Say("请选您想做什么。", "Choose what you would like to do.")
    if message.urgency not in URGENCIES:
        wrong["urgency"] = Say("请选紧急程度。", "Choose the urgency.")
    if message.channel not in CHANNELS:
        wrong["channel"] = Say("不认识这个渠道。", "Unknown channel.")
    if message.county and city.current().jurisdiction(message.county) is None:
        wrong["county"] = Say("请从列表里选区县。", "Choose a district from the list.")
    if message.matter and city.current().matter(message.matter) is None:
        wrong["matter"] = Say("请从目录里选事项。", "Choose a matter from the catalogue.")
    if message.township and city.current().township(message.township) is None:
        wrong["township"] = Say("请从列表里选乡镇街道。", "Choose a township from the list.")
    if message.point and not POINT.fullmatch(message.point):
        wrong["point"] = Say("位置要写成“纬度,经度”。", "A position is “latitude,longitude”.")
    if message.reply_by not in REPLIES:
        wrong["reply_by"] = Say("请选用什么方式答复。", "Choose how to be answered.")
    is_long = sum(map(len, _texts(message))) - len(message.words) > LONGEST_FIELD
    for name in _TEXTS if is_long else ():
        if name != "words" and len(getattr(message, name)) > LONGEST_FIELD:
            wrong[name] = Say(f"最多 {LONGEST_FIELD} 字，请缩短。", f"At most {LONGEST_FIELD} characters; shorten it.")
    if message.phone and len(vault.normal_phone(message.phone)) not in range(5, 16):
        wrong["phone"] = Say("电话号码位数不对，请核对。", "That telephone number has the wrong length.")
    if message.second_by not in REPLIES:
        wrong["second_by"] = Say("请选用什么方式答复。", "Choose how to be answered.")
    for door, address, field in (
        (message.reply_by, message.reply_to, "reply_to"), (message.second_by, message.second_to, "second_to"),
    ):  # fmt: skip
        if door in ADDRESSED and not address:
            wrong[field] = Say("还没有答复用的地址。", "There is no address to answer to.")
    if {message.reply_by, message.second_by} & {"sms", "phone"} and not message.phone:
        wrong["phone"] = Say("要用电话或短信答复，请留号码。", "Leave a number to be answered by phone or SMS.")
    if wrong:
        raise invalid(wrong)


async def acknowledge(message: Inbound) -> Receipt:
    """Store the message and give its receipt; returns after the commit. The same provider id gives the same number.

    Raises the 422 refusal of ``check``; a database that is away raises its own error (the edge answers 503 or spools).
    """
    message = tidy(message)
    check(message)
    now = clock.now()
    number = await numbers.receipt_no(clock.local_day(now))
    code = numbers.new_code()
    body = vault.seal(_encode(Body(message=message, code=code)).decode(), number)
    row = InboundRow(
        id=new_id(), channel=message.channel, provider_id=message.provider_id, receipt_no=number,
        code_hash=numbers.code_hash(number, code), received_at=now, body=body,
    )  # fmt: skip
    if await batcher(_INSERT, _COLUMNS).put(row):
        return Receipt(message=row.id, number=number, code=code)
    return await _seen(message)


async def _seen(message: Inbound) -> Receipt:
    async with db.reading() as connection:
        found = await connection.fetchrow(_SEEN, message.channel, message.provider_id)
    return Receipt(message=found["id"], number=found["receipt_no"], code="", is_repeat=True)


async def code_of(receipt: Receipt) -> str:
    """The query code, of a repeat as well while the message is kept; "" after that. Only for who was to have it."""
    if receipt.code:
        return receipt.code
    async with db.reading() as connection:
        body = await connection.fetchval("SELECT body FROM inbound_message WHERE id = $1", receipt.message)
    return msgspec.json.decode(vault.unseal(body, receipt.number), type=Body).code if body else ""
