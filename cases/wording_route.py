"""Sentences of choosing where a case goes: who decided and why, as the timeline and the desk say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_route as e
from cases.states import URGENCIES
from hotline import city
from hotline.errors import Say

BASES: dict[str, Say] = {
    "catalogue": Say("按目录派单", "dispatched by the catalogue"),
    "conference": Say("按会商决定派单", "dispatched by a conference's decision"),
    "handed_down": Say("下派", "handed down"),
    "precedent": Say("按会商先例派单", "dispatched by a precedent"),
    "person": Say("派单", "dispatched"),
}
LEFT: dict[str, Say] = {
    "unsure": Say("模型拿不准", "the model is not sure"),
    "enquiry": Say("咨询由坐席先答", "enquiries are first answered by an agent"),
    "report": Say("举报、保密件由人工受理", "reports and confidential cases are for a person"),
    "about_unit": Say("投诉单位或人员的件由人工受理", "a complaint about a body is for a person"),
    "look_alike": Say(
        "同一诉求人还有一件同类的在办，先看要不要合并", "the requester has an open case like it"
    ),
    "protected": Say("涉及未成年人或正在调查的事项", "it concerns a minor or an investigation"),
    "risk": Say("有风险词", "it holds words of danger"),
    "urgent": Say("紧急件由人工受理", "urgent cases are for a person"),
    "no_place": Say("地点不清，定不了属地", "the place is not clear enough for the catalogue"),
    "no_unit": Say("目录和规则都没有对应单位", "neither catalogue nor rules name a unit"),
    "by_hand": Say("有规则要求人工派单", "a rule wants a person to dispatch it"),
    "refused": Say("受理没有成功", "accepting did not succeed"),
}
"""Why an online case was not accepted by the system: a code of ``Weighed.reason`` each."""


REFUSED: dict[str, Say] = {
    "rule_unplaced": Say(
        "规则按地点或事项派，而这件还定不了", "a rule goes by place or matter, and this case has none"
    ),
    "summary_missing": Say("要先写给承办单位看的转述", "the unit needs a summary first"),
    "routing_error": Say("派单时出错", "an error while dispatching"),
}
"""Why rules and catalogue named a unit and the case still waits for a person: codes of ``RoutingMissed``."""


def matter(code: str | None) -> Say:
    """A matter's name as it is called today."""
    found = city.current().matter(code) if code else None
    return found.name if found else Say(code or "未定事项", code or "no matter yet")


def by_rule(basis: str) -> str:
    """The number of the rule that a basis or a reason names, "" when none does."""
    kind, _, number = basis.partition(":")
    return number if kind == "rule" and number else ""


def dispatched_by(basis: str) -> Say:
    """Who decided on the unit, as a verb: a rule by its number, the catalogue, a conference, a person."""
    if number := by_rule(basis):
        return Say(f"按规则 {number} 派单", f"dispatched by rule {number}")
    return BASES.get(basis.partition(":")[0], BASES["person"])


def accepted_by(decided_by: str) -> Say:
    """Who decided to take it up, as a verb: a model by its version, a rule, the catalogue, a person."""
    kind, _, which = decided_by.partition(":")
    if kind == "model":
        return Say(f"自动受理（模型 {which}）", f"accepted by the system (model {which})")
    if kind == "rule":
        return Say(f"按规则 {which} 受理", f"accepted by rule {which}")
    return Say("按目录受理", "accepted by the catalogue") if kind == "catalogue" else Say("受理", "accepted")


def left_by_rule(reason: str) -> Say | None:
    """Why a case is left to a person although rules or catalogue had an answer; None for another reason."""
    if number := by_rule(reason):
        return Say(f"规则 {number} 要求人工派单", f"rule {number} wants a person to dispatch it")
    return REFUSED.get(reason)


def _weighed(event: e.Weighed) -> Say:
    if not event.guesses:
        said = Say("模型没有建议", "the model proposed nothing")
    else:
        best = event.guesses[0]
        name, percent = matter(best.matter), best.percent
        said = Say(f"模型建议“{name.zh}”（{percent}%）", f"the model proposed “{name.en}” ({percent} %)")
    if not event.reason:
        return said
    why = LEFT.get(event.reason, Say(event.reason, event.reason))
    return Say(f"{said.zh}，没有自动受理：{why.zh}", f"{said.en}, not accepted by itself: {why.en}")


def _corrected(event: e.MatterCorrected) -> Say:
    old, new = matter(event.old), matter(event.new)
    return Say(f"改事项：{old.zh} → {new.zh}", f"matter corrected: {old.en} → {new.en}")


def _urgency(event: e.UrgencySet) -> Say:
    old, new, number = URGENCIES[event.old], URGENCIES[event.new], by_rule(event.by)
    by = Say(f"按规则 {number} ", f" by rule {number}") if number else Say("", "")
    return Say(f"{by.zh}定为{new.zh}（原{old.zh}）", f"set to {new.en.lower()} (was {old.en.lower()}){by.en}")


STAFF: dict[str, Callable[[Any], Say]] = {
    "weighed": _weighed, "matter_corrected": _corrected, "urgency_set": _urgency,
}  # fmt: skip
REQUESTER: dict[str, Callable[[Any], Say]] = {}
