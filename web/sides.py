"""Which routes a listener serves: the public one what citizens and providers need, the staff's everything but hooks.

Decided from each route's need: what is PUBLIC is for the public side. Rooms by which staff come in are PUBLIC too, for
nobody is signed in there yet: of ``web.session`` and ``web.observe`` only what says so is for both.
"""

from __future__ import annotations

from typing import Any

from hotline.permissions import PUBLIC
from web import guards

SIDES = ("all", "public", "staff")
SIDE = "side"
"""Key of a route's ``opt``: ``both`` or ``staff``, where the need alone does not say it."""
_WAYS_IN = ("web.session.", "web.observe", "web.live")


def serves(side: str, handler: Any) -> bool:
    """Whether the listener of ``side`` serves this route."""
    told, need = handler.opt.get(SIDE, ""), handler.opt.get(guards.NEEDS)
    if side == "all" or told == "both":
        return True
    if side == "staff":
        return not handler.opt.get(guards.IS_HOOK)
    module = str(getattr(handler.fn, "__module__", ""))
    is_way_in = module.startswith(_WAYS_IN) or told == "staff"
    return need == PUBLIC and not is_way_in


def routes(side: str, handlers: list[Any]) -> list[Any]:
    """The handlers that this listener has. Raises ValueError for a side that does not exist."""
    if side not in SIDES:
        msg = f"HOTLINE_SIDE must be one of {', '.join(SIDES)}, not {side!r}"
        raise ValueError(msg)
    return [one for one in handlers if serves(side, one)]
