"""What a return visit records: the requester's word, a missed try, rework by the unit at fault, and closing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from cases import queries, verbs, verbs_visit, visit_claims, visit_hours, visits
from cases.file import CaseFile
from cases.rows import RequestRow
from cases.states import CLOSE_REASONS
from hotline import city
from hotline.errors import Refusal, Say, invalid
from hotline.work import Work, work
from sla import clocks, plans
from web import forms
from web.access import Who
from web.cases_access import opened_for
from web.render import see_other
from web.visits import asks, desk

AnyRequest = Request[Any, Any, Any]
CONTENT = frozenset({"satisfied", "basically_satisfied"})
"""Grades of whoever has nothing to be dissatisfied with, whatever key was pressed."""
Do = Callable[[Work, CaseFile, RequestRow, Any], Awaitable[object]]


def band_of(request: AnyRequest) -> str:
    """The band in the address."""
    return str(request.query_params.get("band", "now"))


async def _again(
    request: AnyRequest, actor: Who, receipt: str, form: forms.Form[Any], refusal: Refusal | None
) -> Response[str]:
    """The screen once more with what was typed and what is wrong; 404 and the like go on as they are."""
    band = band_of(request)
    if refusal is not None:
        if refusal.status not in (409, 422):
            raise refusal
        if refusal.status == 409:  # not a field's fault: said above, what was typed stays
            return await desk.show(request, actor, receipt, band, status=409, form=form, flash=refusal.say)
        form.take(refusal)
    return await desk.show(request, actor, receipt, band, status=422, form=form)


async def done(
    request: AnyRequest, actor: Who, receipt: str, kind: type[msgspec.Struct], do: Do, to: str,
    said: Say | Callable[[], Say],
) -> Response[str]:  # fmt: skip
    """Do one thing to the request of this receipt, unless a colleague is about to ring them; then go on to ``to``."""
    form = await forms.read(request, kind)
    if not form.is_good:
        return await _again(request, actor, receipt, form, None)
    good: Any = form.good
    try:
        async with work(actor) as w:
            file = await opened_for(w, receipt, good.seq, queries.handling)
            one = file.request_no(receipt) or file.first_request
            await visit_claims.demand(w.connection, actor, one.id)
            await do(w, file, one, good)
            await visit_claims.drop(w.connection, actor, one.id)
    except Refusal as refusal:
        return await _again(request, actor, receipt, form, refusal)
    return see_other(request, to, flash=said() if callable(said) else said)


@post("/visits/{receipt:str}/visit", opt={"needs": "case.visit"}, status_code=200)
async def visited(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Save what the requester said; then the page shows the unit's claim beside it."""

    async def do(w: Work, file: CaseFile, one: RequestRow, good: asks.Visit) -> None:
        await verbs.visit(
            w, file, one, was_contacted=bool(good.was_contacted),
            is_solved=bool(good.is_solved), is_truthful=bool(good.is_truthful),
            grade=None if good.grade == asks.LATER else good.grade, said=good.said, channel=good.channel,
            cause=None if good.grade in CONTENT else good.cause or None,
        )  # fmt: skip

    said = Say("回访已记录。", "The visit is recorded.")
    return await done(request, actor, receipt, asks.Visit, do, f"/visits/{receipt}?band=close", said)


def _planned(file: CaseFile, good: asks.Missed, now: datetime) -> datetime:
    """The hour of the next try; 422 for none, or one that will not do."""
    field = "other_at" if good.other_at else "next_at"
    planned = good.other_at or good.next_at
    if planned is None:
        raise invalid({field: Say("请选下次什么时候打。", "Choose when to try again.")})
    within = visit_hours.FAR if plans.is_plan(file) else visit_hours.SOON
    wrong = visit_hours.may_be_planned(now, planned, is_wished=good.outcome == "later", within=within)
    if wrong is not None:
        raise invalid({field: wrong})
    return planned


@post("/visits/{receipt:str}/missed", opt={"needs": "case.visit"}, status_code=200)
async def missed(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Save a try in vain with the next hour, at another time of day; the last of the tries needs none."""
    told = [Say("已记未接，到时再排上来。", "Recorded; it comes back at the planned hour.")]

    async def do(w: Work, file: CaseFile, one: RequestRow, good: asks.Missed) -> None:
        before = await visits.tried(w.connection, one)
        is_repeat = good.outcome == "unreached" and visit_hours.is_repeat(w.now, before)
        is_last = one.visit_tries + 1 >= int(city.current().rule("visit.tries"))
        ends = good.outcome == "refused" or (good.outcome == "unreached" and is_last and not is_repeat)
        planned = None if ends else _planned(file, good, w.now)
        await verbs.miss_visit(w, file, one, next_at=planned, outcome=good.outcome, is_repeat=is_repeat)
        told[0] = _told(one, good.outcome, is_repeat=is_repeat, ends=ends) or told[0]

    return await done(request, actor, receipt, asks.Missed, do, "/visits", lambda: told[0])


def _told(one: RequestRow, outcome: str, *, is_repeat: bool, ends: bool) -> Say | None:
    """What the caller reads after a try in vain; None for the plain case."""
    if outcome == "refused":
        return Say("已记不愿回访，不再打。", "Recorded: they would not answer; no more calls.")
    if outcome == "later":
        return Say("已记约定的时间，到时再排上来。", "Recorded; it comes back at the hour they named.")
    if is_repeat:
        return Say("已记；这个时段打过，不另计次。", "Recorded; this part of the day was tried already.")
    if ends and one.asked_until is not None:
        return Say("已记未接，三次用完，改发短信。", "Recorded. The tries are used up; a message is sent instead.")
    if ends:
        return Say("已记未接，三次用完；没有号码可发短信。", "Recorded. The tries are used up; nothing to write to.")
    return None


@post("/visits/{receipt:str}/cause", opt={"needs": "case.visit"}, status_code=200)
async def weighed(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """认定原因: of whoever answered by message; or anew, by somebody above."""

    async def do(w: Work, file: CaseFile, one: RequestRow, good: asks.Cause) -> None:
        await verbs_visit.set_cause(w, file, one, cause=good.cause, reason=good.found)

    said = Say("不满意的原因已记。", "The cause is recorded.")
    return await done(request, actor, receipt, asks.Cause, do, f"/visits/{receipt}?band=close", said)


@post("/visits/{receipt:str}/rework", opt={"needs": "case.visit"}, status_code=200)
async def reworked(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Send back the one assignment at fault, with its profile's time again (rules.md 1)."""

    async def do(w: Work, file: CaseFile, one: RequestRow, good: asks.Rework) -> None:
        fault = next((a for a in file.live if str(a.id) == good.assignment), None)
        if fault is None:
            raise invalid({"assignment": Say("请选退给哪个单位。", "Choose the unit it goes back to.")})
        await verbs.rework(w, file, one, fault, reason=good.reason, profile=clocks.profile_of(file))

    said = Say(f"{receipt} 已退回重办。", f"{receipt} went back for rework.")
    return await done(request, actor, receipt, asks.Rework, do, "/visits", said)


@post("/visits/{receipt:str}/close", opt={"needs": "case.visit"}, status_code=200)
async def closed(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Close the case; the ledger refuses acceptors, handlers and cases with a request still to be called."""

    async def do(w: Work, file: CaseFile, _: RequestRow, good: asks.Close) -> None:
        if good.result and good.result not in CLOSE_REASONS:
            raise invalid({"result": Say("请选结案原因。", "Choose the reason for closing.")})
        await verbs.close(w, file, reason=good.result)

    said = Say(f"{receipt} 已结案。", f"{receipt} is closed.")
    return await done(request, actor, receipt, asks.Close, do, "/visits", said)


@post("/visits/{receipt:str}/wish", opt={"needs": "case.visit"}, status_code=200)
async def wished(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """约回访时间: the part of the day in which they want to be called."""

    async def do(w: Work, file: CaseFile, one: RequestRow, good: asks.Wish) -> None:
        await verbs_visit.wish(w, file, one, part=good.part)

    said = Say("希望的时段已记。", "The part of the day is recorded.")
    return await done(request, actor, receipt, asks.Wish, do, f"/visits/{receipt}?band={band_of(request)}", said)


ROUTES = [visited, missed, weighed, reworked, closed, wished]
