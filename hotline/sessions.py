"""Sessions of staff: opened after a sign-in, seen and ended one by one or all. Who stands behind one: ``people``."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hotline import clock, credentials, db, locks
from hotline.errors import not_found
from hotline.ids import new_id

ABSOLUTE = timedelta(hours=12)
"""A session ends this long after sign-in, whatever happens: one shift. The city's to set."""
IDLE = timedelta(hours=1)
"""A session ends after this long without a request of the person's own. The city's to set."""


class Signed(msgspec.Struct, frozen=True):
    """An open session as its holder and administrators see it."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    address: str
    agent: str
    how: str


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody signs in from and how: address, what the browser calls itself, ``password`` or ``oidc``."""

    address: str = ""
    agent: str = ""
    how: str = "password"
    proven_at: datetime | None = None


async def open_one(connection: db.Connection, person: UUID, origin: Origin, *, old: str = "") -> str:
    """A session: its token, once, for the cookie. ``old`` is the browser's token so far; it ends."""
    token, now = credentials.new_token(), clock.now()
    if old:
        await connection.execute("DELETE FROM session WHERE token_hash = $1", credentials.digest(old))
    await connection.execute(
        "INSERT INTO session (token_hash, id, person_id, created_at, last_seen_at, expires_at, address, agent, how,"
        " proven_at) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)",
        credentials.digest(token), new_id(), person, now, now + ABSOLUTE, origin.address[:64], origin.agent[:300],
        origin.how, origin.proven_at,
    )  # fmt: skip
    return token


_OPEN = "expires_at > $2 AND last_seen_at > $3"


async def of(connection: db.Connection, person: UUID) -> list[Signed]:
    """Where the person is signed in, the last used first."""
    now = clock.now()
    rows = await connection.fetch(
        "SELECT id, created_at, last_seen_at, address, agent, how FROM session"
        f" WHERE person_id = $1 AND {_OPEN} ORDER BY last_seen_at DESC, id",
        person, now, now - IDLE,
    )  # fmt: skip
    return [Signed(**row) for row in rows]


async def count(person: UUID) -> int:
    """How many sessions of the person are open."""
    async with db.reading() as connection:
        return len(await of(connection, person))


async def end(connection: db.Connection, person: UUID, session: UUID) -> None:
    """End one session of the person. A 404 refusal for another's and for one that is over."""
    done = await connection.execute("DELETE FROM session WHERE id = $1 AND person_id = $2", session, person)
    if done == "DELETE 0":
        raise not_found()


async def end_others(connection: db.Connection, person: UUID, kept: UUID | None) -> int:
    """End every session of the person but this one, and every sign-in on its way; how many sessions that were."""
    await connection.execute("DELETE FROM sign_in_step WHERE person_id = $1", person)
    done = await connection.execute("DELETE FROM session WHERE person_id = $1 AND id IS DISTINCT FROM $2", person, kept)
    return int(done.rpartition(" ")[2])


async def prove(connection: db.Connection, session: UUID) -> None:
    """The second factor was shown just now in this session."""
    await connection.execute("UPDATE session SET proven_at = $2 WHERE id = $1", session, clock.now())


async def still_open(sessions: set[UUID]) -> set[UUID]:
    """Which of these sessions are open, of people who are here: pages that stay open ask for it."""
    now = clock.now()
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT s.id FROM session s JOIN person p ON p.id = s.person_id"
            f" WHERE s.id = ANY($1) AND {_OPEN} AND p.is_active",
            list(sessions), now, now - IDLE,
        )  # fmt: skip
    return {row["id"] for row in rows}


async def sweep() -> int:
    """Drop sessions, half sign-ins and pauses that have run out; how many sessions. The worker does this hourly."""
    now = clock.now()
    async with db.reading() as connection:
        await locks.sweep(connection)
        await connection.execute("DELETE FROM sign_in_step WHERE expires_at < $1", now)
        done = await connection.execute(
            "DELETE FROM session WHERE expires_at < $1 OR last_seen_at < $2", now, now - IDLE
        )
    return int(done.rpartition(" ")[2])
