"""What of a month's requests goes into open data: whom it leaves out whole, and outcomes as bands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from hotline import city, clock, db
from sla.anonymity import ALL, Case

_OPEN_TO_ALL = """
    r.kind <> 'report' AND c.kind <> 'report' AND h.kind <> 'report' AND r.state NOT IN ('withdrawn', 'erased')
    AND NOT (c.is_confidential OR c.is_minor OR c.is_investigation OR c.is_vulnerable)
    AND NOT (h.is_confidential OR h.is_minor OR h.is_investigation OR h.is_vulnerable)
"""
"""Never reports, confidential cases, minors, matters under investigation, the vulnerable, the withdrawn or erased."""
_FROM = "request r JOIN cases c ON c.id = r.case_id JOIN cases h ON h.id = coalesce(r.home_id, r.case_id)"
_TAKEN = f"""
    SELECT r.id, r.filed_at, c.county, c.township, c.matter, r.channel, r.kind, c.closed_at,
        coalesce(encode(r.phone_index, 'hex'), encode(r.reply_index, 'hex'), r.account_id::text, '') AS who,
        (SELECT min(a.contacted_at) FROM assignment a WHERE a.case_id = c.id) AS contacted_at,
        (SELECT bool_or(a.excluded IS NOT NULL) FROM assignment a WHERE a.case_id = c.id) AS is_excluded,
        (SELECT bool_or(t.outcome = 'late' OR t.breached_at IS NOT NULL) FROM clock t
            WHERE t.case_id = c.id AND t.stage = 'finish'
            AND (t.outcome IN ('met', 'late') OR t.breached_at IS NOT NULL)) AS is_late,
        (SELECT g.grade FROM rating g WHERE g.request_id = r.id AND g.annulled_at IS NULL) AS grade
    FROM {_FROM} WHERE r.filed_at >= $1 AND r.filed_at < $2 AND {_OPEN_TO_ALL} ORDER BY r.id
"""
_STILL = f"SELECT r.id FROM {_FROM} WHERE r.id = ANY($1::uuid[]) AND {_OPEN_TO_ALL}"
BANDS = ((0, "0"), (1, "1"), (3, "2-3"), (5, "4-5"), (10, "6-10"), (20, "11-20"))
"""Days of the calendar up to and including; beyond is the last band."""
MORE, OPEN = "21+", "open"


def band(start: datetime, end: datetime | None) -> str:
    """The days between two moments of the city, as a band; ``open`` while there is no end."""
    if end is None:
        return OPEN
    days = (clock.local_day(end) - clock.local_day(start)).days
    return next((name for most, name in BANDS if days <= most), MORE)


async def taken(connection: db.Connection, first: date, after: date) -> list[Case]:
    """The requests that came in on days from ``first`` to before ``after`` and may be published."""
    rows = await connection.fetch(_TAKEN, clock.on(first), clock.on(after))
    known = sorted({row["who"] for row in rows} - {""})
    numbers = {who: n for n, who in enumerate(known, 1)}
    return [
        Case(
            str(row["id"]), clock.local_day(row["filed_at"]), row["county"], row["township"] or "", row["matter"] or "",
            row["channel"], row["kind"], band(row["filed_at"], row["contacted_at"] or row["closed_at"]),
            band(row["filed_at"], row["closed_at"]), _on_time(row["is_late"], is_excluded=bool(row["is_excluded"])),
            row["grade"] or "unrated", numbers.get(row["who"], 0),
        )
        for row in rows
    ]  # fmt: skip


def names_of(cases: Sequence[Case]) -> dict[str, dict[str, tuple[str, str]]]:
    """The names that the codes of these have today, matters also by group and division."""
    snapshot = city.current()
    counties = {one.county: snapshot.any_jurisdiction(one.county) for one in cases}
    towns = {one.township: snapshot.township(one.township, one.day) for one in cases if one.township}
    matters: dict[str, tuple[str, str]] = {}
    for code in {one.matter for one in cases}:
        leaf = snapshot.matter(code)
        if leaf is not None:
            matters[code] = (leaf.l3_zh, leaf.l3_en)
            matters[code[:4]], matters[code[:2]] = (leaf.l2_zh, leaf.l2_en), (leaf.l1_zh, leaf.l1_en)
    return {
        "county": {code: (one.name_zh, one.name_en) for code, one in counties.items() if one is not None}
        | {"city": ("市本级", "the city itself"), ALL: ("不分", "not told")},
        "township": {code: (one.name_zh, one.name_en) for code, one in towns.items() if one is not None}
        | {ALL: ("不分", "not told")},
        "matter": matters,
    }


def _on_time(is_late: bool | None, *, is_excluded: bool) -> str:  # noqa: FBT001 - the column as it is
    if is_excluded:
        return "excluded"
    return OPEN if is_late is None else ("no" if is_late else "yes")


async def excluded_now(connection: db.Connection, ids: Sequence[UUID]) -> frozenset[str]:
    """Those of these requests that may no longer be published."""
    still = {row["id"] for row in await connection.fetch(_STILL, list(ids))}
    return frozenset(str(one) for one in ids if one not in still)
