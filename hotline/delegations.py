"""Acting for somebody: who may for whom, from day to day, made by the person or an administrator, ended at once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from hotline import acts, city, clock, db, role_pairs, roster
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import may
from hotline.posts import LENT
from hotline.roles import ROLES

MOST = "people.acting_days"
"""The rule for how many days one may act for somebody at a time."""


class Delegation(msgspec.Struct, frozen=True, kw_only=True):
    """Who (``delegate``) may act for whom on which days."""

    id: UUID
    person_id: UUID
    person: str
    delegate_id: UUID
    delegate: str
    first_day: date
    last_day: date


_OF = """
    SELECT d.id, d.person_id, p.name AS person, d.delegate_id, q.name AS delegate, d.first_day, d.last_day
    FROM delegation d JOIN person p ON p.id = d.person_id JOIN person q ON q.id = d.delegate_id
    WHERE $1 IN (d.person_id, d.delegate_id) AND d.ended_at IS NULL AND d.last_day >= $2
    ORDER BY d.first_day, d.id
"""


async def of(connection: db.Connection, person: UUID) -> list[Delegation]:
    """What is in force or to come: who acts for the person, and for whom they do."""
    return [Delegation(**row) for row in await connection.fetch(_OF, person, clock.today())]


async def candidates(connection: db.Connection, person: UUID) -> list[roster.Officer]:
    """Who may act for the person."""
    unit = await connection.fetchval("SELECT unit FROM person WHERE id = $1", person)
    return await roster.near(connection, unit, but=person) if unit else []


async def make(
    connection: db.Connection, actor: Actor, person: UUID, delegate: UUID, first: date, last: date
) -> UUID:  # fmt: skip
    """Let ``delegate`` act for ``person`` from day to day. 422 by field, 409 for who holds no office to be lent.

    Refused where the two together hold roles that must not stand together: neither is the other's second pair of eyes.
    An administrator lets nobody's offices be lent to the administrator.
    """
    if actor.behalf is not None:
        raise conflict("acting", "代办中不能再授权别人，请先回到自己的岗位。", "Go back to your own post first.")
    if person != actor.id and not may(actor, "people.edit"):
        raise not_found()
    if delegate == actor.id:
        say = Say("不能给自己授权，请本人或另一名管理员来办。", "Not yourself: the person or another administrator.")
        raise invalid({"delegate": say})
    _days(first, last)
    if delegate not in {one.id for one in await candidates(connection, person)}:
        raise invalid({"delegate": Say("请选本单位、下级或上级单位在岗的同事。", "Choose a colleague of the unit.")})
    await connection.execute(role_pairs.LOCK)
    own = {row["role"] for row in await connection.fetch(
        "SELECT role FROM role_grant g JOIN person p ON p.id = g.person_id WHERE p.id = $1 AND p.is_active "
        "AND (valid_to IS NULL OR valid_to >= $2)", person, first)}  # fmt: skip
    if not own & LENT:
        raise conflict(
            "nothing_lent", "只有单位负责人、分管负责人、联络员、承办人可以请人代办。",
            "Only heads, deputies, liaisons and handlers of units can be acted for.",
        )  # fmt: skip
    together = own | await role_pairs.held_with(connection, delegate, clock.today())
    if (pair := role_pairs.clash(together)) is not None:
        raise invalid({"delegate": Say(
            f"不能请这位同事代办：两人合起来有“{_role(pair.one).zh}”和“{_role(pair.other).zh}”，{pair.why.zh}。",
            f"Not this colleague: together you would hold “{_role(pair.one).en}” and “{_role(pair.other).en}”; "
            f"{pair.why.en}.",
        )})  # fmt: skip
    if await _crosses(connection, person, delegate, first, last):
        raise invalid({"first": Say("这几天已经授权过这位同事。", "This colleague acts then already.")})
    identifier = new_id()
    await connection.execute(
        "INSERT INTO delegation (id, person_id, delegate_id, first_day, last_day, made_at, made_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        identifier, person, delegate, first, last, clock.now(), actor.id,
    )  # fmt: skip
    await acts.note(connection, actor, "acting_made", f"person:{person}", {
        "on": first.isoformat(), "until": last.isoformat(), "delegate": str(delegate),
    })  # fmt: skip
    return identifier


def _role(code: str) -> Say:
    return ROLES[code][0]


def _days(first: date, last: date) -> None:
    most = int(city.current().rule(MOST))
    if last < first or first < clock.today():
        raise invalid({"last": Say("日期从今天起，结束不早于开始。", "From today on, the end not first.")})
    if (last - first).days >= most:
        raise invalid({"last": Say(f"一次最多 {most} 天，到期可以再授权。", f"At most {most} days at a time.")})


async def _crosses(connection: db.Connection, person: UUID, delegate: UUID, first: date, last: date) -> bool:
    return bool(await connection.fetchval(
        "SELECT EXISTS (SELECT FROM delegation WHERE person_id = $1 AND delegate_id = $2 AND ended_at IS NULL "
        "AND first_day <= $4 AND last_day >= $3)", person, delegate, first, last,
    ))  # fmt: skip


async def end(connection: db.Connection, actor: Actor, delegation: UUID) -> UUID:
    """End it at once, in every open session, by either of the two or an administrator; whose it was. 404 else."""
    row = await connection.fetchrow(
        "SELECT person_id, delegate_id FROM delegation WHERE id = $1 AND ended_at IS NULL FOR UPDATE", delegation
    )
    if row is None or not (actor.id in (row["person_id"], row["delegate_id"]) or may(actor, "people.edit")):
        raise not_found()
    await connection.execute(
        "UPDATE delegation SET ended_at = $2, ended_by = $3 WHERE id = $1", delegation, clock.now(), actor.id
    )
    await connection.execute(
        "UPDATE session SET delegation_id = NULL, post_unit = NULL, post_county = NULL WHERE delegation_id = $1",
        delegation,
    )
    await acts.note(connection, actor, "acting_ended", f"person:{row['person_id']}")
    person: UUID = row["person_id"]
    return person
