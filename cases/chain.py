"""Hashes of the ledger: an event's, a text's commitment, and the Merkle tree of a seal. Pure, no rows and no clock.

Anybody can recompute them with SHA-256 and a JSON library (``hotline.canon`` says how a row is spelt); the exact
bytes are part of the published form, so a change needs a new tag.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import msgspec

from hotline.canon import START, canonical, digest, moment

__all__ = [
    "START", "Part", "body_hash", "canonical", "check_path", "commitment", "event_hash", "head_hash", "leaf", "linked",
    "moment", "new_salt", "node", "parts", "path", "root", "seal_hash",
]  # fmt: skip

EVENT_TAG = "hotline.event.1"
LINK_TAG, BODY_TAG, PART_TAG = "hotline.event.2", "hotline.body.2", "hotline.part.2"
HEAD_TAG = "hotline.head.1"
SEAL_TAG = "hotline.seal.1"
COMMITMENT = "hmac-sha256"
_LEAF, _NODE = b"\x00", b"\x01"


class Part(NamedTuple):
    """One thing that an event says: ``value`` is compact JSON; ``blind`` is shown with it, or neither is.

    ``blind`` is the first half of SHA-256(salt ‖ name) in hex: cut, so that it tells nothing of the salt's others.
    """

    blind: str
    name: str
    value: str

    @property
    def commitment(self) -> str:
        """What stands for the part where it is not shown: SHA-256 of ``[PART_TAG, blind, name, value]`` in hex."""
        return digest(PART_TAG, *self).hex()


_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_plain = msgspec.json.Encoder().encode


def event_hash(
    prev: bytes,
    case_id: UUID | str,
    seq: int,
    kind: str,
    version: int,
    at: datetime,
    actor: UUID | str,
    actor_kind: str,
    unit: str,
    data: str,
    salt: bytes | None = None,
) -> bytes:
    """The hash of an event (32 bytes); ``prev`` is that of the case's event before, START for its first.

    With a salt (docs/adr/0032) it is ``linked`` over a body of blinded parts, so that a proof may show some of them.
    Without: SHA-256 of ``[EVENT_TAG, prev, case_id, seq, kind, version, at, actor, actor_kind, unit, data]``, where
    ``data`` is the stored text of ``canonical()`` and goes in as a string, byte for byte.
    """
    if salt is None:
        return digest(
            EVENT_TAG, prev.hex(), str(case_id), seq, kind, version, moment(at), str(actor), actor_kind, unit, data
        )
    made = [  # Part.commitment, spelt out: an import makes millions
        sha256(_plain((PART_TAG, sha256(salt + name.encode()).hexdigest()[:32], name, value))).hexdigest()
        for name, value in _said(actor, unit, data)
    ]
    return linked(prev, case_id, seq, body_hash(kind, version, moment(at), actor_kind, made))


def linked(prev: bytes, case_id: UUID | str, seq: int, body: bytes) -> bytes:
    """SHA-256 of ``[LINK_TAG, prev, case_id, seq, body]``: an event's hash from what it says and where it stands."""
    return digest(LINK_TAG, prev.hex(), str(case_id), seq, body.hex())


def body_hash(kind: str, version: int, at: str, actor_kind: str, commitments: Sequence[str]) -> bytes:
    """SHA-256 of ``[BODY_TAG, kind, version, at, actor_kind, …]`` with the parts' commitments in order of their hex."""
    return digest(BODY_TAG, kind, version, at, actor_kind, *sorted(commitments))


def parts(salt: bytes, actor: UUID | str, unit: str, data: str) -> list[Part]:
    """What an event says, part by part: "@" (who, of which unit, the data as stored), each field, each text.

    The whole data stands beside its fields so that not a byte of it can change. Data that is no JSON object (somebody
    was at it) has no fields.
    """
    said = _said(actor, unit, data)
    return [Part(sha256(salt + name.encode()).hexdigest()[:32], name, value) for name, value in said]


def _said(actor: UUID | str, unit: str, data: str) -> list[tuple[str, str]]:
    whole = ("@", _plain((str(actor), unit, data)).decode())
    try:
        fields = _fields(data)
        texts = _fields(fields.pop("texts")) if "texts" in fields else {}
    except msgspec.MsgspecError:
        return [whole]
    return [
        whole, *((name, str(value, "utf-8")) for name, value in fields.items()),
        *((f"texts.{name}", str(value, "utf-8")) for name, value in texts.items()),
    ]  # fmt: skip


def head_hash(case_id: UUID | str, number: str, last_seq: int, last_hash: bytes, at: datetime) -> bytes:
    """SHA-256 of ``[HEAD_TAG, case_id, number, last_seq, last_hash, at]``: how long a chain was, for a signature."""
    return digest(HEAD_TAG, str(case_id), number, last_seq, last_hash.hex(), moment(at))


def seal_hash(
    prev: bytes, log: str, no: int, first_position: int, last_position: int, root: bytes, at: datetime
) -> bytes:
    """SHA-256 of ``[SEAL_TAG, prev, log, no, first_position, last_position, root, at]``: what is signed and published.

    ``prev`` is the hash of the log's seal before, START for its first; positions are inclusive and start at 1.
    """
    return digest(SEAL_TAG, prev.hex(), log, no, first_position, last_position, root.hex(), moment(at))


def new_salt() -> bytes:
    """A fresh salt for one text: 16 random bytes, erased together with the text."""
    return os.urandom(16)


def commitment(salt: bytes, value: str | bytes) -> str:
    """``hmac-sha256:<hex>`` of ``value`` under ``salt``: binds the event to a text without telling it (rules.md 5)."""
    message = value.encode() if isinstance(value, str) else value
    return f"{COMMITMENT}:{hmac.digest(salt, message, 'sha256').hex()}"


def leaf(event: bytes) -> bytes:
    """The Merkle leaf of an event's hash: SHA-256(00 ‖ hash), RFC 6962 section 2.1."""
    return sha256(_LEAF + event).digest()


def node(left: bytes, right: bytes) -> bytes:
    """An inner node: SHA-256(01 ‖ left ‖ right), RFC 6962 section 2.1."""
    return sha256(_NODE + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle root of ``leaves`` (made by ``leaf``) in RFC 6962's shape; no leaves give SHA-256 of nothing.

    Pairing level by level and carrying an odd last node up unchanged is the same tree as the RFC's split at the
    largest power of two.
    """
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        level = _up(level)
    return level[0]


def path(leaves: Sequence[bytes], n: int) -> list[bytes]:
    """The audit path of leaf ``n`` (from 0), lowest sibling first: what a citizen needs beside their own event."""
    if not 0 <= n < len(leaves):
        msg = f"leaf {n} of {len(leaves)}"
        raise IndexError(msg)
    steps: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = n ^ 1
        if sibling < len(level):
            steps.append(level[sibling])
        level, n = _up(level), n >> 1
    return steps


def check_path(one: bytes, n: int, size: int, steps: Sequence[bytes], expected: bytes) -> bool:
    """Whether leaf ``one`` stands at ``n`` (from 0) in the tree of ``size`` leaves whose root is ``expected``."""
    if not 0 <= n < size:
        return False
    left = iter(steps)
    while size > 1:
        if n ^ 1 < size:
            step = next(left, None)
            if step is None:
                return False
            one = node(step, one) if n & 1 else node(one, step)
        n, size = n >> 1, (size + 1) >> 1
    return next(left, None) is None and hmac.compare_digest(one, expected)


def _up(level: list[bytes]) -> list[bytes]:
    whole = len(level) & ~1
    above = [sha256(_NODE + level[i] + level[i + 1]).digest() for i in range(0, whole, 2)]
    if whole < len(level):
        above.append(level[-1])
    return above
