"""A case in memory: its row, its requests and its assignments, as one transaction sees them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from cases.events import Event
from cases.rows import AssignmentRow, CaseRow, EventRow, RatingRow, RequestRow, TextRow
from cases.rows_site import SiteVisitRow
from cases.states import AT_UNIT, GONE, SETTLED
from hotline.errors import conflict
from hotline.work import Row


class Text(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A text that goes with an event. ``sealed`` ones are personal and are stored encrypted.

    ``audience``: requester, staff, or centre (never the units).
    """

    value: str
    audience: str = "staff"
    sealed: bool = False
    request: UUID | None = None


BEHALF = "behalf"
"""Where an event's data says on whose behalf its actor acted: hashed with the rest, shown in nobody's proof."""
_TOLD = f'"{BEHALF}":'


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line of the ledger with its decoded event and the texts that stand beside it."""

    row: EventRow
    event: Event
    texts: Mapping[str, TextRow]

    @property
    def behalf(self) -> UUID | None:
        """For whom the actor acted, if for somebody."""
        if _TOLD not in self.row.data:
            return None
        found = msgspec.json.decode(self.row.data).get(BEHALF)
        return UUID(found) if found else None

    @property
    def persons(self) -> tuple[UUID, ...]:
        """Whose hands these were: the actor's, and those of whom they acted for."""
        behalf = self.behalf
        return (self.row.actor,) if behalf is None else (self.row.actor, behalf)


class CaseFile:
    """The aggregate that projections write and verbs read."""

    def __init__(self) -> None:
        self.case: CaseRow = None  # type: ignore[assignment]  # set by the first event, registered; see is_blank
        self.requests: dict[UUID, RequestRow] = {}
        self.assignments: dict[UUID, AssignmentRow] = {}
        self.slots: dict[UUID, SiteVisitRow] = {}
        """Joint site visits; read by ``cases.site_visits.load`` only when one is acted on."""
        self.has_slots = False
        self.ratings: dict[UUID, RatingRow] = {}
        """Ratings; read by ``cases.verbs_audit.load_ratings`` only when one is annulled or restored."""
        self.has_ratings = False
        self.fresh: list[Row] = []
        """Rows beside the case (visits, ratings, records) that the last projection made."""
        self.approved: set[UUID] = set()
        """Shares whose result the unit's head approved in this transaction."""
        self.at_door: dict[UUID, RequestRow] = {}
        """Requests between two cases, while one is merged into the other or taken out of it again."""

    @property
    def is_blank(self) -> bool:
        """Nothing was registered yet."""
        return self.case is None

    @property
    def lead(self) -> AssignmentRow | None:
        """The lead assignment that is not recalled or ended."""
        return next((a for a in self.assignments.values() if a.role == "lead" and a.state not in GONE), None)

    @property
    def live(self) -> list[AssignmentRow]:
        """Assignments that are neither recalled nor ended."""
        return [a for a in self.assignments.values() if a.state not in GONE]

    @property
    def at_units(self) -> list[AssignmentRow]:
        """Assignments that a unit still has to finish."""
        return [a for a in self.assignments.values() if a.state in AT_UNIT]

    @property
    def unsettled(self) -> list[RequestRow]:
        """Requests that still wait for their return visit."""
        return [r for r in self.requests.values() if r.state not in SETTLED]

    def assignment_of(self, unit: str) -> AssignmentRow | None:
        """The live assignment of ``unit``."""
        return next((a for a in self.live if a.unit == unit), None)

    def request_no(self, receipt_no: str) -> RequestRow | None:
        """The request with this receipt number."""
        return next((r for r in self.requests.values() if r.receipt_no == receipt_no), None)

    @property
    def first_request(self) -> RequestRow:
        """The request that opened the case, whoever has joined it since. 409 when it went to another case."""
        if not self.requests:
            raise conflict(
                "merged_already",
                f"{self.case.number} 已经并入别的件，请到那一件去办。",
                f"{self.case.number} is merged into another case; act on that one.",
            )
        own = (one for one in self.requests.values() if one.home_id is None)
        return next(own, None) or next(iter(self.requests.values()))
