"""窗口: a clerk finds an account, looks at a document and verifies or refuses; registers, corrects, suspends."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from hotline import accounts, counter, db
from hotline.accounts import Account, Newcomer
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from web import access, forms
from web.access import Who
from web.accounts import asks
from web.accounts.common import AnyRequest
from web.forms import Form
from web.public.pass_cookie import UNSTORED
from web.render import render, see_other

NEEDS = "account.verify"
_KINDS: dict[str, Any] = {"kinds": accounts.KINDS}


@get("/counter", opt={"needs": NEEDS}, sync_to_thread=False)
def counter_page(request: AnyRequest) -> Response[str]:
    """Find somebody who stands there, or register them."""
    return _desk(request, forms.blank(asks.Find))


def _desk(request: AnyRequest, form: Form[asks.Find], found: Any = None, *, status: int = 200) -> Response[str]:
    return render(
        request, "accounts/counter.html", region="#r-counter", status=status, headers=UNSTORED, form=form, found=found,
        states=accounts.STATES, focus="#r-errors" if status != 200 else "", **_KINDS,
    )  # fmt: skip


@post("/counter", opt={"needs": NEEDS}, status_code=200)
async def find_account(request: AnyRequest) -> Response[str]:
    """By registration code or number. A post, because a number has no place in an address."""
    form = await forms.read(request, asks.Find)
    if not form.is_good:
        return _desk(request, form, status=422)
    async with db.reading() as connection:
        found = await counter.search(connection, form.good.q)
    if len(found) == 1:
        return see_other(request, f"/counter/{found[0].code}")
    return _desk(request, form, found)


@get("/counter/register", opt={"needs": NEEDS}, sync_to_thread=False)
def enrol_page(request: AnyRequest) -> Response[str]:
    """An account for somebody who stands there."""
    return _enrol(request, forms.blank(asks.Enrolment, {"kind": "person"}))


def _enrol(request: AnyRequest, form: Form[asks.Enrolment], *, status: int = 200) -> Response[str]:
    return render(
        request, "accounts/counter_register.html", region="#r-counter", status=status, headers=UNSTORED, form=form,
        focus="#r-errors" if status != 200 else "", **_KINDS,
    )  # fmt: skip


@post("/counter/register", opt={"needs": NEEDS}, status_code=200)
async def enrol(request: AnyRequest, actor: Who) -> Response[str]:
    """Registered with a confirmed number; the slip has the code with which they set their password."""
    form = await forms.read(request, asks.Enrolment)
    if not form.is_good:
        return _enrol(request, form, status=422)
    given = form.good
    who = Newcomer(
        kind=given.kind if given.kind in accounts.KINDS else "person", phone=given.phone, name=given.name,
        company=given.company, organisation_code=given.organisation_code,
    )  # fmt: skip
    try:
        async with db.atomic() as connection:
            account, secret = await counter.register(connection, actor, who)
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        form.take(refusal)
        return _enrol(request, form, status=422)
    return _slip(request, account, secret)


@get("/counter/{code:str}", opt={"needs": NEEDS})
async def account_page(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """One account; that it was looked at is noted."""
    async with db.atomic() as connection:
        account = await counter.open_(connection, actor, code)
    return _page(request, actor, account)


def _page(
    request: AnyRequest, actor: Actor, account: Account, *, status: int = 200, **opened: Form[Any] | None
) -> Response[str]:
    given: dict[str, Any] = {
        "verification": forms.blank(asks.Verification), "refusal": forms.blank(asks.Reason),
        "suspension": forms.blank(asks.Reason), "correction": forms.blank(asks.Correction, {"name": account.name}),
        **opened,
    }  # fmt: skip
    return render(
        request, "accounts/counter_account.html", region="#r-counter", status=status, headers=UNSTORED, one=account,
        states=accounts.STATES, opened=next(iter(opened), ""),
        documents=counter.FIRM_DOCUMENTS if account.is_enterprise else counter.DOCUMENTS,
        all_documents=counter.ALL_DOCUMENTS, focus="#r-errors" if status != 200 else "",
        is_own=counter.is_own(actor, account, access.known_account(request.scope)), **given, **_KINDS,
    )  # fmt: skip


async def _again(
    request: AnyRequest, actor: Actor, code: str, name: str, form: Form[Any], refusal: Refusal | None = None
) -> Response[str]:
    """The page with the refused form filled in."""
    if refusal is not None:
        if refusal.status not in (409, 422):
            raise refusal
        form.take(refusal)
    async with db.reading() as connection:
        account = await counter.found(connection, code)
    status = refusal.status if refusal is not None else 422
    return _page(request, actor, account, status=status, **{name: form})


@post("/counter/{code:str}/verification", opt={"needs": NEEDS}, status_code=200)
async def verify(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """核实: what kind of document and its last four characters."""
    form = await forms.read(request, asks.Verification)
    if not form.is_good:
        return await _again(request, actor, code, "verification", form)
    given = form.good
    try:
        async with db.atomic() as connection:
            await counter.verify(
                connection, actor, code, document=given.document, tail=given.tail, has_number=given.has_number,
                signed_in=access.known_account(request.scope),
            )  # fmt: skip
    except Refusal as refusal:
        return await _again(request, actor, code, "verification", form, refusal)
    say = Say("已核实，可以打印回执。", "Verified; the slip can be printed.")
    return see_other(request, f"/counter/{code}", flash=say)


@post("/counter/{code:str}/refusal", opt={"needs": NEEDS}, status_code=200)
async def refuse(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """没有通过, with the reason."""
    form = await forms.read(request, asks.Reason)
    if not form.is_good:
        return await _again(request, actor, code, "refusal", form)
    try:
        async with db.atomic() as connection:
            own = access.known_account(request.scope)
            await counter.refuse(connection, actor, code, reason=form.good.reason, signed_in=own)
    except Refusal as refusal:
        return await _again(request, actor, code, "refusal", form, refusal)
    say = Say("已记下没有通过的原因，本人看得到。", "The reason is kept; its holder reads it.")
    return see_other(request, f"/counter/{code}", flash=say)


@post("/counter/{code:str}/suspension", opt={"needs": NEEDS}, status_code=200)
async def suspend(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """停用, with the reason."""
    form = await forms.read(request, asks.Reason)
    if not form.is_good:
        return await _again(request, actor, code, "suspension", form)
    try:
        async with db.atomic() as connection:
            await counter.suspend(connection, actor, code, reason=form.good.reason)
    except Refusal as refusal:
        return await _again(request, actor, code, "suspension", form, refusal)
    return see_other(request, f"/counter/{code}", flash=Say("账户已停用。", "The account is suspended."))


@post("/counter/{code:str}/restoration", opt={"needs": NEEDS}, status_code=200)
async def restore(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """恢复."""
    async with db.atomic() as connection:
        await counter.restore(connection, actor, code)
    return see_other(request, f"/counter/{code}", flash=Say("账户已恢复。", "The account is verified again."))


@post("/counter/{code:str}/correction", opt={"needs": NEEDS}, status_code=200)
async def correct(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """更正姓名、号码, from what was shown at the counter."""
    form = await forms.read(request, asks.Correction)
    if not form.is_good:
        return await _again(request, actor, code, "correction", form)
    try:
        async with db.atomic() as connection:
            own = access.known_account(request.scope)
            await counter.correct(
                connection, actor, code, name=form.good.name, phone=form.good.phone, signed_in=own
            )  # fmt: skip
    except Refusal as refusal:
        return await _again(request, actor, code, "correction", form, refusal)
    return see_other(request, f"/counter/{code}", flash=Say("资料已更正。", "It is corrected."))


@post("/counter/{code:str}/password-code", opt={"needs": NEEDS}, status_code=200)
async def hand_code(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """A code for a new password, on a slip, for who cannot get an SMS."""
    async with db.atomic() as connection:
        account, secret = await counter.give_code(connection, actor, code)
    return _slip(request, account, secret)


@get("/counter/{code:str}/slip", opt={"needs": NEEDS})
async def slip(request: AnyRequest, code: FromPath[str]) -> Response[str]:
    """The slip to hand over: what the account may do, nothing about its holder but the masked number."""
    async with db.reading() as connection:
        account = await counter.found(connection, code)
    return _slip(request, account)


def _slip(request: AnyRequest, account: Account, secret: str = "") -> Response[str]:
    return render(
        request, "accounts/slip.html", headers=UNSTORED, one=account, secret=secret, states=accounts.STATES, **_KINDS
    )
