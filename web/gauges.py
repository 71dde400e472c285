"""The machine room for Prometheus: the last round's figures and every process's own, the same from each process."""

from __future__ import annotations

from prometheus_client import Gauge

from hotline import clock, db
from hotline.machine import pulse, uptime

_SIGNAL = Gauge("hotline_signal", "What is watched, in the unit of its rule alarm.<signal>", ["signal"])
_BAD = Gauge("hotline_signal_bad", "1 while it is past its threshold", ["signal"])
_LOOKED = Gauge("hotline_round_seconds", "Since when nobody looked at the machine room")
_ALARMS = Gauge("hotline_alarms_open", "Alarms that are not over")
_UNTAKEN = Gauge("hotline_alarms_untaken", "Alarms that nobody has")
_ALIVE = {kind: Gauge(f"hotline_{kind}s_alive", f"Living {kind} processes") for kind in ("web", "worker")}
_PAGES = Gauge("hotline_live_pages", "Staff pages open with live news, in all web processes")
_UPTIME = Gauge("hotline_uptime_percent", "Minutes up of minutes", ["part", "span"])
_TRIES = Gauge("hotline_sign_in_failures", "Wrong passwords that still count")
_OWN = {
    name: Gauge(f"hotline_process_{name}", say, ["process"])
    for name, say in {
        "memory_bytes": "Largest resident memory", "cpu_seconds": "CPU time used", "pool_open": "Database connections",
        "pool_idle": "Idle database connections", "offset": "Seconds off the database's clock",
        "jobs_done": "Jobs done by a worker", "jobs_failed": "Jobs that failed",
    }.items()
}  # fmt: skip


async def publish() -> bool:
    """Set them all from the database."""
    now = clock.now()
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT key, value, is_bad, at FROM machine_signal WHERE value IS NOT NULL")
        alarms = await connection.fetchrow(
            "SELECT count(*) AS open, count(*) FILTER (WHERE acknowledged_at IS NULL) AS untaken "
            "FROM machine_alarm WHERE cleared_at IS NULL"
        )
        tries = "SELECT coalesce(sum(tries), 0) FROM sign_in_try WHERE scope = 'pair' AND until > $1"
        _TRIES.set(await connection.fetchval(tries, now))
        spans = {part: uptime.this(await uptime.days(connection, part), clock.today()) for part in uptime.PARTS}
        alive = [one for one in await pulse.processes(connection) if one.is_alive]
    _SIGNAL.clear()
    _BAD.clear()
    for row in rows:
        _SIGNAL.labels(row["key"]).set(row["value"])
        _BAD.labels(row["key"]).set(row["is_bad"])
    _LOOKED.set(min(((now - row["at"]).total_seconds() for row in rows), default=-1))
    _ALARMS.set(alarms["open"])
    _UNTAKEN.set(alarms["untaken"])
    for part, (month, year) in spans.items():
        _UPTIME.labels(part, "month").set(month.percent)
        _UPTIME.labels(part, "year").set(year.percent)
    _show(alive)
    return True


def _show(alive: list[pulse.Process]) -> None:
    """The living processes; those that ended are shown no more."""
    for kind, gauge in _ALIVE.items():
        gauge.set(sum(one.kind == kind for one in alive))
    _PAGES.set(sum(one.figures.get("pages", 0.0) for one in alive))
    for name, gauge in _OWN.items():
        gauge.clear()
        for one in alive:
            if name in one.figures:
                gauge.labels(one.name).set(one.figures[name])
