"""Replaying a legacy export under other promises: its own targets first, then a changed profile, then other hands.

python -m bench.whatif [--data EXPORT [--zone ZONE]] [--rows 20000] [--finish 3] [--import]

``--data`` takes an export with the columns of the 311 export (OPEN_DT, TARGET_DT, CLOSED_DT, Department, TYPE);
invented rows otherwise. ``--import`` also takes it in and compares what the imported clocks say.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from bench import common, legacy
from hotline import clock, db, importing
from hotline.embedded import Engines
from sla import history, replay, replay_file, replay_scenario, targets
from sla.calendar import Calendar
from sla.replay import Outcome
from sla.replay_file import Shape
from sla.replay_queue import Staff
from sla.replay_scenario import Scenario
from sla.targets import Target

GOAL = 120.0
DAYS = Calendar({})
REAL = {
    "number": "CASE_ENQUIRY_ID", "opened": "OPEN_DT", "closed": "CLOSED_DT", "target": "TARGET_DT",
    "unit": "Department", "matter": "TYPE",
}  # fmt: skip
INVENTED = {
    "number": "工单编号", "opened": "受理时间", "closed": "办结时间", "target": "承诺时限", "unit": "承办单位",
}  # fmt: skip
MAPPING = """
system = "legacy311"
zone = "{zone}"
ambiguous = "earlier"
earliest = 2010-01-01
dates = ["%m/%d/%Y %I:%M:%S %p"]
[columns]
number = "CASE_ENQUIRY_ID"
opened = "OPEN_DT"
target = "TARGET_DT"
closed = "CLOSED_DT"
status = "CASE_STATUS"
words = ["REASON", "TYPE"]
source = "Source"
[status]
open = ["Open"]
closed = ["Closed"]
"""


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="an export; invented rows when not given")
    parser.add_argument("--zone", default="America/New_York")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--finish", type=float, default=3, help="working days to finish in the changed profile")
    parser.add_argument("--import", dest="takes_in", action="store_true")
    return parser.parse_args()


def replayed(file: Path, shape: Shape, **change: object) -> tuple[Outcome, float]:
    """The outcome over all years, and its seconds, reading included."""
    first, last = _year(file, shape)
    one = msgspec.convert({"since": first, "until": last, **change}, Scenario)
    replay_scenario.check(one, targets.DEFAULTS)
    lap = common.Lap()
    rules = replay_scenario.rules(one, replay_scenario.over(one, DAYS), clock.on(last))
    found = replay.replay(replay_file.read(file, shape), rules)
    return found, lap.seconds


def fed(pasts: Iterable[replay.Past]) -> tuple[int, int]:
    """Of cases with target and close: how many, and how many our clocks call met, each fed with its target's hours."""
    both = [past for past in pasts if past.due is not None and past.end is not None]
    dues = (history.reckon(DAYS, past.start, "clock", past.amount)[0] for past in both)
    return len(both), sum(past.end <= due for past, due in zip(both, dues, strict=True) if past.end is not None)


def _year(file: Path, shape: Shape) -> tuple[date, date]:
    """The first and last day of the first case's year: an export of one year, with a day of room at its end."""
    opened: datetime = next(replay_file.read(file, shape)).start
    return date(opened.year, 1, 1), date(opened.year + 1, 1, 2)


def said(name: str, outcome: Outcome, seconds: float) -> list[str]:
    """One line of times, one of figures."""
    t = outcome.totals
    return [
        f"{name:<28} {seconds:6.1f} s ({GOAL / seconds:,.0f} times faster than {GOAL:.0f} s)",
        f"  {t.promised:,} promises, {t.broken:,} broken as it was, {t.would_break:,} then: "
        f"{t.newly:,} newly broken, {t.saved:,} saved",
    ]


def measure(given: argparse.Namespace, file: Path) -> list[str]:
    """Replay the file four times."""
    is_real = given.data is not None
    form = "%m/%d/%Y %I:%M:%S %p" if is_real else "%Y-%m-%d %H:%M:%S"
    shape = Shape(columns=REAL if is_real else INVENTED, dates=form, zone=ZoneInfo(given.zone) if is_real else clock.CITY_ZONE)
    same, seconds = replayed(file, shape)
    both, met = fed(replay_file.read(file, shape))
    t, r = same.totals, same.reported
    lines = said("as it was", same, seconds)
    lines += [
        f"  {both:,} with both target and close, {met:,} of them on time by our clocks fed with the targets "
        f"(the replay: {t.kept:,} and {r.before_opened_by_date:,} closed before opened)",
        f"  not guessed: {r.no_target:,} without a target, {r.before_opened:,} closed before opened "
        f"({r.before_opened_with_target:,} of these had a target, {r.before_opened_by_date:,} on time by their dates)",
    ]  # fmt: skip
    profile = {"STD5": {**targets.PROFILES["STD5"].stages, "finish": Target(given.finish, "wd")}}
    lines += said(f"STD5 in {given.finish:g} working days", *replayed(file, shape, profiles=profile))
    again, seconds = replayed(file, shape, staff={"*": Staff()})
    lines += said("queue, the same hands", again, seconds)
    lines.append(f"  gives history again: {'yes' if again.weeks == same.weeks else 'NO'}")
    lines += said("queue, hands doubled, fifo", *replayed(file, shape, staff={"*": Staff(handlers=2)}, order="fifo"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines.append(f"memory at most {peak:.0f} MB")
    return lines


async def taken_in(pair: Engines, given: argparse.Namespace) -> list[str]:
    """The same export through the import: what its clocks say."""
    here = await common.prepare(pair, "bench_whatif")
    mapping = here.data_dir / "mapping.toml"
    mapping.write_text(MAPPING.format(zone=given.zone), encoding="utf-8")
    async with common.house(here):
        outcome = await importing.take_in(given.data, mapping, here.data_dir / "refused.csv")
        row = await db.pool().fetchrow(
            "SELECT count(*) FILTER (WHERE measure = 'clock' AND outcome IS NOT NULL) AS both, "
            "count(*) FILTER (WHERE measure = 'clock' AND outcome = 'met') AS met, "
            "count(*) FILTER (WHERE measure <> 'clock') AS ours FROM clock"
        )
    return [
        f"import: {outcome.made:,} cases made in {outcome.seconds:.0f} s; refused: "
        + ", ".join(f"{n:,} {code}" for code, n in sorted(outcome.refused.items())),
        f"  {row['both']:,} finished with the export's target, {row['met']:,} on time; {row['ours']:,} without a target "
        "later than their opening, under our own promise",
    ]  # fmt: skip


def main() -> None:
    """Replay, and note what came out."""
    os.nice(int(os.environ.get("BENCH_NICE", "0")))
    given = arguments()
    with tempfile.TemporaryDirectory() as folder:
        file = given.data or legacy.write(Path(folder) / "export.csv", given.rows)
        lines = measure(given, file)
    common.note("What if" if given.data is None else "What if on a real export", lines)
    if given.takes_in and given.data is not None:

        async def also(pair: Engines) -> None:
            common.note("What if on a real export, imported", await taken_in(pair, given))

        common.run(also)


if __name__ == "__main__":
    main()
