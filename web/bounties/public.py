"""有奖找茬 before everybody: what counts and was found, a finding filed, how one's own stands by number and code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from channels import numbers, receipts
from hotline import city, clock, db, tries
from hotline.accounts import Account
from hotline.actor import CITIZEN
from hotline.errors import Refusal, Say, conflict, not_found
from hotline.permissions import PUBLIC
from hotline.work import Work
from sla import bounties, bounty_lists, bounty_pay
from sla.bounties import Campaign, Filing, Finding
from web import access, forms
from web import worklists as split
from web.bounties import asks
from web.bounties.common import AnyRequest, offices, tell
from web.forms import Form
from web.public.pass_cookie import UNSTORED, give_pass, has_pass
from web.public.track import not_right
from web.render import preference, render, see_other
from web.trying import worked

HERE = "/bounty"
MOST = 30
"""Findings that one address files in an hour."""


@get(HERE, opt={"needs": PUBLIC})
async def index(request: AnyRequest) -> Response[str]:
    """What runs and what ran, with outcomes; a signed-in finder's own."""
    account = access.known_account(request.scope)
    async with db.reading() as connection:
        found = (await bounties.campaigns(connection))[:12]
        shown = {one.id: await bounty_lists.public(connection, one.id) for one in found}
        own = await bounties.of_account(connection, account.id) if account is not None else []
    return render(
        request, "bounty/index.html", found=found, shown=shown, today=clock.today(), own=own, states=bounties.STATES,
        unit_name=split.unit_name, standing=_standing, headers=UNSTORED if own else None,
    )  # fmt: skip


def _standing(one: Campaign) -> str:
    today = clock.today()
    return "on" if one.is_on(today) else "before" if today < one.starts else "over"


@get("/bounty/{campaign:uuid}/find", opt={"needs": PUBLIC})
async def ask(request: AnyRequest, campaign: FromPath[UUID]) -> Response[str]:
    """The form of a finding."""
    return await _ask(request, campaign, forms.blank(_kind(request)))


def _own(request: AnyRequest) -> Account | None:
    """The account of a visitor who was verified; anybody else leaves name and number."""
    account = access.known_account(request.scope)
    return account if account is not None and account.is_verified else None


def _kind(request: AnyRequest) -> Any:
    return asks.OwnFind if _own(request) is not None else asks.Find


async def _ask(request: AnyRequest, campaign: UUID, form: Form[Any], *, status: int = 200) -> Response[str]:
    async with db.reading() as connection:
        one = await bounties.campaign(connection, campaign)
    return render(
        request, "bounty/find.html", region="#r-form", status=status, form=form, one=one, offices=offices(one),
        is_known=_own(request) is not None, is_on=one.is_on(clock.today()), headers=UNSTORED,
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/bounty/{campaign:uuid}/find", opt={"needs": PUBLIC}, status_code=200)
async def find(request: AnyRequest, campaign: FromPath[UUID]) -> Response[str]:
    """Kept, numbered, told by SMS; 409 when the campaign does not run, or for the same form sent twice."""
    form, code, account = await forms.read(request, _kind(request)), numbers.new_code(), _own(request)
    lang = preference(request, "lang")

    async def do(w: Work, good: Any) -> Finding:
        address = request.client.host if request.client else ""
        await _not_too_many(address)
        filing = Filing(
            campaign=campaign, unit=good.unit, words=good.words, place=good.place, lang=lang,
            name=account.name if account is not None else good.name,
            phone=account.phone if account is not None else good.phone,
            channel="account" if account is not None else "web", account_id=account.id if account is not None else None,
        )  # fmt: skip
        one = await bounties.file(w, form.once_id, filing, code)
        await tell(w, one, "bounty_filed", code=code)
        return one

    status, one = await worked(CITIZEN, form, do)
    if one is None:
        return await _ask(request, campaign, form, status=status)
    give_pass(request.scope, one.number)
    return render(request, "bounty/filed.html", one=one, code=code, headers=UNSTORED)


async def _not_too_many(address: str) -> None:
    try:
        await tries.count("bounty.file", address, limit=MOST, pause=timedelta(hours=1))
    except Refusal:
        raise conflict(
            "too_many", f"一小时最多报 {MOST} 条，请过一会儿再报，或打 12345。",
            f"At most {MOST} an hour; come back later, or call 12345.",
        ) from None  # fmt: skip


@get("/bounty/track", opt={"needs": PUBLIC}, sync_to_thread=False)
def follow(request: AnyRequest) -> Response[str]:
    """The form for number and code."""
    return render(request, "bounty/track.html", form=forms.blank(asks.Follow))


@post("/bounty/track", opt={"needs": PUBLIC}, status_code=200)
async def look(request: AnyRequest) -> Response[str]:
    """One answer to any failure, and a pause after too many of them."""
    form, status = await forms.read(request, asks.Follow), 422
    if form.is_good:
        number, code = form.good.number.upper().strip(), receipts.tidy_code(form.good.code)
        try:
            if await _is_right(request, number, code):
                give_pass(request.scope, number)
                return see_other(request, f"/bounty/found/{number}")
            form.errors[""] = not_right()
        except Refusal as refusal:
            if refusal.status != 429:
                raise
            form.errors[""], status = refusal.say, 429
    form.typed.pop("code", None)
    return render(request, "bounty/track.html", region="#r-track", status=status, focus="#r-errors", form=form)


async def _is_right(request: AnyRequest, number: str, code: str) -> bool:
    """Counted before it is looked at, as on the page of a request; what was right is given back."""
    rule = city.current().rule
    limit, pause = int(rule("lookup.tries")), timedelta(minutes=int(rule("lookup.pause_minutes")))
    address = request.client.host if request.client else ""
    await tries.count("lookup.address", address, limit=limit, pause=pause)
    await tries.count("lookup.number", number, limit=limit, pause=pause)
    async with db.reading() as connection:
        found = await bounties.by_number(connection, number)
    if not numbers.code_matches(number, code, found[1] if found is not None else bytes(37)) or found is None:
        return False
    await tries.forget("lookup.number", number)
    await tries.give_back("lookup.address", address)
    return True


async def _found(request: AnyRequest, number: str) -> Finding:
    """The finding of a browser that has shown its code, or of its signed-in finder; the 404 refusal otherwise."""
    account = access.known_account(request.scope)
    async with db.reading() as connection:
        found = await bounties.by_number(connection, number)
    if found is None or not (
        has_pass(request.scope, number) or (account is not None and found[0].account_id == account.id)
    ):
        raise not_found()
    return found[0]


@get("/bounty/found/{number:str}", opt={"needs": PUBLIC})
async def show(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """How one's own finding stands."""
    return await _shown(request, await _found(request, number))


async def _shown(
    request: AnyRequest, one: Finding, form: Form[asks.Pay] | None = None, *, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        whole = await bounties.campaign(connection, one.campaign_id)
        who = await bounties.finder(connection, one.id)
        payment = await bounty_pay.of_finding(connection, one.id)
    start = {"name": who.name, "means": "bank"}
    return render(
        request, "bounty/found.html", region="#r-found", status=status, one=one, whole=whole, payment=payment,
        has_payee=who.payee is not None, form=form or forms.blank(asks.Pay, start), means=bounties.MEANS,
        states=bounties.STATES, unit_name=split.unit_name, headers=UNSTORED,
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/bounty/found/{number:str}/payee", opt={"needs": PUBLIC}, status_code=200)
async def set_payee(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """How to be paid, sealed at once; it is shown back to nobody."""
    one, form = await _found(request, number), await forms.read(request, asks.Pay)

    async def do(w: Work, good: asks.Pay) -> None:
        await bounties.set_payee(w, number, good.payee())

    status, _ = await worked(CITIZEN, form, do)
    if status != 200:
        return await _shown(request, one, form, status=status)
    said = Say("收款方式已存，只有发奖的人能看。", "Kept; only those who pay can read it.")
    return see_other(request, f"/bounty/found/{number}", flash=said)


ROUTES: list[Any] = [index, ask, find, follow, look, show, set_payee]
