"""Sentences of the reminders that the sweep gives by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import wording
from hotline import city, clock
from hotline.errors import Say


def _stage(event: Any) -> Say:
    return wording.STAGES.get(event.stage, Say(event.stage, event.stage))


def _unit(code: str) -> Say:
    unit = city.current().unit(code)
    return unit.name if unit else Say(code, code) if code else Say("热线中心", "the centre")


def _due_soon(event: Any) -> Say:
    stage, unit, at = _stage(event), _unit(event.unit), clock.local(event.due)
    return Say(
        f"到期提醒：{stage.zh}期限 {at:%m-%d %H:%M}，{unit.zh}", f"due soon: {stage.en} by {at:%d %b %H:%M}, {unit.en}"
    )


def _overdue_told(event: Any) -> Say:
    stage, unit = _stage(event), _unit(event.unit)
    return Say(
        f"书面催办（{stage.zh}超期），抄送分管负责人：{unit.zh}",
        f"reminded in writing ({stage.en} overdue), copy to the deputy in charge: {unit.en}",
    )


STAFF: dict[str, Callable[[Any], Say]] = {"due_soon": _due_soon, "overdue_told": _overdue_told}
