"""The board's tile: first-time-right of the last thirty days, counted at most every ten minutes in each process."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases import scope
from hotline import clock, db
from hotline.actor import Actor
from routing import accuracy
from routing.accuracy import Figure

DAYS = 30
FRESH = timedelta(minutes=10)
_kept: dict[str, tuple[datetime, Figure]] = {}


async def figure(connection: db.Connection, actor: Actor) -> Figure:
    """What the viewer's reach adds up to: the board is drawn anew each minute, and a month of cases is no small sum."""
    key, now = repr(scope.scope_of(actor)), clock.now()
    found = _kept.get(key)
    if found is not None and timedelta() <= now - found[0] < FRESH:
        return found[1]
    fresh = await accuracy.whole(connection, actor, clock.today() - timedelta(days=DAYS - 1), clock.today())
    if len(_kept) > 100:
        _kept.clear()
    _kept[key] = (now, fresh)
    return fresh
