"""The head's approvals: what a handler submitted, its proof, and one key to let it leave or to send it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from cases.rows import AssignmentRow
from cases.states import RESULTS
from cases.views import CaseView
from hotline import city, city_verbs, clock, db, files
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from sla import workbench
from web import forms
from web import worklists as split
from web.access import Who
from web.admin import changes
from web.cases import acts, attachments, choices_hands
from web.cases_access import view_for
from web.forms import label
from web.render import render, see_other

HOME = "/approvals"
EMPTY = Say(
    "没有等您批准的，承办人报请后来到这里。", "Nothing waits for you; results come here once handlers submit them."
)


ANSWERS = {
    "is_substantiated": Say("诉求属实", "Substantiated"), "is_beyond_remit": Say("超职责", "Beyond remit"),
    "has_contacted": Say("已联系诉求人", "Requester contacted"), "is_solved": Say("已解决", "Solved"),
}  # fmt: skip


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler submitted: who, the result, the two texts, the four answers."""

    who: str
    at: Any
    unit: Say
    result: Say
    note: str
    reply: str
    reason: str
    facts: Sequence[tuple[Say, bool]]


class Setting(msgspec.Struct, kw_only=True):
    """Whether the unit's replies wait for its head."""

    needs_head: Annotated[bool, label("答复须经我批准", "Replies wait for my approval")] = False


@get(HOME, opt={"needs": "case.approve"})
async def approvals(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Results that wait, nearest due first; ``case`` chooses one, else the first."""
    async with db.reading() as connection:
        tasks = await workbench.approvals(connection, actor.units)
    number = request.query_params.get("case", "") or (tasks[0].number if tasks else "")
    lines = split.lines(tasks, {}, actor, f"{HOME}?case=", number, with_unit=len({one.unit for one in tasks}) > 1)
    here = number if any(line.key == number for line in lines) else ""
    chosen = await _choose(actor, number, split.following(lines, number, HOME)) if here else {}
    running = next((one.running for one in tasks if one.number == here), None)
    own = city.current().unit(actor.unit)
    return render(
        request, "unit/approvals.html", region="#r-approvals", lines=lines, empty=EMPTY, home=HOME,
        around=split.around(lines, here), is_chosen=bool(request.query_params.get("case")), is_gone=number != here,
        left=split.chip(running), unit=split.unit_name(actor.unit), needs_head=own is not None and own.needs_head,
        counts={"approvals": len(tasks)}, live="queue", **{"chosen": None, "asked": None, "acts": [], **chosen},
    )  # fmt: skip


async def _choose(actor: Actor, number: str, onward: str) -> dict[str, Any]:
    view = await view_for(actor, number)
    share = choices_hands.head_waits(view, actor)
    async with db.reading() as connection:
        attached = await files.of_case(connection, view.case.id)
    found = acts.of(view, actor, back=onward).doable
    return {
        "chosen": split.facts_of(view, actor), "asked": _asked(view, share) if share is not None else None,
        "acts": {one.code: one for one in found if one.code in ("head_approve", "head_refuse")},
        "attached": attachments.visible(view, actor, attached),
    }  # fmt: skip


def _asked(view: CaseView, share: AssignmentRow) -> Asked | None:
    line = choices_hands.last(view, "head_asked", unit=share.unit)
    if line is None:
        return None
    facts = [(say, bool(line.claim.get(name))) for name, say in ANSWERS.items()]
    code = str(line.claim.get("result", ""))
    return Asked(
        who=line.who, at=line.at, unit=split.unit_name(share.unit), result=RESULTS.get(code, Say(code, code)),
        note=line.texts.get("note", ""), reply=line.texts.get("reply", ""), reason=line.texts.get("reason", ""),
        facts=facts,
    )  # fmt: skip


@post(HOME, opt={"needs": "case.approve"}, status_code=200)
async def set_approval(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Switch the approval of one's own unit on or off, from today."""
    if actor.behalf is not None:  # or somebody who acts for the head would approve their own results that way
        raise conflict("acting", "代办中不能改这一项，请负责人本人来改。", "The head alone decides this.")
    wanted = (await forms.read(request, Setting)).good.needs_head
    unit = city.current().unit(actor.unit)
    if unit is None:
        raise not_found()
    if unit.needs_head != wanted:
        async with db.atomic() as connection:
            await city_verbs.change_unit(unit.code, has_liaison=True, needs_head=wanted)
            changed = {"needs_head": ["yes" if unit.needs_head else "no", "yes" if wanted else "no"]}
            await changes.note(connection, actor, "unit_changed", f"unit:{unit.code}", changed, on=clock.today())
        await changes.renew()
    say = (
        Say("以后的答复先经您批准。", "From now on replies wait for your approval.") if wanted
        else Say("以后的答复不用您批准；已报请的仍等您。", "Replies no longer wait for you; those submitted still do.")
    )  # fmt: skip
    return see_other(request, HOME, flash=say)
