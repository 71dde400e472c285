"""The board's figures and lists at 10,000 and at 1,000,000 cases with the same open work, and the forecast's jobs.

    python -m bench.boards [--small 10000] [--large 1000000] [--open 8000]

Each open case has four running promises, each closed one had one. Timed in this process, without the web around it;
the plan of the figures must go through the index of running clocks, never through the table.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

import asyncpg

from bench import common, fill
from hotline import clock, db
from hotline.actor import Actor
from hotline.embedded import Engines
from hotline.ids import new_id
from sla import figures, forecast

GOAL = 1.5
_RUNNING = """
INSERT INTO clock (id, case_id, subject, subject_id, unit, stage, profile, measure, amount, started_at, due_at, warn_at,
    is_provisional)
SELECT md5('running-' || s || c.id)::uuid, c.id, 'case', c.id, c.lead_unit, s, 'STD5', 'wd', 5, c.opened_at,
    c.opened_at + n * interval '33 hours', c.opened_at + n * interval '27 hours', false
FROM cases c, unnest(ARRAY['sign_off', 'first_contact', 'finish', 'visit']) WITH ORDINALITY AS t (s, n) WHERE c.is_open
"""
_PAST = """
INSERT INTO clock (id, case_id, subject, subject_id, unit, stage, profile, measure, amount, started_at, due_at, warn_at,
    is_provisional, stopped_at, outcome)
SELECT md5('past-' || c.id)::uuid, c.id, 'case', c.id, c.lead_unit, 'finish', 'STD5', 'wd', 5, c.opened_at,
    c.opened_at + interval '132 hours', c.opened_at + interval '108 hours', false,
    c.opened_at + (20 + abs(hashtext(c.number)) % 140) * interval '1 hour',
    CASE WHEN abs(hashtext(c.number)) % 140 > 112 THEN 'late' ELSE 'met' END
FROM cases c WHERE NOT c.is_open
"""
_ACTOR = Actor(id=new_id(), kind="staff", name="", login="", roles=frozenset({"supervisor"}))


async def timed(rounds: int, do: Callable[[], Awaitable[object]]) -> float:
    """The median milliseconds of some rounds."""
    times = []
    for _ in range(rounds):
        lap = common.Lap()
        await do()
        times.append(lap.seconds * 1000)
    return common.quantile(times, 0.5)


async def measured(pair: Engines, count: int, open_count: int) -> dict[str, float]:
    """Milliseconds of each figure and list at a size."""
    here = await common.prepare(pair, f"boards{count}")
    async with common.house(here):
        await fill.fill(here.owner_url, count, open_count)
        owner = await asyncpg.connect(here.owner_url, command_timeout=None)
        await owner.execute(_RUNNING)
        await owner.execute(_PAST)
        await owner.execute("VACUUM ANALYZE clock")
        await owner.close()
        found: dict[str, float] = {}
        lap = common.Lap()
        await forecast.learn()
        found["learn_times"] = lap.seconds * 1000
        lap = common.Lap()
        await forecast.tell()
        found["foretell"] = lap.seconds * 1000
        async with db.reading() as connection:
            await connection.execute("SET statement_timeout = 0")
            now = clock.now()
            found["figures"] = await timed(15, lambda: figures.cells(connection, _ACTOR, now))
            found["today by hour"] = await timed(15, lambda: figures.hours(connection, _ACTOR, now))
            for band in ("late", "today", "likely", "running"):
                found[f"list {band}"] = await timed(
                    15, lambda band=band: figures.promises(connection, _ACTOR, band=band)
                )
        return found


def main() -> None:
    """Read the sizes, run, note."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=8_000)
    asked = parser.parse_args()

    async def bench(pair: Engines) -> None:
        small = await measured(pair, asked.small, asked.open)
        large = await measured(pair, asked.large, asked.open)
        common.note("boards", [
            f"{asked.small:,} and {asked.large:,} cases, {asked.open:,} open with four running promises each",
            *(f"{name}: {small[name]:.1f} ms, {large[name]:.1f} ms" for name in small),
            f"figures at the large size ÷ at the small: {large['figures'] / small['figures']:.2f} (goal {GOAL})",
        ])  # fmt: skip

    common.run(bench)


if __name__ == "__main__":
    main()
