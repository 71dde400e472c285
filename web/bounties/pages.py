"""Findings of bounties before the staff: the list by what waits, one with what may be done, one filed for a caller."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from channels import numbers
from hotline import clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, invalid
from hotline.permissions import SIGNED_IN, may
from hotline.work import Work
from sla import bounties, bounty_lists, bounty_pay, bounty_review
from sla.bounties import Filing, Finder, Finding
from web import forms
from web import worklists as split
from web.access import Who
from web.bounties import asks
from web.bounties.common import PAY, REVIEW, TAKE, UNIT, AnyRequest, admitted, offices, tabs, tell
from web.forms import Form
from web.public.pass_cookie import UNSTORED
from web.render import render
from web.trying import worked

FORMS: dict[str, type[Any]] = {
    "review": asks.Review, "decide": asks.Decide, "publish": asks.Nothing, "appeal": asks.Words,
    "payment": asks.Prepare, "paid": asks.Paid, "withdrawal": asks.Nothing, "overturn": asks.Overturn,
}  # fmt: skip
"""What may be done about a finding, in the order in which it is offered; one form stands open at a time."""
ACTS: dict[str, Say] = {
    "review": Say("审查", "Review"),
    "decide": Say("裁定申诉", "Decide the appeal"),
    "publish": Say("放行公开", "Let it be published"),
    "appeal": Say("申诉", "Appeal"),
    "payment": Say("制付款单", "Prepare the payment"),
    "paid": Say("付讫", "Paid"),
    "withdrawal": Say("撤回付款单", "Stop the payment"),
    "overturn": Say("推翻确认", "Overturn"),
}
BANDS: dict[str, Say] = {
    "filed": Say("待审查", "To review"),
    "appeals": Say("申诉待裁定", "Appeals"),
    "unpublished": Say("待放行公开", "To publish"),
    "confirmed": Say("已确认", "Confirmed"),
    "all": Say("全部", "All"),
}
DECISIONS = {
    "confirm": Say("确认", "Confirm"),
    "refuse": Say("不确认", "Do not confirm"),
    "repeat": Say("与另一条重复（先报的得奖金）", "A repeat (who filed first gets the bounty)"),
}


@get("/bounties", opt={"needs": SIGNED_IN})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """One band of findings; a unit sees what was confirmed against it."""
    admitted(actor)
    is_centre = may(actor, REVIEW) or may(actor, PAY)
    band = request.query_params.get("band", "filed" if is_centre else "all")
    band = band if band in BANDS else "filed"
    async with db.reading() as connection:
        rows = await bounty_lists.listed(connection, actor, band)
        rows = [await _as_read(connection, actor, one) for one in rows]
        counts = await bounty_lists.counts(connection, actor)
        known = {one.id: one.name for one in await bounties.campaigns(connection)}
    return render(
        request, "bounties/index.html", region="#r-list", rows=rows, band=band, bands=BANDS, counts=counts,
        campaigns=known, states=bounties.STATES, tabs=tabs(actor, "findings"), unit_name=split.unit_name,
        may_file=may(actor, TAKE), is_centre=is_centre, concerned={one.id for one in rows
                                                                  if bounties.is_concerned(actor, one)},
    )  # fmt: skip


def _is_clean(actor: Actor, one: Finding) -> bool:
    return not bounties.is_concerned(actor, one)


async def _as_read(connection: db.Connection, actor: Actor, one: Finding) -> Finding:
    """As it was filed for whoever took it down and for the centre; redacted for all who are of the unit concerned."""
    is_centre = may(actor, REVIEW) or may(actor, PAY)
    is_as_filed = one.filed_by == actor.id or (is_centre and _is_clean(actor, one))
    return one if is_as_filed else await bounty_review.for_unit(connection, one)


@get("/bounties/{finding:uuid}", opt={"needs": SIGNED_IN})
async def show(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """One finding, and what may be done about it now."""
    return await shown(request, actor, finding)


async def shown(
    request: AnyRequest, actor: Actor, finding: UUID, *, name: str = "", form: Form[Any] | None = None,
    who: Finder | None = None, status: int = 200,
) -> Response[str]:  # fmt: skip
    """The page of one finding; ``name`` is the act whose form came back, ``who`` the finder when that was asked for."""
    admitted(actor)
    async with db.reading() as connection:
        one = await bounty_lists.one(connection, actor, finding)
        whole = await bounties.campaign(connection, one.campaign_id)
        is_centre = may(actor, REVIEW) or may(actor, PAY)
        near = await bounty_review.alike(connection, one) if may(actor, REVIEW) and _is_clean(actor, one) else []
        one = await _as_read(connection, actor, one)
        payment = await bounty_pay.of_finding(connection, one.id)
        first = await connection.fetchval("SELECT number FROM bounty_finding WHERE id = $1", one.first)
    may_do = _doable(one, payment, actor)
    asked = name or request.query_params.get("act", "")
    act = asked if asked in may_do else next((code for code in FORMS if code in may_do), "")
    return render(
        request, "bounties/finding.html", region="#r-finding", status=status, one=one, who=who, headers=UNSTORED,
        may_reveal=may(actor, REVIEW) and _is_clean(actor, one), whole=whole, near=near,
        payment=payment if is_centre else None, first=first, act=act, acts=ACTS, may_do=may_do,
        order=[code for code in FORMS if code in may_do],
        form=form or forms.blank(FORMS.get(act, asks.Nothing)), states=bounties.STATES, is_centre=is_centre,
        decisions=DECISIONS, until=bounty_review.appeal_until(one), unit_name=split.unit_name, means=bounties.MEANS,
        names=await people.names({p for p in (one.reviewed_by, one.appeal_decided_by, one.published_by) if p}),
        is_concerned=may(actor, REVIEW) and bounties.is_concerned(actor, one), tabs=tabs(actor, "findings"),
        appeal_decisions=_APPEAL, pay_states=bounty_pay.STATES, focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


_APPEAL = {
    "uphold": Say("成立，推翻确认，退还扣分", "Uphold: overturned, points restored"),
    "refuse": Say("不成立，维持确认", "Dismiss: it stands"),
}


def _doable(one: Finding, payment: bounty_pay.Payment | None, actor: Actor) -> set[str]:
    """Which of the acts are this person's to do now."""
    clean, reviews, pays = _is_clean(actor, one), may(actor, REVIEW), may(actor, PAY)
    until = bounty_review.appeal_until(one)
    stands, waits = one.state == "confirmed", one.appeal_waits
    state = payment.state if payment is not None else ""
    other = actor.id != one.reviewed_by
    table = {
        "review": reviews and clean and one.state == "filed",
        "decide": reviews and clean and stands and waits and other,
        "publish": reviews and clean and stands and bool(one.public_words) and one.published_at is None
        and one.public_by != actor.id,
        "appeal": may(actor, UNIT) and one.unit in actor.units and stands and one.appealed_at is None
        and until is not None and clock.now() <= until,
        "overturn": reviews and clean and stands and not waits and other,
        "payment": pays and stands and state in ("owed", "stopped") and not waits and other,
        "paid": pays and stands and state == "prepared" and not waits and payment is not None
        and actor.id not in (payment.prepared_by, one.reviewed_by),
        "withdrawal": pays and state == "prepared",
    }  # fmt: skip
    return {name for name, is_so in table.items() if is_so}


@get("/bounties/new", opt={"needs": TAKE})
async def new(request: AnyRequest, actor: Who) -> Response[str]:
    """A finding that a caller tells."""
    return await _new(request, actor, forms.blank(asks.DeskFind))


async def _new(request: AnyRequest, actor: Actor, form: Form[asks.DeskFind], *, status: int = 200) -> Response[str]:
    async with db.reading() as connection:
        running = await bounties.campaigns(connection, on=clock.today())
    if len(running) == 1 and not form.text("campaign"):
        form.typed["campaign"] = [str(running[0].id)]
    return render(
        request, "bounties/new.html", region="#r-form", status=status, form=form, tabs=tabs(actor, "findings"),
        campaigns={str(one.id): Say(one.name, one.name) for one in running}, offices=offices(),
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/bounties/new", opt={"needs": TAKE}, status_code=200)
async def file(request: AnyRequest, actor: Who) -> Response[str]:
    """Filed for a caller, who is told number and code at once."""
    form, code = await forms.read(request, asks.DeskFind), numbers.new_code()

    async def do(w: Work, good: asks.DeskFind) -> Finding:
        filing = Filing(
            campaign=campaign_of(good.campaign), unit=good.unit, words=good.words, place=good.place, name=good.name,
            phone=good.phone, channel="desk", filed_by=actor.id,
        )  # fmt: skip
        one = await bounties.file(w, form.once_id, filing, code)
        await tell(w, one, "bounty_filed", code=code)
        return one

    status, one = await worked(actor, form, do)
    if one is None:
        return await _new(request, actor, form, status=status)
    return render(request, "bounties/filed.html", one=one, code=code, tabs=tabs(actor, "findings"),
                  headers=UNSTORED)  # fmt: skip


def campaign_of(text: str) -> UUID:
    """The campaign that a form names; 422 for what names none."""
    try:
        return UUID(text)
    except ValueError:
        raise invalid({"campaign": Say("请选活动。", "Choose the campaign.")}) from None


ROUTES: list[Any] = [index, new, file, show]
