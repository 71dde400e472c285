"""Accounts of citizens and enterprises: registered, found, changed, closed. Their twin for the staff is ``people``.

Signing in is ``account_sessions``, six-digit codes are ``account_codes``, what a clerk does is ``counter``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from hotline import acts, city, clock, credentials, db, masks, organisations, vault
from hotline.actor import CITIZEN, Actor
from hotline.errors import Say, conflict, invalid
from hotline.ids import new_id

KINDS = {"person": Say("个人", "Personal"), "enterprise": Say("企业", "Enterprise")}
STATES = {
    "pending": Say("待核实", "Not yet verified"),
    "verified": Say("已核实", "Verified"),
    "suspended": Say("已停用", "Suspended"),
    "closed": Say("已注销", "Closed"),
}
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE = 8
_PHONE, _NAME, _COMPANY = "account.phone", "account.name", "account.company"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account in plain values. ``portal`` is the county whose portal it was registered on, "" the city's."""

    id: UUID
    code: str
    kind: str
    state: str
    is_confirmed: bool
    phone: str
    name: str
    company: str
    organisation_code: str
    portal: str
    lang: str
    registered_at: datetime
    verified_at: datetime | None
    document: str
    document_tail: str
    reason: str
    version: int
    session: UUID | None = None

    @property
    def is_verified(self) -> bool:
        """Verified in person: may complain about bodies and rate them (rules.md 8)."""
        return self.state == "verified"

    @property
    def is_enterprise(self) -> bool:
        """An organisation with its code; its requests are flagged."""
        return self.kind == "enterprise"

    @property
    def shown_code(self) -> str:
        """The registration code as people read it: K7Q2-3MXP."""
        return f"{self.code[:4]}-{self.code[4:]}"

    @property
    def signature(self) -> str:
        """Whose request it is, as the request's name: a company with the person who acts for it."""
        return f"{self.company}（{self.name}）"[:60] if self.is_enterprise else self.name


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """What one registers with. ``password`` "" only where a clerk registers: the holder sets it with a code."""

    kind: str
    phone: str
    name: str
    password: str = ""
    company: str = ""
    organisation_code: str = ""
    portal: str = ""
    lang: str = "zh"


FIELDS = (
    "id, code, kind, state, is_confirmed, phone, name, company, organisation_code, portal, lang, registered_at, "
    "verified_at, document, document_tail, reason, version"
)
TAKEN = Say("这个号码已有账户，请登录或重设密码。", "This number has an account; sign in or set a new password.")


def tidy_code(text: str) -> str:
    """A registration code as it is stored, "" for what is none: ``k7q2 3mxp`` gives K7Q23MXP."""
    plain = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    return plain if len(plain) == _CODE and all(c in _ALPHABET for c in plain) else ""


def of_row(row: Mapping[str, Any], session: UUID | None = None) -> Account:
    """A row with FIELDS in plain values."""
    held: dict[str, Any] = {name: row[name] for name in FIELDS.split(", ")}
    for field, context in (("phone", _PHONE), ("name", _NAME), ("company", _COMPANY)):
        held[field] = vault.unseal(held[field], context) if held[field] is not None else ""
    for field in ("organisation_code", "portal", "document", "document_tail"):
        held[field] = held[field] or ""
    return Account(**held, session=session)


def check(who: Newcomer) -> dict[str, Say]:
    """What is wrong with a registration, by field."""
    wrong: dict[str, Say] = {}
    if not is_mobile(who.phone):
        wrong["phone"] = Say("请写手机号码，11 位。", "Enter a mobile number of 11 digits.")
    if not 0 < len(who.name.strip()) <= 60:
        wrong["name"] = Say("还没写姓名（60 字以内）。", "Enter a name of at most 60 characters.")
    if who.kind == "enterprise":
        if not 0 < len(who.company.strip()) <= 100:
            wrong["company"] = Say("还没写单位名称（100 字以内）。", "Enter the company’s name.")
        if not organisations.is_code(organisations.tidy(who.organisation_code)):
            wrong["organisation_code"] = Say(
                "统一社会信用代码不对，请照营业执照核对 18 位。",
                "That is no unified social credit code; check its 18 characters on the licence.",
            )
    return wrong


def is_mobile(text: str) -> bool:
    """Whether an SMS could reach it."""
    number = vault.normal_phone(text)
    return masks.is_phone(text) and not number.startswith("0") and len(number) >= 11


async def checked(who: Newcomer) -> str:
    """The hash of a newcomer's password once everything is well; before any transaction, because it takes its time.

    Raises a 422 refusal by field.
    """
    wrong = check(who)
    if (weak := credentials.too_weak(who.password)) is not None:
        wrong["password"] = weak
    if wrong:
        raise invalid(wrong)
    return await credentials.hashed(who.password)


async def new_password(password: str) -> str:
    """The hash of a new password. Raises a 422 refusal when it is too short."""
    if (weak := credentials.too_weak(password)) is not None:
        raise invalid({"password": weak})
    return await credentials.hashed(password)


async def register(connection: db.Connection, who: Newcomer, password_hash: str) -> UUID:
    """A pending account, of what ``checked`` has looked at, whose number nobody has answered from yet.

    It does not look whether the number has an account: whoever registers must not learn that. The number is held
    by who answers from it (``confirm``).
    """
    account, code = await insert(connection, who, password_hash)
    await acts.note(connection, CITIZEN, "account.registered", f"account:{code}", {"account_kind": who.kind})
    return account


async def insert(
    connection: db.Connection, who: Newcomer, password_hash: str, *, by: Actor | None = None
) -> tuple[UUID, str]:
    """The row of a checked newcomer, its id and code; ``by`` a clerk in front of whom the holder stands."""
    account, is_firm = new_id(), who.kind == "enterprise"
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE))
    await connection.execute(
        "INSERT INTO account (id, code, kind, state, is_confirmed, phone, phone_index, name, company,"
        " organisation_code, password_hash, portal, lang, registered_at, registered_by)"
        " VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        account, code, who.kind, by is not None, *_number(who.phone), vault.seal(who.name.strip(), _NAME),
        vault.seal(who.company.strip(), _COMPANY) if is_firm else None,
        organisations.tidy(who.organisation_code) if is_firm else None, password_hash, who.portal or None, who.lang,
        clock.now(), by.id if by is not None else None,
    )  # fmt: skip
    return account, code


def _number(phone: str) -> tuple[bytes, bytes]:
    return vault.seal(vault.normal_phone(phone), _PHONE), vault.phone_index(phone)


async def one(connection: db.Connection, account: UUID) -> Account | None:
    """The account with this id."""
    row = await connection.fetchrow(f"SELECT {FIELDS} FROM account WHERE id = $1", account)
    return of_row(row) if row is not None else None


async def holder(connection: db.Connection, phone: str) -> Account | None:
    """The account that holds this number: the one that has answered from it."""
    row = await connection.fetchrow(
        f"SELECT {FIELDS} FROM account WHERE phone_index = ANY($1) AND is_confirmed AND state <> 'closed'",
        vault.phone_indexes(phone),
    )
    return of_row(row) if row is not None else None


async def confirm(connection: db.Connection, account: UUID, phone: str = "") -> None:
    """The number was answered from: the account holds it now; ``phone`` where it is a new one.

    409 when another account holds it.
    """
    sealed, index = _number(phone) if phone else (None, None)
    try:
        async with connection.transaction():
            await connection.execute(
                "UPDATE account SET is_confirmed = true, phone = coalesce($2, phone), version = version + 1,"
                " phone_index = coalesce($3, phone_index) WHERE id = $1 AND state <> 'closed'",
                account, sealed, index,
            )  # fmt: skip
    except asyncpg.UniqueViolationError:
        raise conflict("number_taken", *TAKEN) from None


async def rename(connection: db.Connection, account: UUID, name: str) -> None:
    """Another name of the person. A verified one was seen on a document: it is changed at the counter."""
    if not 0 < len(name.strip()) <= 60:
        raise invalid({"name": Say("还没写姓名（60 字以内）。", "Enter a name of at most 60 characters.")})
    if not await put_name(connection, account, name, state="pending"):
        say = Say("姓名已凭证件核实，要改请带证件到窗口。", "Your name was verified; change it at a counter.")
        raise invalid({"name": say})


async def put_name(connection: db.Connection, account: UUID, name: str, *, state: str = "") -> bool:
    """Write the name; with ``state`` only while the account is in it. Whether it was."""
    done = await connection.execute(
        "UPDATE account SET name = $2, version = version + 1"
        " WHERE id = $1 AND state <> 'closed' AND (state = $3 OR $3 = '')",
        account, vault.seal(name.strip(), _NAME), state,
    )  # fmt: skip
    return str(done) == "UPDATE 1"


async def set_password(connection: db.Connection, account: UUID, password_hash: str) -> None:
    """A new password (its hash from ``new_password``), which ends every session."""
    await connection.execute("UPDATE account SET password_hash = $2 WHERE id = $1", account, password_hash)
    await connection.execute("DELETE FROM account_session WHERE account_id = $1", account)


async def close(connection: db.Connection, account: Account) -> None:
    """Its holder takes it away: every personal field goes, what they filed stays with its own retention."""
    await connection.execute(
        "UPDATE account SET state = 'closed', closed_at = $2, phone = NULL, phone_index = NULL, name = NULL,"
        " company = NULL, organisation_code = NULL, password_hash = '', document = NULL, document_tail = NULL,"
        " is_confirmed = false, reason = '', version = version + 1 WHERE id = $1 AND state <> 'closed'",
        account.id, clock.now(),
    )  # fmt: skip
    await connection.execute("DELETE FROM account_session WHERE account_id = $1", account.id)
    await connection.execute("DELETE FROM account_code WHERE account_id = $1", account.id)
    await acts.note(connection, CITIZEN, "account.closed", f"account:{account.code}")


async def sweep(connection: db.Connection) -> int:
    """Registrations that nobody confirmed or is signed in to go after the city's time; how many. Codes, sessions, too.

    Without an SMS door a number is confirmed at the counter only: who is still signed in keeps their page.
    """
    now = clock.now()
    await connection.execute("DELETE FROM account_code WHERE expires_at < $1", now)
    await connection.execute("DELETE FROM account_session WHERE expires_at < $1", now)
    edge = now - timedelta(days=int(city.current().rule("account.unconfirmed_days")))
    done = await connection.execute(
        "DELETE FROM account a WHERE state = 'pending' AND NOT is_confirmed AND registered_at < $1"
        " AND NOT EXISTS (SELECT 1 FROM account_session s WHERE s.account_id = a.id)", edge,
    )  # fmt: skip
    return int(done.rpartition(" ")[2])
