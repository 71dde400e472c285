"""Addresses of the acts of conferences and joint site visits on a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import site_visits, verbs_conference, verbs_site
from cases.file import CaseFile
from cases.rows_site import SiteVisitRow
from hotline import city, clock
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.work import Work
from web import forms
from web.access import Who
from web.cases import asks_conference as asks
from web.cases import sent
from web.cases.doing import done, own
from web.cases.page import shown
from web.worklists import unit_name

AnyRequest = Request[Any, Any, Any]
_HANDLE, _DISPATCH = "case.handle", "case.dispatch"


@post("/cases/{number:str}/conference", opt={"needs": _DISPATCH}, status_code=200)
async def call(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """提请会商."""

    async def do(w: Work, file: CaseFile, given: asks.Call) -> object:
        return await verbs_conference.call(w, file, cause=given.cause, reason=given.reason)

    said = Say("已提请会商，期限照走。", "Called to a conference; the clock runs on.")
    return await done(request, actor, number, "conference_call", do, said)


@post("/cases/{number:str}/conference/withdrawal", opt={"needs": _DISPATCH}, status_code=200)
async def withdraw(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """撤回会商."""

    async def do(w: Work, file: CaseFile, given: asks.CallWithdraw) -> object:
        return await verbs_conference.withdraw(w, file, reason=given.reason)

    return await done(request, actor, number, "conference_withdraw", do, Say("已撤回会商。", "Withdrawn."))


async def _slot(w: Work, file: CaseFile) -> SiteVisitRow:
    """The open slot, read for change; 409 when there is none any more."""
    await site_visits.load(w, file)
    found = site_visits.planned(file)
    if found is None:
        raise conflict("slot_closed", "这次上门已有结果或已取消，请刷新再看。", "It was held or cancelled; refresh.")
    return found


def _lead_of(file: CaseFile, units: Sequence[str]) -> str:
    """The lead's unit, when it is the actor's; 404 otherwise."""
    lead = file.lead
    if lead is None or lead.unit not in units:
        raise not_found()
    return lead.unit


def _ends(given: asks.SitePlan) -> datetime:
    """The end on the day of the beginning."""
    hour, minute = (int(part) for part in given.ends.split(":"))
    return clock.utc(clock.local(given.starts).replace(hour=hour, minute=minute, second=0, microsecond=0))


async def _no_clash(w: Work, file: CaseFile, given: asks.SitePlan, units: Sequence[str]) -> None:
    """Units exist; one that is asked elsewhere at this time is said, once: then the tick decides."""
    if not all(unit in city.current().units for unit in units):
        raise invalid({"units": Say("请从列表里选单位。", "Choose units from the list.")})
    found = await site_visits.clashes(w.connection, units, given.starts, _ends(given), file.case.id)
    if found and not given.is_checked:
        zh = "、".join(dict.fromkeys(f"{unit_name(one.unit).zh} {clock.local(one.starts_at):%H:%M}" for one in found))
        en = ", ".join(dict.fromkeys(f"{unit_name(one.unit).en} {clock.local(one.starts_at):%H:%M}" for one in found))
        raise invalid({"is_checked": Say(
            f"同一时间还有别的上门：{zh}。请换时间，或勾选仍要约。",
            f"At the same time there is another visit: {en}. Choose another time, or tick the box.",
        )})  # fmt: skip


@post("/cases/{number:str}/site-visit", opt={"needs": _HANDLE}, status_code=200)
async def plan(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """约定联合上门, by the lead."""

    async def do(w: Work, file: CaseFile, given: asks.SitePlan) -> object:
        unit = _lead_of(file, actor.units)
        await _no_clash(w, file, given, (unit, *given.units))
        return await verbs_site.plan(
            w, file, unit=unit, starts=given.starts, ends=_ends(given), spot=given.spot, units=given.units,
            reason=given.reason, tells=given.tells,
        )  # fmt: skip

    said = Say("已约定，等各单位答复。", "Arranged; the units are asked.")
    return await done(request, actor, number, "site_plan", do, said)


@post("/cases/{number:str}/site-visit/move", opt={"needs": _HANDLE}, status_code=200)
async def move(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """改期、改单位."""

    async def do(w: Work, file: CaseFile, given: asks.SiteMove) -> object:
        unit = _lead_of(file, actor.units)
        slot = await _slot(w, file)
        await _no_clash(w, file, given, (unit, *given.units))
        return await verbs_site.move(
            w, file, slot, starts=given.starts, ends=_ends(given), units=given.units, spot=given.spot,
            reason=given.reason,
        )  # fmt: skip

    said = Say("已改，各单位重新答复。", "Changed; the units are asked again.")
    return await done(request, actor, number, "site_move", do, said)


@post("/cases/{number:str}/site-visit/answer", opt={"needs": _HANDLE}, status_code=200)
async def answer(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """Whether a unit on the case comes."""

    async def do(w: Work, file: CaseFile, given: asks.SiteAnswer) -> object:
        slot = await _slot(w, file)
        unit = own(file, actor).unit
        return await verbs_site.answer(w, file, slot, unit=unit, comes=given.comes == "yes", reason=given.reason)

    return await done(request, actor, number, "site_answer", do, Say("已答复主办单位。", "The lead has your answer."))


@post("/cases/{number:str}/site-visit/cancel", opt={"needs": _HANDLE}, status_code=200)
async def cancel(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """取消上门."""

    async def do(w: Work, file: CaseFile, given: asks.SiteCancel) -> object:
        _lead_of(file, actor.units)
        return await verbs_site.cancel(w, file, await _slot(w, file), reason=given.reason)

    return await done(request, actor, number, "site_cancel", do, Say("已取消。", "Cancelled."))


@post("/cases/{number:str}/site-visit/outcome", opt={"needs": _HANDLE}, status_code=200)
async def outcome(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """记录上门结果, with photographs."""
    try:
        photos = await sent.looked_at(request, "photos", are_photos=True)
    except Refusal as refusal:
        form = await forms.read(request, asks.SiteHeld)
        return await shown(request, actor, number, "site_held", form=form, refusal=refusal)

    async def do(w: Work, file: CaseFile, given: asks.SiteHeld) -> None:
        _lead_of(file, actor.units)
        slot = await _slot(w, file)
        await verbs_site.hold(w, file, slot, attended=given.attended, outcome=given.outcome, photos=len(photos))
        await sent.keep(w, photos, ("site_visit", slot.id), actor, file.case.id)

    return await done(request, actor, number, "site_held", do, Say("已记录上门结果。", "The visit is recorded."))


ROUTES: list[Any] = [call, withdraw, plan, move, answer, cancel, outcome]
