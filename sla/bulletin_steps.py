"""From draft to issue: sent for review, approved by others, frozen under a number, told, signed as read, archived.

What is issued is frozen as canonical JSON with its hash and the newest seal of the ledger; nothing is edited after.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import msgspec

from hotline import canon, city, clock, db, serials
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, forbidden, invalid, not_found
from hotline.permissions import demand, may
from hotline.work import Row, Work
from sla import bulletin_document, bulletin_gate, bulletins, facts_store
from sla.bulletin_document import Root
from sla.bulletins import MAKES, BulletinRow

APPROVES, CLEARS, READS = "notice.approve", "notice.clear", "score.appeal"
_SEAL = "SELECT no, hash, last_position, at FROM ledger_seal WHERE log = 'p' ORDER BY no DESC LIMIT 1"
_BEHIND = """
    SELECT EXISTS (SELECT FROM fact_mark m JOIN case_event e ON e.log = m.log AND e.position > m.position
        WHERE m.log IN ('p', 'i') AND e.at < $1)
    OR (SELECT count(*) FROM (SELECT FROM case_event WHERE position IS NULL AND log = 'p' LIMIT $2 + 1) x) > $2
"""
"""Sealed news that the store has not read, or more unsealed ones than it reads at once."""


class ReaderRow(Row, kw_only=True):
    """A unit that an issue was sent to, and who of it signed that they read it."""

    table: ClassVar[str] = "bulletin_reader"
    identity: ClassVar[tuple[str, ...]] = ("bulletin_id", "unit")

    bulletin_id: UUID
    unit: str
    told_at: object
    read_at: object = None
    read_by: UUID | None = None


def is_over(row: BulletinRow) -> bool:
    """Whether its last day has passed."""
    return clock.today() > row.last


def _demand_over(row: BulletinRow) -> None:
    if not is_over(row):
        raise conflict(
            "not_over", f"这段时间到 {row.last:%Y-%m-%d} 才结束，之后才能定稿。",
            f"The period ends on {row.last:%Y-%m-%d}; only then it can be final.",
        )  # fmt: skip


async def _demand_caught_up(work: Work, row: BulletinRow) -> None:
    """409 while the fact store has not read all that befell the period: after an import, say."""
    is_behind = await work.connection.fetchval(_BEHIND, clock.on(row.span.end), facts_store.AT_ONCE)
    if is_behind:
        raise conflict(
            "figures_behind", "数据还在汇总，过一两分钟再送审。",
            "The figures are still being brought up; send it for review in a minute or two.",
        )  # fmt: skip


def may_approve(actor: Actor, row: BulletinRow) -> bool:
    """The business side: a reviewer, or for an internal issue another editor; none who wrote it."""
    is_reviewer = may(actor, APPROVES) or (row.audience == "internal" and may(actor, MAKES))
    return is_reviewer and actor.id not in row.hands and actor.id != row.cleared_by


def may_clear(actor: Actor, row: BulletinRow) -> bool:
    """The secrecy side of a public issue: another person again."""
    return (
        row.audience == "public" and may(actor, CLEARS) and actor.id not in row.hands
        and actor.id != row.approved_by
    )  # fmt: skip


async def send(work: Work, row: BulletinRow) -> None:
    """送审: the words pass the gate, the figures are counted a last time and locked."""
    demand(work.actor, MAKES)
    _demand_over(row)
    await _demand_caught_up(work, row)
    await bulletin_gate.pass_(work.connection, row)
    await bulletins.recompute(work, row)
    row.state, row.sent_at, row.sent_by = "in_review", work.now, work.actor.id
    row.approved_at = row.approved_by = row.cleared_at = row.cleared_by = row.returned_reason = None
    row.hands = list(dict.fromkeys([*row.hands, work.actor.id]))
    await bulletins.stepped(work, row, "bulletin.sent")


async def approve(work: Work, row: BulletinRow) -> None:
    """业务审核通过, by another person than those who wrote it."""
    if not may_approve(work.actor, row):
        raise _own(work.actor, row, APPROVES)
    await bulletin_gate.pass_(work.connection, row)
    row.approved_at, row.approved_by = work.now, work.actor.id
    await _advance(work, row, "bulletin.approved")


async def clear(work: Work, row: BulletinRow) -> None:
    """保密审核通过, of a public issue, by a third person."""
    if not may_clear(work.actor, row):
        raise _own(work.actor, row, CLEARS)
    await bulletin_gate.pass_(work.connection, row)
    row.cleared_at, row.cleared_by = work.now, work.actor.id
    await _advance(work, row, "bulletin.cleared")


async def _advance(work: Work, row: BulletinRow, act: str) -> None:
    if row.approved_by is not None and (row.audience == "internal" or row.cleared_by is not None):
        row.state = "approved"
    await bulletins.stepped(work, row, act)


def _own(actor: Actor, row: BulletinRow, need: str) -> Refusal:
    if actor.id in row.hands or actor.id in (row.approved_by, row.cleared_by):
        return conflict("own", "自己写过、送过或审过的，要由别人来审。",
                        "What you wrote, sent or approved, somebody else approves.")  # fmt: skip
    return forbidden(Say("审核通报", "Approve bulletins") if need == APPROVES else Say("保密审核", "Clear for secrecy"))


async def send_back(work: Work, row: BulletinRow, reason: str) -> None:
    """退回: with a reason; it is a draft again."""
    if not (may_approve(work.actor, row) or may_clear(work.actor, row)):
        raise _own(work.actor, row, APPROVES)
    if not reason.strip():
        raise invalid({"reason": Say("请写退回的理由。", "Give the reason.")})
    row.state, row.returned_reason = "draft", reason.strip()
    row.approved_at = row.approved_by = row.cleared_at = row.cleared_by = None
    await bulletins.stepped(work, row, "bulletin.sent_back")


async def issue(work: Work, row: BulletinRow) -> None:
    """签发: takes the next number of its kind and year, is frozen with its hash, and is sent to its units."""
    demand(work.actor, MAKES)
    _demand_over(row)
    await bulletin_gate.pass_(work.connection, row)
    year = row.last.year
    n = await serials.following(work.connection, f"bulletin_{row.kind}_{row.audience}", year)
    number = bulletins.numbered(row.kind, row.audience, year, n)
    row.number, row.state = number.zh, "issued"
    row.slug = f"{'' if row.audience == 'public' else 'internal-'}{row.kind}-{year}-{n}"
    row.issued_at, row.issued_by = work.now, work.actor.id
    document = msgspec.structs.replace(
        row.document, number=number, slug=row.slug, issued_at=canon.moment(work.now), root=await _root(work.connection)
    )
    row.frozen = bulletin_document.frozen(document)
    row.hash = bulletin_document.digest(row.frozen)
    if row.supersedes is not None:
        old = await bulletins.opened(work, row.supersedes, None)
        old.superseded_by = row.id
        old.revision += 1
    for unit in row.recipients:
        work.add(ReaderRow(bulletin_id=row.id, unit=unit, told_at=work.now))
    await bulletins.stepped(work, row, "bulletin.issued", hash=row.hash.hex())


async def _root(connection: db.Connection) -> Root | None:
    row = await connection.fetchrow(_SEAL)
    if row is None:
        return None
    return Root(no=row["no"], hash=row["hash"].hex(), last=row["last_position"], at=canon.moment(row["at"]))


async def archive(work: Work, row: BulletinRow) -> None:
    """归档: it is still read, and no longer chased."""
    demand(work.actor, MAKES)
    row.state, row.archived_at, row.archived_by = "archived", work.now, work.actor.id
    await bulletins.stepped(work, row, "bulletin.archived")


async def sign_read(work: Work, row: BulletinRow) -> None:
    """签阅: a unit's head, deputy or liaison signs for their unit; a second time nothing happens."""
    demand(work.actor, READS)
    units = [work.actor.unit, *work.actor.units]
    found = await work.connection.fetchrow(
        "SELECT unit, read_at FROM bulletin_reader WHERE bulletin_id = $1 AND unit = ANY($2)"
        " ORDER BY unit = $3 DESC, unit LIMIT 1 FOR UPDATE",
        row.id, units, work.actor.unit,
    )  # fmt: skip
    if found is None:
        raise not_found()
    if found["read_at"] is not None:
        return
    await work.connection.execute(
        "UPDATE bulletin_reader SET read_at = $3, read_by = $4 WHERE bulletin_id = $1 AND unit = $2",
        row.id, found["unit"], work.now, work.actor.id,
    )  # fmt: skip
    unit = city.current().unit(found["unit"])
    await bulletins.stepped(work, row, "bulletin.read", unit=unit.code if unit else found["unit"])
