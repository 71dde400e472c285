"""How I want to be reached, and who stands in for me while I am away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import staff_codes, staff_hours
from hotline import city, clock, db, reach, reach_codes, reach_kinds
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found
from hotline.masks import normal_phone
from hotline.work import work
from web import forms
from web.access import Who
from web.forms import EMAIL, label
from web.render import Flash, render, see_other

AnyRequest = Request[Any, Any, Any]
SIGNED_IN = {"needs": "signed_in"}
AT = "/reminders/settings"
_QUIET = Say(
    "写成 21:00-08:00；晚上 17:00 以后开始，早上 09:00 以前结束。", "Write 21:00-08:00: from 17:00 on, over by 09:00."
)


class Own(msgspec.Struct, kw_only=True):
    """The doors I chose, their addresses, and the hours in which I wish for quiet."""

    doors: Annotated[tuple[str, ...], label("除站内提醒外，还用哪些方式", "Beside the list here, also by")] = ()
    sms: Annotated[str, label("手机号", "Mobile number", most=30)] = ""
    email: Annotated[
        str, label("邮箱", "E-mail", most=120, pattern=EMAIL, wrong=Say("邮箱地址不对。", "This is no e-mail address."))
    ] = ""
    wechat: Annotated[
        str, label("公众号给您的编号（openid）", "Your openid at the official account", most=64, pattern=r"[\w-]{6,64}",
                   wrong=Say("编号只有字母、数字和 - _。", "Letters, digits, - and _ only."))
    ] = ""  # fmt: skip
    quiet: Annotated[str, label("我的免打扰时段", "My quiet hours", most=11)] = ""
    by_door: Annotated[tuple[str, ...], label("哪些事也用这些方式提醒", "What comes by these ways too")] = ()

    def check(self) -> dict[str, Say]:
        """A mobile number that is one; quiet hours that leave the office alone."""
        wrong = {}
        if self.sms and not 8 <= len(normal_phone(self.sms).lstrip("+")) <= 15:
            wrong["sms"] = Say("手机号不对。", "This is no mobile number.")
        if set(self.by_door) - set(reach_kinds.KINDS):
            wrong["by_door"] = Say("请从列出的里面选。", "Choose from the list.")
        if not staff_hours.is_modest(self.quiet):
            wrong["quiet"] = _QUIET
        return wrong


class Away(msgspec.Struct, kw_only=True):
    """From when to when I am away, and who stands in."""

    first: Annotated[date, label("从哪天起", "From")]
    last: Annotated[date, label("到哪天止", "Until, that day included")]
    substitute: Annotated[UUID, label("谁替我", "Who stands in", missing=Say("请选一位同事。", "Choose a colleague."))]


class Code(msgspec.Struct, kw_only=True):
    """The code that proves an address."""

    door: str
    code: Annotated[str, label("验证码", "Code", most=12, missing=Say("请填写验证码。", "Enter the code."))]


def _start(kept: reach.Reach) -> dict[str, object]:
    return {**msgspec.structs.asdict(kept), "by_door": [one for one in reach_kinds.KINDS if one not in kept.muted]}


async def _page(
    request: AnyRequest, actor: Actor, own: forms.Form[Own] | None = None, away: forms.Form[Away] | None = None,
    code: forms.Form[Code] | None = None,
) -> Response[str]:  # fmt: skip
    async with db.reading() as connection:
        kept = await reach.of(connection, actor.id)
        known = own or forms.blank(Own, _start(kept))
        absences = await reach.absences(connection, actor.id)
        colleagues = await reach.colleagues(connection, actor)
    is_wrong = not (own is None and away is None and code is None)
    return render(
        request, "reminders/settings.html", region="#r-settings", status=422 if is_wrong else 200,
        focus="#r-errors" if is_wrong else "", own=known, away=away or forms.blank(Away, {"first": clock.today()}),
        absences=absences, doors=reach.DOORS, kinds=reach_kinds.KINDS, kept=kept, code=code or forms.blank(Code),
        colleagues={str(one.id): Say(one.name, one.name) for one in colleagues}, today=clock.today(),
        city_quiet=str(city.current().rule(staff_hours.QUIET)),
        rests=str(city.current().rule(staff_hours.REST_DAYS)) == "yes",
    )  # fmt: skip


@get(AT, opt=SIGNED_IN)
async def show(request: AnyRequest, actor: Who) -> Response[str]:
    """My doors, my quiet hours, my absences."""
    return await _page(request, actor)


@post(AT, opt=SIGNED_IN, status_code=200)
async def choose(request: AnyRequest, actor: Who) -> Response[str]:
    """Keep my choice."""
    form = await forms.read(request, Own)
    if form.is_good:
        good = form.good
        chosen = reach.Reach(
            doors=tuple(one for one in reach.DOORS if one in good.doors), sms=normal_phone(good.sms),
            wechat=good.wechat.strip(), email=good.email.strip(), quiet=good.quiet.strip(),
            muted=tuple(one for one in reach_kinds.KINDS if one not in good.by_door),
        )  # fmt: skip
        try:
            async with db.atomic() as connection:
                unproven = await reach.choose(connection, actor, chosen)
        except Refusal as refusal:
            form.take(refusal)
        else:
            return see_other(request, AT, flash=await _sent(actor, unproven))
    return await _page(request, actor, own=form)


async def _sent(actor: Actor, doors: Sequence[str]) -> Say | Flash:
    """Send the codes that the choice waits for, as often as they may be asked for; what to say then."""
    if not doors:
        return Say("提醒方式已保存。", "Kept.")
    try:
        for door in doors:
            await reach_codes.allow("ask", actor, door)
            async with work(actor) as w:
                await staff_codes.send(w, door)
    except Refusal as refusal:
        if refusal.status != 429:
            raise
        return Flash(Say(
            "提醒方式已保存。验证码要得太多了，请一小时后再要一次。",
            "Kept. Too many codes were asked for; ask again in an hour.",
        ), "error")  # fmt: skip
    return Say("提醒方式已保存。验证码已发出，填上才开始用。", "Kept. Enter the code that was sent to begin.")


@post("/reminders/settings/code", opt=SIGNED_IN, status_code=200)
async def prove(request: AnyRequest, actor: Who) -> Response[str]:
    """The code that came to the number or address: from now on messages go there. ``again`` sends another."""
    form = await forms.read(request, Code)
    door = form.text("door")
    if door not in reach.DOORS:
        raise not_found()
    try:
        if form.text("again"):
            await reach_codes.allow("ask", actor, door)
            async with work(actor) as w:
                await staff_codes.send(w, door)
            return see_other(request, AT, flash=Say("验证码已重新发出。", "Another code was sent."))
        if form.is_good:
            await reach_codes.allow("try", actor, door)
            async with db.atomic() as connection:
                await reach_codes.take(connection, actor, door, form.good.code)
            return see_other(request, AT, flash=Say("已核实，也用它提醒您了。", "Proven: you are told there now."))
    except Refusal as refusal:
        if refusal.status not in (422, 429):
            raise
        form.take(refusal)
    return await _page(request, actor, code=form)


@post("/reminders/away", opt=SIGNED_IN, status_code=200)
async def be_away(request: AnyRequest, actor: Who) -> Response[str]:
    """Note an absence with its substitute."""
    form = await forms.read(request, Away)
    if form.is_good:
        try:
            async with db.atomic() as connection:
                await reach.be_away(connection, actor, form.good.first, form.good.last, form.good.substitute)
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            form.take(refusal)
        else:
            said = Say("已登记，这几天的提醒发给替您的同事。", "Noted: on these days your colleague is told instead.")
            return see_other(request, AT, flash=said)
    return await _page(request, actor, away=form)


@post("/reminders/away/{absence:uuid}/end", opt=SIGNED_IN, status_code=200)
async def be_back(request: AnyRequest, actor: Who, absence: FromPath[UUID]) -> Response[str]:
    """Take an absence back: from now on I am told again."""
    async with db.atomic() as connection:
        await reach.be_back(connection, actor, absence)
    return see_other(request, AT, flash=Say("已撤销，提醒又发给您了。", "Taken back: you are told again."))


ROUTES = [show, choose, prove, be_away, be_back]
