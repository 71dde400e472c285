"""The embedded PostgreSQL's data carried over to another major version: dumped from the old, restored into the new.

The old folder stays until somebody removes it. Whatever fails puts it back where it was; after a power cut the file
``embedded.UNDERWAY`` keeps everybody out of the half-made one until the next try has put the old one back.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from hotline import backup, clock, place, servers
from hotline.embedded import UNDERWAY, Engines
from hotline.errors import Say
from hotline.servers import EngineError
from hotline.settings import Settings

_SINCE_18 = "io_method"


def upgrade(
    data: Path, old_bin: Path, keys: Path, say: Callable[[Say], None], *, new_bin: Path | None = None
) -> Path:
    """Carry the data folder's database over to the PostgreSQL that is installed; returns where the old one is kept.

    Raises EngineError when it runs, when there is nothing to do, when the versions do not fit, or when what was
    restored differs in any count or root, or does not prove its ledger.
    """
    _put_back(data.expanduser().absolute())
    new = new_bin or servers.postgres_programs()
    old = Engines(data, programs=old_bin, settings=_known(servers.version_of(old_bin)))
    have, wanted = old.postgres.major, servers.version_of(new)
    if not have:
        raise EngineError(f"{data} 里没有自带数据库的数据。", f"There are no data of an embedded database in {data}.")
    if have == wanted and new_bin is None:
        raise EngineError(f"数据已经是 PostgreSQL {have} 的。", f"The data are of PostgreSQL {have} already.")
    if have != servers.version_of(old_bin):
        raise EngineError(
            f"数据是 PostgreSQL {have} 的，{old_bin} 里是 {servers.version_of(old_bin)}。",
            f"The data are of PostgreSQL {have}, the programs in {old_bin} of {servers.version_of(old_bin)}.",
        )
    file = old.data / f"before-upgrade-{have}-{clock.now():%Y%m%d%H%M%S}.tar"
    say(Say(f"导出 PostgreSQL {have} …", f"dumping PostgreSQL {have} …"))
    made = _dump(old, file, keys)
    say(Say(made.manifest.sentence(), ""))
    kept = old.postgres.data.with_name(f"postgres-{have}-{clock.now():%Y%m%d%H%M%S}")
    _begin(old.data, kept)
    try:
        old.postgres.data.rename(kept)
        say(Say(f"放入 PostgreSQL {wanted} …", f"restoring into PostgreSQL {wanted} …"))
        outcome = _restore(Engines(data, programs=new, is_upgrade=True), file, keys)
        for line in outcome.lines:
            say(line)
        _demand_same(outcome)
    except BaseException:
        _put_back(old.data)
        raise
    (old.data / UNDERWAY).unlink()
    return kept


def _begin(data: Path, kept: Path) -> None:
    """Note where the old folder is about to go, on the disk before it goes."""
    with (data / UNDERWAY).open("w", encoding="utf-8") as file:
        file.write(str(kept))
        file.flush()
        os.fsync(file.fileno())


def _put_back(data: Path) -> None:
    """The old folder where it was, if an upgrade ended in the middle."""
    note = data / UNDERWAY
    if not note.exists():
        return
    kept = Path(note.read_text(encoding="utf-8"))
    if kept.is_dir():
        shutil.rmtree(kept.with_name("postgres"), ignore_errors=True)
        kept.rename(kept.with_name("postgres"))
    note.unlink()


def _demand_same(outcome: backup.Outcome) -> None:
    if not outcome.is_same:
        raise EngineError("两边不一致，已换回旧的。", "The two differ; the old one was put back.")


def _known(major: str) -> dict[str, str]:
    """Settings that an older server does not know, as ones that it does."""
    return {} if int(major) >= 18 else {_SINCE_18: ""}


def _dump(old: Engines, file: Path, keys: Path) -> backup.Made:
    old.start()
    try:
        return asyncio.run(backup.backup(_settings(old, keys), file))
    finally:
        old.stop()


def _restore(new: Engines, file: Path, keys: Path) -> backup.Outcome:
    new.start()
    try:
        return backup.fill_database(new, file, keys)
    finally:
        new.stop()


def _settings(engines: Engines, keys: Path) -> Settings:
    one = Settings(data_dir=engines.data, key_dir=keys)
    return place.on(engines, one)

