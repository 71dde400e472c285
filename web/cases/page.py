"""The case page: one screen for every role, cut by ``cases.views`` to what is theirs, with one act open at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from cases import abreast, knowledge, scope, states
from cases.views import CaseView
from hotline import city, clock, db, files
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from sla import theme_cases
from web import units
from web.access import Who
from web.cases import (
    acts,
    asks,
    attachments,
    care_beside,
    choices_extend,
    deadlines,
    joined,
    known,
    same_outage,
    standing,
    story,
    to_article,
    together,
)
from web.cases.acts import Act
from web.cases_access import view_for
from web.forms import Form
from web.render import is_fragment, render
from web.session.paths import own_path

NEEDS = "case.read"
AnyRequest = Request[Any, Any, Any]


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Why an act was not done: the sentence, what happened meanwhile, and what was typed where its form is gone."""

    say: Say
    changes: list[story.Item]
    kept: list[tuple[Say, str]]


@get("/cases/{number:str}", opt={"needs": NEEDS})
async def show(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """The case, with the act that ``?act=`` names open."""
    return await shown(request, actor, number, request.query_params.get("act", ""))


async def shown(
    request: AnyRequest,
    actor: Actor,
    number: str,
    code: str = "",
    *,
    form: Form[Any] | None = None,
    refusal: Refusal | None = None,
    **more: Any,
) -> Response[str]:
    """The page, or its act region for htmx; with ``form`` an act that was refused comes back filled (422 or 409)."""
    view = await view_for(actor, number)
    async with db.reading() as connection:
        beside = await deadlines.beside(connection, view, actor)
        attached = attachments.visible(view, actor, await files.of_case(connection, view.case.id))
        family = await joined.of(connection, view, actor)
        earlier = await known.of(connection, view, actor)
        several = await together.of(connection, view, actor, attached)
        themes = await theme_cases.of_case(connection, view.case.id)
        made = await to_article.offer(connection, view, actor)
        same = await same_outage.of(connection, view, actor)
        outages = await same_outage.linked(connection, view, actor)
        told = await knowledge.told(connection, view.case.id)
    back = form.text("back") if form else request.query_params.get("back", "")
    able = acts.of(view, actor, beside.orders, own_path(back), beside.clocks)
    opened = next((one for one in able.doable if one.code == code), able.likely if not code else None)
    if opened is not None and form is None:
        _begin(opened, request.query_params)
    conflict = _take(view, opened, form, refusal) if form is not None else None
    is_mute = more.get("disclosure") is not None
    status = 422 if is_mute else 200 if form is None else (refusal.status if refusal is not None else 422)
    promises = deadlines.shown(view, beside.clocks)
    only = request.query_params.get("lines", "")
    region, headers = _where(request, is_answer=form is not None)
    return render(
        request, "cases/show.html", region=region, status=status, headers=headers, live=f"case.{view.case.id}",
        focus="#r-errors" if status == 422 else ("#r-act" if request.query_params.get("act") or status == 409 else ""),
        view=view, case=view.case, acts=able, act=opened, conflict=conflict, deadlines=promises,
        head=deadlines.head(promises), steps=story.steps(view), only=only, filters=story.FILTERS,
        items=story.timeline(view, beside.messages, only), attached=attached, themes=themes,
        proofs=choices_extend.proofs_of(attached), several=several, family=family, standing=standing.of(view),
        known=earlier, care=care_beside.of(view, actor, beside.clocks), orders=beside.orders,
        rounds=word_and_claim(view, actor), same_outages=same, linked_outages=outages,
        to_article=made, told_with=told, acts_back=own_path(back) or "/cases", **facts(view),
        **{"revealed": {}, "disclosure": None, **more},
    )  # fmt: skip


def word_and_claim(view: CaseView, actor: Actor) -> list[abreast.Round]:
    """What citizens said beside what the units claimed; a unit sees its own claims only."""
    return abreast.rounds(view, actor.units if scope.is_of_unit(actor) else ())


def _begin(opened: Act, query: Mapping[str, str]) -> None:
    """Begin the act's form with what the link to it says: ``?act=unmerge&child=``."""
    fields = set(opened.form.kind.__struct_fields__) - {"seq", "back"}
    opened.form.typed.update({name: [query[name][:100]] for name in fields & set(query)})


def _where(request: AnyRequest, *, is_answer: bool) -> tuple[str, dict[str, str]]:
    """The region htmx gets, and where it lands when the answer is a refusal."""
    if is_answer and is_fragment(request):
        return "#r-act", {"HX-Retarget": "#r-act", "HX-Reswap": "outerHTML"}
    target = request.headers.get("hx-target", "")
    return (f"#{target}" if target in ("r-act", "r-timeline", "r-requester", "r-case") else "#r-act"), {}


def _take(view: CaseView, opened: Act | None, form: Form[Any], refusal: Refusal | None) -> Conflict | None:
    """Put what was typed back into the act's form; a 409 becomes a conflict in place."""
    seen = form.value.seq if form.value is not None else None
    if refusal is not None and refusal.status == 422:
        form.take(refusal)
    elif refusal is not None:
        form.typed["seq"] = [str(view.seq)]  # once the change is shown beside it, it may be sent again
    if opened is not None:
        opened.form = form
    kept = (
        []
        if opened is not None
        else [
            (form.say(name), text)
            for name, texts in form.typed.items()
            if name not in ("seq", "back", "emergency") and any(texts) and name in form.kind.__struct_fields__
            for text in texts
        ]
    )
    if refusal is None or refusal.status != 409:
        return (
            Conflict(say=Say("这一步现在做不了。", "This step is not possible now."), changes=[], kept=kept)
            if kept
            else None
        )
    return Conflict(say=refusal.say, changes=story.since(view, seen), kept=kept)


def facts(view: CaseView) -> dict[str, Any]:
    """Names and codes in words, for the page and its print."""
    snapshot, case = city.current(), view.case
    where = snapshot.any_jurisdiction(case.county)
    town = snapshot.township(case.township) if case.township else None
    filed = clock.local_day(case.accepted_at or case.opened_at)
    matter = snapshot.matter(case.matter, filed) if case.matter else None  # as it was called when the case was filed
    return {
        "county": where.name if where else Say("地点不详", "place unknown"),
        "township": town.name if town else None,
        "matter": matter.path if matter else Say(case.matter or "未定", case.matter or "not set"),
        "line": snapshot.line(case.line),
        "states": states.CASE_STATES, "assignment_states": states.ASSIGNMENT_STATES, "kinds": states.KINDS,
        "request_states": states.REQUEST_STATES, "grades": states.GRADES, "urgencies": states.URGENCIES,
        "ladder_steps": states.STEPS, "close_reasons": states.CLOSE_REASONS, "purposes": asks.PURPOSES,
        "unit_name": lambda code: units.name(snapshot, code),
    }  # fmt: skip
