"""Why a case stands, as its page says it: what is asked of the requester, or the plan and its review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from cases import pauses
from cases.views import CaseView
from hotline import clock
from hotline.errors import Say
from web.cases.choices_hands import last

_SAY = {
    pauses.NEEDS_INFO: Say("待诉求人补充，时限暂停", "Waiting for the requester; the clocks stand"),
    pauses.SUSPENDED: Say("挂账，时限暂停", "Suspended; the clocks stand"),
}


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """One pause: its cause in words, what was asked or planned, since when and until when."""

    say: Say
    since: datetime
    until: datetime
    items: Sequence[str] = ()
    reason: str = ""
    plan: str = ""
    review: datetime | None = None
    is_due: bool = False


def of(view: CaseView) -> Stand | None:
    """The pause that lies over the case, as far as this viewer reads it; None when it goes on."""
    case = view.case
    if case.paused is None or case.paused_at is None or case.paused_until is None:
        return None
    asked, planned = last(view, "info_asked"), last(view, "suspension_asked")
    stand = Stand(say=_SAY[case.paused], since=case.paused_at, until=case.paused_until, review=case.review_at)
    if case.paused == pauses.NEEDS_INFO:
        items = asked.texts.get("list", "").splitlines() if asked is not None else []
        return msgspec.structs.replace(stand, items=items)
    texts = planned.texts if planned is not None else {}
    return msgspec.structs.replace(
        stand, reason=texts.get("reason", ""), plan=texts.get("plan", ""),
        is_due=pauses.is_under_review(view.file, clock.now()),
    )  # fmt: skip
