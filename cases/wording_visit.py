"""Sentences of return visits beyond their first answers: tries, the answer by message, causes, reopening."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.states import GRADES
from cases.states_visit import CAUSES, FOLLOWED, REOPEN_CAUSES
from cases.visit_hours import DAY_PARTS
from hotline.errors import Say


def _missed(event: Any) -> Say:
    if event.outcome == "refused":
        return Say("回访接通，诉求人不愿回答，不再打", "reached, they would not answer; no more calls")
    if event.outcome == "later":
        return Say("回访接通，约了时间再打", "reached, they asked to be called later")
    if event.is_last:
        return Say("回访仍未接通，已试满次数，改发短信", "not reached again; tries used up, a message is sent instead")
    if event.is_repeat:
        return Say("同一时段再打未接通，不另计次", "not reached in the same part of the day; not counted again")
    return Say("回访未接通", "not reached")


def _answered(event: Any) -> Say:
    grade = GRADES[event.grade]
    return Say(f"没接通回访，短信微信答了：{grade.zh}", f"not reached, answered by message: {grade.en.lower()}")


def _wished(event: Any) -> Say:
    if not event.part:
        return Say("回访什么时候都行", "may be called at any hour")
    part = DAY_PARTS[event.part][0]
    return Say(f"希望{part.zh}回访", f"asks to be called in the {part.en}")


def _cause(event: Any) -> Say:
    cause = CAUSES[event.cause]
    zh, en = ("不满意的原因", "dissatisfied because")
    if event.was:
        zh, en = ("改判不满意的原因", "the cause is decided anew")
    return Say(f"{zh}：{cause.zh}", f"{en}: {cause.en.lower()}")


def _followed(event: Any) -> Say:
    said = FOLLOWED[event.outcome]
    cause = CAUSES.get(event.cause or "")
    return Say(
        f"核实不满意评价：{said.zh}" + (f"（{cause.zh}）" if cause else ""),
        f"looked into a rating of “dissatisfied”: {said.en.lower()}" + (f" ({cause.en.lower()})" if cause else ""),
    )


def _reopened(event: Any) -> Say:
    cause = REOPEN_CAUSES[event.cause]
    return Say(f"重启重办（{cause.zh}），期限重新计算", f"reopened for rework ({cause.en.lower()}) with a new clock")


STAFF: dict[str, Callable[[Any], Say]] = {
    "visit_missed": _missed,
    "visit_answered": _answered,
    "visit_wished": _wished,
    "cause_set": _cause,
    "rating_followed": _followed,
    "reopened": _reopened,
}


def _missed_told(event: Any) -> Say:
    if event.outcome == "refused":
        return Say("回访时您没有回答", "You did not want to answer when we called")
    if event.outcome == "later":
        return Say("约好换个时间再打给您", "We call you at the time you named")
    return Say("回访没有接通", "We could not reach you")


REQUESTER: dict[str, Callable[[Any], Say]] = {
    "visit_missed": _missed_told,
    "visit_answered": lambda event: Say(f"评价：{GRADES[event.grade].zh}", f"Rated: {GRADES[event.grade].en.lower()}"),
    "visit_wished": _wished,
    "reopened": lambda _: Say("已重新办理", "Being done again"),
}
