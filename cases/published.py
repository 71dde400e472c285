"""Which cases are in the public list of GeoReport v2, and that list: bounded walks along two partial indexes.

Decided conservatively (docs/adr/0012): something in public space, asked for or suggested, taken up by the centre; no
report, complaint, confidential, vulnerable or minor's case, nobody named, nothing erased or withdrawn. Of each only
matter, subdistrict, state and dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hotline import city, db

GROUPS = (
    "0102", "0201", "0202", "0203", "0205", "0301", "0302", "0303", "0304", "0305", "040201", "0403", "0501", "0502",
)  # fmt: skip
"""Groups and leaves of the catalogue about things in public space and supplies, not about people or bodies."""
NEVER = frozenset({"010201", "040304"})
"""Leaves of those groups that would point at a household or a person: a dangerous house, a traffic fine."""
REPORTS = "RPT15"
"""The clock profile of reports (举报): a matter that has it is never shown."""


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the public list."""

    id: UUID
    number: str
    state: str
    close_reason: str | None
    matter: str
    county: str
    township: str | None
    lead_unit: str | None
    opened_at: datetime
    updated_at: datetime
    is_open: bool


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: opened in [start, end), of these matters (empty: all), newest first, older than ``before``."""

    start: datetime
    end: datetime
    matters: tuple[str, ...] = ()
    county: str = ""
    is_open: bool | None = None
    before: tuple[datetime, UUID] | None = None
    limit: int = 1000
    skip: int = 0


_SELECT = """
    SELECT c.id, c.number, c.state, c.close_reason, c.matter, c.county, c.township, c.lead_unit, c.opened_at, c.is_open,
        (SELECT e.at FROM case_event e WHERE e.case_id = c.id AND e.seq = c.last_seq) AS updated_at
    FROM cases c
    WHERE c.accepted_at IS NOT NULL AND c.state <> 'merged' AND c.kind IN ('assistance', 'suggestion')
        AND NOT (c.is_confidential OR c.is_minor OR c.is_investigation OR c.is_vulnerable)
        AND c.close_reason IS DISTINCT FROM 'withdrawn' AND c.matter = ANY($1::text[])
        AND NOT EXISTS (SELECT FROM request r WHERE r.case_id = c.id AND (r.state IN ('erased', 'withdrawn')
            OR r.kind NOT IN ('assistance', 'suggestion') OR r.about_unit IS NOT NULL OR r.about_person IS NOT NULL))
"""


def is_publishable(matter: str) -> bool:
    """Whether cases of this matter may be listed."""
    one = city.current().matter(matter)
    return matter.startswith(GROUPS) and matter not in NEVER and (one is None or one.profile != REPORTS)


def matters() -> list[str]:
    """Today's matters whose cases are listed."""
    return [code for code in city.current().matters if is_publishable(code)]


async def listed(connection: db.Connection, wanted: Wanted) -> list[Published]:
    """One page of the public list; it costs what the span holds, never what the archive holds."""
    codes = [code for code in wanted.matters or matters() if is_publishable(code)]
    args: list[object] = [codes, wanted.start, wanted.end]
    text = f"{_SELECT} AND c.opened_at >= $2 AND c.opened_at < $3"
    if wanted.county:
        args.append(wanted.county)
        text += f" AND c.county = ${len(args)}"
    if wanted.is_open is not None:
        text += " AND c.is_open" if wanted.is_open else " AND NOT c.is_open"
    if wanted.before is not None:
        args += wanted.before
        text += f" AND (c.opened_at, c.id) < (${len(args) - 1}, ${len(args)})"
    args += [wanted.limit, wanted.skip]
    text += f" ORDER BY c.opened_at DESC, c.id DESC LIMIT ${len(args) - 1} OFFSET ${len(args)}"
    return [Published(**row) for row in await connection.fetch(text, *args)]


async def found(connection: db.Connection, numbers: Sequence[str]) -> list[Published]:
    """Those of these cases (by a request's number) that are public, newest first."""
    text = (
        f"{_SELECT} AND c.id IN (SELECT case_id FROM request WHERE receipt_no = ANY($2::text[])) "
        "ORDER BY c.opened_at DESC, c.id DESC"
    )
    return [Published(**row) for row in await connection.fetch(text, matters(), list(numbers))]
