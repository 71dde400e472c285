"""What units answer: objections, asks for co-handlers, handing down, reporting up; and the centre's words on them."""

from __future__ import annotations

from datetime import datetime

from cases import verbs, verbs_conference
from cases.events_hands import (
    CoAskRefused,
    CoHandlerAsked,
    CoHandlerReleased,
    HandedBack,
    HandedDown,
    Objected,
    ObjectionDecided,
    ReportedUp,
    SentDown,
    TakenBack,
)
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows import AssignmentRow
from hotline import city
from hotline.errors import Say, invalid
from hotline.ids import new_id
from hotline.work import Work


async def object_to(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str, basis: str) -> Entry:
    """异议, once a unit and case, with the rule it rests on. Whether it is time: ``sla.handing.check_objection``."""
    return await append(
        work, file, Objected(assignment=share.id), {"reason": Text(value=reason), "basis": Text(value=basis)}
    )


async def dismiss_objection(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """驳回异议: the unit keeps the case; its clock ran on all the while."""
    event = ObjectionDecided(assignment=share.id, is_upheld=False)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def uphold_objection(
    work: Work, file: CaseFile, share: AssignmentRow, *, reason: str, unit: str = "", profile: str = ""
) -> None:
    """异议成立: the case leaves the unit, for ``unit`` or for the desk; the dispatch counts as wrong."""
    event = ObjectionDecided(assignment=share.id, is_upheld=True, way="redispatch")
    await append(work, file, event, {"reason": Text(value=reason)})
    await verbs.recall(work, file, share, reason=reason)
    if not unit:
        return
    if share.role == "lead":
        await verbs.dispatch(work, file, unit=unit, profile=profile, reason=reason)
    else:
        await verbs.add_co_handler(work, file, unit=unit, profile=profile, reason=reason)


async def confer_objection(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """异议转会商: who handles it is in dispute, a conference decides; the clock runs on."""
    event = ObjectionDecided(assignment=share.id, is_upheld=True, way="conference")
    await append(work, file, event, {"reason": Text(value=reason)})
    return await verbs_conference.call(work, file, cause="objection", reason=reason)


async def ask_co_handler(
    work: Work, file: CaseFile, lead: AssignmentRow, *, unit: str, reason: str, ask: str = "add"
) -> Entry:
    """申请加派 or 申请退出协办 (``ask``: add, release), by the lead; the centre confirms."""
    event = CoHandlerAsked(assignment=lead.id, ask=ask, unit=unit)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def refuse_co_ask(work: Work, file: CaseFile, lead: AssignmentRow, *, reason: str) -> Entry:
    """不同意: the co-handlers stay as they are."""
    return await append(work, file, CoAskRefused(assignment=lead.id), {"reason": Text(value=reason)})


async def release(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """退出协办: the co-handler is off the case and its clocks are void."""
    return await append(work, file, CoHandlerReleased(assignment=share.id), {"reason": Text(value=reason)})


async def grant_co_ask(work: Work, file: CaseFile, lead: AssignmentRow, *, profile: str, reason: str) -> Entry:
    """同意: the co-handler that the lead asked for is added, or the one it asked to release leaves."""
    unit = lead.co_ask_unit or ""
    if lead.co_ask != "release":
        return await verbs.add_co_handler(work, file, unit=unit, profile=profile, reason=reason)
    share = file.assignment_of(unit)
    if share is None:
        raise invalid({"unit": Say("这个单位已不在协办。", "That unit is no co-handler any more.")})
    return await release(work, file, share, reason=reason)


def hops(above: str, unit: str) -> list[str]:
    """The units on the way down from ``above`` to ``unit``, each directly below the one before. 422 off the tree."""
    snapshot = city.current()
    found: list[str] = []
    one = snapshot.unit(unit)
    while one is not None and one.code != above and one.code not in found:
        found.insert(0, one.code)
        one = snapshot.unit(one.parent) if one.parent else None
    if one is None or one.code != above or not found:
        raise invalid({"unit": Say("请从下辖的单位里选。", "Choose a unit that stands below.")})
    return found


async def hand_down(
    work: Work, file: CaseFile, share: AssignmentRow, *, unit: str, due: datetime, reason: str, profile: str = ""
) -> Entry:
    """下派 one hop to a unit directly below. ``due`` lies inside the promise above: ``sla.handing`` reckons it."""
    event = HandedDown(
        assignment=share.id, child=new_id(), unit=unit, profile=profile or share.profile, due=due
    )  # fmt: skip
    return await append(work, file, event, {"reason": Text(value=reason)})


async def report_up(
    work: Work,
    file: CaseFile,
    share: AssignmentRow,
    *,
    result: str,
    note: str,
    reply: str,
    is_substantiated: bool,
    has_contacted: bool,
    is_solved: bool,
    is_beyond_remit: bool = False,
    reason: str = "",
) -> Entry:
    """上报: the lower unit's result to the unit above, which makes it its own, sends it down again or completes it."""
    event = ReportedUp(
        assignment=share.id, result=result, is_substantiated=is_substantiated, is_beyond_remit=is_beyond_remit,
        has_contacted=has_contacted, is_solved=is_solved,
    )  # fmt: skip
    texts = {"note": Text(value=note), "reply": Text(value=reply), "reason": Text(value=reason)}
    return await append(work, file, event, texts)


async def send_down(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """退回下级: the report is not enough; the lower unit's date stays."""
    return await append(work, file, SentDown(assignment=share.id), {"reason": Text(value=reason)})


async def take_back(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """收回下派, with all that was handed down from it further."""
    return await append(work, file, TakenBack(assignment=share.id), {"reason": Text(value=reason)})


async def hand_back(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """退回上级: the unit above has it again and its clock ran on."""
    return await append(work, file, HandedBack(assignment=share.id), {"reason": Text(value=reason)})
