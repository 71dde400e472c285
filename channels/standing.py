"""Who answers for a unit today: its liaison, deputy and head by their roles, and who stands in for whoever is away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg
import msgspec

from hotline import city, clock, db, roster
from hotline.city import Unit
from hotline.work import Work

ORDER: Mapping[str, tuple[str, ...]] = {
    "liaison": ("unit_liaison", "unit_handler", "unit_deputy", "unit_head"),
    "deputy": ("unit_deputy", "unit_head"),
    "head": ("unit_head",),
}
"""Who is told first, and who when there is no such person in the unit; after them its parent's, in the same order."""
CENTRE = "*"
"""The office of a role of the centre, in whichever of its houses people sit."""
_PEOPLE = """
    SELECT p.id, p.name, p.unit, p.lang,
        ARRAY(SELECT role || '|' || coalesce(nullif(g.unit, ''), p.unit) FROM role_grant g WHERE g.person_id = p.id
            AND g.valid_from <= $1 AND (g.valid_to IS NULL OR g.valid_to >= $1)) AS roles,
        ARRAY(SELECT door FROM unnest(r.doors) AS door WHERE door = ANY(r.proven)) AS doors,
        r.sms, r.wechat, r.email, coalesce(r.quiet, '') AS quiet, r.muted
    FROM person p LEFT JOIN person_reach r ON r.person_id = p.id WHERE p.is_active
"""
_NEAR = """
    AND (p.unit = $2 OR p.id = $3 OR p.id IN (SELECT person_id FROM role_grant WHERE unit = $2)
        OR p.id IN (SELECT substitute_id FROM unit_desk WHERE unit = $2)
        OR p.id IN (SELECT substitute_id FROM absence WHERE ended_at IS NULL AND first_day <= $1 AND last_day >= $1))
"""
_AWAY = """
    SELECT DISTINCT ON (a.person_id) a.person_id, CASE WHEN s.unit = p.unit THEN s.id END AS substitute_id
    FROM absence a JOIN person p ON p.id = a.person_id JOIN person s ON s.id = a.substitute_id
    WHERE a.ended_at IS NULL AND a.first_day <= $1 AND a.last_day >= $1 ORDER BY a.person_id, a.noted_at DESC
"""
"""Who is away and who stands in; nobody once either of them has moved to another unit."""


_DESKS = """
    SELECT d.unit, d.substitute_id, d.hours FROM unit_desk d LEFT JOIN person p ON p.id = d.substitute_id
    WHERE d.hours <> '' OR p.is_active
"""


class Reached(msgspec.Struct, frozen=True, gc=False):
    """A person and how to reach them; the addresses are sealed (``person_reach.<door>``) and proven.

    ``muted`` are kinds of message that only stand in the list of notices.
    """

    id: UUID
    name: str
    unit: str
    lang: str
    roles: tuple[str, ...]
    doors: tuple[str, ...]
    addresses: dict[str, bytes]
    quiet: str
    muted: tuple[str, ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """Everybody as of one day."""

    people: dict[UUID, Reached]
    away: dict[UUID, UUID | None]
    offices: dict[tuple[str, str], list[Reached]]
    substitutes: dict[str, UUID] = {}
    hours: dict[str, str] = {}

    def told(self, unit: str, to: str) -> list[tuple[Reached, UUID | None]]:
        """Who hears what is for ``unit``'s ``to``: each with the one they stand in for, if any; nobody twice.

        ``to`` is liaison, deputy, head, or a role of the centre (``unit`` ""). [] when there is nobody up to the root.
        """
        if not unit:
            return self._present(self.offices.get((CENTRE, to), []))
        above = [one.code for one in upwards(unit)] or [unit]
        return next((found for code in above if (found := self.of_house(code, to))), [])

    def of_house(self, unit: str, to: str) -> list[tuple[Reached, UUID | None]]:
        """The same within the unit alone: the office asked for, the unit's substitute, then the next offices."""
        first, *others = ORDER.get(to, (to,))
        if found := self._present(self.offices.get((unit, first), []), unit) or self._substitute(unit, first):
            return found
        offices = (self._present(self.offices.get((unit, role), []), unit) for role in others)
        return next((found for found in offices if found), [])

    def _substitute(self, unit: str, role: str) -> list[tuple[Reached, UUID | None]]:
        """The unit's own substitute, once everybody of this office is away and nobody stands in for them."""
        office = self.offices.get((unit, role), [])
        stand_in = self.stand_in(self.substitutes[unit]) if office and unit in self.substitutes else None
        return [] if stand_in is None else [(self.people[stand_in], office[0].id)]

    def _present(self, office: Sequence[Reached], unit: str = "") -> list[tuple[Reached, UUID | None]]:
        """The office's people who are in, or those who stand in for them.

        Whoever holds the office in another ``unit`` than their own is stood in for by nobody from elsewhere.
        """
        found: dict[UUID, tuple[Reached, UUID | None]] = {}
        for one in office:
            stand_in = self.stand_in(one.id)
            if stand_in is not None and (stand_in == one.id or self._is_near(stand_in, unit)):
                found.setdefault(stand_in, (self.people[stand_in], None if stand_in == one.id else one.id))
        return list(found.values())

    def _is_near(self, person: UUID, unit: str) -> bool:
        return not unit or self.people[person].unit in roster.around(unit)

    def stand_in(self, person: UUID) -> UUID | None:
        """The person, or along the chain of substitutes the first who is in; None when the chain ends nowhere."""
        seen: set[UUID] = set()
        one: UUID | None = person
        while one is not None and one in self.away and one not in seen:
            seen.add(one)
            one = self.away[one]
        return one if one in self.people and one not in self.away else None


def upwards(unit: str) -> Iterator[Unit]:
    """The unit and those above it, the root last."""
    seen: set[str] = set()
    one = city.current().unit(unit) if unit else None
    while one is not None and one.code not in seen:
        seen.add(one.code)
        yield one
        one = city.current().unit(one.parent) if one.parent else None


async def of_work(work: Work) -> Standing:
    """Everybody today, read once a transaction."""
    known: Standing | None = work.kept.get("standing")
    if known is None:
        known = work.kept["standing"] = await as_of(work.connection, clock.local_day(work.now))
    return known


async def near(work: Work, unit: str, person: UUID | None = None) -> Standing:
    """The people of one unit today, who may stand in for them, and ``person``; read once a transaction.

    Cheap enough for each dispatch: a batch of cases asks once for each unit.
    """
    key = f"standing:{unit}:{person or ''}"
    known: Standing | None = work.kept.get(key)
    if known is None:
        day = clock.local_day(work.now)
        known = work.kept[key] = await _read(
            work.connection, day, await work.connection.fetch(_PEOPLE + _NEAR, day, unit, person)
        )
    return known


async def as_of(connection: db.Connection, day: date) -> Standing:
    """Everybody as of a day."""
    return await _read(connection, day, await connection.fetch(_PEOPLE, day))


async def _read(connection: db.Connection, day: date, rows: Sequence[asyncpg.Record]) -> Standing:
    people, offices = {}, dict[tuple[str, str], list[Reached]]()
    desks = await connection.fetch(_DESKS)
    for row in rows:
        posts = [line.split("|") for line in row["roles"]]
        one = Reached(
            id=row["id"], name=row["name"], unit=row["unit"], lang=row["lang"], roles=tuple(role for role, _ in posts),
            doors=tuple(row["doors"] or ()), quiet=row["quiet"], muted=tuple(row["muted"] or ()),
            addresses={door: row[door] for door in ("sms", "wechat", "email") if row[door] is not None},
        )  # fmt: skip
        people[one.id] = one
        for role, unit in posts:
            offices.setdefault((unit, role), []).append(one)
            offices.setdefault((CENTRE, role), []).append(one)
    away = {row["person_id"]: row["substitute_id"] for row in await connection.fetch(_AWAY, day)}
    return Standing(
        people, away, offices,
        {one["unit"]: one["substitute_id"] for one in desks
         if (who := people.get(one["substitute_id"])) is not None and who.unit in roster.around(one["unit"])},
        {one["unit"]: one["hours"] for one in desks if one["hours"]},
    )  # fmt: skip
