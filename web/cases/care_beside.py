"""What the case page shows of risk and of an enterprise's ladder, as far as its viewer may know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from cases import ladders, scope
from cases.ladders import Rung
from cases.views import CaseView
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from sla.care import LEVEL_STAGES
from sla.rows import ClockRow
from web.cases import choices_care
from web.hearing import kinds_of


class Care(msgspec.Struct, frozen=True, kw_only=True):
    """The flag with the words that raised it, for the centre; the ladder for everybody on the case.

    ``channel``: the statutory channel that the words point to, while the case is in nobody's hands.
    """

    risk: Say | None
    words: str
    ladder: Sequence[Rung]
    channel: Say | None


def of(view: CaseView, actor: Actor, clocks: Sequence[ClockRow]) -> Care:
    """The flag and the ladder of the case."""
    is_shown = bool(view.case.risk) and not (view.is_shielded or scope.is_of_unit(actor))
    dues: dict[str, datetime] = {
        row.stage.removeprefix("level_"): row.due_at
        for row in clocks
        if row.stage in LEVEL_STAGES and row.stopped_at is None
    }
    words = next((line.texts["risk"] for line in reversed(view.lines) if line.texts.get("risk")), "")
    return Care(
        risk=kinds_of(view.case.risk) if is_shown else None, words=words if is_shown else "",
        ladder=ladders.ladder(view, dues), channel=_channel(view, actor),
    )  # fmt: skip


def _channel(view: CaseView, actor: Actor) -> Say | None:
    if view.case.state not in ("registered", "accepted") or not may(actor, "case.accept"):
        return None
    target = choices_care.pointed_to(" ".join(view.words))
    return choices_care.channels().get(target) if target else None
