"""The ledger as a file for anybody to prove: one JSON object a line, no texts, hashes in hex. Pure.

The order is: head, then each case followed by its events, then acts, the end of the acts, and the seals by log.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from cases import chain
from cases.seals import Root
from cases.verify import Head, Line
from hotline.acts import ActRow

FORMAT = 2
READ = frozenset({1, 2})
"""Formats that can be read: before 2 no event had a salt."""


class HeadLine(msgspec.Struct, tag_field="t", tag="head", kw_only=True):
    """The first line: the last sealed position of each log, and the signing keys' public halves."""

    format: int
    made_at: str
    positions: dict[str, int]
    keys: dict[str, str]


class CaseLine(msgspec.Struct, tag_field="t", tag="case", kw_only=True):
    """A case's row: what it says of the end of its chain."""

    id: UUID
    number: str
    last_seq: int
    last_hash: str


class EventLine(msgspec.Struct, tag_field="t", tag="event", kw_only=True):
    """One event, everything that its hash is made of."""

    case: UUID
    seq: int
    kind: str
    version: int
    at: str
    actor: UUID
    actor_kind: str
    unit: str
    data: str
    prev: str
    hash: str
    log: str
    position: int | None
    salt: str | None = None


class ActLine(msgspec.Struct, tag_field="t", tag="act", kw_only=True):
    """One act of the second log."""

    seq: int
    at: str
    actor: UUID
    actor_kind: str
    kind: str
    subject: str
    data: str
    prev: str
    hash: str


class ActsEnd(msgspec.Struct, tag_field="t", tag="acts_end", kw_only=True):
    """What the head of the second log says."""

    last_seq: int
    last_hash: str


class SealLine(Root, frozen=True, tag_field="t", tag="seal", kw_only=True):
    """One seal, as it is published."""


AnyLine = HeadLine | CaseLine | EventLine | ActLine | ActsEnd | SealLine

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(AnyLine).decode
"""One line. Raises msgspec.MsgspecError for what is none of the above."""


def case_line(head: Head) -> CaseLine:
    """The case row as a line."""
    return CaseLine(id=head.id, number=head.number, last_seq=head.last_seq, last_hash=head.last_hash.hex())


def event_line(line: Line) -> EventLine:
    """The event as a line."""
    return EventLine(
        case=line.case_id, seq=line.seq, kind=line.kind, version=line.version, at=chain.moment(line.at),
        actor=line.actor, actor_kind=line.actor_kind, unit=line.unit, data=line.data, prev=line.prev.hex(),
        hash=line.hash.hex(), log=line.log, position=line.position, salt=line.salt.hex() if line.salt else None,
    )  # fmt: skip


def act_line(row: ActRow) -> ActLine:
    """The act as a line."""
    return ActLine(
        seq=row.seq, at=chain.moment(row.at), actor=row.actor, actor_kind=row.actor_kind, kind=row.kind,
        subject=row.subject, data=row.data, prev=row.prev.hex(), hash=row.hash.hex(),
    )  # fmt: skip


def head(line: CaseLine) -> Head:
    """The case row again."""
    return Head(line.id, line.number, line.last_seq, bytes.fromhex(line.last_hash))


def event(line: EventLine) -> Line:
    """The event again."""
    return Line(
        line.case, line.seq, line.kind, line.version, when(line.at), line.actor, line.actor_kind, line.unit, line.data,
        bytes.fromhex(line.prev), bytes.fromhex(line.hash), line.log, line.position,
        bytes.fromhex(line.salt) if line.salt else None,
    )  # fmt: skip


def act(line: ActLine) -> ActRow:
    """The act again."""
    return ActRow(
        seq=line.seq, at=when(line.at), actor=line.actor, actor_kind=line.actor_kind, kind=line.kind,
        subject=line.subject, data=line.data, prev=bytes.fromhex(line.prev), hash=bytes.fromhex(line.hash),
    )  # fmt: skip


def when(text: str) -> datetime:
    """A moment as ``chain.moment`` wrote it."""
    return datetime.fromisoformat(text).astimezone(UTC)
