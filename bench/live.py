"""Open staff pages on live streams with agents at work: the web process's share of a core, and how far pages lag.

    python -m bench.live [--pages 200] [--agents 50] [--seconds 120] [--port 8761]

One real web process on real servers. Each page opens its stream and asks on each event and timer for what the page
shows, as the browser does: three quarters desks, five floors, the rest lists. The agents type (proposals, preview,
draft), submit a case every three minutes, pause and get ready. Every two seconds a beat is published under a name that
all pages hear: the lag of being told is from that moment to the page's event. Every tenth beat is a change that each
page shows, and the lag of being shown ends when its new content has come. CPU is utime + stime of the web process.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import aiohttp
import msgspec

from bench import common
from bench.intake import web
from hotline import clock, credentials, db, ids, jobs
from hotline.embedded import Engines
from web import access

BEAT, EVERY, SHOWN = 2.0, 10, "surge"
TIMERS = ((30.0, "/seat", "r-seat"), (60.0, "/reminders/bell", ""), (120.0, "/surge", ""))
WORDS = "和平路与陵西大街口的路灯三天不亮，晚上过马路看不清，附近小学放学很危险，请尽快派人来修。"
GOAL_CPU, GOAL_LAG = 60.0, 2.0


class Lags:
    """What the pages saw: seconds from a beat until it was told, and until its content was there."""

    def __init__(self) -> None:
        self.published = 0.0
        self.is_change = False
        self.told: list[float] = []
        self.shown: list[float] = []
        self.events = 0
        self.answers: dict[str, int] = {}


class Person(msgspec.Struct):
    """Somebody with a session."""

    id: UUID
    token: str


async def people(count: int, role: str) -> list[Person]:
    """Fresh people of a role, signed in, without the cost of passwords."""
    made = [Person(ids.new_id(), credentials.new_token()) for _ in range(count)]
    now = clock.now()
    async with db.atomic() as connection:
        for n, one in enumerate(made):
            await connection.execute(
                "INSERT INTO person (id, login, name, password_hash, unit, jurisdiction, lang, created_at)"
                " VALUES ($1, $2, $3, '', 'HOT', '', 'zh', $4)", one.id, f"bench-{role}-{n}", f"坐席{n}", now,
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO role_grant (id, person_id, role, valid_from) VALUES ($1, $2, $3, $4)",
                ids.new_id(), one.id, role, clock.today(),
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO session (token_hash, id, person_id, created_at, last_seen_at, expires_at)"
                " VALUES ($1, $2, $3, $4, $4, $5)",
                credentials.digest(one.token), ids.new_id(), one.id, now, now + timedelta(hours=8),
            )  # fmt: skip
    return made


class Browser:
    """One person's browser: a session of its own."""

    def __init__(self, address: str, who: Person, lags: Lags) -> None:
        self.who, self.lags = who, lags
        self.client = aiohttp.ClientSession(
            address, cookies={access.SESSION: who.token}, timeout=aiohttp.ClientTimeout(total=None, sock_connect=30),
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # else it keeps no cookie of an address in numbers
        )
        self.form_token = ""

    async def get(self, path: str, target: str = "") -> str:
        """A fragment."""
        async with self.client.get(path, headers={"HX-Request": "true", "HX-Target": target}) as answer:
            self._count(answer)
            return await answer.text()

    async def post(self, path: str, given: dict[str, str]) -> str:
        """A form, by htmx."""
        headers = {"HX-Request": "true", "X-CSRF-Token": await self._token()}
        async with self.client.post(path, data=given, headers=headers) as answer:
            self._count(answer, path)
            return await answer.text()

    def _count(self, answer: aiohttp.ClientResponse, path: str = "") -> None:
        key = f"{answer.status // 100}xx" + (f" {path}" if answer.status >= 400 else "")
        self.lags.answers[key] = self.lags.answers.get(key, 0) + 1

    async def _token(self) -> str:
        if not self.form_token:
            async with self.client.get("/seat") as answer:
                found = re.search(r'name="_token" value="([0-9a-f]{64})"', await answer.text())
                self.form_token = found[1] if found else ""
        return self.form_token


async def page(one: Browser, kind: str, lags: Lags) -> None:
    """An open page for ever: its stream, its timers."""
    names = ["beat", f"seat.{one.who.id}", SHOWN, f"staff.{one.who.id}"]
    names += {"floor": ["floor", "help", "risk"], "list": ["queue"]}.get(kind, [])
    async with asyncio.TaskGroup() as group:
        for seconds, path, target in TIMERS:
            group.create_task(_timer(one, seconds, path, target))
        if kind == "floor":
            group.create_task(_timer(one, 10.0, "/floor", "r-floor"))
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with one.client.get("/live", params={"on": ",".join(names)}) as stream:
                    async for line in stream.content:
                        if line.startswith(b"event: "):
                            lags.events += 1
                            group.create_task(_heard(one, line[7:].strip().decode(), lags))


async def _timer(one: Browser, seconds: float, path: str, target: str) -> None:
    await asyncio.sleep(random.uniform(0, seconds))
    while True:
        await one.get(path, target)
        await asyncio.sleep(seconds)


async def _heard(one: Browser, name: str, lags: Lags) -> None:
    """What the page does on a name."""
    published, is_change = lags.published, lags.is_change
    if name == "beat" and published:
        lags.told.append(time.perf_counter() - published)
    elif name.startswith("seat."):
        await one.get("/seat", "r-seat")
    elif name == "floor":
        await one.get("/floor", "r-floor")
    elif name == SHOWN:
        await one.get("/surge")
        if is_change:
            lags.shown.append(time.perf_counter() - published)


async def agent(one: Browser) -> None:
    """Somebody at work: every three minutes a call of ninety seconds is typed and submitted, then a pause and ready."""
    await one.post("/seat/phone", {"phone": "8001"})
    await asyncio.sleep(random.uniform(0, 90))
    for n in itertools.count():
        form = {"words": "", "channel": "phone", "line": "12345", "phone": f"139{random.randrange(10**8):08}",
                "draft": str(ids.new_id()), "window": ids.new_id().hex, "kind": "assistance", "urgency": "normal", "reply_by": "none"}  # fmt: skip
        for at in range(3, len(WORDS), 3):
            form["words"] = WORDS[:at]
            await one.post("/desk/proposals", form)
            if at % 2:
                await one.post("/desk/preview", form)
                await one.post("/desk/drafts", form)
            await asyncio.sleep(random.uniform(4, 8))
        await one.post("/desk", {**form, "matter": "020201", "county": "130403", "outcome": "accept", "name": ""})
        await one.post("/seat/ready", {"phone": "8001"})
        await asyncio.sleep(random.uniform(30, 60))
        await one.post("/seat/pause", {"reason": "rest"} if n % 2 else {"reason": "paperwork"})
        await asyncio.sleep(random.uniform(10, 30))


async def beats(lags: Lags) -> None:
    """The beat, and every tenth time a change."""
    for n in itertools.count(1):
        await asyncio.sleep(BEAT)
        lags.is_change = n % EVERY == 0
        lags.published = time.perf_counter()
        await jobs.publish("live", f"beat {SHOWN}" if lags.is_change else "beat")


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that the process had."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def web_pid() -> int:
    """The web process that this one started."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"\0web\0" in (stat.parent / "cmdline").read_bytes():
                return int(stat.parent.name)
    raise RuntimeError("the web process is not there")


@contextlib.asynccontextmanager
async def opened(address: str, given: argparse.Namespace, lags: Lags) -> AsyncIterator[None]:
    """All pages open, all agents at work."""
    floors = min(5, given.pages)
    desks = max(given.agents, given.pages * 3 // 4)
    agents = await people(given.pages - floors, "agent")
    supervisors = await people(floors, "shift_supervisor")
    browsers = [Browser(address, one, lags) for one in (*agents, *supervisors)]
    tasks = []
    for n, one in enumerate(browsers):
        kind = "floor" if n >= len(agents) else "desk" if n < desks else "list"
        tasks.append(asyncio.create_task(page(one, kind, lags)))
        if n < given.agents:
            tasks.append(asyncio.create_task(agent(one)))
    try:
        yield
        if (broken := [one for one in tasks if one.done()]):
            broken[0].result()
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(one.client.close() for one in browsers))


async def main(pair: Engines) -> None:
    """Open, wait, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--warm", type=float, default=20)
    parser.add_argument("--port", type=int, default=8761)
    given = parser.parse_args()
    here = await common.prepare(pair, "bench_live")
    lags = Lags()
    async with common.house(here), web(msgspec.structs.replace(here, web_processes=1), given.port):
        pid = web_pid()
        async with opened(f"http://127.0.0.1:{given.port}", given, lags):
            beat = asyncio.create_task(beats(lags))
            await asyncio.sleep(given.warm)
            lags.told, lags.shown, lags.events, lags.answers = [], [], 0, {}
            before, lap = cpu_seconds(pid), common.Lap()
            await asyncio.sleep(given.seconds)
            share = 100 * (cpu_seconds(pid) - before) / lap.seconds
            beat.cancel()
        requests = sum(lags.answers.values()) / given.seconds
    common.note("Live pages", [
        f"{given.pages} open pages, {given.agents} agents at work, {given.seconds:.0f} s, one web process",
        f"web process                 {share:6.1f} % of a core   (goal {GOAL_CPU:.0f} %: ratio {share / GOAL_CPU:.2f})",
        f"requests                    {requests:6.1f} /s   {lags.answers}",
        f"events told                 {lags.events / given.seconds:6.1f} /s",
        _line("a change is told after", lags.told), _line("and shown after", lags.shown),
    ])  # fmt: skip


def _line(what: str, seconds: list[float]) -> str:
    if not seconds:
        return f"{what:<28}   none"
    at = [common.quantile(seconds, q) for q in (0.5, 0.95, 1)]
    return (
        f"{what:<28}p50 {at[0]:.2f}   p95 {at[1]:.2f}   worst {at[2]:.2f} s   n={len(seconds)}"
        f"   (goal {GOAL_LAG:.0f} s: ratio {at[2] / GOAL_LAG:.2f})"
    )


if __name__ == "__main__":
    common.run(main)
