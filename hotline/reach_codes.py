"""Codes that prove a staff member's own number or address: six digits, for one door and the address as it stands."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from hotline import acts, city, clock, db, reach, tries, vault
from hotline.account_codes import WRONG, tidy
from hotline.actor import Actor
from hotline.errors import invalid, not_found

TRIES, PAUSE = 5, timedelta(hours=1)
"""So many codes asked for, and so many wrong ones, for one person and door; then so long a pause."""
MINUTES = "people.code_minutes"


async def allow(purpose: str, actor: Actor, door: str) -> None:
    """Count one code asked for (``ask``) or tried (``try``); 429 past TRIES. Outside the transaction it guards."""
    await tries.count(f"reach.{purpose}", f"{actor.id}\n{door}", limit=TRIES, pause=PAUSE)


async def give(connection: db.Connection, actor: Actor, door: str) -> tuple[str, str]:
    """A new code in place of the last, and the address it proves. 404 for a door that the actor did not choose."""
    address = await _address(connection, actor.id, door)
    code = f"{secrets.randbelow(1_000_000):06d}"
    await connection.execute(
        "INSERT INTO reach_code (person_id, door, code_index, until) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (person_id, door) DO UPDATE SET code_index = $3, until = $4",
        actor.id, door, vault.index(_text(actor.id, door, address, code)),
        clock.now() + timedelta(minutes=int(city.current().rule(MINUTES))),
    )  # fmt: skip
    return code, address


async def take(connection: db.Connection, actor: Actor, door: str, code: str) -> None:
    """The code fits: from now on messages go by this door. 422 for a wrong or old one."""
    address = await _address(connection, actor.id, door)
    row = await connection.fetchval(
        "DELETE FROM reach_code WHERE person_id = $1 AND door = $2 AND code_index = ANY($3) AND until > $4 RETURNING 1",
        actor.id, door, vault.indexes(_text(actor.id, door, address, code)), clock.now(),
    )  # fmt: skip
    if row is None:
        raise invalid({"code": WRONG})
    await connection.execute(
        "UPDATE person_reach SET proven = array_append(array_remove(proven, $2), $2) WHERE person_id = $1",
        actor.id, door,
    )
    await acts.note(connection, actor, "reach_proven", f"person:{actor.id}", {"doors": [door]})


async def _address(connection: db.Connection, person: UUID, door: str) -> str:
    own = await reach.of(connection, person)
    if door not in own.doors:
        raise not_found()
    return str(getattr(own, door))


def _text(person: UUID, door: str, address: str, code: str) -> str:
    return f"reach_code:{person}:{door}:{address}:{tidy(code)}"
