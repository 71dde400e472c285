"""Receivers that are away while their door serves others: a partner's machine. Known to each process by itself."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import msgspec

from channels.outcomes import FIRST_PAUSE, LONGEST_PAUSE

RUN = 4
"""So many failures one after another: it is left alone for a while, and its messages keep their tries."""
MOST = 10_000


class _Missed(msgspec.Struct):
    """``run`` failures, none heard between; nothing is sent before ``until``."""

    run: int
    until: datetime


_missed: dict[tuple[str, str], _Missed] = {}


def rest(channel: str, address: str, now: datetime) -> float:
    """Seconds in which it is not asked, spread so that its messages come back bit by bit; 0.0 when it may be."""
    one = _missed.get((channel, address))
    left = (one.until - now).total_seconds() if one is not None else 0.0
    if not 0.0 < left <= LONGEST_PAUSE:  # further off: written under another clock
        return 0.0
    return left * random.uniform(1.0, 1.25)  # noqa: S311 - spreads load, guards nothing


def missed(channel: str, address: str, now: datetime) -> None:
    """It did not take a message. Those that were on their way together when its rest began count as one failure."""
    if len(_missed) > MOST:
        _missed.clear()
    one = _missed.setdefault((channel, address), _Missed(0, now))
    if one.run >= RUN and now < one.until:
        return
    one.run += 1
    if one.run >= RUN:
        one.until = now + timedelta(seconds=min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(one.run - RUN, 10)))


def heard(channel: str, address: str) -> None:
    """It answers."""
    _missed.pop((channel, address), None)
