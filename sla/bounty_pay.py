"""Payments of bounties: prepared by one, paid by another, never twice; stopped, or decided to be recovered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from hotline import acts, db
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla import bounties
from sla.bounties import MEANS, Finding, Payee

STATES: dict[str, Say] = {
    "owed": Say("待制单", "To be prepared"),
    "prepared": Say("已制单，待付", "Prepared, to be paid"),
    "paid": Say("已付", "Paid"),
    "stopped": Say("已撤回", "Stopped"),
}
SIZE = 500
Tell = Callable[..., Awaitable[None]]
"""``channels.notify_bounty.tell``."""


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A bounty that is owed or was paid, without its payee. ``state`` owed: nobody has prepared it."""

    finding_id: UUID
    number: str
    unit: str
    amount: int
    state: str
    has_payee: bool
    means: str | None
    reviewed_by: UUID | None
    prepared_at: datetime | None
    prepared_by: UUID | None
    paid_at: datetime | None
    paid_by: UUID | None
    receipt_no: str | None
    recover_at: datetime | None
    recover_reason: str | None
    is_overturned: bool


_LIST = f"""
    SELECT f.id AS finding_id, f.number, f.unit, coalesce(p.amount, f.amount) AS amount,
        coalesce(p.state, 'owed') AS state, f.payee IS NOT NULL AS has_payee, p.means, f.reviewed_by, p.prepared_at,
        p.prepared_by, p.paid_at, p.paid_by, p.receipt_no, p.recover_at, p.recover_reason,
        f.state = 'overturned' AS is_overturned
    FROM bounty_finding f LEFT JOIN bounty_payment p ON p.finding_id = f.id
    WHERE (p.id IS NOT NULL OR f.state = 'confirmed') AND {{where}}
    ORDER BY f.reviewed_at DESC, f.number LIMIT {SIZE}
"""
_PREPARE = """
    INSERT INTO bounty_payment AS p (id, finding_id, amount, payee, means, state, prepared_at, prepared_by)
    VALUES ($1, $2, $3, $4, $5, 'prepared', $6, $7)
    ON CONFLICT (finding_id) DO UPDATE SET payee = $4, means = $5, state = 'prepared', prepared_at = $6,
        prepared_by = $7, stopped_at = NULL, stopped_by = NULL WHERE p.state = 'stopped' RETURNING p.id
"""
"""One row a finding for ever; only one that was stopped before anything was paid is prepared again."""
_ROW = "SELECT id, state, amount, prepared_by FROM bounty_payment WHERE finding_id = $1 FOR UPDATE"


async def listed(connection: db.Connection, *states: str) -> list[Payment]:
    """Payments in these states (all), the last confirmed first."""
    sql = _LIST.format(where="coalesce(p.state, 'owed') = ANY($1::text[])")
    return [Payment(**row) for row in await connection.fetch(sql, list(states or STATES))]


async def of_finding(connection: db.Connection, finding: UUID) -> Payment | None:
    """What is owed or was paid for one finding."""
    row = await connection.fetchrow(_LIST.format(where="f.id = $1"), finding)
    return Payment(**row) if row is not None else None


async def is_paid(connection: db.Connection, finding: UUID) -> bool:
    """Whether somebody was paid for this finding."""
    return bool(await connection.fetchval(
        "SELECT EXISTS (SELECT FROM bounty_payment WHERE finding_id = $1 AND state = 'paid')", finding
    ))  # fmt: skip


async def prepare(work: Work, finding: UUID, *, at_counter: bool = False) -> None:
    """制单: exactly the sum that was confirmed, to whom the finder named. Once for ever.

    ``at_counter``: who named nobody, having filed by telephone, fetches it at the counter under the name on file.
    """
    (one,) = await bounties.locked(work.connection, finding)
    if one.state != "confirmed" or one.amount is None:
        raise conflict("not_confirmed", "只有已确认的线索能付奖金。", "Only a confirmed finding is paid.")
    if one.appeal_waits:
        raise conflict("appeal_waits", "单位申诉待裁定，裁定后再付。", "The unit’s appeal waits; pay after it.")
    if work.actor.id == one.reviewed_by:
        raise conflict("same_person", "制单、确认、付款须是不同的人。", "Who confirmed it does not prepare it.")
    who = await bounties.finder(work.connection, finding)
    to = who.payee or (Payee(name=who.name, means="counter") if at_counter else None)
    if to is None or not to.name.strip() or to.means not in MEANS or (to.means != "counter" and not to.account.strip()):
        say = Say("还没有收款人、收款方式或账号。", "Payee, means or account is missing.")
        raise invalid({"at_counter": say}, "no_payee")
    made = await work.connection.fetchval(
        _PREPARE, new_id(), finding, one.amount, bounties.sealed(to), to.means, work.now, work.actor.id
    )
    if made is None:
        raise conflict("prepared", "这条线索已经制过单，不能再付一次。", "It has a payment; there is no second.")
    await acts.note(work, work.actor, "bounty_payment_prepared", f"bounty_finding:{one.number}", {"amount": one.amount})


async def pay(work: Work, finding: UUID, *, receipt_no: str, tell: Tell) -> None:
    """付讫: by somebody else than who prepared it and who confirmed the finding; with the number of the receipt."""
    (one,) = await bounties.locked(work.connection, finding)
    row = await work.connection.fetchrow(_ROW, finding)
    if row is None:
        raise not_found()
    if row["state"] != "prepared":
        raise conflict("not_prepared", "已经付过，或付款单已撤回。", "It was paid, or the payment was stopped.")
    if one.appeal_waits:
        raise conflict("appeal_waits", "单位申诉待裁定，裁定后再付。", "The unit’s appeal waits; pay after it.")
    if work.actor.id in (row["prepared_by"], one.reviewed_by):
        raise conflict("same_person", "制单、确认、付款须是不同的人。", "Who prepared or confirmed it does not pay.")
    if not receipt_no.strip():
        raise invalid({"receipt_no": Say("请写付款凭证号。", "Enter the number of the receipt.")})
    try:
        async with work.connection.transaction():
            await work.connection.execute(
                "UPDATE bounty_payment SET state = 'paid', paid_at = $2, paid_by = $3, receipt_no = $4 WHERE id = $1",
                row["id"], work.now, work.actor.id, receipt_no.strip(),
            )  # fmt: skip
    except asyncpg.UniqueViolationError:
        say = Say("这个凭证号已经用在别的付款上。", "Another payment has this receipt number.")
        raise invalid({"receipt_no": say}) from None
    await acts.note(work, work.actor, "bounty_payment_paid", f"bounty_finding:{one.number}", {"amount": row["amount"]})
    await tell(work, one, "bounty_paid", amount=str(row["amount"]))


async def stop(work: Work, one: Finding) -> None:
    """A prepared payment is stopped; one that was made stays as it is."""
    row = await work.connection.fetchrow(_ROW, one.id)
    if row is not None and row["state"] == "prepared":
        await work.connection.execute(
            "UPDATE bounty_payment SET state = 'stopped', stopped_at = $2, stopped_by = $3 WHERE id = $1",
            row["id"], work.now, work.actor.id,
        )  # fmt: skip
        await acts.note(work, work.actor, "bounty_payment_stopped", f"bounty_finding:{one.number}")


async def withdraw(work: Work, finding: UUID) -> None:
    """撤回付款单 before it is paid, as when the payee is wrong; it can be prepared again. 409 when nothing waits."""
    (one,) = await bounties.locked(work.connection, finding)
    row = await work.connection.fetchrow(_ROW, finding)
    if row is None or row["state"] != "prepared":
        raise conflict("not_prepared", "没有待付的付款单。", "No payment waits to be made.")
    await stop(work, one)


async def recover(work: Work, one: Finding, *, reason: str) -> None:
    """决定追回 what was paid for a finding that was overturned; nothing where nothing was paid."""
    amount = await work.connection.fetchval(
        "UPDATE bounty_payment SET recover_at = $2, recover_by = $3, recover_reason = $4"
        " WHERE finding_id = $1 AND state = 'paid' AND recover_at IS NULL RETURNING amount",
        one.id, work.now, work.actor.id, reason,
    )  # fmt: skip
    if amount is not None:
        await acts.note(work, work.actor, "bounty_recovery_decided", f"bounty_finding:{one.number}", {"amount": amount})


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that is prepared and may be made now, with whom it goes to, in the clear."""

    number: str
    amount: int
    payee: Payee
    prepared_by: UUID


async def due(connection: db.Connection) -> list[Due]:
    """For the treasury, noted by who makes the list: all that is prepared, but what an open appeal holds back."""
    rows = await connection.fetch(
        "SELECT f.number, p.amount, p.payee, p.prepared_by FROM bounty_payment p"
        " JOIN bounty_finding f ON f.id = p.finding_id WHERE p.state = 'prepared'"
        " AND (f.appealed_at IS NULL OR f.appeal_decided_at IS NOT NULL) ORDER BY p.prepared_at, f.number"
    )
    return [Due(**{**row, "payee": bounties.unsealed(row["payee"])}) for row in rows]
