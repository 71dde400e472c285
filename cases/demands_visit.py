"""What a return visit beyond its first answers demands: sampling, unreached, rework demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask
from cases.hands import may_visit
from cases.rows import RequestRow
from cases.states_visit import CAUSES, FOLLOWED, GONE, OWN_FAULT, REOPEN_CAUSES
from cases.visit_hours import DAY_PARTS
from hotline import clock
from hotline.errors import Refusal, Say, conflict, invalid
from hotline.permissions import may


def _known_part(ask: Ask) -> None:
    if ask.event.part and ask.event.part not in DAY_PARTS:
        raise invalid({"part": Say("请选上午、下午或晚上。", "Choose morning, afternoon or evening.")})


def _asked_by_message(ask: Ask) -> None:
    until = ask.file.requests[ask.event.request].asked_until
    if until is None or ask.now > until:
        raise conflict("not_rateable", "现在不能评价：评价的期限已过。", "The time to rate this is over.")


def _known_cause(ask: Ask) -> None:
    if ask.event.cause not in CAUSES:
        raise invalid({"cause": Say("请选不满意的原因。", "Choose why they are dissatisfied.")})


def _cause_overruled_above(ask: Ask) -> None:
    """What a caller recorded as the unit's own fault is taken back by somebody above, with a reason on record."""
    was = ask.file.requests[ask.event.request].cause
    if was in OWN_FAULT and not may(ask.actor, "case.reopen"):
        raise conflict(
            "cause_stands",
            "原因已记为单位自身，改判须由审核员或协调办公室来做。",
            "It is recorded as the unit's own fault; an auditor or the coordination office may decide otherwise.",
        )


def needs_cause(request: RequestRow) -> bool:
    """Whether somebody who was visited is dissatisfied and nobody has said yet why."""
    is_unhappy = request.final_grade == "dissatisfied" and request.visit_channel is not None
    return request.state == "visited" and is_unhappy and request.cause is None


def _dissatisfaction_weighed(ask: Ask) -> None:
    """Nobody closes over a dissatisfied requester before it is known why; the unit's own fault goes back."""
    unknown = [one.receipt_no for one in ask.file.requests.values() if needs_cause(one)]
    if unknown:
        raise conflict(
            "cause_unknown",
            f"诉求人不满意（{'、'.join(unknown)}），请先核实原因。",
            f"The requester is dissatisfied ({', '.join(unknown)}); find out why first.",
        )
    own = [one for one in ask.file.requests.values() if one.state == "visited" and one.cause in OWN_FAULT]
    if own:
        names = "、".join(OWN_FAULT[one.cause or ""].zh for one in own)
        english = ", ".join(OWN_FAULT[one.cause or ""].en.lower() for one in own)
        raise conflict(
            "own_fault",
            f"不满意的原因在单位（{names}），请退回重办。",
            f"They are dissatisfied through the unit's own doing ({english}); send it back for rework.",
        )


def _window_over(ask: Ask) -> None:
    """Whoever was not reached has their days to answer the message; then they count as not reached."""
    open_until = [r.asked_until for r in ask.file.requests.values() if r.state == "exempt" and r.asked_until]
    if open_until and max(open_until) > ask.now:
        at = clock.local(max(open_until))
        raise conflict(
            "rating_open",
            f"短信、微信评价开到 {at:%m-%d %H:%M}，到期没评才能按联系不上结案。",
            f"The rating by message is open until {at:%m-%d %H:%M}; only then is it closed as unreachable.",
        )


def _sampled_by_auditor(ask: Ask) -> None:
    """What a sampling policy leaves unvisited is closed by an auditor under that recorded policy (rules.md 2)."""
    if any(one.exempt_by == "sample" for one in ask.file.requests.values()) and "auditor" not in ask.actor.roles:
        raise conflict(
            "sampled", "按抽样免访的件由审核员结案。", "What was not drawn for a visit is closed by an auditor."
        )


def _followed_whole(ask: Ask) -> None:
    wrong: dict[str, Say] = {}
    if ask.event.outcome not in FOLLOWED:
        wrong["outcome"] = Say("请选结果。", "Choose what came of it.")
    if ask.event.outcome != "unreached" and ask.event.cause not in CAUSES:
        wrong["cause"] = Say("请选不满意的原因。", "Choose why they are dissatisfied.")
    told = ask.texts.get("answer")
    if ask.event.outcome == "answered" and (told is None or not told.value.strip()):
        wrong["answer"] = Say("请写明怎么向诉求人解释的。", "Write what the requester was told.")
    if wrong:
        raise invalid(wrong)


def _reopen_cause(ask: Ask) -> None:
    if ask.event.cause not in REOPEN_CAUSES:
        raise invalid({"cause": Say("请选为什么重启。", "Choose why it is reopened.")})


def _ended_by_closing(ask: Ask) -> None:
    """Only a unit that had the case when it was closed gets it back, for a request whose words still stand."""
    share, request = ask.file.assignments[ask.event.assignment], ask.file.requests.get(ask.event.request)
    if share.role == "below" or share.ended_at != ask.file.case.closed_at:
        raise conflict(
            "not_at_fault", "结案时这个单位已不在办这件事。", "This unit did not have the case when it was closed."
        )
    if request is None or request.state == "erased":
        raise conflict(
            "erased", "这件事的个人信息已按规定删除，不能重启。", "Its personal data is erased; it cannot be reopened."
        )
    if request.state == "withdrawn" and ask.file.case.close_reason != "withdrawn":
        raise _withdrawn()


def _withdrawn() -> Refusal:
    return conflict("withdrawn", "这位诉求人已撤回，不能再为其重办。", "They withdrew; nothing is reworked for them.")


def _request_stands(ask: Ask) -> None:
    """Work is done again for somebody who still asks for it."""
    request = ask.file.requests.get(ask.event.request)
    if request is None or request.state in GONE:
        raise _withdrawn()


def _reopener_may(ask: Ask) -> None:
    if not may(ask.actor, "case.reopen"):
        raise conflict(
            "reopen_role",
            "重启须由审核员、督办员或协调办公室来做。",
            "Reopening is for auditors, supervisors or the coordination office.",
        )
    _follower_is_separate(ask)


def _follower_is_separate(ask: Ask) -> None:
    if not may_visit(ask.file, ask.actor):
        raise conflict(
            "not_separate",
            "受理人、承办人不能处理自己件的评价，请换人。",
            "Whoever accepted or handled it has no say in its rating; let somebody else do it.",
        )


RULES: dict[str, Callable[[Ask], None]] = {
    "known_part": _known_part,
    "asked_by_message": _asked_by_message,
    "known_cause": _known_cause,
    "cause_overruled_above": _cause_overruled_above,
    "dissatisfaction_weighed": _dissatisfaction_weighed,
    "window_over": _window_over,
    "sampled_by_auditor": _sampled_by_auditor,
    "followed_whole": _followed_whole,
    "follower_is_separate": _follower_is_separate,
    "request_stands": _request_stands,
    "reopen_cause": _reopen_cause,
    "ended_by_closing": _ended_by_closing,
    "reopener_may": _reopener_may,
}
