"""What the screen of return visits shows: the list, the chosen request, and only after saving what the unit claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response

from cases import demands, queries, visits, worklists
from cases.file import CaseFile
from cases.rows import AssignmentRow, RequestRow, VisitRow
from cases.states import ASSIGNMENT_STATES, CASE_STATES, CLOSE_REASONS, GRADES, RESULTS
from cases.views import CaseView
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say
from sla import calendar, workbench
from web import forms
from web import worklists as split
from web.cases_access import view_for
from web.forms import label
from web.render import Flash, render

LATER = "later"
GRADE_CHOICES: dict[str, Say] = {**GRADES, LATER: Say("以后自己评", "Will rate later")}
OUTCOMES: dict[str, Say] = {
    "unreached": Say("未接、关机、空号", "No answer, switched off, wrong number"),
    "refused": Say("接通但不愿回答", "Reached but would not answer"),
}
CHANNELS: dict[str, Say] = {"phone": Say("电话", "Telephone"), "site": Say("现场核实", "On site")}
EMPTY: dict[str, Say] = {
    "now": Say("现在没有要回访的，审核通过的会来到这里。", "Nobody to call now; audited cases come here."),
    "later": Say("没有约定以后再打的。", "No calls are planned for later."),
    "close": Say("没有等着结案的。", "Nothing waits to be closed."),
}
_HELP = Say("请选一项。", "Choose one.")


class Visit(msgspec.Struct, kw_only=True):
    """What the requester said."""

    was_contacted: Annotated[bool | None, label("承办单位联系过您吗？", "Did the unit contact you?", missing=_HELP)]
    is_solved: Annotated[bool | None, label("问题解决了吗？", "Is the problem solved?", missing=_HELP)]
    is_truthful: Annotated[
        bool | None, label("刚才读的答复属实吗？", "Is the answer just read out true?", missing=_HELP)
    ]
    grade: Annotated[str, label("您对办理满意吗？", "Are you satisfied with the handling?", missing=_HELP)]
    said: Annotated[str, label("诉求人补充的话", "What the requester added", most=1000)] = ""
    channel: Annotated[str, label("方式", "By")] = "phone"
    seq: int | None = None

    def check(self) -> dict[str, Say]:
        """Only the choices that were offered."""
        wrong: dict[str, Say] = {}
        if self.grade not in GRADE_CHOICES:
            wrong["grade"] = _HELP
        if self.channel not in CHANNELS:
            wrong["channel"] = _HELP
        return wrong


class Missed(msgspec.Struct, kw_only=True):
    """A try that got no answers, and when the next is planned."""

    outcome: Annotated[Literal["unreached", "refused"], label("怎么没回访成", "What happened")]
    next_at: Annotated[datetime | None, label("下次什么时候打", "When to try again")] = None
    other_at: Annotated[datetime | None, label("其他时间", "Another time")] = None
    seq: int | None = None


class Rework(msgspec.Struct, kw_only=True):
    """Back to the unit at fault."""

    assignment: Annotated[str, label("退给哪个单位", "Back to which unit")]
    reason: Annotated[
        str,
        label(
            "哪里没办好", "What was not done", most=1000, missing=Say("请写明哪里没办好。", "Say what was not done.")
        ),
    ]
    seq: int | None = None


class Close(msgspec.Struct, kw_only=True):
    """Closing; without a reason the unit's result stands."""

    result: Annotated[str, label("结案原因", "Reason for closing")] = ""
    seq: int | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit says it did; shown only once the requester's word is saved."""

    assignment: AssignmentRow
    unit: Say
    result: Say
    note: str
    facts: Sequence[tuple[Say, bool | None]]


class Chosen(msgspec.Struct, kw_only=True):
    """The request on the right: ``step`` is ask, decide, settle or none; ``why_not`` says why nothing can be done."""

    view: CaseView
    request: RequestRow
    facts: split.Facts
    left: Any
    step: str
    why_not: Say | None
    replies: Sequence[tuple[Say, str]] = ()
    claims: Sequence[Claim] = ()
    visit: VisitRow | None = None
    said: str = ""
    tries: Sequence[datetime] = ()
    next_hours: Sequence[datetime] = ()
    is_last_try: bool = False
    others: Sequence[str] = ()
    close_reasons: dict[str, Say] = msgspec.field(default_factory=dict)


async def show(
    request: Request[Any, Any, Any],
    actor: Actor,
    receipt: str,
    band: str,
    *,
    status: int = 200,
    form: forms.Form[Any] | None = None,
    flash: Say | None = None,
) -> Response[str]:
    """The screen with ``receipt`` chosen ("" the first of the band), with a ``form`` that came back and why."""
    band = band if band in visits.BANDS else "now"
    async with db.reading() as connection:
        counts = {name: await visits.count(connection, actor, name) for name in visits.BANDS}
        items = await visits.listed(connection, actor, band)
        running = await workbench.nearest(connection, [item.id for item in items])
    is_chosen = bool(receipt)
    receipt = receipt or (items[0].receipt_no if items else "")
    chosen = await choose(actor, receipt) if receipt else None
    lines = split.lines(items, running, actor, f"/visits?band={band}&r=", receipt)
    return render(
        request,
        "visits/index.html",
        region="#r-visits",
        status=status,
        band=band,
        bands=visits.BANDS,
        tallies=counts,
        lines=lines,
        around=split.around(lines, receipt),
        is_chosen=is_chosen,
        chosen=chosen,
        empty=EMPTY[band],
        next_url=split.following(lines, receipt, f"/visits?band={band}"),
        grade_choices=GRADE_CHOICES,
        outcomes=OUTCOMES,
        channels=CHANNELS,
        results=RESULTS,
        part_of_day=visits.part_of_day,
        day_parts=visits.DAY_PARTS,
        planned={item.receipt_no: item.next_at for item in items if item.next_at},
        flash=Flash(flash, "error") if flash else None,
        **split.requester_of(chosen.view if chosen else None),
        **_forms(chosen, form),
        counts={"visits": counts["now"]},
        live="queue",
    )


def _forms(chosen: Chosen | None, form: forms.Form[Any] | None) -> dict[str, Any]:
    seq = {"seq": chosen.view.seq if chosen else ""}
    hours = chosen.next_hours if chosen else ()
    blanks: dict[str, forms.Form[Any]] = {
        "visit_form": forms.blank(Visit, {**seq, "channel": "phone"}),
        "missed_form": forms.blank(Missed, {**seq, "outcome": "unreached", "next_at": hours[0] if hours else None}),
        "rework_form": forms.blank(Rework, seq),
        "close_form": forms.blank(Close, seq),
    }
    for name, blank in blanks.items():
        if form is not None and form.kind is blank.kind:
            blanks[name] = form
    return blanks


async def choose(actor: Actor, receipt: str) -> Chosen:
    """The chosen request with what its step may show. 404 when the case is not the actor's."""
    view = await view_for(actor, receipt, queries.handling)
    file = view.file
    one = file.request_no(receipt) or file.first_request
    why = why_not(actor, file)
    step = "none" if why else "ask" if one.state == "awaiting_visit" else "decide"
    async with db.reading() as connection:
        running = await workbench.nearest(connection, [file.case.id])
        entries = await worklists.entries_of(connection, file.case.id)
        tries = await visits.tried(connection, one)
    mine = [visit for visit in view.visits if visit.request_id == one.id and visit.outcome == "reached"]
    chosen = Chosen(
        view=view,
        request=one,
        facts=split.facts_of(view, actor),
        left=split.chip(running.get(file.case.id)),
        step=step,
        why_not=why,
        replies=_replies(file, entries),
        tries=tries,
        next_hours=visits.next_hours(clock.now(), tries, calendar.of(city.current())),
        is_last_try=one.visit_tries + 1 >= int(city.current().rule("visit.tries")),
    )
    if step == "decide":
        chosen.claims = _claims(file, entries)
        chosen.visit = mine[-1] if mine else None
        chosen.said = _said(entries, chosen.visit)
        chosen.others = [r.receipt_no for r in file.unsettled if r.id != one.id]
        chosen.close_reasons = {code: CLOSE_REASONS[code] for code in RESULTS}
    return chosen


def why_not(actor: Actor, file: CaseFile) -> Say | None:
    """Why this person cannot visit or close this case, in words; None when they can (rules.md 2)."""
    if file.case.state != "callback":
        state = CASE_STATES[file.case.state]
        return Say(f"这件现在是“{state.zh}”，不在回访。", f"This case is “{state.en}” now, not up for a return visit.")
    if not demands.may_visit(file, actor):
        return Say(
            "您受理或承办过这件事，不能由您回访、结案（受办分离），请换一位同事。",
            "You accepted or handled this case, so you cannot call back or close it. Let a colleague do it.",
        )
    return None


def _replies(file: CaseFile, entries: Sequence[Any]) -> list[tuple[Say, str]]:
    """The public replies to read out: the lead's; a co-handler's too when it wrote one."""
    found = []
    for assignment in file.live:
        entry = worklists.last(entries, "handled", assignment=assignment.id)
        if entry is not None and "reply" in entry.texts and entry.texts["reply"].value:
            found.append((split.unit_name(assignment.unit), entry.texts["reply"].value))
    return found


def _claims(file: CaseFile, entries: Sequence[Any]) -> list[Claim]:
    found = []
    for assignment in file.live:
        entry = worklists.last(entries, "handled", assignment=assignment.id)
        if entry is None:
            continue
        note = entry.texts.get("note")
        found.append(
            Claim(
                assignment=assignment,
                unit=split.unit_name(assignment.unit),
                result=RESULTS.get(assignment.result or "", ASSIGNMENT_STATES[assignment.state]),
                note=(note.value or "") if note else "",
                facts=[
                    (Say("已联系", "Contacted"), assignment.has_contacted),
                    (Say("已解决", "Solved"), assignment.is_solved),
                    (Say("诉求属实", "Substantiated"), assignment.is_substantiated),
                    (Say("超职责", "Beyond remit"), assignment.is_beyond_remit),
                ],
            )
        )
    return found


def _said(entries: Sequence[Any], visit: VisitRow | None) -> str:
    if visit is None:
        return ""
    entry = worklists.last(entries, "visited", visit=visit.id)
    row = entry.texts.get("said") if entry is not None else None
    return (row.value or "") if row is not None else ""
