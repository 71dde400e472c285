"""Reading hot issues: the list by state, one with its picture, the cases behind it as far as the viewer may see."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from cases import scope
from hotline import areas, city, db
from hotline.actor import Actor
from hotline.errors import Say, not_found
from sla import hot_cases, hot_evidence
from sla.hot_cases import Listed
from sla.hot_nouns import Point
from sla.hot_places import Place
from sla.hot_words import Word

STATES: dict[str, Say] = {
    "new": Say("新发现", "New"),
    "watched": Say("关注中", "Watched"),
    "theme": Say("已列入每月一题", "Made a theme"),
    "task": Say("已交办", "Made a task"),
    "dismissed": Say("已排除", "Dismissed"),
    "over": Say("已平息", "Over"),
}
LEVELS: dict[int, Say] = {
    1: Say("偏多", "more than usual"), 2: Say("明显偏多", "much more"), 3: Say("异常多", "far more"),
}  # fmt: skip
WINDOWS: dict[int, Say] = {
    3: Say("最近 3 小时", "the last 3 hours"), 24: Say("最近 24 小时", "the last 24 hours"),
    168: Say("最近 7 天", "the last 7 days"),
}  # fmt: skip
SIZE = 60


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """One issue as it was last seen."""

    id: UUID
    number: str
    matter: str
    kind: str
    area: str
    county: str
    state: str
    level: int
    found_at: datetime
    seen_at: datetime
    hours: int
    observed: int
    expected: float
    low: int
    high: int
    chance: float
    requesters: int
    repeats: int
    season: float
    points: list[Point]
    words: list[Word]
    places: list[Place]
    settled_at: datetime | None
    settled_by: UUID | None
    reason: str | None

    @property
    def matter_say(self) -> Say:
        """The leaf's name, or the group's."""
        return areas.matter_name(self.matter)

    @property
    def area_say(self) -> Say:
        """Where."""
        return areas.area_name(self.area)

    @property
    def is_few(self) -> bool:
        """Too few requesters for its words and places to be shown."""
        return self.requesters < max(int(city.current().rule("hot.requesters")), 5)


_COLUMNS = ", ".join(Issue.__struct_fields__)


def _read(row: Any) -> Issue:
    lists = {
        name: msgspec.json.decode(row[name], type=list[kind])  # type: ignore[valid-type]
        for name, kind in (("points", Point), ("words", Word), ("places", Place))
    }
    return Issue(**{**dict(row), **lists})


async def listed(connection: db.Connection, state: str, county: str = "") -> list[Issue]:
    """The issues of a state, the strongest first; of one county those that touch it."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM hot_issue WHERE state = $1 AND ($2 = '' OR county = $2 OR kind = 'city')"
        f" ORDER BY level DESC, seen_at DESC, chance, id LIMIT {SIZE}",
        state, county,
    )  # fmt: skip
    return [_read(row) for row in rows]


async def counts(connection: db.Connection) -> dict[str, int]:
    """How many issues stand in each state; those that are over are not counted."""
    rows = await connection.fetch("SELECT state, count(*) AS n FROM hot_issue WHERE state <> 'over' GROUP BY 1")
    return {row["state"]: row["n"] for row in rows}


async def one(connection: db.Connection, identifier: UUID, *, lock: bool = False) -> Issue:
    """The issue; 404 when there is none."""
    tail = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM hot_issue WHERE id = $1{tail}", identifier)
    if row is None:
        raise not_found()
    return _read(row)


async def cases(connection: db.Connection, actor: Actor, issue: Issue, limit: int = 100) -> tuple[list[Listed], int]:
    """The window's cases that the actor may see, newest first, and how many there are for them."""
    where, args = hot_evidence.condition(issue.matter, issue.kind, issue.area, 3)
    scoped, more = scope.condition(actor, first=3 + len(args))
    rows = await connection.fetch(
        f"SELECT {hot_cases.COLUMNS}, count(*) OVER () AS total FROM cases c WHERE c.opened_at > $1 "
        f"AND c.opened_at <= $2 AND {hot_evidence.OPEN} AND {where} AND {scoped} "
        f"ORDER BY c.opened_at DESC, c.id LIMIT {limit}",
        issue.seen_at - timedelta(hours=issue.hours), issue.seen_at, *args, *more,
    )  # fmt: skip
    return hot_cases.listed(rows)
