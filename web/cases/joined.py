"""What belongs together with a case: what was merged into it, what it was merged into, what was split off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import merged, queries, scope
from cases.merged import Held
from cases.views import CaseView
from hotline import db
from hotline.actor import Actor
from hotline.permissions import may
from sla import merging


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """For the case page. ``into`` is the number of the case that holds this one, "" when none does."""

    held: Sequence[Held] = ()
    told: Mapping[UUID, datetime] = {}
    into: str = ""
    twins: Sequence[str] = ()
    is_centre: bool = False
    may_see_into: bool = False
    may_part: bool = False

    def told_to(self, one: Held) -> list[tuple[UUID, datetime]]:
        """The dates that are watched for the requesters of a case that was merged in; one where they are the same."""
        found = {self.told[request]: request for request in one.requests if request in self.told}
        return [(request, at) for at, request in sorted(found.items())]


async def of(connection: db.Connection, view: CaseView, actor: Actor) -> Family:
    """The family of this case, as far as the actor may see it."""
    own = scope.scope_of(actor)
    may_part = may(actor, "case.dispatch")
    into = view.case.merged_into
    number = await merged.number_of(connection, into) if into is not None else ""
    may_see = bool(number) and await queries.found(connection, actor, number) is not None
    has_joined = any(line.kind == "joined" for line in view.lines)
    return Family(
        held=await merged.into(connection, view.case.id) if has_joined else (),
        told=await merging.told(connection, view.case.id) if has_joined else {},
        into=number, may_see_into=may_see, is_centre=own.city or bool(own.county),
        may_part=may_part and (may_see or view.case.is_open),
        twins=await _twins(connection, view),
    )  # fmt: skip


async def _twins(connection: db.Connection, view: CaseView) -> list[str]:
    """Cases that were split off from this one, or that this one was split off from."""
    if not any(line.kind in ("split_off", "split_from") for line in view.lines):
        return []
    return await merged.twins(connection, view.case.id)
