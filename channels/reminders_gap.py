"""Whom gaps in the knowledge tell: the unit that owns one of its date, whoever asked of what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from channels.reminders import remind, remind_person
from hotline import clock
from hotline.errors import Say
from hotline.work import Work

SAYS: dict[str, Say] = {
    "gap_new": Say("知识缺口请在 {zh} 前补上：{what}", "a gap to fill by {en}: {what}"),
    "gap_soon": Say("知识缺口快到期（{zh}）：{what}", "a gap is due {en}: {what}"),
    "gap_late": Say("知识缺口已超期（{zh}）：{what}", "a gap is overdue (due {en}): {what}"),
    "gap_settled": Say("您报的知识缺口已补上：{what}", "the gap that you raised is settled: {what}"),
    "gap_refused": Say(
        "您报的知识缺口不补：{what}。理由：{why}", "the gap that you raised is not filled: {what}. Reason: {why}"
    ),
}  # fmt: skip
_TITLE = 30


class Told(Protocol):
    """What is told of a gap."""

    @property
    def number(self) -> str:
        """As people call it."""
    @property
    def question(self) -> str:
        """What was asked."""
    @property
    def owner(self) -> str:
        """The unit that fills it."""
    @property
    def reason(self) -> str:
        """Why it was refused."""
    @property
    def due_at(self) -> datetime:
        """When it is due."""


async def tell(work: Work, *, what: str, gap: Told, to: Sequence[UUID] = ()) -> None:
    """Once for each step, owner and date; the editor hears of what is late as well."""
    one, at = gap, clock.local(gap.due_at)
    values = {"what": one.question[:_TITLE], "why": one.reason}
    zh = SAYS[what].zh.format(zh=f"{at:%m-%d %H:%M}", **values)
    en = SAYS[what].en.format(en=f"{at:%d %b %H:%M}", **values)
    text = Say(f"{one.number} {zh}", f"{one.number}: {en}")
    key = f"{what}:{one.number}:{one.owner}:{one.due_at:%Y%m%d%H%M}"
    for person in to:
        await remind_person(work, person, kind=what, text=text, key=f"{key}:{person}")
    if what in ("gap_settled", "gap_refused"):
        return
    await remind(work, unit=one.owner, kind=what, case=None, text=text, key=key)
    if what == "gap_late":
        await remind(work, unit="", kind=what, case=None, text=text, to="knowledge_editor", key=f"{key}:editor")
