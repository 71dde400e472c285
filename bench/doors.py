"""The text doors under load: acknowledging, from a message to the queue, and a storm with everything breaking.

    python -m bench.doors [--seconds 60] [--rate 100] [--burst 50] [--quiet 60] [--arrivals FILE] [--away 20]
                          [--parts ack,queue,storm]

The stand-in of Twilio and WeChat sends signed messages at a fixed rate (it does not wait for answers), takes what the
hotline sends back, and reports each text's states: all of that is load as well. One run, one machine:
(ack) acknowledging a webhook at 100 messages a second with the worker busy making cases of them, beside `/health` at the
same rate; (queue) after a quiet time a burst of 50 a second: from the message to its case in the queue and its receipt in the
outbox (both seen by another connection), looked for every tenth of a second; (storm) repeated, reordered messages, PostgreSQL away, the worker killed.
``--arrivals FILE`` (columns hour, cases) takes the quiet time's rate from real hours: their tenth percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import gzip
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec

from bench import common
from bench.intake import answering, child, web
from hotline import db
from hotline.embedded import Engines
from hotline.settings import Settings
from hotline.simulate import standin as stage
from hotline.simulate.line import Answer
from hotline.simulate.standin import StandIn
from tests.doorstorm import Storm, break_things, until_done
from tests.engines import free_port
from tests.houses import House

ACK, WECHAT_LIMIT, QUEUE = 1.0, 5.0, 5.0
"""Goals in seconds: p99 of an acknowledgement, no WeChat answer slower, p99 until visible in the queue."""
QUIET_AN_HOUR = 6.0
"""Messages in a quiet hour where no file says: a city of our size before dawn."""
LOOK = 0.1
PARTS = ("ack", "queue", "storm")


def quiet_rate(file: Path | None) -> float:
    """Messages an hour of the quiet time: the tenth percentile of the file's hours; hours without any are not in it."""
    if file is None:
        return QUIET_AN_HOUR
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as rows:
        return common.quantile([float(row["cases"]) for row in csv.DictReader(rows)], 0.1)


class Sent(msgspec.Struct):
    """What was sent and how it was answered."""

    texts: list[Answer] = []
    chats: list[Answer] = []
    at: dict[str, float] = {}
    """Provider's id → when it was sent."""


class Sender:
    """People who write: three by text for each who chats, each of them once."""

    def __init__(self, standin: StandIn, name: str) -> None:
        self.standin = standin
        self.name = name
        self.count = 0
        self.sent = Sent()

    async def one(self) -> None:
        """One message, by the door whose turn it is."""
        self.count += 1
        n = self.count
        words = f"{self.name}第{n}件：丛台区和平路与陵西大街口第{n}盏路灯不亮，晚上看不清。"
        if n % 4:
            sid = f"SM{uuid4().hex}"
            self.sent.at[sid] = time.perf_counter()
            self.sent.texts += await self.standin.twilio.text(f"137{n:08d}", words, sid=sid)
        else:
            msg_id = str(self.standin.wechat.new_id())
            self.sent.at[msg_id] = time.perf_counter()
            await self.standin.wechat.say(f"oBench-{ord(self.name[0])}-{n}", words, msg_id=msg_id)
            made = [one for one in self.standin.wechat.deliveries if one.msg_id == msg_id]
            self.sent.chats += [answer for one in made for answer in one.tries]


async def steadily(act: Callable[[], Awaitable[object]], rate: float, seconds: float) -> float:
    """Begin ``act`` ``rate`` times a second whatever becomes of the ones before; seconds that all of it took."""
    began, count = time.perf_counter(), int(rate * seconds)
    tasks = []
    for n in range(count):
        await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(_started(act)))
    await asyncio.gather(*tasks)
    return time.perf_counter() - began


async def _started(act: Callable[[], Awaitable[object]]) -> None:
    await act()


@contextlib.asynccontextmanager
async def house(pair: Engines, port: int) -> AsyncIterator[tuple[StandIn, Settings]]:
    """A hotline with web and worker whose providers are the stand-in in this process."""
    here = await common.prepare(pair, "bench_doors")
    async with stage.opened(StandIn(f"http://127.0.0.1:{port}")) as standin:
        here = standin.settings(here, public_url=f"http://127.0.0.1:{port}")
        async with common.house(here), web(here, port):
            with child(["worker"], common.environment(here), here.data_dir / "worker.log"):
                await asyncio.sleep(3)
                yield standin, here


def figures(answers: Sequence[float]) -> str:
    """Percentiles in milliseconds."""
    p50, p95, p99 = (common.quantile(answers, q) * 1000 for q in (0.5, 0.95, 0.99))
    return f"p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  p99 {p99:7.1f} ms  worst {max(answers) * 1000:7.1f} ms"


async def acknowledging(standin: StandIn, given: argparse.Namespace) -> list[str]:
    """The worker makes cases of what came, while more comes."""
    plain: list[float] = []
    async with httpx.AsyncClient(base_url=standin.hotline, trust_env=False, timeout=30) as client:

        async def empty() -> None:
            began = time.perf_counter()
            await client.get("/health")
            plain.append(time.perf_counter() - began)

        await steadily(empty, given.rate, min(10, given.seconds))
    sender = Sender(standin, "答收")
    took = await steadily(sender.one, given.rate, given.seconds)
    waiting = await db.pool().fetchval("SELECT count(*) FROM arrival WHERE state = 'new'")
    answers = [*sender.sent.texts, *sender.sent.chats]
    seconds = [answer.seconds for answer in answers]
    p99, beside = common.quantile(seconds, 0.99), common.quantile(plain, 0.99)
    slowest = max(answer.seconds for answer in sender.sent.chats)
    return [
        f"acknowledged, {given.rate:.0f} a second for {given.seconds} s      {figures(seconds)}   {_statuses(answers)}",
        f"  /health, idle, at the same rate         {figures(plain)}   p99 ratio {p99 / beside:.1f}",
        f"  p99 {p99:.3f} s (goal < {ACK:.0f} s: {_met(p99 < ACK)}); slowest WeChat answer {slowest:.3f} s (never over {WECHAT_LIMIT:.0f} s: {_met(slowest <= WECHAT_LIMIT)})",
        f"  sent in {took:.1f} s; {waiting} of {sender.count} not read yet when the last was acknowledged",
    ]


async def queueing(standin: StandIn, given: argparse.Namespace) -> list[str]:
    """A quiet time, then the burst; when is each message a case at a unit with its receipt in the outbox?"""
    await _empty()
    rate = quiet_rate(given.arrivals)
    sender = Sender(standin, "排队")
    chance = random.Random(7)
    quiet_until = time.perf_counter() + given.quiet
    while (gap := chance.expovariate(rate / 3600)) < quiet_until - time.perf_counter():
        await asyncio.sleep(gap)
        await sender.one()
    await asyncio.sleep(max(0.0, quiet_until - time.perf_counter()))
    quiet, sender.sent = sender.count, Sent()
    seen: dict[str, float] = {}
    watching = asyncio.create_task(_watch(sender.sent, seen))
    await steadily(sender.one, given.burst, given.seconds)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(120):
            while len(seen) < len(sender.sent.at):
                await asyncio.sleep(LOOK)
    watching.cancel()
    waits = [seen[key] - at for key, at in sender.sent.at.items() if key in seen] or [float("inf")]
    p99 = common.quantile(waits, 0.99)
    return [
        f"in the queue, {given.burst:.0f} a second for {given.seconds} s       {figures(waits)}   {len(waits)} of {len(sender.sent.at)}",
        f"  after {given.quiet} quiet seconds at {rate:.0f} messages an hour ({quiet} came): p99 {p99:.2f} s (goal ≤ {QUEUE:.0f} s: {_met(p99 <= QUEUE and len(waits) == len(sender.sent.at))}), ratio {p99 / QUEUE:.2f}",
    ]


async def _empty() -> None:
    """Wait until the part before has been worked off."""
    while await db.pool().fetchval("SELECT EXISTS (SELECT FROM arrival WHERE state = 'new')"):
        await asyncio.sleep(0.5)


async def _watch(sent: Sent, seen: dict[str, float]) -> None:
    sql = (
        "SELECT a.provider_id FROM arrival a JOIN cases c ON c.id = a.case_id WHERE a.provider_id = ANY($1) "
        "AND EXISTS (SELECT FROM outbox_message o WHERE o.case_id = a.case_id)"
    )
    while True:
        missing = [key for key in sent.at if key not in seen]
        if missing:
            rows = await db.pool().fetch(sql, missing)
            now = time.perf_counter()
            seen.update((row["provider_id"], now) for row in rows)
        await asyncio.sleep(LOOK)


async def storm(given: argparse.Namespace) -> list[str]:
    """A house of its own, broken: counted afterwards, message by message."""
    place = Path(tempfile.mkdtemp(prefix="hlb"))
    place.chmod(0o711)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    many = int(given.storm)
    try:
        async with stage.opened(StandIn(address)) as standin:
            env = {"HOTLINE_PUBLIC_URL": address, **standin.environment()}
            one = await asyncio.to_thread(lambda: House(place / "d", "--port", str(port), **env))
            try:
                await answering(address)
                standin.twilio.faults.is_shuffled = standin.wechat.faults.is_shuffled = True
                raging = Storm(standin, "风暴", texts=many * 3 // 5, chats=many * 2 // 5, seconds=given.away + 10)
                began = time.perf_counter()
                _, spooled = await asyncio.gather(raging.rage(), break_things(one, given.away))
                await until_done(one, 600, hurry=False)
                await standin.settle(60)
                took = time.perf_counter() - began
                told = await raging.reckon(Engines(one.data).app_url)
            finally:
                await asyncio.to_thread(one.end)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    deliveries = sum(said.copies for said in raging.said)
    lines = [
        f"storm: {told.said} messages in {deliveries} deliveries, PostgreSQL away {given.away} s ({spooled} spooled), worker killed",
        f"  exactly one request each: {told.said - len(told.lost) - len(told.many)} of {told.said}; lost {len(told.lost)}, several {len(told.many)}, refused by every delivery {len(raging.refused)}",
        f"  receipts: {told.said - len(told.without) - len(told.wrong) - len(told.doubled)} once, {len(told.doubled)} twice (the kill fell between send and mark), {len(told.without)} none, {len(told.wrong)} wrong",
        f"  all done after {took:.0f} s (what a killed worker was sending would wait three minutes)",
    ]
    return [*lines, *(f"  twice: {person}" for person in sorted(told.doubled))]


def _met(is_met: object) -> str:
    return "met" if is_met else "NOT met"


def _statuses(answers: Sequence[Answer]) -> dict[int, int]:
    return dict(Counter(answer.status for answer in answers))


async def main(pair: Engines) -> None:
    """The parts that were asked for, noted together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--burst", type=float, default=50)
    parser.add_argument("--quiet", type=int, default=60)
    parser.add_argument("--arrivals", type=Path)
    parser.add_argument("--away", type=int, default=20)
    parser.add_argument("--storm", type=int, default=500, help="messages of the storm")
    parser.add_argument("--parts", default=",".join(PARTS))
    given = parser.parse_args()
    wanted = given.parts.split(",")
    if "ack" in wanted or "queue" in wanted:
        async with house(pair, free_port()) as (standin, _):
            if "ack" in wanted:
                common.note("Doors: acknowledging", await acknowledging(standin, given))
            if "queue" in wanted:
                common.note("Doors: into the queue", await queueing(standin, given))
    if "storm" in wanted:
        common.note("Doors: storm", await storm(given))


if __name__ == "__main__":
    common.run(main)
