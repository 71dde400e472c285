"""A WeChat message's XML in, as ``Heard``, and the XML of the answer out. Pure: no signatures, no HTTP.

Entities, document types and external things are refused before anything is read; every missing field is a clear 400.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from channels import heard
from channels.heard import Heard, Medium, Position
from hotline.errors import Refusal, Say

CHANNEL = "wechat"
LONGEST = 2048
"""Bytes of the text of a passive answer (domain.md 6.1)."""
LONGEST_BODY = 64 * 1024
"""Bytes of a document: a text of 2,048 bytes, encrypted and beside its plain form, is a tenth of it."""
JOB_FINISHED = "templatesendjobfinish"
_EVENTS = {
    "subscribe": heard.SUBSCRIBED, "unsubscribe": heard.UNSUBSCRIBED, "CLICK": heard.MENU, "VIEW": "view",
    "SCAN": "scan", "LOCATION": "location", "TEMPLATESENDJOBFINISH": JOB_FINISHED,
}  # fmt: skip
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold at all, escaped or not."""
_ID = re.compile(r"[0-9]{1,32}")
_OPENID = re.compile(r"[A-Za-z0-9_@.-]{1,128}")

Fields = Mapping[str, str]


def fields(body: bytes | str) -> dict[str, str]:
    """The direct children of ``<xml>`` with their text. Raises a 400 refusal for whatever is no such document."""
    if len(body) > LONGEST_BODY:
        raise too_large()
    try:
        text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
        root: Element = fromstring(text, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError):
        say = Say("这份 XML 读不了：要 UTF-8，不带实体。", "This XML cannot be read: UTF-8, no entities, please.")
        raise Refusal(400, "bad_xml", say) from None
    if root.tag != "xml":
        raise Refusal(400, "bad_xml", Say("XML 的根应是 <xml>。", "The root of the XML should be <xml>."))
    return {child.tag: child.text or "" for child in root if isinstance(child.tag, str)}


def too_large() -> Refusal:
    """The refusal of a body longer than LONGEST_BODY."""
    say = Say(f"内容太大，最多 {LONGEST_BODY // 1024} KB。", f"Too large: at most {LONGEST_BODY // 1024} KB.")
    return Refusal(413, "too_large", say)


def read(found: Fields) -> Heard:
    """The message or event of these fields. Raises a 400 refusal that names the missing or unreadable field."""
    kind, sender = _need(found, "MsgType"), _need(found, "FromUserName")
    if not _OPENID.fullmatch(sender):
        raise _wrong("FromUserName")
    at = _moment(found)
    to = _need(found, "ToUserName")
    if kind == "event":
        return _event(found, sender=sender, to=to, at=at)
    number = _need(found, "MsgId")
    if not _ID.fullmatch(number):
        raise _wrong("MsgId")
    words, media, position = _CONTENTS.get(kind, _unknown)(found)
    return Heard(
        channel=CHANNEL, provider_id=number, sender=sender, to=to, at=at, words=words, media=media, position=position
    )


def answer(to: str, sender: str, text: str, at: datetime) -> str:
    """The passive answer from ``sender`` (our account) to ``to`` (an openid), its text cut to what WeChat takes.

    ``at`` is the moment of the message that it answers: the same message gets the same bytes.
    """
    return (
        f"<xml><ToUserName>{_cdata(to)}</ToUserName><FromUserName>{_cdata(sender)}</FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{_cdata(cut(text))}</Content></xml>"
    )


def sealed_answer(box: str, signature: str, timestamp: str, nonce: str) -> str:
    """The envelope of an encrypted answer."""
    return (
        f"<xml><Encrypt>{_cdata(box)}</Encrypt><MsgSignature>{_cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    )


def cut(text: str, most: int = LONGEST) -> str:
    """The text in at most ``most`` bytes of UTF-8, cut between characters, an ellipsis saying so."""
    plain = _UNPRINTABLE.sub("", text)
    whole = plain.encode()
    if len(whole) <= most:
        return plain
    return whole[: most - 3].decode(errors="ignore") + "…"


def _cdata(text: str) -> str:
    """``]]>`` would end the section early: it is split over two."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _event(found: Fields, *, sender: str, to: str, at: datetime) -> Heard:
    """An event has no number of its own; two may share a second, hence name and key (domain.md 6.1)."""
    name, key = _need(found, "Event"), found.get("EventKey", "")[:200]
    if name == "TEMPLATESENDJOBFINISH":
        key = f"{_need(found, 'MsgID')} {found.get('Status', '')[:60]}"
    parts = [sender, found["CreateTime"].strip(), name[:60], *([key] if key else [])]
    position = _position(found, "Latitude", "Longitude") if name == "LOCATION" else None
    return Heard(
        channel=CHANNEL, provider_id=":".join(parts), sender=sender, to=to, at=at,
        event=_EVENTS.get(name, name[:60].lower()), key=key, position=position,
    )  # fmt: skip


def _text(found: Fields) -> _Content:
    return _need(found, "Content"), (), None


def _image(found: Fields) -> _Content:
    return "", (_medium(found, "image", found.get("PicUrl", "")[:500]),), None


def _voice(found: Fields) -> _Content:
    return found.get("Recognition", ""), (_medium(found, "audio", media_type=_sound(found.get("Format", ""))),), None


def _video(found: Fields) -> _Content:
    return "", (_medium(found, "video", media_type="video/mp4"),), None


def _location(found: Fields) -> _Content:
    return "", (), _position(found, "Location_X", "Location_Y", found.get("Label", "")[:200])


def _link(found: Fields) -> _Content:
    parts = (found.get(name, "").strip() for name in ("Title", "Description", "Url"))
    return "\n".join(filter(None, parts)), (), None


def _unknown(_: Fields) -> _Content:
    """A sticker, a file, a kind that comes one day: it is answered, not refused, or it would be sent thrice."""
    return "", (), None


_Content = tuple[str, tuple[Medium, ...], Position | None]
_CONTENTS: dict[str, Callable[[Fields], _Content]] = {
    "text": _text, "image": _image, "voice": _voice, "video": _video, "shortvideo": _video, "location": _location,
    "link": _link,
}  # fmt: skip


def _medium(found: Fields, kind: str, url: str = "", *, media_type: str = "") -> Medium:
    """What WeChat keeps for three days under an id. Its PicUrl needs no account, so the id is what is fetched."""
    return Medium(kind=kind, id=_need(found, "MediaId")[:200], url=url, media_type=media_type)


def _sound(name: str) -> str:
    return {"amr": "audio/amr", "mp3": "audio/mpeg", "speex": "audio/speex"}.get(name.lower(), "")


def _position(found: Fields, lat: str, lon: str, label: str = "") -> Position:
    """Latitude first, as WeChat's X; a place that is not on the Earth is a 400."""
    values = [_number(found, lat, 90), _number(found, lon, 180)]
    return Position(lat=values[0], lon=values[1], label=label)


def _number(found: Fields, name: str, most: int) -> float:
    try:
        value = float(_need(found, name))
    except ValueError:
        raise _wrong(name) from None
    if not -most <= value <= most:  # NaN is neither
        raise _wrong(name)
    return value


def _moment(found: Fields) -> datetime:
    try:
        return datetime.fromtimestamp(int(_need(found, "CreateTime")), UTC)
    except (ValueError, OverflowError, OSError):
        raise _wrong("CreateTime") from None


def _need(found: Fields, name: str) -> str:
    value = found.get(name, "").strip()
    if not value:
        raise Refusal(400, "missing_field", Say(f"缺少 {name}。", f"{name} is missing."))
    return value


def _wrong(name: str) -> Refusal:
    return Refusal(400, "bad_field", Say(f"{name} 读不懂。", f"{name} cannot be read."))
