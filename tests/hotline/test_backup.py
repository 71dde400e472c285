"""A backup can be used: it restores to the same counts and roots, holds no keys, and says when it is not the same."""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cases import seals
from hotline import backup, place, servers
from hotline.backup import Manifest
from tests import builders
from tests.engines import Place


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A short-named folder that the servers' user can walk through."""
    here = Path(tempfile.mkdtemp(prefix="hlb"))
    here.chmod(0o711)
    yield here
    shutil.rmtree(here, ignore_errors=True)


@pytest.fixture(scope="module")
async def made(database: Place, folder: Path) -> backup.Made:
    """A backup of a house with two cases, a sealed ledger and an attachment."""
    await builders.a_case("closed")
    await builders.a_case("registered")
    await seals.seal_all()
    files = database.settings.files_dir / "aa"
    files.mkdir(parents=True, exist_ok=True)
    (files / "photo").write_bytes(b"a photo")
    return await backup.backup(database.settings, folder / "b.tar")


def altered(made: backup.Made, folder: Path, **change: object) -> Path:
    """The same backup with another manifest."""
    target = folder / "altered.tar"
    manifest = msgspec.json.encode(msgspec.structs.replace(made.manifest, **change))
    with tarfile.open(made.file) as source, tarfile.open(target, "w") as out:
        for member in source.getmembers():
            if member.name == "manifest.json":
                member.size = len(manifest)
                out.addfile(member, io.BytesIO(manifest))
            else:
                out.addfile(member, source.extractfile(member) if member.isfile() else None)
    return target


def test_the_manifest_counts_what_is_there(made: backup.Made) -> None:
    assert made.manifest.cases == 2
    assert made.manifest.events > 10
    assert {log.partition(":")[0] for log in made.manifest.roots} >= {"p", "i"}


def test_a_backup_is_the_owners_alone_and_never_overwritten(made: backup.Made, database: Place) -> None:
    import asyncio

    assert made.file.stat().st_mode & 0o777 == 0o600
    assert list(made.file.parent.glob(".hotline-*")) == []
    with pytest.raises(servers.EngineError, match="exists already"):
        asyncio.run(backup.backup(database.settings, made.file))


def test_no_key_is_in_a_backup(made: backup.Made, database: Place) -> None:
    secret = (database.settings.key_dir / "keys.json").read_bytes()
    key = msgspec.json.decode(secret)["keys"][0]["secret"].encode()
    with tarfile.open(made.file) as archive:
        names = archive.getnames()
        assert not [name for name in names if "key" in name]
        for member in archive.getmembers():
            if member.isfile() and member.name != "database.dump":
                assert key not in archive.extractfile(member).read()  # type: ignore[union-attr]


def test_a_drill_agrees_and_leaves_nothing(made: backup.Made, database: Place) -> None:
    before = set(Path(tempfile.gettempdir()).glob("hotline-*"))
    outcome = backup.drill(made.file, database.settings.key_dir)
    assert outcome.is_same
    assert any("case count agrees: 2" in one.en for one in outcome.lines)
    assert "read every personal field" in outcome.lines[-1].en
    assert set(Path(tempfile.gettempdir()).glob("hotline-*")) <= before


def test_a_drill_tells_a_missing_case_another_root_and_keys_that_are_not_there(
    made: backup.Made, folder: Path, tmp_path: Path
) -> None:
    """One drill for the three: each costs a database of its own."""
    outcome = backup.drill(altered(made, folder, cases=3, roots={"p:1": "00" * 32}), tmp_path)
    assert not outcome.is_same
    differing = [line.en.split()[0] for line in outcome.lines if "differs" in line.en or "differ:" in line.en]
    assert differing == ["case", "ledger"]
    assert "cannot be read" in outcome.lines[-1].en


def test_a_restored_folder_is_an_installation(made: backup.Made, folder: Path, database: Place) -> None:
    into = folder / "restored"
    shutil.copytree(database.settings.key_dir, folder / "restored-keys")
    assert backup.restore(made.file, into).is_same
    assert (into / "files" / "aa" / "photo").read_bytes() == b"a photo"
    with place.opened(into) as one:
        import asyncio

        from hotline import ward

        found = asyncio.run(ward.examine(one))
    place.settings.use(database.settings)
    assert [finding.name for finding in found if finding.level == "bad"] == []


def test_a_folder_that_is_not_empty_is_left_alone(made: backup.Made, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(servers.EngineError, match="not empty"):
        backup.restore(made.file, tmp_path)
    assert (tmp_path / "mine").read_text() == "mine"


def test_what_is_no_backup_leaves_nothing_behind(folder: Path) -> None:
    fake = folder / "fake.tar"
    with tarfile.open(fake, "w") as archive:
        archive.addfile(tarfile.TarInfo("hello"), io.BytesIO())
    with pytest.raises(servers.EngineError, match="not a backup"):
        backup.restore(fake, folder / "nothing")
    assert not (folder / "nothing").exists()


def test_a_backup_from_a_newer_version_is_refused(made: backup.Made, folder: Path) -> None:
    with pytest.raises(servers.EngineError, match="upgrade first"):
        backup.drill(altered(made, folder, format=backup.FORMAT + 1))


def test_the_manifest_reads_back_as_it_was_written(made: backup.Made) -> None:
    assert msgspec.json.decode(msgspec.json.encode(made.manifest), type=Manifest) == made.manifest
