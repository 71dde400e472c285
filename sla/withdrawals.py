"""Withdrawals are checked (domain.md 2.9, 2.14): the list of calls, two ledgers, the month's audit by rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from cases import scope
from cases.events_audit import WithdrawalChecked
from cases.file import CaseFile, Entry
from cases.of_case import CASE, OfCase
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.work import Work
from sla import clocks
from sla.agreement import Rate, stands_out

SIZE = 500
LISTS: dict[str, Say] = {
    "check": Say("待核查", "To check"),
    "unsolved": Say("未解决台账", "Unsolved"),
    "planned": Say("列入计划台账", "Planned"),
    "month": Say("月度稽核", "The month's audit"),
}
_WHICH = {
    "check": "r.withdraw_state IN ('wished', 'to_check') AND (r.withdraw_state = 'to_check' AND r.state = 'withdrawn'"
    " OR r.state IN ('open', 'awaiting_visit') AND c.is_open)",
    "unsolved": "r.withdraw_state = 'kept' AND r.withdraw_ledger = 'unsolved'",
    "planned": "r.withdraw_state = 'kept' AND r.withdraw_ledger = 'planned'",
    "month": "r.withdraw_at >= {since} AND r.withdraw_at < {until}",
}
_LISTED = f"""
    SELECT r.id, r.receipt_no, r.case_id, r.state AS request_state, r.withdraw_state, r.withdraw_at, r.withdraw_unit,
        r.withdraw_ledger, r.visit_tries AS tries, {CASE}, (SELECT max(e.at) FROM case_event e
            WHERE e.case_id = r.case_id AND e.kind = 'contacted' AND e.at <= r.withdraw_at) AS contacted_at
    FROM request r JOIN cases c ON c.id = r.case_id
    WHERE r.withdraw_at IS NOT NULL AND {{which}} AND {{scope}} ORDER BY r.withdraw_at, r.id LIMIT {{size}}
"""
_HANDLED = """
    SELECT coalesce(r.withdraw_unit, c.lead_unit) AS unit, count(*)::int AS n,
        count(*) FILTER (WHERE r.withdraw_unit IS NOT NULL)::int AS hits
    FROM cases c JOIN request r ON r.case_id = c.id
    WHERE c.lead_unit IS NOT NULL AND (r.withdraw_at >= {since} AND r.withdraw_at < {until}
        OR r.withdraw_at IS NULL AND c.opened_at >= {since} AND c.opened_at < {until}) AND {scope} GROUP BY 1
"""


class Withdrawal(OfCase, frozen=True, kw_only=True):
    """A wish to withdraw or a withdrawal, with its case; ``contacted_at`` is the unit's last contact before it."""

    id: UUID
    receipt_no: str
    case_id: UUID
    request_state: str
    withdraw_state: str
    withdraw_at: datetime
    withdraw_unit: str | None
    withdraw_ledger: str | None
    tries: int
    contacted_at: datetime | None

    @property
    def is_soon(self) -> bool:
        """Withdrawn within the city's hours of a contact by the unit: somebody may have been talked into it."""
        hours = float(city.current().rule("withdrawal.contact_hours"))
        return self.contacted_at is not None and self.withdraw_at - self.contacted_at <= timedelta(hours=hours)


class UnitRate(msgspec.Struct, frozen=True):
    """How many of a unit's requests were withdrawn, and whether that is unusual against all others."""

    unit: str
    rate: Rate
    is_unusual: bool


async def listed(
    connection: db.Connection, actor: Actor, name: str, period: tuple[date, date] | None = None
) -> Sequence[Withdrawal]:
    """A list of LISTS within the actor's scope, oldest first; "month" needs the ``period`` (from, before)."""
    where, args = scope.condition(actor)
    which = _WHICH[name]
    if period is not None and name == "month":
        args += [clock.on(period[0]), clock.on(period[1])]
        which = which.format(since=f"${len(args) - 1}", until=f"${len(args)}")
    rows = await connection.fetch(_LISTED.format(which=f"({which})", scope=where, size=SIZE), *args)
    return [Withdrawal(**row) for row in rows]


async def one(connection: db.Connection, actor: Actor, receipt: str) -> Withdrawal | None:
    """The withdrawal of one receipt, None when there is none in the actor's scope."""
    where, args = scope.condition(actor)
    args.append(receipt)
    sql = _LISTED.format(which=f"r.receipt_no = ${len(args)}", scope=where, size=1)
    row = await connection.fetchrow(sql, *args)
    return Withdrawal(**row) if row else None


async def counts(connection: db.Connection, actor: Actor) -> dict[str, int]:
    """How many wait on the list of calls and on each ledger."""
    return {name: len(await listed(connection, actor, name)) for name in ("check", "unsolved", "planned")}


async def rates(connection: db.Connection, actor: Actor, period: tuple[date, date]) -> list[UnitRate]:
    """By unit the share of the month's requests that were to be withdrawn once it had them, unusual ones first."""
    where, args = scope.condition(actor)
    args += [clock.on(period[0]), clock.on(period[1])]
    sql = _HANDLED.format(since=f"${len(args) - 1}", until=f"${len(args)}", scope=where)
    rows = await connection.fetch(sql, *args)
    n, hits = sum(row["n"] for row in rows), sum(row["hits"] for row in rows)
    found = [
        UnitRate(
            row["unit"], Rate(row["hits"], row["n"]),
            stands_out(row["hits"], row["n"], hits - row["hits"], n - row["n"]),
        )
        for row in rows
        if row["hits"]
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.is_unusual, -(one.rate.share or 0), one.unit))


async def on_checked(work: Work, file: CaseFile, entry: Entry) -> None:
    """What was let go stops for good; what is taken up again has its first clock anew; the rest runs on."""
    event = entry.event
    assert isinstance(event, WithdrawalChecked)  # noqa: S101 - the flow lists this for the kind
    case = file.case
    if not case.is_open:
        await clocks.on_ended(work, file, entry)
    elif event.verdict == "free":
        await clocks.stop(work, file, "visit", clocks.ANSWER, subject=event.request, void=True)
    elif event.verdict == "kept" and case.state == "accepted" and file.lead is None:
        running = [r for r in await clocks.of_case(work, file) if r.stage == "dispatch" and r.stopped_at is None]
        if not running:
            await clocks.start_dispatch(work, file)
    elif event.verdict == "kept" and case.state == "registered":
        profile = clocks.profile_of(file)
        row = clocks.make(file, "case", case.id, "accept", profile=profile, unit="", start=work.now)
        await clocks.start(work, file, [row])


