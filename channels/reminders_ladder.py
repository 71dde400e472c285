"""Whom the ladder tells beside the rule ``remind.to``: alerts that climb, papers whose dates come near."""

from __future__ import annotations

from cases import wording
from cases.file import CaseFile, Entry
from cases.wording_ladder import PAPER_STEPS
from channels.reminders import remind
from hotline.errors import Say
from hotline.work import Work

OFFICE = "supervisor"
"""The role at the centre that an alert reaches at last."""
TELLS = frozenset({"reminded", "overdue", "sent_back"})
"""Steps of a paper over a case that the unit's head is told of; of its taking effect ``measured`` tells."""
ALONE = TELLS | {"approved", "called", "decided"}
"""The same for a paper about no case, of which no event tells."""


async def on_escalated(work: Work, file: CaseFile, entry: Entry) -> None:
    """An alert that nobody answered: the deputy, the head, at last the supervision office."""
    event = entry.event
    to, unit, sentence = event.to, event.unit, wording.for_staff(event)  # type: ignore[attr-defined]  # alert_escalated
    text = Say(f"{file.case.number} {sentence.zh}", f"{file.case.number}: {sentence.en}")
    is_office = to == "office" or not unit
    await remind(
        work, unit="" if is_office else unit, kind=event.kind, case=file, text=text, to=OFFICE if is_office else to,
        key=f"{event.kind}:{file.case.id}:{entry.row.seq}",
    )  # fmt: skip


async def on_joined(work: Work, file: CaseFile, entry: Entry) -> None:
    """联合督办: those who supervise it too are told as well, each body's liaison."""
    event = entry.event
    bodies: tuple[str, ...] = event.bodies  # type: ignore[attr-defined]  # order_joined, ordered
    for body in bodies:
        sentence = wording.for_staff(event)
        text = Say(f"{file.case.number} {sentence.zh}", f"{file.case.number}: {sentence.en}")
        key = f"{event.kind}:{file.case.id}:{entry.row.seq}:{body}"
        await remind(work, unit=body, kind=event.kind, case=file, text=text, key=key)


async def on_stepped(work: Work, file: CaseFile, entry: Entry) -> None:
    """A paper over a case: its unit's head is told of a call, of a date that comes near or has passed."""
    event = entry.event
    await paper(work, unit=event.unit, number=event.number, step=event.step, case=file)  # type: ignore[attr-defined]


async def paper(work: Work, *, unit: str, number: str, step: str, case: CaseFile | None = None) -> None:
    """The same of any paper; nothing for the steps that are nobody's to hear of."""
    if step not in (TELLS if case is not None else ALONE) or not unit:
        return
    what = PAPER_STEPS[step]
    text = Say(f"{number} {what.zh}", f"{number}: {what.en}")
    key = f"paper:{number}:{step}:{work.now:%Y%m%d%H%M%S}"
    await remind(work, unit=unit, kind="ladder_paper", case=case, text=text, to="head", key=key)
