"""Backups and drills by themselves: when one is due, where it goes, how many are kept, what came of it.

Each runs in a child of its own, so that neither its memory nor its end touches the worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import shutil
import stat
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from hotline import city, clock, db, place, settings
from hotline.machine import runs
from hotline.settings import Settings

PATIENCE = 4 * 3600
"""Seconds that a backup or a drill may take."""
_LOCK = 0x4261636B  # "Back"
NAME = "hotline-*.tar"
_STAMP = "%Y%m%d-%H%M%S"
_STAMPED = re.compile(r"hotline-(\d{8}-\d{6})\.tar")
_LAST = """
    SELECT max(began_at) FROM machine_run
    WHERE kind = $1 AND began_at <= $2 AND ended_at IS NOT NULL AND code <> 'stopped'
"""
"""The last one that came to an end by itself. What a clock set forward dated into the future is none."""


def folder(one: Settings) -> Path | None:
    """Where scheduled backups lie; None where none are made by themselves."""
    return Path(one.backup_dir).expanduser() if one.backup_dir else None


def backups(one: Settings) -> list[Path]:
    """The scheduled backups there are, newest first; those that a clock set forward dated into the future last."""
    where = folder(one)
    if where is None or not where.is_dir():
        return []
    now = f"{clock.local(clock.now()):{_STAMP}}"
    found = [(match[1], path) for path in where.glob(NAME) if (match := _STAMPED.fullmatch(path.name))]
    return [path for stamp, path in sorted(found, key=lambda pair: (pair[0] <= now, pair[0]), reverse=True)]


async def backup_if_due() -> bool:
    """Make today's backup once its hour has come; False when none is due or wanted."""
    if folder(settings.current()) is None:
        return False
    now = clock.now()
    begin = clock.on(clock.local_day(now), int(city.current().rule("backup.hour")))
    due = begin if now >= begin else begin - timedelta(days=1)
    async with db.reading() as connection:
        last = await connection.fetchval(_LAST, "backup", now)
    return False if last is not None and due <= last else await make_backup()


async def drill_if_due() -> bool:
    """Restore the newest backup aside when the last good drill is older than the rule says, once a day at most."""
    if not backups(settings.current()):
        return False
    now = clock.now()
    async with db.reading() as connection:
        good = await runs.last_good(connection, "drill", now)
        last = await connection.fetchval(_LAST, "drill", now)
    is_fresh = good is not None and now - good < timedelta(days=int(city.current().rule("backup.drill_days")))
    return False if is_fresh or (last is not None and now - last < timedelta(days=1)) else await make_drill()


async def make_backup() -> bool:
    """A backup into the folder, in a child; the oldest beyond ``backup.keep`` go. Whether it is good."""
    one = settings.current()
    where = folder(one)
    if where is None:
        return False
    target = where / f"hotline-{clock.local(clock.now()):{_STAMP}}.tar"
    is_good = await _run("backup", target, ["backup", "--data", str(one.data_dir), "--to", str(target)])
    if is_good:
        for old in backups(one)[max(int(city.current().rule("backup.keep")), 1) :]:
            old.unlink(missing_ok=True)
    return is_good


async def make_drill() -> bool:
    """The newest backup restored aside and compared, in a child. Whether every count and root agrees."""
    one = settings.current()
    newest = next(iter(backups(one)), None)
    if newest is None:
        return False
    return await _run("drill", newest, ["restore", "--drill", str(newest), "--keys", str(one.key_dir)])


async def _run(kind: str, file: Path, arguments: list[str]) -> bool:
    """One at a time in the installation; what came of it is noted, and an alarm if it is not good.

    Under the lock whatever is noted as going on was killed, and what it left behind is nobody's.
    """
    async with db.borrowed() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            return False
        try:
            await runs.give_up()
            await asyncio.to_thread(_clear_remains, file.parent, PATIENCE)
            run = await runs.begin(kind, file.name)
            code = await _child(arguments)
            size = await asyncio.to_thread(_size, file)
            await runs.end(run, is_good=not code, size=size, code=code)
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    return not code


def _clear_remains(folder: Path, age: float) -> None:
    """Remove what backups and drills left that were killed more than ``age`` seconds ago: whole copies of the data."""
    before = clock.now().timestamp() - age
    drills = (Path(tempfile.gettempdir()).glob(name) for name in ("hotline-drill-*", "hotline-dump-*"))
    for one in [*folder.glob(".hotline-*"), *itertools.chain(*drills)]:
        with contextlib.suppress(FileNotFoundError):
            found = one.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and found.st_mtime < before:
                shutil.rmtree(one, ignore_errors=True)


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.exists() else None


async def _child(arguments: list[str]) -> str:
    """Run ourselves; "" when it went well, else a code that says how not. Never its words, which may quote rows."""
    one = settings.current()
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hotline", *arguments, env=place.environment(one),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        return type(error).__name__
    try:
        code = await asyncio.wait_for(child.wait(), PATIENCE - 60)
    except (TimeoutError, asyncio.CancelledError) as error:
        child.kill()
        if isinstance(error, asyncio.CancelledError):
            raise
        return "timeout"
    return "" if code == 0 else f"exit_{code}"
