"""A storm over due acts: workers and Valkey killed and restarted at random; each act once by the ledger.

    python -m bench.storm_sweep [--acts 20000] [--minutes 5] [--workers 2] [--seed 1] [--every 6]

The acts fall due evenly over the storm, and each tells a liaison by SMS at the stand-in. When all is done the ledger's
events and ``act_done`` are counted against what was due, and the messages at the stand-in against the outbox: a message
may arrive twice only where a kill fell between its sending and its note, and each of those is listed. What a killed
worker had claimed comes back when its lease ends, so the count waits as long as that; who waited, and why, is told.
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
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec

from bench import common
from bench.running import fall_due, fill_running
from channels import outbox
from hotline import db, people, vault
from hotline.embedded import Engines
from hotline.settings import Settings
from hotline.simulate import standin as stage
from hotline.simulate.standin import StandIn
from tests.engines import free_port

PHONE = "13900000077"
RULES = {
    "remind.quiet": "none", "remind.rest_days": "no", "message.quiet": "none", "message.rate.sms": "300",
    "remind.to.breached": "liaison", "remind.to.ordered": "none", "remind.to.warned": "none",
}  # fmt: skip
_LEFT = "SELECT count(*) FROM clock WHERE next_act_at <= now()"
_QUEUED = "SELECT count(*) FROM outbox_message WHERE state = 'queued' AND name = 'staff_reminder'"
PROMISED = outbox.LEASE.total_seconds() + 60
"""Seconds after which what the last killed worker had claimed has left: its lease, and the worker's next minute."""
LATE = 30
"""Seconds from the act to the stand-in from which on a message has waited."""
_WHY = """
    SELECT CASE WHEN m.state <> 'queued' OR m.sent_at IS NOT NULL THEN '' ELSE 'NOT SENT: ' END || CASE
        WHEN EXISTS (SELECT FROM attempt a WHERE a.message_id = m.id AND a.outcome = 'later')
            THEN 'the provider or the database did not answer, tried again after a pause'
        WHEN m.tries > 1 THEN 'claimed by a worker that was killed, back at the end of its lease'
        WHEN m.tries = 1 AND m.sent_at IS NULL THEN 'claimed by a worker that was killed, its lease still runs'
        ELSE 'no worker or no Valkey, or others of its door before it' END AS why,
        count(*) AS n, max(extract(epoch FROM coalesce(m.sent_at, now()) - m.created_at))::float8 AS worst
    FROM outbox_message m WHERE m.name = 'staff_reminder'
        AND coalesce(m.sent_at, now()) - m.created_at > make_interval(secs => $1)
    GROUP BY 1 ORDER BY 2 DESC
"""


class Told(msgspec.Struct, kw_only=True):
    """What became of the acts."""

    due: int
    done: int
    events: int
    twice: int
    messages: int
    sent: int
    arrived: int
    doubles: list[str]
    waited: list[str]
    kills: int
    stops: int

    @property
    def is_good(self) -> bool:
        """Each act once; each message left, and only those again that were being sent when a worker was killed."""
        each_once = self.due == self.done == self.events and self.twice == 0
        return each_once and self.messages == self.sent == self.arrived - len(self.doubles)


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


async def storm(
    pair: Engines, here: Settings, given: argparse.Namespace, environment: dict[str, str]
) -> tuple[int, int]:
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
                await asyncio.to_thread(_kill_valkey, pair)
                await asyncio.sleep(rng.uniform(0.5, 4))
                await asyncio.to_thread(_start_valkey, pair)
        await _calm(here, given)
    finally:
        for one in workers:
            one.kill()
    return kills, stops


def _kill_valkey(pair: Engines) -> None:
    process = pair.valkey.process
    if process is not None:
        process.kill()
        process.wait()


def _start_valkey(pair: Engines) -> None:
    pair.valkey.begin()
    pair.valkey.wait()


async def _calm(here: Settings, given: argparse.Namespace) -> None:
    """Wait until everything due is done and what was claimed by the dead has left."""
    root = await asyncpg.connect(here.owner_url)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(given.calm, PROMISED)):
            while await root.fetchval(_LEFT) or await root.fetchval(_QUEUED):
                await asyncio.sleep(1)
    await root.close()


async def told(here: Settings, standin: StandIn, due: int, kills: int, stops: int) -> Told:
    """Count."""
    root = await asyncpg.connect(here.owner_url)
    done = await root.fetchval("SELECT count(*) FROM act_done WHERE act = 'breach'")
    events = await root.fetchval("SELECT count(*) FROM case_event WHERE kind = 'breached'")
    twice = await root.fetchval(
        "SELECT count(*) FROM (SELECT FROM case_event WHERE kind = 'breached' GROUP BY data::jsonb ->> 'clock' "
        "HAVING count(*) > 1) AS x"
    )
    sql = "SELECT count(*) FROM outbox_message WHERE name = 'staff_reminder'"
    messages, sent = await root.fetchval(sql), await root.fetchval(f"{sql} AND sent_at IS NOT NULL")
    waited = [f"{one['n']:,} by up to {one['worst']:.0f} s: {one['why']}" for one in await root.fetch(_WHY, LATE)]
    await root.close()
    arrived = Counter(one.body for one in standin.twilio.texts.sent)
    return Told(
        due=due, done=done, events=events, twice=twice, messages=messages, sent=sent, arrived=sum(arrived.values()),
        doubles=sorted(body for body, n in arrived.items() if n > 1), waited=waited, kills=kills, stops=stops,
    )  # fmt: skip


async def _prepared(pair: Engines, acts: int) -> Settings:
    """Cases at work whose unit, or one above it, has a liaison with a telephone; no hour is quiet."""
    here = await common.prepare(pair, "storm")
    async with common.house(here):
        await people.add("storm.liaison", "风暴", "correct horse 电池 staple", unit="1304", roles=("unit_liaison",))
        await db.pool().execute(
            "INSERT INTO person_reach (person_id, doors, sms, changed_at) SELECT DISTINCT g.person_id, ARRAY['sms'], "
            "$1::bytea, now() FROM role_grant g WHERE g.role IN ('unit_liaison', 'unit_handler')",
            vault.seal(PHONE, "person_reach.sms"),
        )
        await fill_running(here.owner_url, acts + 2000)
    owner = await asyncpg.connect(here.owner_url)
    for key, value in RULES.items():
        await owner.execute("UPDATE rule SET value = $2 WHERE key = $1", key, value)
    await owner.close()
    return here


async def main(pair: Engines) -> None:
    """Prepare, rage, count, note."""
    given = _words()
    here = await _prepared(pair, given.acts)
    async with stage.opened(StandIn(f"http://127.0.0.1:{free_port()}")) as standin:
        environment = {**common.environment(standin.settings(here)), **standin.environment()}
        begin = datetime.now().astimezone() + timedelta(seconds=20)
        await fall_due(here.owner_url, given.acts, begin, max(given.minutes * 60 - 30, 10) / given.acts, "storm")
        kills, stops = await storm(pair, here, given, environment)
        await standin.settle(60)
        found = await told(here, standin, given.acts, kills, stops)
    lines = [
        f"{found.due:,} acts due over {given.minutes} minutes, {given.workers} workers killed {found.kills} times, "
        f"Valkey {found.stops} times: {'good' if found.is_good else 'NOT GOOD'}",
        f"  done {found.done:,}, in the ledger {found.events:,}, twice {found.twice}",
        f"  messages {found.messages:,} in the outbox, {found.sent:,} noted as sent, {found.arrived:,} at the stand-in, "
        f"{len(found.doubles)} of them again (a kill fell between sending and note):",
        *(f"    {body}" for body in found.doubles),
        f"  later than {LATE} s after their act:{'' if found.waited else ' none'}",
        *(f"    {one}" for one in found.waited),
    ]
    common.note("storm of due acts", lines)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--acts", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=float, default=6, help="seconds between two blows, more or less")
    parser.add_argument("--calm", type=float, default=420, help="seconds at most until all is done after the storm; never less than the lease of a message")
    return parser.parse_args()


if __name__ == "__main__":
    common.run(main)
