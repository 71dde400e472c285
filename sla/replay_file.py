"""History from a CSV export (plain or gzipped): opened, closed, target, unit, kind or matter become promises. Pure.

A file of another hotline names its own columns by ``columns`` (``{"opened": "OPEN_DT"}``); otherwise the header must
use our names, and one that we do not know is refused rather than passed over.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from hotline.errors import Refusal, Say, invalid
from sla import targets
from sla.calendar import CITY_ZONE
from sla.replay import QUEUE, Past

COLUMNS = ("number", "opened", "closed", "target", "unit", "kind", "matter", "profile")
_HOUR = timedelta(hours=1)
NEEDED = ("opened", "closed", "target")


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is read. ``dates`` is a strptime form, ISO 8601 when empty; ``profile`` is of rows that tell none.

    ``matters`` gives the profile of a matter's code.
    """

    columns: Mapping[str, str] = {}
    dates: str = ""
    zone: tzinfo = CITY_ZONE
    profile: str = "STD5"
    matters: Mapping[str, str] = {}


def read(path: Path, shape: Shape) -> Iterator[Past]:
    """The promises of a file, one a row, as they stand there. Raises the 422 refusal, which names the line."""
    with path.open("rb") as raw:
        try:
            yield from _rows(raw, shape)
        except (UnicodeError, csv.Error, EOFError, gzip.BadGzipFile) as error:
            raise _unreadable(type(error).__name__) from None


def _rows(raw: BinaryIO, shape: Shape) -> Iterator[Past]:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    plain: Any = gzip.GzipFile(fileobj=raw) if packed else raw
    rows = csv.reader(io.TextIOWrapper(plain, "utf-8-sig", newline=""))
    header = [name.strip() for name in next(rows, [])]
    at = _places(header, shape.columns)
    for cells in rows:
        if not any(cells):
            continue
        if len(cells) < len(header):
            raise _line(rows.line_num, f"少了列（应有 {len(header)}，只有 {len(cells)}）",
                        f"too few cells ({len(cells)} of {len(header)})")  # fmt: skip
        yield _past({name: cells[n].strip() for name, n in at.items()}, rows.line_num, shape)


def _places(header: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    strange = [name for name in columns if name not in COLUMNS]
    named = dict(columns) or {name: name for name in header}
    strange += [name for name in named if name not in COLUMNS]
    if strange:
        raise invalid({"history": Say(
            f"不认得的列：{'、'.join(dict.fromkeys(strange))}。可用：{'、'.join(COLUMNS)}；别的表头用 --columns 对照。",
            f"Unknown columns: {', '.join(dict.fromkeys(strange))}. Known: {', '.join(COLUMNS)}; "
            "map other headers with --columns.",
        )})  # fmt: skip
    missing = [name for name in NEEDED if name not in named]
    missing += [column for column in named.values() if column not in header]
    if missing:
        raise invalid({"history": Say(f"表头缺这些列：{'、'.join(missing)}。",
                                      f"The header lacks these columns: {', '.join(missing)}.")})  # fmt: skip
    return {name: header.index(column) for name, column in named.items()}


def _past(row: Mapping[str, str], line: int, shape: Shape) -> Past:
    opened = _moment(row["opened"], line, shape)
    if opened is None:
        raise _line(line, "没有受理时间", "no time of opening")
    due = _moment(row["target"], line, shape)
    hours = (due - opened) / _HOUR if due is not None else 0
    return Past(
        ref=row.get("number") or f"{line}", unit=row.get("unit", ""), stage=QUEUE, profile=_profile(row, line, shape),
        start=opened, due=due, end=_moment(row["closed"], line, shape), amount=hours,
    )  # fmt: skip


def _profile(row: Mapping[str, str], line: int, shape: Shape) -> str:
    told = row.get("profile", "")
    if told and told not in targets.PROFILES:
        raise _line(line, f"没有“{told}”这个时限档案", f"no profile {told}")
    matter = shape.matters.get(row.get("matter", ""))
    return told or targets.profile_for(row.get("kind", ""), "normal", matter or shape.profile)


def _moment(text: str, line: int, shape: Shape) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.strptime(text, shape.dates) if shape.dates else datetime.fromisoformat(text)  # noqa: DTZ007 - its zone follows
    except ValueError:
        raise _line(line, f"“{text[:40]}”不是日期", f"{text[:40]} is no date") from None
    placed = found if found.tzinfo is not None else found.replace(tzinfo=shape.zone)
    return placed.astimezone(UTC)  # within one zone Python subtracts wall clocks, which summer time sets wrong


def _line(line: int, zh: str, en: str) -> Refusal:
    return invalid({"history": Say(f"第 {line} 行：{zh}。", f"Line {line}: {en}.")})


def _unreadable(why: str) -> Refusal:
    return invalid({"history": Say(f"文件读不出（{why}）。", f"The file cannot be read ({why}).")})
