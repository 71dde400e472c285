"""A change of the calendar under 100,000 open due dates: previewed, then reckoned anew while a web process answers.

    python -m bench.recompute [--clocks 100000]

Beside it the sums alone: working days and working hours added, in microseconds each. Every promise is another case's,
which is the dearest: each costs a locked case, an event in its chain and its line in the queue.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from datetime import timedelta

import asyncpg
import httpx
import msgspec

from bench import common, fill
from bench.intake import web
from bench.queue import tokens
from hotline import city, city_verbs, clock, db
from hotline.actor import SYSTEM
from hotline.city import Day
from hotline.embedded import Engines
from hotline.errors import Say
from hotline.settings import Settings
from sla import calendar, moves, recompute
from web import access
from web.admin import calendar_common

GOAL, SUM_GOAL = 60.0, 5.0
_CLOCKS = """
INSERT INTO clock (id, case_id, subject, subject_id, unit, stage, profile, measure, amount, started_at, due_at, warn_at,
    is_provisional)
SELECT (left(c.id::text, 24) || left(md5('clock-' || c.id), 12))::uuid, c.id, 'case', c.id, c.lead_unit, 'finish',
    'CPX15', 'wd', 15, $1, $2, $3, false
FROM cases c WHERE c.is_open
"""
_MOVED = "SELECT count(*) FROM clock WHERE due_at = $1"
_EVENTS = "SELECT count(*) FROM case_event WHERE kind = 'promised'"


async def filled(pair: Engines, count: int) -> Settings:
    """A house with so many open cases, each with one promise of fifteen working days from now."""
    here = await common.prepare(pair, "recompute")
    async with common.house(here):
        await fill.fill(here.owner_url, count, count)
        days = calendar.of(city.current())
        due = days.add_working_days(clock.now(), 15).at
        owner = await asyncpg.connect(here.owner_url, command_timeout=None)
        await owner.execute(_CLOCKS, clock.now(), due, due - timedelta(days=1))
        await owner.execute("VACUUM ANALYZE clock")
        await owner.close()
    return here


async def answering(client: httpx.AsyncClient, token: str, times: list[float]) -> None:
    """Ask for the queue page four times a second until cancelled."""
    client.cookies.set(access.SESSION, token)
    while True:
        begun = time.perf_counter()
        answer = await client.get("/cases?sort=due")
        times.append(time.perf_counter() - begun)
        answer.raise_for_status()
        await asyncio.sleep(0.25)


def sums(count: int) -> list[str]:
    """Microseconds of one sum."""
    days, start, twenty = calendar.of(city.current()), clock.now(), timedelta(hours=20)
    lines = []
    for name, add in (
        ("working days", lambda: days.add_working_days(start, 5)),
        ("working hours", lambda: days.add_working_time(start, twenty)),
    ):
        best = min(_loop(add, count // 10) for _ in range(10))
        lines.append(f"adding {name}: {best:.2f} µs (goal {SUM_GOAL:.0f}; best of ten runs)")
    return lines


def _loop(add: object, count: int) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        add()  # type: ignore[operator]
    return (time.perf_counter() - begun) / count * 1e6


async def changed(pair: Engines, count: int) -> list[str]:
    """Preview a new rest day, make it, and let the worker's job reckon, with somebody asking meanwhile."""
    here = await filled(pair, count)
    token = (await tokens(here))["dispatcher"]
    async with (
        common.house(here),
        web(msgspec.structs.replace(here, web_processes=1), 8741),
        httpx.AsyncClient(base_url="http://127.0.0.1:8741", timeout=60) as client,
    ):
        before, during = list[float](), list[float]()
        quiet = asyncio.create_task(answering(client, token, before))
        await asyncio.sleep(5)
        quiet.cancel()
        day = clock.local_day(calendar.of(city.current()).add_working_days(clock.now(), 8).at)
        what = {day: Day(is_working=False, name=Say("检修", "Works"))}
        lap = common.Lap()
        async with db.reading() as connection:
            effect = await moves.preview(
                connection, calendar_common.by(calendar_common.with_days("", what)), day, day
            )
        looked = lap.seconds
        await city_verbs.set_day(day, is_working=False, name_zh="检修", name_en="Works")
        async with db.atomic() as connection:
            await recompute.note(connection, SYSTEM, day, day)
        busy = asyncio.create_task(answering(client, token, during))
        lap = common.Lap()
        moved = await recompute.run()
        took = lap.seconds
        busy.cancel()
        async with db.reading() as connection:
            events = await connection.fetchval(_EVENTS)
        if not moved == effect.moved == events == count:
            raise SystemExit(f"moved {moved}, previewed {effect.moved}, events {events}, of {count}")
        return [
            f"{count:,} open due dates, one a case, all moved by a new rest day",
            f"preview: {looked:.1f} s; reckoned anew, one event a case: {took:.1f} s (goal {GOAL:.0f}), "
            f"{count / took:,.0f} a second",
            f"the queue page meanwhile: p50 {common.quantile(during, 0.5) * 1000:.0f} ms, "
            f"p95 {common.quantile(during, 0.95) * 1000:.0f} ms; before: p50 {common.quantile(before, 0.5) * 1000:.0f} "
            f"ms, p95 {common.quantile(before, 0.95) * 1000:.0f} ms",
            *sums(200_000),
        ]


def main() -> None:
    """Read the size, run, note."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clocks", type=int, default=100_000)
    asked = parser.parse_args()

    async def bench(pair: Engines) -> None:
        common.note("calendar", await changed(pair, asked.clocks))

    common.run(bench)


if __name__ == "__main__":
    main()
