"""The fact store: made of nothing, brought up with news, and every board read from it, at a large size.

    python -m bench.facts [--cases 1000000] [--open 8000] [--rounds 40]

Rebuilding is from the rows that the ledger projects, one transaction; boards are asked over HTTP by the people who read
them, each with a span of its own turn by turn. Goals: 3,000 cases a second; p95 of every board 150 ms.
"""

from __future__ import annotations

import argparse

import httpx

from bench import common, figured
from bench.queue import served
from hotline import clock, db
from hotline.embedded import Engines
from hotline.settings import Settings
from sla import facts_made, facts_store
from web import access

PEOPLE = ("supervisor", "county", "cgb_head")
BOARDS = ("/figures", "/figures/places", "/figures/matters", "/figures/units", "/figures/stages", "/figures/calls")
PUBLIC = "/statistics"
SPANS = ("span=today", "span=week", "span=month", "span=year")
GOAL_RATE, GOAL_MS = 3000, 150


async def _made(count: int) -> list[str]:
    """Rebuilds the store, then takes news of a few cases over."""
    lap = common.Lap()
    await facts_made.rebuild()
    took = lap.seconds
    async with db.reading() as connection:
        sizes = {one: await connection.fetchval(f"SELECT count(*) FROM {one}") for one in facts_made.TABLES}
        some = [row["id"] for row in await connection.fetch("SELECT id FROM cases ORDER BY opened_at DESC LIMIT 1000")]
        for table in facts_made.TABLES:
            await connection.execute(f"ANALYZE {table}")
    lap = common.Lap()
    async with db.atomic() as connection:
        await facts_store.replace(connection, some)
    same = lap.seconds
    lap = common.Lap()
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM fact WHERE case_id = ANY($1::uuid[])", some)
        await facts_store.replace(connection, some)
        fresh = lap.seconds
    async with db.atomic() as connection:  # no seal tells how far the rows of this bench reach
        await connection.execute(
            "UPDATE fact_mark m SET position = (SELECT max(position) FROM case_event e WHERE e.log = m.log)"
        )
    lap = common.Lap()
    await facts_store.refresh()
    return [
        f"rebuild: {count / took:,.0f} cases a second ({took:.0f} s); goal {GOAL_RATE:,}",
        ", ".join(f"{one} {n:,}" for one, n in sizes.items()),
        f"1,000 cases looked at again, nothing new: {same:.2f} s; all new: {fresh:.2f} s; a refresh without news {lap.seconds:.2f} s",
    ]


async def _asked(client: httpx.AsyncClient, path: str, token: str) -> float:
    lap = common.Lap()
    answer = await client.get(path, headers={"Cookie": f"{access.SESSION}={token}"} if token else {})
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:200]}")
    return lap.seconds * 1000


async def _read(here: Settings, rounds: int) -> list[str]:
    """p50 and p95 of every board for each who may see it."""
    lines, worst = [], 0.0
    async with served(here, 9461, PEOPLE) as side:
        for who in (*PEOPLE, ""):
            for board in BOARDS if who else (PUBLIC,):
                if who and who != PEOPLE[0] and board == "/figures/calls":
                    continue
                paths = [f"{board}?{span}" for span in SPANS] if who else [PUBLIC]
                for path in paths:
                    await _asked(side.client, path, side.tokens.get(who, ""))
                times = [
                    await _asked(side.client, paths[n % len(paths)], side.tokens.get(who, "")) for n in range(rounds)
                ]
                p50, p95 = common.quantile(times, 0.5), common.quantile(times, 0.95)
                worst = max(worst, p95)
                lines.append(f"{who or 'anyone':<11}{board:<18}{p50:7.1f} {p95:7.1f} ms")
    return [*lines, f"worst p95 {worst:.0f} ms; goal {GOAL_MS}"]


def main() -> None:
    """Read the sizes, run, note."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()

    async def bench(pair: Engines) -> None:
        here = await common.prepare(pair, "facts")
        async with common.house(here):
            lap = common.Lap()
            await figured.fill_figures(here.owner_url, asked.cases, asked.open)
            print(f"filled in {lap.seconds:.0f} s by {clock.now():%H:%M}", flush=True)
            made = await _made(asked.cases)
            print("\n".join(made), flush=True)
        common.note("facts", [f"{asked.cases:,} cases, {asked.open:,} open", *made, *await _read(here, asked.rounds)])

    common.run(bench)


if __name__ == "__main__":
    main()
