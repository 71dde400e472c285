"""What the moves of conferences and joint site visits demand."""

from __future__ import annotations

from collections.abc import Callable

from cases import demands_site
from cases.ask import Ask
from hotline.errors import Say, conflict, invalid
from hotline.permissions import may

CAUSES: dict[str, Say] = {
    "return_limit": Say("退回次数已到上限", "the limit of returns is reached"),
    "objection": Say("单位有异议", "a unit objects"),
    "unclear": Say("职责不清", "responsibility is unclear"),
    "overlap": Say("职能交叉", "functions overlap"),
    "by_hand": Say("人工提请", "called by hand"),
}
"""Why a case goes to a conference (domain.md 2.3, 2.8)."""


def _said(ask: Ask, name: str) -> bool:
    text = ask.texts.get(name)
    return text is not None and bool(text.value.strip())


def _conference_cause(ask: Ask) -> None:
    if ask.event.cause not in CAUSES:
        raise invalid({"cause": Say("请选提请会商的原因。", "Choose why a conference is called.")})
    if ask.event.cause == "by_hand" and not _said(ask, "reason"):
        raise invalid({"reason": Say("请写明为何提请会商。", "Say why a conference is called.")}, "text_missing")


def _lead_not_done(ask: Ask) -> None:
    """A result that is in is the audit's to judge; who should have handled it is no question any more."""
    lead = ask.file.lead
    if lead is not None and lead.state == "handled":
        raise conflict(
            "lead_done",
            "主办单位已提交办结。对结果有疑问，请先退回修改。",
            "The lead unit has submitted its result. If the result is in doubt, send it back first.",
        )


def _lead_waits(ask: Ask) -> None:
    """While it is open who leads, no lead hands in a result; co-handlers may."""
    assignment = ask.file.assignments[ask.event.assignment]
    if ask.file.case.state == "in_conference" and assignment.role == "lead":
        raise conflict(
            "in_conference",
            "正在会商由谁主办，决定之后再提交办结。",
            "A conference is deciding who leads; submit the result after the decision.",
        )


def _conference_decides(ask: Ask) -> None:
    """What is on the agenda is dispatched by the decision, never past it."""
    if ask.file.case.state == "in_conference" and ask.event.basis != "conference":
        raise conflict(
            "in_conference",
            "正在会商，由会商决定派给谁；要直接派单，请先撤回会商。",
            "A conference will decide who gets it; withdraw it from the conference to dispatch it by hand.",
        )


def _decision_stands(ask: Ask) -> None:
    """A decision binds dispatch too: only whoever holds conferences takes the case from a unit that it named."""
    assignment = ask.file.assignments[ask.event.assignment]
    if assignment.is_binding and not may(ask.actor, "conference.hold"):
        raise conflict(
            "binding",
            "由谁办是会商定的，不能改派。情况变了请再提请会商，或请协调办公室改。",
            "A conference decided who has it. If things have changed, call it to a conference again or ask the "
            "coordination office.",
        )


def _no_unit_has_it(ask: Ask) -> None:
    """In conference a unit may still have it: then the return visit decides, not the unit (cases/verbs.withdraw)."""
    if ask.file.live:
        raise conflict(
            "with_a_unit",
            "已有单位在办，不能撤回，回访时可以说明。",
            "A unit has it already; tell us at the call-back.",
        )


def _decision_said(ask: Ask) -> None:
    if not _said(ask, "decision"):
        raise invalid({"decision": Say("请写下会商决定。", "Write down the decision.")}, "text_missing")


def _decision_units(ask: Ask) -> None:
    """One lead, co-handlers beside it, none named twice; a lead that is kept is the one that has the case."""
    event, lead = ask.event, ask.file.lead
    if event.unit in event.co_units or len(set(event.co_units)) != len(event.co_units):
        raise invalid(
            {"co_units": Say("主办单位不能同时协办，协办单位不能重复。", "No unit twice: the lead is no co-handler.")}
        )
    if event.keeps is not None and (lead is None or lead.id != event.keeps or lead.unit != event.unit):
        raise conflict(
            "changed_meanwhile", "主办单位已变，请刷新后再定。", "The lead has changed; refresh before deciding."
        )


RULES: dict[str, Callable[[Ask], None]] = {
    "conference_cause": _conference_cause,
    "lead_not_done": _lead_not_done,
    "lead_waits": _lead_waits,
    "conference_decides": _conference_decides,
    "decision_stands": _decision_stands,
    "no_unit_has_it": _no_unit_has_it,
    "decision_said": _decision_said,
    "decision_units": _decision_units,
    **demands_site.RULES,
}
