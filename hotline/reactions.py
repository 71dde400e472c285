"""The one slot that holds what happens after each kind of event. ``hotline/flow.py`` fills it; nothing else may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

Reaction = Callable[..., Awaitable[None]]
"""``async def reaction(work, file, entry) -> None``: the transaction, the case in memory, the event just written."""

_slot: Mapping[str, Sequence[Reaction]] | None = None


def fill(flow: Mapping[str, Sequence[Reaction]]) -> None:
    """Put the flow in place; app, worker, command line and tests do this once at start."""
    global _slot
    _slot = flow


async def react(kind: str, work: Any, file: Any, entry: Any) -> None:
    """Run the reactions to ``kind`` in their order. One that raises undoes the transaction; nothing is swallowed.

    Raises RuntimeError when nobody filled the slot, KeyError when the flow does not mention the kind.
    """
    if _slot is None:
        msg = "an event was written before hotline.flow filled the reactions"
        raise RuntimeError(msg)
    for reaction in _slot[kind]:
        await reaction(work, file, entry)
