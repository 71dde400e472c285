"""The port to whoever carries calls: the verbs of a switch, and the small script that a call follows.

Twilio is one adapter (``channels/twilio_voice.py``); a city's SIP trunk or CTI is another. Where a verb cannot be done
it raises ``channels.carrier.Later`` or ``Never``, as the doors for messages do.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

HANG_UP, QUEUE, LEAVE, WAIT, BRIDGE, NUMBER, ROOM, ON, ASK = (
    "hang_up", "queue", "leave", "wait", "bridge", "number", "room", "on", "ask",
)  # fmt: skip
"""What a leg does after it was spoken to: end; stand in the queue; leave it; wait on in it; speak with who stands
there; call a number; join a room of three; go on as it was about to; press one key."""


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What one leg of a call hears and does next. ``target`` is a number or a room, ``shown`` the number shown.

    ``is_muted``: in a room it hears and is not heard. ``step`` is what a pressed key leads to.
    """

    says: tuple[str, ...] = ()
    then: str = HANG_UP
    call: UUID | None = None
    target: str = ""
    shown: str = ""
    is_recorded: bool = False
    ends_room: bool = False
    is_muted: bool = False
    step: str = "graded"
    more: str = ""


class Phones(Protocol):
    """A carrier's verbs. ``step`` names the script that the leg follows when somebody answers."""

    async def dial(self, number: str, step: str, call: UUID, *, seconds: int, more: str = "") -> str:
        """Ring ``number`` for so many seconds; the provider's id of the new leg."""
        ...

    async def redirect(self, provider_id: str, step: str, call: UUID, *, more: str = "") -> None:
        """Let a leg follow another script from now on."""
        ...

    async def hang_up(self, provider_id: str) -> None:
        """End a leg. Safe twice."""
        ...

    async def fetch(self, recording: str) -> bytes:
        """The sound of a recording."""
        ...

    async def delete(self, recording: str) -> None:
        """Delete a recording at the provider. Safe twice."""
        ...


_phones: Phones | None = None


def use(phones: Phones | None) -> None:
    """Fill the one slot: done at the start of web and worker from the settings, and by tests."""
    global _phones  # one carrier a process
    _phones = phones


def current() -> Phones | None:
    """The carrier of this process; None where none is set up: then calls come in and nobody can be dialled."""
    return _phones
