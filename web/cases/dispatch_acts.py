"""Acts of the dispatcher's desk: dispatch, re-dispatch, co-handlers, deciding returns."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs, verbs_route
from cases.file import CaseFile
from cases.rows import AssignmentRow
from hotline.errors import Say, invalid
from hotline.work import Work
from sla import clocks, extending
from web.access import Who
from web.cases import asks
from web.cases.doing import assignment, check_unit, done

NEEDS = "case.dispatch"
BY_LAW = Say("派单时适用", "applied at dispatch")
AnyRequest = Request[Any, Any, Any]


@post("/cases/{number:str}/dispatch", opt={"needs": NEEDS}, status_code=200)
async def dispatch(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """派单, after putting the matter right where another one was chosen at the desk."""

    async def do(w: Work, file: CaseFile, given: asks.Dispatch) -> None:
        check_unit(actor, given.unit)
        if given.matter and given.matter != file.case.matter:
            await verbs_route.correct_matter(w, file, matter=given.matter)
        await verbs.dispatch(w, file, unit=given.unit, profile=clocks.profile_of(file), reason=given.reason)
        if given.law:
            await extending.apply_law(w, file, law=given.law, reason=given.reason or BY_LAW.zh)

    return await done(request, actor, number, "dispatch", do, Say("已派单。", "Dispatched."))


@post("/cases/{number:str}/recall", opt={"needs": NEEDS}, status_code=200)
async def recall(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """改派: take it back, and give it to another unit in the same step when one is named."""

    async def do(w: Work, file: CaseFile, given: asks.Recall) -> None:
        check_unit(actor, given.unit)
        taken = assignment(file, given.assignment)
        if given.unit and given.unit == taken.unit:
            raise invalid(
                {"unit": Say("改派给的就是原单位，请另选。", "That is the unit it is taken from; choose another.")}
            )
        await move(w, file, taken, unit=given.unit, reason=given.reason)

    return await done(request, actor, number, "recall", do, Say("已改派。", "Re-dispatched."))


async def move(w: Work, file: CaseFile, taken: AssignmentRow, *, unit: str, reason: str) -> None:
    """改派: take a share back, and give it to ``unit`` in the same step unless that is ""."""
    await verbs.recall(w, file, taken, reason=reason)
    if unit and taken.role == "lead":
        await verbs.dispatch(w, file, unit=unit, profile=clocks.profile_of(file), reason=reason)
    elif unit:
        await verbs.add_co_handler(w, file, unit=unit, profile=taken.profile, reason=reason)


@post("/cases/{number:str}/co-handlers", opt={"needs": NEEDS}, status_code=200)
async def add_co_handler(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """加派."""

    async def do(w: Work, file: CaseFile, given: asks.CoHandler) -> object:
        check_unit(actor, given.unit)
        return await verbs.add_co_handler(
            w, file, unit=given.unit, profile=clocks.profile_of(file), reason=given.reason
        )

    return await done(request, actor, number, "co_handler", do, Say("已加派。", "Co-handler added."))


@post("/cases/{number:str}/return-decision", opt={"needs": NEEDS}, status_code=200)
async def decide_return(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """裁定退回: refused, the clock ran on; approved, back to the desk or straight to the unit named."""

    async def do(w: Work, file: CaseFile, given: asks.ReturnDecision) -> None:
        asked = assignment(file, given.assignment)
        if given.decision == "refuse":
            await verbs.refuse_return(w, file, asked, reason=given.reason, is_groundless=given.is_groundless)
            return
        check_unit(actor, given.unit)
        await verbs.approve_return(w, file, asked, reason=given.reason)
        if given.unit and asked.role == "lead" and file.case.state == "accepted":  # at the limit a conference decides
            await verbs.dispatch(w, file, unit=given.unit, profile=clocks.profile_of(file), reason=given.reason)

    return await done(request, actor, number, "return_decision", do, Say("已裁定。", "Decided."))


ROUTES = [dispatch, recall, add_co_handler, decide_return]
