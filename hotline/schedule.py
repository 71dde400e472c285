"""Backups and drills by themselves: when one is due, where it goes, how many are kept, what came of it.

Each runs in a child of its own, so that neither its memory nor its end touches the worker.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from hotline import city, clock, db, place, settings
from hotline.machine import runs
from hotline.settings import Settings

PATIENCE = 4 * 3600
"""Seconds that a backup or a drill may take."""
_LOCK = 0x4261636B  # "Back"
NAME = "hotline-*.tar"


def folder(one: Settings) -> Path | None:
    """Where scheduled backups lie; None where none are made by themselves."""
    return Path(one.backup_dir).expanduser() if one.backup_dir else None


def backups(one: Settings) -> list[Path]:
    """The scheduled backups there are, newest first."""
    where = folder(one)
    return sorted(where.glob(NAME), reverse=True) if where is not None and where.is_dir() else []


async def backup_if_due() -> bool:
    """Make today's backup once its hour has come; False when none is due or wanted."""
    if folder(settings.current()) is None:
        return False
    now = clock.now()
    begin = clock.on(clock.local_day(now), int(city.current().rule("backup.hour")))
    due = begin if now >= begin else begin - timedelta(days=1)
    async with db.reading() as connection:
        last = await connection.fetchval("SELECT max(began_at) FROM machine_run WHERE kind = 'backup'")
    return False if last is not None and due <= last <= now else await make_backup()


async def drill_if_due() -> bool:
    """Restore the newest backup aside when the last good drill is older than the rule says, once a day at most."""
    if not backups(settings.current()):
        return False
    now = clock.now()
    async with db.reading() as connection:
        good = await runs.last_good(connection, "drill")
        last = await connection.fetchval("SELECT max(began_at) FROM machine_run WHERE kind = 'drill'")
    is_fresh = good is not None and now - good < timedelta(days=int(city.current().rule("backup.drill_days")))
    return False if is_fresh or (last is not None and now - last < timedelta(days=1)) else await make_drill()


async def make_backup() -> bool:
    """A backup into the folder, in a child; the oldest beyond ``backup.keep`` go. Whether it is good."""
    one = settings.current()
    where = folder(one)
    if where is None:
        return False
    target = where / f"hotline-{clock.local(clock.now()):%Y%m%d-%H%M%S}.tar"
    is_good = await _run("backup", target, ["backup", "--data", str(one.data_dir), "--to", str(target)])
    if is_good:
        for old in backups(one)[int(city.current().rule("backup.keep")) :]:
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
    """One at a time in the installation; what came of it is noted, and an alarm if it is not good."""
    async with db.borrowed() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            return False
        try:
            run = await runs.begin(kind, file.name)
            code = await _child(arguments)
            size = await asyncio.to_thread(_size, file)
            await runs.end(run, is_good=not code, size=size, code=code)
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    return not code


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
