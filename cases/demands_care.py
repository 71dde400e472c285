"""What the moves of what is not routed plainly: risk, verify-then-handle, discipline, enterprise levels demand."""

from __future__ import annotations

from collections.abc import Callable

from cases import levels, risk, scope, states
from cases.ask import Ask
from cases.file import CaseFile
from cases.summary import TELLS, tells_requester
from hotline import city, clock
from hotline.errors import Say, conflict, invalid

FINDINGS: dict[str, Say] = {
    "true": Say("属实", "So it is"),
    "partly": Say("部分属实", "Partly so"),
    "false": Say("不属实", "Not so"),
}
EMERGENCIES = ("110", "119", "120", "122")
NEEDS_SUMMARY = Say(
    "这个单位看不到原话，请先用“写转述”写一段它能看的话。",
    "This unit does not see the words: first write the summary that it will see (“Write the summary”).",
)
OWN_CAUSE = Say(
    "这件事投诉的是您这边的单位，由市中心受理、派单和办结。",
    "This complains about a unit of your own house: the city centre decides on it.",
)


def verifies_first(file: CaseFile) -> bool:
    """Whether the case's matter is verified before it is handled: the branch of government services (seed 003-02)."""
    branches = str(city.current().rule("verify.matters")).split("|")
    return bool(file.case.matter) and any(one and (file.case.matter or "").startswith(one) for one in branches)


def _no_self_handling(ask: Ask) -> None:
    """The house complained about is never the sole handler: not as lead, nor handed down to, nor co without another.

    Asked of every event that gives a share to ``unit``, whatever decided it (seed 004-09; domain.md 2.8).
    """
    file, about = ask.file, ask.file.case.about_units
    if not scope.is_of_house(ask.event.unit, about):
        return
    own = file.assignments.get(getattr(ask.event, "parent", None) or ask.event.assignment)
    is_beside = ask.event.kind == "co_handler_added" or (own is not None and own.role == "co")
    if is_beside and file.lead is not None and not scope.is_of_house(file.lead.unit, about):
        return
    raise conflict(
        "self_handling",
        "不能派给被投诉的单位（含下属）自己办，请派给它的上级或监督单位。",
        "Neither the unit complained about nor one below it may handle this alone; choose its superior or an oversight"
        " body.",
    )


CENTRES = frozenset({
    "accepted", "declined", "transferred", "answered", "dispatched", "recalled", "return_approved", "return_refused",
    "objection_decided", "co_ask_refused", "co_handler_released", "matter_corrected", "corrected", "about_named",
    "summarised", "merged", "parted", "split_off", "sent_back", "approved", "visited", "visit_missed", "reworked",
    "closed", "withdrawn", "risk_seen", "flag_cleared", "reopened",
})  # fmt: skip
"""What only the centre does to a case; a county's own centre is one too."""
_AT_FIRST = frozenset({"accepted", "declined", "transferred", "answered"})


def not_in_own_cause(ask: Ask) -> None:
    """Nobody of the house complained about decides on the complaint (seed 004-09); the city's own centre must.

    Whoever logged it ends their call as usual, and rules and catalogue decide as they do for everybody.
    """
    if ask.event.kind not in CENTRES or scope.scope_of(ask.actor).city:
        return
    if not scope.is_of_house(ask.actor.unit, ask.file.case.about_units):
        return
    if ask.event.kind == "dispatched" and ask.event.basis != "person":
        return
    if ask.event.kind in _AT_FIRST and ask.file.first_request.filed_by == ask.actor.id:
        return
    raise conflict("own_cause", OWN_CAUSE.zh, OWN_CAUSE.en)


def _summary_for_blind(ask: Ask) -> None:
    """A unit that may not read the words gets something to work on, and nothing that tells who spoke."""
    unit = city.current().unit(ask.event.unit, clock.local_day(ask.now))
    case = ask.file.case
    blind = unit is not None and (unit.tier >= scope.THIRD_LEVEL or scope.is_of_house(unit.code, case.about_units))
    if not (blind or case.is_sealed):
        return
    written = bool(case.summary) or bool(ask.texts.get("summary"))
    if not written and ask.event.kind != "handed_down":  # whoever hands down says in the reason what is to be done
        raise invalid({"unit": NEEDS_SUMMARY}, "summary_missing")
    for name, text in ask.texts.items():
        if text.value and tells_requester(ask.file, text.value):
            raise invalid({name: TELLS})


def _summary_tells_nobody(ask: Ask) -> None:
    if tells_requester(ask.file, ask.texts["summary"].value):
        raise invalid({"summary": TELLS})


def _about_known(ask: Ask) -> None:
    if city.current().unit(ask.event.unit) is None:
        raise invalid({"unit": Say("请从列表里选被投诉的单位。", "Choose the unit complained about from the list.")})
    if ask.event.request not in ask.file.requests:
        raise invalid({"request": Say("请选一个诉求。", "Choose a request.")})


def _about_not_leading(ask: Ask) -> None:
    lead = ask.file.lead
    if lead is not None and scope.is_of_house(lead.unit, (ask.event.unit,)):
        raise conflict(
            "about_leads",
            "这件事正由被投诉的单位主办，请先改派，再记被投诉单位。",
            "The unit complained about leads this case: re-dispatch it first, then write it down.",
        )


def _risk_known(ask: Ask) -> None:
    if not ask.event.kinds or not set(ask.event.kinds) <= set(risk.KINDS):
        raise invalid({"kinds": Say("请选是哪一种风险。", "Choose the kind of risk.")})
    if ask.event.source == "person" and not _given(ask, "reason"):
        raise invalid({"reason": states.TEXTS["reason"]}, "text_missing")


def _given(ask: Ask, name: str) -> bool:
    text = ask.texts.get(name)
    return text is not None and bool(text.value.strip())


def _risk_open(ask: Ask) -> None:
    if not ask.file.case.risk:
        raise conflict("not_flagged", "这件事没有敏感标记。", "This case carries no risk flag.")


def _risk_unseen(ask: Ask) -> None:
    if ask.file.case.risk_seen_at is not None:
        raise conflict("risk_seen", "已有人记过“已知晓”。", "Somebody has taken note of it already.")


def _emergency_number(ask: Ask) -> None:
    if ask.event.number not in EMERGENCIES:
        raise invalid({"number": Say("请选 110、119、120 或 122。", "Choose 110, 119, 120 or 122.")})


def _finding_known(ask: Ask) -> None:
    if ask.event.finding not in FINDINGS:
        raise invalid({"finding": Say("请选属实、部分属实或不属实。", "Choose whether it is so, partly so or not so.")})


def _verifies_first(ask: Ask) -> None:
    if not verifies_first(ask.file):
        raise conflict("no_verifying", "这个事项不用先核实。", "This matter needs no verifying first.")


def _verified_first(ask: Ask) -> None:
    assignment = ask.file.assignments[ask.event.assignment]
    if assignment.role == "lead" and assignment.verified_at is None and verifies_first(ask.file):
        raise conflict(
            "not_verified",
            "政务服务事项要先核实：请先“记录核实”，再提交办结。",
            "Government-service matters are verified first: record what was found, then submit the result.",
        )


def _climbs(ask: Ask) -> None:
    case, event = ask.file.case, ask.event
    if event.cause == "handover" and event.level == case.level:
        return
    if not case.is_enterprise:
        raise conflict("not_enterprise", "只有企业诉求逐级协调。", "Only enterprises' requests climb the levels.")
    if event.level not in levels.LEVELS or (
        case.level and levels.ORDER.index(event.level) <= levels.ORDER.index(case.level)
    ):
        raise conflict(
            "top_level", "已经在市领导这一级，上面没有了。", "It is at the city's level: there is none above."
        )


def _instruction_fits(ask: Ask) -> None:
    most = int(city.current().rule("supervision.instruction_characters"))
    is_of_level = bool(ask.event.level) or ask.event.instruction is None
    if is_of_level and (ask.event.level != ask.file.case.level or not ask.file.case.level):
        raise conflict("other_level", "这件事现在不在您这一级。", "This case is not at your level now.")
    if len(ask.texts["instruction"].value) > most:
        raise invalid({"instruction": Say(f"批示最多 {most} 字。", f"An instruction has at most {most} characters.")})


RULES: dict[str, Callable[[Ask], None]] = {
    "no_self_handling": _no_self_handling,
    "summary_for_blind": _summary_for_blind,
    "summary_tells_nobody": _summary_tells_nobody,
    "about_known": _about_known,
    "about_not_leading": _about_not_leading,
    "risk_known": _risk_known,
    "risk_open": _risk_open,
    "risk_unseen": _risk_unseen,
    "emergency_number": _emergency_number,
    "finding_known": _finding_known,
    "verifies_first": _verifies_first,
    "verified_first": _verified_first,
    "climbs": _climbs,
    "instruction_fits": _instruction_fits,
}
