"""How a person of the staff wants to be reached, and who stands in while they are away. Addresses are sealed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from hotline import acts, clock, db, vault
from hotline.actor import Actor
from hotline.errors import Say, invalid, not_found
from hotline.ids import new_id

DOORS: dict[str, Say] = {"sms": Say("短信", "SMS"), "wechat": Say("微信", "WeChat"), "email": Say("邮件", "E-mail")}
"""Doors beside the list of notices, which always has everything."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """The doors a person chose and their addresses in the clear; ``quiet`` is their own wish, ``21:00-08:00`` or "".

    Nothing goes by a door before its address is ``proven``; kinds in ``muted`` only stand in the list.
    """

    doors: tuple[str, ...] = ()
    sms: str = ""
    wechat: str = ""
    email: str = ""
    quiet: str = ""
    muted: tuple[str, ...] = ()
    proven: tuple[str, ...] = ()

    @property
    def unproven(self) -> tuple[str, ...]:
        """Chosen doors that wait for their code."""
        return tuple(door for door in self.doors if door not in self.proven)


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """Days on which somebody else stands in."""

    id: UUID
    person_id: UUID
    substitute_id: UUID
    substitute: str
    first_day: date
    last_day: date


class Colleague(msgspec.Struct, frozen=True):
    """Somebody who may stand in."""

    id: UUID
    name: str


async def of(connection: db.Connection, person: UUID) -> Reach:
    """What the person chose; only the list when they chose nothing."""
    row = await connection.fetchrow("SELECT * FROM person_reach WHERE person_id = $1", person)
    if row is None:
        return Reach()
    known = {door: vault.unseal(row[door], f"person_reach.{door}") for door in DOORS if row[door] is not None}
    doors, muted, proven = (tuple(row[name]) for name in ("doors", "muted", "proven"))
    return Reach(doors=doors, quiet=row["quiet"], muted=muted, proven=proven, **known)


async def choose(connection: db.Connection, actor: Actor, reach: Reach) -> tuple[str, ...]:
    """Keep the actor's own choice; the chosen doors still to be proven. 422 for a door without its address."""
    missing = {door: Say("请填写地址，或不选这种方式。", "Give the address, or leave this way out.")
               for door in reach.doors if not getattr(reach, door)}  # fmt: skip
    if missing:
        raise invalid(missing)
    before = await of(connection, actor.id)
    proven = tuple(door for door in before.proven if getattr(reach, door) == getattr(before, door))
    sealed = [vault.seal(text, f"person_reach.{door}") if (text := getattr(reach, door)) else None for door in DOORS]
    await connection.execute(
        "INSERT INTO person_reach (person_id, doors, sms, wechat, email, quiet, changed_at, muted, proven) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (person_id) DO UPDATE SET doors = excluded.doors, "
        "sms = excluded.sms, wechat = excluded.wechat, email = excluded.email, quiet = excluded.quiet, "
        "changed_at = excluded.changed_at, muted = excluded.muted, proven = excluded.proven",
        actor.id, list(reach.doors), *sealed, reach.quiet, clock.now(), list(reach.muted), list(proven),
    )  # fmt: skip
    await acts.note(connection, actor, "reach_chosen", f"person:{actor.id}", {"doors": list(reach.doors)})
    return tuple(door for door in reach.doors if door not in proven)


async def absences(connection: db.Connection, person: UUID) -> list[Absence]:
    """The person's absences that are not over, the next first."""
    rows = await connection.fetch(
        "SELECT a.id, a.person_id, a.substitute_id, s.name AS substitute, a.first_day, a.last_day FROM absence a "
        "JOIN person s ON s.id = a.substitute_id WHERE a.person_id = $1 AND a.ended_at IS NULL AND a.last_day >= $2 "
        "ORDER BY a.first_day, a.id",
        person, clock.today(),
    )  # fmt: skip
    return [Absence(**row) for row in rows]


async def stood_in_for(connection: db.Connection, person: UUID) -> list[Absence]:
    """Whose absence today names the person, of the same unit; ``substitute`` is the name of whoever is away."""
    rows = await connection.fetch(
        "SELECT a.id, a.person_id, a.substitute_id, p.name AS substitute, a.first_day, a.last_day FROM absence a "
        "JOIN person p ON p.id = a.person_id JOIN person s ON s.id = a.substitute_id AND s.unit = p.unit "
        "WHERE a.substitute_id = $1 AND a.ended_at IS NULL AND a.first_day <= $2 "
        "AND a.last_day >= $2 AND p.is_active ORDER BY a.last_day, a.id",
        person, clock.today(),
    )  # fmt: skip
    return [Absence(**row) for row in rows]


async def colleagues(connection: db.Connection, actor: Actor) -> list[Colleague]:
    """Who may stand in for the actor: the other people of their own unit, at whichever post they sit."""
    rows = await connection.fetch(
        "SELECT id, name FROM person WHERE is_active AND id <> $1 "
        "AND unit = (SELECT unit FROM person WHERE id = $1) ORDER BY name, id",
        actor.id,
    )
    return [Colleague(row["id"], row["name"]) for row in rows]


async def be_away(connection: db.Connection, actor: Actor, first: date, last: date, substitute: UUID) -> UUID:
    """Note that the actor is away and who stands in. 422 by field: past or crossing days, a stranger, a loop."""
    if last < first or last < clock.today():
        raise invalid({"last": Say("结束日期不能早于开始日期和今天。", "The last day is past, or before the first.")})
    if substitute not in {one.id for one in await colleagues(connection, actor)}:
        raise invalid({"substitute": Say("请选本单位在岗的同事。", "Choose a colleague of your own unit.")})
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('absence'))")  # two who name each other at once
    if await _crosses(connection, actor.id, first, last):
        raise invalid({"first": Say("这几天已经登记过外出了。", "You are noted as away on some of them already.")})
    if await _loops(connection, actor.id, substitute, first, last):
        raise invalid({"substitute": Say(
            "这位同事那几天也不在，替他的人最后又轮到您。请换一位。",
            "They are away then too, and who stands in for them ends with you. Choose somebody else.",
        )})  # fmt: skip
    identifier = new_id()
    await connection.execute(
        "INSERT INTO absence (id, person_id, substitute_id, first_day, last_day, noted_at, noted_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $2)",
        identifier, actor.id, substitute, first, last, clock.now(),
    )  # fmt: skip
    await acts.note(connection, actor, "absence_noted", f"person:{actor.id}", {
        "first": first.isoformat(), "last": last.isoformat(), "substitute": str(substitute),
    })  # fmt: skip
    return identifier


async def _crosses(connection: db.Connection, person: UUID, first: date, last: date) -> bool:
    sql = (
        "SELECT EXISTS (SELECT FROM absence WHERE person_id = $1 AND ended_at IS NULL AND first_day <= $3 "
        "AND last_day >= $2)"
    )
    return bool(await connection.fetchval(sql, person, first, last))


async def _loops(connection: db.Connection, person: UUID, substitute: UUID, first: date, last: date) -> bool:
    """Whether on one of these days the chain of substitutes from ``substitute`` leads back to ``person``."""
    return bool(
        await connection.fetchval(
            """WITH RECURSIVE chain (person, first_day, last_day) AS (
                SELECT $2::uuid, $3::date, $4::date
                UNION
                SELECT a.substitute_id, greatest(c.first_day, a.first_day), least(c.last_day, a.last_day)
                FROM chain c JOIN absence a ON a.person_id = c.person AND a.ended_at IS NULL
                    AND a.first_day <= c.last_day AND a.last_day >= c.first_day
                WHERE c.person <> $1
            ) SELECT EXISTS (SELECT FROM chain WHERE person = $1)""",
            person, substitute, first, last,
        )
    )  # fmt: skip


async def be_back(connection: db.Connection, actor: Actor, absence: UUID) -> None:
    """Take an absence of the actor's own back. 404 for another's or one that is over."""
    done = await connection.fetchval(
        "UPDATE absence SET ended_at = $3 WHERE id = $1 AND person_id = $2 AND ended_at IS NULL RETURNING 1",
        absence, actor.id, clock.now(),
    )  # fmt: skip
    if done is None:
        raise not_found()
    await acts.note(connection, actor, "absence_ended", f"person:{actor.id}")
