"""The people of the centre and the units, their roles by date, and their sessions.

Sign-in and sessions are asyncpg, one statement each; ``Person`` is the Piccolo table for plain reading and lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
from piccolo import columns
from piccolo.table import Table

from hotline import acts, clock, credentials, db, locks, posts, sessions
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.roles import ROLES

ABSOLUTE, IDLE = sessions.ABSOLUTE, sessions.IDLE
TOUCH = timedelta(minutes=1)
"""``last_seen_at`` is written at most this often, so that reading a page is seldom a write."""
LEAST_PASSWORD = credentials.LEAST_PASSWORD


class Person(Table, tablename="person", db=db.ENGINE):
    """One person who signs in. The schema is migrations/0003_people.sql; grants and sessions stand beside it."""

    id = columns.UUID(primary_key=True)
    login = columns.Text()
    name = columns.Text()
    password_hash = columns.Text(secret=True)
    unit = columns.Text()
    jurisdiction = columns.Text()
    lang = columns.Text()
    is_active = columns.Boolean()
    created_at = columns.Timestamptz()
    left_at = columns.Timestamptz(null=True)
    version = columns.Integer()


class Listed(msgspec.Struct, frozen=True):
    """A person as lists and administration show them; ``roles`` are those held today."""

    id: UUID
    login: str
    name: str
    unit: str
    jurisdiction: str
    lang: str
    roles: tuple[str, ...]
    is_active: bool
    created_at: datetime
    left_at: datetime | None
    last_seen_at: datetime | None
    version: int


async def add(
    login: str,
    name: str,
    password: str,
    *,
    unit: str = "",
    jurisdiction: str = "",
    roles: tuple[str, ...] | frozenset[str] = (),
    lang: str = "zh",
    by: UUID | None = None,
) -> UUID:
    """Enter a person with roles from today on. Raises a 422 refusal by field; a login that is taken is one too.

    Whom somebody else enters (``by``) chooses a password of their own at the first sign-in.
    """
    login = login.strip().lower()
    _check(name, roles, password, login)
    hashed = await credentials.hashed(password)
    person = new_id()
    try:
        async with db.atomic() as connection:
            await connection.execute(
                "INSERT INTO person (id, login, name, password_hash, unit, jurisdiction, lang, created_at,"
                " must_change, password_set_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8)",
                person, login, name.strip(), hashed, unit, jurisdiction, lang, clock.now(), by is not None,
            )  # fmt: skip
            await _grant(connection, person, roles, by)
    except asyncpg.UniqueViolationError:
        say = Say("这个登录名已有人用，请换一个。", "That login is taken; choose another.")
        raise invalid({"login": say}) from None
    except asyncpg.CheckViolationError:
        say = Say("登录名用小写字母、数字和 . _ @ -，2 到 64 位。", "2 to 64 letters, digits or . _ @ -")
        raise invalid({"login": say}) from None
    return person


async def change(
    person: UUID, *, name: str, unit: str, jurisdiction: str, lang: str, roles: frozenset[str], version: int, by: UUID
) -> None:
    """Change a person's record and grants from today on; 409 when somebody else changed it since ``version``.

    Who moves to another unit acts for nobody, and nobody for them, until it is agreed there anew.
    """
    _check(name, roles)
    async with db.atomic() as connection:
        before = await connection.fetchval("SELECT unit FROM person WHERE id = $1 FOR UPDATE", person)
        done = await connection.fetchval(
            "UPDATE person SET name = $2, unit = $3, jurisdiction = $4, lang = $5, version = version + 1"
            " WHERE id = $1 AND version = $6 AND is_active RETURNING 1",
            person, name.strip(), unit, jurisdiction, lang, version,
        )  # fmt: skip
        if done is None:
            zh, en = "这个人的资料刚被别人改过，请看过再改。", "Somebody just changed this record; look first."
            raise conflict("person_changed", zh, en)
        if before != unit:
            await _end_acting(connection, person, by)
        today = clock.today()
        # Granted and taken away on one day leaves an empty interval: the row stays as a trace of it.
        await connection.execute(
            "UPDATE role_grant SET valid_to = greatest($3, valid_from - 1)"
            " WHERE person_id = $1 AND valid_to IS NULL AND NOT role = ANY($2) AND unit = '' AND jurisdiction = ''",
            person, list(roles), today - timedelta(days=1),
        )  # fmt: skip
        await _grant(connection, person, roles, by)


async def set_password(
    person: UUID, password: str, *, keep: UUID | None = None, act: str = "password_changed"
) -> None:
    """A new password, noted as ``act``; it ends every session but ``keep`` and every slip. 422 for a weak one."""
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT login, name FROM person WHERE id = $1", person)
    if row is None:
        raise not_found()
    if (say := credentials.too_weak(password, row["login"], row["name"])) is not None:
        raise invalid({"password": say})
    hashed = await credentials.hashed(password)
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE person SET password_hash = $2, must_change = false, password_set_at = $3 WHERE id = $1",
            person, hashed, clock.now(),
        )  # fmt: skip
        await connection.execute(
            "UPDATE password_slip SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL", person, clock.now()
        )
        # A secret that was shown to whoever knew the old password and is not in use yet.
        await connection.execute("DELETE FROM person_factor WHERE person_id = $1 AND confirmed_at IS NULL", person)
        await sessions.end_others(connection, person, keep)
        await acts.note(connection, Actor(id=person, kind="staff"), act, f"person:{person}")


async def is_password(person: UUID, password: str) -> bool:
    """Whether this is the person's password now."""
    async with db.reading() as connection:
        known = await connection.fetchval("SELECT password_hash FROM person WHERE id = $1", person)
    return await credentials.is_right(password, known or "")


async def leave(person: UUID) -> None:
    """The person leaves: no sign-in from now on, every session ends, every grant ends today. Safe twice."""
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE person SET is_active = false, left_at = $2, version = version + 1 WHERE id = $1 AND is_active",
            person, clock.now(),
        )  # fmt: skip
        await sessions.end_others(connection, person, None)
        for kept in (
            "person_factor", "recovery_code", "person_place", "password_slip", "person_reach", "reach_code",
        ):  # fmt: skip
            await connection.execute(f"DELETE FROM {kept} WHERE person_id = $1", person)
        await connection.execute(
            "UPDATE role_grant SET valid_to = greatest(valid_from, $2) WHERE person_id = $1 AND valid_to IS NULL",
            person, clock.today(),
        )  # fmt: skip
        await _end_acting(connection, person, person)


async def _end_acting(connection: db.Connection, person: UUID, by: UUID) -> None:
    await connection.execute(
        "UPDATE delegation SET ended_at = $2, ended_by = $3 WHERE $1 IN (person_id, delegate_id) AND ended_at IS NULL",
        person, clock.now(), by,
    )  # fmt: skip


async def come_back(person: UUID) -> None:
    """Who left is here again, under the same login: without a role and without a way in until both are given anew.

    409 for one who is here.
    """
    async with db.atomic() as connection:
        done = await connection.execute(
            "UPDATE person SET is_active = true, left_at = NULL, password_hash = '', must_change = false,"
            " version = version + 1 WHERE id = $1 AND NOT is_active",
            person,
        )
        if done == "UPDATE 0":
            raise conflict("person_here", "这个人在岗。", "This person is here.")
        await connection.execute(  # those with a last day to come, and of who left this very day
            "UPDATE role_grant SET valid_to = greatest(valid_from, $2) - 1 WHERE person_id = $1 AND valid_to >= $2",
            person, clock.today(),
        )  # fmt: skip


async def proven(login: str, password: str, address: str, *, is_way_in: bool = True) -> UUID:
    """Whose login and password these are; without ``is_way_in`` nobody's, which costs and counts as much.

    Raises one and the same 422 refusal for an unknown login, a wrong password and a person who left; 429 while
    ``locks`` says so. The try is counted before the password is looked at, so parallel guesses cannot slip past.
    """
    login = login.strip().lower()[:64]
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT id, password_hash FROM person WHERE login = $1 AND is_active", login)
    await locks.count(login, row["id"] if row is not None else None, address)
    known = row["password_hash"] if row is not None and is_way_in else ""
    if not await credentials.is_right(password, known) or row is None:
        say = Say("登录名或密码不对，请再核对。", "The login or the password is not right; check both.")
        raise Refusal(422, "sign_in", say, fields={"login": say})
    async with db.atomic() as connection:
        await locks.right(connection, login, row["id"], address)
    return UUID(str(row["id"]))


async def sign_in(login: str, password: str, address: str, *, old: str = "") -> tuple[str, Actor]:
    """``proven`` and a session: its token (once, for the cookie) and the actor. ``old`` is the browser's token so far.

    What else a sign-in may owe, a second factor or a new password, the pages ask: ``hotline.signing``.
    """
    person = await proven(login, password, address)
    async with db.atomic() as connection:
        token = await sessions.open_one(connection, person, sessions.Origin(address=address), old=old)
    actor = await actor_of(token)
    if actor is None:  # left between the two statements
        raise not_found()
    return token, actor


async def actor_of(token: str, *, is_own: bool = True) -> Actor | None:
    """Who holds this token, with today's roles of the post they sit at; None when it is unknown or over.

    One statement. ``is_own`` is False for what a page fetches by itself, which must not keep a session awake.
    """
    now = clock.now()
    async with db.reading() as connection:
        row = await connection.fetchrow(
            posts.ACTOR, credentials.digest(token), now, now - IDLE, now - TOUCH, is_own, clock.local_day(now)
        )
    return posts.seated(row) if row is not None else None


async def sign_out(token: str) -> None:
    """End the session of this token. Safe twice."""
    async with db.reading() as connection:
        await connection.execute("DELETE FROM session WHERE token_hash = $1", credentials.digest(token))


_LISTED = """
SELECT p.id, p.login, p.name, p.unit, p.jurisdiction, p.lang, p.is_active, p.created_at, p.left_at, p.version,
    ARRAY(SELECT g.role FROM role_grant g WHERE g.person_id = p.id AND g.valid_from <= $1
          AND (g.valid_to IS NULL OR g.valid_to >= $1) ORDER BY g.role) AS roles,
    (SELECT max(last_seen_at) FROM session s WHERE s.person_id = p.id) AS last_seen_at
FROM person p
"""


async def one(person: UUID) -> Listed:
    """The person with this id; a 404 refusal when there is none."""
    async with db.reading() as connection:
        row = await connection.fetchrow(_LISTED + "WHERE p.id = $2", clock.today(), person)
    if row is None:
        raise not_found()
    return _listed(row)


async def search(
    words: str = "", *, unit: str = "", units: Sequence[str] | None = None, role: str = "", is_active: bool = True,
    after: str = "", limit: int = 50,
) -> list[Listed]:  # fmt: skip
    """People by login, at most ``limit`` after the login ``after``; ``words`` is part of a name or a login."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            _LISTED + """WHERE p.is_active = $2 AND p.login > $3
              AND ($4 = '' OR p.name ILIKE $5 OR p.login ILIKE $5) AND ($6 = '' OR p.unit = $6)
              AND ($7 = '' OR EXISTS (SELECT FROM role_grant g WHERE g.person_id = p.id AND g.role = $7
                  AND g.valid_from <= $1 AND (g.valid_to IS NULL OR g.valid_to >= $1)))
              AND ($9::text[] IS NULL OR p.unit = ANY($9))
            ORDER BY p.login LIMIT $8""",
            clock.today(), is_active, after, words, f"%{_like(words)}%", unit, role, limit,
            None if units is None else list(units),
        )  # fmt: skip
    return [_listed(row) for row in rows]


async def names(ids: set[UUID]) -> dict[UUID, str]:
    """The names of these people, for a timeline; ids of citizens and of the system are simply missing."""
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT id, name FROM person WHERE id = ANY($1)", list(ids))
    return {row["id"]: row["name"] for row in rows}


def _listed(row: asyncpg.Record) -> Listed:
    return Listed(**{**dict(row), "roles": tuple(row["roles"])})


def _like(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _check(
    name: str, roles: tuple[str, ...] | frozenset[str], password: str | None = None, login: str = ""
) -> None:
    wrong: dict[str, Say] = {}
    if not 0 < len(name.strip()) <= 60:
        wrong["name"] = Say("还没写姓名（60 字以内）。", "Enter a name of at most 60 characters.")
    if unknown := sorted(set(roles) - set(ROLES)):
        wrong["roles"] = Say(f"没有这种角色：{'、'.join(unknown)}。", f"No such role: {', '.join(unknown)}.")
    if password is not None and (say := credentials.too_weak(password, login, name)) is not None:
        wrong["password"] = say
    if wrong:
        raise invalid(wrong)


async def _grant(
    connection: db.Connection, person: UUID, roles: tuple[str, ...] | frozenset[str], by: UUID | None
) -> None:
    await connection.executemany(
        "INSERT INTO role_grant (id, person_id, role, valid_from, granted_by) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (person_id, role, unit, jurisdiction) WHERE valid_to IS NULL DO NOTHING",
        [(new_id(), person, role, clock.today(), by) for role in sorted(roles)],
    )
