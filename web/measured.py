"""Everything that is watched, gathered from the floors below: for the round, the operations page and /metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from channels import gauges as doors
from hotline import db
from hotline.machine import measures
from hotline.machine.signals import BLIND, Reading
from sla import gauges as promises

PARTS: dict[str, Callable[[db.Connection], Awaitable[list[Reading]]]] = {
    "ground": measures.read, "promises": promises.read, "doors": doors.read,
}  # fmt: skip


async def measured() -> list[Reading]:
    """Every signal's value now. A part that fails hides no other: how many did is a signal too."""
    found, failed = list[Reading](), 0
    for name, read in PARTS.items():
        try:
            async with db.reading() as connection:
                found += await read(connection)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are looked at
            failed += 1
            kind = type(error).__qualname__  # a traceback would quote rows
            structlog.get_logger("machine").error("not_measured", part=name, kind=kind)
    return [*found, Reading(BLIND, float(failed))]
