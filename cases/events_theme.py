"""Events of official responses to hot issues."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cases.event import REQUESTER, Event


class Responded(Event, frozen=True, kw_only=True):
    """统一答复: the official answer to a theme reached one requester whose case it answers. Text: answer.

    ``number`` is the theme's, ``slug`` its public page /themes/<slug>.
    """

    kind: ClassVar[str] = "responded"
    audience: ClassVar[str] = REQUESTER

    theme: UUID
    number: str
    slug: str
    request: UUID
