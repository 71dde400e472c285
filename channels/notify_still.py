"""An outage's unit and the shift at the centre are told: somebody says it is not over, or its expected end passed."""

from __future__ import annotations

from cases import outage_words
from cases.outage_rows import Outage
from channels import reminders
from hotline.errors import Say
from hotline.work import Work


async def tell(work: Work, one: Outage) -> None:
    """The first of a round who says so is told of at once; the others stand in the notice's list."""
    title = outage_words.title(one)
    zh = f"{one.number}（{title.zh}）有人说还没恢复，请核实"
    text = Say(zh, f"{one.number} ({title.en}): somebody says it is not over")
    await _both(work, one, "outage_still", text, f"outage_still:{one.id}:{one.round}")


async def late(work: Work, one: Outage) -> None:
    """Its expected end has passed: once for each end that was expected. Until somebody ends it nobody is told."""
    assert one.expected is not None  # noqa: S101 - who asks has looked
    title = outage_words.title(one)
    zh = f"{one.number}（{title.zh}）已过预计恢复时间，请改时间或登记恢复"
    text = Say(zh, f"{one.number} ({title.en}) is past its expected end: move it or end it")
    await _both(work, one, "outage_late", text, f"outage_late:{one.id}:{one.expected:%Y%m%d%H%M}")


async def _both(work: Work, one: Outage, kind: str, text: Say, key: str) -> None:
    await reminders.remind(work, unit=one.unit, kind=kind, case=None, text=text, key=key)
    await reminders.remind(
        work, unit="", kind=kind, case=None, text=text, to="shift_supervisor", key=f"{key}:centre"
    )
