"""Clusters and mass requests rise by themselves: a job gathers cases of the same thing under the oldest open one.

Three distinct cases in three days are a cluster, five requesters or ten contacts in seven days a mass request with a
special report and an order to its unit (domain.md 2.12). Reports and confidential cases take no part (rules.md 10).
Nothing is merged here: that a person does, on the cluster's page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from cases import likeness
from cases.moves_merge import HOLDING
from hotline import city, clock, db, serials
from hotline.actor import SYSTEM
from hotline.errors import plain
from hotline.ids import new_id
from hotline.work import Work, work
from routing import cluster_heads, groups
from routing.cluster_heads import Tally
from routing.groups import Sample

_SAMPLES = """
    SELECT id, matter, county, township, place, title, lat, lon, opened_at, grams, is_open, state, request_count
    FROM cases c
    WHERE opened_at >= $1 AND opened_at <= $2 AND matter IS NOT NULL AND kind <> 'report' AND NOT is_confidential
      AND channel <> 'import' AND state NOT IN ('merged', 'declined', 'transferred')
      AND NOT EXISTS (SELECT FROM cluster_member m JOIN cluster k ON k.id = m.cluster_id
                      WHERE m.case_id = c.id AND (m.left_at IS NOT NULL OR k.state = 'dismissed'))
"""
_CONTACTS = """
    SELECT r.case_id, r.filed_at AS at, TRUE AS is_request,
           coalesce(encode(r.phone_index, 'hex'), r.account_id::text, encode(r.reply_index, 'hex'), '') AS who
    FROM request r WHERE r.case_id = ANY($1::uuid[]) AND r.state NOT IN ('withdrawn', 'erased')
    UNION ALL
    SELECT e.case_id, e.at, FALSE, '' FROM case_event e
    WHERE e.case_id = ANY($1::uuid[]) AND e.kind IN ('urged', 'words_added') AND e.at >= $2
"""
_KNOWN = "SELECT cluster_id, case_id FROM cluster_member WHERE case_id = ANY($1::uuid[]) AND left_at IS NULL"
_LOCK = 0x636C7573
AT_ONCE = 25
"""Groups written in one transaction: few enough that nobody waits long for a case."""
log = logging.getLogger(__name__)


class Contact(msgspec.Struct, frozen=True, gc=False):
    """One time that somebody came: a request (``is_request``), or an urge or further words on one."""

    at: datetime
    who: str
    is_request: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Cases of one thing, oldest first, with how large it is and its head, the oldest that may hold the others."""

    members: Sequence[Sample]
    head: Sample
    tally: Tally

    @property
    def ids(self) -> list[UUID]:
        """The cases."""
        return [one.case for one in self.members]


async def gather(as_of: datetime | None = None) -> int:
    """Find what rose or grew since the last run, as of now; returns how many clusters were written.

    Safe twice and side by side: one writes at a time, and a cluster that did not change is left alone.
    """
    rising = await found(as_of or clock.now())
    written = sum([await _tried(rising[n : n + AT_ONCE]) for n in range(0, len(rising), AT_ONCE)])
    return written + await cluster_heads.tend()


async def _tried(some: Sequence[Group]) -> int:
    """Write some in one transaction; one that cannot be written holds up no other, and the next run tries again."""
    try:
        async with work(SYSTEM) as w:
            await w.connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            return sum([await _write(w, group) for group in some])
    except Exception as error:
        if len(some) > 1 and not isinstance(error, db.AWAY):
            return sum([await _tried([group]) for group in some])
        if isinstance(error, db.AWAY):
            raise
        log.error("cluster not written, case %s\n%s", some[0].head.case, plain(error))  # noqa: TRY400
        return 0


async def found(now: datetime) -> list[Group]:
    """The groups of the days before ``now`` that are large enough and have a case that is still open."""
    rules = city.current().rule
    since = now - timedelta(days=max(float(rules("cluster.days")), float(rules("mass.days"))))
    async with db.reading() as connection:
        rows = await connection.fetch(_SAMPLES, since, now)
        samples = list(map(_sample, rows))
        together = groups.groups(samples, float(rules("cluster.metres")))
        together += _alone(samples, together, {row["id"] for row in rows if row["request_count"] > 1})
        contacts = await _contacts(connection, [one.case for group in together for one in group], since)
    can_hold = {row["id"] for row in rows if row["state"] in HOLDING}
    is_open = {row["id"] for row in rows if row["is_open"]}
    rising = []
    for members in together:
        heads = [one for one in members if one.case in is_open]
        head = next((one for one in heads if one.case in can_hold), heads[0] if heads else None)
        figures = tally([contact for one in members for contact in contacts.get(one.case, ())])
        if head is not None and (figures.size == "mass" or (figures.size and len(members) > 1)):
            rising.append(Group(members=members, head=head, tally=figures))
    return rising


def _alone(samples: Iterable[Sample], together: Iterable[Sequence[Sample]], shared: set[UUID]) -> list[list[Sample]]:
    """Cases that hold several requests already and are in no group: merged at the desk, they may be many people's."""
    grouped = {one.case for group in together for one in group}
    return [[one] for one in samples if one.case in shared and one.case not in grouped]


def _sample(row: Mapping[str, Any]) -> Sample:
    known = city.current().matter(row["matter"])
    return Sample(
        case=row["id"], matter=row["matter"], county=row["county"], township=row["township"], at=row["opened_at"],
        words=likeness.of_grams(row["grams"]), roads=frozenset(likeness.roads(f"{row['place']} {row['title']}")),
        point=(row["lat"], row["lon"]) if row["lat"] is not None and row["lon"] is not None else None,
        is_wide=known is not None and known.route == "UTIL",
    )  # fmt: skip


def tally(contacts: Sequence[Contact]) -> Tally:
    """How large a group with these contacts is, by the city's numbers. All the nameless count as one requester."""
    rules = city.current().rule
    ordered = sorted(contacts, key=lambda one: one.at)
    filed = [one for one in ordered if one.is_request]
    first, last = groups.most_within([one.at for one in filed], float(rules("cluster.days")))
    start, end = groups.most_within([one.at for one in ordered], float(rules("mass.days")))
    requesters = len({one.who for one in ordered[start:end] if one.is_request})
    is_mass = requesters >= int(rules("mass.requesters")) or end - start >= int(rules("mass.contacts"))
    size = "mass" if is_mass else "cluster" if last - first >= int(rules("cluster.cases")) else ""
    return Tally(size=size, cases=len(filed), requesters=requesters, contacts=end - start)


async def _contacts(connection: db.Connection, cases: Sequence[UUID], since: datetime) -> dict[UUID, list[Contact]]:
    found: dict[UUID, list[Contact]] = {}
    for row in await connection.fetch(_CONTACTS, cases, since):
        found.setdefault(row["case_id"], []).append(
            Contact(row["at"], row["who"], is_request=row["is_request"])
        )
    return found


async def _write(w: Work, group: Group) -> int:
    known = {row["case_id"]: row["cluster_id"] for row in await w.connection.fetch(_KNOWN, group.ids)}
    if not known:
        return await _rise(w, group)
    cluster = known[next(one for one in group.ids if one in known)]
    row = await w.connection.fetchrow("SELECT * FROM cluster WHERE id = $1 FOR UPDATE", cluster)
    fresh = [one for one in group.members if one.case not in known]
    figures, was = group.tally, (row["requesters"], row["contacts"])
    if not fresh and was == (figures.requesters, figures.contacts):
        return 0
    head = group.head.case if fresh else row["parent_id"]
    await _members(w, cluster, fresh)
    await w.connection.execute(
        "UPDATE cluster SET cases = greatest(cases, $2), requesters = greatest(requesters, $3), "
        "contacts = greatest(contacts, $4), last_at = greatest(last_at, $5), parent_id = $6, "
        "state = CASE WHEN $7 THEN 'open' ELSE state END, settled_at = CASE WHEN $7 THEN NULL ELSE settled_at END, "
        "settled_by = CASE WHEN $7 THEN NULL ELSE settled_by END WHERE id = $1",
        cluster, figures.cases, figures.requesters, figures.contacts, group.members[-1].at, head, bool(fresh),
    )  # fmt: skip
    if figures.size == "mass" and row["size"] != "mass":
        await _mass(w, cluster)
    if figures.size == "mass" and (row["size"] != "mass" or head != row["parent_id"]):
        await cluster_heads.mark(w, head, cluster, figures)
    return 1


async def _rise(w: Work, group: Group) -> int:
    cluster, head, figures = new_id(), group.head, group.tally
    await w.connection.execute(
        "INSERT INTO cluster (id, matter, county, township, place, size, state, parent_id, risen_at, first_at, "
        "last_at, cases, requesters, contacts) "
        "SELECT $1, $2, $3, $4, place, 'cluster', 'open', id, $6, $7, $8, $9, $10, $11 FROM cases WHERE id = $5",
        cluster, head.matter, head.county, head.township, head.case, w.now, group.members[0].at,
        group.members[-1].at, figures.cases, figures.requesters, figures.contacts,
    )  # fmt: skip
    await _members(w, cluster, group.members)
    if figures.size == "mass":
        await _mass(w, cluster)
    await cluster_heads.mark(w, head.case, cluster, figures)
    return 1


async def _members(w: Work, cluster: UUID, fresh: Iterable[Sample]) -> None:
    await w.connection.executemany(
        "INSERT INTO cluster_member (cluster_id, case_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [(cluster, one.case, w.now) for one in fresh],
    )


async def _mass(w: Work, cluster: UUID) -> None:
    """The special report (专报) gets its number on the day it becomes due."""
    year = clock.local_day(w.now).year
    last = await serials.following(w.connection, "mass", year)
    await w.connection.execute(
        "UPDATE cluster SET size = 'mass', mass_at = $2, report_no = $3 WHERE id = $1",
        cluster, w.now, f"专报〔{year}〕{last}号",
    )  # fmt: skip
