"""Reactions of the ladder to other people's events: buck-passing and solicited withdrawals (seed 004-47)."""

from __future__ import annotations

from cases.events_audit import WithdrawalChecked
from cases.file import CaseFile, Entry
from hotline import city
from hotline.work import Work
from sla import ladder_papers


async def on_return_refused(work: Work, file: CaseFile, entry: Entry) -> None:
    """A return judged groundless, or refused as often as the limit allows, makes its accountability record."""
    event = entry.event
    share = file.assignments[event.assignment]  # type: ignore[attr-defined]  # return_refused
    if event.record is not None:  # type: ignore[attr-defined]
        await ladder_papers.record(
            work, file, "buck_passing", unit=share.unit, cause=event.record,  # type: ignore[attr-defined]
            ground=f"{file.case.number}：退回经裁定没有依据",
        )  # fmt: skip
    refused = sum(one.return_refusals for one in file.assignments.values() if one.unit == share.unit)
    if refused >= int(city.current().rule("return.per_unit")):
        await ladder_papers.record(
            work, file, "returns_over_limit", unit=share.unit, cause=share.id,
            ground=f"{file.case.number}：退回被驳 {refused} 次",
        )  # fmt: skip


async def on_withdrawal_checked(work: Work, file: CaseFile, entry: Entry) -> None:
    """A unit that asked for the withdrawal of what is not solved has its accountability record (domain.md 2.9)."""
    event = entry.event
    if isinstance(event, WithdrawalChecked) and event.by_unit and event.record is not None and not event.is_solved:
        await ladder_papers.record(
            work, file, "withdrawal_solicited", unit=event.by_unit, cause=event.record,
            ground=f"{file.case.number}：经核查，问题没解决就要求诉求人撤单",
        )  # fmt: skip
