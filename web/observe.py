"""What this process tells about itself: a line a request, /health, /metrics.

Never a body, a query string or an address that could hold a code: lines name the route, not the path.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

import anyio
import msgspec
from litestar import Request, Response, get
from litestar.types import Message, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from redis.exceptions import RedisError

from channels import figures
from hotline import clock, db, jobs
from hotline.permissions import PUBLIC, demand
from sla import facts_store, lateness
from web import access, gauges
from web.live import HUB
from web.security import is_static

PATIENCE = 2.0
"""Seconds that /health waits for an answer of what we stand on."""
WORKER_KEY = "arq:queue:health-check"
"""The worker's heartbeat, which it renews and which runs out by itself."""

_REQUESTS = Counter("hotline_requests_total", "Responses by route, method and status", ["route", "method", "status"])
_SECONDS = Histogram("hotline_request_seconds", "Time to the start of the response", ["route", "method"])
_POOL = Gauge("hotline_pool_connections", "PostgreSQL connections of this process", ["state"])
_QUEUED = Gauge("hotline_outbox_queued", "Messages waiting to leave", ["door"])
_OLDEST = Gauge("hotline_outbox_oldest_seconds", "Since when the oldest of them might have left", ["door"])
_FAILED = Gauge("hotline_outbox_failed", "Messages that could not be sent", ["door"])
_PAUSED = Gauge("hotline_outbox_paused", "1 while a door rests because its provider fails", ["door"])
_BEHIND = Gauge("hotline_sweep_behind_seconds", "By how much the oldest act that is due and not done is late")
_FACTS = Gauge("hotline_facts_lag_seconds", "Since when the store of figures has taken over no news")
_AWAY = Gauge("hotline_valkey_away", "1 while live news do not arrive")


def watched(scope: Scope, send: Send) -> Send:
    """Wrap ``send``: note the response once it starts."""
    began = time.perf_counter()

    async def wrapped(message: Message) -> None:
        await send(message)
        if message["type"] == "http.response.start" and not is_static(scope):
            seconds = time.perf_counter() - began
            route, method = str(scope.get("path_template") or "unknown"), str(scope.get("method", ""))
            counter, histogram = _meters(route, method, str(message["status"]))
            counter.inc()
            histogram.observe(seconds)
            _tell(route, method, message["status"], seconds)

    return wrapped


def _tell(route: str, method: str, status: int, seconds: float) -> None:
    """The line of a request, in the form of the other log lines, at a fifth of what their machinery costs."""
    line = {
        "route": route, "method": method, "status": status, "ms": round(seconds * 1000, 1), "event": "answered",
        "level": "info", "timestamp": clock.now().isoformat(),
    }  # fmt: skip
    sys.stderr.write(f"{_encode(line).decode()}\n")


_encode = msgspec.json.Encoder().encode


@lru_cache(maxsize=2048)
def _meters(route: str, method: str, status: str) -> tuple[Counter, Histogram]:
    """Looked up once each: with its locks and checks the look-up costs more than the counting."""
    return _REQUESTS.labels(route, method, status), _SECONDS.labels(route, method)


async def _asks(call: Callable[[], Awaitable[Any]]) -> bool:
    try:
        with anyio.fail_after(PATIENCE):
            return bool(await call())
    except (OSError, RedisError, RuntimeError):
        return False
    except Exception:  # noqa: BLE001 - whatever the driver raises: it is not well
        return False


async def _database() -> bool:
    async with db.pool().acquire(timeout=PATIENCE) as connection:
        return bool(await connection.fetchval("SELECT true"))


async def _valkey() -> bool:
    return bool(await (await jobs.client()).ping())


async def _worker() -> bool:
    return bool(await (await jobs.client()).exists(WORKER_KEY))


@get("/health", opt={"needs": PUBLIC, "is_hook": True})
async def health() -> Response[dict[str, object]]:
    """Whether this process can work: 200 with the database, else 503. Without Valkey it works, only slower."""
    found = {"db": await _asks(_database), "valkey": await _asks(_valkey), "worker": await _asks(_worker)}
    status = "ok" if all(found.values()) else "degraded" if found["db"] else "down"
    return Response(
        {"status": status, **found}, status_code=200 if found["db"] else 503, headers={"Cache-Control": "no-store"}
    )


async def _count_messages() -> bool:
    """The doors' figures, the same from every process."""
    async with db.reading() as connection:
        found = await figures.doors(connection)
    now = clock.now()
    for door, one in found.items():
        _QUEUED.labels(door).set(one.queued)
        _OLDEST.labels(door).set((now - one.oldest).total_seconds() if one.oldest else 0)
        _FAILED.labels(door).set(one.failed)
        _PAUSED.labels(door).set(one.paused_at is not None)
    return True


async def _measure_sweep() -> bool:
    """How late the sweep and the store of figures are, the same from every process."""
    async with db.reading() as connection:
        _BEHIND.set(await lateness.behind(connection, clock.now()))
        if (lag := await facts_store.lag(connection, clock.now())) is not None:
            _FACTS.set(lag)
    return True


@get("/metrics", opt={"needs": PUBLIC, "is_quiet": True})
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Figures of this process for Prometheus: to this machine itself, else to who may read operations."""
    if not _is_from_here(request):
        demand(access.known_actor(request.scope), "operations.read")
    if db.ENGINE.pool is not None:
        _POOL.labels("open").set(db.ENGINE.pool.get_size())
        await _asks(_count_messages)
        await _asks(_measure_sweep)
        await _asks(gauges.publish)
        _POOL.labels("idle").set(db.ENGINE.pool.get_idle_size())
    _AWAY.set(HUB.is_away)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _is_from_here(request: Request[Any, Any, Any]) -> bool:
    """A caller on this machine that is no proxy passing somebody on."""
    is_passed_on = any(request.headers.get(name) for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    return request.client is not None and request.client.host in ("127.0.0.1", "::1") and not is_passed_on
