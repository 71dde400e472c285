"""Who stands for a unit, and which roles people hold from which day to which. Signing in is ``hotline.people``."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec

from hotline import city, clock, db, role_pairs
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.roles import ROLES

OFFICES = role_pairs.UNIT
"""Roles by which people stand for their unit (seed 004-42), the first responsible first."""
LIAISON = "unit_liaison"


class Grant(msgspec.Struct, frozen=True):
    """A role that a person holds, held or will hold; ``valid_to`` is the last day, ``unit`` "" the person's own."""

    id: UUID
    role: str
    valid_from: date
    valid_to: date | None
    by_name: str
    unit: str = ""
    jurisdiction: str = ""

    def state(self, today: date) -> str:
        """``now``, ``later`` or ``over`` on that day."""
        if self.valid_from > today:
            return "later"
        return "now" if self.valid_to is None or self.valid_to >= today else "over"


class Officer(msgspec.Struct, frozen=True):
    """A person who stands for a unit today."""

    id: UUID
    name: str
    role: str


_AT = "coalesce(nullif(g.unit, ''), p.unit)"
"""The unit of a grant: its own, else the person's."""
_HELD = "g.valid_from <= {0} AND (g.valid_to IS NULL OR g.valid_to >= {0})"
_OFFICERS = f"""
SELECT p.id, p.name, g.role FROM person p JOIN role_grant g ON g.person_id = p.id
WHERE p.is_active AND {_AT} = $2 AND g.role = ANY($3) AND {_HELD.format("$1")} ORDER BY p.name, p.id
"""
_UNITS = f"""
SELECT DISTINCT {_AT} AS unit FROM person p JOIN role_grant g ON g.person_id = p.id
WHERE p.is_active AND {_AT} <> '' AND g.role = $2 AND {_HELD.format("$1")}
"""
_LAST_ADMIN = """
SELECT EXISTS (
    SELECT FROM role_grant g WHERE g.person_id = $2 AND ($4::uuid IS NULL OR g.id = $4) AND g.role = 'admin'
        AND (g.valid_to IS NULL OR g.valid_to >= $1)
        AND NOT EXISTS (
            SELECT FROM person q JOIN role_grant h ON h.person_id = q.id WHERE q.is_active AND h.role = 'admin'
                AND (q.id <> $2 OR ($4::uuid IS NOT NULL AND h.id <> $4)) AND h.valid_from <= $3
                AND coalesce(h.valid_to, 'infinity') >= coalesce(g.valid_to, 'infinity')))
"""


async def grants(person: UUID) -> list[Grant]:
    """Every role the person ever held, those of today and to come first."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            """SELECT g.id, g.role, g.valid_from, g.valid_to, coalesce(p.name, '') AS by_name, g.unit, g.jurisdiction
            FROM role_grant g LEFT JOIN person p ON p.id = g.granted_by
            WHERE g.person_id = $1 ORDER BY g.valid_to IS NOT NULL, g.valid_to DESC, g.role, g.valid_from""",
            person,
        )
    return [Grant(**row) for row in rows]


async def lasting(person: UUID) -> frozenset[str]:
    """The roles that the person holds until further notice where they belong, in no other unit or county."""
    return frozenset(
        one.role for one in await grants(person) if one.valid_to is None and not (one.unit or one.jurisdiction)
    )


async def grant(
    person: UUID, role: str, *, first: date, last: date | None, by: UUID, unit: str = "", jurisdiction: str = ""
) -> None:
    """Give a role from a day (today or later) to a day or until further notice; in another unit or county when named.

    422 by field, also for an overlap and for a role that must not stand beside one of the person's (or of whoever
    acts for them, or for whom they act).
    """
    wrong: dict[str, Say] = {}
    snapshot = city.current()
    if unit and snapshot.unit(unit) is None:
        wrong["at_unit"] = Say("没有这个单位，请从列出的里面选。", "There is no such unit; choose from the list.")
    if jurisdiction and jurisdiction not in snapshot.jurisdictions:
        wrong["at_county"] = Say("没有这个县区。", "There is no such county.")
    if role not in ROLES:
        wrong["role"] = Say("没有这种角色。", "There is no such role.")
    if first < clock.today():
        wrong["first"] = Say("角色不能从过去的日子算起。", "A role cannot begin in the past.")
    if last is not None and last < first:
        wrong["last"] = Say("最后一天早于第一天。", "The last day is before the first.")
    async with db.atomic() as connection:
        await connection.execute(role_pairs.LOCK)
        if not await connection.fetchval("SELECT is_active FROM person WHERE id = $1 FOR UPDATE", person):
            raise conflict("person_left", "这个人已经离开。", "This person has left.")
        taken = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM role_grant WHERE person_id = $1 AND role = $2 AND unit = $5"
            " AND jurisdiction = $6 AND daterange(valid_from, valid_to, '[]') && daterange($3, $4, '[]'))",
            person, role, first, last if last is None or last >= first else first, unit, jurisdiction,
        )  # fmt: skip
        if taken:
            wrong["role"] = Say("这段时间已经有这个角色。", "The person holds this role then already.")
        elif (pair := role_pairs.clash(await role_pairs.held_with(connection, person, first) | {role})) is not None:
            wrong["role"] = pair.say()
        if wrong:
            raise invalid(wrong)
        await connection.execute(
            "INSERT INTO role_grant (id, person_id, role, valid_from, valid_to, granted_by, unit, jurisdiction)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            new_id(), person, role, first, last, by, unit, jurisdiction,
        )  # fmt: skip


async def end(person: UUID, grant_id: UUID, *, last: date | None = None) -> str:
    """End a grant with the day ``last``, or at once, and answer its role. 404 when there is none, 422 by field."""
    today = clock.today()
    async with db.atomic() as connection:
        row = await connection.fetchrow(
            "SELECT role, valid_from FROM role_grant WHERE id = $1 AND person_id = $2"
            " AND (valid_to IS NULL OR valid_to >= $3) FOR UPDATE",
            grant_id, person, today,
        )  # fmt: skip
        if row is None:
            raise not_found()
        if last is not None and last < max(today, row["valid_from"]):
            raise invalid(
                {"last": Say("最后一天不能早于今天或开始那天。", "The last day is before today or its start.")}
            )
        if last is None and row["valid_from"] >= today:
            # It never held overnight: the row would say that it ended before it began.
            await connection.execute("DELETE FROM role_grant WHERE id = $1", grant_id)
        else:
            await connection.execute(
                "UPDATE role_grant SET valid_to = $2 WHERE id = $1", grant_id, last or today - timedelta(days=1)
            )
    return str(row["role"])


async def officers(unit: str) -> dict[str, list[Officer]]:
    """Who stands for the unit today, by role of OFFICES; a role nobody holds has an empty list."""
    async with db.reading() as connection:
        rows = await connection.fetch(_OFFICERS, clock.today(), unit, list(OFFICES))
    found: dict[str, list[Officer]] = {role: [] for role in OFFICES}
    for row in rows:
        found[row["role"]].append(Officer(**row))
    return found


def around(unit: str) -> tuple[str, ...]:
    """The unit, those below it, and the one above."""
    one = city.current().unit(unit) if unit else None
    return (*city.current().subtree(unit), *([one.parent] if one.parent else [])) if one else (unit,)


async def near(connection: db.Connection, unit: str, *, but: UUID | None = None) -> list[Officer]:
    """Who may stand in for, act for or take over from somebody of a unit: its people, those below it, the one above."""
    rows = await connection.fetch(
        "SELECT id, name FROM person WHERE is_active AND unit = ANY($1) AND id IS DISTINCT FROM $2 "
        "ORDER BY unit <> $3, name, id",
        list(around(unit)), but, unit,
    )  # fmt: skip
    return [Officer(row["id"], row["name"], "") for row in rows]


async def units_with(role: str) -> frozenset[str]:
    """The units that have somebody with this role today."""
    async with db.reading() as connection:
        return frozenset(row["unit"] for row in await connection.fetch(_UNITS, clock.today(), role))


async def keep_an_admin(
    connection: db.Connection, person: UUID, *, grant_id: UUID | None = None, last: date | None = None
) -> None:
    """Refuse with 409 what would leave nobody to administer the city, now or on a later day.

    The person leaves, or one grant ends with the day ``last`` (at once without). Somebody else must hold the role from
    then on for as long as this person would have. Two who take each other off at once wait for one another; who asks
    ``keep_a_liaison`` too asks it after this, or two of them would wait for each other for ever.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('admins'))")
    after = clock.today() if last is None else last + timedelta(days=1)
    if await connection.fetchval(_LAST_ADMIN, clock.today(), person, after, grant_id):
        raise conflict(
            "last_admin",
            "至少要留一名管理员（期限不比此人的短），请先给别人管理员角色。",
            "Somebody must remain an administrator, for as long as this person would have been; give the role to "
            "another person first.",
        )


_ALONE = f"""
SELECT DISTINCT {_AT} AS unit FROM person p JOIN role_grant g ON g.person_id = p.id
WHERE p.id = $2 AND ($4::uuid IS NULL OR g.id = $4) AND g.role = '{LIAISON}' AND {_AT} <> ''
  AND (g.valid_to IS NULL OR g.valid_to >= $1) AND NOT ($5 AND g.unit <> '')
  AND NOT EXISTS (
    SELECT FROM person q JOIN role_grant h ON h.person_id = q.id WHERE q.is_active AND h.role = '{LIAISON}'
      AND coalesce(nullif(h.unit, ''), q.unit) = {_AT}
      AND (q.id <> $2 OR ($4::uuid IS NOT NULL AND h.id <> $4) OR ($5 AND h.unit <> ''))
      AND h.valid_from <= $3 AND (h.valid_to IS NULL OR h.valid_to >= $3))
"""


async def keep_a_liaison(
    connection: db.Connection, person: UUID, *, grant_id: UUID | None = None, last: date | None = None,
    moves: bool = False,
) -> None:  # fmt: skip
    """Refuse with 409 what would leave a unit in use without a liaison (seed 004-42).

    The person leaves, ``moves`` to another unit (roles that name a unit stay there), or one grant ends with the day
    ``last`` (at once without). Grants and people of the unit are locked until the end of the transaction, so that two
    who leave at once do not both go.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('liaisons'))")
    after = clock.today() if last is None else last + timedelta(days=1)
    for row in await connection.fetch(_ALONE, clock.today(), person, after, grant_id, moves):
        unit = city.current().unit(row["unit"])
        if unit is not None and unit.is_on:
            raise conflict(
                "last_liaison",
                f"这是{unit.name_zh}唯一的联络员。请先给另一位同事联络员角色，或停用这个单位，再来办。",
                f"This is the only liaison of {unit.name_en}. Make somebody else its liaison first, or switch the unit "
                "off.",
            )
