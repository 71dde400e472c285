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
from uuid import UUID

from hotline.canon import START, canonical, digest, moment

__all__ = [
    "START", "canonical", "check_path", "commitment", "event_hash", "leaf", "moment", "new_salt", "node", "path",
    "root", "seal_hash",
]  # fmt: skip

EVENT_TAG = "hotline.event.1"
SEAL_TAG = "hotline.seal.1"
COMMITMENT = "hmac-sha256"
_LEAF, _NODE = b"\x00", b"\x01"


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
) -> bytes:
    """SHA-256 of ``[EVENT_TAG, prev, case_id, seq, kind, version, at, actor, actor_kind, unit, data]`` (32 bytes).

    ``data`` is the stored text of ``canonical()`` and goes in as a string, byte for byte. ``prev`` is the hash of
    the case's event before, START for its first.
    """
    return digest(
        EVENT_TAG, prev.hex(), str(case_id), seq, kind, version, moment(at), str(actor), actor_kind, unit, data
    )


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
