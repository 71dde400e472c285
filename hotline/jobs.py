"""Nudges to the worker. The truth is in PostgreSQL: a lost nudge costs seconds, because a sweep finds what it left."""

from __future__ import annotations

import contextlib
from datetime import datetime

import msgspec
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

from hotline import settings

HEARTBEAT = "hotline:worker"
"""The key under which the worker says every 20 seconds that it lives; it fades after two minutes."""

_client: ArqRedis | None = None


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
    """The one arq client of this process. Raises RedisError or OSError when Valkey is away."""
    global _client
    if _client is None:
        _client = await create_pool(redis_settings(), job_serializer=pack, job_deserializer=unpack)
    return _client


async def nudge(job: str, *args: str, once: str | None = None) -> None:
    """Ask the worker to do ``job`` soon; ``once`` folds nudges of that name into one. Silent when Valkey is away."""
    with contextlib.suppress(RedisError, OSError):
        await (await client()).enqueue_job(job, *args, _job_id=once)


async def publish(channel: str, message: str) -> None:
    """Tell the web processes' live pages that something changed. Silent when Valkey is away: they poll."""
    with contextlib.suppress(RedisError, OSError):
        await (await client()).publish(channel, message)


async def heartbeat() -> datetime | None:
    """When the worker last said that it lives; None when it is silent. Raises RedisError or OSError."""
    beat: bytes | None = await (await client()).get(HEARTBEAT)
    return datetime.fromisoformat(beat.decode()) if beat else None


async def close() -> None:
    """Close the client of this process."""
    global _client
    if _client is not None:
        await _client.aclose()
        _client = None
