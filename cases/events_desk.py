"""Events of what an agent corrects in a case."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cases.event import Event


class Corrected(Event, frozen=True, kw_only=True):
    """更正错字: one field of a request as it should have been written.

    Texts: the field by its own name as it is now, ``old_`` and its name as it was, and the title where that follows
    from the words. Names and numbers are sealed.
    """

    kind: ClassVar[str] = "corrected"

    request: UUID
    field: str
