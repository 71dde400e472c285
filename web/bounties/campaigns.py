"""Campaigns of bounties: the list, a new one, one changed as far as its promises allow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.work import Work
from sla import bounties, bounty_lists
from web import forms
from web.access import Who
from web.bounties import asks
from web.bounties.common import REVIEW, AnyRequest, offices, tabs
from web.forms import Form
from web.render import render, see_other
from web.trying import worked

HERE = "/bounties/campaigns"


@get(HERE, opt={"needs": REVIEW})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """All campaigns, the last first, with what came of them."""
    async with db.reading() as connection:
        found = await bounties.campaigns(connection)
        tallies = {one.id: (await bounty_lists.public(connection, one.id, 0))[0] for one in found[:50]}
    return render(
        request, "bounties/campaigns.html", found=found[:50], tallies=tallies, tabs=tabs(actor, "campaigns"),
        today=clock.today(),
    )  # fmt: skip


@get("/bounties/campaigns/new", opt={"needs": REVIEW})
async def new(request: AnyRequest, actor: Who) -> Response[str]:
    """The form, with the city's sum, points and days."""
    rule, today = city.current().rule, clock.today()
    start = {
        "amount": int(rule("bounty.sum")), "points": int(rule("bounty.points")), "starts": today,
        "ends": today + timedelta(days=int(rule("bounty.days")) - 1),
    }  # fmt: skip
    return _form(request, actor, forms.blank(asks.Campaign, start), None)


def _form(
    request: AnyRequest, actor: Actor, form: Form[asks.Campaign], identifier: UUID | None, *, status: int = 200
) -> Response[str]:
    return render(
        request, "bounties/campaign.html", region="#r-campaign", status=status, form=form, id=identifier,
        tabs=tabs(actor, "campaigns"), offices=offices(), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post(HERE, opt={"needs": REVIEW}, status_code=200)
async def start(request: AnyRequest, actor: Who) -> Response[str]:
    """发布活动."""
    form = await forms.read(request, asks.Campaign)

    async def do(w: Work, good: asks.Campaign) -> object:
        return await bounties.start(w, form.once_id, good.plan())

    status, _ = await worked(actor, form, do)
    if status != 200:
        return _form(request, actor, form, None, status=status)
    said = Say("活动已发布，市民可以报线索了。", "The campaign is out; findings may be filed.")
    return see_other(request, HERE, flash=said)


@get("/bounties/campaigns/{campaign:uuid}", opt={"needs": REVIEW})
async def show(request: AnyRequest, actor: Who, campaign: FromPath[UUID]) -> Response[str]:
    """One campaign, to be changed."""
    async with db.reading() as connection:
        one = await bounties.campaign(connection, campaign)
    return _form(request, actor, forms.blank(asks.Campaign, one), campaign)


@post("/bounties/campaigns/{campaign:uuid}", opt={"needs": REVIEW}, status_code=200)
async def change(request: AnyRequest, actor: Who, campaign: FromPath[UUID]) -> Response[str]:
    """Changed; 409 where it would break what was promised to those who filed."""
    form = await forms.read(request, asks.Campaign)

    async def do(w: Work, good: asks.Campaign) -> None:
        await bounties.change(w, campaign, good.plan())

    status, _ = await worked(actor, form, do)
    if status != 200:
        return _form(request, actor, form, campaign, status=status)
    return see_other(request, HERE, flash=Say("活动已改。", "The campaign is changed."))


ROUTES: list[Any] = [index, new, start, show, change]
