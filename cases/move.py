"""The shape of one move of a case and of its parts."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from cases.states import WORKING


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """From where, to where, of the case and of the part (assignment or request) that the event names.

    ``demands`` are texts the event must bring, ``rules`` names of checks in ``cases/demands.py``.
    """

    case_from: frozenset[str]
    case_to: str | None = None
    part: str | None = None
    part_from: frozenset[str] = frozenset()
    part_to: str | None = None
    demands: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def of(part: str, part_from: Collection[str], part_to: str | None, **more: object) -> Move:
    """A move of one part (assignment or request) of a case that somebody works on."""
    base: dict[str, object] = {"case_from": WORKING, "part": part, "part_from": frozenset(part_from)}
    return msgspec.convert({**base, "part_to": part_to, **more}, Move)
