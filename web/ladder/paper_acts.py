"""The steps that people take on a paper: which are theirs now, what each asks for, and how it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from hotline import clock
from hotline.actor import Actor
from hotline.errors import Say, invalid
from hotline.permissions import may
from hotline.work import Work
from sla import ladder_steps
from sla.rows_ladder import PaperRow
from web.ladder.asks import Approve, Call, Decide, Hand, Hold, Report, Verify, Words
from web.ladder.shared import HOLDS

DISCIPLINE = "DIS"
"""The body to which leads are handed."""
OUTCOMES = {"done": Say("合格，了结", "Good: it is done"), "sent_back": Say("不合格，退回", "Not good: back")}
Do = Callable[[Work, str, Any], Awaitable[PaperRow]]
Start = Callable[[PaperRow, str], dict[str, object]]


def _empty(row: PaperRow, person: str) -> dict[str, object]:
    return {}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step: from which states of which kinds of paper, its form, its words; ``is_units``: the unit takes it."""

    code: str
    say: Say
    said: Say
    form: type[msgspec.Struct]
    do: Do
    states: tuple[str, ...]
    measures: tuple[str, ...] = ("bulletin", "interview", "accountability")
    is_units: bool = False
    start: Start = _empty


async def _approve(w: Work, number: str, given: Approve) -> PaperRow:
    return await ladder_steps.approve(w, number, words=given.words, days=given.days)


async def _call(w: Work, number: str, given: Call) -> PaperRow:
    return await ladder_steps.call(
        w,
        number,
        person=given.person,
        post=given.post,
        planned=given.planned,
        place=given.place,
        interviewer=given.interviewer,
    )


async def _hold(w: Work, number: str, given: Hold) -> PaperRow:
    return await ladder_steps.hold(
        w, number, held=given.held, record=given.record, undertaking=given.undertaking, due=given.due
    )


async def _report(w: Work, number: str, given: Report) -> PaperRow:
    return await ladder_steps.report(w, number, text=given.report)


async def _verify(w: Work, number: str, given: Verify) -> PaperRow:
    if given.outcome not in OUTCOMES:
        raise invalid({"outcome": Say("请选合格或退回。", "Choose the outcome.")})
    return await ladder_steps.verify(w, number, is_done=given.outcome == "done", words=given.words, days=given.days)


async def _decide(w: Work, number: str, given: Decide) -> PaperRow:
    return await ladder_steps.decide(
        w, number, decision=given.decision, by=given.by, person=given.person, post=given.post
    )


async def _hand(w: Work, number: str, given: Hand) -> PaperRow:
    return await ladder_steps.hand_over(w, number, to=given.to, words=given.words)


async def _finish(w: Work, number: str, given: Words) -> PaperRow:
    return await ladder_steps.finish(w, number, words=given.words)


async def _drop(w: Work, number: str, given: Words) -> PaperRow:
    return await ladder_steps.drop(w, number, words=given.words)


def _text(row: PaperRow, person: str) -> dict[str, object]:
    return {"words": row.words or row.ground, "days": 10}


def _whom(row: PaperRow, person: str) -> dict[str, object]:
    return {
        "person": person,
        "post": row.post,
        "planned": row.planned_at,
        "place": row.place,
        "interviewer": row.interviewer,
    }


def _three(row: PaperRow, person: str) -> dict[str, object]:
    return {"days": 3}


def _decided(row: PaperRow, person: str) -> dict[str, object]:
    return {"person": person, "post": row.post}


def _discipline(row: PaperRow, person: str) -> dict[str, object]:
    return {"to": DISCIPLINE}


def _now(row: PaperRow, person: str) -> dict[str, object]:
    return {"held": min(row.planned_at or clock.now(), clock.now())}


STEPS: tuple[Step, ...] = (
    Step(
        code="approve",
        say=Say("批准发出", "Approve and issue"),
        said=Say("通报已发出。", "The bulletin is issued."),
        form=Approve,
        do=_approve,
        states=("draft",),
        measures=("bulletin",),
        start=_text,
    ),
    Step(
        code="hold",
        say=Say("记录约谈", "Record the interview"),
        said=Say("约谈已记录，承诺到期前会提醒。", "On record."),
        form=Hold,
        do=_hold,
        states=("called",),
        measures=("interview",),
        start=_now,
    ),
    Step(
        code="call",
        say=Say("发约谈通知", "Call the interview"),
        said=Say("约谈通知已发出。", "The interview is called."),
        form=Call,
        do=_call,
        states=("draft", "called"),
        measures=("interview",),
        start=_whom,
    ),
    Step(
        code="report",
        say=Say("报整改情况", "Report what was corrected"),
        said=Say("整改情况已报，等核查。", "Reported; to be verified."),
        form=Report,
        do=_report,
        states=("issued", "held"),
        measures=("bulletin", "interview"),
        is_units=True,
    ),
    Step(
        code="verify",
        say=Say("核查整改", "Verify the correction"),
        said=Say("核查结果已记下。", "The outcome is on record."),
        form=Verify,
        do=_verify,
        states=("reported",),
        measures=("bulletin", "interview"),
        start=_three,
    ),
    Step(
        code="decide",
        say=Say("作出问责决定", "Record the decision"),
        said=Say("问责决定已记下。", "The decision is on record."),
        form=Decide,
        do=_decide,
        states=("draft", "recorded"),
        measures=("accountability",),
        start=_decided,
    ),
    Step(
        code="hand",
        say=Say("移交纪检监察机关", "Hand to the discipline body"),
        said=Say("线索已移交。", "Handed over."),
        form=Hand,
        do=_hand,
        states=("draft", "recorded", "decided"),
        measures=("accountability",),
        start=_discipline,
    ),
    Step(
        code="finish",
        say=Say("了结", "Close the record"),
        said=Say("已了结。", "It is done."),
        form=Words,
        do=_finish,
        states=("recorded", "decided", "handed"),
        measures=("accountability",),
    ),
    Step(
        code="drop",
        say=Say("不予采用", "Drop it"),
        said=Say("已记为不予采用，留痕保存。", "Dropped, and kept on record."),
        form=Words,
        do=_drop,
        states=("draft",),
    ),
)


def acts_of(row: PaperRow, actor: Actor) -> list[Step]:
    """The steps that are this person's on the paper as it stands."""
    is_unit = row.unit in actor.units and bool(actor.roles & {"unit_head", "unit_deputy"})
    holds = may(actor, HOLDS)
    return [
        one
        for one in STEPS
        if row.state in one.states and row.measure in one.measures and (is_unit or holds if one.is_units else holds)
    ]


def step_of(code: str) -> Step | None:
    """The step with this code."""
    return next((one for one in STEPS if one.code == code), None)
