"""A forgotten password: an administrator or the unit's head makes a slip, its holder chooses a password with it.

The slip is shown once and handed over in person; it is typed, never part of an address, which would lie in logs.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hotline import city, clock, credentials, db, factors, people, sessions, tries, vault
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import may
from hotline.roster import OFFICES

EDIT, RESET = "people.edit", "people.reset"
HEAD = "unit_head"
TRIES, PAUSE = 5, timedelta(minutes=15)


async def demand_right(actor: Actor, person: UUID) -> people.Listed:
    """The person whom the actor may help: anybody but oneself for an administrator, for a head those of the unit.

    404 for the others, 409 for oneself, for one who left, and for whoever a head would become elsewhere by it.
    """
    one = await people.one(person)
    if person == actor.id:
        raise conflict("oneself", "自己的密码在“登录与安全”里改。", "Change your own under “Sign-in and security”.")
    if not may_help(actor, one):
        raise not_found()
    if not one.is_active:
        raise conflict("person_left", "这个人已经离开。", "This person has left.")
    if not may(actor, EDIT) and await _sits_elsewhere(actor, person):
        raise conflict(
            "elsewhere", "这位同事在别的单位也有角色，或在代别的单位的人办理，请找管理员。",
            "They have roles in another unit too, or act for somebody there: ask an administrator.",
        )  # fmt: skip
    return one


_ELSEWHERE = """
    SELECT EXISTS (SELECT FROM role_grant WHERE person_id = $1 AND (valid_to IS NULL OR valid_to >= $3)
            AND (jurisdiction <> '' OR (unit <> '' AND unit <> ALL($2))))
        OR EXISTS (SELECT FROM delegation d JOIN person q ON q.id = d.person_id WHERE d.delegate_id = $1
            AND d.ended_at IS NULL AND d.last_day >= $3 AND q.id <> $5 AND (q.unit <> ALL($2) OR EXISTS (
                SELECT FROM role_grant WHERE person_id = q.id AND role = 'unit_head' AND q.unit = $4)))
"""


async def _sits_elsewhere(actor: Actor, person: UUID) -> bool:
    """Whether the person may sit at a post outside the actor's units, or in the chair of another head of its unit."""
    async with db.reading() as connection:
        return bool(await connection.fetchval(
            _ELSEWHERE, person, list(actor.units), clock.today(), actor.unit, actor.id
        ))  # fmt: skip


def may_help(actor: Actor, one: people.Listed) -> bool:
    """Whether the actor may make a slip for this person: an administrator for all, a head for those under them.

    Not for the head of one's own unit (a deputy would become the head), not for whoever has a role at the centre as
    well, and not in somebody else's name.
    """
    if may(actor, EDIT):
        return True
    is_above = one.unit in actor.units and (one.unit != actor.unit or HEAD not in one.roles)
    return may(actor, RESET) and actor.behalf is None and is_above and set(one.roles) <= set(OFFICES)


async def make(connection: db.Connection, person: UUID, by: UUID) -> str:
    """The slip's code, to be shown once. The old password stops, every session and the slip before end."""
    now = clock.now()
    code = factors.new_code(16)
    await connection.execute("UPDATE person SET password_hash = '', must_change = false WHERE id = $1", person)
    await connection.execute(
        "UPDATE password_slip SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL", person, now
    )
    await sessions.end_others(connection, person, None)
    await factors.forget_tries(person)
    await connection.execute(
        "INSERT INTO password_slip (id, person_id, code_hash, made_by, made_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        new_id(), person, vault.index(_spelt(person, code)), by, now, now + good_for(),
    )  # fmt: skip
    return code


async def use(login: str, code: str, password: str, address: str) -> UUID:
    """Choose a password with a slip; whose it is now. One and the same 422 for a wrong login, code, an old slip.

    Raises 422 by field for a weak password, and 429 after TRIES of a login from an address.
    """
    login = login.strip().lower()[:64]
    if (say := credentials.too_weak(password, login)) is not None:  # not counted: it tells nothing of slip or login
        raise invalid({"password": say})
    await tries.count("slip", f"{login}\n{address}", limit=TRIES, pause=PAUSE)
    async with db.atomic() as connection:
        person = await connection.fetchval("SELECT id FROM person WHERE login = $1 AND is_active FOR UPDATE", login)
        slip = person and await connection.fetchval(
            "SELECT id FROM password_slip WHERE person_id = $1 AND code_hash = ANY($2) AND ended_at IS NULL"
            " AND expires_at > $3",
            person, vault.indexes(_spelt(person, code)), clock.now(),
        )  # fmt: skip
        if not slip:
            say = Say(
                "登录名和纸条上的码对不上，或纸条已过期，请核对或再要一张。",
                "The login and the code do not fit, or the slip has expired. Check them, or ask for another.",
            )
            raise Refusal(422, "slip", say, fields={"code": say})
        await people.set_password(person, password, act="password_slip_used")
    await tries.forget("slip", f"{login}\n{address}")
    return UUID(str(person))


def good_for() -> timedelta:
    """How long a slip is good."""
    return timedelta(hours=float(city.current().rule("password.slip_hours")))


async def change_own(actor: Actor, old: str, password: str) -> None:
    """A new password of one's own: the old one is asked, sessions elsewhere end. 422 by field, 429 after TRIES."""
    await demand_password(actor.id, old)
    if old == password:
        say = Say("新密码和现在的一样，请换一个。", "That is your present password; choose another.")
        raise Refusal(422, "same", say, fields={"password": say})
    await people.set_password(actor.id, password, keep=actor.session)


async def demand_password(person: UUID, password: str) -> None:
    """Ask the signed-in person for the password again. 422 when it is wrong, 429 after TRIES of them."""
    await tries.count("own-password", str(person), limit=TRIES, pause=PAUSE)
    if not await people.is_password(person, password):
        say = Say("现在的密码不对，请再核对。", "Your present password is not right; check it.")
        raise Refusal(422, "own_password", say, fields={"old_password": say})
    await tries.forget("own-password", str(person))


def _spelt(person: UUID, code: str) -> str:
    return f"{person}\n{factors.plain(code)}"
