"""The audit's screen: what each unit submitted; the decision is posted to the case's own address and opens the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get

from cases import abreast, demands, queries, worklists
from cases.states import RESULTS
from cases.views import CaseView
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say
from sla import workbench
from web import worklists as split
from web.access import Who
from web.cases import acts
from web.cases_access import view_for
from web.render import render

EMPTY = Say("没有待审核的，单位提交办结后来到这里。", "Nothing to audit; results come here once the units submit them.")


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit submitted: the internal note and the public reply are two texts, never one."""

    assignment: UUID
    unit: Say
    role: str
    result: Say
    handled_at: datetime | None
    note: str
    reply: str
    reason: str
    facts: Sequence[tuple[Say, bool | None]]


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The case on the right."""

    view: CaseView
    facts: split.Facts
    left: Any
    shares: Sequence[Share]
    act: Any
    why_not: Say | None
    rounds: Sequence[abreast.Round] = ()
    """What the requester said of the results before this one."""


@get("/audit", opt={"needs": "case.audit"})
async def audit(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Results that await audit, nearest due first; ``case`` chooses one, else the first."""
    async with db.reading() as connection:
        tally = await worklists.count(connection, actor, "audits")
        items = await worklists.listed(connection, actor, "audits")
        running = await workbench.nearest(connection, [item.id for item in items])
        number = request.query_params.get("case", "") or (items[0].number if items else "")
        if number and await queries.found(connection, actor, number) is None:
            number = ""
    lines = split.lines(items, running, actor, "/audit?case=", number, with_unit=True)
    onward = split.following(lines, number, "/audit")
    chosen = await _choose(actor, number, onward) if number else None
    return render(
        request,
        "audit/index.html",
        region="#r-audit",
        tally=tally,
        lines=lines,
        around=split.around(lines, number),
        is_chosen=bool(request.query_params.get("case")),
        chosen=chosen,
        empty=EMPTY,
        act=chosen.act if chosen else None,
        counts={"audit": tally},
        unit_name=split.unit_name,
        live="queue",
    )


async def _choose(actor: Actor, number: str, onward: str) -> Chosen:
    view = await view_for(actor, number)
    async with db.reading() as connection:
        running = await workbench.nearest(connection, [view.case.id])
        entries = await worklists.entries_of(connection, view.case.id)
    return Chosen(
        view=view,
        facts=split.facts_of(view, actor),
        left=split.chip(running.get(view.case.id)),
        shares=shares_of(view, entries),
        act=acts.one(view, actor, "audit", back=onward),
        why_not=_why_not(view, actor),
        rounds=abreast.rounds(view),
    )


def shares_of(view: CaseView, entries: Sequence[Any]) -> list[Share]:
    """What each unit that is on the case last submitted, the lead first."""
    found = []
    for assignment in sorted(view.file.live, key=lambda a: a.role != "lead"):
        entry = worklists.last(entries, "handled", assignment=assignment.id)
        if entry is None:
            continue
        texts = {name: row.value or "" for name, row in entry.texts.items()}
        found.append(
            Share(
                assignment=assignment.id,
                unit=split.unit_name(assignment.unit),
                role=assignment.role,
                handled_at=assignment.handled_at,
                result=RESULTS.get(assignment.result or "", Say("–", "–")),
                note=texts.get("note", "") if view.reads_notes else "",
                reply=texts.get("reply", ""),
                reason=texts.get("reason", ""),
                facts=[
                    (Say("诉求属实", "Substantiated"), assignment.is_substantiated),
                    (Say("超职责", "Beyond remit"), assignment.is_beyond_remit),
                    (Say("已联系诉求人", "Requester contacted"), assignment.has_contacted),
                    (Say("已解决", "Solved"), assignment.is_solved),
                ],
            )
        )
    return found


def _why_not(view: CaseView, actor: Actor) -> Say | None:
    if view.case.state not in {"active", "rework"} or view.file.lead is None or view.file.lead.state != "handled":
        return Say("这一件现在没有等审核的结果。", "This case has no result awaiting audit now.")
    if view.file.at_units:
        return Say("还有单位没提交办结，不能审核。", "A unit has not submitted its result yet.")
    if not demands.is_separate(view.file, actor):
        return Say(
            "承办的人不能审核自己的结果，请换一位同事。", "Whoever handled it cannot audit it; let a colleague do it."
        )
    return None
