"""Appeals of ratings: until when a unit may appeal, and the lists of the centre and of the unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import scope, verbs_rating
from cases.file import CaseFile, Entry
from cases.rows import RatingRow
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import conflict
from hotline.work import Work
from sla import calendar

SIZE = 200
_LIST = f"""
    SELECT t.id, c.number, r.receipt_no, t.unit, t.grade, t.channel, t.at, t.appeal_state, t.appeal_ground,
        t.appealed_at, t.appeal_decided_at, t.annulled_at, c.title, c.kind, c.is_confidential, c.matter, c.about_units
    FROM rating t JOIN cases c ON c.id = t.case_id JOIN request r ON r.id = t.request_id
    WHERE t.appealed_at IS NOT NULL AND {{scope}}{{more}}
    ORDER BY (t.appeal_state <> 'open' OR t.annulled_at IS NOT NULL), t.appealed_at DESC, t.id LIMIT {SIZE}
"""
_WAITS = " AND t.appeal_state = 'open' AND t.annulled_at IS NULL"


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """One appeal with its rating and case."""

    id: UUID
    number: str
    receipt_no: str
    unit: str
    grade: str
    channel: str
    at: datetime
    appeal_state: str
    appeal_ground: str
    appealed_at: datetime
    appeal_decided_at: datetime | None
    annulled_at: datetime | None
    title: str
    kind: str
    is_confidential: bool
    matter: str | None
    about_units: list[str]

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case: its title is shown to nobody here."""
        return self.kind == "report" or self.is_confidential

    @property
    def is_waiting(self) -> bool:
        """Still to be decided: a rating that an audit annulled meanwhile needs no decision."""
        return self.appeal_state == "open" and self.annulled_at is None


def until(rated_at: datetime) -> datetime:
    """Until when a rating given at ``rated_at`` may be appealed (rule ``rating.appeal``, working days)."""
    return calendar.of(city.current()).add_working_days(rated_at, int(city.current().rule("rating.appeal"))).at


def check_time(rating: RatingRow, now: datetime) -> None:
    """Raise the 409 once the days for an appeal are over."""
    last = until(rating.at)
    if now > last:
        at = clock.local(last)
        raise conflict(
            "appeal_late", f"申诉期限已过（{at:%m-%d %H:%M}）。", f"The time to appeal has passed ({at:%m-%d %H:%M})."
        )


async def appeal(work: Work, file: CaseFile, rating: RatingRow, *, ground: str, reason: str, basis: str) -> Entry:
    """评价申诉 within the city's days of the rating; 409 later."""
    check_time(rating, work.now)
    return await verbs_rating.appeal(work, file, rating, ground=ground, reason=reason, basis=basis)


async def listed(
    connection: db.Connection, actor: Actor, *, waiting: bool = False, of_unit: bool = False
) -> Sequence[Appeal]:
    """Appeals within the actor's reach, those that wait on top; ``of_unit``: their own units' only."""
    where, args = scope.condition(actor)
    more = _WAITS if waiting else ""
    if of_unit:
        args.append(list(actor.units))
        more += f" AND t.unit = ANY(${len(args)})"
    rows = await connection.fetch(_LIST.format(scope=where, more=more), *args)
    return [Appeal(**row) for row in rows]
