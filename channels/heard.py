"""What somebody sent by a text door, whatever the provider: the shape between parser and talk. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

TEXT, EVENT = "text", "event"
SUBSCRIBED, UNSUBSCRIBED, MENU = "subscribed", "unsubscribed", "menu"


class Medium(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture, voice or film that the provider keeps for us: an address to fetch (Twilio) or an id (WeChat)."""

    kind: str
    url: str = ""
    id: str = ""
    media_type: str = ""


class Position(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A point with what its sender's device calls it; degrees of WGS 84 (WeChat: GCJ-02, as it came)."""

    lat: float
    lon: float
    label: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a long text that a gateway hands on unjoined: ``number`` of ``total``, from 1, of a reference."""

    reference: str
    number: int
    total: int


class Heard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message or event. ``sender`` is the address to answer to: a number, an openid, an e-mail address.

    ``provider_id`` is unique within its channel, however often the provider sends it. ``words`` is what was written, or
    what a voice was recognised as. ``event`` is SUBSCRIBED, UNSUBSCRIBED, MENU with ``key``, or the provider's name.
    """

    channel: str
    provider_id: str
    sender: str
    at: datetime
    to: str = ""
    words: str = ""
    subject: str = ""
    media: tuple[Medium, ...] = ()
    position: Position | None = None
    event: str = ""
    key: str = ""
    thread: tuple[str, ...] = ()
    part: Part | None = None
    lang: str = "zh"
