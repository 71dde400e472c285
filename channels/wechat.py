"""Messages to followers of the official account: free text while they may be spoken to, then a template; media in.

What an ``errcode`` means for a message stands in three sets below; the rest is a dead letter that a person may replay.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from channels import wechat_api as api
from channels import wechat_token, wechat_window, wechat_xml
from channels.carrier import Facts, Later, Never, NotSentError, Outgoing, Silent
from channels.heard import Medium
from hotline import settings

OVER = frozenset({45015, 45047})
"""Past the 48 hours, or over the count: the template goes instead."""
SILENT = frozenset({43004, 43019, 43101})
"""Not a follower (any more), on the black list, wants no messages."""
BUSY: dict[int, float] = {api.BUSY: 10, 45009: 3600, 45011: 60, 40164: 600, 61004: 600}
"""Codes that pass, with seconds to wait: busy, the day's quota, the minute's, our address not yet on the white list."""
FIELDS = {
    "number": "character_string1", "subject": "thing2", "state": "phrase3", "due": "thing4", "remark": "thing5",
}  # fmt: skip
"""Our facts and the template's keywords; where a template names them otherwise, HOTLINE_WECHAT_TEMPLATE says how."""
MOST = {"character_string": 32, "thing": 20, "phrase": 5}
"""Characters that a keyword of each kind takes; one more and the whole message is refused."""
_EMPTY = {"number": "-", "subject": "您反映的事", "state": "办理中", "due": "见详情", "remark": "点此查看详情"}
"""What stands where a message has nothing to say: WeChat refuses an empty keyword."""


class Template(msgspec.Struct, frozen=True):
    """The template of this installation: its id, and which keyword takes which fact."""

    id: str
    fields: dict[str, str]


def template() -> Template:
    """Read from the setting: ``ID`` or ``ID subject=thing6 due=- …``; ``-``: has none. Raises Never("no_template")."""
    words = settings.current().wechat_template.split()
    if not words:
        raise Never("no_template")
    named = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    wanted = {fact: named.get(fact, field) for fact, field in FIELDS.items()}
    return Template(words[0], {fact: field for fact, field in wanted.items() if field != "-"})


async def send(message: Outgoing) -> str:
    """Send to the openid ``message.address``; WeChat's id of it, "" for a customer-service message, which has none."""
    try:
        if await wechat_window.is_open(message.address):
            if await _said(message):
                return ""
            await wechat_window.closed(message.address)
        return await _filled(message)
    except api.Refused as refused:
        raise outcome(refused.code) from None


def outcome(code: int) -> NotSentError:
    """What an ``errcode`` means for the message that got it."""
    if code in SILENT:
        return Silent(str(code))
    if code in BUSY:
        return Later(str(code), after=BUSY[code])
    return Never(str(code))


async def fetch(medium: Medium) -> tuple[bytes, str, str]:
    """A picture, voice or film that WeChat keeps for three days: bytes, media type, name. Raises Later or Never."""
    most = settings.current().upload_limit
    try:
        return await wechat_token.call(
            lambda token: api.download("/cgi-bin/media/get", most, access_token=token, media_id=medium.id)
        )
    except api.Refused as refused:
        raise outcome(refused.code) from None


async def _said(message: Outgoing) -> bool:
    """Whether the customer-service message went; False when the window turned out to be closed."""
    body = {
        "touser": message.address, "msgtype": "text", "text": {"content": wechat_xml.cut(message.text)}
    }  # fmt: skip
    try:
        await wechat_token.call(
            lambda token: api.post("/cgi-bin/message/custom/send", body, access_token=token)
        )
    except api.Refused as refused:
        if refused.code in OVER:
            return False
        raise
    await wechat_window.spent(message.address)
    return True


async def _filled(message: Outgoing) -> str:
    """Send the template with the message's facts. The message's own id makes a second one of it impossible."""
    chosen = template()
    body = {
        "touser": message.address, "template_id": chosen.id, "client_msg_id": message.id.hex,
        "url": message.facts.url or _track(), "data": data(chosen, message.facts),
    }  # fmt: skip
    answer = await wechat_token.call(
        lambda token: api.post("/cgi-bin/message/template/send", body, access_token=token)
    )
    return str(answer.get("msgid", ""))


def data(chosen: Template, facts: Facts) -> dict[str, dict[str, str]]:
    """The keywords with their values, each within what its kind takes and none empty."""
    given = msgspec.structs.asdict(facts)
    return {field: {"value": _fitting(given[fact] or _EMPTY[fact], field)} for fact, field in chosen.fields.items()}


def _fitting(value: str, field: str) -> str:
    most = next((most for kind, most in MOST.items() if field.startswith(kind)), 200)
    plain = " ".join(value.split())
    if field.startswith("phrase"):
        return plain[:most]
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _track() -> str:
    root = settings.current().public_url
    return f"{root.rstrip('/')}/track" if urlsplit(root).scheme in ("http", "https") else ""
