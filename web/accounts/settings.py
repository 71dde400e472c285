"""The account's own page: name, number, password, where one is signed in, and taking the account away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from channels import codes
from hotline import account_codes, account_sessions, accounts, db, vault
from hotline.accounts import Account
from hotline.actor import CITIZEN
from hotline.errors import Refusal, Say, invalid
from hotline.permissions import PUBLIC
from hotline.work import work
from web import access, forms
from web.accounts import asks
from web.accounts.common import AnyRequest, address_of, back, device_of, has_sms, shown, sign_in_first, signed_in
from web.accounts.session import forget
from web.render import preference, see_other

PAGES: dict[str, type[msgspec.Struct]] = {
    "name": asks.Rename, "number": asks.NewNumber, "number-code": asks.Confirmation, "password": asks.ChangePassword,
    "close": asks.Close,
}  # fmt: skip
"""What may be changed, each on a page of its own: the template is ``set_<name>``."""


@get("/account", opt={"needs": PUBLIC})
async def settings_page(request: AnyRequest) -> Response[str]:
    """What the account holds, where it is signed in, and what may be changed."""
    account = access.known_account(request.scope)
    if account is None:
        return sign_in_first(request)
    async with db.reading() as connection:
        sessions = await account_sessions.sessions(connection, account.id)
    return shown(request, "settings", account=account, sessions=sessions, states=accounts.STATES, kinds=accounts.KINDS)


@get("/account/change/{what:str}", opt={"needs": PUBLIC}, sync_to_thread=False)
def change_page(request: AnyRequest, what: FromPath[str]) -> Response[str]:
    """One thing to change."""
    account = access.known_account(request.scope)
    if account is None:
        return sign_in_first(request)
    if what not in PAGES:
        return see_other(request, "/account")
    start = {"name": account.name} if what == "name" else {}
    return shown(request, f"set_{what.replace('-', '_')}", forms.blank(PAGES[what], start), account=account)


async def _rename(request: AnyRequest) -> Response[str]:
    """Another name, while nobody has verified it."""
    account, form = signed_in(request), await forms.read(request, asks.Rename)
    if form.is_good:
        try:
            async with db.atomic() as connection:
                await accounts.rename(connection, account.id, form.good.name)
        except Refusal as refusal:
            return _back(request, "set_name", form, account, refusal)
        return see_other(request, "/account", flash=Say("姓名已改。", "Your name is changed."))
    return _back(request, "set_name", form, account)


async def _renumber(request: AnyRequest) -> Response[str]:
    """A code to the new number; the old one stays until it is answered from the new."""
    account, form = signed_in(request), await forms.read(request, asks.NewNumber)
    if not form.is_good or not has_sms():
        return _back(request, "set_number", form, account)
    try:
        if not accounts.is_mobile(form.good.phone):
            raise invalid({"phone": Say("请写手机号码，11 位。", "Enter a mobile number of 11 digits.")})
        await account_sessions.demand_password(account, form.good.old)
        await account_codes.allow_sending(vault.normal_phone(form.good.phone), address_of(request))
    except Refusal as refusal:
        return _back(request, "set_number", form, account, refusal)
    phone = vault.normal_phone(form.good.phone)
    async with work(CITIZEN) as w:
        code = await account_codes.give(w.connection, account.id, account_codes.NUMBER, phone=phone)
        if await accounts.holder(w.connection, phone) is None:
            await codes.send(w, phone, codes.CODE, code=code, lang=preference(request, "lang"))
        else:
            await codes.send(w, phone, codes.KNOWN, lang=preference(request, "lang"))
    return see_other(request, "/account/change/number-code")


async def _take_number(request: AnyRequest) -> Response[str]:
    """It was answered from the new number."""
    account, form = signed_in(request), await forms.read(request, asks.Confirmation)
    if not form.is_good:
        return _back(request, "set_number_code", form, account)
    try:
        await account_codes.count(str(account.id))
        async with db.atomic() as connection:
            phone = await account_codes.take(connection, account.id, account_codes.NUMBER, form.good.code)
            await accounts.confirm(connection, account.id, phone)
    except Refusal as refusal:
        return _back(request, "set_number_code", form, account, refusal)
    await account_codes.right(str(account.id))
    return see_other(request, "/account", flash=Say("号码已改。", "Your number is changed."))


async def _change_password(request: AnyRequest) -> Response[str]:
    """Another password; every other session ends, this browser gets a new one."""
    account, form = signed_in(request), await forms.read(request, asks.ChangePassword)
    if not form.is_good:
        return _back(request, "set_password", form, account)
    try:
        await account_sessions.demand_password(account, form.good.old)
        hashed = await accounts.new_password(form.good.password)
    except Refusal as refusal:
        return _back(request, "set_password", form, account, refusal)
    async with db.atomic() as connection:
        await accounts.set_password(connection, account.id, hashed)
        token = await account_sessions.open_session(connection, account.id, device=device_of(request))
    access.open_account(request.scope, token)
    say = Say("密码已改，别处的登录都已退出。", "Your password is changed; you are signed out everywhere else.")
    return see_other(request, "/account", flash=say)


@post("/account/sessions/{session:uuid}/end", opt={"needs": PUBLIC}, status_code=200)
async def end_session(request: AnyRequest, session: FromPath[UUID]) -> Response[str]:
    """End one session of one's own."""
    account = signed_in(request)
    async with db.atomic() as connection:
        await account_sessions.end(connection, account.id, session)
    return see_other(request, "/account", flash=Say("那处登录已退出。", "That session is ended."))


@post("/account/sessions/end", opt={"needs": PUBLIC}, status_code=200)
async def end_others(request: AnyRequest) -> Response[str]:
    """End every session but this one."""
    account = signed_in(request)
    async with db.atomic() as connection:
        await account_sessions.end_others(connection, account.id, account.session)
    return see_other(request, "/account", flash=Say("别处的登录都已退出。", "You are signed out everywhere else."))


async def _close(request: AnyRequest) -> Response[str]:
    """The account goes with every personal field; what was filed stays and is followed by number and code."""
    account, form = signed_in(request), await forms.read(request, asks.Close)
    if not form.is_good:
        return _back(request, "set_close", form, account)
    try:
        await account_sessions.demand_password(account, form.good.old)
    except Refusal as refusal:
        return _back(request, "set_close", form, account, refusal)
    async with db.atomic() as connection:
        await codes.forget(connection, account.phone)
        await accounts.close(connection, account)
    forget(request)
    say = Say(
        "账户已注销，姓名、号码已删除。反映过的事仍凭编号和查询码查询。",
        "Your account is closed; name and number are gone. Follow your requests by number and code.",
    )
    return see_other(request, "/", flash=say)


_CHANGES: dict[str, Callable[[AnyRequest], Awaitable[Response[str]]]] = {
    "name": _rename, "number": _renumber, "number-code": _take_number, "password": _change_password, "close": _close,
}  # fmt: skip


@post("/account/change/{what:str}", opt={"needs": PUBLIC}, status_code=200)
async def change(request: AnyRequest, what: FromPath[str]) -> Response[str]:
    """Change that one thing. One route for all: one of its own for a post would hide the page of the same address."""
    if what not in _CHANGES:
        return see_other(request, "/account")
    return await _CHANGES[what](request)


def _back(
    request: AnyRequest, template: str, form: forms.Form[Any], account: Account, refusal: Refusal | None = None
) -> Response[str]:
    if refusal is not None and refusal.status not in (409, 422, 429):
        raise refusal
    return back(request, template, form, refusal, account=account)
