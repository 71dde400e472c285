"""Acts on the case page: appeals of ratings and what they come to."""

from __future__ import annotations

from datetime import datetime

from cases import events as e
from cases.events_rating import RatingAppealDecided, RatingAppealed
from hotline.errors import conflict
from sla import appeals
from web.cases import asks_rating, choices_rating
from web.cases.choices import Standing
from web.cases.spec import Spec, act, yes


def _appeal(at: Standing) -> e.Event | None:
    found = [one for one in choices_rating.appealable(at) if one.appeal_state is None]
    if not found:
        return None
    return RatingAppealed(rating=found[0].id, request=found[0].request_id, unit=found[0].unit, ground="slip")


def _in_time(at: Standing, now: datetime) -> None:
    found = [one for one in choices_rating.appealable(at) if one.appeal_state is None]
    if found:
        appeals.check_time(found[0], now)


def _decision(at: Standing) -> e.Event | None:
    found = choices_rating.appealed(at.view)
    if not found:
        return None
    one = found[0]
    return RatingAppealDecided(rating=one.id, request=one.request_id, unit=one.unit, is_upheld=False)


def _never_visited(at: Standing, _: datetime) -> None:
    if any(one.visitor == at.actor.id for one in at.view.visits):
        raise conflict("not_separate", "您回访过这件，请换一位同事裁定。", "You visited it; let a colleague decide.")


SPECS: tuple[Spec, ...] = (
    act("rating_appeal", "rating-appeal", "申诉评价", "Appeal the rating", "case.handle", asks_rating.Appeal, _appeal,
        start=choices_rating.start_appeal, check=_in_time),
    act("rating_appeal_decision", "rating-appeal-decision", "裁定评价申诉", "Decide the appeal of the rating",
        "rating.decide", asks_rating.AppealDecision, _decision, start=choices_rating.start_decision, is_main=yes,
        check=_never_visited),
)  # fmt: skip
