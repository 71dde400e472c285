"""Nudges to the worker. The truth is in PostgreSQL: a lost nudge costs seconds, because a sweep finds what it left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

from hotline import settings

HEARTBEAT = "hotline:worker"
"""The key under which the worker says every 20 seconds that it lives; it fades after two minutes."""

PATIENCE = 2.0
"""Seconds that an answer of Valkey is waited for; one that hangs costs no more than one that is away."""
PAUSE = 2.0
"""Seconds in which nobody asks again after that: a busy minute without Valkey is as fast as one with it."""

MOMENT = 0.05
"""Seconds that ``nudge_soon`` waits for others."""
_client: ArqRedis | None = None
_loop: asyncio.AbstractEventLoop | None = None
_soon: dict[str, asyncio.Task[None]] = {}
_quiet_until = 0.0


def redis_settings() -> RedisSettings:
    """Where Valkey (or Redis) is; fails fast so that a page never waits for it."""
    one = RedisSettings.from_dsn(settings.current().redis_url)
    one.conn_timeout, one.conn_retries = 2, 0
    return one


def pack(value: dict[str, object]) -> bytes:
    """Jobs are MessagePack: ids and codes only, never a person's words."""
    return msgspec.msgpack.encode(value)


def unpack(value: bytes) -> dict[str, object]:
    """The inverse of ``pack``."""
    return msgspec.msgpack.decode(value, type=dict[str, object])


async def client() -> ArqRedis:
    """The one arq client of this process and loop. Raises RedisError or OSError when Valkey is away."""
    global _client, _loop
    loop = asyncio.get_running_loop()
    if _client is None or _loop is not loop:
        made = await create_pool(redis_settings(), job_serializer=pack, job_deserializer=unpack)
        if _client is not None and _loop is loop:
            await made.aclose()  # many asked at once, and another was first
        else:
            _client, _loop = made, loop
    return _client


async def nudge(job: str, *args: str, once: str | None = None) -> None:
    """Ask the worker to do ``job`` soon; ``once`` folds nudges of that name into one. Silent when Valkey is away."""
    await _tell(lambda valkey: valkey.enqueue_job(job, *args, _job_id=once))


def nudge_soon(job: str) -> None:
    """``nudge`` in a moment, once for all who ask meanwhile: a burst of messages costs one round trip, not hundreds."""
    task, loop = _soon.get(job), asyncio.get_running_loop()
    if task is None or task.done() or task.get_loop() is not loop:
        _soon[job] = loop.create_task(_nudge_later(job))


async def _nudge_later(job: str) -> None:
    await asyncio.sleep(MOMENT)
    _soon.pop(job, None)
    await nudge(job, once=job)


async def publish(channel: str, message: str) -> None:
    """Tell the web processes' live pages that something changed. Silent when Valkey is away: they poll."""
    await _tell(lambda valkey: valkey.publish(channel, message))


async def _tell(call: Callable[[ArqRedis], Awaitable[object]]) -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        async with asyncio.timeout(PATIENCE):
            await call(await client())
    except (RedisError, OSError):  # a time-out is an OSError
        _quiet_until = time.monotonic() + PAUSE


async def heartbeat() -> datetime | None:
    """When the worker last said that it lives; None when it is silent. Raises RedisError or OSError."""
    beat: bytes | None = await (await client()).get(HEARTBEAT)
    return datetime.fromisoformat(beat.decode()) if beat else None


async def close() -> None:
    """Close the client of this process; a nudge that was still to come is not given: a sweep finds what it was for."""
    global _client, _quiet_until
    _quiet_until = 0.0
    for task in _soon.values():
        task.cancel()
    _soon.clear()
    client, _client = _client, None
    if client is not None and _loop is asyncio.get_running_loop():  # else its connections went with their loop
        await client.aclose()
