"""The worker's jobs for running the centre: shifts, knowledge, outages, people and the machine room. One line each."""

from __future__ import annotations

from typing import Any, cast

from arq import cron
from arq.cron import CronJob
from arq.typing import WorkerCoroutine

from cases import outage_telling
from channels import chat_sweep, knowledge_due, outage_due, reminders_gap, shift_due
from hotline.machine_jobs import FUNCTIONS as MACHINE
from hotline.machine_jobs import crons_machine, sweep_machine
from sla import gap_watch

Context = dict[str, Any]


async def sweep_chats(_: Context) -> int:
    """Live chats that nobody answers, that went silent, that are owed a case or whose words grew old."""
    return await chat_sweep.sweep()


async def watch_shift(_: Context) -> int:
    """Refusals and surges whose time is over end; reviews and ends that are near are told."""
    return await shift_due.sweep()


async def tell_outages(_: Context) -> int:
    """Whoever called about an outage is told, once, that it is over."""
    return await outage_telling.deliver()


async def watch_outages(_: Context) -> int:
    """Outages past their expected end are told to whoever has to move or end them."""
    return await outage_due.watch()


async def watch_gaps(_: Context) -> int:
    """Gaps whose article was approved are settled; owners hear of dates that are near or past."""
    return await gap_watch.watch(reminders_gap.tell)


async def watch_knowledge(_: Context) -> int:
    """Articles near or past their review are told to their units and the editors."""
    return await knowledge_due.sweep()


async def sweep_centre() -> list[tuple[str, int]]:
    """All of them once, now."""
    jobs = (
        watch_shift, tell_outages, watch_outages, watch_gaps, sweep_chats, watch_knowledge,
    )  # fmt: skip
    return [*[(job.__name__, await job({})) for job in jobs], *await sweep_machine()]


FUNCTIONS: tuple[Any, ...] = (*MACHINE, tell_outages)


def crons_centre() -> list[CronJob]:
    """When each of them runs by itself."""

    def job(function: object) -> WorkerCoroutine:
        return cast("WorkerCoroutine", function)

    return [
        cron(job(watch_shift), second={8, 28, 48}),
        cron(job(tell_outages), second={5, 25, 45}, timeout=600),
        cron(job(watch_outages), second={35}),
        cron(job(watch_gaps), second={50}, timeout=600),
        cron(job(sweep_chats), second={9, 29, 49}, timeout=300),
        cron(job(watch_knowledge), hour=8, minute=5, second=10),
        *crons_machine(),
    ]
