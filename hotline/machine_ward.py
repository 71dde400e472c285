"""The doctor's look at the machine room: its last round, backups, certificates, a clock that was set back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg

from hotline import clock
from hotline.errors import Say
from hotline.finding import Finding
from hotline.machine import alarms, measures, runs, signals
from hotline.settings import Settings

_STALE = timedelta(minutes=5)
_NEVER = {
    "backup": Say("设 HOTLINE_BACKUP_DIR，后台每天自动备份；没有后台的机器每天运行 hotline backup --scheduled。",
                  "Set HOTLINE_BACKUP_DIR: the worker makes one a day; else run `hotline backup --scheduled`."),
    "drill": Say("运行 hotline restore --drill-newest。", "Run `hotline restore --drill-newest`."),
}  # fmt: skip


async def look(connection: asyncpg.Connection, one: Settings) -> AsyncIterator[Finding]:
    """Each signal that is bad with what mends it; one line for all that are good."""
    rows = await connection.fetch("SELECT key, value, is_bad, at FROM machine_signal ORDER BY key")
    newest = max((row["at"] for row in rows), default=None)
    if newest is None or abs(clock.now() - newest) > _STALE:
        yield Finding(
            "machine room", "warn", Say("最近没有巡查过机房", "nobody went round the machine room lately"),
            Say("启动网页或后台，一分钟后再查。", "Start web or worker and look again in a minute."),
        )  # fmt: skip
    else:
        fresh = [row for row in rows if newest - row["at"] < _STALE]
        for row in fresh:
            if row["is_bad"]:
                told = signals.words(row["key"], row["value"])
                yield Finding(row["key"], "bad", told, signals.of(row["key"]).mend)
        good = sum(not row["is_bad"] for row in fresh)
        yield Finding("machine room", "good", Say(f"{good} 项正常", f"{good} signals are good"))
    async for finding in _made(connection):
        yield finding
    if not await alarms.reached(connection):
        yield Finding(
            "alarms", "warn", Say("没有人会在页面以外收到告警", "nobody would hear of an alarm away from the pages"),
            Say("每位管理员在 提醒方式 里设短信、微信或邮件。", "Let each administrator set a door under Reminders."),
        )  # fmt: skip
    for finding in _certificates(one):
        yield finding
    async for finding in _clock(connection):
        yield finding


async def _made(connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    """A backup and a drill that were never made are no signal, but want to be told."""
    for kind, mend in _NEVER.items():
        last = await runs.last_good(connection, kind, clock.now())
        if last is None:
            yield Finding(kind, "warn", signals.SIGNALS[kind].none, mend)
        else:
            at = f"{clock.local(last):%Y-%m-%d %H:%M}"
            yield Finding(kind, "good", Say(f"上次成功 {at}", f"the last good one: {at}"))


def _certificates(one: Settings) -> list[Finding]:
    if not one.tls_cert and not one.certificates:
        return []
    days, signal = measures.certificate_days(), signals.SIGNALS["certificate"]
    if days is None or days < 0:
        return [Finding("certificate", "bad", Say("证书读不了或已过期", "it cannot be read or has ended"), signal.mend)]
    is_near = days < 14
    return [Finding("certificate", "warn" if is_near else "good", signal.say(days), signal.mend if is_near else None)]


async def _clock(connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    """A clock behind the newest entry of the ledger was set back, whatever the database's own clock says."""
    newest = await connection.fetchval("SELECT at FROM act ORDER BY seq DESC LIMIT 1")
    behind = (newest - clock.now()).total_seconds() if newest is not None else 0.0
    if behind > 2:
        yield Finding("clock behind", "bad", signals.words("ahead", behind), signals.SIGNALS["ahead"].mend)
