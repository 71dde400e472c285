"""Lists of a bounty's findings as far as one may see them, how many there are, and what everybody may read of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from hotline import db
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.permissions import may
from sla.bounties import FINDING, Finding, plain

SIZE = 200
BANDS = {
    "filed": "state = 'filed'",
    "appeals": "appealed_at IS NOT NULL AND appeal_decided_at IS NULL AND state = 'confirmed'",
    "unpublished": "state = 'confirmed' AND public_words <> '' AND published_at IS NULL",
    "confirmed": "state = 'confirmed'",
    "all": "TRUE",
}
SEEN_BY_UNIT = "state IN ('confirmed', 'overturned')"
"""What the unit concerned learns of: not what is still being looked at, nor what was refused."""


def _reach(actor: Actor) -> tuple[str, list[object]]:
    """All for who reviews or pays; one's own filings for who takes calls; a unit's confirmed ones for its people."""
    if may(actor, "bounty.review") or may(actor, "bounty.pay"):
        return "TRUE", []
    parts, args = ["filed_by = $1"], [actor.id]
    if may(actor, "case.handle"):
        parts.append(f"(unit = ANY($2::text[]) AND {SEEN_BY_UNIT})")
        args.append(list(actor.units))  # type: ignore[arg-type]
    return f"({' OR '.join(parts)})", list(args)


async def listed(
    connection: db.Connection, actor: Actor, band: str, *, campaign: UUID | None = None, size: int = SIZE
) -> Sequence[Finding]:
    """Findings of a band within reach: what waits oldest first, else the last first."""
    where, args = _reach(actor)
    if campaign is not None:
        args.append(campaign)
        where += f" AND campaign_id = ${len(args)}"
    order = "filed_at, number" if band in ("filed", "appeals", "unpublished") else "filed_at DESC, number DESC"
    rows = await connection.fetch(
        f"SELECT {FINDING} FROM bounty_finding WHERE {BANDS[band]} AND {where} ORDER BY {order} LIMIT {size}", *args
    )
    return [plain(row) for row in rows]


async def counts(connection: db.Connection, actor: Actor) -> dict[str, int]:
    """How many each band holds within reach."""
    where, args = _reach(actor)
    parts = ", ".join(f"count(*) FILTER (WHERE {text}) AS {band}" for band, text in BANDS.items())
    row = await connection.fetchrow(f"SELECT {parts} FROM bounty_finding WHERE {where}", *args)
    return dict(row)


async def one(connection: db.Connection, actor: Actor, identifier: UUID) -> Finding:
    """A finding within reach; 404 otherwise."""
    where, args = _reach(actor)
    row = await connection.fetchrow(
        f"SELECT {FINDING} FROM bounty_finding WHERE {where} AND id = ${len(args) + 1}", *args, identifier
    )
    if row is None:
        raise not_found()
    return plain(row)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody may read of a confirmed finding: the office, the centre's own words, the day."""

    unit: str
    public_words: str
    day: date


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How a campaign stands, in numbers that everybody may read."""

    filed: int = 0
    confirmed: int = 0
    refused: int = 0
    repeated: int = 0
    waiting: int = 0
    paid: int = 0


async def public(connection: db.Connection, campaign: UUID, size: int = 50) -> tuple[Tally, Sequence[Shown]]:
    """A campaign's counts, and its findings that were let out, the last first. No finder, no word of theirs."""
    row = await connection.fetchrow(
        "SELECT count(*) AS filed, count(*) FILTER (WHERE f.state = 'confirmed') AS confirmed,"
        " count(*) FILTER (WHERE f.state IN ('refused', 'overturned')) AS refused,"
        " count(*) FILTER (WHERE f.state = 'duplicate') AS repeated,"
        " count(*) FILTER (WHERE f.state = 'filed') AS waiting,"
        " coalesce(sum(p.amount) FILTER (WHERE p.state = 'paid'), 0)::int AS paid"
        " FROM bounty_finding f LEFT JOIN bounty_payment p ON p.finding_id = f.id WHERE f.campaign_id = $1",
        campaign,
    )
    rows = await connection.fetch(
        "SELECT unit, public_words, (published_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM bounty_finding"
        " WHERE campaign_id = $1 AND published_at IS NOT NULL AND state = 'confirmed'"
        " ORDER BY published_at DESC, id LIMIT $2",
        campaign, size,
    )  # fmt: skip
    return Tally(**row), [Shown(**one) for one in rows]
