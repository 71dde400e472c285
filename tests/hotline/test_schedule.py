"""Backups and drills by themselves: when one is due, what is kept, what came of it and who sees it."""

from __future__ import annotations

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


async def test_without_a_folder_none_is_made_by_itself(database: Place) -> None:
    assert not await schedule.backup_if_due()
    assert not await schedule.drill_if_due()
