"""The worker: every job and everything periodic, on one page. Jobs take ids and are safe twice; sweeps find the rest."""

from __future__ import annotations

import logging
from typing import Any, ClassVar
from uuid import UUID

from arq import cron
from arq.connections import RedisSettings

from cases import seals
from channels import intake, outbox
from hotline import city, clock, db, flow, jobs, settings, vault
from sla import sweep

log = logging.getLogger(__name__)
Context = dict[str, Any]
HEARTBEAT = "hotline:worker"


async def make_cases(context: Context) -> int:
    """Acknowledged messages become cases."""
    return await intake.make_all()


async def make_case(context: Context, message: str) -> bool:
    """One message becomes a case, now."""
    return await intake.make_one(UUID(message))


async def sweep_clocks(context: Context) -> int:
    """Warnings and breaches that are due."""
    return await sweep.sweep()


async def send_messages(context: Context) -> int:
    """Outbox rows that are due leave the building."""
    return await outbox.deliver_due()


async def seal_ledger(context: Context) -> int:
    """Committed events get their place in the Merkle log."""
    return await seals.seal_all()


async def beat(context: Context) -> None:
    """Tell health checks that the worker lives, and notice when the city's data changed."""
    await context["redis"].set(HEARTBEAT, clock.now().isoformat(), ex=120)
    await city.refresh()


async def _start(context: Context) -> None:
    config = settings.current()
    await db.connect()
    vault.open_keys(config.key_dir)
    await city.load()
    flow.fill()
    await beat(context)


async def _stop(context: Context) -> None:
    await jobs.close()
    await db.disconnect()


def _every(seconds: int, offset: int = 0) -> set[int]:
    return set(range(offset, 60, seconds))


class WorkerSettings:
    """What arq reads. A missed tick is never made up: each sweep asks for all that is due as of now."""

    functions: ClassVar = [make_cases, make_case, sweep_clocks, send_messages, seal_ledger]
    cron_jobs: ClassVar = [
        cron(make_cases, second=_every(5), run_at_startup=True),
        cron(sweep_clocks, second=_every(15, 2), run_at_startup=True),
        cron(send_messages, second=_every(5, 3)),
        cron(seal_ledger, second=_every(20, 4), run_at_startup=True, timeout=600),
        cron(beat, second=_every(20, 1)),
    ]
    on_startup = _start
    on_shutdown = _stop
    redis_settings: ClassVar[RedisSettings]
    job_serializer = jobs.pack
    job_deserializer = jobs.unpack
    timezone = clock.CITY_ZONE
    keep_result = 0
    job_timeout = 120
    max_jobs = 8
    health_check_interval = 30


def configured() -> type[WorkerSettings]:
    """The settings with this installation's Valkey."""
    WorkerSettings.redis_settings = jobs.redis_settings()
    return WorkerSettings
