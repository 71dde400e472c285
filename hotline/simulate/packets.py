"""WeChat's packets of XML: as it sends them, and as it reads what comes back."""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring


def element(name: str, value: object) -> str:
    """A number as it is."""
    return f"<{name}>{value}</{name}>"


def quoted(name: str, value: str) -> str:
    """Words in CDATA; the one thing that they cannot hold is cut in two."""
    held = value.replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{held}]]></{name}>"


def packet(to: str, openid: str, created: int, parts: str) -> str:
    """A packet from a user to the account, made at ``created`` (seconds)."""
    head = quoted("ToUserName", to) + quoted("FromUserName", openid) + element("CreateTime", created)
    return f"<xml>{head}{parts}</xml>"


def sealed(inside: str, to: str, envelope: str) -> str:
    """A packet with its envelope; in compatible mode the plain one stands in it too."""
    beginning = inside.removesuffix("</xml>") if inside else "<xml>" + quoted("ToUserName", to)
    return f"{beginning}{quoted('Encrypt', envelope)}</xml>"


def text(words: str) -> str:
    """What a text message adds to a packet."""
    return quoted("MsgType", "text") + quoted("Content", words)


def image(media_id: str, url: str) -> str:
    """What a picture adds."""
    return quoted("MsgType", "image") + quoted("PicUrl", url) + quoted("MediaId", media_id)


def voice(media_id: str, recognised: str) -> str:
    """What a voice message adds."""
    return (
        quoted("MsgType", "voice") + quoted("MediaId", media_id) + quoted("Format", "amr")
        + (quoted("Recognition", recognised) if recognised else "")
    )  # fmt: skip


def location(lat: float, lon: float, label: str) -> str:
    """What a place adds: X is the latitude."""
    return (
        quoted("MsgType", "location") + element("Location_X", lat) + element("Location_Y", lon)
        + element("Scale", 16) + quoted("Label", label)
    )  # fmt: skip


def event(name: str, key: str = "", more: str = "") -> str:
    """What an event adds; it has no MsgId."""
    return quoted("MsgType", "event") + quoted("Event", name) + quoted("EventKey", key) + more


def template_done(msg_id: str, status: str) -> str:
    """The event that says what became of a template message."""
    return (
        quoted("MsgType", "event") + quoted("Event", "TEMPLATESENDJOBFINISH")
        + element("MsgID", msg_id) + quoted("Status", status)
    )  # fmt: skip


def read(text: str) -> dict[str, str]:
    """The elements of a packet; empty where it is none."""
    try:
        root = fromstring(text.encode())
    except (ParseError, DefusedXmlException, ValueError):
        return {}
    return {child.tag: (child.text or "").strip("\n") for child in root} if root.tag == "xml" else {}
