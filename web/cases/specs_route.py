"""Acts on the case page of choosing where a case goes."""

from __future__ import annotations

from cases.events_route import MatterCorrected
from cases.moves_route import MOVES
from web.cases.asks_route import CorrectMatter
from web.cases.choices import Standing
from web.cases.spec import Spec, act


def _corrected(at: Standing) -> MatterCorrected | None:
    if at.view.case.state not in MOVES["matter_corrected"].case_from:
        return None
    return MatterCorrected(old=at.view.case.matter, new="")


SPECS: tuple[Spec, ...] = (
    act("correct_matter", "matter", "改事项", "Correct the matter", "case.dispatch", CorrectMatter, _corrected),
)
