"""Ratings "dissatisfied" of closed cases: called within their working days, then reopened or answered (2.9)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import queries, rectify, verbs_visit, worklists
from cases.file import CaseFile
from cases.rectify import Waiting
from cases.rows import AssignmentRow, RequestRow
from cases.states_visit import CAUSES, FOLLOWED
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, invalid, not_found
from hotline.permissions import may
from hotline.work import Work, work
from sla import revisits
from web import forms
from web import worklists as split
from web.access import Who
from web.cases_access import opened_for, view_for
from web.render import Flash, render, see_other
from web.visits import asks, tabs

AnyRequest = Request[Any, Any, Any]
EMPTY = Say(
    "没有要核实的不满意评价；诉求人结案后评不满意的会来到这里。",
    "No rating to look into; whoever rates a closed case “dissatisfied” comes here.",
)


def shares_of(file: CaseFile) -> list[AssignmentRow]:
    """The units that had the case when it was closed: one of them can get it back."""
    return [one for one in file.assignments.values() if one.role != "below" and one.ended_at == file.case.closed_at
            and one.ended_at is not None]  # fmt: skip


async def _show(
    request: AnyRequest, actor: Actor, receipt: str, *, status: int = 200, form: forms.Form[Any] | None = None,
    flash: Say | None = None,
) -> Response[str]:  # fmt: skip
    async with db.reading() as connection:
        items = await rectify.listed(connection, actor)
        above = await tabs.shown(connection, actor, "ratings")
    is_chosen = bool(receipt)
    chosen = next((one for one in items if one.receipt_no == receipt), None)
    if chosen is None and is_chosen:
        raise not_found()
    chosen = chosen or next(iter(items), None)
    lines = split.lines(items, {}, actor, "/visits/ratings?r=", chosen.receipt_no if chosen else "")
    more = await _chosen(actor, chosen, form) if chosen else {}
    return render(
        request, "visits/ratings.html", region="#r-ratings", status=status, lines=lines, items=items, chosen=chosen,
        dues={one.receipt_no: one for one in items}, is_chosen=is_chosen, empty=EMPTY, causes=CAUSES, now=clock.now(),
        cause_groups=asks.CAUSE_GROUPS, followed=FOLLOWED, may_reopen=may(actor, "case.reopen"),
        around=split.around(lines, chosen.receipt_no if chosen else ""),
        flash=Flash(flash, "error") if flash else None, **above, **more,
    )  # fmt: skip


async def _chosen(actor: Actor, chosen: Waiting, form: forms.Form[Any] | None) -> dict[str, Any]:
    view = await view_for(actor, chosen.receipt_no, queries.handling)
    async with db.reading() as connection:
        entries = await worklists.entries_of(connection, view.file.case.id)
    rated = worklists.last(entries, "rated", request=chosen.request)
    words = rated.texts.get("words") if rated is not None else None
    start = {"seq": view.seq, "cause": chosen.cause or ""}
    blanks: dict[str, forms.Form[Any]] = {
        "followed_form": forms.blank(asks.Followed, start),
        "reopen_form": forms.blank(asks.Reopen, start),
    }
    for name, blank in blanks.items():
        if form is not None and form.kind is blank.kind:
            blanks[name] = form
    shares = shares_of(view.file)
    return {
        "facts": split.facts_of(view, actor),
        "words": (words.value or "") if words is not None else "",
        "units": {str(one.id): split.unit_name(one.unit) for one in shares},
        "is_ordered": any(one.round >= revisits.ROUNDS for one in shares),
        **split.requester_of(view),
        **blanks,
    }


@get("/visits/ratings", opt={"needs": "case.visit"})
async def ratings(request: AnyRequest, actor: Who) -> Response[str]:
    """The list, nearest limit first; ``r`` chooses a receipt."""
    return await _show(request, actor, request.query_params.get("r", ""))


async def _done(request: AnyRequest, actor: Actor, receipt: str, kind: type[Any], do: Any, said: Say) -> Response[str]:
    form = await forms.read(request, kind)
    if not form.is_good:
        return await _show(request, actor, receipt, status=422, form=form)
    try:
        async with work(actor) as w:
            file = await opened_for(w, receipt, form.good.seq, queries.handling)
            one = file.request_no(receipt) or file.first_request
            await do(w, file, one, form.good)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        if refusal.status == 422:
            form.take(refusal)
            return await _show(request, actor, receipt, status=422, form=form)
        return await _show(request, actor, receipt, status=409, form=form, flash=refusal.say)
    return see_other(request, "/visits/ratings", flash=said)


@post("/visits/ratings/{receipt:str}/followed", opt={"needs": "case.visit"}, status_code=200)
async def followed(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """What came of the call: not reached, reopening proposed, or explained and answered."""

    async def do(w: Work, file: CaseFile, one: RequestRow, good: asks.Followed) -> None:
        row = await rectify.waiting(w, one.id)
        if row is None:
            raise not_found()
        await verbs_visit.follow(
            w, file, one, row.id, outcome=good.outcome, cause=good.cause or None, said=good.said, answer=good.answer
        )

    said = Say("核实结果已记。", "What came of it is recorded.")
    return await _done(request, actor, receipt, asks.Followed, do, said)


@post("/visits/ratings/{receipt:str}/reopen", opt={"needs": "case.reopen"}, status_code=200)
async def reopened(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """重启: back to the unit at fault, with a new clock and a count."""

    async def do(w: Work, file: CaseFile, one: RequestRow, good: asks.Reopen) -> None:
        fault = next((a for a in shares_of(file) if str(a.id) == good.assignment), None)
        if fault is None:
            raise invalid({"assignment": Say("请选退给哪个单位。", "Choose the unit it goes back to.")})
        await verbs_visit.reopen(w, file, assignment=fault, reason=good.reason, cause="rating", request=one)

    said = Say(f"{receipt} 已重启重办。", f"{receipt} is reopened for rework.")
    return await _done(request, actor, receipt, asks.Reopen, do, said)


ROUTES = [ratings, followed, reopened]
