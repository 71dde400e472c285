"""The embedded database carried over: with one version at hand, from that version to itself; refusals by PG_VERSION."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from hotline import migrate, servers, upgrading
from hotline.embedded import UNDERWAY, Engines
from hotline.errors import Say
from hotline.servers import EngineError
from tests.engines import _FAST
from tests.houses import ROOT


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder with the schema and two people in it; nobody runs it."""
    with tempfile.TemporaryDirectory(prefix="hlg") as folder:
        Path(folder).chmod(0o711)
        engines = Engines(Path(folder) / "d", settings=_FAST)
        engines.start()
        try:
            asyncio.run(_fill(engines))
        finally:
            engines.stop()
        yield engines.data


async def _fill(engines: Engines) -> None:
    await migrate.prepare(engines.owner_url, engines.app_url)
    connection = await asyncpg.connect(engines.app_url)
    await connection.execute("INSERT INTO person (id, login, name) VALUES (gen_random_uuid(), 'first', '甲')")
    await connection.close()


async def _people(engines: Engines) -> int:
    connection = await asyncpg.connect(engines.app_url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM person"))
    finally:
        await connection.close()


def test_an_installation_goes_into_no_folder_that_holds_something_else(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("bundle", ROOT / "deploy" / "bundle.py")
    assert spec
    assert spec.loader
    bundle = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bundle)
    script, mine = tmp_path / "install.sh", tmp_path / "opt" / "mine"
    script.write_text(bundle.INSTALL)
    mine.parent.mkdir()
    mine.write_text("mine")
    refused = subprocess.run(["sh", script, f"{mine.parent}/"], capture_output=True, text=True, check=False)
    assert (refused.returncode, "nothing was touched" in refused.stdout) == (1, True)
    (mine.parent / "pyvenv.cfg").touch()
    (mine.parent / "var").mkdir()
    refused = subprocess.run(["sh", script, mine.parent], capture_output=True, text=True, check=False)
    assert (refused.returncode, "There are data" in refused.stdout) == (1, True)
    assert mine.read_text() == "mine"


def test_data_of_another_major_version_are_refused_with_what_to_do(data: Path) -> None:
    version = data / "engines" / "postgres" / "PG_VERSION"
    have = version.read_text(encoding="ascii")
    version.write_text("13\n", encoding="ascii")
    try:
        with pytest.raises(EngineError) as told:
            Engines(data, settings=_FAST).start()
        assert "upgrade-database --old-bin" in told.value.say.en
        with pytest.raises(EngineError, match="of PostgreSQL 13"):
            upgrading.upgrade(data, servers.postgres_programs(), data / "k", lambda _: None)
    finally:
        version.write_text(have, encoding="ascii")
    with pytest.raises(EngineError, match="already"):
        upgrading.upgrade(data, servers.postgres_programs(), data / "k", lambda _: None)
    with pytest.raises(EngineError, match="no programs"):
        upgrading.upgrade(data, data, data / "k", lambda _: None)


def test_data_are_dumped_restored_and_compared_and_the_old_folder_stays(data: Path) -> None:
    lines: list[Say] = []
    same = servers.postgres_programs()
    kept = upgrading.upgrade(data, same, data.parent / "keys", lines.append, new_bin=same)
    assert (kept / "PG_VERSION").exists()
    assert any("case count agrees" in one.en for one in lines)
    engines = Engines(data, settings=_FAST)
    engines.start()
    try:
        assert asyncio.run(_people(engines)) == 1
    finally:
        engines.stop()


def test_what_differs_is_put_back(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (data / "engines" / "postgres").stat().st_ino
    same = servers.postgres_programs()
    monkeypatch.setattr(upgrading, "_restore", lambda *_: upgrading.backup.Outcome(is_same=False, lines=[]))
    with pytest.raises(EngineError, match="put back"):
        upgrading.upgrade(data, same, data.parent / "keys", lambda _: None, new_bin=same)
    assert (data / "engines" / "postgres").stat().st_ino == before


def test_one_that_was_cut_off_lets_nobody_start_until_the_old_data_are_back(data: Path) -> None:
    old = data / "engines" / "postgres"
    before, kept = old.stat().st_ino, old.with_name("postgres-18-20261126")
    upgrading._begin(data, kept)
    old.rename(kept)
    with pytest.raises(EngineError, match="cut off"):
        Engines(data, settings=_FAST).start()
    assert not old.exists(), "an empty city would have begun here"
    old.mkdir()
    with pytest.raises(EngineError, match="already"):
        upgrading.upgrade(data, servers.postgres_programs(), data.parent / "keys", lambda _: None)
    assert old.stat().st_ino == before
    assert not (data / UNDERWAY).exists()
