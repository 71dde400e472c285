"""What a pause demands: one request for more information, suspension with a plan, resuming."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from cases import pauses, states
from cases.ask import Ask
from cases.rows import RequestRow
from hotline import city, clock
from hotline.errors import Say, conflict, invalid
from hotline.permissions import may

LONGEST = 60
"""Characters of one item that is asked for."""
_DOORS = frozenset({"wechat", "email"})


def items(text: str) -> list[str]:
    """The items of a list as it was typed: a line each, without its number or dash."""
    lines = (line.strip().lstrip("0123456789.、)）-•· ").strip() for line in text.splitlines())
    return [line for line in lines if line]


def is_reachable(request: RequestRow) -> bool:
    """Whether a question finds this requester: by a message, a call, or on the page they follow it by."""
    has_door = request.phone is not None or bool({request.reply_by, request.second_by} & _DOORS)
    return has_door or (request.reply_by == "web" and not request.is_anonymous)


def _nobody_awaited(ask: Ask) -> None:
    if ask.file.case.paused == pauses.NEEDS_INFO:
        at = clock.local(ask.file.case.paused_until or ask.now)
        raise conflict(
            "info_awaited",
            f"正在等诉求人补充（{at:%m-%d %H:%M} 前）。请等补充，或先点“不再等补充”。",
            f"The requester was asked for more, until {at:%d %b %H:%M}. Wait, or first stop waiting for it.",
        )


def _not_standing(ask: Ask) -> None:
    if ask.file.case.paused == pauses.SUSPENDED:
        raise conflict(
            "suspended",
            "正在挂账，时限已经停着；要材料请先恢复办理。",
            "It is suspended and its clocks stand; resume it first.",
        )


def _info_once(ask: Ask) -> None:
    if ask.file.case.info_asked_at is not None:
        raise conflict(
            "info_once",
            "补正须一次性告知：这件已经要过一次材料，不能再要。还缺的请打电话问，或按现有情况办理。",
            "What is missing is asked for once, all of it; this case has had its request. Call them, or go on with "
            "what there is.",
        )


def _info_by(ask: Ask) -> None:
    """Before a unit has it the centre asks, then the lead, which has it in hand."""
    share = ask.file.assignments.get(ask.event.assignment)
    if ask.file.case.state not in states.WORKING:
        if share is not None or ask.file.live:
            raise states.impossible(ask.event.kind, states.CASE_STATES[ask.file.case.state])
        return
    if share is None or share.role != "lead":
        raise conflict(
            "not_lead",
            "只有主办单位可以向诉求人要材料，请告诉主办单位还缺什么。",
            "Only the lead asks the requester; tell the lead what you lack.",
        )
    if share.state not in ("signed", "in_progress"):
        raise states.impossible(ask.event.kind, states.ASSIGNMENT_STATES[share.state])


def _info_openly(ask: Ask) -> None:
    if ask.file.case.is_sealed:
        raise conflict(
            "sealed",
            "举报、保密件不发补正短信，免得别人看见。请经热线转接电话直接问，按现有情况办理。",
            "Nothing is asked by message in a report or a confidential case: others may see it. Call through the "
            "hotline, or go on with what there is.",
        )
    _not_critical(ask)


def _not_critical(ask: Ask) -> None:
    if ask.file.case.urgency == "critical":
        raise conflict(
            "critical",
            "特急件的时限不能暂停，请马上打电话核实并处置。",
            "The clocks of a critical case never stand: call at once and act.",
        )


def _info_reaches(ask: Ask) -> None:
    if not is_reachable(ask.file.requests[ask.event.request]):
        raise conflict(
            "unreachable",
            "诉求人没有留联系方式，问不到。请按现有情况办理，并在结果里写明缺什么。",
            "They left no way to be reached. Go on with what there is, and say in the result what was missing.",
        )


def _info_listed(ask: Ask) -> None:
    found, most = items(ask.texts["list"].value), int(city.current().rule("info.most"))
    if not found or len(found) > most or any(not 2 <= len(one) <= LONGEST for one in found):
        raise invalid({
            "list": Say(
                f"一行一项，最多 {most} 项，每项 2 至 {LONGEST} 个字。",
                f"An item a line: at most {most}, each of 2 to {LONGEST} characters.",
            )
        })  # fmt: skip


def _info_awaited(ask: Ask) -> None:
    request = ask.file.requests.get(ask.event.request)
    if request is None or request.info_until is None:
        raise conflict("not_awaited", "没有在等诉求人补充。", "Nobody is waited for.")


def _drop_reason(ask: Ask) -> None:
    reason = ask.texts.get("reason")
    if ask.event.how == "dropped" and (reason is None or not reason.value.strip()):
        raise invalid({"reason": states.TEXTS["reason"]}, "text_missing")


def _info_overdue(ask: Ask) -> None:
    until = ask.file.requests[ask.event.request].info_until
    if until is None or until > ask.now:
        raise conflict("info_early", "补充的时限还没到。", "The time to answer is not over yet.")


def _info_not_awaited(ask: Ask) -> None:
    if ask.file.case.paused == pauses.NEEDS_INFO:
        raise conflict(
            "info_awaited",
            "正在等诉求人补充，时限已经停着；补充到了或不再等了，再谈挂账。",
            "The requester is waited for and the clocks stand; suspend it once that is over.",
        )


def _suspension_not_asked(ask: Ask) -> None:
    if ask.file.assignments[ask.event.assignment].suspension_asked_at is not None:
        raise conflict("suspension_asked", "已经申请挂账，等市级批复。", "It was asked already; the city decides.")


def _suspension_limit(ask: Ask) -> None:
    most = int(city.current().rule("suspension.most"))
    if ask.file.case.suspensions >= most:
        raise conflict(
            "suspension_limit",
            f"这件已经批准挂账 {most} 次，不能再延长。请恢复办理，如实办结。",
            f"It was suspended {most} times and cannot be again. Resume it and close it as it is.",
        )


def _review_ahead(ask: Ask) -> None:
    most, review = int(city.current().rule("suspension.review_most")), ask.event.review
    last = ask.file.case.review_at
    is_later = last is None or review > last
    if not (ask.now < review <= ask.now + timedelta(days=most + 1) and is_later):
        after = f"，且晚于原定的 {clock.local(last):%m-%d}" if last is not None else ""
        than = f", and after {clock.local(last):%d %b}" if last is not None else ""
        raise invalid({
            "review": Say(
                f"复核日期要在明天到 {most} 天以内{after}。",
                f"The review date: from tomorrow to {most} days ahead{than}.",
            )
        })  # fmt: skip


def _suspension_asked(ask: Ask) -> None:
    if ask.file.assignments[ask.event.assignment].suspension_asked_at is None:
        raise conflict(
            "not_asked",
            "没有待批的挂账申请。挂账须由主办单位写明理由、计划和复核日期申请，市级批准后时限才停。",
            "No suspension was asked. The lead asks with its ground, plan and review date; the clocks stand from the "
            "city's approval, not before.",
        )


def _city_decides(ask: Ask) -> None:
    share = ask.file.assignments[ask.event.assignment]
    units = {one.unit for one in ask.file.live}
    is_hand = not ask.actor.persons.isdisjoint(share.hands)
    if not may(ask.actor, "suspension.decide") or ask.actor.unit in units or is_hand:
        raise conflict(
            "city_decides",
            "挂账由市协调办公室批复，承办单位不能自己批。",
            "The city's coordination office decides, never whoever handles the case.",
        )


def _stands_suspended(ask: Ask) -> None:
    case = ask.file.case
    if case.paused != pauses.SUSPENDED or case.paused_share != ask.event.assignment:
        raise conflict("not_suspended", "这件没有挂账。", "It is not suspended.")


RULES: dict[str, Callable[[Ask], None]] = {
    "nobody_awaited": _nobody_awaited,
    "not_standing": _not_standing,
    "info_once": _info_once,
    "info_by": _info_by,
    "info_openly": _info_openly,
    "info_reaches": _info_reaches,
    "info_listed": _info_listed,
    "info_awaited": _info_awaited,
    "drop_reason": _drop_reason,
    "info_overdue": _info_overdue,
    "info_not_awaited": _info_not_awaited,
    "not_critical": _not_critical,
    "suspension_not_asked": _suspension_not_asked,
    "suspension_limit": _suspension_limit,
    "review_ahead": _review_ahead,
    "suspension_asked": _suspension_asked,
    "city_decides": _city_decides,
    "stands_suspended": _stands_suspended,
}
