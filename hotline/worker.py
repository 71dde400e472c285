"""The worker: every job and all that is periodic, on one page. Jobs take ids and are safe twice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, cast
from uuid import UUID

from arq import cron
from arq.connections import RedisSettings
from arq.typing import WorkerCoroutine
from arq.worker import create_worker, func
from redis.exceptions import RedisError

from cases import seals
from channels import (
    arrivals,
    doors,
    email_in,
    intake,
    media,
    outbox,
    partner_intake,
    reading,
    reminders,
    reminders_audit,
    reminders_ladder,
    spool,
    tapes,
    twilio_status,
    twilio_voice,
    voice,
    wechat_status,
)
from hotline import centre_jobs, city, clock, db, erasures, flow, jobs, logs, settings, vault
from hotline.machine import pulse
from hotline.open_jobs import FUNCTIONS, crons_open, sweep_open
from hotline.phone_jobs import FUNCTIONS as PHONE
from hotline.phone_jobs import sweep_phone
from hotline.tidying import tidy
from routing import automatic, book, clusters, leaders, models, retraining
from sla import audit_due, data_request_sweep, forecast, ladder_due, levels, recompute, sweep, whatif

log = logging.getLogger(__name__)
Context = dict[str, Any]
HEARTBEAT = jobs.HEARTBEAT
SPOOLED = (
    arrivals.KIND, partner_intake.KIND, tapes.KIND, twilio_status.KIND, voice.KIND, voice.TOLD, wechat_status.KIND,
)  # fmt: skip
"""What may wait in the spool; importing its door is what registers its handler."""
YIELDS = 5
"""A busy worker lets the web go first: providers and people wait for an answer, nobody for a job's next second."""
PAUSE = 2.0
"""Seconds between two looks whether Valkey is back."""


async def make_cases(_: Context) -> int:
    """Acknowledged messages become cases."""
    return await intake.make_all()


async def read_arrivals(_: Context) -> int:
    """What providers sent is read; what waited in the spool comes first."""
    if (await spool.drain()).is_busy:
        return 0  # nobody's later words overtake theirs that wait there: the next tick reads
    return await reading.read_all()


async def fetch_media(_: Context) -> int:
    """Pictures and voices that providers keep for us are fetched."""
    return await media.fetch_due()


async def read_mail(_: Context) -> int:
    """The city's mailbox is looked at."""
    return await email_in.poll()


async def accept_online(_: Context) -> int:
    """Online cases that model, place and catalogue are sure of are accepted and routed."""
    return await automatic.accept_waiting()


async def make_case(_: Context, message: str) -> bool:
    """One message becomes a case, now."""
    return await intake.make_one(UUID(message))


async def sweep_clocks(_: Context) -> int:
    """Warnings, breaches, reminders and whatever else is due."""
    return await sweep.tick()


async def watch_papers(_: Context) -> int:
    """Papers about no case and findings: their dates come near or pass."""
    return await ladder_due.watch(reminders_ladder.paper) + await audit_due.watch(reminders_audit.limit)


async def climb_levels(_: Context) -> int:
    """Enterprises' requests whose level ran out go one level up."""
    return await levels.climb_due(leaders.climb)


async def recompute_clocks(_: Context) -> int:
    """Promises that a change of the calendar moves."""
    return await recompute.run()


async def foretell(_: Context) -> int:
    """Which running promises are likely to be late."""
    return await forecast.tell()


async def learn_times(_: Context) -> int:
    """How long past promises took, for the forecast."""
    return await forecast.learn()


async def send_messages(_: Context) -> int:
    """Outbox rows that are due leave the building."""
    return await outbox.deliver_due()


async def gather_clusters(_: Context) -> int:
    """Cases about the same real thing rise as a cluster or a mass request."""
    return await clusters.gather()


async def seal_ledger(_: Context) -> int:
    """Committed events get their place in the Merkle log."""
    return await seals.seal_all()


async def keep_erasures(_: Context) -> int:
    """What was erased is written down outside the database, for a restore."""
    return await erasures.keep()


async def train_model(_: Context) -> str:
    """The version of the model that was asked for is trained, judged, and put in service if it is better."""
    return await retraining.train_asked()


async def ask_for_model(_: Context) -> bool:
    """Each night a version is asked for if there is something new to learn."""
    return await retraining.ask_nightly()


async def sweep_data_requests(_: Context) -> int:
    """Reminders of requests for data that are due, and supplied files whose time is over."""
    return await data_request_sweep.sweep(reminders.remind)


async def run_whatif(_: Context) -> int:
    """What somebody wants to try on past cases is replayed."""
    return await whatif.run_asked()


async def beat(context: Context) -> None:
    """Tell health checks that the worker lives, and notice when the city's data changed."""
    await context["redis"].set(HEARTBEAT, clock.now().isoformat(), ex=120)
    await city.refresh()
    await book.refresh()
    await models.refresh()


async def _open() -> None:
    await db.connect()
    vault.open_keys(settings.current().key_dir)
    await city.load()
    await book.load()
    await models.load()
    flow.fill()
    doors.open_doors()
    twilio_voice.open_phones()


def _job(function: object) -> WorkerCoroutine:
    """Arq types a job as taking any arguments; ours say what they take."""
    return cast("WorkerCoroutine", function)


def _every(seconds: int, offset: int = 0) -> set[int]:
    return set(range(offset, 60, seconds))


class WorkerSettings:
    """What arq reads. A missed tick is never made up: each sweep asks for all that is due as of now."""

    functions: ClassVar = [
        make_cases, make_case, accept_online, read_arrivals, fetch_media, read_mail, sweep_clocks, recompute_clocks,
        send_messages, seal_ledger, gather_clusters,
        func(_job(train_model), timeout=3600), func(_job(run_whatif), timeout=3600),
        *PHONE, *FUNCTIONS, *centre_jobs.FUNCTIONS,
    ]  # fmt: skip
    cron_jobs: ClassVar = [
        cron(_job(make_cases), second=_every(5), run_at_startup=True),
        cron(_job(accept_online), second=_every(10, 7), run_at_startup=True, timeout=600),
        cron(_job(read_arrivals), second=_every(2), run_at_startup=True),
        cron(_job(fetch_media), second=_every(5, 1), timeout=300),
        cron(_job(read_mail), second=_every(20, 6), timeout=600),
        cron(_job(sweep_clocks), second=_every(1), run_at_startup=True, timeout=300),
        cron(_job(climb_levels), second={20, 50}),
        cron(_job(watch_papers), second={40}),
        cron(_job(recompute_clocks), second={30}, timeout=600),
        cron(_job(foretell), minute=_every(5), second=25, timeout=300),
        cron(_job(learn_times), hour=3, minute=10, second=15, timeout=1800),
        cron(_job(send_messages), second=_every(5, 3)),
        cron(_job(seal_ledger), second=_every(20, 4), run_at_startup=True, timeout=600),
        cron(_job(gather_clusters), minute=_every(2), second=20, timeout=300),
        cron(_job(train_model), second={50}, timeout=3600),
        cron(_job(sweep_data_requests), second={15}),
        cron(_job(run_whatif), second={40}, timeout=3600),
        cron(_job(ask_for_model), hour=2, minute=40, second=10, timeout=600),
        cron(_job(tidy), minute=17, second=30),
        cron(_job(keep_erasures), second={45}, run_at_startup=True),
        cron(_job(beat), second=_every(20, 1)),
        *crons_open(), *centre_jobs.crons_centre(),
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
    logs.open_logs("worker")
    os.nice(YIELDS)
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
    pulse.EXTRA.update({
        "jobs_done": lambda: float(worker.jobs_complete), "jobs_failed": lambda: float(worker.jobs_failed),
    })  # fmt: skip
    try:
        await worker.async_run()
    finally:
        with contextlib.suppress(RedisError, OSError, asyncio.CancelledError):
            await worker.close()


async def sweep_once() -> list[tuple[str, int]]:
    """Everything periodic once, now: the name of each sweep and how much it did."""
    return [
        ("drain_spool", (await spool.drain()).done),
        ("make_cases", await intake.make_all()),
        ("read_mail", await email_in.poll()),
        ("read_arrivals", await read_arrivals({})),
        ("accept_online", await automatic.accept_waiting()),
        ("fetch_media", await media.fetch_due()),
        ("sweep_clocks", await sweep.sweep()),
        ("watch_papers", await watch_papers({})),
        ("climb_levels", await levels.climb_due(leaders.climb)),
        ("recompute_clocks", await recompute.run()),
        ("foretell", await forecast.tell()),
        ("send_messages", await outbox.deliver_due()),
        *await sweep_phone(),
        ("gather_clusters", await clusters.gather()),
        ("train_model", int(bool(await retraining.train_asked()))),
        ("sweep_data_requests", await sweep_data_requests({})),
        ("run_whatif", await whatif.run_asked()),
        ("seal_ledger", await seals.seal_all()),
        *await sweep_open(),
        *await centre_jobs.sweep_centre(),
        ("keep_erasures", await erasures.keep()),
    ]
