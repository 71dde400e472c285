"""Acts on the case page: a leader's instruction recorded by the supervision office. The others stand on its ladder."""

from __future__ import annotations

from cases import events as base
from cases import events_care as e
from hotline import city
from hotline.ids import new_id
from web.cases import asks_ladder
from web.cases.choices import Standing
from web.cases.spec import Spec, act


def _directed(at: Standing) -> base.Event | None:
    return e.Instructed(instruction=new_id()) if at.view.case.is_open else None


def _start(_: Standing) -> dict[str, object]:
    return {"days": int(float(city.current().rule("clock.instruction_report")))}


SPECS: tuple[Spec, ...] = (
    act(
        "direct", "direction", "交办批示", "Record an instruction", "ladder.hold", asks_ladder.Direct, _directed,
        start=_start,
    ),
)  # fmt: skip
