"""Look-alikes of what is being typed: same requester, same matter, near, recent, similar words, as far as one may see.

Each way of looking is one walk along an index that stops early, those for what is known in one statement; the few rows
that it finds are ranked here. Reports and confidential cases are never among them (rules.md 10).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from cases import likeness, scope
from hotline import city, clock, db, outlines
from hotline.actor import Actor
from hotline.errors import Say

MOST = 3
NEAR = 200.0
"""Metres within which two points are the same place (domain.md 2.12)."""
_JUDGED = 40
"""So many are compared word by word: the likeliest by all else."""
ENOUGH = 4.0
"""A score from which on a case is shown."""
Row = Mapping[str, Any]
_Points = tuple[float, Say | None]
_Score = tuple[float, tuple[_Points, ...], Row]
OPEN = "c.kind <> 'report' AND NOT c.is_confidential"
_THEIR_OWN = """SELECT {columns}, o.receipt FROM (
    SELECT r.case_id, max(r.receipt_no) AS receipt FROM ({theirs}) AS r
    GROUP BY r.case_id ORDER BY max(r.filed_at) DESC LIMIT 20) AS o
JOIN cases c ON c.id = o.case_id WHERE {seen} AND (c.opened_at > $1 OR c.is_open)"""
_THEIRS = """SELECT case_id, receipt_no, filed_at FROM request
        WHERE {who} AND filed_at > $1::timestamptz - interval '335 days'"""
_MATTERS = """SELECT x.* FROM unnest({codes}, {most}) AS m (code, most) CROSS JOIN LATERAL (
    SELECT {columns}, NULL::text AS receipt FROM cases c
    WHERE c.matter = m.code AND c.county = {county} AND c.opened_at > $1 AND {seen}
    ORDER BY c.opened_at DESC LIMIT m.most) AS x"""
_ROADS = """(SELECT {columns}, NULL::text AS receipt FROM cases c
    WHERE c.is_open AND c.search @@ {roads} AND c.opened_at > $1 AND {seen} LIMIT 30)"""
_POINTS = """(SELECT {columns}, NULL::text AS receipt FROM cases c
    WHERE c.lat IS NOT NULL AND point(c.lon, c.lat) <@ {box} AND c.opened_at > $1 AND {seen} LIMIT 30)"""
_MOST_OF = (25, 10, 10)
"""So many of the newest are read of the likeliest matter, and of the two after it."""
_SEEN = OPEN + " AND c.state <> 'merged' AND {scope}"
_ABOUT = " AND NOT EXISTS (SELECT FROM request r WHERE r.case_id = c.id AND r.about_unit = ANY(${0}::text[]))"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the one being typed. ``matters``: the likeliest first; ``point``: "latitude,longitude".

    ``phones`` are the blind indexes of the requester's number under every live key; ``but`` is left out.
    """

    words: str
    place: str = ""
    matters: Sequence[str] = ()
    county: str = ""
    township: str = ""
    point: str = ""
    phones: Sequence[bytes] = ()
    account: UUID | None = None
    but: UUID | None = None


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """One case that looks like it, with what speaks for that; ``receipt`` is the requester's own on it, "" for none."""

    id: UUID
    number: str
    title: str
    state: str
    kind: str
    matter: str | None
    township: str | None
    place: str
    opened_at: datetime
    is_open: bool
    lead_unit: str | None
    next_due: datetime | None
    receipt: str
    reasons: tuple[Say, ...]
    score: float
    road: str = ""
    """The road that both name."""
    is_near: bool = False
    """Both have a point, at most NEAR metres apart."""

    @property
    def is_own(self) -> bool:
        """The same requester's."""
        return bool(self.receipt)


_OWN = {"reasons", "score", "receipt", "road", "is_near"}
_KNOWN = tuple(name for name in Alike.__struct_fields__ if name not in _OWN)
_COLUMNS = ", ".join(f"c.{name}" for name in (*_KNOWN, "county", "lat", "lon", "grams"))


async def find(connection: db.Connection, actor: Actor, asked: Asked, *, most: int = MOST) -> list[Alike]:
    """The cases that look like it and that ``actor`` may see, the likeliest first; empty when nothing is known yet.

    Looks back ``duplicate.days``; a requester's own open case counts however old. One statement.
    """
    roads = likeness.roads(f"{asked.place} {asked.words}")
    now = clock.now()
    sql, args = _statement(actor, asked, roads, now - timedelta(days=float(city.current().rule("duplicate.days"))))
    rows = await connection.fetch(sql, *args) if sql else ()
    best = _scored(rows, asked, roads, now)[:most]
    return [_shown(row, parts, score, now, asked, roads) for score, parts, row in best]


def _statement(actor: Actor, asked: Asked, roads: Sequence[str], since: datetime) -> tuple[str, list[Any]]:
    """The walks for what is known and no other, since each costs more to plan than to run; "" when there is none."""
    where, scoped = visible(actor, 2)
    args: list[Any] = [since, *scoped]

    def given(value: object, kind: str) -> str:
        args.append(value)
        return f"${len(args)}::{kind}"

    if where == "FALSE":
        return "", []
    seen = _SEEN.format(scope=where) + (f" AND c.id <> {given(asked.but, 'uuid')}" if asked.but else "")
    shown = {"columns": _COLUMNS, "seen": seen}
    walks: list[str] = []
    theirs = [f"phone_index = ANY({given(list(asked.phones), 'bytea[]')})"] if asked.phones else []
    theirs += [f"account_id = {given(asked.account, 'uuid')}"] if asked.account else []
    if theirs:  # the first: a case that two walks find is their own
        walks.append(_THEIR_OWN.format(theirs=" UNION ALL ".join(_THEIRS.format(who=one) for one in theirs), **shown))
    if asked.matters and asked.county:
        codes = list(asked.matters[:3])
        walks.append(_MATTERS.format(
            codes=given(codes, "text[]"), most=given(_MOST_OF[: len(codes)], "int[]"),
            county=given(asked.county, "text"), **shown,
        ))  # fmt: skip
    if names := likeness.asked(tuple(roads)):
        walks.append(_ROADS.format(roads=given(names, "tsquery"), **shown))
    if box := _box(asked.point):
        walks.append(_POINTS.format(box=given(box, "box"), **shown))
    return "\nUNION ALL ".join(walks), args if walks else []


def _scored(rows: Sequence[Row], asked: Asked, roads: Sequence[str], now: datetime) -> list[_Score]:
    """Each case once, from ENOUGH on, the likeliest first; words are compared for the likeliest by all else only."""
    once: dict[UUID, Row] = {}
    for row in rows:  # the requester's own come first, and say so
        once.setdefault(row["id"], row)
    plain = [(_plainly(row, asked, roads), row) for row in once.values()]
    plain.sort(key=lambda one: -sum(points for points, _ in one[0]))
    pairs = likeness.pairs(f"{asked.place} {asked.words}")
    found = []
    for parts, row in plain[:_JUDGED]:
        judged = (*parts, _words(row, pairs))
        score = _score(row, judged, now)
        if score >= ENOUGH:
            found.append((score, judged, row))
    return sorted(found, key=lambda one: -one[0])


def _score(row: Row, parts: Sequence[_Points], now: datetime) -> float:
    """All points together; one thing in common is none: two at least, beside being recent and open."""
    if sum(say is not None for _, say in parts) < 2:
        return 0.0
    days = (now - row["opened_at"]).total_seconds() / 86_400
    return float(sum(points for points, _ in parts) + max(0.0, 1 - days / 30) + row["is_open"])


def _plainly(row: Row, asked: Asked, roads: Sequence[str]) -> tuple[_Points, ...]:
    return _who(row), _what(row, asked), _where(row, asked, roads)


def visible(actor: Actor, first: int) -> tuple[str, list[object]]:
    """SQL over ``cases c`` for what the actor may see, arguments numbered from ``first``.

    For all but the city's own people without whatever complains about their house: of that they read no words.
    """
    where, args = scope.condition(actor, first)
    if where != "FALSE" and not scope.scope_of(actor).city:
        args = [*args, scope.house(actor.unit)]
        where += _ABOUT.format(first + len(args) - 1)
    return where, args


def _box(point: str) -> Any:
    """The square around a point, as asyncpg gives it to PostgreSQL; None without one."""
    at = _degrees(point)
    if at is None:
        return None
    lat, lon = at
    north = math.degrees(NEAR / outlines.RADIUS)
    east = north / math.cos(math.radians(lat))
    return ((lon + east, lat + north), (lon - east, lat - north))


def _degrees(point: str) -> tuple[float, float] | None:
    lat, _, lon = point.partition(",")
    try:
        found = float(lat), float(lon)
    except ValueError:
        return None
    return found if -90 < found[0] < 90 and -180 <= found[1] <= 180 else None


def metres(point: str, lat: float | None, lon: float | None) -> float | None:
    """How far a case lies from a point; None when one of the two is not known. Right to a metre within a city."""
    at = _degrees(point)
    if at is None or lat is None or lon is None:
        return None
    return outlines.apart(at, (lat, lon))


def _shown(
    row: Row, parts: Sequence[_Points], score: float, now: datetime, asked: Asked, roads: Sequence[str]
) -> Alike:
    reasons = [say for _, say in parts if say is not None]
    days = max(0, (clock.local_day(now) - clock.local_day(row["opened_at"])).days)
    reasons.append(Say(f"{days} 天前" if days else "今天", f"{days} days ago" if days else "today"))
    away = metres(asked.point, row["lat"], row["lon"])
    return Alike(
        **{name: row[name] for name in _KNOWN}, receipt=row["receipt"] or "", reasons=tuple(reasons), score=score,
        road=_road(row, asked, roads), is_near=away is not None and away <= NEAR,
    )  # fmt: skip


def _who(row: Row) -> _Points:
    return (3.0, Say("同一号码", "same number")) if row["receipt"] else (0.0, None)


def _what(row: Row, asked: Asked) -> _Points:
    if not asked.matters or row["matter"] not in asked.matters[:3]:
        return 0.0, None
    is_first = row["matter"] == asked.matters[0]
    return (2.0 if is_first else 1.0), Say("同一事项", "same matter") if is_first else Say("相近事项", "a like matter")


def _where(row: Row, asked: Asked, roads: Sequence[str]) -> _Points:
    """By metres where both have a point, else by a road that both name, else by the township."""
    away = metres(asked.point, row["lat"], row["lon"])
    if away is not None and away <= NEAR:
        return 3.0 - away / NEAR, Say(f"{away:.0f} 米", f"{away:.0f} m")
    if away is not None and away > 5 * NEAR:
        return -2.0, None
    name = _road(row, asked, roads)
    if name:
        return 2.0, Say(f"同在“{name}”", f"both at “{name}”")
    if asked.township and row["township"] == asked.township:
        return 1.0, Say("同一街道、乡镇", "same subdistrict")
    return (0.0, None) if not asked.county or row["county"] == asked.county else (-1.0, None)


def _road(row: Row, asked: Asked, roads: Sequence[str]) -> str:
    text = f"{row['place']} {row['title']}"
    road = next((one for one in roads if one in text), "")
    return likeness.road_of(road, text, f"{asked.place} {asked.words}") if road else ""


def _words(row: Row, pairs: frozenset[str]) -> _Points:
    share = likeness.shared(pairs, likeness.of_grams(row["grams"]))
    if share < 0.2:  # below that two complaints share only what all share
        return 2 * share, None
    return 4 * share, Say(f"用词相近 {share:.0%}", f"similar words {share:.0%}")
