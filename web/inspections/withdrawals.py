"""Withdrawals: whom to call, the check, two ledgers struck off one by one, the month's audit; claims."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from cases import states_audit, verbs_audit
from cases.file import CaseFile
from cases.rows import RequestRow
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.work import Work
from sla import claims, records, withdrawals
from web import forms
from web import worklists as split
from web.access import Who
from web.cases_access import opened_for, view_for
from web.floor import bridging
from web.forms import Form
from web.inspections import asks, common
from web.inspections.common import CHECK, AnyRequest
from web.render import render, see_other
from web.trying import worked

NEEDS = {"needs": CHECK}


@get("/inspections/withdrawals", opt=NEEDS)
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """A list: to check, the two ledgers, or a month with what stands out in it."""
    query = request.query_params
    name = query.get("list", "") if query.get("list", "") in withdrawals.LISTS else "check"
    period = records.month(query.get("month", ""))
    async with db.reading() as connection:
        rows = await withdrawals.listed(connection, actor, name, period)
        counts = await withdrawals.counts(connection, actor)
        rates = await withdrawals.rates(connection, actor, period) if name == "month" else []
    return render(
        request, "inspections/withdrawals.html", rows=rows, name=name, tallies=counts, lists=withdrawals.LISTS,
        rates=rates, month=f"{period[0]:%Y-%m}", periods=common.periods(), states=states_audit.WITHDRAWALS,
        tabs=common.tabs(actor, "withdrawals"), unit_name=split.unit_name, title_of=split.title_of,
    )  # fmt: skip


@get("/inspections/withdrawals/{receipt:str}", opt=NEEDS)
async def show(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """One withdrawal: the call's script, or striking it off its ledger."""
    return await _shown(request, actor, receipt)


async def _shown(
    request: AnyRequest, actor: Actor, receipt: str, *, form: Form[Any] | None = None, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        one = await withdrawals.one(connection, actor, receipt)
    if one is None:
        raise not_found()
    view = await view_for(actor, one.number)
    seq = {"seq": view.seq}
    check, strike = forms.blank(asks.Check, seq), forms.blank(asks.Strike, seq)
    if form is not None:
        check, strike = (form, strike) if form.kind is asks.Check else (check, form)
        form.typed["seq"] = [str(view.seq)]
    return render(
        request, "inspections/withdrawal.html", region="#r-withdrawal", status=status, one=one, view=view,
        check=check, strike=strike, ledgers=states_audit.LEDGERS, states=states_audit.WITHDRAWALS, refusal=form,
        outcomes={"reached": Say("打通了", "Yes"), "unreached": Say("没打通，照常办理", "No: it goes on")},
        tabs=common.tabs(actor, "withdrawals"), unit_name=split.unit_name, title_of=split.title_of,
        facts=split.facts_of(view, actor), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


async def _tried(actor: Actor, form: Form[Any], receipt: str, do: Any) -> int:
    async def to_request(w: Work, given: Any) -> None:
        one = await withdrawals.one(w.connection, actor, receipt)
        if one is None:
            raise not_found()
        file = await opened_for(w, one.number, given.seq)
        asked = file.request_no(receipt)
        if asked is None:
            raise not_found()
        await do(w, file, asked)

    return (await worked(actor, form, to_request))[0]


@post("/inspections/withdrawals/{receipt:str}/check", opt=NEEDS, status_code=200)
async def check(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """撤单核查: let go, or kept on a ledger with the unit that asked for it."""
    form = await forms.read(request, asks.Check)

    async def do(w: Work, file: CaseFile, asked: RequestRow) -> None:
        good: asks.Check = form.good
        verdict = "unreached" if good.outcome == "unreached" else "free" if good.is_let_go else "kept"
        unit = asked.withdraw_unit or file.case.lead_unit if good.by_unit and good.outcome == "reached" else None
        await verbs_audit.check_withdrawal(
            w, file, asked, verdict=verdict, is_solved=good.is_solved, by_unit=unit, ledger=good.ledger or None,
            said=good.said,
        )  # fmt: skip

    status = await _tried(actor, form, receipt, do)
    if status != 200:
        return await _shown(request, actor, receipt, form=form, status=status)
    return see_other(request, "/inspections/withdrawals", flash=Say("已记下核查结果。", "The check is recorded."))


@post("/inspections/withdrawals/{receipt:str}/strike", opt=NEEDS, status_code=200)
async def strike(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """销账."""
    form = await forms.read(request, asks.Strike)

    async def do(w: Work, file: CaseFile, asked: RequestRow) -> None:
        await verbs_audit.strike(w, file, asked, reason=form.good.reason)

    status = await _tried(actor, form, receipt, do)
    if status != 200:
        return await _shown(request, actor, receipt, form=form, status=status)
    return see_other(request, "/inspections/withdrawals?list=unsolved", flash=Say("已销账。", "Struck off."))


@post("/inspections/withdrawals/{receipt:str}/call", opt=NEEDS, status_code=200)
async def call(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Call the requester through the centre."""
    async with db.reading() as connection:
        one = await withdrawals.one(connection, actor, receipt)
    if one is None:
        raise not_found()
    return await bridging.call(request, actor, one.number, "visit", f"/inspections/withdrawals/{receipt}")


@get("/inspections/claims", opt={"needs": "claim.decide"})
async def claimed(request: AnyRequest, actor: Who) -> Response[str]:
    """Claims of units that a case is unreasonable or beyond their remit; each is decided on its case's page."""
    state = request.query_params.get("state", "")
    state = state if state in states_audit.CLAIM_STATES else "open"
    async with db.reading() as connection:
        rows = await claims.listed(connection, actor, state)
        counts = await claims.counts(connection, actor)
    return render(
        request, "inspections/claims.html", rows=rows, state=state, tallies=counts,
        states=states_audit.CLAIM_STATES, kinds=states_audit.CLAIMS, unit_name=split.unit_name,
        title_of=split.title_of, tabs=common.tabs(actor, "claims"),
    )  # fmt: skip


ROUTES = [listed, show, check, strike, call, claimed]
