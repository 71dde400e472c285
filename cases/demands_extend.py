"""What an extension asked for, approved or refused; a longer promise that a statute gives demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask
from hotline.errors import Refusal, conflict


def nothing_waits() -> Refusal:
    """The 409 for an answer to an ask that is not there, or not any more."""
    return conflict(
        "no_extension_asked",
        "这个单位没有待答复的延期申请：已答复，或期限已过而失效。",
        "This unit has no extension that waits: it was answered, or lapsed when the promise ended.",
    )


def _no_extension_open(ask: Ask) -> None:
    if ask.file.assignments[ask.event.assignment].extension_asked_at is not None:
        raise conflict(
            "extension_asked",
            "已申请延期，还没答复；期限照走。",
            "An extension is asked for already and waits for an answer; the clock runs on.",
        )


def _extension_open(ask: Ask) -> None:
    if ask.file.assignments[ask.event.assignment].extension_asked_at is None:
        raise nothing_waits()


def _not_their_own(ask: Ask) -> None:
    """Who works on it does not decide on its time: compared by person, also in a county centre that does both."""
    if any(not ask.actor.persons.isdisjoint(share.hands) for share in ask.file.live):
        raise conflict(
            "own_extension",
            "承办的人不能决定自己这一件的期限，请换人。",
            "Whoever works on it does not decide on its time; let somebody else do it.",
        )


def _not_critical(ask: Ask) -> None:
    if ask.file.case.urgency == "critical":
        raise conflict(
            "critical_first",
            "特急件按特急时限办，不能改用法定期限。",
            "A critical case keeps its own time; no statute makes it longer.",
        )


RULES: dict[str, Callable[[Ask], None]] = {
    "no_extension_open": _no_extension_open,
    "extension_open": _extension_open,
    "not_their_own": _not_their_own,
    "not_critical": _not_critical,
}
