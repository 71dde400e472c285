"""What the detector reads: the past as counts, and of what it found the window's cases, their words and places.

Reports and confidential cases are in none of it (rules.md 10), minors and matters under investigation in no word and
no place; of words only the stripped text index is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from cases import redaction
from cases.name_lookalikes import NO_NAMES
from hotline import areas, city, db
from sla import hot_places, hot_words
from sla.hot_nouns import CITY, COUNTY, GROUP, Cell, Hit
from sla.hot_places import Place, Spot
from sla.hot_words import Said, Word

OPEN = "c.matter IS NOT NULL AND c.kind <> 'report' AND NOT c.is_confidential"
"""SQL over ``cases c``: those that take part."""
SHOWN = f"{OPEN} AND NOT (c.is_minor OR c.is_investigation)"
"""Those whose words and places are looked at, and whose number is public: no minor's, none under investigation."""
SEASON = timedelta(days=364)
"""The same days last year: weekdays fall on weekdays."""
_PAST = f"""
    SELECT matter, county, coalesce(township, '') AS township,
        array_agg(floor(extract(epoch FROM $2 - opened_at) / 3600)::int) AS hours
    FROM cases c WHERE opened_at > $1 AND opened_at <= $2 AND {OPEN} GROUP BY 1, 2, 3
"""
_LAST_YEAR = f"""
    SELECT matter, array_agg(floor(extract(epoch FROM $2 - opened_at) / 86400)::int) AS days
    FROM cases c WHERE opened_at > $1 AND opened_at <= $2 AND {OPEN} GROUP BY 1
"""
WHO = """
    SELECT coalesce(encode(r.phone_index, 'hex'), r.account_id::text, encode(r.reply_index, 'hex'), '') AS who,
        r.phone_index, r.account_id
    FROM request r WHERE r.case_id = c.id AND r.home_id IS NULL
    UNION ALL
    SELECT coalesce(encode(r.phone_index, 'hex'), r.account_id::text, encode(r.reply_index, 'hex'), ''),
        r.phone_index, r.account_id
    FROM request r WHERE r.home_id = c.id LIMIT 1
"""
"""Who filed the case ``c``, wherever its request stands now: keyed hashes and ids, nobody's name."""
_WINDOW = f"""
    SELECT c.is_minor OR c.is_investigation AS is_shielded, c.grams, coalesce(c.township, '') AS township, c.place,
        c.lat, c.lon, coalesce(w.who, '') AS who,
        EXISTS (SELECT FROM request o WHERE o.phone_index = w.phone_index AND o.filed_at < c.opened_at
                AND o.filed_at > c.opened_at - $3::interval) AS is_repeat
    FROM cases c LEFT JOIN LATERAL ({WHO}) w ON true
    WHERE c.opened_at > $1 AND c.opened_at <= $2 AND {OPEN} AND {{}} ORDER BY c.opened_at LIMIT 5000
"""
_BEFORE = f"""
    SELECT c.grams FROM cases c WHERE c.opened_at > $1 AND c.opened_at <= $2 AND {SHOWN} AND {{}}
    ORDER BY c.opened_at DESC LIMIT 2000
"""
_ENOUGH = 50
"""Earlier cases against which words can be judged."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a hit rests on beside its counts; words and fine places are empty when too few people said them."""

    cases: int
    requesters: int
    repeats: int
    words: Sequence[Word] = ()
    places: Sequence[Place] = ()
    nameless: int = 0

    @property
    def people(self) -> int:
        """Requesters, each of the nameless for one: somebody who calls eight times is not eight people."""
        return self.requesters - (self.nameless > 0) + self.nameless


async def past(connection: db.Connection, as_of: datetime, days: int) -> list[Cell]:
    """The cases of the last days, by leaf and township, as hours before ``as_of``."""
    rows = await connection.fetch(_PAST, as_of - timedelta(days=days), as_of)
    return [Cell(row["matter"], row["county"], row["township"], row["hours"]) for row in rows]


async def last_year(connection: db.Connection, as_of: datetime, days: int) -> dict[str, list[int]]:
    """Last year's cases around this day and before, by leaf, as days before a week after it."""
    end = as_of - SEASON + timedelta(days=7)
    rows = await connection.fetch(_LAST_YEAR, end - timedelta(days=14 + days), end)
    return {row["matter"]: row["days"] for row in rows}


def condition(matter: str, kind: str, area: str, first: int) -> tuple[str, list[object]]:
    """SQL over ``cases c`` for a leaf or group in an area, its arguments numbered from ``first``."""
    parts, args = [f"c.matter ^@ ${first}"], [matter]
    if kind != CITY:
        args.append(area)
        parts.append(f"{'c.county' if kind == COUNTY else 'c.township'} = ${first + 1}")
    return " AND ".join(parts), list(args)


async def of(connection: db.Connection, hit: Hit, as_of: datetime, days: int) -> Evidence:
    """Read what the hit rests on."""
    rule = city.current().rule
    least = max(int(rule("hot.requesters")), 5)  # never fewer, whatever the city writes (rules.md 10)
    begin = as_of - timedelta(hours=hit.hours)
    where, args = condition(hit.matter, hit.kind, hit.area, 4)
    rows = await connection.fetch(
        _WINDOW.format(where), begin, as_of, timedelta(days=float(rule("hot.repeat_days"))), *args
    )
    who = [row["who"] for row in rows]
    known = Evidence(
        cases=len(rows), requesters=len(set(who)), repeats=sum(row["is_repeat"] for row in rows),
        nameless=who.count(""),
    )  # fmt: skip
    rows = [row for row in rows if not row["is_shielded"]]
    if known.requesters < least:
        return msgspec.structs.replace(known, places=_towns(rows, float(rule("cluster.metres"))))
    before = await _before(connection, hit, begin, days)
    said = hot_words.distinctive([Said(row["grams"], row["who"]) for row in rows], before, least)
    own = areas.area_name(hit.area).zh + areas.area_name(hit.county).zh
    words = [one for one in said if one.text not in own and not may_name(one.text)]
    places = hot_places.where(_spots(rows), float(rule("cluster.metres")), least)
    return msgspec.structs.replace(known, words=words, places=places)


def may_name(word: str) -> bool:
    """Whether the word may be somebody's name, whom many complain about: then it is not shown.

    A word of the catalogue is none, however it begins.
    """
    if any(word in f"{one.l2_zh} {one.l3_zh}" for one in city.current().matters.values()):
        return False
    if word in NO_NAMES:
        return False
    return bool(redaction.finds(word) or redaction.finds(f"联系人：{word}，"))


def _spots(rows: Sequence[Any]) -> list[Spot]:
    return [
        Spot(who=row["who"], township=row["township"], place=_bare(row["place"], row["township"]),
             point=(row["lat"], row["lon"]) if row["lat"] is not None and row["lon"] is not None else None)
        for row in rows
    ]  # fmt: skip


def _bare(place: str, township: str) -> str:
    """The place without its township's name, which may look like a street's."""
    known = city.current().township(township) if township else None
    return place.replace(known.name_zh, "") if known is not None else place


def _towns(rows: Sequence[Any], metres: float) -> list[Place]:
    return [one for one in hot_places.where(_spots(rows), metres) if one.kind == "township"]


async def _before(connection: db.Connection, hit: Hit, begin: datetime, days: int) -> list[str]:
    """Grams of earlier cases of the group: in the same county where there are enough, so that its own name is usual."""
    since = begin - timedelta(days=days)
    if hit.county:
        where, args = condition(hit.matter[:GROUP], COUNTY, hit.county, 3)
        rows = await connection.fetch(_BEFORE.format(where), since, begin, *args)
        if len(rows) >= _ENOUGH:
            return [row["grams"] for row in rows]
    found: list[str] = []
    for matter in (hit.matter[:GROUP], ""):  # a group that never came up before is compared with whatever did
        where, args = condition(matter, CITY, "", 3)
        found = [row["grams"] for row in await connection.fetch(_BEFORE.format(where), since, begin, *args)]
        if len(found) >= _ENOUGH:
            break
    return found
