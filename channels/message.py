"""The one shape of a message in, whatever door it came through, and the decision a desk may bring with it."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import msgspec

from cases import wording

CHANNELS = frozenset(wording.CHANNELS) - {"visit"}
"""Every door and every source a case may come from (seed 003-01); a partner's key says which of them it is."""


POINT = re.compile(r"-?\d{1,2}\.\d{1,6},-?\d{1,3}\.\d{1,6}")
"""Latitude and longitude in degrees, as ``Inbound.point`` has them."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was decided while logging: accept, answer, transfer, decline or join, with what each demands.

    ``target``: whom it is transferred to, or the number of the case that it joins. ``decided_by`` is the one who chose
    the matter of an accepted one where it was no person: ``model:<version>``. An answer may come from an ``article``
    (in its ``version``) or from an ``outage``; ``tells``: the requester hears when that is over.
    """

    outcome: str
    matter: str = ""
    summary: str = ""
    no_place: str = ""
    reply: str = ""
    reason: str = ""
    channel: str = ""
    target: str = ""
    reference: str = ""
    decided_by: str = ""
    article: str = ""
    version: int = 0
    outage: UUID | None = None
    tells: bool = True


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """The member of staff who logged the message, as the ledger will name them."""

    id: UUID
    name: str
    unit: str
    roles: tuple[str, ...]


class Inbound(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message as it came in. ``provider_id`` is unique within its channel: the same one makes one request."""

    channel: str
    provider_id: str
    words: str
    kind: str = "assistance"
    line: str = "12345"
    title: str = ""
    place: str = ""
    point: str = ""
    county: str = ""
    township: str = ""
    matter: str = ""
    urgency: str = "normal"
    name: str = ""
    phone: str = ""
    address: str = ""
    proxy_name: str = ""
    organisation_code: str = ""
    reply_by: str = "none"
    reply_to: str = ""
    second_by: str = "none"
    second_to: str = ""
    account: UUID | None = None
    portal: str = ""
    about_unit: str = ""
    about_person: str = ""
    is_anonymous: bool = False
    is_confidential: bool = False
    is_minor: bool = False
    is_investigation: bool = False
    is_vulnerable: bool = False
    emergency: str = ""
    """110, 119, 120 or 122 where the sender marked it so: it is handed over at once, never queued (seed 004-03)."""
    filed_at: datetime | None = None
    origin_no: str = ""
    origin_system: str = ""
    attachments: tuple[UUID, ...] = ()
    operator: Operator | None = None
    decision: Decision | None = None
    lang: str = "zh"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The acknowledgement: the number, and the query code unless the message had been seen before."""

    message: UUID
    number: str
    code: str
    is_repeat: bool = False
