"""One supervision order whole: what it says, what was answered, its review, who joined, its print (seed 001-20)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from hotline import clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, invalid
from hotline.permissions import SIGNED_IN, may
from hotline.work import Work
from sla import ladder_lists, ladder_orders, ladder_rules
from sla.board import RULES
from web import forms
from web.access import Who
from web.cases.asks import ORDER_RULES
from web.forms import Form
from web.ladder.asks import Join, Review, Words
from web.ladder.shared import HOLDS, AnyRequest, Do, bodies, common, demand, done, offered
from web.render import render

GROUNDS = {**RULES, "rework_dissatisfied": Say("重办后仍不满意", "Still dissatisfied after the rework"), **ORDER_RULES}
STATES = {
    "issued": Say("待签收", "To acknowledge"),
    "signed": Say("待回复", "To answer"),
    "answered": Say("待审核", "To review"),
    "ended": Say("已办结", "Ended"),
}
OUTCOMES = {"accepted": Say("通过，督办办结", "Accept; the order ends"), "sent_back": Say("退回重新回复", "Send back")}
ENDS = {
    "accepted": Say("回复审核通过", "Its answer was accepted"),
    "withdrawn": Say("撤回", "Withdrawn"),
    "case_closed": Say("督办部门结案", "The office closed the case"),
}
_KINDS = ["ordered", "order_signed", "order_answered", "order_reviewed", "order_joined", "order_ended"]
_LINES = """
    SELECT e.kind, e.at, e.actor, t.value AS words FROM case_event e LEFT JOIN case_text t ON t.case_id = e.case_id
        AND t.seq = e.seq AND t.field IN ('reply', 'reason', 'words')
    WHERE e.case_id = $1 AND e.kind = ANY($3) AND e.data::jsonb ->> 'order' = $2 ORDER BY e.seq
"""
SAYS = {
    "ordered": Say("发出", "issued"),
    "order_signed": Say("签收", "acknowledged"),
    "order_answered": Say("回复", "answered"),
    "order_reviewed": Say("审核", "reviewed"),
    "order_joined": Say("转为联合督办", "joined by others"),
    "order_ended": Say("结束", "ended"),
}


@get("/ladder/orders/{order:uuid}", opt={"needs": SIGNED_IN})
async def show(request: AnyRequest, actor: Who, order: FromPath[UUID]) -> Response[str]:
    """The order, for the office and for the heads of its unit."""
    return await _show(request, actor, order)


@get("/ladder/orders/{order:uuid}/print", opt={"needs": SIGNED_IN})
async def paper(request: AnyRequest, actor: Who, order: FromPath[UUID]) -> Response[str]:
    """The order as a document."""
    return await _show(request, actor, order, template="ladder/order_print.html")


async def _show(
    request: AnyRequest,
    actor: Actor,
    order: UUID,
    *,
    status: int = 200,
    template: str = "ladder/order.html",
    given: Mapping[str, Form[Any]] = MappingProxyType({}),
) -> Response[str]:
    demand(actor, "board.read", HOLDS, "case.handle", "notice.draft")
    async with db.reading() as connection:
        seen = await ladder_lists.order_of(connection, actor, order)
        lines = await connection.fetch(_LINES, seen.row.case_id, str(order), _KINDS)
        rules = await ladder_rules.in_force(connection, clock.local_day(seen.row.issued_at))
    names = await people.names({one["actor"] for one in lines})
    rule = rules.get(ladder_orders.rule_of(seen.row))
    return render(
        request,
        template,
        region="#r-order",
        status=status,
        seen=seen,
        row=seen.row,
        lines=lines,
        names=names,
        says=SAYS,
        rule=rule,
        grounds=GROUNDS,
        order_states=STATES,
        outcomes=OUTCOMES,
        ends=ENDS,
        bodies=bodies(),
        offered=offered(),
        review=given.get("review") or forms.blank(Review, {"days": 3}),
        join=given.get("join") or forms.blank(Join),
        withdraw=given.get("withdraw") or forms.blank(Words),
        may_see_case=may(actor, "case.read"),
        at=clock.now(),
        **common(actor, "/board/orders"),
    )


async def _number(actor: Actor, order: UUID) -> str:
    async with db.reading() as connection:
        return str((await ladder_lists.order_of(connection, actor, order)).row.number)


async def _taken(
    request: AnyRequest, actor: Actor, order: UUID, name: str, form: Form[Any], do: Do, said: Say
) -> Response[str]:
    """Take the step ``name`` and show the order, or the order with that form as typed."""
    return await done(
        request, actor, form, do, to=f"/ladder/orders/{order}", said=said,
        again=lambda status: _show(request, actor, order, status=status, given={name: form}),
    )  # fmt: skip


@post("/ladder/orders/{order:uuid}/review", opt={"needs": HOLDS}, status_code=200)
async def review(request: AnyRequest, actor: Who, order: FromPath[UUID]) -> Response[str]:
    """审核回复: accepted, or sent back with a reason and a new due date."""
    form, number = await forms.read(request, Review), await _number(actor, order)

    async def do(w: Work, given: Review) -> object:
        if given.outcome not in OUTCOMES:
            raise invalid({"outcome": Say("请选通过或退回。", "Accept or send back.")})
        is_good = given.outcome == "accepted"
        return await ladder_orders.review(w, number, accepted=is_good, reason=given.reason, days=given.days)

    said = Say("审核结果已记下。", "The review is on record.")
    return await _taken(request, actor, order, "review", form, do, said)


@post("/ladder/orders/{order:uuid}/joint", opt={"needs": HOLDS}, status_code=200)
async def join(request: AnyRequest, actor: Who, order: FromPath[UUID]) -> Response[str]:
    """联合督办."""
    form, number = await forms.read(request, Join), await _number(actor, order)

    async def do(w: Work, given: Join) -> None:
        file, row = await ladder_orders.of_number(w, number)
        await ladder_orders.join(
            w, file, row, bodies=tuple(filter(None, given.bodies)), rule=ladder_orders.BY_HAND, reason=given.reason
        )

    said = Say("已转为联合督办。", "It is supervised jointly.")
    return await _taken(request, actor, order, "join", form, do, said)


@post("/ladder/orders/{order:uuid}/withdrawal", opt={"needs": HOLDS}, status_code=200)
async def withdraw(request: AnyRequest, actor: Who, order: FromPath[UUID]) -> Response[str]:
    """撤回 an order that should not have been."""
    form, number = await forms.read(request, Words), await _number(actor, order)

    async def do(w: Work, given: Words) -> object:
        return await ladder_orders.withdraw(w, number, reason=given.words)

    said = Say("督办单已撤回。", "The order is withdrawn.")
    return await _taken(request, actor, order, "withdraw", form, do, said)


ROUTES = [show, paper, review, join, withdraw]
