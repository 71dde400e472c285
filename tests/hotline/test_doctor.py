"""`hotline doctor` finds each fault that is put into an installation, and says how to mend it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import msgspec
import pytest

from hotline import clock, doctor, embedded, settings, ward
from hotline.doctor import Finding
from hotline.settings import Settings
from tests.engines import Place


def named(findings: list[Finding], name: str) -> Finding:
    """The worst finding of a name."""
    order = ["bad", "warn", "good"]
    return min((one for one in findings if one.name == name), key=lambda one: order.index(one.level))


def local(one: Settings) -> list[Finding]:
    return [finding for check in doctor.LOCAL for finding in check(one)]


@pytest.fixture
def keys(database: Place, tmp_path: Path) -> Path:
    """A copy of the keys that a test may spoil."""
    folder = tmp_path / "keys"
    shutil.copytree(database.settings.key_dir, folder)
    folder.chmod(0o700)
    return folder


async def test_a_sound_installation_has_no_bad_finding(database: Place) -> None:
    findings = local(database.settings) + await ward.examine(database.settings)
    assert [one for one in findings if one.level == "bad" and one.name != "worker"] == []
    assert named(findings, "alarms").level == "warn", "no administrator would hear of one at night"


async def test_every_finding_that_is_not_good_says_how_to_mend_it(database: Place, tmp_path: Path) -> None:
    lost = msgspec.structs.replace(
        database.settings, data_dir=tmp_path / "none", key_dir=tmp_path / "no-keys", redis_url="unix:///nowhere"
    )
    findings = local(lost) + await ward.examine(lost)
    wrong = [one for one in findings if one.level != "good"]
    assert {"data", "keys", "valkey"} <= {one.name for one in wrong}
    assert all(one.mend and one.mend.zh and one.mend.en for one in wrong)


def test_keys_inside_the_data_folder_are_found(database: Place, keys: Path, tmp_path: Path) -> None:
    one = msgspec.structs.replace(database.settings, data_dir=tmp_path, key_dir=keys)
    assert "inside the data folder" in named(local(one), "keys").found.en


def test_keys_that_others_can_read_are_found(database: Place, keys: Path) -> None:
    one = msgspec.structs.replace(database.settings, key_dir=keys)
    assert named(local(one), "keys").level == "good"
    next(keys.iterdir()).chmod(0o644)
    assert named(local(one), "keys").level == "bad"


async def test_a_key_in_use_that_is_missing_is_found(database: Place, keys: Path) -> None:
    async with database.as_owner() as owner:
        await owner.execute(
            "INSERT INTO ledger_seal (log, no, first_position, last_position, root, prev, hash, at, key_id, signature)"
            " VALUES ('i', 1, 1, 1, $1, $1, $1, now(), 'cafebabe', '')",
            bytes(32),
        )
    found = named(await ward.examine(database.settings), "key ids")
    assert found.level == "bad"
    assert "cafebabe" in found.found.en


async def test_an_application_that_owns_tables_is_found(database: Place) -> None:
    one = msgspec.structs.replace(database.settings, database_url=database.settings.owner_url)
    found = named(await ward.examine(one), "rights")
    assert found.level == "bad"
    assert "hotline_owner" in found.found.en


async def test_a_right_to_delete_from_the_ledger_is_found(database: Place) -> None:
    async with database.as_owner() as owner:
        await owner.execute(f"GRANT DELETE ON case_event TO {embedded.APP}")
        found = named(await ward.examine(database.settings), "rights")
        await owner.execute(f"REVOKE DELETE ON case_event FROM {embedded.APP}")
    assert "case_event" in found.found.en
    assert found.level == "bad"


async def test_a_trigger_that_was_switched_off_is_found(database: Place) -> None:
    async with database.as_owner() as owner:
        await owner.execute("ALTER TABLE case_event DISABLE TRIGGER case_event_kept")
        found = named(await ward.examine(database.settings), "guards")
        await owner.execute("ALTER TABLE case_event ENABLE TRIGGER case_event_kept")
    assert "case_event.case_event_kept" in found.found.en
    assert named(await ward.examine(database.settings), "guards").level == "good"


async def test_a_migration_that_has_not_run_and_one_from_the_future_are_found(database: Place) -> None:
    async with database.as_owner() as owner:
        await owner.execute("UPDATE migration SET name = '7777_x' WHERE name = '0001_nouns'")
        lacking = named(await ward.examine(database.settings), "schema")
        await owner.execute("UPDATE migration SET name = '0001_nouns' WHERE name = '7777_x'")
        await owner.execute("INSERT INTO migration (name, app_name) VALUES ('8888_y', 'cases')")
        newer = named(await ward.examine(database.settings), "schema")
        await owner.execute("DELETE FROM migration WHERE name = '8888_y'")
    assert (lacking.level, newer.level) == ("bad", "bad")
    assert "cases/0001_nouns" in lacking.found.en
    assert "cases/8888_y" in newer.found.en


async def test_clocks_that_differ_are_found(database: Place) -> None:
    settings.use(msgspec.structs.replace(database.settings, time_shift=90.0))
    try:
        assert named(await ward.examine(database.settings), "clock").level == "bad"
    finally:
        settings.use(database.settings)


@pytest.mark.parametrize(("day", "level"), [("2026-06-01", "good"), ("2026-11-20", "warn"), ("2027-01-02", "bad")])
async def test_a_calendar_that_runs_out_is_found_in_time(database: Place, day: str, level: str) -> None:
    with clock.at(datetime.fromisoformat(day).replace(tzinfo=UTC)):
        assert named(await ward.examine(database.settings), "calendar").level == level


async def test_a_valkey_that_forgets_is_found(database: Place) -> None:
    import redis.asyncio

    async with redis.asyncio.Redis.from_url(database.settings.redis_url) as valkey:
        await valkey.config_set("maxmemory-policy", "allkeys-lru")
        found = named(await ward.examine(database.settings), "valkey")
        await valkey.config_set("maxmemory-policy", "noeviction")
    assert found.level == "warn"
    assert "allkeys-lru" in found.found.en


async def test_a_database_that_is_away_is_a_finding(database: Place) -> None:
    one = msgspec.structs.replace(database.settings, database_url="postgresql://x@/y?host=/nowhere")
    assert named(await ward.examine(one), "postgresql").level == "bad"


def test_a_package_that_took_our_name_is_found(database: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    owners: Mapping[str, list[str]] = {"channels": ["channels"], "web": ["web.py", "city-hotline"]}
    monkeypatch.setattr(metadata, "packages_distributions", lambda: owners)
    wrong = [one.found.en for one in local(database.settings) if one.name == "packages"]
    assert wrong == [
        "the package channels belongs to something else: channels",
        "the package web belongs to something else: web.py",
    ]


def test_a_disk_that_is_nearly_full_is_found(database: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=500_000_000))
    assert named(local(database.settings), "disk").level == "bad"
