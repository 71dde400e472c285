"""The gathering of clusters over one day of ten thousand cases, against a day of one thousand.

    python -m bench.clusters [--small 1000] [--large 10000]

Rows of cases and requests only, straight into the tables, in twenty streets of every county, so that many are near.
"""

from __future__ import annotations

import argparse
import random
from typing import Any

import asyncpg

from bench import common
from bench.fill import samples
from hotline import city, db
from hotline.embedded import Engines
from routing import clusters

GOAL = 10.0
_CASES = """
    INSERT INTO cases (id, number, state, kind, urgency, matter, title, summary, county, township, place, line, channel,
        is_confidential, is_minor, is_investigation, is_vulnerable, is_enterprise, unit_codes, opened_at, rework_count,
        return_count, urge_count, request_count, supervision, is_provisional, is_open, grams, last_seq, last_hash)
    VALUES (md5('day-' || $1::int)::uuid, 'D' || $1::int, 'accepted', 'assistance', 'normal', $2, $3, '', $4, $5, $6,
        '12345', 'phone', false, false, false, false, false, '{}', now() - $7::float8 * interval '1 second', 0, 0, 0, 1,
        0, false, true, $8, 1, sha256('x'))
"""
_REQUESTS = """
    INSERT INTO request (id, case_id, receipt_no, code_hash, state, kind, channel, line, reply_by, requester_kind,
        is_anonymous, filed_at, visit_tries, phone, phone_index)
    SELECT md5('r' || id)::uuid, id, number, sha256('x'), 'open', kind, channel, line, 'sms', 'person', false, opened_at,
        0, 'x', sha256(number::bytea) FROM cases
"""


async def day(here: Any, count: int) -> None:
    """A day of so many cases."""
    rng, rows = random.Random(7), []
    towns: dict[str, list[str]] = {}
    for code, town in city.current().townships.items():
        towns.setdefault(town.county, []).append(code)
    for n, title, place, grams, matter, county, *_ in samples(count):
        town = rng.choice(towns.get(county) or [None])  # type: ignore[list-item]
        rows.append((n, matter, title, county, town, place, rng.random() * 86_400, grams))
    owner = await asyncpg.connect(here.owner_url, command_timeout=None)
    try:
        await owner.executemany(_CASES, rows)
        await owner.execute(_REQUESTS)
        await owner.execute("ANALYZE cases; ANALYZE request")
    finally:
        await owner.close()


async def gathered(pair: Engines, name: str, count: int) -> tuple[float, str]:
    """Seconds of the first gathering, which writes every cluster, and a line that tells of it and of the next."""
    here = await common.prepare(pair, name)
    async with common.house(here):
        await day(here, count)
        lap = common.Lap()
        written = await clusters.gather()
        first = lap.seconds
        lap = common.Lap()
        again = await clusters.gather()
        async with db.reading() as connection:
            members = await connection.fetchval("SELECT count(*) FROM cluster_member")
    line = f"{count:>7,} cases: {written:>4} clusters of {members:,} cases written in {first:.2f} s; "
    return first, line + f"looked at again in {lap.seconds:.2f} s ({again} changed)"


async def main(pair: Engines) -> None:
    """Measure both and note them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=10_000)
    given = parser.parse_args()
    small, one = await gathered(pair, "bench_small", given.small)
    large, other = await gathered(pair, "bench_large", given.large)
    ratio = f"ratio {large / small:.1f} for {given.large / given.small:.0f} times the cases (goal: under {GOAL:.0f} s)"
    common.note("Clusters", [one, other, ratio])


if __name__ == "__main__":
    common.run(main)
