"""Six-digit codes of an account: to confirm a number, to set a new password, to move to another number."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from hotline import city, clock, db, tries, vault
from hotline.errors import Refusal, Say, invalid

CONFIRM, RESET, NUMBER = "confirm", "reset", "number"
TRIES, PAUSE = 5, timedelta(hours=1)
"""So many wrong codes for one account (or one number from one address), then so long a pause."""
ANYWHERE = 20
"""The same for one number from all addresses together: a stranger's five must not bar its holder."""
COUNTER = timedelta(days=1)
"""A code that was handed over at the counter is good until the next day."""
_CONTEXT = "account_code.phone"
WRONG = Say("验证码不对或已过期，请核对，或重新获取。", "The code is not right or too old; check it, or get a new one.")


def minutes() -> int:
    """How long a code that was sent is good."""
    return int(city.current().rule("account.code_minutes"))


async def give(
    connection: db.Connection, account: UUID, purpose: str, *, phone: str = "", lasts: timedelta | None = None
) -> str:
    """A new code in place of the last of its purpose; ``phone`` is the new number that waits for it."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    await connection.execute(
        "INSERT INTO account_code (account_id, purpose, code_index, phone, expires_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (account_id, purpose) DO UPDATE SET code_index = $3, phone = $4, expires_at = $5",
        account, purpose, _index(account, purpose, code), vault.seal(phone, _CONTEXT) if phone else None,
        clock.now() + (lasts or timedelta(minutes=minutes())),
    )  # fmt: skip
    return code


async def take(connection: db.Connection, account: UUID, purpose: str, code: str) -> str:
    """Use a code up; the number that waited for it, or "". The 422 refusal of ``WRONG`` when it does not fit.

    The caller has counted the try (``count``), outside the transaction that a refusal undoes.
    """
    row = await connection.fetchrow(
        "DELETE FROM account_code WHERE account_id = $1 AND purpose = $2 AND code_index = ANY($3) AND expires_at > $4"
        " RETURNING phone",
        account, purpose, vault.indexes(_text(account, purpose, code)), clock.now(),
    )  # fmt: skip
    if row is None:
        raise invalid({"code": WRONG})
    return vault.unseal(row["phone"], _CONTEXT) if row["phone"] is not None else ""


async def count(subject: str, address: str = "") -> None:
    """Count one try of a code for an account, or for a number from an address; 429 once there were too many."""
    await tries.count("account.code", f"{subject}\n{address}", limit=TRIES, pause=PAUSE)
    if address:
        await tries.count("account.code.anywhere", subject, limit=ANYWHERE, pause=PAUSE)


async def right(subject: str, address: str = "") -> None:
    """It was right: the count starts again."""
    await tries.forget("account.code", f"{subject}\n{address}")
    await tries.forget("account.code.anywhere", subject)


async def allow_sending(number: str, address: str) -> None:
    """Count one code sent to a number, and one asked for from an address; 429 past the city's limits an hour."""
    rule = city.current().rule
    hour = timedelta(hours=1)
    try:
        await tries.count("account.send.address", address, limit=int(rule("account.address_hour")), pause=hour)
        await tries.count("account.send", number, limit=int(rule("account.codes_hour")), pause=hour)
    except Refusal as refusal:
        if refusal.status != 429:
            raise
        say = Say("验证码要得太频繁，请 1 小时后再试。", "Too many codes were asked for. Try again in an hour.")
        raise Refusal(429, "too_many", say, fields={"": say}) from None


def tidy(text: str) -> str:
    """The digits of what was typed."""
    return "".join(c for c in text if c.isdecimal())[:12]


def _text(account: UUID, purpose: str, code: str) -> str:
    return f"account_code:{account}:{purpose}:{tidy(code)}"


def _index(account: UUID, purpose: str, code: str) -> bytes:
    return vault.index(_text(account, purpose, code))
