"""Findings: one's own or all, one with its answer, verification, appeal; and a supervision order from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from cases import ledger, queries
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from hotline.permissions import may
from hotline.work import Work
from sla import findings, supervision
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import Form
from web.inspections import asks, common
from web.inspections.common import CHECK, AnyRequest, F
from web.render import render, see_other
from web.trying import worked

LIST = "case.list"
FORMS: dict[str, type[Any]] = {
    "reply": asks.Answer, "verify": asks.Verify, "decide": asks.Appeal, "appeal": asks.Answer,
    "settle": asks.Nothing, "order": asks.Nothing,
}  # fmt: skip
"""What may be done about a finding, in the order in which it is offered; one form stands open at a time."""
ACTS: dict[str, tuple[Say, str]] = {
    "reply": (Say("回复整改情况", "Answer: how it was put right"), "reply"),
    "verify": (Say("核实整改", "Verify the correction"), "verification"),
    "decide": (Say("裁定申诉", "Decide the appeal"), "appeal-decision"),
    "appeal": (Say("申诉", "Appeal"), "appeal"),
    "settle": (Say("销号", "Close it"), "closing"),
    "order": (Say("转督办", "Issue a supervision order"), "order"),
}


@get("/inspections/findings", opt={"needs": LIST})
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """What waits first: all for who inspects, else those against oneself or one's own unit."""
    query = request.query_params
    state = query.get("state", "") if query.get("state", "") in findings.STATES else ""
    source = query.get("source", "") if query.get("source", "") in findings.SOURCES else ""
    unit = query.get("unit", "")[:40]
    async with db.reading() as connection:
        rows = await findings.listed(connection, actor, size=200, state=state, source=source, unit=unit)
        numbers = await _numbers(connection, actor, rows)
    return render(
        request, "inspections/findings.html", rows=rows, state=state, source=source, unit=unit, numbers=numbers,
        states=findings.STATES, sources=findings.SOURCES, tabs=common.tabs(actor, "findings"), at=clock.now(),
        names=await common.names(one.person for one in rows), unit_name=split.unit_name, state_of=state_of,
        units=common.unit_choices(), is_inspector=may(actor, CHECK),
    )  # fmt: skip


def state_of(one: findings.Finding) -> Say:
    """The state in words; a caller puts nothing right, but may appeal."""
    if one.appealed_at is not None and one.appeal_decided_at is None:
        return Say("申诉待裁定", "Appeal to decide")
    if one.person is not None and one.state == "open":
        return Say("可申诉", "May be appealed")
    return findings.STATES[one.state]


async def _numbers(connection: db.Connection, actor: Actor, rows: list[findings.Finding]) -> dict[UUID, str]:
    """The numbers of the findings' cases, where they are the reader's to see."""
    ids = list({one.case_id for one in rows if one.case_id is not None})
    known = await connection.fetch("SELECT id, number FROM cases WHERE id = ANY($1)", ids)
    found = {row["id"]: row["number"] for row in known}
    return {key: number for key, number in found.items() if await queries.found(connection, actor, number)}


@get("/inspections/findings/{finding:uuid}", opt={"needs": LIST})
async def show(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """One finding, and what may be done about it now."""
    return await _shown(request, actor, finding)


async def _shown(
    request: AnyRequest, actor: Actor, finding: UUID, *, name: str = "", form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    async with db.reading() as connection:
        one = await findings.found(connection, actor, finding)
        numbers = await _numbers(connection, actor, [one])
        item = await connection.fetchrow("SELECT sample_id, position FROM recheck WHERE id = $1", one.recheck_id)
    may_do = _doable(one, actor)
    asked = name or request.query_params.get("act", "")
    act = asked if asked in may_do else next((code for code in FORMS if code in may_do), "")
    people = [
        one.person, one.found_by, one.replied_by, one.verified_by, one.appealed_by, one.appeal_decided_by,
    ]  # fmt: skip
    return render(
        request, "inspections/finding.html", region="#r-finding", status=status, one=one, act=act, acts=ACTS,
        form=form or forms.blank(FORMS.get(act, asks.Nothing)), item=item, at=clock.now(), state_of=state_of,
        number=numbers.get(one.case_id) if one.case_id else None, may_do=may_do,
        tabs=common.tabs(actor, "findings"), sources=findings.SOURCES,
        names=await common.names(people), unit_name=split.unit_name, until=findings.appeal_until(one),
        decisions={"uphold": Say("成立，撤销问题", "Uphold: the finding is lifted"),
                   "dismiss": Say("不成立，维持", "Dismiss: it stands")},
        focus="#r-errors" if status != 200 else "", is_inspector=may(actor, CHECK),
    )  # fmt: skip


def _doable(one: findings.Finding, actor: Actor) -> set[str]:
    """Which of the acts are this person's to do now."""
    now, mine, inspects = clock.now(), one.is_of(actor), may(actor, CHECK)
    waits = one.appealed_at is not None and one.appeal_decided_at is None
    late = now > findings.appeal_until(one)
    table = {
        "reply": mine and bool(one.unit) and one.state == "open" and may(actor, "case.handle"),
        "verify": inspects and one.state == "replied",
        "appeal": mine and one.appealed_at is None and one.state in ("open", "replied") and not late,
        "decide": inspects and waits and actor.id != one.found_by and not mine,
        "settle": inspects and one.person is not None and one.state == "open" and not waits
        and (late or one.appealed_at is not None),
        "order": may(actor, "case.supervise") and bool(one.unit) and one.case_id is not None and one.state != "lifted",
    }  # fmt: skip
    return {name for name, is_so in table.items() if is_so}


async def _done(
    request: AnyRequest, actor: Actor, finding: UUID, name: str, kind: type[F],
    do: Callable[[Work, F], Awaitable[object]], said: Say,
) -> Response[str]:  # fmt: skip
    form = await forms.read(request, kind)
    status, _ = await worked(actor, form, do)
    if status != 200:
        return await _shown(request, actor, finding, name=name, form=form, status=status)
    return see_other(request, f"/inspections/findings/{finding}", flash=said)


@post("/inspections/findings/{finding:uuid}/reply", opt={"needs": "case.handle"}, status_code=200)
async def reply(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """整改回复 by the unit."""

    async def do(w: Work, good: asks.Answer) -> object:
        return await findings.reply(w, finding, words=good.words)

    return await _done(request, actor, finding, "reply", asks.Answer, do, Say("已回复，等核实。", "Answered."))


@post("/inspections/findings/{finding:uuid}/verification", opt={"needs": CHECK}, status_code=200)
async def verify(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """核实: closed, or back."""

    async def do(w: Work, good: asks.Verify) -> object:
        return await findings.verify(w, finding, is_right=bool(good.is_right), note=good.note)

    return await _done(request, actor, finding, "verify", asks.Verify, do, Say("已记下核实意见。", "Verified."))


@post("/inspections/findings/{finding:uuid}/appeal", opt={"needs": LIST}, status_code=200)
async def appeal(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """申诉, once."""

    async def do(w: Work, good: asks.Answer) -> object:
        return await findings.appeal(w, finding, words=good.words)

    said = Say("已申诉，等另一位同事裁定。", "Appealed; somebody else decides.")
    return await _done(request, actor, finding, "appeal", asks.Answer, do, said)


@post("/inspections/findings/{finding:uuid}/appeal-decision", opt={"needs": CHECK}, status_code=200)
async def decide(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """裁定申诉; upheld it lifts the finding, and a grade annulled by it stands again."""

    async def do(w: Work, good: asks.Appeal) -> object:
        case_id = await w.connection.fetchval("SELECT case_id FROM finding WHERE id = $1", finding)
        file = await ledger.opened(w, case_id=case_id) if case_id is not None else None
        return await findings.decide_appeal(w, finding, file, is_upheld=good.decision == "uphold", reason=good.reason)

    return await _done(request, actor, finding, "decide", asks.Appeal, do, Say("已裁定。", "Decided."))


@post("/inspections/findings/{finding:uuid}/closing", opt={"needs": CHECK}, status_code=200)
async def settle(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """销号: a caller's finding that is not appealed any more."""

    async def do(w: Work, _: asks.Nothing) -> object:
        return await findings.settle(w, finding)

    return await _done(request, actor, finding, "settle", asks.Nothing, do, Say("已销号。", "Closed."))


@post("/inspections/findings/{finding:uuid}/order", opt={"needs": "case.supervise"}, status_code=200)
async def order(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """转督办: a supervision order to the unit, from this finding."""

    async def do(w: Work, _: asks.Nothing) -> object:
        one = await findings.found(w.connection, w.actor, finding)
        if one.case_id is None:
            raise not_found()
        file = await ledger.opened(w, case_id=one.case_id)
        share = next((a for a in reversed(list(file.assignments.values())) if a.unit == one.unit), None)
        if share is None or not file.case.is_open:
            raise conflict(
                "not_open", "案件已结案，先重新办理再发督办单。", "The case is closed; open it again before an order."
            )
        return await supervision.order(w, file, share, rule="unsolved")

    return await _done(request, actor, finding, "order", asks.Nothing, do, Say("已发督办单。", "The order is issued."))


ROUTES = [listed, show, reply, verify, appeal, decide, settle, order]
