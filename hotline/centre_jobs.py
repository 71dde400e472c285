"""The worker's jobs for running the centre: shifts, knowledge, outages, people and the machine room. One line each."""

from __future__ import annotations

from typing import Any, cast

from arq import cron
from arq.cron import CronJob
from arq.typing import WorkerCoroutine

from channels import shift_due
from hotline.machine_jobs import FUNCTIONS as MACHINE
from hotline.machine_jobs import crons_machine, sweep_machine

Context = dict[str, Any]


async def watch_shift(_: Context) -> int:
    """Refusals and surges whose time is over end; reviews and ends that are near are told."""
    return await shift_due.sweep()


async def sweep_centre() -> list[tuple[str, int]]:
    """All of them once, now."""
    jobs = (
        watch_shift,
    )  # fmt: skip
    return [*[(job.__name__, await job({})) for job in jobs], *await sweep_machine()]


FUNCTIONS: tuple[Any, ...] = (*MACHINE,)


def crons_centre() -> list[CronJob]:
    """When each of them runs by itself."""

    def job(function: object) -> WorkerCoroutine:
        return cast("WorkerCoroutine", function)

    return [
        cron(job(watch_shift), second={8, 28, 48}),
        *crons_machine(),
    ]
