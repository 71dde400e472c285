"""Events of clusters: a case found at the head of several about the same real thing."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cases.event import CENTRE, Event


class Clustered(Event, frozen=True, kw_only=True):
    """同类诉求聚集: this case is the oldest open one of a cluster or a mass request (``size``), with its figures."""

    kind: ClassVar[str] = "clustered"
    audience: ClassVar[str] = CENTRE

    cluster: UUID
    size: str
    cases: int
    requesters: int
    contacts: int
