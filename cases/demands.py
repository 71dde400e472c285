"""What a move demands beyond its state: one small check a rule, each refusal saying what is missing and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from cases import (
    demands_audit,
    demands_care,
    demands_conference,
    demands_desk,
    demands_extend,
    demands_hands,
    demands_knowledge,
    demands_ladder,
    demands_merge,
    demands_notice,
    demands_outage,
    demands_pause,
    demands_rating,
    demands_route,
    demands_theme,
    demands_visit,
    states,
)
from cases.ask import Ask
from cases.events import Event
from cases.hands import is_separate, may_visit
from cases.move import Move
from cases.moves import MOVES
from cases.states_visit import GONE
from cases.summary import TELLS, tells_requester
from hotline import city, clock
from hotline.errors import Refusal, Say, conflict, invalid


def check(ask: Ask) -> None:
    """Raise the refusal of an impossible or incomplete move; return when it may be done.

    409 for a state or a rule that stands in the way, 422 for a missing text or field (design.md 5, rules.md 1 to 3).
    """
    event: Event = ask.event
    move = MOVES[event.kind]
    if ask.file.is_blank:
        if event.kind != "registered":
            raise states.impossible(event.kind, Say("还没有登记", "not registered"))
    elif ask.file.case.state not in move.case_from:
        raise states.impossible(event.kind, states.CASE_STATES[ask.file.case.state])
    if not ask.file.is_blank:
        demands_care.not_in_own_cause(ask)
    _check_part(ask, move)
    missing = {name: states.TEXTS[name] for name in move.demands if not _has(ask, name)}
    if missing:
        raise invalid(missing, "text_missing")
    for rule in move.rules:
        RULES[rule](ask)


def _check_part(ask: Ask, move: Move) -> None:
    if move.part is None:
        return
    identifier = getattr(ask.event, move.part)
    if move.part == "assignment":
        assignment = ask.file.assignments.get(identifier)
        if assignment is None or assignment.state not in move.part_from:
            known = assignment.state if assignment is not None else "ended"
            raise states.impossible(ask.event.kind, states.ASSIGNMENT_STATES[known])
        return
    request = ask.file.requests.get(identifier)
    if request is None or request.state not in move.part_from:
        known = request.state if request is not None else "erased"
        raise states.impossible(ask.event.kind, states.REQUEST_STATES[known])


def _has(ask: Ask, name: str) -> bool:
    text = ask.texts.get(name)
    return text is not None and bool(text.value.strip())


def _matter_known(ask: Ask) -> None:
    if city.current().matter(ask.event.matter, clock.local_day(ask.now)) is None:
        raise invalid({"matter": Say("请选一个事项。", "Choose a matter.")})


def _place_or_reason(ask: Ask) -> None:
    if ask.event.county == "city" and not ask.event.no_place and not ask.event.township:
        raise invalid(
            {"place": Say("还没写在哪里，请选区县，或写明为何不详。", "Choose a district, or say why it is unknown.")}
        )


def _summary_if_sealed(ask: Ask) -> None:
    if ask.file.case.is_sealed and not _has(ask, "summary"):
        raise invalid({"summary": states.TEXTS["summary"]}, "text_missing")
    if ask.file.case.is_sealed and tells_requester(ask.file, ask.texts["summary"].value):
        raise invalid({"summary": TELLS})


def _decline_reason(ask: Ask) -> None:
    if ask.event.reason not in states.DECLINE_REASONS:
        raise invalid({"reason": Say("请选不予受理的理由。", "Choose the reason for declining.")})


def _transfer_target(ask: Ask) -> None:
    if not ask.event.target.strip():
        raise invalid({"target": Say("请写明转到哪里。", "Say where it is transferred to.")})


def _unit_on(ask: Ask) -> None:
    unit = city.current().unit(ask.event.unit, clock.local_day(ask.now))
    if unit is None or not unit.is_on:
        raise invalid(
            {"unit": Say("这个单位现在不能接单，请另选。", "This unit takes no cases now; choose another.")}, "unit_off"
        )


def _unit_not_on_case(ask: Ask) -> None:
    if ask.file.assignment_of(ask.event.unit) is not None:
        raise conflict("already_there", "这个单位已经在办这件事。", "This unit is already on the case.")


def _return_ground(ask: Ask) -> None:
    if ask.event.ground not in states.RETURN_GROUNDS:
        raise invalid({"ground": Say("请选退回的理由。", "Choose the ground for returning.")})


def _return_limit(ask: Ask) -> None:
    assignment = ask.file.assignments[ask.event.assignment]
    if assignment.is_binding:
        raise conflict(
            "binding", "会商决定有约束力，不能再退。", "A conference decision is binding and cannot be returned."
        )
    own = [one for one in ask.file.assignments.values() if one.unit == assignment.unit and one.role != "below"]
    decided = sum(one.return_refusals + (one.returned_at is not None) for one in own)
    if decided >= int(city.current().rule("return.per_unit")):
        raise conflict(
            "return_limit",
            "本单位的退回次数已到上限，可提异议，由中心裁定或会商。",
            "Your unit has returned it as often as one may; object, and the centre or a conference decides.",
        )
    if ask.file.case.return_count >= int(city.current().rule("return.per_case")):
        raise conflict(
            "return_limit", "退回次数已到上限，可申请会商。", "The limit of returns is reached; ask for a conference."
        )


def _result_of_kind(ask: Ask) -> None:
    kind = ask.file.case.kind
    if ask.event.result not in states.results_for(kind):
        raise invalid({"result": Say("请选办理结果。", "Choose the result.")})
    if ask.event.result == "suggestion_not_adopted" and not _has(ask, "reason"):
        raise invalid(
            {"reason": Say("建议未采纳，须写明理由。", "A suggestion that is not adopted needs its reason.")},
            "text_missing",
        )


def _co_handlers_done(ask: Ask) -> None:
    """The lead's result cannot precede an open co-handler's (seed 000-12)."""
    assignment = ask.file.assignments[ask.event.assignment]
    waiting = [a for a in ask.file.at_units if a.role == "co"]
    if assignment.role == "lead" and waiting:
        names = [one.name_zh if (one := city.current().unit(a.unit)) else a.unit for a in waiting]
        raise conflict(
            "co_handler_open",
            f"协办单位还没办完：{'、'.join(names)}。",
            f"Co-handlers are still working: {', '.join(names)}.",
        )


def _all_handled(ask: Ask) -> None:
    if ask.file.lead is None or ask.file.lead.state != "handled" or ask.file.at_units:
        raise conflict("not_handled", "还有单位没提交办结，不能通过。", "A unit has not submitted its result yet.")


def _is_separate(ask: Ask) -> bool:
    return is_separate(ask.file, ask.actor)


def _auditor_is_separate(ask: Ask) -> None:
    if not _is_separate(ask):
        raise conflict("not_separate", "承办的人不能审核自己的结果。", "Whoever handled it cannot audit it.")


def _visitor_is_separate(ask: Ask) -> None:
    if ask.actor.kind == "system":
        return
    if not _is_separate(ask) or ask.file.case.accepted_by in ask.actor.persons:
        raise conflict(
            "not_separate",
            "受理人、承办人不能回访自己的件，请换人。",
            "Whoever accepted or handled it cannot call back; let somebody else do it.",
        )


def _every_request_settled(ask: Ask) -> None:
    waiting = [r.receipt_no for r in ask.file.unsettled]
    if waiting:
        raise conflict(
            "not_visited",
            f"不能结案：须先回访 {'、'.join(waiting)}。",
            f"It cannot be closed: first call back {', '.join(waiting)}.",
        )


def _unsolved_goes_back(ask: Ask) -> None:
    """What the unit calls resolved and the requester does not is no result: it goes back (rules.md 1)."""
    unsolved = [r.receipt_no for r in ask.file.requests.values() if r.is_solved is False]
    lead = ask.file.lead
    if unsolved and lead is not None and lead.result == "resolved" and ask.event.reason == "resolved":
        raise conflict(
            "unsolved",
            f"诉求人说没有解决（{'、'.join(unsolved)}），请退回重办。",
            f"The requester says it is not solved ({', '.join(unsolved)}); send it back.",
        )


def _closer_is_separate(ask: Ask) -> None:
    roles = {"callback", "auditor", "coordination"}
    if not (roles & ask.actor.roles):
        raise conflict(
            "closer_role",
            "结案须由回访员、审核员或协调办公室来做。",
            "Closing is for callback agents, auditors or the coordination office.",
        )
    if not _is_separate(ask) or ask.file.case.accepted_by in ask.actor.persons:
        raise conflict(
            "not_separate", "受理人、承办人不能结案（受办分离）。", "Whoever accepted or handled it cannot close it."
        )


def _rated_once(ask: Ask) -> None:
    request = ask.file.requests.get(ask.event.request)
    if request is None or request.rated_at is not None:
        raise conflict("rated", "这件事已经评价过了，谢谢您。", "This has been rated already. Thank you.")
    if request.state in GONE:
        raise conflict("not_rateable", "这件事不能评价。", "This cannot be rated.")


def _known_grade(ask: Ask) -> None:
    if ask.event.grade not in states.GRADES:
        raise invalid({"grade": Say("请选一个评价：满意、基本满意、一般、不满意。", "Choose one of the four grades.")})


def _not_urged_today(ask: Ask) -> None:
    request = ask.file.requests[ask.event.request]
    if request.urged_at is not None and ask.now - request.urged_at < timedelta(
        hours=float(city.current().rule("urge.hours"))
    ):
        raise conflict("urged", "已经催过了，办理的人已收到。", "It has been urged already; they know.")


def _may_be_published(ask: Ask) -> None:
    case = ask.file.case
    if case.kind == "report" or case.is_minor or case.is_investigation or case.is_confidential:
        raise conflict(
            "not_publishable",
            "举报、保密、涉未成年人或正在调查的事项不能公示。",
            "Reports, confidential matters, minors and matters under investigation cannot be published.",
        )


RULES: dict[str, Callable[[Ask], None]] = {
    "matter_known": _matter_known,
    "place_or_reason": _place_or_reason,
    "summary_if_sealed": _summary_if_sealed,
    "decline_reason": _decline_reason,
    "transfer_target": _transfer_target,
    "unit_on": _unit_on,
    "unit_not_on_case": _unit_not_on_case,
    "return_ground": _return_ground,
    "return_limit": _return_limit,
    "result_of_kind": _result_of_kind,
    "co_handlers_done": _co_handlers_done,
    "all_handled": _all_handled,
    "auditor_is_separate": _auditor_is_separate,
    "visitor_is_separate": _visitor_is_separate,
    "every_request_settled": _every_request_settled,
    "unsolved_goes_back": _unsolved_goes_back,
    "closer_is_separate": _closer_is_separate,
    "rated_once": _rated_once,
    "known_grade": _known_grade,
    "not_urged_today": _not_urged_today,
    "may_be_published": _may_be_published,
    **demands_care.RULES,
    **demands_hands.RULES,
    **demands_conference.RULES,
    **demands_merge.RULES,
    **demands_route.RULES,
    **demands_pause.RULES,
    **demands_extend.RULES,
    **demands_ladder.RULES,
    **demands_visit.RULES,
    **demands_audit.RULES,
    **demands_rating.RULES,
    **demands_notice.RULES,
    **demands_theme.RULES,
    **demands_desk.RULES,
    **demands_knowledge.RULES,
    **demands_outage.RULES,
}

__all__ = ["Ask", "Refusal", "check", "is_separate", "may_visit"]
