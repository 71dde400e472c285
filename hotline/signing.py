"""What a sign-in still owes after the password or the provider: a second factor, enrolling one, a new password.

Until nothing is owed there is no session: the browser holds the token of a step, which opens nothing else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hotline import acts, city, clock, credentials, db, factors, locks, people, sessions
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.sessions import Origin

FACTOR, ENROL, PASSWORD = "factor", "enrol", "password"


class Step(msgspec.Struct, frozen=True):
    """Somebody on their way in; ``owed`` is what comes next, "" when nothing is."""

    person: UUID
    login: str
    how: str
    proven_at: datetime | None
    onward: str
    owed: str


class Last(msgspec.Struct, frozen=True):
    """The sign-in before this one and what happened since."""

    at: datetime | None
    address: str
    failed: int
    is_factor_reset: bool


_OWED = """
SELECT p.login, p.must_change, p.password_set_at, f.confirmed_at IS NOT NULL AS has_factor,
    ARRAY(SELECT g.role FROM role_grant g WHERE g.person_id = p.id AND g.valid_from <= $2
          AND (g.valid_to IS NULL OR g.valid_to >= $2)) AS roles
FROM person p LEFT JOIN person_factor f ON f.person_id = p.id WHERE p.id = $1 AND p.is_active
"""


async def begin(person: UUID, origin: Origin, *, onward: str = "") -> tuple[str, Step]:
    """A step for whom a password or the provider has named: its token, for the cookie, and what it owes."""
    token = credentials.new_token()
    until = clock.now() + timedelta(minutes=int(city.current().rule("sign_in.step_minutes")))
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO sign_in_step (token_hash, person_id, how, proven_at, onward, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            credentials.digest(token), person, origin.how, origin.proven_at, onward, until,
        )  # fmt: skip
        return token, await step_of(connection, token)


async def step_of(connection: db.Connection, token: str) -> Step:
    """The step of this token. A 401 refusal when it is unknown or took too long."""
    row = await connection.fetchrow(
        "SELECT person_id, how, proven_at, onward FROM sign_in_step WHERE token_hash = $1 AND expires_at > $2",
        credentials.digest(token), clock.now(),
    )  # fmt: skip
    known = row and await connection.fetchrow(_OWED, row["person_id"], clock.today())
    if row is None or known is None:
        raise Refusal(401, "sign_in_again", Say("登录超时了，请重新登录。", "That took too long. Sign in again."))
    return Step(row["person_id"], known["login"], row["how"], row["proven_at"], row["onward"], _owed(row, known))


def _owed(row: object, known: object) -> str:
    is_proven = row["proven_at"] is not None  # type: ignore[index] # asyncpg's records
    if not is_proven and known["has_factor"]:  # type: ignore[index]
        return FACTOR
    if row["how"] != "oidc" and is_stale(known["must_change"], known["password_set_at"]):  # type: ignore[index]
        return PASSWORD
    if not is_proven and factors.is_required(frozenset(known["roles"])):  # type: ignore[index]
        return ENROL
    return ""


def is_stale(must_change: bool, set_at: datetime) -> bool:  # noqa: FBT001 - a column
    """Whether the password was not chosen by its holder, or is older than the city's rule allows."""
    days = int(city.current().rule("password.days"))
    return must_change or bool(days and clock.now() > set_at + timedelta(days=days))


async def prove(connection: db.Connection, token: str) -> None:
    """The second factor was shown."""
    await connection.execute(
        "UPDATE sign_in_step SET proven_at = $2 WHERE token_hash = $1", credentials.digest(token), clock.now()
    )


async def finish(token: str, origin: Origin, *, old: str = "") -> tuple[str, Actor, Last]:
    """Nothing is owed any more: a session in place of the step, once, noted. Its token, the actor, what to tell them.

    A 401 refusal when the step is over, or owes something again: a rule was changed meanwhile.
    """
    async with db.atomic() as connection:
        step = await step_of(connection, token)
        gone = await connection.execute("DELETE FROM sign_in_step WHERE token_hash = $1", credentials.digest(token))
        if step.owed or gone == "DELETE 0":
            raise Refusal(401, "sign_in_again", Say("请重新登录。", "Sign in again."))
        origin = msgspec.structs.replace(origin, how=step.how, proven_at=step.proven_at)
        opened = await sessions.open_one(connection, step.person, origin, old=old)
        if step.how == "oidc":  # the password's own are known already; for the day on which the provider is away
            await locks.seen(connection, step.person, origin.address)
        last = await _told(connection, step.person, origin.address)
        person, subject = Actor(id=step.person, kind="staff"), f"person:{step.person}"
        await acts.note(connection, person, "signed_in", subject, {"how": step.how})
        if step.how == "break_glass":
            await acts.note(connection, person, "break_glass", subject)
    actor = await people.actor_of(opened)
    if actor is None:  # left between the two
        raise Refusal(401, "sign_in_again", Say("请重新登录。", "Sign in again."))
    return opened, actor, last


async def _told(connection: db.Connection, person: UUID, address: str) -> Last:
    row = await connection.fetchrow(
        "SELECT last_at, last_address, failed, factor_reset_at FROM person_sign_in WHERE person_id = $1", person
    )
    await connection.execute(
        "INSERT INTO person_sign_in (person_id, last_at, last_address) VALUES ($1, $2, $3) ON CONFLICT (person_id)"
        " DO UPDATE SET last_at = $2, last_address = $3, failed = 0, factor_reset_at = NULL",
        person, clock.now(), address[:64],
    )  # fmt: skip
    if row is None:
        return Last(None, "", 0, is_factor_reset=False)
    return Last(row["last_at"], row["last_address"], row["failed"], is_factor_reset=row["factor_reset_at"] is not None)


async def factor_reset(connection: db.Connection, person: UUID) -> None:
    """Tell the person at the next sign-in that an administrator took their second factor off."""
    await connection.execute(
        "INSERT INTO person_sign_in (person_id, factor_reset_at) VALUES ($1, $2)"
        " ON CONFLICT (person_id) DO UPDATE SET factor_reset_at = $2",
        person, clock.now(),
    )  # fmt: skip
