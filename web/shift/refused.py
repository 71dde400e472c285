"""Refused numbers for shift supervisors: those to decide, in force, past; one with its evidence and objections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import calls, refused, refused_list, seats
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say
from web import forms
from web.access import Who
from web.admin import sentences
from web.filters import moment_in
from web.forms import Form
from web.render import render, see_other
from web.shift.asks import Decide, Reason, Review, Verdict
from web.shift.tabs import tabs
from web.trying import tried

NEEDS = "shift.hold"
PAGE, MONTH = 50, timedelta(days=30)
S = TypeVar("S", bound=msgspec.Struct)
AnyRequest = Request[Any, Any, Any]


@get("/shift/refused", opt={"needs": NEEDS})
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """To decide, in force by their review, and past ones."""
    before = moment_in(request.query_params.get("before", ""))
    async with db.reading() as connection:
        live = [] if before else await refused_list.live(connection)
        past = await refused_list.past(connection, before)
        figures = await refused_list.figures(connection, clock.now() - MONTH)
    return render(
        request, "shift/refused.html", standing=live, past=past[:PAGE], figures=figures, states=refused.STATES,
        older=past[PAGE - 1].proposed_at if len(past) > PAGE else None, grounds=refused.GROUNDS, today=clock.today(),
        tabs=tabs(actor, "/shift/refused"), before=before,
    )  # fmt: skip


@get("/shift/refused/{one:uuid}", opt={"needs": NEEDS})
async def page(request: AnyRequest, actor: Who, one: FromPath[UUID]) -> Response[str]:
    """One of them."""
    return await _shown(request, actor, one)


async def _shown(
    request: AnyRequest, actor: Actor, one: UUID, *, status: int = 200, **given: Form[Any]
) -> Response[str]:
    async with db.reading() as connection:
        line = await refused_list.one(connection, one)
        evidence = await refused_list.evidence(connection, one)
        appeals = await refused_list.appeals(connection, one)
        history = await sentences.history(connection, f"refused:{one}")
    blank: dict[str, Any] = {
        "decide": forms.blank(Decide, _start()), "lift": forms.blank(Reason), "extend": forms.blank(Reason),
        "review": forms.blank(Review), "verdict": forms.blank(Verdict),
    }  # fmt: skip
    wrong = next(iter(given.values()), None)
    act = next(iter(given), "") or request.query_params.get("act", "")
    return render(
        request, "shift/refusal.html", region="#r-refusal", status=status, one=line, evidence=evidence,
        appeals=appeals, history=history, **{**blank, **given}, form=wrong or blank["decide"], act=act,
        today=clock.today(),
        is_own=line.proposed_by in actor.persons, is_decider=line.decided_by in actor.persons, states=refused.STATES,
        grounds=refused.GROUNDS, ways=refused_list.WAYS, verdicts=refused_list.OUTCOMES, outcomes=calls.OUTCOMES,
        settled=seats.SETTLED, most=int(city.current().rule("refused.most")), tabs=tabs(actor, "/shift/refused"),
    )  # fmt: skip


def _start() -> dict[str, object]:
    days = int(city.current().rule("refused.days"))
    return {"days": days, "review_on": clock.today() + timedelta(days=max(1, days // 2))}


async def _act(
    request: AnyRequest, actor: Actor, one: UUID, kind: type[S], name: str, act: Callable[[S], Awaitable[object]],
    say: Say,
) -> Response[str]:  # fmt: skip
    form = await forms.read(request, kind)
    status, made = await tried(form, act)
    if status != 200:
        return await _shown(request, actor, one, status=status, **{name: form})
    back = f"/shift/refused/{made if isinstance(made, UUID) else one}"
    return see_other(request, back, flash=say)


@post("/shift/refused/{one:uuid}/decision", opt={"needs": NEEDS}, status_code=200)
async def decide(request: AnyRequest, actor: Who, one: FromPath[UUID]) -> Response[str]:
    """拒接 or 不拒接, by somebody who did not propose it."""

    async def act(given: Decide) -> None:
        await refused.decide(actor, one, refused.Decision(
            is_refused=given.decision == "refuse", reason=given.reason, days=given.days, review_on=given.review_on,
            is_police_told=given.is_police_told,
        ))  # fmt: skip

    return await _act(request, actor, one, Decide, "decide", act, Say("已决定。", "Decided."))


@post("/shift/refused/{one:uuid}/lift", opt={"needs": NEEDS}, status_code=200)
async def lift(request: AnyRequest, actor: Who, one: FromPath[UUID]) -> Response[str]:
    """提前解除."""

    async def act(given: Reason) -> None:
        await refused.lift(actor, one, given.reason)

    return await _act(request, actor, one, Reason, "lift", act, Say("已解除，来电照常接听。", "Lifted."))


@post("/shift/refused/{one:uuid}/extension", opt={"needs": NEEDS}, status_code=200)
async def extend(request: AnyRequest, actor: Who, one: FromPath[UUID]) -> Response[str]:
    """提请续期: a new decision, by somebody else."""

    async def act(given: Reason) -> UUID:
        return await refused.extend(actor, one, given.reason)

    say = Say("续期已提，由另一位班长决定。", "Proposed; another supervisor decides.")
    return await _act(request, actor, one, Reason, "extend", act, say)


@post("/shift/refused/{one:uuid}/review", opt={"needs": NEEDS}, status_code=200)
async def review(request: AnyRequest, actor: Who, one: FromPath[UUID]) -> Response[str]:
    """复核后维持."""

    async def act(given: Review) -> None:
        await refused.review(actor, one, given.review_on)

    say = Say("已复核，维持到期满。", "Reviewed; it stands until its end.")
    return await _act(request, actor, one, Review, "review", act, say)


@post("/shift/refused/{one:uuid}/objection", opt={"needs": NEEDS}, status_code=200)
async def judge(request: AnyRequest, actor: Who, one: FromPath[UUID]) -> Response[str]:
    """处理意见, by somebody who did not decide the refusal."""

    async def act(given: Verdict) -> None:
        await refused_list.decide_appeal(actor, one, given.outcome, given.reason)

    return await _act(request, actor, one, Verdict, "verdict", act, Say("意见已处理。", "The objection is decided."))


ROUTES = [listed, page, decide, lift, extend, review, judge]
