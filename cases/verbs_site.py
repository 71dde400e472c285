"""What is done about a joint site visit. Each verb reads the case's slots first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cases import events_site as e
from cases import site_visits
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows_site import SiteVisitRow
from hotline.ids import new_id
from hotline.work import Work

LEFT = "主办单位已变，原约的上门取消。"
MERGED = "已并入另一件办理，原约的上门取消。"


async def plan(
    work: Work,
    file: CaseFile,
    *,
    unit: str,
    starts: datetime,
    ends: datetime,
    spot: str,
    units: Sequence[str],
    reason: str = "",
    tells: bool = False,
) -> Entry:
    """约定联合上门: one open slot a case. ``tells``: the requester agreed to be told of it; never of a sealed case."""
    await site_visits.load(work, file)
    is_told = tells and not file.case.is_sealed
    event = e.SiteVisitPlanned(
        slot=new_id(), unit=unit, starts=starts, ends=ends, units=tuple(dict.fromkeys((unit, *units))), tells=is_told
    )
    return await append(work, file, event, {"spot": Text(value=spot), "reason": Text(value=reason)})


async def move(
    work: Work,
    file: CaseFile,
    slot: SiteVisitRow,
    *,
    starts: datetime,
    ends: datetime,
    units: Sequence[str],
    spot: str,
    reason: str,
) -> Entry:
    """改期, or other attendees: those asked answer anew, the requester is told again if they were."""
    event = e.SiteVisitMoved(
        slot=slot.id, starts=starts, ends=ends, units=tuple(dict.fromkeys((slot.unit, *units))),
        tells=slot.tells_requester,
    )  # fmt: skip
    return await append(work, file, event, {"spot": Text(value=spot), "reason": Text(value=reason)})


async def answer(
    work: Work, file: CaseFile, slot: SiteVisitRow, *, unit: str, comes: bool, reason: str = ""
) -> Entry:
    """A unit that was asked says whether it comes; it may change its mind while the slot is open."""
    event = e.SiteVisitAnswered(slot=slot.id, unit=unit, comes=comes)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def hold(
    work: Work, file: CaseFile, slot: SiteVisitRow, *, attended: Sequence[str], outcome: str, photos: int = 0
) -> Entry:
    """记录上门结果: who was there and what came of it."""
    event = e.SiteVisitHeld(slot=slot.id, attended=tuple(attended), photos=photos)
    return await append(work, file, event, {"outcome": Text(value=outcome)})


async def cancel(work: Work, file: CaseFile, slot: SiteVisitRow, *, reason: str) -> Entry:
    """取消上门."""
    event = e.SiteVisitCancelled(slot=slot.id, starts=slot.starts_at, tells=slot.tells_requester)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def let_go(work: Work, file: CaseFile, reason: str) -> None:
    """取消 the open slot, if there is one: whoever arranged it is about to lose the case, and nobody would come."""
    await site_visits.load(work, file)
    slot = site_visits.planned(file)
    if slot is not None:
        await cancel(work, file, slot, reason=reason)


async def on_lead_left(work: Work, file: CaseFile, _: Entry) -> None:
    """The lead that arranged a visit has the case no more: the visit is off, and the requester told of it hears so."""
    if file.lead is None:
        await let_go(work, file, LEFT)
