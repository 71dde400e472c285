"""The named leaders of townships, counties and the city, and how an enterprise's request climbs to the next."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec

from cases import ledger, levels, scope, verbs_care
from cases.file import CaseFile, Entry
from hotline import city, clock, db
from hotline.actor import SYSTEM
from hotline.city_nouns import Unit
from hotline.errors import Say, conflict, invalid
from hotline.ids import new_id
from hotline.work import Work

LEVEL_OF_TIER = {scope.THIRD_LEVEL: "township", 3: "district"}


class Leader(msgspec.Struct, frozen=True, kw_only=True):
    """Who coordinates for a unit; ``person`` is whom they sign in as, None when they do not."""

    id: UUID
    unit: str
    level: str
    name: str
    title: str
    person: UUID | None
    valid_from: date
    valid_to: date | None

    @property
    def words(self) -> str:
        """Title and name in one line."""
        return f"{self.title} {self.name}".strip()


_COLUMNS = ", ".join(Leader.__struct_fields__)
_OF_UNIT = f"SELECT {_COLUMNS} FROM level_leader WHERE unit = $1 AND valid_to IS NULL"
_OPEN = f"SELECT {_COLUMNS} FROM level_leader WHERE valid_to IS NULL"
_LED = """
SELECT id FROM cases WHERE is_open AND level = $1 AND id IN (SELECT case_id FROM clock WHERE unit = $2 AND stage = $3)
ORDER BY id
"""


def level_of(unit: Unit) -> str | None:
    """At which level a unit's leader coordinates; None for units that are no such body."""
    if unit.code == levels.CITY_UNIT:
        return "city"
    level = LEVEL_OF_TIER.get(unit.tier)
    return level if level != "district" or unit.kind == "county" else None


async def current(connection: db.Connection) -> dict[str, Leader]:
    """Today's leaders by unit."""
    return {row["unit"]: Leader(**row) for row in await connection.fetch(_OPEN)}


async def of_unit(connection: db.Connection, unit: str) -> Leader | None:
    """Today's leader of a unit, if one is named."""
    row = await connection.fetchrow(_OF_UNIT, unit)
    return Leader(**row) if row is not None else None


async def climb(work: Work, file: CaseFile, cause: str = "limit", reason: str = "") -> bool:
    """One level up, to its named leader; False at the top. Where nobody is named the level still has its limit."""
    following = levels.next_of(file.case)
    if following is None:
        return False
    level, unit = following
    leader = await of_unit(work.connection, unit)
    await verbs_care.escalate(
        work, file, level=level, unit=unit, cause=cause, reason=reason,
        leader=leader.id if leader else None, person=leader.person if leader else None,
        name=leader.words if leader else "",
    )  # fmt: skip
    return True


async def on_dispatched(work: Work, file: CaseFile, entry: Entry) -> None:
    """An enterprise's request begins at its township, or at the district where there is none (domain.md 2.19)."""
    if file.case.is_enterprise and not file.case.level and file.case.channel != "import":
        await _by_the_system(work, file, "begun")


async def on_reworked(work: Work, file: CaseFile, entry: Entry) -> None:
    """The enterprise says that it is not solved: the next level has it, or the highest one again."""
    if file.case.is_enterprise and file.case.level:
        await _by_the_system(work, file, "unsolved")


async def _by_the_system(work: Work, file: CaseFile, cause: str) -> None:
    who, work.actor = work.actor, SYSTEM
    try:
        await climb(work, file, cause)
    finally:
        work.actor = who


async def name_leader(
    work: Work, unit: str, *, name: str, title: str, person: UUID | None
) -> tuple[Leader | None, Leader]:
    """Name who leads a unit from today on: the one before, and the new one. 422 by field; 409 when nothing changes.

    Open cases at the unit's level go over to the new leader, each with an event of its own.
    """
    known = city.current().unit(unit)
    level = level_of(known) if known else None
    if level is None:
        raise invalid({"unit": Say("请从列表里选单位。", "Choose a unit from the list.")})
    row = await work.connection.fetchrow(f"{_OF_UNIT} FOR UPDATE", unit)
    before = Leader(**row) if row is not None else None
    if before and (before.name, before.title, before.person) == (name, title, person):
        raise conflict("unchanged", "没有改动。", "Nothing has changed.")
    today = clock.local_day(work.now)
    if before is not None and before.valid_from >= today:
        await work.connection.execute("DELETE FROM level_leader WHERE id = $1", before.id)
    elif before is not None:
        await work.connection.execute(
            "UPDATE level_leader SET valid_to = $2 WHERE id = $1", before.id, today - timedelta(days=1)
        )
    after = Leader(
        id=new_id(), unit=unit, level=level, name=name, title=title, person=person, valid_from=today, valid_to=None
    )
    places = ", ".join(f"${n}" for n in range(1, 9))
    await work.connection.execute(
        f"INSERT INTO level_leader ({_COLUMNS}) VALUES ({places})", *msgspec.structs.astuple(after)
    )
    await _hand_over(work, after)
    return before, after


async def _hand_over(work: Work, after: Leader) -> None:
    stage = levels.stage_of(after.level)
    for row in await work.connection.fetch(_LED, after.level, after.unit, stage):
        file = await ledger.opened(work, case_id=row["id"])
        await verbs_care.escalate(
            work, file, level=after.level, unit=after.unit, cause="handover", leader=after.id, person=after.person,
            name=after.words,
        )  # fmt: skip
