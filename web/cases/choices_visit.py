"""What the acts around a return visit offer on the case page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cases.file import CaseFile
from cases.rows import AssignmentRow
from cases.states_visit import REOPEN_CAUSES
from cases.visit_hours import DAY_PARTS
from hotline import city
from hotline.errors import Say
from web import units

if TYPE_CHECKING:
    from web.cases.choices import Standing

PARTS: dict[str, Say] = {"": Say("都行", "Any"), **{code: part[0] for code, part in DAY_PARTS.items()}}
_WAITING = ("open", "awaiting_visit")


def ended_by_closing(file: CaseFile) -> Sequence[AssignmentRow]:
    """The units that had the case when it was closed, the lead first."""
    at = file.case.closed_at
    found = [one for one in file.assignments.values() if one.role != "below" and at is not None and one.ended_at == at]
    return sorted(found, key=lambda one: one.role != "lead")


def _receipts(file: CaseFile, states: Sequence[str] = ()) -> dict[str, Say]:
    return {
        str(one.id): Say(one.receipt_no, one.receipt_no)
        for one in file.requests.values()
        if one.state != "erased" and (not states or one.state in states)
    }


def _reopen(at: Standing) -> dict[str, Any]:
    shares = ended_by_closing(at.view.file)
    return {
        "assignment": {str(one.id): units.name(city.current(), one.unit) for one in shares},
        "request": _receipts(at.view.file), "cause": REOPEN_CAUSES,
    }  # fmt: skip


def start_reopen(at: Standing) -> Mapping[str, object]:
    """The only unit and the only request are chosen."""
    shares, requests = ended_by_closing(at.view.file), list(_receipts(at.view.file))
    return {
        **({"assignment": shares[0].id} if len(shares) == 1 else {}),
        **({"request": requests[0]} if len(requests) == 1 else {}),
    }


def _wish(at: Standing) -> dict[str, Any]:
    return {"request": _receipts(at.view.file, _WAITING), "part": PARTS}


def start_wish(at: Standing) -> Mapping[str, object]:
    """What they wished for before; the only request is chosen."""
    waiting = [one for one in at.view.file.requests.values() if one.state in _WAITING]
    return {"request": waiting[0].id, "part": waiting[0].wish} if len(waiting) == 1 else {}


OPTIONS: dict[str, Callable[[Standing], dict[str, Any]]] = {"reopen": _reopen, "wish": _wish}
