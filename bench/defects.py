"""Puts seeded defects of eighteen kinds into any legacy export, and says which line must be refused for what.

    python -m bench.defects EXPORT.csv[.gz] --mapping MAP.toml --out BROKEN.csv --count 500 --seed 7

Beside BROKEN.csv it writes BROKEN.csv.expected.jsonl: line, kind, the code that the import's report has to give.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import random
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from hotline.legacy.mapping import MapFile

Row = dict[str, str]
Change = Callable[[Row], str]
_FAR = datetime(2097, 6, 1, 10)  # noqa: DTZ001 - a wall clock's time, as the file has it


class Spoiler:
    """Spoils rows by a mapping: a change a kind, each giving the code of the refusal it must lead to."""

    def __init__(self, rules: MapFile, header: list[str], rng: random.Random) -> None:
        self.rules = rules
        self.columns = rules.columns
        self.header = header
        self.rng = rng
        self.form = rules.dates[0]
        kinds: dict[str, Change] = {
            "lost_date": self._lost_date, "bad_date": self._bad_date, "foreign_zone": self._foreign_zone,
            "future_date": self._future, "ancient_date": self._ancient, "no_number": self._no_number,
            "overlong": self._overlong, "control_characters": self._control, "broken_bytes": self._broken,
            "lost_words": self._no_words, "missing_column": lambda _: "wrong_columns",
            "extra_column": lambda _: "wrong_columns", "unclosed_quote": lambda _: "unclosed_quote",
            "duplicate": lambda _: "duplicate",
        }  # fmt: skip
        if self.columns.closed:
            kinds["closed_before_opened"] = self._closed_before
        if self.columns.target:
            kinds["target_before_opened"] = self._target_before
        if self.columns.status:
            kinds |= {"unknown_status": self._unknown_status, "closed_without_date": self._closed_without}
        if self.columns.unit and "unit" not in rules.defaults.unknown:
            kinds["unknown_unit"] = self._unknown_unit
        if (gap := _gap(ZoneInfo(rules.zone))) is not None:
            self.gap = gap
            kinds["time_gap"] = self._time_gap
        self.kinds = kinds

    def is_sound(self, row: Row) -> bool:
        """Whether the row has no defect of its own that would be found first."""
        closed = row.get(self.columns.closed, "")
        return not closed or self._moment(closed) >= self._moment(row[self.columns.opened])

    def _date(self, moment: datetime) -> str:
        return moment.strftime(self.form)

    def _opened(self, row: Row) -> datetime:
        return self._moment(row[self.columns.opened])

    def _moment(self, text: str) -> datetime:
        for form in self.rules.dates:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007 - a wall clock's time
            except ValueError:
                continue
        return _FAR

    def _lost_date(self, row: Row) -> str:
        row[self.columns.opened] = ""
        return "no_date"

    def _bad_date(self, row: Row) -> str:
        row[self.columns.opened] = self.rng.choice(["31/02/15", "2015-00-00", "n/a", "昨天下午", "42005.51"])
        return "bad_date"

    def _foreign_zone(self, row: Row) -> str:
        row[self.columns.opened] += self.rng.choice([" +08:00", "Z", " UTC", "+05:30", " CET"])
        return "foreign_zone"

    def _future(self, row: Row) -> str:
        row[self.columns.opened] = self._date(_FAR)
        return "future_date"

    def _ancient(self, row: Row) -> str:
        row[self.columns.opened] = self._date(datetime(1925, 4, 1, 10))  # noqa: DTZ001 - a wall clock's time
        return "too_old"

    def _no_number(self, row: Row) -> str:
        row[self.columns.number] = " "
        return "no_number"

    def _overlong(self, row: Row) -> str:
        row[self.rng.choice(self._free())] = "长" * self.rng.choice([10_001, 40_000, 150_000])
        return "overlong"

    def _control(self, row: Row) -> str:
        row[self.rng.choice(self._free())] += self.rng.choice(["\x00", "\x1b[2J", "\x07"])
        return "control_characters"

    def _broken(self, row: Row) -> str:
        row[self.rng.choice(self._free())] += self.rng.choice(["\udcff\udcfe", "\udc80", "\udce6\udcb1"])
        return "broken_bytes"

    def _no_words(self, row: Row) -> str:
        words = self.columns.words
        for name in [words] if isinstance(words, str) else words:
            row[name] = ""
        return "no_words"

    def _closed_before(self, row: Row) -> str:
        row[self.columns.closed] = self._date(self._opened(row) - timedelta(days=self.rng.randint(2, 900)))
        if self.columns.status:
            row[self.columns.status] = self.rules.status.closed[0]
        return "closed_before_opened"

    def _target_before(self, row: Row) -> str:
        row[self.columns.target] = self._date(self._opened(row) - timedelta(days=3))
        return "target_before_opened"

    def _unknown_status(self, row: Row) -> str:
        row[self.columns.status] = "Pending???"
        return "unknown_code"

    def _closed_without(self, row: Row) -> str:
        row[self.columns.status], row[self.columns.closed] = self.rules.status.closed[0], ""
        return "closed_without_date"

    def _unknown_unit(self, row: Row) -> str:
        row[self.columns.unit] = "Ministry of Magic"
        return "unknown_code"

    def _time_gap(self, row: Row) -> str:
        row[self.columns.opened] = self._date(self.gap)
        return "time_gap"

    def _free(self) -> list[str]:
        """Columns whose cell may hold anything: texts that are not looked up, and those nobody asked for."""
        told = {
            getattr(self.columns, name)
            for name in self.columns.__struct_fields__
            if isinstance(getattr(self.columns, name), str)
        }
        return [name for name in self.header if name not in told] or [self.columns.number]


def _gap(zone: ZoneInfo) -> datetime | None:
    """Half past an hour of 2015 that the zone's clocks jumped over."""
    for hour in range(24 * 365):
        moment = datetime(2015, 1, 1, 0, 30) + timedelta(hours=hour)  # noqa: DTZ001 - that is what is asked
        first, second = moment.replace(tzinfo=zone).utcoffset(), moment.replace(tzinfo=zone, fold=1).utcoffset()
        if first is not None and second is not None and first < second:
            return moment
    return None


def spoiled(source: Path, rules: MapFile, count: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """The lines of the broken file in order: text, kind and expected code (empty for rows left alone)."""
    rng = random.Random(seed)
    with _text(source, rules.encoding) as text:
        table = csv.reader(text)
        header = next(table)
        rows = list(table)
    spoiler = Spoiler(rules, header, rng)
    names = sorted(spoiler.kinds)
    sound = [n for n, cells in enumerate(rows) if n and spoiler.is_sound(dict(zip(header, cells, strict=True)))]
    chosen = dict(zip(sorted(rng.sample(sound, min(count, len(sound) // 3))), _round(names, rng), strict=False))
    yield _line(header), "", ""
    for n, cells in enumerate(rows):
        kind = chosen.get(n, "")
        if not kind:
            yield _line(cells), "", ""
        elif kind == "duplicate":
            yield _line(cells), "", ""
            yield _line(cells), kind, spoiler.kinds[kind]({})
        else:
            row = dict(zip(header, cells, strict=True))
            code = spoiler.kinds[kind](row)
            broken = [row[name] for name in header]
            if kind == "missing_column":
                broken = broken[:-1]
            elif kind == "extra_column":
                broken.append("one too many")
            yield ('"' if kind == "unclosed_quote" else "") + _line(broken), kind, code


def _round(names: list[str], rng: random.Random) -> Iterator[str]:
    while True:
        yield from rng.sample(names, len(names))


def _line(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _text(path: Path, encoding: str) -> Any:
    raw = path.open("rb")
    plain: Any = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
    return io.TextIOWrapper(plain, "utf-8-sig" if encoding == "utf-8" else encoding, newline="")


def write(source: Path, mapping: Path, out: Path, count: int, seed: int) -> dict[int, str]:
    """Write the broken file; returns line number → code of what has to be refused."""
    rules = msgspec.convert(tomllib.loads(mapping.read_text(encoding="utf-8")), MapFile)
    expected: dict[int, str] = {}
    line = 1
    manifest = out.with_name(out.name + ".expected.jsonl")
    with (
        out.open("w", encoding=rules.encoding, errors="surrogateescape", newline="") as file,
        manifest.open("w") as told,
    ):
        for text, kind, code in spoiled(source, rules, count, seed):
            file.write(text)
            if code:
                expected[line] = code
                told.write(json.dumps({"line": line, "kind": kind, "code": code}) + "\n")
            line += max(text.count("\n"), 1)
    return expected


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--mapping", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    expected = write(given.source, given.mapping, given.out, given.count, given.seed)
    print(f"{len(expected)} defects in {given.out}")


if __name__ == "__main__":
    main()
