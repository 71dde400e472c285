"""What appeals of ratings and what they come to demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases import grades, scope
from cases.appeals import GROUNDS
from cases.ask import Ask
from cases.hands import may_visit
from cases.rows import RatingRow
from hotline.errors import Say, conflict, invalid, not_found


def _rating(ask: Ask) -> RatingRow:
    found: RatingRow = ask.file.ratings[ask.event.rating]
    return found


def _appeal_ground(ask: Ask) -> None:
    if ask.event.ground not in GROUNDS:
        raise invalid({"ground": Say("请选申诉的理由。", "Choose the ground of the appeal.")})


def _appeals_own(ask: Ask) -> None:
    if _rating(ask).unit not in ask.actor.units:
        raise not_found()


def _appeals_bad(ask: Ask) -> None:
    if _rating(ask).grade in grades.counted():
        raise conflict("not_bad", "满意的评价不用申诉。", "A rating that counts as satisfied needs no appeal.")


def _appeals_once(ask: Ask) -> None:
    if _rating(ask).appeal_state is not None:
        raise conflict("appealed", "这条评价已经申诉过，只能申诉一次。", "This rating was appealed; it is done once.")


def _appeal_open(ask: Ask) -> None:
    if _rating(ask).appeal_state != "open":
        raise conflict("no_appeal", "没有待裁定的申诉。", "No appeal waits to be decided.")


def _appeal_separate(ask: Ask) -> None:
    """Neither acceptor nor handler, nor of the unit, above or below it; the verb knows who visited or audited."""
    unit = _rating(ask).unit
    if not may_visit(ask.file, ask.actor) or unit in ask.actor.units or scope.is_of_house(ask.actor.unit, [unit]):
        raise conflict(
            "not_separate", "受理、承办过的人和本单位的人不能裁定这条申诉。",
            "Whoever accepted or handled it, or is of the unit, cannot decide on this appeal.",
        )  # fmt: skip


RULES: dict[str, Callable[[Ask], None]] = {
    "appeal_ground": _appeal_ground,
    "appeals_own": _appeals_own,
    "appeals_bad": _appeals_bad,
    "appeals_once": _appeals_once,
    "appeal_open": _appeal_open,
    "appeal_separate": _appeal_separate,
}
