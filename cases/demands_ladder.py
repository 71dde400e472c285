"""What the ladder demands: its steps in their order, no step twice, and a supervised case left to its office."""

from __future__ import annotations

from collections.abc import Callable

from cases import scope
from cases.ask import Ask
from cases.file import CaseFile
from cases.states import STEPS, SUPERVISED
from hotline.actor import Actor
from hotline.errors import Refusal, conflict
from hotline.permissions import may

HOLDS = "ladder.hold"


def steps_of(file: CaseFile, unit: str) -> set[int]:
    """The steps that stand on a unit over this case, in whichever of its shares (rules.md 7)."""
    return {step for a in file.assignments.values() if a.unit == unit for step in a.steps}


def order_in_force(file: CaseFile, unit: str = "") -> bool:
    """Whether a supervision order on the case (to ``unit``) was neither reviewed nor ended."""
    return any(a.orders_open for a in file.assignments.values() if unit in ("", a.unit))


def out_of_order(file: CaseFile, unit: str, level: int) -> Refusal | None:
    """The 409 of a step that stands already or is lower than one that does; None when it may be given (rules.md 7).

    An order that was ended makes room for another; one in force does not.
    """
    stand = steps_of(file, unit)
    top = max(stand, default=0)
    if level < top:
        return conflict(
            "lower_step",
            f"不能出{STEPS[level].zh}：这个单位这件事已有{STEPS[top].zh}，有了高的不再出低的（督办规则七）。",
            f"No {STEPS[level].en.lower()}: this unit has a higher step on this case ({STEPS[top].en}), and none lower"
            " follows a higher one (ladder rule 7).",
        )
    is_twice = order_in_force(file, unit) if level == SUPERVISED else level in stand
    if is_twice:
        return conflict(
            "ordered" if level == SUPERVISED else "step_twice",
            f"不能出{STEPS[level].zh}：这个单位这件事已有{STEPS[level].zh}，同一级不出第二次（督办规则七）。",
            f"No second {STEPS[level].en.lower()}: this unit has one on this case already, and no step is given twice"
            " (ladder rule 7).",
        )
    return None


def _step_in_order(ask: Ask) -> None:
    level = getattr(ask.event, "level", SUPERVISED)
    if level and (refusal := out_of_order(ask.file, ask.event.unit, level)):
        raise refusal


def _card_stands(ask: Ask) -> None:
    share = ask.file.assignments.get(ask.event.assignment)
    if share is None or ask.event.level not in share.steps:
        raise conflict("no_card", "这张牌已经取消了。", "This card has been cancelled already.")


def own_house(actor: Actor, unit: str) -> Refusal | None:
    """The 409 of a person who would judge what the own unit was given, or one above or below it; None for others."""
    own = actor.unit if actor.kind == "staff" else ""
    if own and (scope.is_of_house(unit, [own]) or scope.is_of_house(own, [unit])):
        return conflict(
            "own_house",
            "涉及本单位，由督办部门的其他人员来定。",
            "What concerns the own unit is for others to decide.",
        )
    return None


def _not_own_house(ask: Ask) -> None:
    """Nobody judges what the own unit was given; an order that ends because its case was closed is judged there."""
    share = ask.file.assignments.get(ask.event.assignment)
    if share is None or getattr(ask.event, "cause", "") == "case_closed":
        return
    if refusal := own_house(ask.actor, share.unit):
        raise refusal


def _office_closes(ask: Ask) -> None:
    """A case with an order in force is the supervision office's own (seed 004-45)."""
    if ask.actor.kind != "system" and order_in_force(ask.file) and not may(ask.actor, HOLDS):
        raise conflict(
            "supervised",
            "这件事有督办单在办，由督办部门审核督办回复或结案，承办和受理的人不能结案。",
            "A supervision order is in force: the supervision office reviews its answer or closes the case; whoever"
            " handled or accepted it cannot.",
        )


RULES: dict[str, Callable[[Ask], None]] = {
    "step_in_order": _step_in_order,
    "card_stands": _card_stands,
    "not_own_house": _not_own_house,
    "office_closes": _office_closes,
}
