"""What the agent's desk asks while somebody types, at ten thousand and at a million cases: the time of each part and of all.

    python -m bench.suggest [--small 10000] [--large 1000000] [--open 8000] [--rounds 400]

Matter by the live model, place, look-alikes and the closed cases that speak for the matters, one after another, as
one request of the desk does them; in this process, against PostgreSQL. The goal is on all of them together.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from typing import Any

import asyncpg

from bench import common, fill
from hotline import city, db, vault
from hotline.actor import Actor
from hotline.embedded import Engines
from hotline.ids import new_id
from hotline.settings import Settings
from routing import alike, guess, models, where, witnesses

GOAL = 15.0
PARTS = ("matter", "place", "look-alikes", "closed cases", "together")
_CALLERS = """
INSERT INTO request (id, case_id, receipt_no, code_hash, state, kind, channel, line, reply_by, requester_kind,
    words, phone, phone_index, is_anonymous, filed_at, visit_tries)
SELECT md5('request-' || c.number)::uuid, c.id, c.number, 'x', 'open', 'assistance', 'phone', '12345', 'phone', 'person',
    NULL, 'x', sha256(convert_to('caller-' || (c.number::bigint * 7919) % $1, 'UTF8')), false, c.opened_at, 0
FROM cases c
"""


async def callers(url: str, count: int) -> int:
    """A requester for each case, each number about four times in the whole; how many numbers."""
    many = max(count // 4, 10)
    owner = await asyncpg.connect(url, command_timeout=None)
    try:
        await owner.execute("SET client_min_messages = warning")
        await owner.execute(_CALLERS.replace("$1", str(many)))
        await owner.execute("VACUUM ANALYZE request")
    finally:
        await owner.close()
    return many


async def filled(pair: Engines, name: str, count: int, open_count: int, *, is_kept: bool) -> Settings:
    """A house with so many cases and their callers; one that BENCH_FOLDER kept is taken as it is."""
    if is_kept:
        return common.settings_of(pair, name)
    here = await common.prepare(pair, name)
    async with common.house(here):
        lap = common.Lap()
        await fill.fill(here.owner_url, count, open_count)
        await callers(here.owner_url, count)
        print(f"{name}: {count:,} cases, {open_count:,} open, filled in {lap.seconds:.0f} s", flush=True)
    return here


def calls(rounds: int, count: int) -> list[tuple[str, alike.Asked]]:
    """What agents type: words like those of the cases, half with a county's name, a third with a point."""
    rng = random.Random(11)
    counties = list(city.current().jurisdictions.values())
    found = []
    for n in range(rounds):
        trouble, matter = rng.choice(fill.TROUBLES)
        county = rng.choice(counties).name_zh if n % 2 else ""
        street = f"{rng.choice(fill.STREETS)}{rng.randint(1, 300)}号{rng.choice(fill.ESTATES)}"
        words = f"{county}{street}附近{trouble}，{rng.choice(fill.TAILS)}{rng.choice(fill.TAILS)}"
        point = f"{36.5 + rng.random() / 5:.6f},{114.35 + rng.random() / 4:.6f}" if n % 3 == 0 else ""
        caller = f"caller-{rng.randrange(max(count // 4, 10))}"
        found.append((matter, alike.Asked(words=words, point=point, phones=[_index(caller)])))
    return found


def _index(caller: str) -> bytes:
    import hashlib  # noqa: PLC0415 - only here: the filled callers' stand-in for a blind index

    return hashlib.sha256(caller.encode()).digest()


def _timed(times: list[float], call: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    answer = call()
    times.append(1000 * (time.perf_counter() - began))
    return answer


async def measured(here: Settings, rounds: int, count: int) -> tuple[dict[str, list[float]], int]:
    """Milliseconds of each part and of all, and how many look-alikes were found."""
    times: dict[str, list[float]] = {part: [] for part in PARTS}
    hits = 0
    async with common.house(here):
        vault.index("warm")
        await models.load()
        agent = Actor(id=new_id(), kind="staff", name="", roles=frozenset({"agent"}), unit="HOT")
        for n, (matter, call) in enumerate(calls(rounds + 20, count)):
            if n == 20:  # the first ones fill caches and plans
                times, hits = {part: [] for part in PARTS}, 0
            began = time.perf_counter()
            guessed = _timed(times["matter"], lambda words=call.words: guess.suggest(words))
            codes = [one.matter for one in guessed.ranked[:3]] or [matter]
            place = _timed(times["place"], lambda one=call: where.find(one.words, point=one.point))
            async with db.reading() as connection:
                at = time.perf_counter()
                asked = alike.Asked(
                    words=call.words, matters=codes, county=place.county, township=place.township, point=place.point,
                    phones=call.phones,
                )  # fmt: skip
                hits += len(await alike.find(connection, agent, asked))
                times["look-alikes"].append(1000 * (time.perf_counter() - at))
                at = time.perf_counter()
                await witnesses.find(connection, agent, call.words, codes)
                times["closed cases"].append(1000 * (time.perf_counter() - at))
            times["together"].append(1000 * (time.perf_counter() - began))
    return times, hits


async def main(pair: Engines) -> None:
    """Fill, ask, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--keep", action="store_true", help="use what an earlier run left in BENCH_FOLDER")
    given = parser.parse_args()
    sides = []
    for name, count in (("suggest_small", given.small), ("suggest_large", given.large)):
        here = await filled(pair, name, count, min(given.open, count), is_kept=given.keep)
        sides.append(await measured(here, given.rounds, count))
    (small, few), (large, many) = sides
    lines = []
    for part in PARTS:
        a, b = [(common.quantile(one[part], 0.5), common.quantile(one[part], 0.95)) for one in (small, large)]
        lines.append(f"{part:<16}{a[0]:7.2f} {a[1]:7.2f}   {b[0]:7.2f} {b[1]:7.2f}   {b[0] / a[0]:6.2f} {b[1] / a[1]:6.2f}")
    worst = common.quantile(large["together"], 0.95)
    common.note("Suggest, place and look-alikes", [
        f"{given.rounds} calls being typed, one after another; {given.open:,} cases open at both sizes; model {_model()}",
        f"{'':<16}{given.small:>10,} cases    {given.large:>10,} cases   ratio",
        f"{'':<16}    p50     p95       p50     p95      p50    p95   ms",
        *lines,
        f"together, p95: {worst:.1f} ms (goal {GOAL:.0f}); look-alikes shown a call: {few / given.rounds:.1f} and {many / given.rounds:.1f}",
    ])  # fmt: skip


def _model() -> str:
    return guess.suggest("路灯不亮").model or "none: the matter is given"


if __name__ == "__main__":
    common.run(main)
