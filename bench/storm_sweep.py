"""A storm over due acts: workers and Valkey killed and restarted at random; each act once by the ledger.

    python -m bench.storm_sweep [--acts 20000] [--minutes 5] [--workers 2] [--seed 1] [--every 6]

The acts fall due evenly over the storm, and each tells a liaison by SMS at the stand-in. When all is done the ledger's
events and ``act_done`` are counted against what was due, and the messages at the stand-in against the outbox: a message
may arrive twice only where a kill fell between its sending and its note, and each of those is listed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import asyncpg
import msgspec

from hotline.embedded import Engines
from hotline.settings import Settings
from tests.standins import Standins

PHONE = "13900000077"
_LEFT = "SELECT count(*) FROM clock WHERE next_act_at <= now()"
_QUEUED = "SELECT count(*) FROM outbox_message WHERE state = 'queued' AND name = 'staff_reminder'"


class Told(msgspec.Struct, kw_only=True):
    """What became of the acts."""

    due: int
    done: int
    events: int
    twice: int
    messages: int
    sent: int
    doubles: list[str]
    kills: int
    stops: int

    @property
    def is_good(self) -> bool:
        """Each act once, and no message more than kills explain."""
        return self.due == self.done == self.events and self.twice == 0 and len(self.doubles) <= self.kills


class Worker:
    """One worker process that may die at any moment, and is started again."""

    def __init__(self, here: Settings, n: int, environment: dict[str, str]) -> None:
        self.log = Path(here.data_dir) / f"storm-worker{n}.log"
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, once it is dead."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hotline", "worker"], env={**os.environ, **self.environment}, stdout=out,
                stderr=out, start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """Kill it without a word."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


async def storm(pair: Engines, here: Settings, given: argparse.Namespace, environment: dict[str, str]) -> tuple[int, int]:
    """Kill and restart until the time is over; how many workers were killed and how often Valkey was away."""
    rng = random.Random(given.seed)
    workers = [Worker(here, n, environment) for n in range(given.workers)]
    for one in workers:
        one.start()
    loop, kills, stops = asyncio.get_running_loop(), 0, 0
    end = loop.time() + given.minutes * 60
    try:
        while loop.time() < end:
            await asyncio.sleep(rng.uniform(0.5, 1.5) * given.every)
            if rng.random() < 0.75:
                victim = rng.choice(workers)
                victim.kill()
                kills += 1
                await asyncio.sleep(rng.uniform(0, 2))
                victim.start()
            else:
                stops += 1
                await asyncio.to_thread(pair.valkey.kill)
                await asyncio.sleep(rng.uniform(0.5, 4))
                await asyncio.to_thread(pair.valkey.start)
        await _calm(here, given)
    finally:
        for one in workers:
            one.kill()
    return kills, stops


async def _calm(here: Settings, given: argparse.Namespace) -> None:
    """Wait until everything due is done and what was claimed by the dead has left."""
    root = await asyncpg.connect(here.owner_url)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(given.calm):
            while await root.fetchval(_LEFT) or await root.fetchval(_QUEUED):
                await asyncio.sleep(1)
    await root.close()


async def judged(here: Settings, standins: Standins, due: int, kills: int, stops: int) -> Told:
    """Count."""
    root = await asyncpg.connect(here.owner_url)
    done = await root.fetchval("SELECT count(*) FROM act_done WHERE act = 'breach'")
    events = await root.fetchval("SELECT count(*) FROM case_event WHERE kind = 'breached'")
    twice = await root.fetchval(
        "SELECT count(*) FROM (SELECT FROM case_event WHERE kind = 'breached' GROUP BY data::jsonb ->> 'clock' "
        "HAVING count(*) > 1) AS x"
    )
    sent = await root.fetchval("SELECT count(*) FROM outbox_message WHERE name = 'staff_reminder' AND sent_at IS NOT NULL")
    await root.close()
    arrived = Counter(one.body for one in standins.twilio.messages if one.is_ours)
    return Told(
        due=due, done=done, events=events, twice=twice, messages=sum(arrived.values()), sent=sent,
        doubles=[body for body, n in arrived.items() if n > 1], kills=kills, stops=stops,
    )  # fmt: skip
