"""What stands on each side of a merge: the facts, the date that was told, what it changes, and what forbids it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import states
from cases.fitting import why_not
from cases.views import CaseView
from cases.wording import CHANNELS, day_time
from hotline import db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from sla import merging
from web import worklists as split
from web.worklists import Facts


class Keeps(msgspec.Struct, frozen=True, kw_only=True):
    """What one requester keeps: number and code, the way they are answered, the date they were told."""

    receipt_no: str
    way: Say
    told: datetime | None


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One case of the page. ``refusal`` says why it may not go in; ``notes`` what whoever confirms should know."""

    facts: Facts
    due: datetime | None
    keeps: Sequence[Keeps]
    notes: Sequence[Say] = ()
    refusal: Refusal | None = None

    @property
    def key(self) -> str:
        """The value of its box: which case, and the state that the page showed."""
        return f"{self.facts.number}~{self.facts.seq}"


async def dues(connection: db.Connection, cases: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the lead of each case promised to be done, whether it is already or not."""
    return await merging.promised(connection, cases)


def staying(view: CaseView, actor: Actor, dues: Mapping[UUID, datetime]) -> Side:
    """The case that stays."""
    return Side(facts=split.facts_of(view, actor), due=dues.get(view.case.id), keeps=_keeps(view, dues))


def going(parent: CaseView, child: CaseView, actor: Actor, dues: Mapping[UUID, datetime]) -> Side:
    """A case that goes in, held against the one that stays."""
    return Side(
        facts=split.facts_of(child, actor), due=dues.get(child.case.id), keeps=_keeps(child, dues),
        notes=_notes(parent, child, dues), refusal=why_not(parent.file, child.file),
    )  # fmt: skip


def _keeps(view: CaseView, dues: Mapping[UUID, datetime]) -> list[Keeps]:
    return [
        Keeps(receipt_no=one.receipt_no, way=_way(one.reply_by), told=dues.get(view.case.id))
        for one in view.requesters
    ]


def _way(reply_by: str) -> Say:
    if reply_by == "none":
        return Say("没留联系方式，凭编号和查询码看", "left no address: looks it up with number and code")
    say = CHANNELS.get(reply_by, Say(reply_by, reply_by))
    return Say(f"{say.zh}答复", f"answered by {say.en}")


def _notes(parent: CaseView, child: CaseView, dues: Mapping[UUID, datetime]) -> list[Say]:
    notes: list[Say] = []
    theirs, ours = dues.get(child.case.id), dues.get(parent.case.id)
    if theirs is not None and ours is None:
        told = day_time(theirs)
        notes.append(Say(
            f"留下的一件还没派单；告知这位诉求人的 {told.zh} 照样盯着",
            f"the case that stays is not dispatched yet; the {told.en} told to this requester is still watched",
        ))  # fmt: skip
    elif theirs is not None and ours is not None and ours > theirs:
        late, told = day_time(ours), day_time(theirs)
        notes.append(Say(
            f"留下的一件 {late.zh} 才到期，晚于告知的 {told.zh}；到时照样提醒",
            f"the case that stays is due {late.en}, after the {told.en} that was told; that date is still watched",
        ))  # fmt: skip
    names = [split.unit_name(one.unit) for one in child.file.live]
    if names:
        zh, en = "、".join(one.zh for one in names), ", ".join(one.en for one in names)
        notes.append(Say(f"{zh} 的承办结束", f"the share of {en} ends"))
    order = list(states.URGENCIES)
    if order.index(child.case.urgency) > order.index(parent.case.urgency):
        urgency = states.URGENCIES[child.case.urgency]
        notes.append(Say(f"留下的一件改为“{urgency.zh}”", f"the case that stays becomes “{urgency.en.lower()}”"))
    if child.case.matter != parent.case.matter:
        notes.append(Say("两件的事项不同，请看清", "their matters differ: look twice"))
    if child.case.county != parent.case.county:
        notes.append(Say("两件不在同一区县，请看清", "they are not in the same district: look twice"))
    return notes
