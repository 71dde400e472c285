"""Wrong tries to sign in: counted, answered by growing pauses, seen and lifted by administrators.

Three counts: for a login from one address, for a login from all strange addresses together, for an address over all
logins. From an address where a person signed in of late only the first counts for them, so that nobody outside can
lock a person out at their own desk, nor a whole office behind one address.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hotline import city, clock, db
from hotline.errors import Refusal, Say, not_found

_MEMORY = timedelta(days=1)
"""So long after a pause the next one still is twice as long."""
_COUNT = """
INSERT INTO sign_in_try AS t (scope, subject, person_id, address, tries, most, until, at)
VALUES ($1, $2, $3, $4, 1, $5::int, $6::timestamptz + $7::interval, $6)
ON CONFLICT (scope, subject) DO UPDATE SET at = $6, person_id = $3, most = $5,
    tries = CASE WHEN t.until <= $6 THEN 1 ELSE least(t.tries + 1, $5 + 1) END,
    pauses = CASE WHEN t.until + $9::interval <= $6 THEN 0
                  WHEN t.until > $6 AND t.tries = $5 - 1 THEN least(t.pauses + 1, 20) ELSE t.pauses END,
    until = CASE WHEN t.until > $6 AND t.tries >= $5 THEN t.until
                 WHEN t.until > $6 AND t.tries = $5 - 1
                 THEN $6::timestamptz + least($7::interval * power(2, t.pauses), $8::interval)
                 ELSE $6::timestamptz + $7::interval END
RETURNING tries, until
"""


class Lock(msgspec.Struct, frozen=True):
    """A pause that holds now; ``person`` and ``login`` are empty for logins that nobody has."""

    scope: str
    subject: bytes
    person: UUID | None
    login: str
    name: str
    address: str
    pauses: int
    until: datetime

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.scope}.{self.subject.hex()}"


async def count(login: str, person: UUID | None, address: str) -> None:
    """Count one try before it is looked at; a 429 refusal, the same for known and unknown logins, while paused."""
    now, address = clock.now(), address[:64]
    async with db.atomic() as connection:
        is_known = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM person_place WHERE person_id = $1 AND address = $2 AND last_at > $3)",
            person, address, now - timedelta(days=_rule("known_days")),
        )  # fmt: skip
        until = await _one(connection, "pair", f"{login}\n{address}", person, address, now)
        if until is None and not is_known:
            until = await _one(connection, "login", login, person, "", now)
            until = await _one(connection, "address", address, None, address, now) or until
        if until is None:
            await missed(connection, person)  # until it is right: a wrong one costs then what an unknown login costs
    if until is not None:
        raise paused(until, now)


def paused(until: datetime, now: datetime) -> Refusal:
    """The 429 that says when to try again."""
    minutes, at = -int((until - now).total_seconds() // -60), f"{clock.local(until):%H:%M}"
    say = Say(
        f"错得太多次了，请 {minutes} 分钟后（{at}）再试，急用请找管理员。",
        f"Too many wrong tries. Try again in {minutes} minutes ({at}), or ask an administrator.",
    )
    return Refusal(429, "too_many", say)


async def missed(connection: db.Connection, person: UUID | None) -> None:
    """A wrong password or code: the person is told at the next sign-in."""
    await connection.execute(
        "INSERT INTO person_sign_in AS s (person_id, failed) SELECT id, 1 FROM person WHERE id = $1"
        " ON CONFLICT (person_id) DO UPDATE SET failed = s.failed + 1",
        person,
    )


async def right(connection: db.Connection, login: str, person: UUID, address: str) -> None:
    """The password was right: its own count starts again, the shared ones lose this try, the address is known."""
    address = address[:64]
    await connection.execute(
        "DELETE FROM sign_in_try WHERE scope = 'pair' AND subject = $1", _digest(f"{login}\n{address}")
    )
    if not await seen(connection, person, address):
        for scope, subject in (("login", login), ("address", address)):  # the order of count, to its end
            await connection.execute(
                "UPDATE sign_in_try SET tries = greatest(tries - 1, 0),"
                " pauses = CASE WHEN tries = most THEN greatest(pauses - 1, 0) ELSE pauses END,"  # it began with this
                " until = CASE WHEN tries = most THEN $3 ELSE until END WHERE scope = $1 AND subject = $2",
                scope, _digest(subject), clock.now() + timedelta(minutes=_rule("pause_minutes")),
            )  # fmt: skip
    await connection.execute(
        "UPDATE person_sign_in SET failed = greatest(failed - 1, 0) WHERE person_id = $1", person
    )


async def seen(connection: db.Connection, person: UUID, address: str) -> bool:
    """The person signed in from this address, in whatever way: it is known from now on; whether it was before."""
    return bool(await connection.fetchval(
        "WITH old AS (SELECT last_at FROM person_place WHERE person_id = $1 AND address = $2),"
        " put AS (INSERT INTO person_place VALUES ($1, $2, $3)"
        " ON CONFLICT (person_id, address) DO UPDATE SET last_at = $3)"
        " SELECT coalesce((SELECT last_at > $4 FROM old), false)",
        person, address[:64], clock.now(), clock.now() - timedelta(days=_rule("known_days")),
    ))  # fmt: skip


async def held(connection: db.Connection) -> list[Lock]:
    """The pauses that hold now, the longest first."""
    rows = await connection.fetch(
        "SELECT t.scope, t.subject, t.person_id AS person, coalesce(p.login, '') AS login,"
        " coalesce(p.name, '') AS name, t.address, t.pauses, t.until"
        " FROM sign_in_try t LEFT JOIN person p ON p.id = t.person_id"
        " WHERE t.until > $1 AND t.tries >= t.most ORDER BY t.until DESC LIMIT 200",
        clock.now(),
    )  # fmt: skip
    return [Lock(**row) for row in rows]


async def lift(connection: db.Connection, key: str) -> Lock:
    """End a pause and forget its tries; the lock that it was. A 404 refusal when it is over already."""
    found = next((lock for lock in await held(connection) if lock.key == key), None)
    if found is None:
        raise not_found()
    await connection.execute(
        "DELETE FROM sign_in_try WHERE scope = $1 AND subject = $2", found.scope, found.subject
    )
    return found


async def sweep(connection: db.Connection) -> None:
    """Drop counts that nothing grows on any more, and addresses that are no longer known."""
    now = clock.now()
    await connection.execute("DELETE FROM sign_in_try WHERE until < $1", now - _MEMORY)
    await connection.execute("DELETE FROM person_place WHERE last_at < $1", now - timedelta(days=_rule("known_days")))


async def _one(
    connection: db.Connection, scope: str, subject: str, person: UUID | None, address: str, now: datetime
) -> datetime | None:
    most, first, longest = _rule(f"{scope}_tries"), _rule("pause_minutes"), _rule("pause_most")
    row = await connection.fetchrow(
        _COUNT, scope, _digest(subject), person, address, most, now, timedelta(minutes=first),
        timedelta(minutes=longest), _MEMORY,
    )  # fmt: skip
    return row["until"] if row is not None and row["tries"] > most else None


def _rule(name: str) -> int:
    return int(city.current().rule(f"sign_in.{name}"))


def _digest(subject: str) -> bytes:
    return hashlib.sha256(subject.encode()).digest()
