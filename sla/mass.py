"""A mass request is supervised from the day it is seen: an order to whoever leads it (domain.md 2.12, level 4)."""

from __future__ import annotations

from cases.file import CaseFile, Entry
from hotline.work import Work
from sla import supervision

RULE = "mass"


async def on_clustered(work: Work, file: CaseFile, _: Entry) -> None:
    """An order to the lead that has the case now; who gets it later gets one with it."""
    await _order(work, file)


async def on_dispatched(work: Work, file: CaseFile, _: Entry) -> None:
    """The head of a mass request comes to a unit: its order comes along."""
    await _order(work, file)


async def _order(work: Work, file: CaseFile) -> None:
    lead = file.lead
    if file.case.is_mass and lead is not None and supervision.level(file, lead.unit) < supervision.ORDER:
        await supervision.order(work, file, lead, rule=RULE)
