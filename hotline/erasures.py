"""The journal of erasures, outside the database: a restored backup holds what was erased since, and must lose it again.

Codes, numbers and times only (rules.md 5). The truth is the ledger; the worker's sweep writes down what it lacks.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

import asyncpg
import msgspec

from cases import ledger, verbs
from hotline import clock, db, place, settings
from hotline.actor import SYSTEM
from hotline.errors import Refusal, Say
from hotline.servers import EngineError
from hotline.settings import Settings
from hotline.work import work

JOURNAL = "erasures.jsonl"
Key = tuple[UUID, int, datetime]
_COUNT = "SELECT count(*) FROM case_event WHERE kind = 'erased'"
_KEYS = "SELECT case_id, seq, at FROM case_event WHERE kind = 'erased' ORDER BY at, case_id, seq"
_LINES = """
    SELECT c.number, e.case_id, e.seq, e.at, e.data FROM case_event e JOIN cases c ON c.id = e.case_id
    JOIN unnest($1::uuid[], $2::integer[]) AS x (case_id, seq) ON x.case_id = e.case_id AND x.seq = e.seq
    ORDER BY e.at, e.case_id, e.seq
"""
_LEGIBLE = """
    SELECT EXISTS (SELECT FROM case_text t JOIN unnest($3::integer[], $4::text[]) AS x (seq, field)
        ON x.seq = t.seq AND x.field = t.field WHERE t.case_id = c.id AND t.erased_at IS NULL)
    FROM cases c WHERE c.id = $1 AND c.number = $2
"""

_STILL = """
    SELECT count(DISTINCT t.case_id) FROM case_text t
    JOIN unnest($1::uuid[], $2::integer[], $3::text[]) AS x (id, seq, field)
    ON x.id = t.case_id AND x.seq = t.seq AND x.field = t.field WHERE t.erased_at IS NULL
"""


class Erasure(msgspec.Struct, frozen=True):
    """One line: which texts of which case were erased, by which event, under which rule."""

    case: str
    id: UUID
    seq: int
    at: datetime
    rule: str
    texts: tuple[tuple[int, str], ...]

    @property
    def key(self) -> Key:
        """What tells it from every other, also from those of another life after an earlier restore."""
        return self.id, self.seq, self.at


class Replayed(msgspec.Struct):
    """What became of a journal's lines: erased now, erased before, cases not here, cases still being worked on."""

    erased: int = 0
    before: int = 0
    unknown: int = 0
    open_cases: list[str] = []

    def sentences(self) -> list[Say]:
        """For the terminal."""
        told = [Say(
            f"✓ 按擦除记录重新擦除 {self.erased} 件（已擦除 {self.before}，备份里没有 {self.unknown}）",
            f"  {self.erased} erasures replayed ({self.before} stood already, {self.unknown} not in the backup)",
        )]  # fmt: skip
        if self.open_cases:
            names = ", ".join(self.open_cases)
            told.append(Say(f"✗ 恢复后又在办，办结后再擦除：{names}", f"  open again, erase once closed: {names}"))
        return told


class _Body(msgspec.Struct):
    """What we read of the event."""

    rule: str
    erased: tuple[tuple[int, str], ...]


_seen: tuple[Path, int, int] | None = None
"""File, its bytes and the ledger's erasures when they were last found to agree: nothing to look at again till then."""


def journal(one: Settings | None = None) -> Path:
    """The journal of an installation, this process's own by default."""
    return (one or settings.current()).ledger_dir / JOURNAL


async def keep() -> int:
    """Write down every erasure of the ledger that the journal lacks, durably; how many. Safe twice and side by side."""
    global _seen
    path = journal()
    async with db.reading() as connection:
        count = await connection.fetchval(_COUNT)
        if (path, _size(path), count) == _seen:
            return 0
        known = {one.key for one in read(path)}
        fresh = [row for row in await connection.fetch(_KEYS) if tuple(row) not in known]
        rows = await connection.fetch(_LINES, [r["case_id"] for r in fresh], [r["seq"] for r in fresh]) if fresh else []
    written = await asyncio.to_thread(add, path, [_line(row) for row in rows])
    _seen = (path, _size(path), count)
    return written


def _line(row: asyncpg.Record) -> Erasure:
    body = msgspec.json.decode(row["data"], type=_Body)
    return Erasure(row["number"], row["case_id"], row["seq"], clock.utc(row["at"]), body.rule, body.erased)


def add(path: Path, lines: Sequence[Erasure]) -> int:
    """Append the lines that the journal lacks, fsynced; what a crash tore is cut off first. How many were written."""
    if not lines:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = {one.key for one in _read(file)}
        fresh = [one for one in lines if one.key not in known]
        file.truncate(_whole(file))
        file.seek(0, os.SEEK_END)
        file.write(b"".join(msgspec.json.encode(one) + b"\n" for one in fresh))
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return len(fresh)


def read(path: Path) -> list[Erasure]:
    """The lines of a journal; none when there is no file, a torn last one is passed over. Raises EngineError."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        return list(_read(file))


def _read(file: IO[bytes]) -> Iterator[Erasure]:
    file.seek(0)
    for number, line in enumerate(file, 1):
        if not line.endswith(b"\n"):
            return
        try:
            yield msgspec.json.decode(line, type=Erasure)
        except msgspec.MsgspecError as broken:
            raise EngineError(
                f"擦除记录第 {number} 行读不了：{broken}", f"Line {number} of the journal of erasures: {broken}"
            ) from broken


def _whole(file: IO[bytes]) -> int:
    """Bytes up to the end of the last whole line."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 1_000_000)
    file.seek(start)
    return start + file.read().rfind(b"\n") + 1


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def replay(lines: Sequence[Erasure]) -> Replayed:
    """Erase again what these lines name and this database still shows, by the house's own verb. Safe twice.

    A line of another installation, or of a case that the backup is too old for, erases nothing: number and id must fit.
    """
    told = Replayed()
    for line in lines:
        async with db.reading() as connection:
            seqs, fields = [seq for seq, _ in line.texts], [field for _, field in line.texts]
            is_legible = await connection.fetchval(_LEGIBLE, line.id, line.case, seqs, fields)
        if is_legible is None:
            told.unknown += 1
        elif not is_legible:
            told.before += 1
        elif await _erase(line):
            told.erased += 1
        else:
            told.open_cases.append(line.case)
    return told


async def _erase(line: Erasure) -> bool:
    try:
        async with work(SYSTEM) as w:
            await verbs.erase(w, await ledger.opened(w, case_id=line.id), rule=line.rule)
    except Refusal:
        return False
    return True


async def unfinished(connection: asyncpg.Connection, one: Settings) -> tuple[int, int]:
    """For the doctor: erasures that the journal lacks, and cases of which texts that it names can be read here."""
    known = read(journal(one))
    keys = {line.key for line in known}
    lacking = sum(tuple(row) not in keys for row in await connection.fetch(_KEYS))
    texts = [(line.id, seq, field) for line in known for seq, field in line.texts]
    ids, seqs, fields = zip(*texts, strict=True) if texts else ((), (), ())
    return lacking, await connection.fetchval(_STILL, ids, seqs, fields)


def command(data: Path | None, files: Sequence[Path], echo: Callable[[str], object], *, as_json: bool = False) -> int:
    """Write the journal, after replaying ``files`` into this installation; 1 when something could not be erased."""

    async def job() -> Replayed:
        lines = list({one.key: one for file in files for one in read(file)}.values())
        add(journal(), lines)
        told = await replay(lines)
        await keep()
        return told

    told = place.run(data, job)
    if as_json:
        echo(msgspec.json.encode(told).decode())
    elif files:
        for say in told.sentences():
            echo(f"{say.zh}\n{say.en}")
    else:
        count = len(read(journal()))
        echo(f"擦除记录 {count} 行：{journal()}\n{count} lines in the journal of erasures")
    return 1 if told.open_cases else 0
