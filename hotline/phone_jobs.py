"""The worker's jobs of the telephone: what rings, what nobody ended, recordings that are fetched."""

from __future__ import annotations

from typing import Any, cast

from arq import cron
from arq.cron import CronJob
from arq.typing import WorkerCoroutine

from channels import ringing, tapes

Context = dict[str, Any]


async def ring(_: Context) -> int:
    """Calls to be made are made, and waiting ones offered to seats that are ready."""
    return await ringing.ring()


async def sweep_calls(_: Context) -> int:
    """Callers' patience, rings nobody answered, talks nobody ended, wrap-ups that ran out."""
    return await ringing.sweep_calls()


async def fetch_recordings(_: Context) -> int:
    """Recordings are fetched, then deleted at the provider."""
    return await tapes.fetch_all()


async def sweep_phone() -> list[tuple[str, int]]:
    """All of them once, now."""
    return [(job.__name__, await job({})) for job in FUNCTIONS]


FUNCTIONS = (ring, sweep_calls, fetch_recordings)


def crons_phone() -> list[CronJob]:
    """When each of them runs by itself."""

    def job(function: object) -> WorkerCoroutine:
        return cast("WorkerCoroutine", function)

    return [
        cron(job(ring), second=set(range(1, 60, 5))),
        cron(job(sweep_calls), second=set(range(2, 60, 5)), run_at_startup=True),
        cron(job(fetch_recordings), second={6, 36}),
    ]
