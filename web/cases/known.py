"""Whether the requesters of a case have been here before, as far as the viewer may see."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from cases import callers
from cases.callers import History
from cases.views import CaseView
from hotline import db
from hotline.actor import Actor

MOST = 3
"""Requesters that are looked for: of a mass request nobody reads fifty histories."""


async def of(connection: db.Connection, view: CaseView, actor: Actor) -> Mapping[UUID, History]:
    """The earlier cases by request; none where the viewer may not know who asks."""
    return {
        one.request: await callers.beside(
            connection, actor, view.file.requests[one.request], is_sealed=view.case.is_sealed
        )
        for one in view.requesters[:MOST] if not one.is_shielded
    }  # fmt: skip
