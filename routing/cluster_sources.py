"""A cluster or a mass request as what a notice is drawn from: every case that it holds stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cases.notice_sources import OPEN_TO_ALL, UNTAKEN, Offer, Source
from hotline import db
from hotline.errors import conflict, not_found
from hotline.work import Work

_ONE = """
    SELECT k.id, k.matter, k.county, k.township, k.state, c.number, c.lead_unit FROM cluster k
    JOIN cases c ON c.id = k.parent_id WHERE k.id = $1
"""
_MEMBERS = """
    SELECT case_id FROM cluster_member WHERE cluster_id = $1 AND left_at IS NULL
    UNION SELECT parent_id FROM cluster WHERE id = $1 ORDER BY 1
"""

_OFFERED = f"""
    SELECT k.id, c.number, c.lead_unit AS unit, k.matter FROM cluster k JOIN cases c ON c.id = k.parent_id
    WHERE k.state <> 'dismissed' AND k.size = 'mass' AND c.lead_unit IS NOT NULL AND {OPEN_TO_ALL}
        AND {UNTAKEN.format(kind="cluster", id="k.id")} ORDER BY k.last_at DESC LIMIT $1
"""


async def of_cluster(work: Work, cluster: UUID) -> Source:
    """404 for none; 409 for one that was set aside. Its unit is that of the case at its head."""
    row = await work.connection.fetchrow(_ONE, cluster)
    if row is None:
        raise not_found()
    if row["state"] == "dismissed":
        raise conflict(
            "cluster_dismissed", "这一组已认定不是同一件事，不能公示。",
            "This group was found not to be one thing; nothing is published of it.",
        )  # fmt: skip
    return Source(
        kind="cluster", id=row["id"], number=row["number"], unit=row["lead_unit"] or "", matter=row["matter"],
        county=row["county"], township=row["township"], cases=tuple(await members(work.connection, cluster)),
    )  # fmt: skip


async def members(connection: db.Connection, cluster: UUID) -> Sequence[UUID]:
    """The cases of the cluster now, merged ones too."""
    return [row["case_id"] for row in await connection.fetch(_MEMBERS, cluster)]


async def offered(connection: db.Connection, limit: int = 20) -> list[Offer]:
    """Mass requests with a unit, of which there is no notice; the newest first."""
    return [Offer(kind="cluster", **row) for row in await connection.fetch(_OFFERED, limit)]
