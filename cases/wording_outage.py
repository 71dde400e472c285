"""Sentences of outages and their callers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.outage_rows import BACK, KINDS
from hotline.errors import Say


def _linked(event: Any) -> Say:
    zh, en = ("，恢复后告知", ", to be told when it is over") if event.wants_news else ("", "")
    kind = KINDS[event.supply]
    return Say(f"与停供通知 {event.number}（{kind.zh}）是同一件{zh}", f"the same as outage {event.number}{en}")


def _over(event: Any) -> Say:
    if event.is_wrong:
        return Say(f"告知停供通知 {event.number} 有误，已撤回", f"told that outage {event.number} was wrong")
    return Say(f"告知{BACK[event.supply].zh}已恢复（{event.number}）", f"told that outage {event.number} is over")


def _own_linked(event: Any) -> Say:
    kind = KINDS[event.supply]
    return Say(f"和已知的{kind.zh}是同一件事", f"This is part of a known outage ({kind.en.lower()})")


def _own_over(event: Any) -> Say:
    if event.is_wrong:
        return Say("之前告诉您的停供消息有误", "What you were told of the outage was wrong")
    back = BACK[event.supply]
    return Say(f"{back.zh}已恢复", f"{back.en[0].upper()}{back.en[1:]} is back")


STAFF: dict[str, Callable[[Any], Say]] = {
    "outage_linked": _linked,
    "outage_unlinked": lambda event: Say(
        f"不是停供通知 {event.number} 那件，取消关联", f"not outage {event.number} after all: unlinked"
    ),
    "outage_over": _over,
    "outage_still": lambda event: Say(
        f"诉求人说还没有恢复（{event.number}）", f"the requester says that outage {event.number} is not over"
    ),
}
REQUESTER: dict[str, Callable[[Any], Say]] = {
    "outage_linked": _own_linked,
    "outage_unlinked": lambda event: Say(
        f"和那次{KINDS[event.supply].zh}不是同一件事", "It is not part of that outage after all"
    ),
    "outage_over": _own_over,
    "outage_still": lambda _: Say("您说还没有恢复，已记下", "You said it is not back yet; noted"),
}
