"""Acts on the case page: what an agent corrects in a case."""

from __future__ import annotations

from cases.demands_desk import is_in_time, is_theirs
from cases.events_desk import Corrected
from cases.rows import RequestRow
from hotline import clock
from web.cases.asks_desk import Correct
from web.cases.choices import Standing
from web.cases.spec import Spec, act


def _request(at: Standing) -> RequestRow | None:
    """The one that the actor logged, else the first; None where there is none, or not even its words are theirs."""
    view = at.view
    if view.is_shielded or not view.file.requests:
        return None
    own = (one for one in view.file.requests.values() if one.filed_by == at.actor.id)
    return next(own, None) or view.file.first_request


def _corrected(at: Standing) -> Corrected | None:
    request = _request(at)
    if request is None or not at.view.case.is_open or request.state == "erased" or not is_theirs(at.actor, request):
        return None
    is_open = is_in_time(at.view.file, request, at.actor, clock.now())
    return Corrected(request=request.id, field="words") if is_open else None


def _start(at: Standing) -> dict[str, object]:
    """The words and the place as they are; name and number are written anew, for they are never shown here."""
    request = _request(at)
    if request is None:
        return {}
    return {"request": request.id, "words": request.words or "", "place": at.view.case.place}


SPECS: tuple[Spec, ...] = (
    act("correct", "correction", "更正错字", "Correct a typo", "case.read", Correct, _corrected, start=_start),
)
