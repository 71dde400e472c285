"""The worker: every job and all that is periodic, on one page. Jobs take ids and are safe twice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, cast
from uuid import UUID

from arq import cron
from arq.connections import RedisSettings
from arq.typing import WorkerCoroutine
from arq.worker import create_worker
from redis.exceptions import RedisError

from cases import seals
from channels import doors, drafts, intake, outbox, outcomes
from hotline import accounts, city, clock, db, erasures, files, flow, jobs, people, settings, tries, unfinished, vault
from sla import recompute, sweep

log = logging.getLogger(__name__)
Context = dict[str, Any]
HEARTBEAT = jobs.HEARTBEAT
PAUSE = 2.0
"""Seconds between two looks whether Valkey is back."""


async def make_cases(_: Context) -> int:
    """Acknowledged messages become cases."""
    return await intake.make_all()


async def make_case(_: Context, message: str) -> bool:
    """One message becomes a case, now."""
    return await intake.make_one(UUID(message))


async def sweep_clocks(_: Context) -> int:
    """Warnings and breaches that are due."""
    return await sweep.sweep()


async def recompute_clocks(_: Context) -> int:
    """Promises that a change of the calendar moves."""
    return await recompute.run()


async def send_messages(_: Context) -> int:
    """Outbox rows that are due leave the building."""
    return await outbox.deliver_due()


async def seal_ledger(_: Context) -> int:
    """Committed events get their place in the Merkle log."""
    return await seals.seal_all()


async def keep_erasures(_: Context) -> int:
    """What was erased is written down outside the database, for a restore."""
    return await erasures.keep()


async def tidy(_: Context) -> None:
    """Sessions, tries, unfinished calls, receipts, registrations and strange reports that ran out; stray files."""
    await people.sweep()
    await tries.sweep()
    await unfinished.sweep()
    async with db.atomic() as connection:
        await accounts.sweep(connection)
        await drafts.sweep(connection)
        await outcomes.sweep(connection)
        await files.sweep(connection)


async def beat(context: Context) -> None:
    """Tell health checks that the worker lives, and notice when the city's data changed."""
    await context["redis"].set(HEARTBEAT, clock.now().isoformat(), ex=120)
    await city.refresh()


async def _open() -> None:
    await db.connect()
    vault.open_keys(settings.current().key_dir)
    await city.load()
    flow.fill()
    doors.open_doors()


def _job(function: object) -> WorkerCoroutine:
    """Arq types a job as taking any arguments; ours say what they take."""
    return cast("WorkerCoroutine", function)


def _every(seconds: int, offset: int = 0) -> set[int]:
    return set(range(offset, 60, seconds))


class WorkerSettings:
    """What arq reads. A missed tick is never made up: each sweep asks for all that is due as of now."""

    functions: ClassVar = [make_cases, make_case, sweep_clocks, recompute_clocks, send_messages, seal_ledger]
    cron_jobs: ClassVar = [
        cron(_job(make_cases), second=_every(5), run_at_startup=True),
        cron(_job(sweep_clocks), second=_every(15, 2), run_at_startup=True),
        cron(_job(recompute_clocks), second={30}, timeout=600),
        cron(_job(send_messages), second=_every(5, 3)),
        cron(_job(seal_ledger), second=_every(20, 4), run_at_startup=True, timeout=600),
        cron(_job(tidy), minute=17, second=30),
        cron(_job(keep_erasures), second={45}, run_at_startup=True),
        cron(_job(beat), second=_every(20, 1)),
    ]
    on_startup = beat
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


def run() -> None:
    """Work until SIGTERM or SIGINT. While PostgreSQL is away wait; while Valkey is, do what is periodic without it."""
    asyncio.run(_run())


async def _run() -> None:
    own = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, cast("asyncio.Task[None]", own).cancel)
    try:
        while not await _tried(_open):  # noqa: ASYNC110 - nobody tells when a server is back
            await asyncio.sleep(PAUSE)
        while True:
            await _tried(_listen)
            await asyncio.sleep(PAUSE)
            await _tried(sweep_once)
    except asyncio.CancelledError:
        pass  # asked to end
    finally:
        await jobs.close()
        await db.disconnect()


async def _tried(what: Callable[[], Awaitable[object]]) -> bool:
    """Whether it was done; a server that is away is a line in the log."""
    try:
        await what()
    except (*db.AWAY, RedisError) as error:
        log.warning("away: %s", type(error).__qualname__)
        return False
    return True


async def _listen() -> None:
    """Take jobs from Valkey until it hangs up or this process is asked to end."""
    worker = create_worker(configured(), handle_signals=False)  # type: ignore[arg-type] # a class with these attributes
    try:
        await worker.async_run()
    finally:
        with contextlib.suppress(RedisError, OSError, asyncio.CancelledError):
            await worker.close()


async def sweep_once() -> list[tuple[str, int]]:
    """Everything periodic once, now: the name of each sweep and how much it did."""
    return [
        ("make_cases", await intake.make_all()),
        ("sweep_clocks", await sweep.sweep()),
        ("recompute_clocks", await recompute.run()),
        ("send_messages", await outbox.deliver_due()),
        ("seal_ledger", await seals.seal_all()),
        ("keep_erasures", await erasures.keep()),
    ]
