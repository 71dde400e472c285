"""Where a command works: the settings of a data folder, and its database, whoever runs it or nobody yet."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from hotline import settings
from hotline.servers import EngineError
from hotline.settings import Settings

if TYPE_CHECKING:
    from hotline.embedded import Engines

T = TypeVar("T")


def of(data: Path | None) -> Settings:
    """The settings of this process for a data folder; keys lie beside it unless HOTLINE_KEY_DIR says otherwise."""
    one = settings.read()
    folder = (data or one.data_dir).expanduser().absolute()
    keys = one.key_dir.absolute() if os.environ.get("HOTLINE_KEY_DIR") else folder.with_name(f"{folder.name}-keys")
    one = msgspec.structs.replace(one, data_dir=folder, key_dir=keys)
    settings.use(one)
    return one


def is_external(one: Settings) -> bool:
    """Whether a city's own servers are set. Raises EngineError when only one of the two is."""
    if bool(one.database_url) != bool(one.redis_url):
        raise EngineError(
            "DATABASE_URL 和 REDIS_URL 要么都设，要么都不设。", "Set both DATABASE_URL and REDIS_URL, or neither."
        )
    return bool(one.database_url)


def on(engines: Engines, one: Settings) -> Settings:
    """The settings with the addresses of these engines, put in force."""
    one = msgspec.structs.replace(
        one, database_url=engines.app_url, owner_url=engines.owner_url, redis_url=engines.redis_url
    )
    settings.use(one)
    return one


@contextlib.contextmanager
def opened(data: Path | None) -> Iterator[Settings]:
    """Settings whose servers answer: the city's own, those that `hotline up` runs, or ours for the time being."""
    one = of(data)
    if is_external(one):
        yield one
        return
    from hotline.embedded import Engines  # noqa: PLC0415 - a city with its own servers has no need of the wheels

    engines = Engines(one.data_dir)
    if not engines.postgres.data.exists():
        raise EngineError(
            f"{one.data_dir} 里还没有数据：先运行 hotline up，或用 --data 指明位置。",
            f"There are no data in {one.data_dir}: run `hotline up` first, or name the place with --data.",
        )
    if engines.is_up():
        yield on(engines, one)
        return
    engines.start()
    try:
        yield on(engines, one)
    finally:
        engines.stop()


def environment(one: Settings) -> dict[str, str]:
    """What a web or worker process needs to know; never the owner's address (rules.md 5)."""
    names = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL"}
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    for field in Settings.__struct_fields__:
        value = getattr(one, field)
        if field != "owner_url" and value != "":
            env[names.get(field, f"HOTLINE_{field.upper()}")] = str(value)
    return env


def run(data: Path | None, job: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``job()`` with the servers, pool, keys, city and flow of a data folder open."""
    import asyncio  # noqa: PLC0415 - only here

    with opened(data):
        return asyncio.run(_with_house(job))


async def _with_house(job: Callable[[], Coroutine[Any, Any, T]]) -> T:
    from hotline import city, db, flow, jobs, vault  # noqa: PLC0415 - the whole house, for jobs that need it
    from routing import book, models  # noqa: PLC0415 - part of it

    await db.connect()
    try:
        vault.open_keys()
        await city.load()
        await book.load()
        await models.load()
        flow.fill()
        return await job()
    finally:
        await jobs.close()
        await db.disconnect()
