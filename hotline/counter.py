"""What a clerk does at the counter: look at a document and verify or refuse, register somebody, suspend, give a code.

Kept of a document: which kind it was and its last four characters, nothing more (seed 004-18).
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from hotline import account_codes, accounts, acts, clock, db, vault
from hotline.accounts import Account, Newcomer
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found

DOCUMENTS = {
    "resident_id": Say("居民身份证", "Resident identity card"),
    "residence_permit": Say("港澳台居民居住证", "Residence permit for Hong Kong, Macao and Taiwan"),
    "passport": Say("护照", "Passport"),
    "foreigner_permit": Say("外国人永久居留身份证", "Foreign permanent resident identity card"),
    "military_id": Say("军人证件", "Military identity card"),
}
LICENCE = "licence_and_letter"
FIRM_DOCUMENTS = {LICENCE: Say("营业执照和授权委托书", "Business licence and letter of authority")}
"""An enterprise shows both; the four characters are the licence's."""
ALL_DOCUMENTS = {**DOCUMENTS, **FIRM_DOCUMENTS}
_LONGEST_REASON = 200


async def search(connection: db.Connection, text: str) -> Sequence[Account]:
    """Accounts by registration code or by number, the number's holder first; at most ten."""
    code = accounts.tidy_code(text)
    rows = await connection.fetch(
        f"SELECT {accounts.FIELDS} FROM account WHERE state <> 'closed' AND (code = $1 OR phone_index = ANY($2))"
        " ORDER BY is_confirmed DESC, registered_at DESC LIMIT 10",
        code, vault.phone_indexes(text) if vault.normal_phone(text) else [],
    )  # fmt: skip
    return [accounts.of_row(row) for row in rows]


async def found(connection: db.Connection, code: str, *, lock: bool = False) -> Account:
    """The account with this registration code; the 404 refusal when there is none (any more)."""
    row = await connection.fetchrow(
        f"SELECT {accounts.FIELDS} FROM account WHERE code = $1 AND state <> 'closed'{' FOR UPDATE' if lock else ''}",
        accounts.tidy_code(code),
    )
    if row is None:
        raise not_found()
    return accounts.of_row(row)


async def open_(connection: db.Connection, clerk: Actor, code: str) -> Account:
    """The account for a clerk's eyes, name included: the look is noted."""
    account = await found(connection, code)
    await acts.note(connection, clerk, "account.opened", f"account:{account.code}")
    return account


def is_own(clerk: Actor, account: Account, signed_in: Account | None) -> bool:
    """Whether the account may be the clerk's own: of their name, or signed in to in this very browser."""
    return account.name.strip() == clerk.name.strip() or (signed_in is not None and signed_in.id == account.id)


async def verify(
    connection: db.Connection,
    clerk: Actor,
    code: str,
    *,
    document: str,
    tail: str,
    has_number: bool,
    signed_in: Account | None = None,
) -> Account:
    """Verified in person. 409 for an account that is not pending or may be the clerk's own; 422 by field."""
    account = await _pending(connection, clerk, code, signed_in)
    tail = tail.strip().upper()
    wrong: dict[str, Say] = {}
    if document not in (FIRM_DOCUMENTS if account.is_enterprise else DOCUMENTS):
        wrong["document"] = Say("请选看过的证件。", "Choose the document that you saw.")
    if not (len(tail) == 4 and tail.isascii() and tail.isalnum()):
        wrong["tail"] = Say("请写证件号码的最后 4 位。", "Enter the last four characters of its number.")
    if not account.is_confirmed and not has_number:
        wrong["has_number"] = Say(
            "号码还没确认过：请当面核对手机，再勾选。",
            "The number is not confirmed yet: look at the phone, then tick this.",
        )
    if wrong:
        raise invalid(wrong)
    if not account.is_confirmed:
        await accounts.confirm(connection, account.id)
    await connection.execute(
        "UPDATE account SET state = 'verified', verified_at = $2, verified_by = $3, document = $4, document_tail = $5,"
        " reason = '', version = version + 1 WHERE id = $1",
        account.id, clock.now(), clerk.id, document, tail,
    )  # fmt: skip
    await acts.note(connection, clerk, "account.verified", f"account:{account.code}", {"document": document})
    return account


async def refuse(
    connection: db.Connection, clerk: Actor, code: str, *, reason: str, signed_in: Account | None = None
) -> Account:
    """Not verified, with the reason that its holder reads; it stays pending and they may come again."""
    account = await _pending(connection, clerk, code, signed_in)
    await _say_why(connection, account, reason, "pending")
    await acts.note(connection, clerk, "account.refused", f"account:{account.code}")
    return account


async def suspend(connection: db.Connection, clerk: Actor, code: str, *, reason: str) -> Account:
    """A verified account is stopped: no signing in, every session ends."""
    account = await found(connection, code, lock=True)
    _demand(account, "verified")
    await _say_why(connection, account, reason, "suspended")
    await connection.execute("DELETE FROM account_session WHERE account_id = $1", account.id)
    await acts.note(connection, clerk, "account.suspended", f"account:{account.code}")
    return account


async def restore(connection: db.Connection, clerk: Actor, code: str) -> Account:
    """A suspended account is verified again."""
    account = await found(connection, code, lock=True)
    _demand(account, "suspended")
    await connection.execute(
        "UPDATE account SET state = 'verified', reason = '', version = version + 1 WHERE id = $1", account.id
    )
    await acts.note(connection, clerk, "account.restored", f"account:{account.code}")
    return account


async def register(connection: db.Connection, clerk: Actor, who: Newcomer) -> tuple[Account, str]:
    """An account for somebody who stands there with their phone, and the code with which they set its password."""
    if wrong := accounts.check(who):
        raise invalid(wrong)
    try:
        async with connection.transaction():
            account, code = await accounts.insert(connection, who, "", by=clerk)
    except asyncpg.UniqueViolationError:
        say = Say("这个号码已有账户，请按号码查找。", "This number has an account; look it up by the number.")
        raise invalid({"phone": say}) from None
    await acts.note(connection, clerk, "account.registered", f"account:{code}", {"account_kind": who.kind})
    secret = await account_codes.give(connection, account, account_codes.RESET, lasts=account_codes.COUNTER)
    return await found(connection, code), secret


async def give_code(connection: db.Connection, clerk: Actor, code: str) -> tuple[Account, str]:
    """A code to set a new password with, for somebody who showed a document; good until the next day."""
    account = await found(connection, code, lock=True)
    if not account.is_confirmed:
        raise conflict("not_confirmed", "号码还没确认，先核实身份。", "The number is not confirmed; verify it first.")
    secret = await account_codes.give(connection, account.id, account_codes.RESET, lasts=account_codes.COUNTER)
    await acts.note(connection, clerk, "account.code_given", f"account:{account.code}")
    return account, secret


async def correct(
    connection: db.Connection, clerk: Actor, code: str, *, name: str, phone: str, signed_in: Account | None = None
) -> Account:
    """Another name or number, from the document and phone that were shown; ``phone`` "" leaves the number.

    422 by field; 409 for a number that another account holds, and for what may be the clerk's own account: under
    another name it would be theirs to verify.
    """
    account = await found(connection, code, lock=True)
    _refuse_own(clerk, account, signed_in)
    changed = Newcomer(
        kind=account.kind, phone=phone or account.phone, name=name, company=account.company,
        organisation_code=account.organisation_code,
    )  # fmt: skip
    if wrong := accounts.check(changed):
        raise invalid(wrong)
    await accounts.put_name(connection, account.id, name)
    if phone and vault.normal_phone(phone) != account.phone:
        await accounts.confirm(connection, account.id, phone)
    await acts.note(connection, clerk, "account.corrected", f"account:{account.code}")
    return account


async def _pending(connection: db.Connection, clerk: Actor, code: str, signed_in: Account | None) -> Account:
    account = await found(connection, code, lock=True)
    _refuse_own(clerk, account, signed_in)
    _demand(account, "pending")
    return account


def _refuse_own(clerk: Actor, account: Account, signed_in: Account | None) -> None:
    if is_own(clerk, account, signed_in):
        say = Say(
            "可能是您自己的账户（与您同名），请另一位核验员办理。",
            "This may be your own account (it has your name); another clerk must do it.",
        )
        raise Refusal(409, "own_account", say)


def _demand(account: Account, state: str) -> None:
    if account.state != state:
        now = accounts.STATES[account.state]
        raise conflict("account_state", f"这个账户现在是“{now.zh}”，不能这样办。", f"This account is “{now.en}” now.")


async def _say_why(connection: db.Connection, account: Account, reason: str, state: str) -> None:
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise invalid({"reason": Say("还没写原因（200 字以内）。", "Enter the reason (at most 200 characters).")})
    await connection.execute(
        "UPDATE account SET state = $3, reason = $2, version = version + 1 WHERE id = $1",
        account.id, reason.strip(), state,
    )  # fmt: skip
