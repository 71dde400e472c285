"""What this process tells about itself: a line a request, /health, /metrics.

Never a body, a query string or an address that could hold a code: lines name the route, not the path.
"""

from __future__ import annotations

import re
import secrets
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
from hotline import city, clock, db, jobs, logs, schema, vault
from hotline.permissions import PUBLIC, demand
from sla import facts_store, lateness
from web import access, gauges, proxies
from web.live import HUB
from web.security import is_static

PATIENCE = 2.0
"""Seconds that /health waits for an answer of what we stand on."""
WORKER_KEY = "arq:queue:health-check"
"""The worker's heartbeat, which it renews and which runs out by itself."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Whoever asks may make up others: each would be a series of its own, and a word of theirs in the log."""
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
    began, request = time.perf_counter(), logs.REQUEST.get()

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", request.encode())]
        await send(message)
        if message["type"] == "http.response.start" and not is_static(scope):
            seconds = time.perf_counter() - began
            route, method = str(scope.get("path_template") or "unknown"), str(scope.get("method", ""))
            method = method if method in METHODS else "other"
            counter, histogram = _meters(route, method, str(message["status"]))
            counter.inc()
            histogram.observe(seconds)
            _tell(route, method, message["status"], seconds, request)

    return wrapped


def name_request(scope: Any) -> None:
    """Give the request its id: the one that a proxy of ours gave it, else a new one."""
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    is_good = _ID.fullmatch(given) and proxies.peer_is_ours(scope)
    logs.REQUEST.set(given if is_good else secrets.token_hex(8))


def _tell(route: str, method: str, status: int, seconds: float, request: str) -> None:
    """The line of a request, in the form of the other log lines, at a fifth of what their machinery costs."""
    line = {
        "route": route, "method": method, "status": status, "ms": round(seconds * 1000, 1), "event": "answered",
        "request": request, "level": "info", "timestamp": clock.now().isoformat(),
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


class Ready(msgspec.Struct):
    """Whether this process is open: not before it has loaded, not while it ends."""

    is_open: bool = False
    is_migrated: bool = False


READY = Ready()
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


async def _migrated() -> bool:
    """Whether the schema is this release's; asked until it is."""
    if not READY.is_migrated:
        async with db.reading() as connection:
            rows = await connection.fetch("SELECT app_name, name FROM migration")
        READY.is_migrated = {(one.app, one.name) for one in schema.steps()} <= {tuple(row) for row in rows}
    return READY.is_migrated


def _has_keys() -> bool:
    try:
        return bool(vault.keys())
    except Exception:  # noqa: BLE001 - whatever keeps them away: they are
        return False


def _has_city() -> bool:
    try:
        return bool(city.current().units)
    except RuntimeError:
        return False


@get("/ready", opt={"needs": PUBLIC, "is_hook": True, "side": "both"})
async def ready() -> Response[dict[str, object]]:
    """Whether work may be sent here: database, schema, keys, city; 503 while it starts or ends, too."""
    has_database = await _asks(_database)
    checks = {
        "database": has_database, "migrations": has_database and await _asks(_migrated), "keys": _has_keys(),
        "city": _has_city(),
    }  # fmt: skip
    status = "draining" if HUB.is_over else "starting" if not READY.is_open else "ready"
    if status == "ready" and not all(checks.values()):
        status = "not_ready"
    return Response(
        {"status": status, "checks": checks}, status_code=200 if status == "ready" else 503,
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


@get("/health", opt={"needs": PUBLIC, "is_hook": True, "side": "both"})
async def health() -> Response[dict[str, object]]:
    """Whether this process lives: 200 as long as it answers, with what it stands on. Restarting it mends no other."""
    found = {"db": await _asks(_database), "valkey": await _asks(_valkey), "worker": await _asks(_worker)}
    status = "ok" if all(found.values()) else "degraded" if found["db"] else "down"
    return Response({"status": status, **found}, headers={"Cache-Control": "no-store"})


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
