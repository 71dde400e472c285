"""The second factor of staff: codes by time (TOTP, RFC 6238) from an application, and recovery codes for its loss."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pyotp

from hotline import city, clock, db, tries, vault
from hotline.errors import Refusal, Say, conflict, invalid

STEP = 30
"""Seconds that a code is shown; the one before and the one after are taken too, for clocks that differ."""
RECOVERY_CODES = 8
TRIES, PAUSE = 5, timedelta(minutes=15)
TRIES_DAY, DAY = 30, timedelta(days=1)
"""At five a quarter of an hour alone somebody with the password would be in within a year."""
SHOWN = timedelta(minutes=15)
"""For so long a secret that is not in use yet is shown again: whoever saw the page once must not know a later one."""
_CONTEXT = "person.factor"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_NAMES = {"0": "O", "1": "I"}


class Factor(msgspec.Struct, frozen=True):
    """What a person has: since when, and how many recovery codes are left."""

    since: datetime
    codes_left: int


async def of(connection: db.Connection, person: UUID) -> Factor | None:
    """The person's confirmed second factor, if there is one."""
    row = await connection.fetchrow(
        "SELECT confirmed_at, (SELECT count(*) FROM recovery_code WHERE person_id = $1 AND used_at IS NULL) AS n"
        " FROM person_factor WHERE person_id = $1 AND confirmed_at IS NOT NULL",
        person,
    )
    return Factor(row["confirmed_at"], row["n"]) if row is not None else None


def is_required(roles: frozenset[str]) -> bool:
    """Whether one of these roles must have a second factor: the city's rule ``factor.roles``."""
    return bool(roles & frozenset(str(city.current().rule("factor.roles")).split()))


async def begin(connection: db.Connection, person: UUID) -> str:
    """The secret to put into an application, the same for SHOWN. A 409 refusal when one is in use."""
    await connection.execute(
        "DELETE FROM person_factor WHERE person_id = $1 AND confirmed_at IS NULL AND made_at <= $2",
        person, clock.now() - SHOWN,
    )  # fmt: skip
    row = await connection.fetchrow(
        "SELECT secret, confirmed_at FROM person_factor WHERE person_id = $1 FOR UPDATE", person
    )
    if row is not None and row["confirmed_at"] is not None:
        raise conflict("factor_there", "您已开通动态码。", "You have a second factor already.")
    if row is not None:
        return vault.unseal(row["secret"], _CONTEXT)
    secret = pyotp.random_base32()
    kept = await connection.fetchval(
        "INSERT INTO person_factor (person_id, secret, made_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (person_id) DO UPDATE SET made_at = person_factor.made_at RETURNING secret",
        person, vault.seal(secret, _CONTEXT), clock.now(),
    )  # fmt: skip
    return vault.unseal(kept, _CONTEXT)  # another page of the same person may have been faster


def address(secret: str, login: str, issuer: str) -> str:
    """The ``otpauth://`` address for the picture that an application reads."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=login, issuer_name=issuer)


async def confirm(connection: db.Connection, person: UUID, code: str) -> list[str]:
    """The application shows the right code: from now on it is asked for. The recovery codes, to be shown once."""
    await connection.execute("SELECT FROM person_factor WHERE person_id = $1 FOR UPDATE", person)
    if not await _fits(connection, person, code, is_confirmed=False):
        raise _wrong()
    await connection.execute("UPDATE person_factor SET confirmed_at = $2 WHERE person_id = $1", person, clock.now())
    return await renew_codes(connection, person)


async def renew_codes(connection: db.Connection, person: UUID) -> list[str]:
    """Fresh recovery codes in place of the old ones, to be shown once."""
    await connection.execute("DELETE FROM recovery_code WHERE person_id = $1", person)
    codes = [new_code(8) for _ in range(RECOVERY_CODES)]
    await connection.executemany(
        "INSERT INTO recovery_code (person_id, code_hash) VALUES ($1, $2)",
        [(person, vault.index(f"{person}\n{plain(code)}")) for code in codes],
    )
    return codes


async def demand(person: UUID, code: str) -> str:
    """Take a code: ``totp`` or ``recovery``. 422 when it is wrong or was used before, 429 after TRIES or TRIES_DAY.

    Counted before it is looked at; the same time step and the same recovery code are never taken twice.
    """
    await tries.count("factor", str(person), limit=TRIES, pause=PAUSE)
    await tries.count("factor.day", str(person), limit=TRIES_DAY, pause=DAY)
    async with db.atomic() as connection:
        await connection.execute("SELECT FROM person_factor WHERE person_id = $1 FOR UPDATE", person)
        kind = "totp" if await _fits(connection, person, code, is_confirmed=True) else ""
        kind = kind or await _spend(connection, person, code)
    if not kind:
        raise _wrong()
    await forget_tries(person)
    return kind


async def forget_tries(person: UUID) -> None:
    """Wrong codes count no more: a code was right, or the password with which they were tried is none any more."""
    await tries.forget("factor", str(person))
    await tries.forget("factor.day", str(person))


async def remove(connection: db.Connection, person: UUID) -> bool:
    """No second factor any more, nor its codes; whether there was one."""
    await connection.execute("DELETE FROM recovery_code WHERE person_id = $1", person)
    await forget_tries(person)
    done = await connection.fetchval(
        "DELETE FROM person_factor WHERE person_id = $1 RETURNING confirmed_at IS NOT NULL", person
    )
    return bool(done)


def new_code(length: int) -> str:
    """A random code in groups of four, of letters and digits that are not mistaken for each other."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(length))
    return "-".join(letters[at : at + 4] for at in range(0, length, 4))


def plain(code: str) -> str:
    """A code as it is compared: however somebody typed it."""
    kept = "".join(one for one in code.upper() if one.isalnum())
    return "".join(_NAMES.get(one, one) for one in kept)


async def _fits(connection: db.Connection, person: UUID, code: str, *, is_confirmed: bool) -> bool:
    row = await connection.fetchrow(
        "SELECT secret, last_step FROM person_factor WHERE person_id = $1 AND (confirmed_at IS NOT NULL) = $2",
        person, is_confirmed,
    )  # fmt: skip
    given = "".join(code.split())
    if row is None or not (given.isascii() and given.isdigit()):
        return False
    counter, now = pyotp.HOTP(vault.unseal(row["secret"], _CONTEXT)), int(clock.now().timestamp()) // STEP
    fitting = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(counter.at(step), given)]
    if not fitting or fitting[-1] <= row["last_step"]:
        return False
    await connection.execute("UPDATE person_factor SET last_step = $2 WHERE person_id = $1", person, fitting[-1])
    return True


async def _spend(connection: db.Connection, person: UUID, code: str) -> str:
    done = await connection.execute(
        "UPDATE recovery_code SET used_at = $3 WHERE person_id = $1 AND code_hash = ANY($2) AND used_at IS NULL",
        person, vault.indexes(f"{person}\n{plain(code)}"), clock.now(),
    )  # fmt: skip
    return "recovery" if done != "UPDATE 0" else ""


def _wrong() -> Refusal:
    say = Say("动态码不对或已用过，请等下一个再输。", "That code is wrong or was used; wait for the next.")
    return invalid({"code": say})
