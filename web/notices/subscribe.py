"""Subscribing to notices: an address is asked by mail first; the link in each mail ends it with one tap."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import notice_subscriptions, outbox
from hotline import city, db, settings, tries
from hotline.actor import CITIZEN
from hotline.errors import Refusal, Say, not_found
from hotline.permissions import PUBLIC
from hotline.work import work
from web import forms
from web.forms import EMAIL, label
from web.notices.public import units_in
from web.public.pass_cookie import UNSTORED
from web.render import preference, render, see_other

_Request = Request[Any, Any, Any]
MOST, PAUSE = 10, timedelta(hours=1)
"""Mails that one computer may ask for in an hour."""
MOST_TO, PAUSE_TO = 3, timedelta(days=1)
"""Mails that one address gets in a day, whoever asks for them: nobody's box is filled by strangers."""


class Wish(msgspec.Struct):
    """Where to, and of which office; "" is all."""

    email: Annotated[str, label(
        "电子邮箱", "E-mail address", most=254, pattern=EMAIL,
        missing=Say("还没写邮箱。", "Enter your e-mail address."),
        wrong=Say("请写完整的邮箱，如 name@example.cn。", "Enter a whole address, such as name@example.cn."),
    )]  # fmt: skip
    unit: Annotated[str, label("单位", "Office")] = ""


@get("/notices/subscribe", opt={"needs": PUBLIC}, sync_to_thread=False)
def ask(request: _Request) -> Response[str]:
    """The form, and the other ways to hear of notices."""
    return _page(request, forms.blank(Wish, {"unit": request.query_params.get("unit", "")}))


def _page(request: _Request, form: forms.Form[Wish], *, status: int = 200) -> Response[str]:
    doors = set(outbox.SENDERS)
    return render(
        request, "notices/subscribe.html", region="#r-subscribe", status=status, form=form, units=units_in(),
        has_email="email" in doors and bool(settings.current().public_url), has_sms="sms" in doors,
        has_wechat="wechat" in doors, days=city.current().rule("notice.confirm_days"),
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/notices/subscribe", opt={"needs": PUBLIC}, status_code=200)
async def subscribe(request: _Request) -> Response[str]:
    """A mail asks whether it was they; the page says the same whether the address was known or not."""
    form = await forms.read(request, Wish)
    if "email" not in outbox.SENDERS or not settings.current().public_url:
        form.errors[""] = Say("现在不能用邮件订阅，可以用 Atom。", "E-mail is not available now; Atom is.")
    elif form.is_good and form.good.unit and form.good.unit not in units_in():
        form.errors["unit"] = Say("请从列表里选单位。", "Choose the office from the list.")
    if not form.is_good:
        return _page(request, form, status=422)
    given = form.good
    try:
        await tries.count("notices.from", request.client.host if request.client else "", limit=MOST, pause=PAUSE)
        await tries.count("notices.to", given.email.strip().lower(), limit=MOST_TO, pause=PAUSE_TO)
    except Refusal as refusal:
        if refusal.status != 429:
            raise
        form.errors[""] = Say("订阅邮件要得太多了，请明天再试。", "Too many mails were asked for; try again tomorrow.")
        return _page(request, form, status=429)
    async with work(CITIZEN) as w:
        await notice_subscriptions.ask(w, given.email, unit=given.unit, lang=preference(request, "lang"))
    said = Say("请到邮箱里点一下链接，确认是您订的。", "Please confirm by the link in the mail that we sent.")
    return see_other(request, "/notices", flash=said)


@get("/notices/subscriptions/{token:str}", opt={"needs": PUBLIC})
async def show(request: _Request, token: FromPath[str]) -> Response[str]:
    """Confirm or end: one button. Opening the page does neither, so that a scanner of mails does not."""
    try:
        async with db.reading() as connection:
            one = await notice_subscriptions.by_token(connection, token)
    except Refusal as refusal:
        if refusal.status != not_found().status:
            raise
        return render(
            request, "notices/subscription.html", status=404, one=None, token="", unit=None, headers=UNSTORED
        )  # fmt: skip
    unit = city.current().unit(one.unit) if one.unit else None
    return render(
        request, "notices/subscription.html", one=one, token=token, unit=unit.name if unit else None, headers=UNSTORED
    )


@post("/notices/subscriptions/{token:str}", opt={"needs": PUBLIC}, status_code=200)
async def confirm(request: _Request, token: FromPath[str]) -> Response[str]:
    """It was they."""
    async with work(CITIZEN) as w:
        await notice_subscriptions.confirm(w, token)
    return see_other(request, "/notices", flash=Say("已订阅。每封邮件里都能退订。", "Done. Each mail has a way out."))


@post("/notices/subscriptions/{token:str}/end", opt={"needs": PUBLIC, "is_hook": True}, status_code=200)
async def end(request: _Request, token: FromPath[str]) -> Response[str]:
    """退订 with one tap; a mail program posts here by itself (RFC 8058), so the token alone is the proof."""
    async with work(CITIZEN) as w:
        await notice_subscriptions.end(w, token)
    return see_other(
        request, "/notices", flash=Say("已退订，您的邮箱已删除。", "It is ended, and your address is deleted.")
    )


ROUTES = [ask, subscribe, show, confirm, end]
