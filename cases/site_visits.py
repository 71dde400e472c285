"""Joint site visits read: the slots of a case, a unit's calendar, and who would have to be in two places at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases.file import CaseFile
from cases.ledger import columns, read_row
from cases.rows_site import PLANNED, SiteVisitRow
from hotline import db
from hotline.errors import not_found
from hotline.work import Work

_OF_CASE = f"SELECT {columns(SiteVisitRow)} FROM site_visit WHERE case_id = $1 ORDER BY planned_at, id"
_CALENDAR = """
    SELECT v.id, v.case_id, v.unit, v.starts_at, v.ends_at, v.units, v.coming, v.declined, c.number, c.matter, c.county,
        c.township, c.kind, c.is_confidential, c.unit_codes, coalesce(t.value, '') AS spot
    FROM site_visit v JOIN cases c ON c.id = v.case_id
    LEFT JOIN case_text t ON t.case_id = v.case_id AND t.seq = v.spot_seq AND t.field = 'spot'
    WHERE v.state = 'planned' AND v.units && $1::text[] AND c.is_open ORDER BY v.starts_at, v.id LIMIT $2
"""
_CLASHES = """
    SELECT v.id, u.unit, v.starts_at, v.ends_at, c.number FROM site_visit v JOIN cases c ON c.id = v.case_id
    CROSS JOIN LATERAL unnest(v.units) AS u(unit)
    WHERE v.state = 'planned' AND c.is_open AND u.unit = ANY($1::text[]) AND v.starts_at < $3 AND v.ends_at > $2
        AND v.case_id <> $4 AND NOT u.unit = ANY(v.declined) ORDER BY v.starts_at, u.unit
"""
_TEXTS = "SELECT seq, field, value FROM case_text WHERE case_id = $1 AND field IN ('spot', 'outcome')"
MOST = 200


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A planned visit in a unit's calendar. Nothing of the requester is in it."""

    id: UUID
    case_id: UUID
    unit: str
    starts_at: datetime
    ends_at: datetime
    units: tuple[str, ...]
    coming: tuple[str, ...]
    declined: tuple[str, ...]
    number: str
    matter: str | None
    county: str
    township: str | None
    kind: str
    is_confidential: bool
    unit_codes: tuple[str, ...]
    spot: str


class Clash(msgspec.Struct, frozen=True):
    """A unit that is asked to another place at the same time."""

    id: UUID
    unit: str
    starts_at: datetime
    ends_at: datetime
    number: str


async def load(work: Work, file: CaseFile) -> None:
    """Read the case's slots for change, once a transaction: every verb of a site visit begins with it."""
    if file.has_slots:
        return
    for record in await work.connection.fetch(_OF_CASE, file.case.id):
        row = read_row(SiteVisitRow, record)
        work.track(row)
        file.slots[row.id] = row
    file.has_slots = True


async def of_case(connection: db.Connection, case_id: UUID) -> dict[UUID, SiteVisitRow]:
    """The case's slots, for looking only."""
    return {r["id"]: read_row(SiteVisitRow, r) for r in await connection.fetch(_OF_CASE, case_id)}


async def texts(connection: db.Connection, case_id: UUID) -> dict[tuple[int, str], str]:
    """Places and outcomes of the case's visits by (seq, field); absent once erased."""
    rows = await connection.fetch(_TEXTS, case_id)
    return {(row["seq"], row["field"]): row["value"] for row in rows if row["value"]}


async def case_of(connection: db.Connection, slot: UUID, units: Sequence[str]) -> UUID:
    """The case of a slot to which one of ``units`` is asked; the 404 refusal when there is none."""
    found = await connection.fetchval(
        "SELECT case_id FROM site_visit WHERE id = $1 AND units && $2::text[]", slot, list(units)
    )
    if found is None:
        raise not_found()
    return UUID(str(found))


async def calendar(connection: db.Connection, units: Sequence[str]) -> list[Slot]:
    """The planned visits to which these units are asked, the next first."""
    rows = await connection.fetch(_CALENDAR, list(units), MOST)
    return [msgspec.convert(dict(row), Slot) for row in rows]


async def clashes(
    connection: db.Connection, units: Sequence[str], starts: datetime, ends: datetime, case_id: UUID
) -> list[Clash]:
    """Visits of other cases that overlap with this time, for the units asked to both."""
    return [Clash(**row) for row in await connection.fetch(_CLASHES, list(units), starts, ends, case_id)]


def planned(file: CaseFile) -> SiteVisitRow | None:
    """The one open slot of the case."""
    return next((one for one in file.slots.values() if one.state == PLANNED), None)
