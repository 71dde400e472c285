"""A backup is one tar file: manifest, database dump, attachments, signed ledger roots. Keys are never in it.

Restoring makes a new embedded data folder and holds case count and ledger roots against the manifest.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from hotline import __version__, clock, erasures, migrate, place, servers
from hotline.embedded import Engines
from hotline.errors import Say
from hotline.servers import EngineError
from hotline.settings import Settings

FORMAT = 1
_MANIFEST, _DUMP = "manifest.json", "database.dump"
_FILES, _ROOTS = "files", "ledger"
SEALED = {
    "request": ("name", "phone", "address", "proxy_name", "about_person", "phone_index", "reply_to", "reply_index",
                "second_to"),
    "case_text": ("sealed",),
    "inbound_message": ("body",),
    "outbox_message": ("address", "body", "facts"),
    "person_reach": ("sms", "wechat", "email"),
    "arrival": ("sender", "body", "reply"),
    "correspondent": ("address_index", "address", "talk"),
    "account": ("phone", "phone_index", "name", "company"),
    "account_code": ("code_index", "phone"),
    "body_rating": ("about",),
    "notice_subscription": ("address", "address_index", "token"),
    "notice_rating": ("words",),
    "bounty_finding": ("finder", "phone", "phone_index", "payee"),
    "bounty_payment": ("payee",),
}
"""Columns that hold a key id (hotline.vault): sealed fields and blind indexes."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself; ``roots`` are the newest seal of each log, "p:12" -> hash in hex."""

    format: int = FORMAT
    version: str
    made_at: datetime
    postgres: int
    migrations: list[str]
    cases: int
    events: int
    acts: int
    roots: dict[str, str]
    keys: list[str]

    def sentence(self) -> str:
        """Its counts in one line."""
        roots = ", ".join(f"{no} {root[:12]}…" for no, root in self.roots.items()) or "-"
        counts = f"案件 / cases {self.cases}, 事件 / events {self.events}, 操作 / acts {self.acts}"
        return f"{counts}, 账本根 / roots {roots}"


class Made(msgspec.Struct, frozen=True):
    """A backup that was made; ``size`` in bytes."""

    file: Path
    size: int
    manifest: Manifest


class Outcome(msgspec.Struct, frozen=True):
    """How a restore compared: ``is_same`` when every count and root is, ``is_erased`` when nothing is left to erase."""

    is_same: bool
    lines: list[Say]
    is_erased: bool = True


async def backup(one: Settings, file: Path | None = None) -> Made:
    """Write a backup of the running installation; the dump and the counts are of one snapshot.

    The file appears whole or not at all, readable by its owner only. Raises EngineError when pg_dump fails.
    """
    target = file or Path(f"hotline-{clock.local(clock.now()):%Y%m%d-%H%M%S}.tar")
    if target.exists():
        raise EngineError(f"{target} 已经有了，没有覆盖。", f"{target} exists already and was not overwritten.")
    target.parent.mkdir(parents=True, exist_ok=True)
    url = one.owner_url or one.database_url
    with tempfile.TemporaryDirectory(prefix=".hotline-", dir=target.parent) as folder:
        aside = Path(folder)
        # Roots first, attachments last: no root is newer than the dump, no row older than its file.
        await asyncio.to_thread(_copy_roots, one.data_dir, aside)
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                manifest = await describe(connection)
                snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
                await asyncio.to_thread(_dump, url, snapshot, aside / _DUMP)
        finally:
            await connection.close()
        (aside / _MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        await asyncio.to_thread(_pack, aside, one.files_dir, aside / "whole.tar")
        (aside / "whole.tar").rename(target)
    await asyncio.to_thread(_sync, target.parent)
    return Made(target, target.stat().st_size, manifest)


async def describe(connection: asyncpg.Connection) -> Manifest:
    """The counts and roots of a database as it stands."""
    roots = await connection.fetch("SELECT DISTINCT ON (log) log, no, hash FROM ledger_seal ORDER BY log, no DESC")
    steps = await connection.fetch("SELECT app_name || '/' || name FROM migration ORDER BY id")
    return Manifest(
        version=__version__,
        made_at=clock.now(),
        postgres=connection.get_server_version().major,
        migrations=[row[0] for row in steps],
        cases=await connection.fetchval("SELECT count(*) FROM cases"),
        events=await connection.fetchval("SELECT count(*) FROM case_event"),
        acts=await connection.fetchval("SELECT count(*) FROM act"),
        roots={f"{row['log']}:{row['no']}": row["hash"].hex() for row in roots},
        keys=await keys_in_use(connection),
    )


async def keys_in_use(connection: asyncpg.Connection) -> list[str]:
    """The ids of every key under which something in the database is sealed, indexed or signed."""
    parts = [
        f"SELECT DISTINCT encode(substring({column} FROM 2 FOR 4), 'hex') FROM {table} WHERE {column} IS NOT NULL"
        for table, columns in SEALED.items()
        for column in columns
    ]
    rows = await connection.fetch(" UNION ".join([*parts, "SELECT DISTINCT key_id FROM ledger_seal"]))
    return sorted(row[0] for row in rows)


def keys_held(folder: Path) -> list[str]:
    """The ids of the keys in a key folder; none when there is no key file."""
    from hotline import vault

    try:
        return list(vault.Keys(folder, vault._read(folder)).ids)  # noqa: SLF001 - without making them this process's
    except vault.KeyMissing:
        return []


def restore(
    file: Path, into: Path, keys: Path | None = None, journals: Sequence[Path] = (), *, is_proven: bool = False
) -> Outcome:
    """Make a new data folder from a backup, compare it, and erase what ``journals`` say was erased since (rules.md 5).

    What fails half-way leaves nothing behind. ``is_proven``: the whole ledger is verified too.

    Raises EngineError when ``into`` is not empty, or the file is no backup or from a newer version.
    """
    folder = into.expanduser().absolute()
    if folder.exists() and any(folder.iterdir()):
        raise EngineError(f"{folder} 不是空的，没有动它。", f"{folder} is not empty; nothing was touched.")
    engines = Engines(folder)
    try:
        with tarfile.open(file) as archive:
            manifest = _manifest(archive)
            engines.start()
            try:
                keys = keys or folder.with_name(f"{folder.name}-keys")
                outcome = _fill(engines, archive, manifest, keys)
                outcome = _proven(outcome, engines, keys) if is_proven else outcome
                return _erase_again(outcome, engines, keys, journals) if journals else outcome
            finally:
                engines.stop()
    except BaseException:
        shutil.rmtree(engines.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        raise


def drill(file: Path, keys: Path | None = None, journals: Sequence[Path] = ()) -> Outcome:
    """Restore into a temporary folder, compare, remove it: shows that a backup can be used."""
    with tempfile.TemporaryDirectory(prefix="hotline-drill-") as folder:
        Path(folder).chmod(0o711)  # the servers' user walks through it when we are root
        engines = Engines(Path(folder) / "data")
        try:
            return restore(file, engines.data, keys, journals, is_proven=True)
        finally:
            shutil.rmtree(engines.home, ignore_errors=True)


def fill_database(engines: Engines, file: Path, keys: Path) -> Outcome:
    """Fill the empty database of engines that run from a backup's dump, compare and verify it: an upgrade's half."""
    with tarfile.open(file) as archive:
        return _proven(_fill(engines, archive, _manifest(archive), keys, with_files=False), engines, keys)


def _proven(outcome: Outcome, engines: Engines, keys: Path) -> Outcome:
    """The outcome with the ledger verified from its first event to its last, in a child; not without keys."""
    if not keys_held(keys):
        return outcome
    one = Settings(
        database_url=engines.app_url, redis_url=engines.redis_url, data_dir=engines.data, key_dir=keys.absolute()
    )
    command = [sys.executable, "-m", "hotline", "verify"]
    done = subprocess.run(command, env=place.environment(one), capture_output=True, text=True, check=False)
    is_good = done.returncode == 0
    line = (
        Say("✓ 账本逐条验过", "  the whole ledger verifies")
        if is_good
        else Say("✗ 账本验不过，请运行 hotline verify", "  the ledger does not verify: run `hotline verify`")
    )
    return msgspec.structs.replace(outcome, lines=[line, *outcome.lines], is_same=outcome.is_same and is_good)


def _fill(
    engines: Engines, archive: tarfile.TarFile, manifest: Manifest, keys: Path, *, with_files: bool = True
) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="hotline-dump-") as aside:
        archive.extract(_DUMP, aside, filter="data")
        _tool("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", "--jobs=2",
              f"--dbname={engines.owner_url}", str(Path(aside) / _DUMP))  # fmt: skip
    for member in archive.getmembers():
        if with_files and member.name.partition("/")[0] in {_FILES, _ROOTS}:
            archive.extract(member, engines.data, filter="data")
    asyncio.run(migrate.prepare(engines.owner_url, engines.app_url))
    found = asyncio.run(_described(engines.owner_url))
    lines, is_same = _compare(manifest, found)
    lines.append(_readable(manifest, keys))
    return Outcome(is_same, lines)


def journals_near(file: Path, one: Settings) -> list[Path]:
    """The journals of erasures beside a backup file and in this installation's data folder, if there are any."""
    places = (file.absolute().parent / erasures.JOURNAL, erasures.journal(one))
    return [path for path in places if path.exists()]


def _erase_again(outcome: Outcome, engines: Engines, keys: Path, journals: Sequence[Path]) -> Outcome:
    """In a child: this process may have a house of its own open."""
    one = Settings(
        database_url=engines.app_url, redis_url=engines.redis_url, data_dir=engines.data, key_dir=keys.absolute()
    )
    own = erasures.journal(one)  # first of all: should the rest fail, the doctor knows what is still to be erased
    for path in journals:
        erasures.add(own, erasures.read(path))
    command = [sys.executable, "-m", "hotline", "erasures", "--replay", str(own), "--json"]
    done = subprocess.run(command, env=place.environment(one), capture_output=True, text=True, check=False)
    try:
        told = msgspec.json.decode(done.stdout.encode(), type=erasures.Replayed)
    except msgspec.MsgspecError:
        why = " ".join(done.stderr.strip().splitlines()[-1:])
        again = f"hotline erasures --data {engines.data} --replay {own}"
        lines = [Say(f"✗ 没能重新擦除，请运行 {again}：{why}", f"  not erased again; run {again}")]
        return msgspec.structs.replace(outcome, lines=outcome.lines + lines, is_erased=False)
    return Outcome(outcome.is_same, outcome.lines + told.sentences(), is_erased=not told.open_cases)


async def _described(url: str) -> Manifest:
    connection = await asyncpg.connect(url)
    try:
        return await describe(connection)
    finally:
        await connection.close()


def _compare(told: Manifest, found: Manifest) -> tuple[list[Say], bool]:
    pairs: dict[str, tuple[Any, Any]] = {
        "案件数 / case count": (told.cases, found.cases),
        "事件数 / event count": (told.events, found.events),
        "操作数 / act count": (told.acts, found.acts),
        "账本根 / ledger roots": (told.roots, found.roots),
    }
    lines = []
    for name, (was, now) in pairs.items():
        zh, en = name.split(" / ")
        shown = f"{now:,}" if isinstance(now, int) else ", ".join(f"{k} {v[:12]}…" for k, v in now.items()) or "-"
        if was == now:
            lines.append(Say(f"✓ {zh}一致：{shown}", f"  {en} agrees: {shown}"))
        else:
            lines.append(Say(f"✗ {zh}不一致：备份 {was}，恢复 {now}", f"  {en} differs: backup {was}, restored {now}"))
    return lines, all(was == now for was, now in pairs.values())


def _readable(manifest: Manifest, keys: Path) -> Say:
    missing = sorted(set(manifest.keys) - set(keys_held(keys)))
    if not missing:
        return Say(f"✓ {keys} 的密钥读得了全部个人信息", f"  the keys in {keys} read every personal field")
    names = ", ".join(missing)
    return Say(
        f"! {keys} 缺密钥 {names}：个人信息暂时读不了，把另存的密钥放回去即可",
        f"  {keys} lacks keys {names}: personal fields cannot be read until the keys kept elsewhere are put back",
    )


def _manifest(archive: tarfile.TarFile) -> Manifest:
    try:
        member = archive.extractfile(_MANIFEST)
        manifest = msgspec.json.decode(member.read() if member else b"", type=Manifest)
    except (KeyError, msgspec.MsgspecError):
        raise EngineError("这不是本系统的备份文件。", "This is not a backup file of this system.") from None
    if manifest.format > FORMAT or manifest.postgres > migrate.NEWEST:
        raise EngineError(
            f"备份来自更新的版本（{manifest.version}），请先升级。",
            f"The backup is from a newer version ({manifest.version}); upgrade first.",
        )
    return manifest


def _dump(url: str, snapshot: str, file: Path) -> None:
    _tool("pg_dump", "--format=custom", "--compress=gzip:6", "--no-owner", "--no-privileges",
          "--no-unlogged-table-data", "--exclude-table-data=session",
          f"--snapshot={snapshot}", f"--file={file}", f"--dbname={url}")  # fmt: skip


def _tool(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs, from the wheel: the system's may be older than the server."""
    done = subprocess.run([servers.postgres_programs() / name, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EngineError(f"{name} 失败：{done.stderr.strip()}", f"{name} failed: {done.stderr.strip()}")


def _sync(folder: Path) -> None:
    """The renamed file is there after a power cut too."""
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)


def _copy_roots(data: Path, aside: Path) -> None:
    if (data / _ROOTS).is_dir():
        shutil.copytree(data / _ROOTS, aside / _ROOTS)


def _pack(aside: Path, files: Path, file: Path) -> None:
    parts = [(aside / _MANIFEST, _MANIFEST), (aside / _DUMP, _DUMP), (aside / _ROOTS, _ROOTS), (files, _FILES)]
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        with tarfile.open(fileobj=out, mode="w|") as archive:
            for source, name in parts:
                if source.exists():
                    archive.add(source, name)
        out.flush()
        os.fsync(out.fileno())
