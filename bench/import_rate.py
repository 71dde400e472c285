"""How many rows a second an import takes in, ledger and clocks included; again for nothing; and with seeded defects.

python -m bench.import_rate [--file EXPORT --mapping MAP] [--rows 20000] [--defects 500] [--rebuild]
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gc
from pathlib import Path

from bench import common, defects, legacy
from cases import seals
from hotline import db, importing, rebuild, verify
from hotline.embedded import Engines
from hotline.settings import Settings

EXAMPLE = Path(importing.__file__).parent / "data" / "mappings" / "example.toml"
GOAL = 2000


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, help="an export; invented rows when not given")
    parser.add_argument("--mapping", type=Path, default=EXAMPLE)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--defects", type=int, default=500)
    parser.add_argument("--rebuild", action="store_true")
    return parser.parse_args()


async def measure(here: Settings, given: argparse.Namespace) -> list[str]:
    """Import, import again, import the spoiled file, seal, verify."""
    file = given.file or legacy.write(here.data_dir / "export.csv", given.rows)
    gc.freeze()
    first = await importing.take_in(file, given.mapping, here.data_dir / "first.csv")
    cases = await db.pool().fetchval("SELECT count(*) FROM cases")
    second = await importing.take_in(file, given.mapping, here.data_dir / "second.csv")
    rate = first.read / first.seconds
    lines = [
        f"first   {first.read:>9,} rows  {first.made:>9,} new  {sum(first.refused.values()):>6,} refused  {first.seconds:7.1f} s  {rate:8,.0f} rows/s",
        f"again   {second.read:>9,} rows  {second.made:>9,} new  {second.known:>6,} known    {second.seconds:7.1f} s  {second.read / second.seconds:8,.0f} rows/s",
        f"ratio to the goal of {GOAL:,} rows/s: {rate / GOAL:.2f}",
    ]
    lines += await _spoiled(here, given, file, first.report)
    lap = common.Lap()
    sealed = await seals.seal_all()
    lines.append(f"sealed  {sealed:>9,} entries in {lap.seconds:.1f} s")
    lap = common.Lap()
    report = await verify.database()
    lines.append(
        f"verify  {'clean' if report.is_clean else 'NOT CLEAN'}: {report.cases:,} cases, {report.events:,} events in {lap.seconds:.1f} s"
    )
    now = await db.pool().fetchval("SELECT count(*) FROM cases")
    twice = await db.pool().fetchval(
        "SELECT count(*) FROM (SELECT FROM cases GROUP BY origin_system, origin_no HAVING count(*) > 1 AND origin_no IS NOT NULL) x"
    )
    lines.append(f"cases   {cases:,} after the first import, {now:,} at the end, {twice} origin numbers twice")
    if given.rebuild:
        again = await rebuild.rebuild(check=True)
        lines.append(
            f"rebuild {again.cases:,} cases, {again.different} different, {again.cases / again.seconds:,.0f} cases/s"
        )
    return lines


async def _spoiled(here: Settings, given: argparse.Namespace, file: Path, before: Path) -> list[str]:
    """With seeded defects, as another system's, so that every row is taken in anew."""
    broken, mapping = here.data_dir / "broken.csv", here.data_dir / "broken.toml"
    expected = await asyncio.to_thread(defects.write, file, given.mapping, broken, given.defects, 7)
    lines = given.mapping.read_text(encoding="utf-8").splitlines()
    mapping.write_text(
        "\n".join('system = "spoiled"' if one.startswith("system = ") else one for one in lines), encoding="utf-8"
    )
    outcome = await importing.take_in(broken, mapping, here.data_dir / "broken-report.csv")
    again = await importing.take_in(broken, mapping, here.data_dir / "broken-again.csv")
    natural = len(_told(before))
    told = _told(outcome.report)
    wrong = {line: (code, told.get(line)) for line, code in expected.items() if told.get(line) != code}
    kinds = len(set(expected.values()))
    unexplained = outcome.read - outcome.made - outcome.known - len(told)
    return [
        f"spoiled {outcome.read:>9,} rows  {outcome.made:>9,} new  {len(told):>6,} refused: {len(expected)} seeded ({kinds} codes), "
        f"{len(told) - len(expected)} of their own (before: {natural}); {len(wrong)} not as expected; {unexplained} unexplained",
        f"        again {again.made} new, {again.known:,} known",
        *(f"        line {line}: {want} expected, {got} told" for line, (want, got) in list(wrong.items())[:10]),
    ]


def _told(report: Path) -> dict[int, str]:
    with report.open(encoding="utf-8-sig", newline="") as file:
        return {int(row["row"]): row["code"] for row in csv.DictReader(file)}


async def main(pair: Engines) -> None:
    """Run in a house of its own."""
    given = arguments()
    here = await common.prepare(pair, "bench_import")
    async with common.house(here):
        lines = await measure(here, given)
    common.note("Import" if given.file is None else "Import of a real export", lines)


if __name__ == "__main__":
    common.run(main)
