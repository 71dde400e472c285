"""Messages in and out as rows."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import cases.rows  # noqa: F401 - its tables come first in ORDER: ours point at them
from hotline.work import ORDER, Row

ORDER += ["inbound_message", "arrival", "correspondent", "outbox_message", "attempt", "medium"]


class InboundRow(Row, kw_only=True):
    """A message that was acknowledged; its body is encrypted, and gone once the case is made."""

    table: ClassVar[str] = "inbound_message"

    id: UUID
    channel: str
    provider_id: str
    receipt_no: str
    code_hash: bytes
    received_at: datetime
    state: str = "new"
    tries: int = 0
    error: str | None = None
    body: bytes | None = None
    case_id: UUID | None = None


class OutboxRow(Row, kw_only=True):
    """A message to a requester, delivered later by a job; ``key`` makes a second one of the same kind impossible."""

    table: ClassVar[str] = "outbox_message"

    id: UUID
    key: str
    case_id: UUID | None
    request_id: UUID | None
    channel: str
    address: bytes | None
    body: bytes
    created_at: datetime
    state: str = "queued"
    tries: int = 0
    next_at: datetime | None = None
    sent_at: datetime | None = None
    provider_id: str | None = None
    error: str | None = None
    name: str = ""
    facts: bytes | None = None
    status_at: datetime | None = None
    is_waking: bool = True


class ArrivalRow(Row, kw_only=True):
    """A provider's message as it came, stored once before anything is done with it; ``outcome`` says what became of it.

    Outcomes: request, words, rating, query, urge, stop, start, event, asked, ignored.
    """

    table: ClassVar[str] = "arrival"

    id: UUID
    channel: str
    provider_id: str
    sender: bytes
    received_at: datetime
    state: str = "new"
    tries: int = 0
    error: str | None = None
    body: bytes | None = None
    reply: bytes | None = None
    outcome: str | None = None
    case_id: UUID | None = None
    token: str | None = None
    next_at: datetime | None = None


class CorrespondentRow(Row, kw_only=True):
    """Somebody we speak with by one door: whether they want to hear from us, and where the conversation stands."""

    table: ClassVar[str] = "correspondent"
    identity: ClassVar[tuple[str, ...]] = ("channel", "address_index")

    channel: str
    address_index: bytes
    address: bytes
    is_silent: bool = False
    silent_since: datetime | None = None
    lang: str = "zh"
    last_in_at: datetime | None = None
    sent_since: int = 0
    talk: bytes | None = None
    changed_at: datetime


class MediumRow(Row, kw_only=True):
    """A picture, voice or film that a provider keeps for us, to be fetched and attached to its request."""

    table: ClassVar[str] = "medium"

    id: UUID
    channel: str
    case_id: UUID
    request_id: UUID
    kind: str
    source: bytes | None
    created_at: datetime
    state: str = "new"
    tries: int = 0
    next_at: datetime | None = None
    error: str | None = None
    attachment_id: UUID | None = None
