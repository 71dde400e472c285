"""The job of the hot issues: look each hour, write what is new or grew, tell each level once, let the calm end.

Safe twice and side by side: one looks at a time, what is written is found again by matter and area, what was told
has its key. A dismissed issue comes back only when it reaches a higher level; what spreads beyond one that was dealt
with is a new one.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import msgspec

from hotline import acts, city, clock, db, serials
from hotline.actor import SYSTEM
from hotline.ids import new_id
from hotline.work import Work, work
from sla import calendar, hot_detect, hot_evidence, hot_hours
from sla.hot_evidence import Evidence
from sla.hot_nouns import CITY, COUNTY, TOWNSHIP, Hit, Limits

_LOCK = 0x686F7400
_NEAR = """
    SELECT * FROM hot_issue WHERE state <> 'over' AND $1 ^@ matter
        AND (area = $2 OR kind = 'city' OR county = $4 AND kind = 'county'
            OR state IN ('new', 'watched') AND ($3 = 'city' OR county = $4 AND $3 = 'county'))
    ORDER BY matter = $1 AND area = $2 DESC, seen_at DESC LIMIT 1 FOR UPDATE
"""
_OVER = """
    UPDATE hot_issue i SET state = 'over' WHERE seen_at < $1 AND (state IN ('new', 'watched', 'dismissed')
        OR state = 'theme' AND NOT EXISTS (SELECT FROM theme t WHERE t.issue_id = i.id AND t.state = 'open')
        OR state = 'task' AND NOT EXISTS (SELECT FROM proactive_task p WHERE p.issue_id = i.id AND p.closed_at IS NULL))
"""
_INSERT = """
    INSERT INTO hot_issue (id, number, matter, kind, area, county, state, level, told_level, found_at, seen_at, hours,
        observed, expected, low, high, chance, requesters, repeats, season, points, words, places)
    VALUES ($1, $2, $3, $4, $5, $6, 'new', $7, $7, $8, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
"""
_UPDATE = """
    UPDATE hot_issue SET matter = $2, kind = $3, area = $4, county = $5, level = $6, seen_at = $7, hours = $8,
        observed = $9, expected = $10, low = $11, high = $12, chance = $13, requesters = $14, repeats = $15,
        season = $16, points = $17, words = $18, places = $19, told_level = greatest(told_level, $6),
        state = CASE WHEN $20 THEN 'new' ELSE state END, settled_at = CASE WHEN $20 THEN NULL ELSE settled_at END,
        settled_by = CASE WHEN $20 THEN NULL ELSE settled_by END
    WHERE id = $1
"""


class Tell(Protocol):
    """Tells people of the staff; ``channels``, which the roof brings here."""

    async def __call__(
        self, work: Work, *, issue: UUID, number: str, matter: str, area: str, level: int, observed: int,
        expected: float, hours: int,
    ) -> None:  # fmt: skip
        """Say it in the transaction that writes it; once for each level."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A hit with what it rests on, and by how much the season moves its usual."""

    hit: Hit
    evidence: Evidence
    season: float


async def look(tell: Tell, as_of: datetime | None = None, passes: Limits | None = None) -> int:
    """Look at the last hours as of now; how many issues are new or grew to a higher level. Else the city's limits."""
    now = as_of or clock.now()
    rising = await found(now, passes or limits())
    async with work(SYSTEM, now=now) as w:
        await w.connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        written = sum([await _write(w, one, tell) for one in rising])
        calm = timedelta(hours=float(city.current().rule("hot.calm_hours")))
        await w.connection.execute(_OVER, now - calm)
    return written


def limits() -> Limits:
    """The city's numbers for what passes."""
    rule = city.current().rule
    return Limits(
        least=int(rule("hot.least")), ratio=1 + float(rule("hot.more")) / 100,
        share=float(rule("hot.false_share")) / 100, days=int(rule("hot.past_days")),
    )  # fmt: skip


async def found(now: datetime, passes: Limits) -> list[Found]:
    """What comes up unusually often as of ``now``; nothing that few people stand behind."""
    days = int(city.current().rule("hot.weeks")) * 7
    async with db.reading() as connection:
        cells = await hot_evidence.past(connection, now, days)
        before = await hot_evidence.last_year(connection, now, days)
        turns = hot_detect.season(before, days)
        kinds = hot_hours.cells(calendar.of(city.current()), now, days * 24)
        hits = await asyncio.to_thread(hot_detect.found, cells, kinds, turns, passes)
        seen = [
            Found(hit=one, evidence=await hot_evidence.of(connection, one, now, days),
                  season=round(turns.get(one.matter, 1.0), 2))
            for one in hits
        ]  # fmt: skip
    return [one for one in seen if one.evidence.people >= passes.least]


async def _write(w: Work, one: Found, tell: Tell) -> int:
    hit = one.hit
    row = await w.connection.fetchrow(_NEAR, hit.matter, hit.area, hit.kind, hit.county)
    if row is None:
        return await _rise(w, one, tell)
    if _is_narrower(hit, row) and hit.level <= row["level"]:
        await w.connection.execute("UPDATE hot_issue SET seen_at = $2 WHERE id = $1", row["id"], w.now)
        return 0
    grew = hit.level > row["told_level"]
    is_back = grew and row["state"] == "dismissed"
    await w.connection.execute(
        _UPDATE, row["id"], hit.matter, hit.kind, hit.area, hit.county, hit.level, w.now, *_facts(one), is_back
    )
    if is_back:
        await acts.note(w, SYSTEM, "hot_issue_back", f"hot:{row['number']}")
    if grew:
        await _told(w, tell, row["id"], row["number"], hit)
    return int(grew)


def _is_narrower(hit: Hit, row: Any) -> bool:
    """Whether what is written is wider than the hit: a part of it is told again only at a higher level."""
    if (row["matter"], row["area"]) == (hit.matter, hit.area):
        return False
    is_part = row["kind"] == CITY or (row["kind"] == COUNTY and hit.kind == TOWNSHIP)
    return is_part or len(row["matter"]) < len(hit.matter)


async def _rise(w: Work, one: Found, tell: Tell) -> int:
    hit, year = one.hit, clock.local_day(w.now).year
    number = f"热点〔{year}〕{await serials.following(w.connection, 'hot', year)}号"
    identifier = new_id()
    await w.connection.execute(
        _INSERT, identifier, number, hit.matter, hit.kind, hit.area, hit.county, hit.level, w.now, *_facts(one)
    )
    await _told(w, tell, identifier, number, hit)
    return 1


def _facts(one: Found) -> list[object]:
    hit, seen = one.hit, one.evidence
    lists = [msgspec.json.encode(list(part)).decode() for part in (hit.points, seen.words, seen.places)]
    return [
        hit.hours, hit.observed, hit.expected, hit.low, hit.high, hit.chance, seen.requesters, seen.repeats,
        one.season, *lists,
    ]  # fmt: skip


async def _told(w: Work, tell: Tell, identifier: UUID, number: str, hit: Hit) -> None:
    await tell(
        w, issue=identifier, number=number, matter=hit.matter, area=hit.area, level=hit.level,
        observed=hit.observed, expected=hit.expected, hours=hit.hours,
    )  # fmt: skip


async def settle(w: Work, identifier: UUID, state: str, *, reason: str | None = None) -> None:
    """Somebody decided what becomes of an issue; the caller has locked it."""
    await w.connection.execute(
        "UPDATE hot_issue SET state = $2, settled_at = $3, settled_by = $4, reason = $5 WHERE id = $1",
        identifier, state, w.now, w.actor.id, reason,
    )  # fmt: skip

