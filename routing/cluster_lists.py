"""Reading clusters: the list, one cluster with its cases, its days and its doors, all as far as the viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from cases import scope
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import not_found

SIZE = 100
_COLUMNS = (
    "k.id, k.matter, k.county, k.township, k.place, k.size, k.state, k.parent_id, k.risen_at, k.mass_at, k.first_at, "
    "k.last_at, k.cases, k.requesters, k.contacts, k.report_no, k.report, k.reported_at, k.reported_by, k.settled_at, "
    "k.settled_by, k.reason"
)
_HEAD = (
    "c.number AS parent_number, c.title AS parent_title, c.state AS parent_state, c.lead_unit AS parent_unit, "
    "c.kind AS parent_kind"
)
_DAYS = """
    SELECT (r.filed_at AT TIME ZONE $2)::date AS day, count(*) AS n FROM request r
    WHERE r.case_id = ANY($1::uuid[]) AND r.state <> 'erased' GROUP BY 1 ORDER BY 1
"""
_DOORS = """
    SELECT r.channel, count(*) AS n FROM request r
    WHERE r.case_id = ANY($1::uuid[]) AND r.state <> 'erased' GROUP BY 1 ORDER BY 2 DESC, 1
"""


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster with the case at its head."""

    id: UUID
    matter: str
    county: str
    township: str | None
    place: str
    size: str
    state: str
    parent_id: UUID
    risen_at: datetime
    mass_at: datetime | None
    first_at: datetime
    last_at: datetime
    cases: int
    requesters: int
    contacts: int
    report_no: str | None
    report: str | None
    reported_at: datetime | None
    reported_by: UUID | None
    settled_at: datetime | None
    settled_by: UUID | None
    reason: str | None
    parent_number: str
    parent_title: str
    parent_state: str
    parent_unit: str | None
    parent_kind: str

    @property
    def is_mass(self) -> bool:
        """A mass request: five requesters or ten contacts in seven days."""
        return self.size == "mass"


class Member(msgspec.Struct, kw_only=True):
    """One case of a cluster; ``requests`` are those that stand on it now (a merged one has none)."""

    id: UUID
    number: str
    title: str
    kind: str
    matter: str | None
    is_confidential: bool
    about_units: list[str]
    state: str
    lead_unit: str | None
    opened_at: datetime
    place: str
    channel: str
    requests: int
    since: datetime
    left_at: datetime | None

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case; it takes no part from when it became one."""
        return self.kind == "report" or self.is_confidential


async def listed(connection: db.Connection, actor: Actor, state: str) -> Sequence[Cluster]:
    """The clusters whose head the actor may see, mass requests first, then the newest; at most SIZE."""
    where, args = scope.condition(actor, first=2)
    order = "k.size DESC, k.last_at DESC" if state == "open" else "k.settled_at DESC"
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, {_HEAD} FROM cluster k JOIN cases c ON c.id = k.parent_id "
        f"WHERE k.state = $1 AND {where} ORDER BY {order}, k.id LIMIT {SIZE}",
        state, *args,
    )  # fmt: skip
    return [Cluster(**row) for row in rows]


async def count(connection: db.Connection, actor: Actor) -> tuple[int, int]:
    """How many clusters wait for a person, and how many of them are mass requests."""
    where, args = scope.condition(actor)
    row = await connection.fetchrow(
        "SELECT count(*) AS n, count(*) FILTER (WHERE k.size = 'mass') AS mass FROM cluster k "
        f"JOIN cases c ON c.id = k.parent_id WHERE k.state = 'open' AND {where}",
        *args,
    )
    return row["n"], row["mass"]


async def one(connection: db.Connection, actor: Actor, cluster: UUID) -> Cluster:
    """The cluster; the 404 refusal when there is none or its head is not the actor's to see."""
    where, args = scope.condition(actor, first=2)
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS}, {_HEAD} FROM cluster k JOIN cases c ON c.id = k.parent_id WHERE k.id = $1 AND {where}",
        cluster, *args,
    )  # fmt: skip
    if row is None:
        raise not_found()
    return Cluster(**row)


async def members(connection: db.Connection, actor: Actor, cluster: UUID) -> Sequence[Member]:
    """Its cases that the actor may see, oldest first; those taken out stand at the end."""
    where, args = scope.condition(actor, first=2)
    rows = await connection.fetch(
        "SELECT c.id, c.number, c.title, c.kind, c.matter, c.is_confidential, c.about_units, c.state, "
        "c.lead_unit, c.opened_at, c.place, c.channel, m.since, m.left_at, "
        "(SELECT count(*) FROM request r WHERE r.case_id = c.id) AS requests "
        f"FROM cluster_member m JOIN cases c ON c.id = m.case_id WHERE m.cluster_id = $1 AND {where} "
        "ORDER BY m.left_at IS NOT NULL, c.opened_at, c.id",
        cluster, *args,
    )  # fmt: skip
    return [_cut(actor, Member(**row)) for row in rows]


def _cut(actor: Actor, member: Member) -> Member:
    """Without where and by which door, for whoever may not know who spoke (domain.md 2.15)."""
    if scope.is_blind(actor, member.about_units, is_sealed=member.is_sealed):
        member.place = member.channel = ""
    return member


async def spread(connection: db.Connection, cases: Sequence[UUID]) -> tuple[list[tuple[date, int]], list[Any]]:
    """Requests by local day and by door, for the special report."""
    days = await connection.fetch(_DAYS, cases, str(clock.CITY_ZONE))
    doors = await connection.fetch(_DOORS, cases)
    return [(row["day"], row["n"]) for row in days], [(row["channel"], row["n"]) for row in doors]


async def holding(connection: db.Connection, actor: Actor, cases: Sequence[UUID]) -> Sequence[Cluster]:
    """The clusters that hold any of these cases and whose head the actor may see, the largest first."""
    where, args = scope.condition(actor, first=2)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, {_HEAD} FROM cluster k JOIN cases c ON c.id = k.parent_id WHERE k.state <> 'dismissed' "
        "AND k.id IN (SELECT cluster_id FROM cluster_member WHERE case_id = ANY($1::uuid[]) AND left_at IS NULL) "
        f"AND {where} ORDER BY k.requesters DESC, k.last_at DESC, k.id LIMIT 10",
        list(cases), *args,
    )  # fmt: skip
    return [Cluster(**row) for row in rows]
