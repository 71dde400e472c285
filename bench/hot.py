"""Hot issues: how long a look takes over a city of 10,000 cases a day, and what is found of known events.

    python -m bench.hot [--cases 10000] [--weeks 8] [--days 14] [--events 60] [--parts speed,quality] [--arrivals FILE]

Speed: the whole job (read, detect, evidence, write, tell) as of one moment, first and again. Quality: a stream of cases
with a day, a week, a season and bursts of its own, looked at each hour; into it known events are planted, and it is
counted how many are found, how soon, and how many alarms of a day no event explains. ``--arrivals`` takes the hours of a
real hotline (``hour,count`` with a header) instead of the made ones.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import numpy as np

from bench import common
from bench.fill import TROUBLES
from cases.search import grams
from channels import reminders_hot
from hotline import city, clock, db
from hotline.embedded import Engines
from sla import calendar, hot, hot_detect, hot_hours
from sla.hot_nouns import CITY, Cell, Hit

GOAL = 10.0
_CALM = 48
"""Hours after which the same matter and place are an alarm of their own again."""
HOURS = np.array(
    [0.2, 0.12, 0.1, 0.1, 0.12, 0.25, 0.5, 1, 2, 2.6, 2.5, 2, 1.3, 1.2, 1.8, 2, 2, 1.7, 1.3, 1.2, 1, 0.8, 0.6, 0.4]
)
KINDS = (1.0, 0.7, 0.5)
"""Of a working day, a weekend, a holiday."""


class Stream(NamedTuple):
    """Cases as arrays: hours before the end of the stream, the leaf, the township; the leaves and townships by number."""

    back: Any
    leaf: Any
    town: Any
    leaves: Sequence[str]
    towns: Sequence[tuple[str, str]]


class Event(NamedTuple):
    """A planted event: a leaf in some townships, so many cases from an hour on, over so many hours."""

    leaf: int
    towns: tuple[int, ...]
    begins: int
    length: int
    cases: int
    usual: float


def stream(cases: int, hours: int, end: datetime, rng: np.random.Generator, arrivals: Path | None = None) -> Stream:
    """A city's cases: leaves and townships by Pareto's law, each leaf with an hourly mix that wanders from week to week."""
    leaves = sorted(city.current().matters)
    towns = [(one.county, code) for code, one in sorted(city.current().townships.items())]
    by_leaf = rng.pareto(1.1, len(leaves)) + 0.03
    by_town = rng.pareto(2.0, len(towns)) + 0.2
    by_leaf, by_town = by_leaf / by_leaf.sum(), by_town / by_town.sum()
    kinds = hot_hours.cells(calendar.of(city.current()), end, hours)
    busy = HOURS[kinds % 24] * np.array(KINDS)[kinds // 24]
    if arrivals is not None:
        busy = real_hours(arrivals, hours)
    weeks = hours // 168 + 2
    backs, of_leaf = [], []
    for n, share in enumerate(by_leaf):
        wander = np.exp(np.cumsum(rng.normal(0, 0.08, weeks)))[np.arange(hours) // 168]
        daily = rng.gamma(12, 1 / 12, hours // 24 + 2)[np.arange(hours) // 24]
        mean = cases * hours / 24 * share * busy * wander * daily / (busy * wander * daily).sum()
        counts = rng.poisson(mean)
        backs.append(np.repeat(np.arange(hours), counts))
        of_leaf.append(np.full(int(counts.sum()), n))
    back, leaf = np.concatenate(backs), np.concatenate(of_leaf)
    own = np.array([rng.dirichlet(by_town * 120 + 1e-3) for _ in leaves])
    town = np.empty(len(leaf), dtype=np.int64)
    for n in range(len(leaves)):
        town[leaf == n] = rng.choice(len(towns), int((leaf == n).sum()), p=own[n])
    return Stream(back, leaf, town, leaves, towns)


def real_hours(file: Path, hours: int) -> Any:
    """The last hours of a real hotline, newest first, as weights."""
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as text:
        rows = [row for row in csv.reader(text) if row and row[-1].strip().isdigit()]
    found = np.array([float(row[-1]) for row in rows[-hours:]])[::-1]
    return np.maximum(found, 0.05)


def planted(one: Stream, events: int, days: int, rng: np.random.Generator) -> tuple[Stream, list[Event]]:
    """The stream with events in its last days: in one township, in a county, over the city; short and long."""
    counties: dict[str, list[int]] = {}
    for n, (county, _) in enumerate(one.towns):
        counties.setdefault(county, []).append(n)
    total = len(one.back)
    rates = np.bincount(one.leaf, minlength=len(one.leaves)) / total
    made, backs, leaves, places = [], [one.back], [one.leaf], [one.town]
    for n in range(events):
        leaf = int(rng.integers(len(one.leaves)))
        county = list(counties.values())[int(rng.integers(len(counties)))]
        towns = ((int(rng.choice(county)),), tuple(county), tuple(range(len(one.towns))))[n % 3]
        length = int(rng.choice([2, 6, 24, 72][: 4 if days > 4 else 3]))
        begins = int(rng.integers(length, max(days * 24, length + 1)))
        share = float(np.isin(one.town, towns).mean())
        usual = total / (int(one.back.max()) + 1) * rates[leaf] * share * length
        cases = int(max(8, round(usual + 4 * np.sqrt(usual) + 6), round(usual * 1.8)))
        backs.append(rng.integers(begins - length, begins, cases))
        leaves.append(np.full(cases, leaf))
        places.append(rng.choice(towns, cases))
        made.append(Event(leaf, towns, begins, length, cases, usual))
    return Stream(np.concatenate(backs), np.concatenate(leaves), np.concatenate(places), one.leaves, one.towns), made


def cells(one: Stream, since: int, length: int) -> list[Cell]:
    """What the detector reads when it looks ``since`` hours before the end."""
    there = (one.back >= since) & (one.back < since + length)
    key = one.leaf[there] * len(one.towns) + one.town[there]
    order = np.argsort(key, kind="stable")
    known, firsts = np.unique(key[order], return_index=True)
    parts = np.split(one.back[there][order] - since, firsts[1:])
    return [
        Cell(one.leaves[k // len(one.towns)], *one.towns[k % len(one.towns)], part.tolist())
        for k, part in zip(known.tolist(), parts, strict=True)
    ]


def tells(hit: Hit, event: Event, one: Stream, since: int) -> bool:
    """Whether a hit of that hour is about the event."""
    if not one.leaves[event.leaf].startswith(hit.matter) or event.begins <= since:
        return False
    if event.begins - event.length >= since + hit.hours:
        return False
    touched = {area for n in event.towns for area in one.towns[n]}
    return hit.kind == CITY or hit.area in touched


def quality(one: Stream, events: Sequence[Event], days: int, weeks: int, end: datetime, every: int) -> list[str]:
    """Look each hour; how many events were found, how soon, how many alarms of a day nothing explains."""
    length, found, alarms = weeks * 168, dict[int, int](), dict[tuple[str, str], int]()
    looked = false = 0
    for since in range(days * 24 - 1, -1, -every):
        looked += 1
        as_of = end - timedelta(hours=since)
        kinds = hot_hours.cells(calendar.of(city.current()), as_of, length)
        for hit in hot_detect.found(cells(one, since, length), kinds, {}, hot.limits()):
            about = [n for n, event in enumerate(events) if tells(hit, event, one, since)]
            for n in about:
                found.setdefault(n, events[n].begins - since)
            last = alarms.get((hit.matter, hit.area))
            if not about:
                false += last is None or last - since > _CALM
                alarms[hit.matter, hit.area] = since
    kinds_of = ("township", "county", "city")
    by_kind = [
        f"{name} {sum(n in found for n in range(len(events)) if n % 3 == k)}/{sum(n % 3 == k for n in range(len(events)))}"
        for k, name in enumerate(kinds_of)
    ]
    delays = sorted(found.values())
    half = delays[len(delays) // 2] if delays else 0
    return [
        f"{looked} looks over {days} days: {len(found)} of {len(events)} planted events found "
        f"(recall {len(found) / max(len(events), 1):.2f}; {', '.join(by_kind)}), half of them within {half} h of their "
        f"beginning; {false} alarms that no event explains ({false / days:.2f} a day)",
    ]


_CASES = """
    INSERT INTO cases (id, number, state, kind, urgency, matter, title, summary, county, township, place, line, channel,
        is_confidential, is_minor, is_investigation, is_vulnerable, is_enterprise, unit_codes, opened_at, rework_count,
        return_count, urge_count, request_count, supervision, is_provisional, is_open, grams, last_seq, last_hash)
    SELECT md5('hot-' || n)::uuid, 'H' || n, 'closed', 'assistance', 'normal', m, '', '', c, t, '', '12345', 'phone',
        false, false, false, false, false, '{}', $1::timestamptz - b * interval '1 hour' - random() * interval '1 hour',
        0, 0, 0, 1, 0, false, false, ($7::text[])[1 + n % 200], 1, sha256('x')
    FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::int[]) AS x (n, m, c, t, b)
"""
_REQUESTS = """
    INSERT INTO request (id, case_id, receipt_no, code_hash, state, kind, channel, line, reply_by, requester_kind,
        is_anonymous, filed_at, visit_tries, phone, phone_index)
    SELECT md5('r' || id)::uuid, id, number, sha256('x'), 'exempt', kind, channel, line, 'sms', 'person', false,
        opened_at, 0, 'x', sha256(number::bytea) FROM cases
"""


async def fill(here: Any, one: Stream, end: datetime) -> None:
    """Put the stream into the tables, with requests and words."""
    words = [grams(f"{trouble}，反映多次没有结果{n}") for n in range(20) for trouble, _ in TROUBLES][:200]
    owner = await asyncpg.connect(here.owner_url, command_timeout=None)
    try:
        for first in range(0, len(one.back), 50_000):
            part = slice(first, first + 50_000)
            leaf, town = one.leaf[part].tolist(), one.town[part].tolist()
            await owner.execute(
                _CASES, end, list(range(first, first + len(leaf))), [one.leaves[n] for n in leaf],
                [one.towns[n][0] for n in town], [one.towns[n][1] for n in town], one.back[part].tolist(), words,
            )  # fmt: skip
        await owner.execute(_REQUESTS)
        await owner.execute("VACUUM ANALYZE cases; ".strip("; "))
        await owner.execute("ANALYZE request")
    finally:
        await owner.close()


async def speed(pair: Engines, given: argparse.Namespace) -> list[str]:
    """The whole job, first and again."""
    here = await common.prepare(pair, "bench_hot")
    async with common.house(here):
        rng, end = np.random.default_rng(11), clock.now()
        one = stream(given.cases, given.weeks * 168, end, rng)
        one, _ = planted(one, 12, 1, rng)
        await fill(here, one, end)
        lap = common.Lap()
        written = await hot.look(reminders_hot.issue, end)
        first = lap.seconds
        lap = common.Lap()
        again = await hot.look(reminders_hot.issue, end)
        second = lap.seconds
        async with db.reading() as connection:
            issues: list[UUID] = await connection.fetch("SELECT id FROM hot_issue")
    return [
        f"{given.cases:,} cases a day, {len(one.back):,} of {given.weeks} weeks in the table: the job in {first:.2f} s, "
        f"{written} issues told, {len(issues)} kept; again {second:.2f} s, {again} told (goal: under {GOAL:.0f} s)"
    ]


async def judge(pair: Engines, given: argparse.Namespace) -> list[str]:
    """The detector alone, each hour over the last days."""
    here = await common.prepare(pair, "bench_hot_quality")
    async with common.house(here):
        end = datetime(2026, 7, 28, 8, tzinfo=UTC)
        rng = np.random.default_rng(given.seed)
        hours = given.weeks * 168 + given.days * 24
        one = stream(given.cases, hours, end, rng, given.arrivals)
        one, events = planted(one, given.events, given.days, rng)
        return await asyncio.to_thread(quality, one, events, given.days, given.weeks, end, given.every)


async def main(pair: Engines) -> None:
    """Measure and note."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--events", type=int, default=60)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--arrivals", type=Path)
    parser.add_argument("--parts", default="speed,quality")
    given = parser.parse_args()
    lines: list[str] = []
    for name, part in (("speed", speed), ("quality", judge)):
        if name in given.parts.split(","):
            lines += await part(pair, given)
    common.note("Hot issues", lines)


if __name__ == "__main__":
    common.run(main)
