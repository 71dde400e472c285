"""Who answers for a unit today: its liaison, deputy and head by their roles, and who stands in for whoever is away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from hotline import city, clock, db
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
        ARRAY(SELECT role FROM role_grant g WHERE g.person_id = p.id AND g.valid_from <= $1
            AND (g.valid_to IS NULL OR g.valid_to >= $1)) AS roles,
        r.doors, r.sms, r.wechat, r.email, coalesce(r.quiet, '') AS quiet
    FROM person p LEFT JOIN person_reach r ON r.person_id = p.id WHERE p.is_active
"""
_AWAY = """
    SELECT DISTINCT ON (person_id) person_id, substitute_id FROM absence
    WHERE ended_at IS NULL AND first_day <= $1 AND last_day >= $1 ORDER BY person_id, noted_at DESC
"""


class Reached(msgspec.Struct, frozen=True, gc=False):
    """A person and how to reach them; the addresses are sealed (``person_reach.<door>``)."""

    id: UUID
    name: str
    unit: str
    lang: str
    roles: tuple[str, ...]
    doors: tuple[str, ...]
    addresses: dict[str, bytes]
    quiet: str


class Standing(msgspec.Struct, frozen=True):
    """Everybody as of one day."""

    people: dict[UUID, Reached]
    away: dict[UUID, UUID]
    offices: dict[tuple[str, str], list[Reached]]

    def told(self, unit: str, to: str) -> list[tuple[Reached, UUID | None]]:
        """Who hears what is for ``unit``'s ``to``: each with the one they stand in for, if any; nobody twice.

        ``to`` is liaison, deputy, head, or a role of the centre (``unit`` ""). [] when there is nobody up to the root.
        """
        if not unit:
            return self._present(self.offices.get((CENTRE, to), []))
        above = [one.code for one in upwards(unit)] or [unit]
        for code in above:
            for role in ORDER.get(to, (to,)):
                if found := self._present(self.offices.get((code, role), [])):
                    return found
        return []

    def _present(self, office: Sequence[Reached]) -> list[tuple[Reached, UUID | None]]:
        """The office's people who are in, or those who stand in for them."""
        found: dict[UUID, tuple[Reached, UUID | None]] = {}
        for one in office:
            stand_in = self.stand_in(one.id)
            if stand_in is not None:
                found.setdefault(stand_in, (self.people[stand_in], None if stand_in == one.id else one.id))
        return list(found.values())

    def stand_in(self, person: UUID) -> UUID | None:
        """The person, or along the chain of substitutes the first who is in; None when the chain ends nowhere."""
        seen = set()
        while person in self.away and person not in seen:
            seen.add(person)
            person = self.away[person]
        return person if person in self.people and person not in self.away else None


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


async def as_of(connection: db.Connection, day: date) -> Standing:
    """Everybody as of a day."""
    people, offices = {}, dict[tuple[str, str], list[Reached]]()
    for row in await connection.fetch(_PEOPLE, day):
        one = Reached(
            id=row["id"], name=row["name"], unit=row["unit"], lang=row["lang"], roles=tuple(row["roles"]),
            doors=tuple(row["doors"] or ()), quiet=row["quiet"],
            addresses={door: row[door] for door in ("sms", "wechat", "email") if row[door] is not None},
        )  # fmt: skip
        people[one.id] = one
        for role in one.roles:
            offices.setdefault((one.unit, role), []).append(one)
            offices.setdefault((CENTRE, role), []).append(one)
    away = {row["person_id"]: row["substitute_id"] for row in await connection.fetch(_AWAY, day)}
    return Standing(people, away, offices)
