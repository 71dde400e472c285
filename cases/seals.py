"""The sealer: gives what is committed its position in a log and signs Merkle roots over it (rules.md 5).

Three logs, each with its own chain of seals: "p" public events, "i" internal ones, "a" acts (their ``seq`` is the
position). After the commit the roots go to a file outside the database; what a crash lost there is written again.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import msgspec

from cases import chain
from hotline import clock, db, settings, vault
from hotline.errors import conflict
from hotline.work import Row

LOGS = ("p", "i", "a")
MOST = 5000
"""Leaves in one seal at most: a citizen's proof stays at 13 hashes, a transaction short."""
ROOTS_FILE = "roots.jsonl"
_LOCK = 0x53656C6572  # "Seler"
_TAIL = 256 * 1024


class SealRow(Row, kw_only=True):
    """One signed root over the positions ``first_position`` to ``last_position`` (inclusive, from 1) of a log."""

    table: ClassVar[str] = "ledger_seal"
    identity: ClassVar[tuple[str, ...]] = ("log", "no")

    log: str
    no: int
    first_position: int
    last_position: int
    root: bytes
    prev: bytes
    hash: bytes
    at: datetime
    key_id: str
    signature: bytes


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """A seal as it is published: one JSON line, hashes in hex, with the key that signed it."""

    log: str
    no: int
    first: int
    last: int
    root: str
    prev: str
    hash: str
    at: str
    key: str
    public: str
    signature: str


SEAL_COLUMNS = ", ".join(SealRow.__struct_fields__)
_PLACES = ", ".join(f"${n}" for n in range(1, len(SealRow.__struct_fields__) + 1))
_LAST = f"SELECT {SEAL_COLUMNS} FROM ledger_seal WHERE log = $1 ORDER BY no DESC LIMIT 1"
_INSERT = f"INSERT INTO ledger_seal ({SEAL_COLUMNS}) VALUES ({_PLACES})"
_AFTER = f"SELECT {SEAL_COLUMNS} FROM ledger_seal WHERE log = $1 AND no >= $2 ORDER BY no"
_EVENTS = """
SELECT case_id, seq, hash FROM case_event WHERE log = $1 AND position IS NULL ORDER BY at, case_id, seq LIMIT $2
"""
_ACTS = "SELECT seq, hash FROM act WHERE seq > $1 ORDER BY seq LIMIT $2"
_PLACE = """
UPDATE case_event AS e SET position = x.position
FROM unnest($1::uuid[], $2::integer[], $3::bigint[]) AS x (case_id, seq, position)
WHERE e.case_id = x.case_id AND e.seq = x.seq AND e.position IS NULL
"""


async def seal_all() -> int:
    """Seal everything that is committed and unsealed, then publish the roots; how many leaves were sealed.

    Safe to call at any time and from anywhere: one sealer works at a time, another finds nothing to do.
    """
    sealed = 0
    for log in LOGS:
        while (got := await seal(log)) > 0:
            sealed += got
            if got < MOST:
                break
    await publish()
    return sealed


async def seal(log: str) -> int:
    """One seal of at most ``MOST`` leaves of ``log`` in a transaction of its own; 0 when there was nothing to do."""
    async with db.atomic() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
            return 0
        record = await connection.fetchrow(_LAST, log)
        last = SealRow(**record) if record is not None else None
        start = last.last_position + 1 if last is not None else 1
        hashes = await _take(connection, log, start)
        if hashes:
            row = _sealed(log, last, start, hashes)
            await connection.execute(_INSERT, *msgspec.structs.astuple(row))
        return len(hashes)


async def _take(connection: db.Connection, log: str, start: int) -> list[bytes]:
    """The hashes of the next leaves in order; events get their positions from ``start`` on."""
    if log == "a":
        acts = await connection.fetch(_ACTS, start - 1, MOST)
        if [act["seq"] for act in acts] != list(range(start, start + len(acts))):
            msg = f"the log of acts has a gap after {start - 1}: run `hotline verify`"
            raise RuntimeError(msg)
        return [act["hash"] for act in acts]
    events = await connection.fetch(_EVENTS, log, MOST)
    if events:
        cases, seqs, hashes = zip(*events, strict=True)
        done = await connection.execute(_PLACE, cases, seqs, list(range(start, start + len(events))))
        if done != f"UPDATE {len(events)}":
            msg = f"positions were given beside the sealer: {done}, {len(events)} expected"
            raise RuntimeError(msg)
        return list(hashes)
    return []


def _sealed(log: str, last: SealRow | None, start: int, hashes: list[bytes]) -> SealRow:
    no, prev = (last.no + 1, last.hash) if last is not None else (1, chain.START)
    at, end = clock.now(), start + len(hashes) - 1
    root = chain.root([chain.leaf(one) for one in hashes])
    digest = chain.seal_hash(prev, log, no, start, end, root, at)
    return SealRow(
        log=log, no=no, first_position=start, last_position=end, root=root, prev=prev, hash=digest, at=at,
        key_id=vault.signing_key_id(), signature=vault.sign(digest),
    )  # fmt: skip


def roots_path() -> Path:
    """The file of published roots, outside the database."""
    return settings.current().ledger_dir / ROOTS_FILE


async def publish() -> int:
    """Write the seals that the file does not hold yet, from the table, fsynced; how many were written.

    Raises the 409 refusal "roots_disagree" when the file knows of another seal than the table: the database is
    older than its published roots (a restored backup) or was altered. Nothing is written over then.
    """
    path = roots_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o640), "r+b") as file:  # noqa: ASYNC230, PTH123 - a few bytes; its mode is set when it is made
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0  # another sealer is writing them just now
        known = _last_lines(path)
        fresh = await _unpublished(known)
        if fresh:
            lines = b"".join(msgspec.json.encode(root_of(seal)) + b"\n" for seal in fresh)
            await asyncio.to_thread(_append, path, lines)
    return len(fresh)


async def _unpublished(known: dict[str, Root]) -> list[SealRow]:
    fresh: list[SealRow] = []
    async with db.reading() as connection:
        for log in LOGS:
            last = known.get(log)
            seals = [SealRow(**row) for row in await connection.fetch(_AFTER, log, last.no if last is not None else 1)]
            if last is not None:
                if not seals or seals[0].hash.hex() != last.hash:
                    raise _disagree(log, last.no)
                seals = seals[1:]
            fresh += seals
    return sorted(fresh, key=lambda seal: (seal.at, seal.log, seal.no))


def root_of(seal: SealRow) -> Root:
    """The seal as its published line. Raises KeyMissing when the key folder no longer knows who signed it."""
    public = vault.public_keys().get(seal.key_id)
    if public is None:
        raise vault.KeyMissing(seal.key_id, vault.keys().folder)
    return Root(
        log=seal.log, no=seal.no, first=seal.first_position, last=seal.last_position, root=seal.root.hex(),
        prev=seal.prev.hex(), hash=seal.hash.hex(), at=chain.moment(seal.at), key=seal.key_id, public=public.hex(),
        signature=seal.signature.hex(),
    )  # fmt: skip


def seal_of(root: Root) -> SealRow:
    """The seal again that a published line speaks of."""
    return SealRow(
        log=root.log, no=root.no, first_position=root.first, last_position=root.last, root=bytes.fromhex(root.root),
        prev=bytes.fromhex(root.prev), hash=bytes.fromhex(root.hash), at=clock.utc(datetime.fromisoformat(root.at)),
        key_id=root.key, signature=bytes.fromhex(root.signature),
    )  # fmt: skip


def published(path: Path) -> Iterator[Root]:
    """The roots of a published file in order; a torn last line is passed over. Raises ValueError for a broken one."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n") and not _is_whole(line):
                return
            if line.strip():
                try:
                    yield msgspec.json.decode(line, type=Root)
                except msgspec.MsgspecError as broken:
                    msg = f"{path.name}, line {number}: {broken}"
                    raise ValueError(msg) from broken


def set_aside(label: str) -> Path | None:
    """Begin a new file of roots after a restore; the old one stays beside it as ``roots.<label>.jsonl``."""
    path = roots_path()
    if not path.exists():
        return None
    aside = path.with_name(f"roots.{label}.jsonl")
    path.rename(aside)
    return aside


def _last_lines(path: Path) -> dict[str, Root]:
    """The last root of each log; only the end of a long file is read where that is enough."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        lines = file.read().splitlines(keepends=True)[1 if size > _TAIL else 0 :]
    found = {root.log: root for line in lines if _is_whole(line) for root in _decoded([line])}
    if size > _TAIL and len(found) < len(LOGS):
        found = {root.log: root for root in published(path)}
    return found


def _decoded(lines: Iterable[bytes]) -> Iterator[Root]:
    for line in lines:
        if line.strip():
            yield msgspec.json.decode(line, type=Root)


def _is_whole(line: bytes) -> bool:
    return line.endswith(b"}\n")


def _append(path: Path, lines: bytes) -> None:
    """Append durably; a line that a crash tore is cut off first."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
        torn = len(tail) - (tail.rfind(b"\n") + 1)
        file.truncate(size - torn)
        file.seek(0, os.SEEK_END)
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    entry = os.open(path.parent, os.O_RDONLY)
    os.fsync(entry)
    os.close(entry)


def _disagree(log: str, no: int) -> Exception:
    return conflict(
        "roots_disagree",
        f"已公布的账本根（{log} 第 {no} 号）与数据库不符：数据库比公布的旧，或被改动过。请运行 hotline verify。",
        f"The published root {log} no. {no} is not in the database: it is older, or was altered. Run hotline verify.",
    )
