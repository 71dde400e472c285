"""The worker's jobs for running the centre: shifts, knowledge, outages, people and the machine room. One line each."""

from __future__ import annotations

from typing import Any

from arq.cron import CronJob

from hotline.machine_jobs import FUNCTIONS as MACHINE
from hotline.machine_jobs import crons_machine, sweep_machine

Context = dict[str, Any]


async def sweep_centre() -> list[tuple[str, int]]:
    """All of them once, now."""
    return [*await sweep_machine()]


FUNCTIONS: tuple[Any, ...] = (*MACHINE,)


def crons_centre() -> list[CronJob]:
    """When each of them runs by itself."""
    return [*crons_machine()]
