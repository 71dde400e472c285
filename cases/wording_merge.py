"""Sentences of merging, unmerging and splitting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.events_merge import Joined, Merged, Parted, SplitFrom, SplitOff, Unmerged
from hotline.errors import Say


def _merged(event: Merged) -> Say:
    if not event.ended:
        return Say("并入另一件，合并办理", "merged into another case")
    n = len(event.ended)
    return Say(f"并入另一件，合并办理；{n} 家单位的承办结束", f"merged into another case; {n} units' shares ended")


def _joined(event: Joined) -> Say:
    return Say(f"{event.number} 并入，一起办理", f"{event.number} was merged into this case")


def _parted(event: Parted) -> Say:
    return Say(f"{event.number} 拆回，单独办理", f"{event.number} was taken out again")


def _unmerged(event: Unmerged) -> Say:
    return Say("从主办件拆回，承办和期限照旧", "taken out again, with its units and due dates as they were")


def _split_off(event: SplitOff) -> Say:
    return Say(f"拆出另一件事：{event.number}", f"a second matter was split off: {event.number}")


def _split_from(event: SplitFrom) -> Say:
    return Say(f"从 {event.number} 拆出", f"split off from {event.number}")


STAFF: dict[str, Callable[[Any], Say]] = {
    "merged": _merged,
    "joined": _joined,
    "parted": _parted,
    "unmerged": _unmerged,
    "split_off": _split_off,
    "split_from": _split_from,
}
REQUESTER: dict[str, Callable[[Any], Say]] = {
    "merged": lambda _: Say("多人反映同一问题，合并办理", "Others reported the same; it is handled together"),
    "unmerged": lambda _: Say("改为单独办理", "Handled by itself again"),
    "split_off": lambda event: Say(
        f"您说的另一件事另办，编号 {event.number}", f"Your second matter has its own number: {event.number}"
    ),
    "split_from": lambda event: Say(
        f"您在 {event.number} 里说的另一件事，单独办理", f"The second matter of {event.number}, handled by itself"
    ),
}
