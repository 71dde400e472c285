"""Sentences of what an agent corrects in a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.demands_desk import FIELDS
from cases.events_desk import Corrected
from hotline.errors import Say


def _corrected(event: Corrected) -> Say:
    say = FIELDS[event.field]
    return Say(f"更正{say.zh}", f"corrected {say.en}")


STAFF: dict[str, Callable[[Any], Say]] = {"corrected": _corrected}
REQUESTER: dict[str, Callable[[Any], Say]] = {}
