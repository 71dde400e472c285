"""What a return visit records: the requester's word, a missed try, rework by the unit at fault, and closing."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import queries, verbs, visits
from cases.states import CLOSE_REASONS
from hotline import city, clock
from hotline.errors import Refusal, Say, invalid
from hotline.work import work
from sla import clocks
from web import forms
from web.access import Who
from web.cases_access import opened_for
from web.render import see_other
from web.visits import desk


def _band(request: Request[Any, Any, Any]) -> str:
    return str(request.query_params.get("band", "now"))


async def _again(
    request: Request[Any, Any, Any], actor: Who, receipt: str, form: forms.Form[Any], refusal: Refusal | None
) -> Response[str]:
    """The screen once more with what was typed and what is wrong; 404 and the like go on as they are."""
    if refusal is not None:
        if refusal.status not in (409, 422):
            raise refusal
        if refusal.status == 409:  # not a field's fault: said above, what was typed stays
            return await desk.show(request, actor, receipt, _band(request), status=409, form=form, flash=refusal.say)
        form.take(refusal)
    return await desk.show(request, actor, receipt, _band(request), status=422, form=form)


@post("/visits/{receipt:str}/visit", opt={"needs": "case.visit"}, status_code=200)
async def visited(request: Request[Any, Any, Any], actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Save what the requester said; then the page shows the unit's claim beside it."""
    form = await forms.read(request, desk.Visit)
    if not form.is_good:
        return await _again(request, actor, receipt, form, None)
    good = form.good
    try:
        async with work(actor) as w:
            file = await opened_for(w, receipt, good.seq, queries.handling)
            await verbs.visit(
                w, file, file.request_no(receipt) or file.first_request, was_contacted=bool(good.was_contacted),
                is_solved=bool(good.is_solved), is_truthful=bool(good.is_truthful),
                grade=None if good.grade == desk.LATER else good.grade, said=good.said, channel=good.channel,
            )  # fmt: skip
    except Refusal as refusal:
        return await _again(request, actor, receipt, form, refusal)
    return see_other(request, f"/visits/{receipt}?band=close", flash=Say("回访已记录。", "The visit is recorded."))


@post("/visits/{receipt:str}/missed", opt={"needs": "case.visit"}, status_code=200)
async def missed(request: Request[Any, Any, Any], actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Save a try in vain with the next hour, at another time of day; the last of the tries needs none."""
    form = await forms.read(request, desk.Missed)
    if not form.is_good:
        return await _again(request, actor, receipt, form, None)
    planned = form.good.other_at or form.good.next_at
    try:
        async with work(actor) as w:
            file = await opened_for(w, receipt, form.good.seq, queries.handling)
            one = file.request_no(receipt) or file.first_request
            is_last = one.visit_tries + 1 >= int(city.current().rule("visit.tries"))
            if not is_last:
                field = "other_at" if form.good.other_at else "next_at"
                if planned is None:
                    raise invalid({field: Say("请选下次什么时候打。", "Choose when to try again.")})
                wrong = visits.may_be_planned(clock.now(), planned)
                if wrong is not None:
                    raise invalid({field: wrong})
            await verbs.miss_visit(w, file, one, next_at=None if is_last else planned, outcome=form.good.outcome)
    except Refusal as refusal:
        return await _again(request, actor, receipt, form, refusal)
    said = Say("已记未接，三次用完，改发短信。", "Recorded. The tries are used up; a message is sent instead.")
    return see_other(
        request,
        "/visits",
        flash=said if is_last else Say("已记未接，到时再排上来。", "Recorded; it comes back at the planned hour."),
    )


@post("/visits/{receipt:str}/rework", opt={"needs": "case.visit"}, status_code=200)
async def reworked(request: Request[Any, Any, Any], actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Send back the one assignment at fault, with its profile's time again (rules.md 1)."""
    form = await forms.read(request, desk.Rework)
    if not form.is_good:
        return await _again(request, actor, receipt, form, None)
    try:
        async with work(actor) as w:
            file = await opened_for(w, receipt, form.good.seq, queries.handling)
            fault = next((a for a in file.live if str(a.id) == form.good.assignment), None)
            if fault is None:
                raise invalid({"assignment": Say("请选退给哪个单位。", "Choose the unit it goes back to.")})
            one = file.request_no(receipt) or file.first_request
            await verbs.rework(w, file, one, fault, reason=form.good.reason, profile=clocks.profile_of(file))
    except Refusal as refusal:
        return await _again(request, actor, receipt, form, refusal)
    return see_other(request, "/visits", flash=Say(f"{receipt} 已退回重办。", f"{receipt} went back for rework."))


@post("/visits/{receipt:str}/close", opt={"needs": "case.visit"}, status_code=200)
async def closed(request: Request[Any, Any, Any], actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Close the case; the ledger refuses acceptors, handlers and cases with a request still to be called."""
    form = await forms.read(request, desk.Close)
    if not form.is_good:
        return await _again(request, actor, receipt, form, None)
    try:
        if form.good.result and form.good.result not in CLOSE_REASONS:
            raise invalid({"result": Say("请选结案原因。", "Choose the reason for closing.")})
        async with work(actor) as w:
            file = await opened_for(w, receipt, form.good.seq, queries.handling)
            await verbs.close(w, file, reason=form.good.result)
    except Refusal as refusal:
        return await _again(request, actor, receipt, form, refusal)
    return see_other(request, "/visits", flash=Say(f"{receipt} 已结案。", f"{receipt} is closed."))
