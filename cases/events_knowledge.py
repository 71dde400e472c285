"""Events of answers from knowledge."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cases.event import Event


class ArticleDrafted(Event, frozen=True, kw_only=True):
    """写成知识: the answer that a unit gave to an enquiry became the draft of an article of that unit's."""

    kind: ClassVar[str] = "article_drafted"

    article: UUID
    unit: str
