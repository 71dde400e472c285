"""What every bench shares: a house of its own on real durable servers, and the page where results are noted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec

from hotline import city, db, embedded, flow, jobs, migrate, place, seeds, settings, vault
from hotline.settings import Settings
from routing import book

LEFT_OUT = 3
"""Exit code of a bench whose data are no part of the project and are not there."""
RESULTS = Path(__file__).parent / "RESULTS.md"


@contextlib.contextmanager
def engines(folder: Path | None = None) -> Iterator[embedded.Engines]:
    """PostgreSQL and Valkey with the settings that `hotline up` gives them: fsync on, commits waited for."""
    home = folder or Path(tempfile.mkdtemp(prefix="hlb"))
    home.chmod(0o711)
    pair = embedded.Engines(home / "d")
    pair.start()
    try:
        yield pair
    finally:
        pair.stop()
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)


def settings_of(pair: embedded.Engines, name: str) -> Settings:
    """The settings of the database ``name`` of this server, its keys and data beside it."""
    folder = pair.data.parent / name
    folder.mkdir(exist_ok=True)
    return Settings(
        database_url=pair.url(embedded.APP, name),
        owner_url=pair.url(embedded.OWNER, name),
        redis_url=pair.redis_url,
        data_dir=folder,
        key_dir=pair.data.parent / f"{name}-keys",
    )


async def prepare(pair: embedded.Engines, name: str) -> Settings:
    """A fresh database ``name`` with schema, city and demo people; its settings, in force in this process."""
    root = await asyncpg.connect(pair.url(embedded.ROOT, "postgres"))
    await root.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await root.execute(f"CREATE DATABASE {name} OWNER {embedded.OWNER}")
    await root.close()
    await migrate.migrate(pair.url(embedded.OWNER, name), embedded.APP)
    here = settings_of(pair, name)
    settings.use(here)
    await db.connect()
    vault.open_keys(here.key_dir, create=True)
    await seeds.demo()
    await db.disconnect()
    return here


@contextlib.asynccontextmanager
async def house(here: Settings) -> AsyncIterator[Settings]:
    """This process stands in the house: pool, keys, city, flow."""
    settings.use(here)
    await db.connect()
    try:
        vault.open_keys(here.key_dir)
        await city.load()
        await book.load()
        flow.fill()
        yield here
    finally:
        await jobs.close()
        await db.disconnect()


def environment(here: Settings) -> dict[str, str]:
    """What a child process needs to work in the house."""
    return place.environment(here)


def machine() -> str:
    """Processor, cores, memory and versions, in one line."""
    cpu = next(iter(re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cpu.strip()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def load() -> str:
    """How busy the machine was beside us."""
    return f"load average {os.getloadavg()[0]:.1f}"


def quantile(values: Sequence[float], q: float) -> float:
    """The value below which a share ``q`` of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


class Lap(msgspec.Struct):
    """A stopwatch: seconds since it was made."""

    began: float = msgspec.field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.perf_counter() - self.began


def note(name: str, lines: Sequence[str]) -> None:
    """Print the lines, and put them under ``name`` in RESULTS.md in place of what stood there."""
    body = "\n".join(lines)
    print(body, flush=True)
    if os.environ.get("BENCH_DRY"):
        return
    stamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {machine()} · {load()}"
    section = f"## {name}\n\n{stamp}\n\n```\n{body}\n```\n"
    text = (
        RESULTS.read_text(encoding="utf-8")
        if RESULTS.exists()
        else "# Results\n\nWritten by the scripts of this folder; see README.md here for what each measures.\n"
    )
    pattern = re.compile(rf"^## {re.escape(name)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    text = pattern.sub(lambda _: section + "\n", text) if pattern.search(text) else f"{text.rstrip()}\n\n{section}"
    RESULTS.write_text(text.rstrip() + "\n", encoding="utf-8")


def run(main: Callable[[embedded.Engines], Coroutine[None, None, None]]) -> None:
    """Run a bench beside servers of its own; BENCH_NICE makes it a humbler guest."""
    os.nice(int(os.environ.get("BENCH_NICE", "0")))
    folder = os.environ.get("BENCH_FOLDER")
    with engines(Path(folder) if folder else None) as pair:
        asyncio.run(main(pair))
