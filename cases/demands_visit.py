"""What a return visit beyond its first answers demands: sampling, unreached, rework demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask
from cases.hands import may_visit
from cases.states_visit import REOPEN_CAUSES
from hotline.errors import Say, conflict, invalid
from hotline.permissions import may


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


def _reopener_may(ask: Ask) -> None:
    if not may(ask.actor, "case.reopen"):
        raise conflict(
            "reopen_role",
            "重启须由审核员、督办员或协调办公室来做。",
            "Reopening is for auditors, supervisors or the coordination office.",
        )
    if not may_visit(ask.file, ask.actor):
        raise conflict(
            "not_separate", "受理人、承办人不能重启自己的件。", "Whoever accepted or handled it cannot reopen it."
        )


RULES: dict[str, Callable[[Ask], None]] = {
    "reopen_cause": _reopen_cause,
    "ended_by_closing": _ended_by_closing,
    "reopener_may": _reopener_may,
}
