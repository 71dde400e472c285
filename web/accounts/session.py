"""Signing in to an account and out of it, and a new password by a code."""

from __future__ import annotations

from litestar import Response, get, post

from channels import codes
from hotline import account_codes, account_sessions, accounts, db, vault
from hotline.account_codes import WRONG
from hotline.actor import CITIZEN
from hotline.errors import Refusal, Say, invalid
from hotline.permissions import PUBLIC
from hotline.work import work
from web import access, cookies, forms
from web.accounts import asks
from web.accounts.common import AnyRequest, address_of, back, device_of, has_sms, shown
from web.public.pass_cookie import drop_pass
from web.public.verify import COOKIE
from web.render import preference, see_other
from web.session.paths import own_path


@get("/account/sign-in", opt={"needs": PUBLIC}, sync_to_thread=False)
def account_sign_in_page(request: AnyRequest) -> Response[str]:
    """The form to sign in."""
    onward = own_path(request.query_params.get("next", ""))
    if access.known_account(request.scope) is not None:
        return see_other(request, onward or "/me")
    return shown(request, "sign_in", forms.blank(asks.SignIn, {"next": onward}))


@post("/account/sign-in", opt={"needs": PUBLIC}, status_code=200)
async def account_sign_in(request: AnyRequest) -> Response[str]:
    """A new session in place of the browser's old one."""
    form = await forms.read(request, asks.SignIn)
    if not form.is_good:
        return back(request, "sign_in", form)
    given = form.good
    try:
        token, _ = await account_sessions.sign_in(
            given.phone, given.password, address_of(request), device=device_of(request), is_long=given.stay,
            old=cookies.get(request.scope, access.ACCOUNT),
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.status not in (403, 422, 429):
            raise
        return back(request, "sign_in", form, refusal)
    access.open_account(request.scope, token, is_long=given.stay)
    return see_other(request, own_path(given.next) or "/me")


@post("/account/sign-out", opt={"needs": PUBLIC}, status_code=200)
async def account_sign_out(request: AnyRequest) -> Response[str]:
    """End the session here and on the server; what was being written and looked at in this browser is closed, too."""
    await account_sessions.sign_out(cookies.get(request.scope, access.ACCOUNT))
    forget(request)
    return see_other(request, "/", flash=Say("已退出。", "You are signed out."))


def forget(request: AnyRequest) -> None:
    """Take everything of the holder's out of this browser."""
    access.close_account(request.scope)
    drop_pass(request.scope)
    cookies.drop(request.scope, COOKIE)


@get("/account/reset", opt={"needs": PUBLIC}, sync_to_thread=False)
def reset_page(request: AnyRequest) -> Response[str]:
    """Which number; without an SMS door, how the counter helps."""
    return shown(request, "reset", forms.blank(asks.Number))


@post("/account/reset", opt={"needs": PUBLIC}, status_code=200)
async def send_reset(request: AnyRequest) -> Response[str]:
    """A code to the number if it has an account; the answer is the same if it has none."""
    form = await forms.read(request, asks.Number)
    if not form.is_good:
        return back(request, "reset", form)
    if not has_sms():
        return shown(request, "reset", form)
    phone = form.good.phone
    try:
        await account_codes.allow_sending(vault.normal_phone(phone), address_of(request))
    except Refusal as refusal:
        if refusal.status != 429:
            raise
        return back(request, "reset", form, refusal)
    async with work(CITIZEN) as w:
        holder = await accounts.holder(w.connection, phone)
        if holder is not None:
            code = await account_codes.give(w.connection, holder.id, account_codes.RESET)
            await codes.send(w, phone, codes.RESET, code=code, lang=preference(request, "lang"))
    return shown(request, "reset_code", forms.blank(asks.Reset, {"phone": phone}), is_sent=True)


@get("/account/reset/code", opt={"needs": PUBLIC}, sync_to_thread=False)
def reset_code_page(request: AnyRequest) -> Response[str]:
    """For who holds a code already, from an SMS or from the counter."""
    return shown(request, "reset_code", forms.blank(asks.Reset), is_sent=False)


@post("/account/reset/code", opt={"needs": PUBLIC}, status_code=200)
async def reset(request: AnyRequest) -> Response[str]:
    """A new password, which ends every session of the account, and one new session here."""
    form = await forms.read(request, asks.Reset)
    if not form.is_good:
        return back(request, "reset_code", form, is_sent=False)
    try:
        token = await _reset(request, form.good)
    except Refusal as refusal:
        if refusal.status not in (422, 429):
            raise
        return back(request, "reset_code", form, refusal, is_sent=False)
    access.open_account(request.scope, token)
    return see_other(request, "/me", flash=Say("新密码已生效。", "Your new password is set."))


async def _reset(request: AnyRequest, given: asks.Reset) -> str:
    hashed = await accounts.new_password(given.password)  # for every number: neither time nor words tell which has one
    number = vault.normal_phone(given.phone)
    await account_codes.count(number, address_of(request))
    async with db.reading() as connection:
        holder = await accounts.holder(connection, number)
    if holder is None:
        raise invalid({"code": WRONG})
    async with db.atomic() as connection:
        await account_codes.take(connection, holder.id, account_codes.RESET, given.code)
        await accounts.set_password(connection, holder.id, hashed)
        token = await account_sessions.open_session(
            connection, holder.id, device=device_of(request), old=cookies.get(request.scope, access.ACCOUNT)
        )
    await account_codes.right(number, address_of(request))
    return token
