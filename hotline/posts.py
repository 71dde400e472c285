"""Posts: a unit (or county) in which a person holds roles, their own or that of somebody for whom they act.

One sits at one post at a time (docs/adr/0040): what an actor may see and do is then always one unit's, as everywhere
in the house. A post that is over falls back to the person's own, with the next request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from hotline import acts, city, clock, db, factors
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.role_pairs import UNIT

LENT = frozenset(UNIT)
"""Roles in which one may act for somebody: a unit's offices. What the centre decides by person is lent to nobody."""

_GRANTS = """ARRAY(SELECT g.role || '|' || g.unit || '|' || g.jurisdiction FROM role_grant g
    WHERE g.person_id = {} AND g.valid_from <= $6 AND (g.valid_to IS NULL OR g.valid_to >= $6) ORDER BY g.role)"""
ACTOR = f"""
WITH live AS (
    SELECT s.id AS session, s.last_seen_at, s.proven_at, s.how, s.post_unit, s.post_county, s.delegation_id,
        p.id, p.login, p.name,
        p.unit, p.jurisdiction, q.id AS behalf, q.name AS behalf_name, q.unit AS behalf_unit,
        q.jurisdiction AS behalf_county
    FROM session s JOIN person p ON p.id = s.person_id
    LEFT JOIN delegation d ON d.id = s.delegation_id AND d.delegate_id = p.id AND d.ended_at IS NULL
        AND d.first_day <= $6 AND d.last_day >= $6
    LEFT JOIN person q ON q.id = d.person_id AND q.is_active
    WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3 AND p.is_active
), touched AS (
    UPDATE session SET last_seen_at = $2
    WHERE token_hash = $1 AND $5 AND EXISTS (SELECT FROM live WHERE live.last_seen_at < $4)
)
SELECT live.*, {_GRANTS.format("live.id")} AS grants, {_GRANTS.format("live.behalf")} AS lent,
    EXISTS (SELECT FROM delegation d WHERE d.delegate_id = live.id AND d.ended_at IS NULL
        AND d.first_day <= $6 AND d.last_day >= $6) AS may_act,
    EXISTS (SELECT FROM person_factor f WHERE f.person_id = live.id AND f.confirmed_at IS NOT NULL) AS has_factor
FROM live
"""
"""The session, its person, whom they act for, and the grants of both: $1 hash of the token, $2 now, $6 today."""


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A unit and county with the roles held there; ``delegation`` and ``behalf`` when they are somebody else's."""

    unit: str
    county: str
    roles: tuple[str, ...]
    delegation: UUID | None = None
    behalf: UUID | None = None
    behalf_name: str = ""
    until: object = None

    @property
    def key(self) -> str:
        """How a form names it."""
        return key_of(self.delegation, self.unit, self.county)


def key_of(delegation: UUID | None, unit: str, county: str) -> str:
    """How a form names a post."""
    return f"{delegation or ''}|{unit}|{county}"


def of_grants(grants: Sequence[str], unit: str, county: str) -> dict[tuple[str, str], frozenset[str]]:
    """Roles by post from ``role|unit|county`` lines; the own post (``unit``, ``county``) is always there, first.

    A grant that names a unit and no county is of that unit's county.
    """
    found: dict[tuple[str, str], set[str]] = {(unit, county): set()}
    for line in grants:
        role, own_unit, own_county = line.split("|")
        at = (unit, county)
        if own_unit or own_county:
            place = city.current().unit(own_unit) if own_unit and own_unit != unit else None
            at = (own_unit or unit, own_county or ((place.jurisdiction or "") if place else county))
        found.setdefault(at, set()).add(role)
    return {at: frozenset(roles) for at, roles in found.items()}


def seated(row: Mapping[str, Any]) -> Actor:
    """The actor of a row of ``ACTOR``."""
    own = of_grants(row["grants"], row["unit"], row["jurisdiction"])
    behalf, delegation = row["behalf"], row["delegation_id"]
    lent = of_grants(row["lent"], row["behalf_unit"], row["behalf_county"]) if behalf is not None else {}
    at = (row["post_unit"], row["post_county"])
    roles = lent.get(at, frozenset()) & LENT if delegation is not None else own.get(at, frozenset())
    if not roles:  # over, or nothing is lent there any more
        at, behalf, delegation, lent = next(iter(own)), None, None, {}
        roles = own[at]
    unit, county = at
    is_own = delegation is None and at == next(iter(own))
    return Actor(
        id=row["id"], kind="staff", name=row["name"], login=row["login"], roles=roles, unit=unit,
        units=city.current().subtree(unit) if unit else (), jurisdiction=county, session=row["session"],
        post="" if is_own else key_of(delegation, unit, county),
        behalf=behalf, behalf_name=row["behalf_name"] or "" if behalf is not None else "",
        houses=frozenset(one for one, _ in (*own, *lent) if one), has_posts=len(own) > 1 or row["may_act"],
        how=row["how"], has_factor=row["has_factor"], proven_at=row["proven_at"],
    )  # fmt: skip


_OWN = """
    SELECT p.unit, p.jurisdiction, ARRAY(SELECT g.role || '|' || g.unit || '|' || g.jurisdiction FROM role_grant g
        WHERE g.person_id = p.id AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to >= $2)
        ORDER BY g.role) AS grants
    FROM person p WHERE p.id = $1
"""
_LENT = """
    SELECT d.id, d.person_id, d.last_day, q.name, q.unit, q.jurisdiction,
        ARRAY(SELECT g.role || '|' || g.unit || '|' || g.jurisdiction FROM role_grant g
            WHERE g.person_id = q.id AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to >= $2)
            ORDER BY g.role) AS grants
    FROM delegation d JOIN person q ON q.id = d.person_id AND q.is_active
    WHERE d.delegate_id = $1 AND d.ended_at IS NULL AND d.first_day <= $2 AND d.last_day >= $2
    ORDER BY d.last_day, d.id
"""


async def of(connection: db.Connection, person: UUID) -> list[Post]:
    """Where the person may sit today: the own post first, then the others, then those of whom they act for."""
    today = clock.today()
    row = await connection.fetchrow(_OWN, person, today)
    own = of_grants(row["grants"], row["unit"], row["jurisdiction"])
    found = [Post(unit=unit, county=county, roles=tuple(sorted(roles))) for (unit, county), roles in own.items()]
    for lent in await connection.fetch(_LENT, person, today):
        for (unit, county), roles in of_grants(lent["grants"], lent["unit"], lent["jurisdiction"]).items():
            if shared := roles & LENT:
                found.append(Post(
                    unit=unit, county=county, roles=tuple(sorted(shared)), delegation=lent["id"],
                    behalf=lent["person_id"], behalf_name=lent["name"], until=lent["last_day"],
                ))  # fmt: skip
    return found


async def roles_of(connection: db.Connection, person: UUID) -> frozenset[str]:
    """The roles of all the person's own posts today, at whichever they sit; not those that somebody lends them."""
    return frozenset(role for one in await of(connection, person) if one.behalf is None for role in one.roles)


GONE = Say("这个岗位已不能用了，请重新选。", "That post is not open to you any more; choose again.")
NO_FACTOR = Say(
    "这个岗位的角色须有动态码，请先在“登录与安全”里开通。",
    "This post’s roles need a second factor: add one under “Sign-in and security” first.",
)


async def sit(connection: db.Connection, actor: Actor, key: str) -> Post:
    """Sit at the post of that key from now on, in this session alone; "" is the own one.

    422 for one that is over, and for whoever has no second factor where the post's roles need one.
    """
    open_to = await of(connection, actor.id)
    post = next((one for one in open_to if one.key == key), None) if key else open_to[0]
    if post is None:
        raise Refusal(422, "post_gone", GONE, fields={"post": GONE})
    is_own = post is open_to[0]
    if not is_own and factors.is_required(frozenset(post.roles)) and not (actor.has_factor or actor.proven_at):
        raise Refusal(422, "factor_first", NO_FACTOR, fields={"post": NO_FACTOR})
    await connection.execute(
        "UPDATE session SET post_unit = $2, post_county = $3, delegation_id = $4 WHERE id = $1",
        actor.session, None if is_own else post.unit, None if is_own else post.county, post.delegation,
    )  # fmt: skip
    data = {"unit": post.unit, **({"for": str(post.behalf)} if post.behalf else {})}
    await acts.note(connection, msgspec.structs.replace(actor, behalf=None), "post_taken", f"person:{actor.id}", data)
    return post
