"""Receipts as their holders ask for them: by number and query code, whether or not the message is a case already."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

import msgspec

from channels import numbers
from hotline import db

_FIND = """
    SELECT r.code_hash, r.filed_at AS at, TRUE AS is_made FROM request r WHERE r.receipt_no = $1
    UNION ALL
    SELECT m.code_hash, m.received_at, FALSE FROM inbound_message m WHERE m.receipt_no = $1 AND m.state <> 'made'
    LIMIT 1
"""
_NOTHING = bytes(37)
"""What an unknown number is compared with, so that it takes as long as a known one."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A number whose code was right. ``is_made``: there is a case; else the message was only acknowledged so far."""

    number: str
    at: datetime
    is_made: bool


def tidy_number(text: str) -> str:
    """A receipt number as people type it (spaces, full-width digits, no dash) in its own form; "" when it is none."""
    plain = re.sub(r"[\s—–－_.·-]+", "", unicodedata.normalize("NFKC", text))
    return f"{plain[:6]}-{plain[6:]}" if re.fullmatch(r"[0-9]{11,13}", plain) else ""


def tidy_code(text: str) -> str:
    """A query code without spaces and full-width digits."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))[:12]


async def held(connection: db.Connection, number: str) -> Receipt | None:
    """The receipt of this number, for somebody who has already shown the code."""
    row = await connection.fetchrow(_FIND, number)
    return None if row is None else Receipt(number=number, at=row["at"], is_made=row["is_made"])


async def shown(connection: db.Connection, number: str, code: str) -> Receipt | None:
    """The receipt when number and code fit together. An unknown number and a wrong code cost and answer the same."""
    row = await connection.fetchrow(_FIND, number)
    is_right = numbers.code_matches(number, code, row["code_hash"] if row is not None else _NOTHING)
    if row is None or not is_right:
        return None
    return Receipt(number=number, at=row["at"], is_made=row["is_made"])
