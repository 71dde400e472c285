"""Real PostgreSQL and Valkey for the tests: one pair a session, a database a module, cloned from a seeded template."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import asyncpg
import msgspec
import redis.asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from hotline import credentials, db, embedded, jobs, migrate, place, settings
from hotline.settings import Settings

TEMPLATE = "hotline_template"
credentials._hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),))
"""Hundreds of people are made and sign in here: at the strength of real passwords that would be minutes of a core."""
_FAST = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "wal_level": "minimal",
    "max_wal_senders": "0", "min_wal_size": "32MB", "max_wal_size": "256MB",
    "max_connections": "120", "autovacuum": "off",
}  # fmt: skip
"""Nothing here outlives its session. What survives a crash is tested on servers with the settings of the house."""
MEMORY = Path("/dev/shm")  # noqa: S108 - the system's own folder in memory, as open as /tmp
_ROOM = 4 << 30


class Place(msgspec.Struct, frozen=True):
    """One module's database with its Valkey number and its folders, as settings and as addresses."""

    name: str
    settings: Settings
    root_url: str

    @contextlib.asynccontextmanager
    async def as_owner(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the tables' owner: for tampering by hand."""
        connection = await asyncpg.connect(self.settings.owner_url)
        try:
            yield connection
        finally:
            await connection.close()

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs to work on this database."""
        return place.environment(self.settings)


def use_memory() -> None:
    """Temporary files in memory where there is room: a module's database is a thousand files to make and unmake.

    A TMPDIR that somebody set stays. The folder must let programs run: servers copy theirs to where they may enter.
    """
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return
    state = os.statvfs(MEMORY)
    if state.f_bavail * state.f_frsize >= _ROOM and not state.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


@contextlib.contextmanager
def started() -> Iterator[embedded.Engines]:
    """Both servers in a short-named temporary folder, with the template ready; all gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="hl"))
    folder.chmod(0o711)  # root's servers run as nobody and walk through it
    engines = embedded.Engines(folder / "d", settings=_FAST)
    engines.start()
    try:
        (folder / "keys").mkdir(mode=0o700)
        asyncio.run(_make_template(engines, folder / "keys"))
        yield engines
    finally:
        engines.stop()
        shutil.rmtree(folder, ignore_errors=True)


def keys_of(engines: embedded.Engines) -> Path:
    """The session's key folder, outside the data folder."""
    return engines.data.parent / "keys"


def present(module: str) -> bool:
    """Whether a module of the house exists yet."""
    return importlib.util.find_spec(module) is not None


async def _make_template(engines: embedded.Engines, keys: Path) -> None:
    root = await asyncpg.connect(engines.url(embedded.ROOT, "postgres"))
    await root.execute(f"CREATE DATABASE {TEMPLATE} OWNER {embedded.OWNER}")
    await root.close()
    await migrate.migrate(engines.url(embedded.OWNER, TEMPLATE), embedded.APP)
    here = _settings(engines, TEMPLATE, 63, keys.parent / "template")
    async with opened(here):
        if present("hotline.seeds"):
            from hotline import seeds

            await seeds.demo()
            # Cases wait for the hand that a test names; tests of automatic acceptance set it to 1 themselves.
            await db.pool().execute("UPDATE rule SET value = '0' WHERE key = 'accept.automatic'")
            # Stories of a fixed day find the demo's people in their roles, also once that day is past.
            await db.pool().execute("UPDATE role_grant SET valid_from = '2026-01-01'")


def _settings(engines: embedded.Engines, name: str, number: int, folder: Path) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    return Settings(
        database_url=engines.url(embedded.APP, name),
        owner_url=engines.url(embedded.OWNER, name),
        redis_url=f"{engines.redis_url}?db={number}",
        data_dir=folder,
        key_dir=keys_of(engines),
        time_shift=settings.read().time_shift,  # HOTLINE_TIME_SHIFT=360000 make test: the suite at another hour or day
    )


@contextlib.asynccontextmanager
async def opened(here: Settings) -> AsyncIterator[None]:
    """This process works on ``here``: settings, pool, keys, city, flow; all closed afterwards."""
    settings.use(here)
    await db.connect()
    try:
        if present("hotline.vault"):
            from hotline import vault

            vault.open_keys(here.key_dir, create=True)
        if present("hotline.flow"):
            from hotline import flow

            flow.fill()
        yield
    finally:
        try:
            await jobs.close()
        finally:
            await db.disconnect()


@contextlib.asynccontextmanager
async def cloned(engines: embedded.Engines, name: str, number: int) -> AsyncIterator[Place]:
    """A fresh copy of the template named ``name``, open in this process, dropped afterwards."""
    folder = engines.data.parent / name
    here = _settings(engines, name, number, folder)
    root = await asyncpg.connect(engines.url(embedded.ROOT, "postgres"))
    try:
        await root.execute(f"CREATE DATABASE {name} OWNER {embedded.OWNER} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        async with redis.asyncio.Redis.from_url(here.redis_url) as valkey:
            await valkey.flushdb()
        async with opened(here):
            if await db.pool().fetchval("SELECT EXISTS (SELECT FROM unit)"):
                from hotline import city
                from routing import book

                await city.load()
                await book.load()
            yield Place(name, here, engines.url(embedded.ROOT, name))
        await root.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await root.close()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def served(environment: Mapping[str, str], log: Path, *, worker: bool = True) -> Iterator[str]:
    """A real web process and a real worker on a database; yields the address. Raises with the log when it fails."""
    port = free_port()
    command = [sys.executable, "-m", "hotline"]
    with log.open("ab") as out:
        wanted = [["web", "--port", str(port)], *([["worker"]] if worker else [])]
        children = [
            subprocess.Popen([*command, *words], env=dict(environment), stdout=out, stderr=out) for words in wanted
        ]
        try:
            _wait_for(port, children[0], log)
            yield f"http://127.0.0.1:{port}"
        finally:
            for child in children:
                child.terminate()
            for child in children:
                try:
                    child.wait(15)
                except subprocess.TimeoutExpired:
                    child.kill()


def _wait_for(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 150  # a busy machine compiles slowly
    while time.monotonic() < until:
        if child.poll() is not None:
            break
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)  # asked often: httpx would cost ten times more
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(line):
            line.request("GET", "/")
            line.getresponse()
            return
        time.sleep(0.05)
    raise RuntimeError(f"the web process did not answer:\n{log.read_text(errors='replace')[-4000:]}")


def in_ci() -> bool:
    """Whether what is missing is a failure (CI=true) rather than a skip."""
    return os.environ.get("CI", "").lower() == "true"
