"""The sweep of due acts: its cost against what is open, a burst, and lateness under load.

    python -m bench.sweep [--parts scale,burst,late] [--small 10000] [--large 1000000] [--due 1000] [--rounds 5]
        [--open 100000] [--burst 10000] [--second 500] [--seconds 60] [--intake 10] [--workers 2]

(scale) so many due among the small and the large number of running clocks, in turn, one sweep each, in one process: the
ratio of the medians; (burst) so many due in one second, two real workers beside: until the last is acted on; (late) up
to so many due in each second, drawn anew for each, with messages coming in and being made into cases: how late each act
was when another connection saw it, looked for every tenth of a second.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import asyncpg

from bench import common
from bench.intake import child
from bench.running import fall_due, fill_running, shown
from channels import acknowledge
from channels.message import Inbound
from hotline import db
from hotline.embedded import Engines
from hotline.settings import Settings
from sla import sweep

GOAL_RATIO, GOAL_BURST, GOAL_LATE = 1.2, 30.0, 5.0
_WAITING = "SELECT count(*) FROM clock WHERE next_act_at <= now()"


async def _made(pair: Engines, name: str, count: int) -> Settings:
    here = await common.prepare(pair, name)
    async with common.house(here):
        lap = common.Lap()
        await fill_running(here.owner_url, count)
        print(f"{name}: {count:,} running clocks, filled in {lap.seconds:.0f} s", flush=True)
    return here


async def _one_sweep(here: Settings, number: int, seed: str) -> float:
    await fall_due(here.owner_url, number, datetime.now().astimezone() - timedelta(seconds=30), seed=seed)
    async with common.house(here):
        lap = common.Lap()
        done = await sweep.sweep()
        seconds = lap.seconds
    if done < number:
        msg = f"{done} acts were done, {number} were due"
        raise RuntimeError(msg)
    return seconds


async def scale(pair: Engines, given: argparse.Namespace) -> list[str]:
    """The same number due among few and among many."""
    sides = {count: await _made(pair, f"clocks_{count}", count) for count in (given.small, given.large)}
    took: dict[int, list[float]] = {count: [] for count in sides}
    for n in range(given.rounds + 1):
        for count, here in sides.items():
            seconds = await _one_sweep(here, given.due, f"{n}")
            took[count] += [seconds] if n else []  # the first warms both up
    few, many = (common.quantile(took[count], 0.5) for count in sides)
    return [
        f"{given.due:,} due among {count:>9,} running clocks   {common.quantile(one, 0.5):6.2f} s   "
        f"{given.due / common.quantile(one, 0.5):7,.0f} acts/s   ({min(one):.2f}–{max(one):.2f})"
        for count, one in took.items()
    ] + [f"ratio {many / few:.2f} (goal {GOAL_RATIO})"]


@contextlib.asynccontextmanager
async def _workers(here: Settings, number: int) -> AsyncIterator[None]:
    with contextlib.ExitStack() as stack:
        for n in range(number):
            stack.enter_context(child(["worker"], common.environment(here), here.data_dir / f"worker{n}.log"))
        await asyncio.sleep(6)
        yield


def _in_time(moment: datetime) -> None:
    """Stop when the bench itself still held the cases at the moment from which it counts."""
    if datetime.now().astimezone() > moment:
        msg = "the machine is too busy: the clocks were not all set before the first was due"
        raise RuntimeError(msg)


async def burst(pair: Engines, given: argparse.Namespace) -> list[str]:
    """All at once."""
    here = await _made(pair, "burst", given.open)
    root = await asyncpg.connect(here.owner_url)
    async with _workers(here, given.workers):
        moment = datetime.now().astimezone() + timedelta(seconds=60)
        await fall_due(here.owner_url, given.burst, moment, 1 / given.burst, "burst")
        _in_time(moment)
        await asyncio.sleep(max(0.0, (moment - datetime.now().astimezone()).total_seconds()) + 0.5)
        while await root.fetchval(_WAITING):
            await asyncio.sleep(0.2)
        took = (datetime.now().astimezone() - moment).total_seconds()
    done = await root.fetchval("SELECT count(*) FROM act_done WHERE act = 'breach'")
    events = await root.fetchval("SELECT count(*) FROM case_event WHERE kind = 'breached'")
    await root.close()
    return [
        f"{given.burst:,} due in one second among {given.open:,}, {given.workers} workers: the last after {took:.1f} s "
        f"(goal {GOAL_BURST:.0f}); {done:,} acts, {events:,} events"
    ]


async def late(pair: Engines, given: argparse.Namespace) -> list[str]:
    """A few each second, for a while, with the rest of the house at work."""
    here = await _made(pair, "late", given.open)
    rng = random.Random(3)
    async with _workers(here, given.workers), common.house(here):
        begin = datetime.now().astimezone() + timedelta(seconds=30 + given.seconds)
        for n in range(given.seconds):
            number = rng.randint(given.second // 10, given.second)
            await _due_in_second(here.owner_url, number, begin + timedelta(seconds=n), n)
        _in_time(begin)
        lateness, taken = await _watched(here, begin, given)
    return [
        f"up to {given.second} due in a second for {given.seconds} s among {given.open:,} with {taken / given.seconds:.0f} "
        f"messages/s coming in, {given.workers} workers: {len(lateness):,} acts seen, late p50 "
        f"{common.quantile(lateness, 0.5):.2f} s, p99 {common.quantile(lateness, 0.99):.2f} s (goal {GOAL_LATE:.0f}), "
        f"most {max(lateness):.2f} s"
    ]


async def _due_in_second(url: str, number: int, moment: datetime, n: int) -> None:
    owner = await asyncpg.connect(url)
    moved = await owner.fetch(
        "UPDATE clock SET due_at = $1::timestamptz + random() * interval '1 second' FROM (SELECT id FROM clock "
        "WHERE stage = 'finish' AND due_at > $3 ORDER BY due_at OFFSET $4 LIMIT $2) AS x WHERE clock.id = x.id "
        "RETURNING case_id",
        moment, number, moment + timedelta(hours=12), n,
    )  # fmt: skip
    await shown(owner, [row["case_id"] for row in moved])
    await owner.close()


async def _watched(here: Settings, begin: datetime, given: argparse.Namespace) -> tuple[list[float], int]:
    """Lateness of each act as it became visible, while messages come in."""
    end = begin + timedelta(seconds=given.seconds)
    stop = asyncio.Event()
    feeding = asyncio.create_task(_feed(given.intake, begin, end))
    root = await asyncpg.connect(here.owner_url)
    seen: set[object] = set()
    lateness: list[float] = []
    while not stop.is_set():
        rows = await root.fetch("SELECT subject_id, due_at FROM act_done WHERE due_at >= $1", begin)
        now = datetime.now().astimezone()
        for row in rows:
            if row["subject_id"] not in seen:
                seen.add(row["subject_id"])
                lateness.append((now - row["due_at"]).total_seconds())
        if now > end and not await root.fetchval(_WAITING):
            stop.set()
        await asyncio.sleep(0.1)
    await root.close()
    return lateness, await feeding


async def _feed(rate: float, begin: datetime, end: datetime) -> int:
    """Messages acknowledged at this rate; the workers make cases of them."""
    await asyncio.sleep(max(0.0, (begin - datetime.now().astimezone()).total_seconds()))
    n, started = 0, time.monotonic()
    while datetime.now().astimezone() < end:
        await acknowledge.acknowledge(Inbound(
            channel="web", provider_id=f"bench-{n}", words="和平路与陵西大街口的路灯三天不亮。", kind="assistance",
            place="丛台区和平路", county="130403", phone="13800000001", reply_by="sms",
        ))  # fmt: skip
        n += 1
        await asyncio.sleep(max(0.0, started + n / rate - time.monotonic()))
    return n


PARTS = {"scale": scale, "burst": burst, "late": late}


def main() -> None:
    """Read the words, run the parts, note what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default="scale,burst,late")
    for name, default in (("small", 10_000), ("large", 1_000_000), ("due", 1000), ("rounds", 5), ("open", 100_000),
                          ("burst", 10_000), ("second", 500), ("seconds", 60), ("intake", 10), ("workers", 2)):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()

    async def all_parts(pair: Engines) -> None:
        lines: list[str] = []
        for name in given.parts.split(","):
            lines += await PARTS[name](pair, given)
            await db.disconnect()
        common.note("sweep", lines)

    common.run(all_parts)


if __name__ == "__main__":
    main()
