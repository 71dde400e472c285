"""`hotline import FILE --mapping MAP`: a former hotline's cases become ours, with their own dates and numbers.

A thousand rows at a time are read, held against what is known, replayed and written; while one batch is being written
the next is prepared. Repeating changes nothing; an import that was broken off goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import file_digest
from itertools import islice
from pathlib import Path

import msgspec
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cases import seals
from hotline import city, clock, place, settings
from hotline.legacy import batches, mapping, sheet
from hotline.legacy.batches import BatchRow
from hotline.legacy.faults import Fault
from hotline.legacy.replay import Replay
from hotline.legacy.report import Report
from hotline.legacy.rows import Legacy, Reader
from hotline.work import Row

BATCH = 1000
Echo = Callable[[str], object]
Progressed = Callable[[float], object]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rows. ``made`` counts this run, ``known`` were cases of ours before it."""

    read: int
    made: int
    known: int
    refused: dict[str, int]
    report: Path
    seconds: float
    resumed_at: int


class _Stretch(msgspec.Struct):
    """Some consecutive rows of the file, sorted by what is to become of them."""

    read: int = 0
    last: int = 0
    passed: int = 0
    good: list[Legacy] = []


def command(data: Path | None, file: Path, map_file: Path, report: Path | None, echo: Echo) -> int:
    """Run the command; 0 when every row was taken in or known, 1 when some were refused (the report says why)."""

    async def job() -> Outcome:
        gc.freeze()  # the house in memory is not looked through again and again while rows by the thousand come and go
        with _bar() as progressed:
            outcome = await take_in(file, map_file, report, progressed)
        echo(_told(outcome))
        began = time.monotonic()
        sealed = await seals.seal_all()
        echo(f"账本封存 / ledger sealed: {sealed:,} ({time.monotonic() - began:.1f} s)")
        return outcome

    try:
        outcome = place.run(data, job)
    except KeyboardInterrupt:
        echo("已中断；再运行一次就接着做。/ Interrupted; run it again to go on.")
        return 130
    return 1 if outcome.refused else 0


async def take_in(
    file: Path, map_file: Path, report: Path | None = None, progressed: Progressed | None = None
) -> Outcome:
    """Import ``file`` by the mapping ``map_file``. Raises the 422 refusal for a mapping or file that cannot be used.

    The report goes to ``report`` (.csv, or JSON lines), by default into the data folder.
    """
    began = time.monotonic()
    rules = mapping.load(map_file, city.current())
    with file.open("rb") as raw:
        digest = (await asyncio.to_thread(file_digest, raw, "sha256")).digest()
    export = sheet.opened(file, rules.file)
    async with batches.alone(rules.file.system):
        row = await batches.begun(rules.file.system, file.name, digest, rules.digest)
        before, resumed_at = (row.made, row.known), row.last_row
        target = report or settings.current().data_dir / "imports" / f"{row.id}.csv"
        reader = Reader(rules, export.header, city.current(), clock.now())
        with Report(target) as refused:
            run = _Run(row, reader, export, refused)
            read = await run.all(progressed or (lambda _: None))
            await batches.ended(row, refused.refused, read)
    return Outcome(
        read=read, made=row.made - before[0], known=row.known - before[1] + run.passed, refused=refused.counts,
        report=target, seconds=time.monotonic() - began, resumed_at=resumed_at,
    )  # fmt: skip


class _Run:
    """The import under way: reading and replaying in a thread, asking and writing in the loop."""

    def __init__(self, row: BatchRow, reader: Reader, export: sheet.Sheet, report: Report) -> None:
        self.row = row
        self.reader = reader
        self.export = export
        self.report = report
        self.replay = Replay(row.id, row.system, clock.now())
        self.done_before = row.last_row
        self.passed = 0
        """Rows that the broken-off run had dealt with: read again for the report and for duplicates, not looked up."""

    async def all(self, progressed: Progressed) -> int:
        """Deal with every row; returns how many there were."""
        read = 0
        writing: asyncio.Task[None] | None = None
        try:
            while (some := await asyncio.to_thread(self._read)).read:
                read += some.read
                self.passed += some.passed
                rows, made = await self._replayed(some)
                if writing is not None:
                    await writing
                known = len(some.good) - made
                last = max(some.last, self.done_before)
                writing = asyncio.create_task(batches.write(self.row, rows, made, last, known))
                progressed(self.export.done())
            if writing is not None:
                await writing
        except BaseException:
            if writing is not None and not writing.done():
                with contextlib.suppress(Exception):
                    await asyncio.shield(writing)
            raise
        progressed(1.0)
        return read

    def _read(self) -> _Stretch:
        some = _Stretch()
        for line in islice(self.export.lines, BATCH):
            one = self.reader.read(line)
            some.read, some.last = some.read + 1, line.number
            if isinstance(one, Fault):
                self.report.add(line.number, self.reader.number_of(line), one)
            elif line.number <= self.done_before:
                some.passed += 1
            else:
                some.good.append(one)
        return some

    async def _replayed(self, some: _Stretch) -> tuple[list[Row], int]:
        known = await batches.known(self.row.system, [one.number for one in some.good]) if some.good else set()
        fresh = [one for one in some.good if one.number not in known]
        if not fresh:
            return [], 0
        numbers = await batches.receipt_nos(fresh)
        return await asyncio.to_thread(self._rows, fresh, numbers), len(fresh)

    def _rows(self, fresh: list[Legacy], numbers: list[str]) -> list[Row]:
        return [row for one, number in zip(fresh, numbers, strict=True) for row in self.replay.rows(one, number)]


@contextlib.contextmanager
def _bar() -> Iterator[Progressed]:
    """A progress bar on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task("导入 / import", total=1.0)
        yield lambda share: progress.update(task, completed=share)


def _told(outcome: Outcome) -> str:
    refused = sum(outcome.refused.values())
    rate = outcome.read / max(outcome.seconds, 0.001)
    zh = f"读到 {outcome.read:,} 行，新收 {outcome.made:,}，已有 {outcome.known:,}，拒收 {refused:,}"
    en = f"{outcome.read:,} rows: {outcome.made:,} new, {outcome.known:,} known, {refused:,} refused"
    lines = [
        f"{zh}；{outcome.seconds:.1f} 秒，每秒 {rate:,.0f} 行",
        f"{en}; {outcome.seconds:.1f} s, {rate:,.0f} rows/s",
    ]
    if outcome.resumed_at:
        lines.append(f"接着第 {outcome.resumed_at} 行做 / went on after row {outcome.resumed_at}")
    lines += [f"  {code:<24} {count:,}" for code, count in sorted(outcome.refused.items(), key=lambda one: -one[1])]
    if refused:
        lines.append(f"拒收清单 / refused rows: {outcome.report}")
    return "\n".join(lines)
