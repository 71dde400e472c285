"""What the forms of appeals of ratings offer, and with what they begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cases import grades
from cases.appeals import GROUNDS
from cases.rows import RatingRow
from cases.states import GRADES
from cases.views import CaseView
from hotline.errors import Say
from sla import appeals
from web.cases import asks_rating

if TYPE_CHECKING:
    from web.cases.choices import Standing


def appealable(at: Standing) -> list[RatingRow]:
    """The unit's own ratings of this case that do not count as satisfied and stand; appealed ones too."""
    counted = grades.counted()
    return [
        one for one in at.view.file.ratings.values()
        if one.unit in at.actor.units and one.annulled_at is None and one.grade not in counted
    ]  # fmt: skip


def appealed(view: CaseView) -> list[RatingRow]:
    """The ratings whose appeal waits to be decided."""
    return [one for one in view.file.ratings.values() if one.appeal_state == "open" and one.annulled_at is None]


def _named(view: CaseView, found: list[RatingRow]) -> dict[str, Say]:
    def name(one: RatingRow) -> Say:
        number, grade = view.file.requests[one.request_id].receipt_no, GRADES[one.grade]
        return Say(f"{number} {grade.zh}", f"{number} {grade.en}")

    return {str(one.id): name(one) for one in found}


def _appeal(at: Standing) -> dict[str, Any]:
    found = [one for one in appealable(at) if one.appeal_state is None]
    until = appeals.until(found[0].at) if found else None
    return {"rating": _named(at.view, found), "ground": GROUNDS, "until": until}


def _decision(at: Standing) -> dict[str, Any]:
    found = appealed(at.view)
    names = _named(at.view, found)
    said = {one.at: one for one in at.view.lines if one.kind == "rating_appealed"}
    told = [(names[str(one.id)], said[one.appealed_at]) for one in found if one.appealed_at in said]
    return {"rating": names, "decision": asks_rating.DECISIONS, "appeals": told}


def start_appeal(at: Standing) -> Mapping[str, object]:
    """The first rating that may be appealed."""
    return {"rating": next((one.id for one in appealable(at) if one.appeal_state is None), "")}


def start_decision(at: Standing) -> Mapping[str, object]:
    """The rating whose appeal waits longest."""
    return {"rating": appealed(at.view)[0].id}


OPTIONS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "rating_appeal": _appeal,
    "rating_appeal_decision": _decision,
}
