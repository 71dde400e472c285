"""One drawn item: the blind form for the second person; once it is answered, both side by side, and findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from cases import states_audit, worklists
from cases.file import CaseFile
from cases.states import GRADES
from channels import tapes
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from hotline.work import Work
from sla import findings, rechecks, samples
from sla.rechecks import Item
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

_WHERE = "/inspections/samples/{sample:uuid}/items/{position:int}"


@get(_WHERE, opt={"needs": CHECK})
async def show(request: AnyRequest, actor: Who, sample: FromPath[UUID], position: FromPath[int]) -> Response[str]:
    """The blind form, or what came of it."""
    return await _shown(request, actor, sample, position)


async def _shown(
    request: AnyRequest, actor: Actor, sample: UUID, position: int, *, form: Form[asks.Recheck] | None = None,
    finding: Form[asks.Find] | None = None, status: int = 200,
) -> Response[str]:  # fmt: skip
    async with db.reading() as connection:
        one = await samples.found(connection, sample)
        item = await rechecks.item(connection, sample, position)
        view = await view_for(actor, item.number)
        entries = await worklists.entries_of(connection, item.case_id)
        own = await tapes.of_case(connection, item.case_id)
        why = await rechecks.why_not(connection, view.file, actor, sample)
        done = await rechecks.one(connection, item.recheck) if item.is_done and item.recheck else None
        made = await findings.listed(connection, actor, recheck_id=item.recheck) if item.recheck else []
    shared: dict[str, Any] = {
        "one": one, "item": item, "view": view, "replies": _replies(view.file, entries), "own": own, "why": why,
        "tabs": common.tabs(actor, "samples"), "status": status, "facts": split.facts_of(view, actor),
        "base": f"/inspections/samples/{sample}/items/{position}",
    }  # fmt: skip
    if done is None:  # nothing of the first answers is in this page: not hidden, absent
        return render(
            request, "inspections/blind.html", region="#r-item", form=form or forms.blank(asks.Recheck, {}),
            grades=GRADES, outcomes=rechecks.OUTCOMES, focus="#r-errors" if status != 200 else "", **shared,
        )  # fmt: skip
    source = "visit" if one.kind == "visits" else "case"
    people = [done.checker, done.caller, *(f.person for f in made)]
    return render(
        request, "inspections/beside.html", region="#r-item", done=done, questions=rechecks.QUESTIONS, grades=GRADES,
        form=finding or forms.blank(asks.Find, {"whose": "caller" if one.kind == "visits" else "unit"}), made=made,
        whats=findings.KINDS_OF[source], annulling=states_audit.ANNULLING, states=findings.STATES,
        names=await common.names(people), may_reopen=view.case.state == "closed",
        may_annul=any(r.id == item.request_id and r.rated_at is not None for r in view.file.requests.values()),
        unit_name=split.unit_name, **shared,
    )  # fmt: skip


def _replies(file: CaseFile, entries: Sequence[Any]) -> list[tuple[Say, str]]:
    """What the requester was answered, also by a share that the closing has ended."""
    found = []
    for share in file.assignments.values():
        entry = worklists.last(entries, "handled", assignment=share.id) if share.role != "below" else None
        if entry is not None and (row := entry.texts.get("reply")) is not None and row.value:
            found.append((split.unit_name(share.unit), row.value))
    return found


@post(_WHERE, opt={"needs": CHECK}, status_code=200)
async def answer(request: AnyRequest, actor: Who, sample: FromPath[UUID], position: FromPath[int]) -> Response[str]:
    """Save the second answers, once; or that nobody was reached."""
    form = await forms.read(request, asks.Recheck)

    async def do(w: Work, good: asks.Recheck) -> object:
        item = await rechecks.item(w.connection, sample, position)
        file = await opened_for(w, item.number)
        answers = rechecks.Answers(
            was_contacted=good.was_contacted, is_solved=good.is_solved, is_truthful=good.is_truthful,
            grade=good.grade or None,
        )  # fmt: skip
        return await rechecks.save(w, file, item, outcome=good.outcome, answers=answers, note=good.note)

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await _shown(request, actor, sample, position, form=form, status=status)
    here = f"/inspections/samples/{sample}/items/{position}"
    said = Say("已保存，不能再改；下面是原来的记录。", "Saved for good; what had been recorded stands beside it.")
    later = Say("已记下没打通，换个时段再打。", "Noted; try at another time of day.")
    return see_other(request, here, flash=said if form.good.outcome != "unreached" else later)


@post(_WHERE + "/call", opt={"needs": CHECK}, status_code=200)
async def call(request: AnyRequest, actor: Who, sample: FromPath[UUID], position: FromPath[int]) -> Response[str]:
    """Call the requester once more through the centre; their number is in no page."""
    async with db.reading() as connection:
        item = await rechecks.item(connection, sample, position)
    return await bridging.call(request, actor, item.number, "visit", f"/inspections/samples/{sample}/items/{position}")


@post(_WHERE + "/findings", opt={"needs": CHECK}, status_code=200)
async def find(request: AnyRequest, actor: Who, sample: FromPath[UUID], position: FromPath[int]) -> Response[str]:
    """A finding on a re-checked item; it can annul the rating and open the case again."""
    form = await forms.read(request, asks.Find)

    async def do(w: Work, good: asks.Find) -> findings.Finding:
        one = await samples.found(w.connection, sample)
        item = await rechecks.item(w.connection, sample, position)
        return await _find(w, one, item, good)

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await _shown(request, actor, sample, position, finding=form, status=status)
    said = Say("已记下问题。", "The finding is recorded.")
    return see_other(request, f"/inspections/samples/{sample}/items/{position}", flash=said)


async def _find(w: Work, one: samples.Sample, item: Item, good: asks.Find) -> findings.Finding:
    if not item.is_done or item.recheck is None:
        raise conflict("not_checked", "请先复核再记问题。", "Re-check it first.")
    file = await opened_for(w, item.number)
    if (why := await rechecks.why_not(w.connection, file, w.actor)) is not None:
        raise conflict("not_separate", *why)
    is_callers = good.whose == "caller"
    if is_callers and item.caller is None:
        raise not_found()
    unit = "" if is_callers else item.unit or ""
    made = await findings.make(
        w, source="visit" if one.kind == "visits" else "case", what=good.what, words=good.words, unit=unit,
        person=item.caller if is_callers else None, file=file, recheck=item.recheck, inspection=one.inspection_id,
    )  # fmt: skip
    asked = file.requests.get(item.request_id)
    if asked is not None and (good.reopen or good.annul):
        cause = "audit" if one.kind == "visits" else "inspection"
        since = item.at if one.kind == "visits" else None
        await findings.upset(w, file, made, asked, reopen=good.reopen, annul=good.annul, cause=cause, since=since)
    return made


ROUTES = [show, answer, call, find]
