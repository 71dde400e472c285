"""Where providers' messages wait while PostgreSQL is away: one local file, encrypted, on disk before the answer.

Each line is one sealed record (kind, moment, payload). Writers of several processes share the file under a lock and
a commit; one drainer renames it, hands its records over in their order and deletes it. Handlers must be safe twice.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import fcntl
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from hotline import clock, db, settings, vault
from hotline.errors import Refusal, plain, unavailable

log = logging.getLogger(__name__)

CURRENT, DAMAGED, LOCK = "current.spool", "damaged.spool", "drain.lock"
TOGETHER = 100
"""Records handed over at once: they end in one commit."""

Handler = Callable[[bytes, datetime], Awaitable[object]]
HANDLERS: dict[str, Handler] = {}
"""``await HANDLERS[kind](payload, when it came)``; each door adds its own when it is imported."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it waits on the disk."""

    kind: str
    at: datetime
    payload: bytes


class UnknownKind(Exception):  # noqa: N818 - what it is, not that it is one
    """No door of this process takes such records; one of another process does."""


class Drained(msgspec.Struct, frozen=True, kw_only=True):
    """What a drain did: records handed over, and lines that could not be read and were put aside.

    ``is_busy``: another process is handing over what waits, so that what came later should not be read yet.
    """

    done: int = 0
    damaged: int = 0
    is_busy: bool = False


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record).decode
_waiting: list[tuple[bytes, asyncio.Future[None]]] = []
_flight: asyncio.Task[None] | None = None


async def keep(kind: str, payload: bytes, at: datetime | None = None) -> None:
    """Write a record of what came ``at`` (now) down; returns once it is on the disk.

    A disk that takes nothing more is the 503 refusal.
    """
    global _flight
    sealed = vault.seal(_encode(Record(kind=kind, at=at or clock.now(), payload=payload)).decode(), "spool")
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    _waiting.append((base64.b64encode(sealed) + b"\n", future))
    if _flight is None or _flight.done() or _flight.get_loop() is not asyncio.get_running_loop():
        _flight = asyncio.get_running_loop().create_task(_write_all())
    await future


async def _write_all() -> None:
    """Whoever came while the disk was busy is written together next."""
    while _waiting:
        batch = list(_waiting)
        _waiting.clear()
        try:
            await asyncio.to_thread(_append, b"".join(line for line, _ in batch))
        except OSError as error:
            log.error("the spool could not be written\n%s", plain(error))  # noqa: TRY400 - no row is quoted
            answer: Refusal | None = unavailable()
        else:
            answer = None
        for _, future in batch:
            if future.done():
                continue
            if answer is None:
                future.set_result(None)
            else:
                future.set_exception(answer)


def _append(lines: bytes) -> None:
    """All of ``lines`` durably at the end, or none: a disk that fills up in the middle is cut back."""
    folder = _folder()
    with _locked(folder / CURRENT) as file:
        size = os.fstat(file).st_size
        torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        data = (b"\n" if torn else b"") + lines  # a record torn by a crash keeps its own line
        try:
            while data:
                data = data[os.write(file, data) :]
            os.fsync(file)
        except OSError:
            os.ftruncate(file, size)
            raise
        if size == 0:
            _sync(folder)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, held alone, and still the one of that name: the drainer may have taken it away meanwhile."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_ino == os.fstat(file).st_ino:
                    yield file
                    return
        finally:
            os.close(file)  # which also gives the lock back


async def drain() -> Drained:
    """Hand everything that waits to its handler, oldest first. One process at a time; the others do nothing.

    Raises what ``db.AWAY`` lists when PostgreSQL is away again: the rest waits, and what was handed over comes twice.
    """
    if not is_waiting():
        return Drained()
    with _alone() as is_mine:
        if not is_mine:
            return Drained(is_busy=True)
        await asyncio.to_thread(_take)
        done = damaged = 0
        for path in _taken():
            one = await _drain_file(path)
            done, damaged = done + one.done, damaged + one.damaged
    if done or damaged:
        log.warning("spool drained: %d messages, %d damaged", done, damaged)
    return Drained(done=done, damaged=damaged)


def is_waiting() -> bool:
    """Whether anything waits. Looks into one folder; costs nothing."""
    folder = settings.current().spool_dir
    return (folder / CURRENT).exists() or any(folder.glob("taken-*.spool"))


def figures() -> dict[str, int]:
    """Messages that wait here and lines that were put aside: for the operations page."""
    folder = settings.current().spool_dir
    names = [folder / CURRENT, *_taken()]
    return {"waiting": sum(map(_lines, names)), "damaged": _lines(folder / DAMAGED)}


def _lines(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def _folder() -> Path:
    folder = settings.current().spool_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _sync(folder: Path) -> None:
    entry = os.open(folder, os.O_RDONLY)
    os.fsync(entry)
    os.close(entry)


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    """Whether this process may drain now; a killed drainer's lock is gone with it."""
    file = os.open(_folder() / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(file)


def _take() -> None:
    """Put the current file aside, so that nobody appends to what is being read."""
    folder = _folder()
    if (folder / CURRENT).exists():
        with _locked(folder / CURRENT):
            (folder / CURRENT).rename(folder / f"taken-{int(clock.now().timestamp() * 1e6):020d}.spool")
        _sync(folder)


def _taken() -> list[Path]:
    return sorted(settings.current().spool_dir.glob("taken-*.spool"))


async def _drain_file(path: Path) -> Drained:
    lines = (await asyncio.to_thread(path.read_bytes)).split(b"\n")
    done, bad, left = 0, [], []
    for start in range(0, len(lines), TOGETHER):
        some = [line for line in lines[start : start + TOGETHER] if line]
        results = await asyncio.gather(*map(_hand_over, some), return_exceptions=True)
        for line, result in zip(some, results, strict=True):
            if isinstance(result, db.AWAY):
                raise result
            if isinstance(result, UnknownKind):
                left.append(line)
            elif isinstance(result, BaseException):
                log.error("a spooled message could not be taken\n%s", plain(result))
                bad.append(line)
            else:
                done += 1
    await asyncio.to_thread(_finish, path, bad, left)
    return Drained(done=done, damaged=len(bad))


async def _hand_over(line: bytes) -> None:
    try:
        sealed = base64.b64decode(line, validate=True)
    except binascii.Error as torn:
        raise ValueError("torn") from torn
    record = _decode(vault.unseal(sealed, "spool"))
    if record.kind not in HANDLERS:
        raise UnknownKind(record.kind)
    await HANDLERS[record.kind](record.payload, record.at)


def _finish(path: Path, bad: list[bytes], left: list[bytes]) -> None:
    """What could not be read is kept for a person to look at, what is another process's stays, the rest is done."""
    folder = _folder()
    if bad:
        with open(os.open(folder / DAMAGED, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as out:  # noqa: PTH123 - its mode from the first byte
            out.write(b"".join(line + b"\n" for line in bad))
            out.flush()
            os.fsync(out.fileno())
    if left:
        draft = path.with_suffix(".draft")
        draft.write_bytes(b"".join(line + b"\n" for line in left))
        draft.replace(path)
    else:
        path.unlink()
    _sync(folder)
