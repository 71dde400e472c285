"""Feeds real messages through intake and checks that each is a case with a number, at a unit or in the queue.

python -m bench.feed_check MESSAGES.jsonl[.gz] [--count 1000]
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
from itertools import islice
from pathlib import Path

from bench import common
from hotline import db, feeding
from hotline.embedded import Engines

_LOST = "SELECT count(*) FROM unnest($1::text[]) AS n WHERE NOT EXISTS (SELECT FROM request r WHERE r.receipt_no = n)"
_RUNNING = """
SELECT count(*) FROM request r WHERE r.receipt_no = ANY($1)
AND EXISTS (SELECT FROM clock k WHERE k.case_id = r.case_id AND k.stopped_at IS NULL)
"""
_QUEUED = """
SELECT count(*) FROM request r JOIN cases c ON c.id = r.case_id WHERE r.receipt_no = ANY($1) AND c.is_open
AND (c.state IN ('registered', 'accepted') OR c.lead_unit IS NOT NULL) AND c.next_due IS NOT NULL
"""


def some_of(source: Path, count: int, target: Path) -> int:
    """Write the first ``count`` lines beside; how many there were."""
    with gzip.open(source, "rb") if source.suffix == ".gz" else source.open("rb") as lines:
        kept = list(islice(lines, count))
    target.write_bytes(b"".join(kept))
    return len(kept)


async def main(pair: Engines) -> None:
    """Feed twice in a house of its own, and look at every number."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    given = parser.parse_args()
    here = await common.prepare(pair, "bench_feed")
    file = here.data_dir / "some.jsonl"
    count = await asyncio.to_thread(some_of, given.file, given.count, file)
    async with common.house(here):
        first = await feeding.feed(file)
        again = await feeding.feed(file)
        numbers = first.numbers
        states = await feeding.states(numbers)
        pool = db.pool()
        lost, running, queued = [await pool.fetchval(sql, numbers) for sql in (_LOST, _RUNNING, _QUEUED)]
        parked = await pool.fetchval("SELECT count(*) FROM inbound_message WHERE state <> 'made'")
    common.note("Feed", [
        f"{count:,} messages: {first.new:,} acknowledged and {first.made:,} made in {first.seconds:.1f} s ({first.made / first.seconds:,.0f}/s), "
        f"{len(first.refused)} refused",
        f"numbers {len(set(numbers)):,} different; {lost} without a case; {parked} not made",
        f"in the queue or at a unit {queued:,}; clocks running {running:,}; states {dict(states)}",
        f"fed again: {again.new} new, {again.repeated:,} known",
        *(f"refused line {one.line}: {one.code} {one.say.en}" for one in first.refused),
    ])  # fmt: skip


if __name__ == "__main__":
    common.run(main)
