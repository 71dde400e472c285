"""A carrier made of memory: what the house asked of it, in order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from channels.carrier import Later, NotSentError

SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(60)


class FakePhones:
    """``channels.phones.Phones`` that dials nobody. ``fails`` is raised by the next verbs while it is set."""

    def __init__(self) -> None:
        self.dialled: list[tuple[str, str, UUID, str]] = []
        self.redirected: list[tuple[str, str, UUID, str]] = []
        self.hung_up: list[str] = []
        self.deleted: list[str] = []
        self.fails: NotSentError | None = None
        self.legs = 0

    async def dial(self, number: str, step: str, call: UUID, *, seconds: int, more: str = "") -> str:
        """A new leg."""
        assert seconds > 0
        self._try()
        self.legs += 1
        self.dialled.append((number, step, call, more))
        return f"CALEG{id(self)}{self.legs:04}"

    async def redirect(self, provider_id: str, step: str, call: UUID, *, more: str = "") -> None:
        """Another script."""
        self._try()
        self.redirected.append((provider_id, step, call, more))

    async def hang_up(self, provider_id: str) -> None:
        """The end."""
        self.hung_up.append(provider_id)

    async def fetch(self, recording: str) -> bytes:
        """The same sound for all."""
        self._try()
        assert recording.startswith("RE")
        return SOUND

    async def delete(self, recording: str) -> None:
        """Remembered."""
        self._try()
        self.deleted.append(recording)

    def _try(self) -> None:
        if self.fails is not None:
            raise self.fails

    @property
    def last(self) -> Any:
        """The latest dialled leg's number, step and call."""
        return self.dialled[-1]


AWAY = Later("503")
