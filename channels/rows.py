"""Messages in and out as rows."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import cases.rows  # noqa: F401 - its tables come first in ORDER: ours point at them
from hotline.work import ORDER, Row

ORDER += ["inbound_message", "outbox_message"]


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
    case_id: UUID
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
