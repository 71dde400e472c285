"""What the moves of a unit's own answers: objection, handing down, reporting up, the head's approval demand."""

from __future__ import annotations

from collections.abc import Callable

from cases import shares
from cases.ask import Ask
from cases.rows import AssignmentRow
from cases.states import AT_UNIT, GONE
from hotline import city, clock
from hotline.errors import Say, conflict, invalid
from hotline.permissions import may


def _share(ask: Ask) -> AssignmentRow:
    found: AssignmentRow = ask.file.assignments[ask.event.assignment]
    return found


def _name(code: str) -> Say:
    unit = city.current().unit(code)
    return unit.name if unit else Say(code, code)


def _from_centre(ask: Ask) -> None:
    if _share(ask).role == "below":
        raise conflict(
            "from_above",
            "这一件是上级下派的，请上报或退回上级。",
            "It was handed down by the unit above: report up or hand it back.",
        )


def _is_below(ask: Ask) -> None:
    if _share(ask).role != "below":
        raise conflict(
            "not_below", "这一件是中心派的，不是下级的份。", "The centre dispatched it; it is no share of a lower unit."
        )


def _is_lead(ask: Ask) -> None:
    if _share(ask).role != "lead":
        raise conflict("not_lead", "只有主办单位可以提。", "Only the lead unit can ask.")


def _is_co(ask: Ask) -> None:
    if _share(ask).role != "co":
        raise conflict("not_co", "它不是协办单位，主办请用改派。", "It is no co-handler; a lead is re-dispatched.")


def _nothing_below(ask: Ask) -> None:
    _wait(ask, "下级还在办，请先收回下派：", "First take back what was handed down to: ")


def _shares_below_done(ask: Ask) -> None:
    """A result cannot go up before the shares below it have."""
    _wait(ask, "下级还没上报：", "Not yet reported up: ")


def _wait(ask: Ask, zh: str, en: str) -> None:
    waiting = [_name(one.unit) for one in shares.open_below(ask.file, ask.event.assignment)]
    if waiting:
        raise conflict(
            "below_open", f"{zh}{'、'.join(one.zh for one in waiting)}。", f"{en}{', '.join(o.en for o in waiting)}."
        )


def _objects_once(ask: Ask) -> None:
    share = _share(ask)
    if share.is_binding:
        raise conflict(
            "binding",
            "会商决定有约束力，不能再提异议。",
            "A conference decision is binding; there is no objecting to it.",
        )
    if any(one.objected_at is not None for one in ask.file.assignments.values() if one.unit == share.unit):
        raise conflict(
            "objected", "每个单位对一件只能提一次异议。", "A unit objects once to a case; this one has done so."
        )


def _objection_open(ask: Ask) -> None:
    if _share(ask).objection != "open":
        raise conflict("not_objected", "这个单位没有待裁定的异议。", "This unit has no objection to be decided.")


def _co_ask(ask: Ask) -> None:
    """To add: a unit that takes cases and is not on it; to release: a co-handler that still works on it."""
    if _share(ask).co_ask is not None:
        raise conflict("co_asked", "上一次申请还没答复。", "The last ask has not been answered yet.")
    there = ask.file.assignment_of(ask.event.unit)
    if ask.event.ask == "release":
        if there is None or there.role != "co" or there.state not in AT_UNIT:
            raise invalid({"unit": Say("请选在办的协办单位。", "Choose a co-handler that is working on it.")})
        return
    unit = city.current().unit(ask.event.unit, clock.local_day(ask.now))
    if unit is None or not unit.is_on:
        raise invalid({"unit": Say("请选一个能接单的单位。", "Choose a unit that takes cases.")})
    if there is not None:
        raise conflict("already_there", "这个单位已经在办这件事。", "This unit is already on the case.")


def _co_ask_open(ask: Ask) -> None:
    if _share(ask).co_ask is None:
        raise conflict("not_co_asked", "主办单位没有待答复的申请。", "The lead has asked for nothing that waits.")


def _one_below(ask: Ask) -> None:
    """下派 only along the tree: to a unit directly below, as the tree stands that day."""
    above = _share(ask)
    unit = city.current().unit(ask.event.unit, clock.local_day(ask.now))
    if unit is None or unit.parent != above.unit:
        name = _name(above.unit)
        raise invalid(
            {"unit": Say(f"只能下派给{name.zh}直接下辖的单位。", f"Hand it to a unit directly below {name.en}.")}
        )


def _wants_head(ask: Ask) -> bool:
    unit = city.current().unit(_share(ask).unit, clock.local_day(ask.now))
    return unit is not None and unit.needs_head


def _head_hands_down(ask: Ask) -> None:
    if _wants_head(ask) and not may(ask.actor, "case.approve"):
        raise conflict("head_first", "本单位由负责人下派。", "In this unit the head hands cases down.")


def _head_approves(ask: Ask) -> None:
    """The head's own results need nobody; in the head's name somebody else only approves what others submitted."""
    if not _wants_head(ask) or _share(ask).id in ask.file.approved:
        return
    if not may(ask.actor, "case.approve") or ask.actor.behalf is not None:
        raise conflict(
            "head_first", "本单位的答复须经负责人批准，请报请批准。", "The head approves first: submit it for approval."
        )


def _head_not_asked(ask: Ask) -> None:
    if _share(ask).head_asked_at is not None:
        raise conflict("head_asked", "已报请负责人批准，请等他决定。", "The head has it; wait for the decision.")


def _head_is_asked(ask: Ask) -> None:
    if _share(ask).head_asked_at is None:
        raise conflict("not_asked", "没有等您批准的结果。", "No result waits for your approval.")


def _is_head(ask: Ask) -> None:
    if not may(ask.actor, "case.approve") or _share(ask).unit not in ask.actor.units:
        raise conflict("not_head", "由本单位负责人批准。", "The head of the unit approves it.")


def _above_open(ask: Ask) -> None:
    parent = _share(ask).parent_assignment
    if parent is None or ask.file.assignments[parent].state not in AT_UNIT:
        raise conflict(
            "above_done", "上级已提交办结，不能再退回下级。", "The unit above has submitted; it cannot go down again."
        )


def _hands_back_twice(ask: Ask) -> None:
    """A lower unit that hands the same case back again and again is stopped as one that returns it."""
    share = _share(ask)
    back = [
        one for one in ask.file.assignments.values()
        if one.unit == share.unit and one.role == "below" and one.returned_at is not None
    ]  # fmt: skip
    if len(back) >= int(city.current().rule("return.per_unit")):
        raise conflict(
            "return_limit",
            "退回上级的次数已到上限，请办理后上报。",
            "It was handed back as often as allowed; report up.",
        )


def _no_ping_pong(ask: Ask) -> None:
    """A unit whose return was right does not get the case again, but by conference or on the coordination's word."""
    role = "lead" if ask.event.kind == "dispatched" else "co"
    returned = {
        one.unit for one in ask.file.assignments.values()
        if one.role == role and one.returned_at is not None and one.state in GONE
    }  # fmt: skip
    basis = getattr(ask.event, "basis", "")
    if ask.event.unit not in returned or basis == "conference" or basis.startswith("precedent"):
        return
    reason = ask.texts.get("reason")
    if may(ask.actor, "case.coordinate") and reason is not None and reason.value.strip():
        return
    name = _name(ask.event.unit)
    raise conflict(
        "ping_pong",
        f"{name.zh}已退回过这件事并获同意，不能再派回去。请另派、会商，或由协调办公室写明理由再派。",
        f"{name.en} returned this case and was right. Choose another, hold a conference, or let the coordination "
        "office dispatch it with its reason.",
    )


RULES: dict[str, Callable[[Ask], None]] = {
    "from_centre": _from_centre,
    "is_below": _is_below,
    "is_lead": _is_lead,
    "is_co": _is_co,
    "nothing_below": _nothing_below,
    "shares_below_done": _shares_below_done,
    "objects_once": _objects_once,
    "objection_open": _objection_open,
    "co_ask": _co_ask,
    "co_ask_open": _co_ask_open,
    "one_below": _one_below,
    "head_hands_down": _head_hands_down,
    "head_approves": _head_approves,
    "head_not_asked": _head_not_asked,
    "head_is_asked": _head_is_asked,
    "is_head": _is_head,
    "above_open": _above_open,
    "hands_back_twice": _hands_back_twice,
    "no_ping_pong": _no_ping_pong,
}
