"""Citizens with accounts for any test: registered below the web, verified by the demo's clerk, signed in by cookie."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator

import httpx

from hotline import account_sessions, accounts, counter, db, organisations
from hotline.accounts import Account, Newcomer
from hotline.errors import invalid
from tests import builders as b
from web import access

PASSWORD = "a long 密码 of my own"
FIRM = "91130400MA07XXXX1" + organisations.check_character("91130400MA07XXXX1")
_numbers = itertools.count(13900000001)
_hash = ""


def number() -> str:
    """A fresh mobile number."""
    return str(next(_numbers))


async def an_account(phone: str = "", *, state: str = "pending", is_confirmed: bool = False, **change: str) -> Account:
    """An account in a state: personal unless ``company`` is given; ``state`` pending, verified or suspended."""
    global _hash  # one password for all of them: argon2 is slow on purpose
    firm = {"kind": "enterprise", "organisation_code": FIRM} if "company" in change else {"kind": "person"}
    given = {"phone": phone or number(), "name": "李小红", "password": PASSWORD, **firm, **change}
    who = Newcomer(**given)  # type: ignore[arg-type]
    if wrong := accounts.check(who):
        raise invalid(wrong)
    if _hash and who.password == PASSWORD:
        hashed = _hash
    else:
        hashed = await accounts.checked(who)
        _hash = hashed if who.password == PASSWORD else _hash
    async with db.atomic() as connection:
        account = await accounts.register(connection, who, hashed)
        if is_confirmed:
            await accounts.confirm(connection, account)
        found = await accounts.one(connection, account)
    assert found is not None
    return found if state == "pending" else await verified(found, state=state)


async def verified(account: Account, *, state: str = "verified") -> Account:
    """The account after the clerk looked at a document."""
    clerk, document = await b.person("counter"), "licence_and_letter" if account.is_enterprise else "resident_id"
    async with db.atomic() as connection:
        await counter.verify(connection, clerk, account.code, document=document, tail="123X", has_number=True)
        if state == "suspended":
            await counter.suspend(connection, clerk, account.code, reason="冒用他人身份")
        found = await accounts.one(connection, account.id)
    assert found is not None
    return found


@contextlib.asynccontextmanager
async def signed_in(client: httpx.AsyncClient, account: Account) -> AsyncIterator[Account]:
    """``client`` is signed in to the account, without the cost of the form; signed out after."""
    async with db.atomic() as connection:
        token = await account_sessions.open_session(connection, account.id, device="phone")
    client.cookies.set(access.ACCOUNT, token, domain="testserver.local")
    try:
        yield account
    finally:
        client.cookies.delete(access.ACCOUNT)


__all__ = ["FIRM", "PASSWORD", "an_account", "number", "signed_in", "verified"]
