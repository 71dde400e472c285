"""What the ground can measure by itself: disk, ledger seal, backups, sign-ins, certificate, clocks, Valkey, worker."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime
from pathlib import Path

from cryptography import x509
from redis.exceptions import RedisError

from hotline import clock, db, jobs, settings
from hotline.machine import pulse, runs
from hotline.machine.signals import Reading

_UNSEALED = """
    SELECT CASE WHEN oldest IS NOT NULL THEN greatest(oldest, (SELECT max(at) FROM ledger_seal),
        (SELECT min(began_at) FROM machine_process)) END
    FROM (SELECT least((SELECT min(at) FROM case_event WHERE position IS NULL), (SELECT min(at) FROM act
        WHERE seq > coalesce((SELECT max(last_position) FROM ledger_seal WHERE log = 'a'), 0))) AS oldest) AS unsealed
"""
"""Since when the oldest entry waits: not before the last seal, for an import's entries carry dates of the past."""
_CONNECTIONS = """
    SELECT 100.0 * (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
        / current_setting('max_connections')::numeric
"""
_LOCKS = "SELECT count(*) FROM sign_in_try WHERE tries >= most AND until > $1"


async def read(connection: db.Connection) -> list[Reading]:
    """All of them now."""
    now = clock.now()
    unsealed = await connection.fetchval(_UNSEALED)
    newest = await connection.fetchval("SELECT at FROM act ORDER BY seq DESC LIMIT 1")
    return [
        await _worker(connection, now),
        *await _queue(),
        Reading("seal", _minutes(now, unsealed)),
        *await runs.readings(connection, now),
        Reading("disk", await asyncio.to_thread(_disk)),
        Reading("connections", float(await connection.fetchval(_CONNECTIONS))),
        Reading("locks", float(await connection.fetchval(_LOCKS, now))),
        Reading("certificate", await asyncio.to_thread(certificate_days)),
        *await _clocks(connection),
        Reading("ahead", (newest - now).total_seconds() if newest and newest > now else None),
    ]


def _minutes(now: datetime, then: datetime | None) -> float | None:
    return max((now - then).total_seconds(), 0.0) / 60 if then is not None else None


async def _worker(connection: db.Connection, now: datetime) -> Reading:
    """Seconds since any worker said that it lives; since the first process said so where none ever did."""
    then = await connection.fetchval(
        "SELECT coalesce(max(at) FILTER (WHERE kind = 'worker'), min(began_at)) FROM machine_process"
    )
    return Reading("worker", max((now - then).total_seconds(), 0.0) if then else None)


async def _queue() -> list[Reading]:
    """Whether Valkey answers, and since when the oldest job that is due waits."""
    try:
        async with asyncio.timeout(jobs.PATIENCE):
            first = await (await jobs.client()).zrange("arq:queue", 0, 0, withscores=True)
    except (RedisError, OSError):
        return [Reading("valkey", 1.0), Reading("queue", None)]
    late = clock.now().timestamp() - first[0][1] / 1000 if first else None
    return [Reading("valkey", 0.0), Reading("queue", max(late, 0.0) if late is not None else None)]


def _disk() -> float:
    try:
        room = shutil.disk_usage(settings.current().data_dir)
    except OSError:  # a folder that is gone, as a share that is not mounted, has no room
        return 0.0
    return 100.0 * room.free / room.total


async def _clocks(connection: db.Connection) -> list[Reading]:
    """The living processes' clocks against the database's, and whether one of them was set."""
    alive = [one for one in await pulse.processes(connection) if one.is_alive]
    offset = max((abs(one.figures.get("offset", 0.0)) for one in alive), default=None)
    jump = max((abs(one.figures.get("jump", 0.0)) for one in alive), default=0.0)
    return [Reading("clock", offset), Reading("jump", jump or None)]


def certificates() -> list[Path]:
    """The certificate files that are served or watched."""
    one = settings.current()
    return [Path(name) for name in (one.tls_cert, *one.certificates.split(",")) if name.strip()]


def certificate_days() -> float | None:
    """Days until the first of the certificates ends; None without any, -1 for one that cannot be read."""
    ends = []
    for path in certificates():
        try:
            ends.append(min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(path.read_bytes())))
        except (OSError, ValueError):
            return -1.0
    return (min(ends) - clock.now()).total_seconds() / 86400 if ends else None
