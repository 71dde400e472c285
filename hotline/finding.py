"""What the doctor says of one thing: where it stands, and how to mend it."""

from __future__ import annotations

import msgspec

from hotline.errors import Say

_MARKS = {"good": "✓", "warn": "!", "bad": "✗"}


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at: ``level`` is good, warn or bad; ``mend`` says what to do about it."""

    name: str
    level: str
    found: Say
    mend: Say | None = None

    @property
    def mark(self) -> str:
        """A sign for the terminal."""
        return _MARKS[self.level]
