"""Several units on one case: their lanes side by side, the joint visits, and where the case stood in a conference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import scope
from cases.rows import AssignmentRow
from cases.rows_site import SiteVisitRow
from cases.states import AT_UNIT, RESULTS
from cases.views import CaseView
from cases.wording_site import when
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.files import Attachment
from routing import conferences
from routing.conferences import Conference, Item
from sla.rows import ClockRow
from web.cases import deadlines
from web.cases.choices_conference import text_of
from web.timeleft import TimeLeft
from web.worklists import unit_name

WIDTH = 200
_FINISH = f"""
    SELECT {', '.join(ClockRow.__struct_fields__)} FROM clock
    WHERE case_id = $1 AND subject = 'assignment' AND stage = 'finish' ORDER BY started_at, id
"""
ROLES = {"lead": Say("主办", "Lead"), "co": Say("协办", "Co-handler"), "below": Say("下级承办", "Below")}


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's share beside the others: from when to when on a scale of WIDTH, how far it is, its result."""

    unit: Say
    role: Say
    state: str
    is_binding: bool
    left: TimeLeft | None
    url: str
    x: int
    width: int
    is_done: bool
    is_late: bool
    result: Say | None
    note: str
    reply: str
    visited: datetime | None


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One joint visit as the case page shows it."""

    slot: SiteVisitRow
    when: Say
    spot: str
    outcome: str
    units: Sequence[tuple[Say, Say]]
    photos: Sequence[Attachment]


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of the above; ``now_x`` is where now is on the scale, None outside it."""

    lanes: Sequence[Lane]
    now_x: int | None
    visits: Sequence[Visit]
    items: Sequence[tuple[Item, Conference]]


async def of(connection: db.Connection, view: CaseView, actor: Actor, attached: Sequence[Attachment]) -> Together:
    """What the actor may see of it: units see that others work on the case and until when; notes only as a lead."""
    shares = [one for one in view.assignments if one in view.file.live]
    clocks: dict[UUID, ClockRow] = {}
    if len(shares) > 1:
        clocks = {row["subject_id"]: ClockRow(**row) for row in await connection.fetch(_FINISH, view.case.id)}
    items = [
        (item, one) for item, one in await conferences.of_case(connection, view.case.id)
        if item.state != "withdrawn" and (conferences.sees_all(actor) or item.concerns(actor.units))
    ]  # fmt: skip
    lanes, now_x = _lanes(view, actor, shares, clocks)
    return Together(lanes=lanes, now_x=now_x, items=items, visits=[
        _visit(view, slot, attached) for slot in sorted(view.file.slots.values(), key=lambda one: one.planned_at)
        if slot.state != "cancelled"
    ])  # fmt: skip


def _lanes(
    view: CaseView, actor: Actor, shares: Sequence[AssignmentRow], clocks: dict[UUID, ClockRow]
) -> tuple[list[Lane], int | None]:
    if len(shares) < 2:
        return [], None
    now = clock.now()
    first = min(one.dispatched_at for one in shares)
    last = max([now, *(row.due_at for row in clocks.values())])
    length = max((last - first).total_seconds(), 1.0)

    def at(moment: datetime) -> int:
        return round(WIDTH * min(max((moment - first).total_seconds() / length, 0.0), 1.0))

    order = {"lead": 0, "co": 1, "below": 2}
    lanes = [_lane(view, actor, one, clocks.get(one.id), at)
             for one in sorted(shares, key=lambda share: (order.get(share.role, 3), share.dispatched_at))]  # fmt: skip
    return lanes, at(now)


def _lane(
    view: CaseView, actor: Actor, share: AssignmentRow, row: ClockRow | None, at: Callable[[datetime], int]
) -> Lane:
    line = next((one for one in reversed(view.lines) if one.kind == "handled" and one.unit == share.unit), None)
    is_done = share.state not in AT_UNIT
    begins = at(share.dispatched_at)
    ends = at(row.due_at) if row is not None else WIDTH
    may_ask_why = row is not None and (not scope.is_of_unit(actor) or share.unit in actor.units)
    held = [one for one in view.file.slots.values() if one.state == "held" and share.unit in one.attended]
    return Lane(
        unit=unit_name(share.unit), role=ROLES[share.role], state=share.state, is_binding=share.is_binding,
        left=deadlines.left(row) if row is not None else None,
        url=f"/cases/{view.case.number}/clocks/{row.id}" if row is not None and may_ask_why else "",
        x=begins, width=max(ends - begins, 2), is_done=is_done,
        is_late=row is not None and not is_done and row.due_at < clock.now(),
        result=RESULTS.get(share.result or "") if is_done else None,
        note=line.texts.get("note", "") if line is not None and is_done else "",
        reply=line.texts.get("reply", "") if line is not None and is_done else "",
        visited=held[-1].starts_at if held else None,
    )  # fmt: skip


def _visit(view: CaseView, slot: SiteVisitRow, attached: Sequence[Attachment]) -> Visit:
    def says(unit: str) -> Say:
        if slot.state == "held":
            return Say("到场", "came") if unit in slot.attended else Say("未到", "did not come")
        if unit in slot.coming:
            return Say("参加", "comes")
        return Say("不能参加", "cannot come") if unit in slot.declined else Say("未答复", "no answer yet")

    return Visit(
        slot=slot, when=when(slot.starts_at, slot.ends_at), spot=text_of(view, slot.spot_seq, "spot"),
        outcome=text_of(view, slot.outcome_seq, "outcome") if slot.outcome_seq else "",
        units=[(unit_name(code), says(code)) for code in slot.units],
        photos=[one for one in attached if one.subject_kind == "site_visit" and one.subject_id == slot.id],
    )
