"""Events of appeals of ratings and what they come to."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cases.event import Event


class RatingAppealed(Event, frozen=True, kw_only=True):
    """评价申诉, once, by the unit whose rating it is. Texts: reason, basis (the proof).

    ``ground`` is a key of ``cases.appeals.GROUNDS``.
    """

    kind: ClassVar[str] = "rating_appealed"

    rating: UUID
    request: UUID
    unit: str
    ground: str


class RatingAppealDecided(Event, frozen=True, kw_only=True):
    """裁定评价申诉 by the centre. Upheld, the rating is annulled in the same transaction. Text: reason."""

    kind: ClassVar[str] = "rating_appeal_decided"

    rating: UUID
    request: UUID
    unit: str
    is_upheld: bool
