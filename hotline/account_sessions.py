"""Signing in to an account and its sessions: a table and a cookie of their own, never mixed with the staff's."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from hotline import accounts, city, clock, credentials, db, tries, vault
from hotline.accounts import Account
from hotline.errors import Refusal, Say, invalid
from hotline.ids import new_id

SHORT = timedelta(hours=12)
"""A session ends this long after sign-in, unless the holder stays signed in on that device."""
TOUCH = timedelta(minutes=5)
FAILURES, PAUSE = 5, timedelta(minutes=15)
"""So many wrong passwords for one number from one address, then so long a pause."""
FAILURES_ANYWHERE, PAUSE_ANYWHERE = 30, timedelta(hours=1)
"""The same for one number from all addresses together."""
_UNCONFIRMED = 3
"""Among so many registrations of one number that nobody has confirmed yet the password is looked for."""


class Signed(msgspec.Struct, frozen=True):
    """A session as its holder sees it in the list."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    device: str


def long() -> timedelta:
    """How long one stays signed in on a device of one's own."""
    return timedelta(days=int(city.current().rule("account.session_days")))


async def sign_in(
    phone: str, password: str, address: str, *, device: str, is_long: bool = False, old: str = ""
) -> tuple[str, Account]:
    """A new session: its token (once, for the cookie) and the account. ``old`` is the browser's token so far.

    One and the same 422 refusal for an unknown number and a wrong password; 429 after too many; 403 for a
    suspended account, said only to who knew its password. Counted before the password is looked at.
    """
    number = vault.normal_phone(phone)
    here = f"{number}\n{address}"
    await tries.count("account.sign-in", here, limit=FAILURES, pause=PAUSE)
    await tries.count("account.sign-in.anywhere", number, limit=FAILURES_ANYWHERE, pause=PAUSE_ANYWHERE)
    found = await _fitting(number, password)
    if found is None:
        say = Say("号码或密码不对，请再核对。", "The number or the password is not right; check both.")
        raise Refusal(422, "sign_in", say, fields={"phone": say})
    await tries.forget("account.sign-in", here)
    await tries.forget("account.sign-in.anywhere", number)
    if found.state == "suspended":
        say = Say(
            "这个账户已停用。请带证件到窗口，或打 12345。",
            "This account is suspended. Bring your document to a counter, or call 12345.",
        )
        raise Refusal(403, "suspended", say, fields={"": say})
    async with db.atomic() as connection:
        token = await open_session(connection, found.id, device=device, is_long=is_long, old=old)
    return token, found


async def _fitting(number: str, password: str) -> Account | None:
    """Whose password it is: the holder's of the number, else one of the last who registered with it."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            f"SELECT {accounts.FIELDS}, password_hash FROM account WHERE phone_index = ANY($1) AND state <> 'closed'"
            " ORDER BY is_confirmed DESC, registered_at DESC LIMIT $2",
            vault.phone_indexes(number), _UNCONFIRMED,
        )  # fmt: skip
    for row in rows[:1] if rows and rows[0]["is_confirmed"] else rows:
        if await credentials.is_right(password, row["password_hash"]):
            return accounts.of_row(row)
    if not rows:
        await credentials.is_right(password, "")  # an unknown number costs as much as a known one
    return None


async def demand_password(account: Account, password: str) -> None:
    """Ask the signed-in holder for the password again. 422 when it is wrong, 429 after FAILURES of them."""
    await tries.count("account.password", str(account.id), limit=FAILURES, pause=PAUSE)
    async with db.reading() as connection:
        known = await connection.fetchval("SELECT password_hash FROM account WHERE id = $1", account.id)
    if not await credentials.is_right(password, known or ""):
        raise invalid({"old": Say("现在的密码不对，请再核对。", "Your present password is not right; check it.")})
    await tries.forget("account.password", str(account.id))


async def open_session(
    connection: db.Connection, account: UUID, *, device: str, is_long: bool = False, old: str = ""
) -> str:
    """A session without a password: after registering, or after one's own new password. Its token."""
    token, now = credentials.new_token(), clock.now()
    if old:
        await connection.execute("DELETE FROM account_session WHERE token_hash = $1", credentials.digest(old))
    await connection.execute(
        "INSERT INTO account_session (token_hash, id, account_id, created_at, last_seen_at, expires_at, device)"
        " VALUES ($1, $2, $3, $4, $4, $5, $6)",
        credentials.digest(token), new_id(), account, now, now + (long() if is_long else SHORT), device,
    )  # fmt: skip
    return token


_ACCOUNT = f"""
WITH touched AS (
    UPDATE account_session SET last_seen_at = $2 WHERE token_hash = $1 AND expires_at > $2 AND last_seen_at < $3
)
SELECT s.id AS session_id, {", ".join(f"a.{name}" for name in accounts.FIELDS.split(", "))}
FROM account_session s JOIN account a ON a.id = s.account_id
WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.state IN ('pending', 'verified')
"""


async def account_of(token: str) -> Account | None:
    """Whose session this token is; None when it is unknown, over, or its account suspended. One statement."""
    now = clock.now()
    async with db.reading() as connection:
        row: asyncpg.Record | None = await connection.fetchrow(_ACCOUNT, credentials.digest(token), now, now - TOUCH)
    return accounts.of_row(row, session=row["session_id"]) if row is not None else None


async def sign_out(token: str) -> None:
    """End the session of this token. Safe twice."""
    async with db.reading() as connection:
        await connection.execute("DELETE FROM account_session WHERE token_hash = $1", credentials.digest(token))


async def sessions(connection: db.Connection, account: UUID) -> list[Signed]:
    """Where the account is signed in, the last used first."""
    rows = await connection.fetch(
        "SELECT id, created_at, last_seen_at, expires_at, device FROM account_session"
        " WHERE account_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC",
        account, clock.now(),
    )  # fmt: skip
    return [Signed(**row) for row in rows]


async def end(connection: db.Connection, account: UUID, session: UUID) -> None:
    """End one of the account's own sessions. Safe twice, and nothing for another's."""
    await connection.execute("DELETE FROM account_session WHERE account_id = $1 AND id = $2", account, session)


async def end_others(connection: db.Connection, account: UUID, kept: UUID | None) -> None:
    """End every session of the account but this one."""
    await connection.execute(
        "DELETE FROM account_session WHERE account_id = $1 AND id IS DISTINCT FROM $2", account, kept
    )
