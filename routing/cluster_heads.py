"""The case at the head of a cluster, and whether anything is left to do with the group.

A head that was merged away or has its answer takes no case any more: another stands in its place. A group with nothing
left to merge is settled by itself, a mass request once its special report was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from cases.events_cluster import Clustered
from cases.file import CaseFile, Entry
from cases.ledger import append, opened
from cases.moves_merge import HOLDING
from cases.states import OPEN
from hotline.actor import SYSTEM
from hotline.work import Work, work

_HEADLESS = """
    SELECT k.id FROM cluster k JOIN cases c ON c.id = k.parent_id
    WHERE k.state = 'open' AND NOT c.state = ANY($1::text[]) ORDER BY k.id
"""
_LOCKED = "SELECT * FROM cluster WHERE id = $1 AND state = 'open' FOR UPDATE"
_NEXT = """
    SELECT c.id FROM cases c WHERE c.state = ANY($3::text[]) AND c.kind <> 'report' AND NOT c.is_confidential AND (
        c.id = (SELECT merged_into FROM cases WHERE id = $2)
        OR EXISTS (SELECT FROM cluster_member m WHERE m.cluster_id = $1 AND m.case_id = c.id AND m.left_at IS NULL))
    ORDER BY c.id = (SELECT merged_into FROM cases WHERE id = $2) DESC NULLS LAST, c.opened_at, c.id LIMIT 1
"""
_SETTLE = """
    UPDATE cluster k SET state = 'settled', settled_at = $1, settled_by = $2
    WHERE k.state = 'open' AND ($3::uuid IS NULL OR k.id = $3) AND (k.size <> 'mass' OR k.report IS NOT NULL)
        AND NOT EXISTS (SELECT FROM cluster_member m JOIN cases c ON c.id = m.case_id
                        WHERE m.cluster_id = k.id AND m.left_at IS NULL AND c.id <> k.parent_id AND c.is_open)
    RETURNING k.id
"""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How large a group is: what of it came within the windows. ``size`` is "", cluster or mass."""

    size: str
    cases: int
    requesters: int
    contacts: int


async def tend() -> int:
    """Give each open cluster a head that can hold the others, settle those with nothing left to do. Safe twice."""
    async with work(SYSTEM) as w:
        headless = [row["id"] for row in await w.connection.fetch(_HEADLESS, list(HOLDING))]
    changed = 0
    for cluster in headless:
        async with work(SYSTEM) as w:
            before = await w.connection.fetchval("SELECT parent_id FROM cluster WHERE id = $1", cluster)
            changed += await succeed(w, cluster) not in (None, before)
    async with work(SYSTEM) as w:
        return changed + len(await settle(w))


async def succeed(w: Work, cluster: UUID) -> UUID | None:
    """The head of an open cluster, put in place of one that can hold no other; None once the cluster is not open.

    The case that the old one went into comes first, else the oldest of the group; with neither the old one stays.
    """
    row = await w.connection.fetchrow(_LOCKED, cluster)
    if row is None:
        return None
    head: UUID = row["parent_id"]
    if await w.connection.fetchval("SELECT state FROM cases WHERE id = $1", head) in HOLDING:
        return head
    following: UUID | None = await w.connection.fetchval(_NEXT, cluster, head, list(HOLDING))
    if following is None:
        return head
    await w.connection.execute(
        "INSERT INTO cluster_member (cluster_id, case_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        cluster, following, w.now,
    )  # fmt: skip
    await w.connection.execute("UPDATE cluster SET parent_id = $2 WHERE id = $1", cluster, following)
    if row["size"] == "mass":
        figures = {name: row[name] for name in ("cases", "requesters", "contacts")}
        await mark(w, following, cluster, Tally(size="mass", **figures))
    return following


async def settle(w: Work, cluster: UUID | None = None) -> Sequence[UUID]:
    """Settle this open cluster, or every one, that has no other open case left; those that were."""
    return [row["id"] for row in await w.connection.fetch(_SETTLE, w.now, w.actor.id, cluster)]


async def mark(w: Work, case: UUID, cluster: UUID, figures: Tally) -> None:
    """Say on the record of the head what it stands for; of a mass request its unit gets an order with it."""
    file = await opened(w, case_id=case)
    if file.case.state in OPEN:
        await append(
            w, file,
            Clustered(cluster=cluster, size=figures.size, cases=figures.cases, requesters=figures.requesters,
                      contacts=figures.contacts),
        )  # fmt: skip


async def on_unmerged(w: Work, file: CaseFile, entry: Entry) -> None:
    """拆回 says that it is another thing: the case leaves the cluster that it was merged in, and gathers no more."""
    await w.connection.execute(
        "UPDATE cluster_member m SET left_at = $3, left_by = $4 WHERE m.case_id = $1 AND m.left_at IS NULL AND EXISTS ("
        "SELECT FROM cluster_member p WHERE p.cluster_id = m.cluster_id AND p.case_id = $2 AND p.left_at IS NULL)",
        file.case.id, entry.event.parent, w.now, w.actor.id,  # type: ignore[attr-defined]  # unmerged
    )  # fmt: skip
