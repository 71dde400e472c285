"""The worker's jobs for the machine room: the round, scheduled backups, drills of restoring them."""

from __future__ import annotations

from typing import Any, cast

from arq import cron
from arq.cron import CronJob
from arq.typing import WorkerCoroutine
from arq.worker import func

from hotline import clock, rounds, schedule

Context = dict[str, Any]


async def go_round(_: Context) -> None:
    """The machine room is looked at, and alarms are told."""
    await rounds.once("worker")


async def make_backup(_: Context) -> bool:
    """A backup that is due, or that somebody asked for."""
    return await schedule.backup_if_due()


async def backup_now(_: Context) -> bool:
    """A backup that somebody asked for on the operations page."""
    return await schedule.make_backup()


async def drill_restore(_: Context) -> bool:
    """The newest scheduled backup is restored aside and compared, when that is due."""
    return await schedule.drill_if_due()


async def drill_now(_: Context) -> bool:
    """The same, because somebody asked for it."""
    return await schedule.make_drill()


async def sweep_machine() -> list[tuple[str, int]]:
    """The round once, now, not as of another moment; backups and drills keep their hours."""
    if clock.is_running():
        await rounds.once("worker")
    return [("go_round", int(clock.is_running()))]


def _job(function: object) -> WorkerCoroutine:
    return cast("WorkerCoroutine", function)


FUNCTIONS = (
    go_round, func(_job(backup_now), timeout=schedule.PATIENCE), func(_job(drill_now), timeout=schedule.PATIENCE),
)  # fmt: skip


def crons_machine() -> list[CronJob]:
    """When each of them runs by itself."""
    return [
        cron(_job(go_round), second={5, 25, 45}, run_at_startup=True),
        cron(_job(make_backup), minute={2, 17, 32, 47}, second=22, timeout=schedule.PATIENCE),
        cron(_job(drill_restore), minute={7, 37}, second=22, timeout=schedule.PATIENCE),
    ]
