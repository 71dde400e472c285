"""What the selects of a pause's acts offer, and with what their forms begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cases.demands_pause import is_reachable
from cases.rows import AssignmentRow, RequestRow
from cases.views import CaseView
from hotline import city, clock
from hotline.errors import Say
from web.cases import asks_pause
from web.cases.choices_hands import last


def to_ask(view: CaseView) -> list[RequestRow]:
    """Requesters who may be asked: those who can be reached first."""
    there = [one for one in view.file.requests.values() if one.state == "open"]
    return sorted(there, key=lambda one: not is_reachable(one))


def asking(view: CaseView) -> AssignmentRow | None:
    """The share whose suspension waits for the city's decision."""
    return next((one for one in view.file.live if one.suspension_asked_at is not None), None)


def _info(at: Any) -> dict[str, Any]:
    rule = city.current().rule
    return {
        "request": {str(one.id): Say(one.receipt_no, one.receipt_no) for one in to_ask(at.view)},
        "days": int(rule("info.within")), "most": int(rule("info.most")),
    }  # fmt: skip


def _suspension(at: Any) -> dict[str, Any]:
    return {"most": int(city.current().rule("suspension.review_most")), "is_again": at.view.case.paused is not None}


def _decision(at: Any) -> dict[str, Any]:
    return {"decision": asks_pause.DECISIONS, "line": last(at.view, "suspension_asked")}


OPTIONS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "info_ask": _info,
    "info_ask_unit": _info,
    "suspension_ask": _suspension,
    "suspension_decision": _decision,
}


def start_info(at: Any) -> dict[str, object]:
    """Whoever can be reached."""
    found = to_ask(at.view)
    return {"request": found[0].id} if found else {}


def start_decision(at: Any) -> dict[str, object]:
    """The review date that was asked."""
    share = asking(at.view)
    asked = share.suspension_review if share is not None else None
    return {"review": clock.local_day(asked)} if asked is not None else {}
