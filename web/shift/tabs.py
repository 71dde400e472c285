"""The tabs of a shift's pages."""

from __future__ import annotations

from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may

_PLACES = (
    (Say("当班", "Shift"), "/shift"),
    (Say("交接记录", "Past notes"), "/shift/notes"),
    (Say("拒接号码", "Refused numbers"), "/shift/refused"),
    (Say("高峰模式", "Surge mode"), "/shift/surge"),
)


def tabs(actor: Actor, here: str) -> list[tuple[Say, str, bool]]:
    """Text, address, and whether one is there; the floor too for who may see it."""
    floor = [(Say("现场", "Floor"), "/floor", False)] if may(actor, "floor.read") else []
    return [*((say, path, path == here) for say, path in _PLACES), *floor]
