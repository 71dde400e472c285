"""The one spelling of what is hashed, for both chained logs: ``digest(tag, …)`` is SHA-256 of a compact JSON array.

Hashes go in as lower-case hex, ids in the 36-character form, moments as ``2026-01-31T08:00:00.000000Z``; JSON quotes
and escapes strings, so no two lists of fields give the same bytes. Changing any of it needs a new tag.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

START = bytes(32)
"""The ``prev`` of a chain's first entry: 32 zero bytes, so that nobody mistakes a lost hash for a beginning."""

_sorted = msgspec.json.Encoder(order="sorted").encode
_plain = msgspec.json.Encoder().encode


def canonical(data: Mapping[str, object]) -> str:
    """The one spelling of ``data``: JSON with sorted keys, no spaces, nothing escaped. It is stored and hashed."""
    return _sorted(data).decode()


def moment(at: datetime) -> str:
    """``at`` as it is hashed: UTC, always six decimals, ``Z``. A naive moment raises ValueError."""
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            msg = f"a moment without a time zone: {at!r}"
            raise ValueError(msg)
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def digest(*fields: str | int) -> bytes:
    """SHA-256 (32 bytes) of ``fields`` as a compact JSON array in UTF-8; the first is the tag of what is hashed."""
    return sha256(_plain(fields)).digest()
