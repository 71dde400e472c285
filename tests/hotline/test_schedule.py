"""Backups and drills by themselves: when one is due, what is kept, what came of it and who sees it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from hotline import clock, db, schedule, settings
from hotline.machine import runs
from tests.engines import Place

NIGHT = clock.on(clock.today(), 3)


@pytest.fixture
def folder(database: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where backups go; making one writes a small file instead, for pg_dump has its own tests."""
    one = msgspec.structs.replace(settings.current(), backup_dir=str(tmp_path))
    monkeypatch.setattr(settings, "_current", one)

    async def child(arguments: list[str]) -> str:
        if arguments[0] == "backup":
            Path(arguments[-1]).write_bytes(b"x" * 10)
        return "exit_1" if (tmp_path / "broken").exists() else ""

    monkeypatch.setattr(schedule, "_child", child)
    return tmp_path


async def count(kind: str) -> int:
    async with db.reading() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM machine_run WHERE kind = $1", kind))


async def test_a_backup_is_made_once_a_day_after_its_hour_and_the_oldest_go(database: Place, folder: Path) -> None:
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM machine_run")
    for day in range(16):
        with clock.at(NIGHT + timedelta(days=day)):
            assert await schedule.backup_if_due()
            assert not await schedule.backup_if_due()
    with clock.at(NIGHT + timedelta(days=16, hours=-2)):
        assert not await schedule.backup_if_due(), "its hour has not come"
    assert await count("backup") == 16
    assert len(list(folder.glob(schedule.NAME))) == 14, "rule backup.keep"


async def test_a_drill_is_done_when_the_last_good_one_is_old_and_a_failure_shows(
    database: Place, folder: Path
) -> None:
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM machine_run")
    with clock.at(NIGHT):
        assert not await schedule.drill_if_due(), "there is nothing to restore"
        await schedule.make_backup()
        assert await schedule.drill_if_due()
    with clock.at(NIGHT + timedelta(days=29)):
        assert not await schedule.drill_if_due()
    (folder / "broken").touch()
    with clock.at(NIGHT + timedelta(days=31)):
        assert not await schedule.drill_if_due()
        assert not await schedule.drill_if_due(), "once a day"
    assert await count("drill") == 2
    async with db.reading() as connection:
        found = {one.code: one.value for one in await runs.readings(connection, NIGHT + timedelta(days=31))}
        last = (await runs.recent(connection))[0]
    assert found == {"backup": 31 * 24.0, "drill": 31.0, "failed": 1.0}
    assert (last.kind, last.is_good, last.code) == ("drill", False, "exit_1")


async def test_what_a_clock_that_ran_ahead_left_is_neither_todays_backup_nor_the_newest(
    database: Place, folder: Path
) -> None:
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM machine_run")
    with clock.at(NIGHT + timedelta(days=400)):
        await schedule.make_backup()
        await schedule.make_drill()
    (folder / "hotline-before-the-move.tar").touch()
    with clock.at(NIGHT):
        assert await schedule.backup_if_due()
        assert not await schedule.backup_if_due(), "else one each quarter of an hour, and the good ones go"
        newest, ahead = schedule.backups(settings.current())
        assert newest.name < ahead.name
        assert await schedule.drill_if_due()
        async with db.reading() as connection:
            found = {one.code: one.value for one in await runs.readings(connection, NIGHT + timedelta(hours=40))}
            last = (await runs.recent(connection, 3))[-1]
    assert last.file == newest.name, "and that is what was drilled"
    assert found["backup"] == 40.0


async def test_a_backup_that_was_killed_is_made_again_and_what_it_left_is_removed(
    database: Place, folder: Path
) -> None:
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM machine_run")
    left, going = folder / ".hotline-abc", folder / ".hotline-def"
    for one in (left, going):
        one.mkdir()
        (one / "database.dump").write_bytes(b"x")
    with clock.at(NIGHT):
        await runs.begin("backup", "hotline-20261126-020000.tar")
        old = (clock.now() - timedelta(hours=5)).timestamp()
        new = (clock.now() - timedelta(minutes=5)).timestamp()
        os.utime(left, (old, old))
        os.utime(going, (new, new))
        assert await schedule.backup_if_due()
        assert not await schedule.backup_if_due()
        async with db.reading() as connection:
            states = {one.code for one in await runs.recent(connection)}
            found = {one.code: one.value for one in await runs.readings(connection, clock.now())}
    assert states == {"", "stopped"}
    assert found["failed"] == 0.0
    assert (left.exists(), going.exists()) == (False, True)


async def test_without_a_folder_none_is_made_by_itself(database: Place) -> None:
    assert not await schedule.backup_if_due()
    assert not await schedule.drill_if_due()
