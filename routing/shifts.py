"""Which open cases a change of the catalogue would send to another unit. Nothing is moved: a dispatcher decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import msgspec

from cases.states import UNDISPATCHED, WORKING
from hotline import db
from hotline.city import City
from routing import catalogue
from routing.book import Book

MOST = 200
"""Cases that are listed by number; beyond it only their count is told."""

# Sealed cases are dispatched by a person whatever the catalogue says, a dispatch rule goes before it, and what a
# conference decided binds: no change of the catalogue moves those.
_OPEN = """
FROM cases c WHERE c.is_open AND c.state = ANY($1) AND c.kind <> 'report' AND NOT c.is_confidential
    AND c.matter LIKE $2 || '%' AND NOT EXISTS (
        SELECT FROM assignment a WHERE a.case_id = c.id AND a.role = 'lead' AND a.state NOT IN ('recalled', 'ended')
        AND (a.basis LIKE 'rule:%' OR a.basis = 'conference'))
"""
_GROUPS = f"""
SELECT c.matter, c.county, c.township, c.is_enterprise, c.lead_unit, count(*)::int AS n {_OPEN} GROUP BY 1, 2, 3, 4, 5
"""
_CASES = f"""
SELECT c.number, c.matter, c.county, c.township, c.is_enterprise, c.lead_unit,
    ARRAY(SELECT r.about_unit FROM request r WHERE r.case_id = c.id AND r.about_unit IS NOT NULL) AS about
{_OPEN} AND (c.matter, c.county, coalesce(c.township, ''), c.is_enterprise, coalesce(c.lead_unit, ''))
    IN (SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[]))
ORDER BY c.opened_at, c.id LIMIT {MOST}
"""


class Shift(msgspec.Struct, frozen=True):
    """One open case that would lie elsewhere: where it lies (None: on the dispatcher's desk), and where it would."""

    number: str
    matter: str
    old: str | None
    new: str | None


class Shifts(msgspec.Struct, frozen=True):
    """The first MOST cases in the order in which they came, and how many there are in all."""

    cases: tuple[Shift, ...]
    total: int


async def moved(
    connection: db.Connection, before: Book, after: Book, day: date, city: City, *, matter: str = ""
) -> Shifts:
    """The open cases that ``after`` would give to another unit on ``day`` than ``before`` does and than has them.

    ``matter`` narrows the search to a division, group or leaf. Two statements whatever the number of cases.
    """
    states = sorted(UNDISPATCHED | WORKING)
    groups = await connection.fetch(_GROUPS, states, matter)
    hit = [group for group in groups if _moves(group, (), before, after, day, city)[0]]
    if not hit:
        return Shifts((), 0)
    keys = [[group[name] or "" for group in hit] for name in ("matter", "county", "township")]
    rest = [[group["is_enterprise"] for group in hit], [group["lead_unit"] or "" for group in hit]]
    rows = await connection.fetch(_CASES, states, matter, *keys, *rest)
    found = []
    for row in rows:
        is_moved, new = _moves(row, row["about"], before, after, day, city)
        if is_moved:
            found.append(Shift(row["number"], row["matter"], row["lead_unit"], new))
    total = len(found) if len(rows) < MOST else sum(group["n"] for group in hit)
    return Shifts(tuple(found), total)


def _moves(
    row: Mapping[str, Any], about: Collection[str], before: Book, after: Book, day: date, city: City
) -> tuple[bool, str | None]:
    """Whether the case would lie with another unit, and with which."""
    kind = catalogue.requester_of(is_enterprise=row["is_enterprise"])
    where = (row["matter"], row["county"], row["township"], day, city, set(about), kind)
    old, new = catalogue.of(*where, lines=before), catalogue.of(*where, lines=after)
    return new.unit not in (old.unit, row["lead_unit"]), new.unit
