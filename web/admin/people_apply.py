"""Putting a sheet of people in force, whole or not at all; the slips for the new ones; the list as a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from hotline import acts, clock, db, people, person_reset, roster, vault
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.ids import new_id
from web.admin.people_sheet import Line


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """What a new person is given: with login and code they choose a password of their own."""

    login: str
    name: str
    code: str


async def put(connection: db.Connection, actor: Actor, lines: Sequence[Line]) -> list[Slip]:
    """Enter, change and grant as the lines say; a slip for each new person.

    The same preview sent twice enters nobody twice, and its slips are those of the second answer. Raises the refusal of
    the first line that cannot be done, with its number in the sentence: nothing is done then.
    """
    ids: dict[str, UUID] = {}
    slips: list[Slip] = []
    for line in lines:
        try:
            ids[line.given.login] = await _one(connection, actor, line, ids.get(line.given.login))
        except Refusal as refusal:
            say = next(iter(refusal.fields.values()), refusal.say)
            n = line.given.line
            said = Say(f"第 {n} 行：{say.zh}", f"Line {n}: {say.en}")
            raise Refusal(refusal.status, refusal.code, said, fields={"sheet": said}) from refusal
        if line.is_new or (line.given.was_new and await _waits(connection, actor, ids[line.given.login])):
            code = await person_reset.make(connection, ids[line.given.login], actor.id)
            slips.append(Slip(login=line.given.login, name=line.given.name, code=code))
    done = [line for line in lines if not line.does_nothing]
    data = {"count": len(done), "added": len(slips)}
    await acts.note(connection, actor, "people_imported", "", data)
    return slips


async def _waits(connection: db.Connection, actor: Actor, person: UUID) -> bool:
    """Whether somebody entered by this very sheet never had the slip: a double click shows the second answer only."""
    return bool(await connection.fetchval(
        "SELECT EXISTS (SELECT FROM person p JOIN password_slip s ON s.person_id = p.id WHERE p.id = $1 "
        "AND p.password_hash = '' AND s.made_by = $2 AND s.ended_at IS NULL AND s.expires_at > $3)",
        person, actor.id, clock.now(),
    ))  # fmt: skip


async def _one(connection: db.Connection, actor: Actor, line: Line, known: UUID | None) -> UUID:
    given = line.given
    person: UUID = known or await connection.fetchval("SELECT id FROM person WHERE login = $1", given.login) or new_id()
    if line.is_new:
        await connection.execute(
            "INSERT INTO person (id, login, name, unit, jurisdiction, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            person, given.login, given.name, given.unit, given.jurisdiction, clock.now(),
        )  # fmt: skip
    elif line.moves:
        await _move(connection, actor, line, person)
    for role, unit, county in line.grants:
        await roster.grant(
            person, role, first=max(given.first or clock.today(), clock.today()), last=given.last, by=actor.id,
            unit=unit, jurisdiction=county,
        )  # fmt: skip
    if line.phone or line.mail:
        await _reach(connection, person, line)
    return person


async def _move(connection: db.Connection, actor: Actor, line: Line, person: UUID) -> None:
    given, before = line.given, await people.one(person)
    if before.unit != given.unit:
        await roster.keep_a_liaison(connection, person, moves=True)
    held = await roster.lasting(person)
    await people.change(
        person, name=given.name, unit=given.unit, jurisdiction=given.jurisdiction, lang=before.lang, roles=held,
        version=before.version, by=actor.id,
    )  # fmt: skip


async def _reach(connection: db.Connection, person: UUID, line: Line) -> None:
    """Number and address where there is none yet; chosen as doors, and silent until their holder proves them."""
    sms = vault.seal(line.phone, "person_reach.sms") if line.phone else None
    email = vault.seal(line.mail, "person_reach.email") if line.mail else None
    doors = [door for door, held in (("sms", sms), ("email", email)) if held is not None]
    await connection.execute(
        "INSERT INTO person_reach AS r (person_id, doors, sms, email, changed_at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (person_id) DO UPDATE SET sms = coalesce(r.sms, excluded.sms), "
        "email = coalesce(r.email, excluded.email), doors = ARRAY(SELECT DISTINCT unnest(r.doors || excluded.doors))",
        person, doors, sms, email, clock.now(),
    )  # fmt: skip


_ALL = """
    SELECT p.login, p.name, coalesce(nullif(g.unit, ''), p.unit) AS unit,
        coalesce(nullif(g.jurisdiction, ''), CASE WHEN coalesce(g.unit, '') IN ('', p.unit) THEN p.jurisdiction
            ELSE '' END) AS jurisdiction,
        coalesce(string_agg(g.role, ' ' ORDER BY g.role), '') AS roles
    FROM person p LEFT JOIN role_grant g ON g.person_id = p.id AND g.valid_from <= $1
        AND (g.valid_to IS NULL OR g.valid_to >= $1)
    WHERE p.is_active GROUP BY p.id, p.login, p.name, 3, 4, coalesce(g.unit, ''), coalesce(g.jurisdiction, '')
    ORDER BY p.login, coalesce(g.unit, '') <> '', 3
"""


async def listed(connection: db.Connection) -> list[list[str]]:
    """Everybody who is here as lines of a sheet that can be put in again; numbers and addresses are theirs alone."""
    rows = await connection.fetch(_ALL, clock.today())
    return [[row["login"], row["name"], row["unit"], row["jurisdiction"], row["roles"], "", "", "", ""] for row in rows]
