"""The staff are told that requesters say an outage is not over: its unit, and the shift at the centre. Once a round."""

from __future__ import annotations

from cases import outage_words
from cases.outage_rows import Outage
from channels import reminders
from hotline.errors import Say
from hotline.work import Work


async def tell(work: Work, one: Outage) -> None:
    """The first who says so is told of at once; the others stand in the notice's list."""
    title = outage_words.title(one)
    zh = f"{one.number}（{title.zh}）有人说还没恢复，请核实"
    text = Say(zh, f"{one.number} ({title.en}): somebody says it is not over")
    key = f"outage_still:{one.id}:{one.round}"
    await reminders.remind(work, unit=one.unit, kind="outage_still", case=None, text=text, key=key)
    await reminders.remind(
        work, unit="", kind="outage_still", case=None, text=text, to="shift_supervisor", key=f"{key}:centre"
    )
