"""Sentences of appeals of ratings and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_rating as r
from cases.appeals import GROUNDS
from hotline.errors import Say


def _appealed(event: r.RatingAppealed) -> Say:
    ground = GROUNDS.get(event.ground, Say(event.ground, event.ground))
    return Say(f"申诉评价：{ground.zh}", f"appeals the rating: {ground.en}")


def _decided(event: r.RatingAppealDecided) -> Say:
    if event.is_upheld:
        return Say("评价申诉成立", "the appeal of the rating is upheld")
    return Say("评价申诉不成立，评价照算", "the appeal is dismissed; the rating stands")


STAFF: dict[str, Callable[[Any], Say]] = {
    "rating_appealed": _appealed,
    "rating_appeal_decided": _decided,
}
REQUESTER: dict[str, Callable[[Any], Say]] = {}
