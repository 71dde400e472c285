"""Registering, on the city's portal and on every county's: personal or enterprise, then the number is confirmed."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from channels import codes
from hotline import account_codes, account_sessions, accounts, city, db, tries
from hotline.accounts import Account, Newcomer
from hotline.actor import CITIZEN
from hotline.errors import Refusal, Say, not_found
from hotline.permissions import PUBLIC
from hotline.work import Work, work
from web import access, cookies, forms
from web.accounts import asks
from web.accounts.common import AnyRequest, address_of, back, device_of, has_sms, shown, sign_in_first, signed_in
from web.public.lists import portal_county
from web.render import preference, see_other
from web.session.paths import own_path

FORMS: dict[str, type[asks.Person | asks.Firm]] = {"person": asks.Person, "enterprise": asks.Firm}


@get("/account/register", opt={"needs": PUBLIC}, sync_to_thread=False)
def choose_kind(request: AnyRequest) -> Response[str]:
    """Personal or enterprise; what an account is for, and what goes without one."""
    if access.known_account(request.scope) is not None:
        return see_other(request, "/me")
    county, onward = _from(request)
    return shown(request, "register", query=_query(county, onward), county_say=_county_say(county))


@get("/account/register/{kind:str}", opt={"needs": PUBLIC}, sync_to_thread=False)
def register_page(request: AnyRequest, kind: FromPath[str]) -> Response[str]:
    """The form of one kind."""
    if kind not in FORMS:
        raise not_found()
    county, onward = _from(request)
    return shown(request, "register_form", forms.blank(FORMS[kind], {"county": county, "next": onward}), kind=kind)


@post("/account/register/{kind:str}", opt={"needs": PUBLIC}, status_code=200)
async def register(request: AnyRequest, kind: FromPath[str]) -> Response[str]:
    """A pending account and a session. The answer is the same whether or not the number has an account already."""
    if kind not in FORMS:
        raise not_found()
    form = await forms.read(request, FORMS[kind])
    if not form.is_good:
        return back(request, "register_form", form, kind=kind)
    given = form.good
    firm = {name: getattr(given, name, "") for name in ("company", "organisation_code")}
    who = Newcomer(
        kind=kind, phone=given.phone, name=given.name, password=given.password, portal=portal_county(given.county),
        lang=preference(request, "lang"), **firm,
    )  # fmt: skip
    try:
        token = await _enter(request, who)
    except Refusal as refusal:
        if refusal.status not in (422, 429):
            raise
        return back(request, "register_form", form, refusal, kind=kind)
    access.open_account(request.scope, token)
    onward = own_path(given.next)
    if has_sms():
        return see_other(request, f"/account/confirm{_query('', onward)}")
    say = Say("已登记。请带证件到窗口核实身份。", "You are registered. Bring your document to a counter.")
    return see_other(request, onward or "/me", flash=say)


async def _enter(request: AnyRequest, who: Newcomer) -> str:
    hashed = await accounts.checked(who)
    await _not_too_many(address_of(request))
    if has_sms():
        await account_codes.allow_sending(who.phone, address_of(request))
    async with work(CITIZEN) as w:
        account = await accounts.register(w.connection, who, hashed)
        if has_sms():
            await _send_code(w, account, who.phone, who.lang)
        return await account_sessions.open_session(
            w.connection, account, device=device_of(request), old=cookies.get(request.scope, access.ACCOUNT)
        )


async def _send_code(w: Work, account: UUID, phone: str, lang: str) -> None:
    """A code; or to a number that has an account, that it has one. Whoever registers sees the same page."""
    if await accounts.holder(w.connection, phone) is not None:
        await codes.send(w, phone, codes.KNOWN, lang=lang)
        return
    code = await account_codes.give(w.connection, account, account_codes.CONFIRM)
    await codes.send(w, phone, codes.CODE, code=code, lang=lang)


async def _not_too_many(address: str) -> None:
    most = int(city.current().rule("account.registrations_hour"))
    try:
        await tries.count("account.register", address, limit=most, pause=timedelta(hours=1))
    except Refusal as refusal:
        if refusal.status != 429:
            raise
        say = Say(
            "这个网络登记得太多了，请 1 小时后再试，或到窗口登记。",
            "Too many registrations from this network. Try again in an hour, or register at a counter.",
        )
        raise Refusal(429, "too_many", say, fields={"": say}) from None


@get("/account/confirm", opt={"needs": PUBLIC}, sync_to_thread=False)
def confirm_page(request: AnyRequest) -> Response[str]:
    """Where the six digits are entered."""
    account = access.known_account(request.scope)
    if account is None:
        return sign_in_first(request)
    if account.is_confirmed or not has_sms():
        return see_other(request, "/me")
    return _confirm_page(request, account, forms.blank(asks.Confirmation))


@post("/account/confirm", opt={"needs": PUBLIC}, status_code=200)
async def confirm(request: AnyRequest) -> Response[str]:
    """The number is the account's own from now on."""
    account = signed_in(request)
    form = await forms.read(request, asks.Confirmation)
    if form.is_good:
        try:
            await account_codes.count(str(account.id))
            async with db.atomic() as connection:
                await account_codes.take(connection, account.id, account_codes.CONFIRM, form.good.code)
                await accounts.confirm(connection, account.id)
        except Refusal as refusal:
            if refusal.status not in (409, 422, 429):
                raise
            return back(request, "confirm", form, refusal, account=account, query=_query("", _from(request)[1]))
        await account_codes.right(str(account.id))
        say = Say("号码已确认。", "Your number is confirmed.")
        return see_other(request, own_path(request.query_params.get("next", "")) or "/me", flash=say)
    return back(request, "confirm", form, account=account, query=_query("", _from(request)[1]))


@post("/account/confirm/again", opt={"needs": PUBLIC}, status_code=200)
async def send_again(request: AnyRequest) -> Response[str]:
    """Another code; the last one is good no longer."""
    account = signed_in(request)
    if account.is_confirmed or not has_sms():
        return see_other(request, "/me")
    try:
        await account_codes.allow_sending(account.phone, address_of(request))
    except Refusal as refusal:
        if refusal.status != 429:
            raise
        return _confirm_page(request, account, forms.blank(asks.Confirmation), refusal)
    async with work(CITIZEN) as w:
        await _send_code(w, account.id, account.phone, preference(request, "lang"))
    return see_other(request, "/account/confirm", flash=Say("验证码已重发。", "Another code is on its way."))


def _confirm_page(
    request: AnyRequest, account: Account, form: forms.Form[asks.Confirmation], refusal: Refusal | None = None
) -> Response[str]:
    query = _query("", _from(request)[1])
    if refusal is not None:
        return back(request, "confirm", form, refusal, account=account, query=query)
    return shown(request, "confirm", form, account=account, query=query)


def _from(request: AnyRequest) -> tuple[str, str]:
    """The county's portal that the visitor came from, and where to go afterwards."""
    query = request.query_params
    return portal_county(query.get("county", "")), own_path(query.get("next", ""))


def _query(county: str, onward: str) -> str:
    kept = {name: text for name, text in (("county", county), ("next", onward)) if text}
    return f"?{urlencode(kept)}" if kept else ""


def _county_say(county: str) -> Say | None:
    place = city.current().jurisdiction(county) if county else None
    return place.name if place else None
