"""How the installation is doing: engines, worker, doors, sweeps, seals, disk. Figures only, nothing of any case."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from typing import Any

import msgspec
from redis.exceptions import RedisError

from channels import figures, outbox, spool
from hotline import clock, db, jobs, settings
from hotline.errors import Say
from hotline.machine import signals
from sla import facts_store, lateness

SWEEP_LATE = timedelta(minutes=5)
DOORS = {
    "sms": Say("短信", "SMS"), "wechat": Say("微信", "WeChat"), "email": Say("邮件", "E-mail"),
    "web": Say("网页", "Web"), "phone": Say("电话", "Phone"),
    "import": Say("导入", "Import"),
    "province": Say("省平台", "Province"),
    "walk_in": Say("窗口", "Counter"), "webhook": Say("协作单位通知", "Web hooks"),
}  # fmt: skip
OUTGOING = ("sms", "wechat", "email")
FAILURES = {
    "silent": Say("对方已退订", "they want no more"),
    "undelivered": Say("服务商说没送到", "the provider could not deliver it"),
    "key_missing": Say("缺密钥", "a key is missing"),
    "login": Say("登录被拒 login", "login refused"), "folder": Say("没有这个文件夹 folder", "no such folder"),
    "too_big": Say("邮件太大，请到信箱里看", "the mail is too big: see the mailbox"),
    "unreadable": Say("内容读不了，请到信箱里看", "it cannot be read: see the mailbox"),
    "too_many": Say("同一人来件太多，看过再放行", "too many of one sender: look, then let it through"),
    **dict.fromkeys(
        ("ConnectError", "ConnectionError", "ConnectionRefusedError", "ClientConnectorError", "ClientConnectorDNSError",
         "gaierror", "away", "connect"),
        Say("连不上", "cannot be reached"),
    ),
    **dict.fromkeys(
        ("TimeoutError", "ConnectionTimeoutError", "SocketTimeoutError", "timeout"),
        Say("超时没有回音", "no answer in time"),
    ),
    **dict.fromkeys(
        ("ServerDisconnectedError", "SMTPServerDisconnected", "ConnectionResetError"),
        Say("对方断开连接", "it hung up"),
    ),
}  # fmt: skip
"""Codes of our own in words; a provider's are shown as they are, for its documents explain them."""
SWEEPS = {"clocks": Say("期限巡检", "Due dates"), "facts": Say("数据汇总", "Figures")}
LOGS = {"p": Say("公开事件", "Public events"), "i": Say("内部事件", "Internal events"), "a": Say("操作日志", "Acts")}
_LEAST_DISK = 1_000_000_000


class Light(msgspec.Struct, frozen=True):
    """One thing looked at: ``level`` is good, warn or bad."""

    name: Say
    level: str
    say: Say


async def lights() -> list[Light]:
    """The engines, the worker, the disk: each as one line."""
    found = [await _postgres(), *await _valkey(), await asyncio.to_thread(_disk)]
    sweeps = await _late_sweep()
    return [
        *found, await asyncio.to_thread(_spool), *([sweeps] if sweeps else []), *await _mailbox(),
        await _facts(),
    ]  # fmt: skip


async def _facts() -> Light:
    """How far the store of figures is behind the ledger."""
    name, now = Say("数据汇总", "Figures"), clock.now()
    async with db.reading() as connection:
        lag = await facts_store.lag(connection, now)
    if lag is None:
        return Light(name, "warn", Say("还没汇总过", "not summed yet"))
    late = signals.is_bad("facts", lag)
    return Light(name, "bad" if late else "good", Say(
        f"{lag:.0f} 秒前跟上{'，晚了：请看后台' if late else ''}",
        f"up to date {lag:.0f} s ago{', late: see to the worker' if late else ''}",
    ))  # fmt: skip


async def _mailbox() -> list[Light]:
    """The mailbox, where one is set up: whether it could be read lately."""
    if not settings.current().imap_url:
        return []
    name = Say("信箱", "Mailbox")
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT looked_at, ok_at, code FROM mailbox")
    if row is None:
        return [Light(name, "warn", Say("还没看过", "not looked at yet"))]
    at = f"{clock.local(row['looked_at']):%H:%M:%S}"
    if row["code"]:
        why = FAILURES.get(row["code"], Say(row["code"], row["code"]))
        return [Light(name, "bad", Say(
            f"{at} 读不了（{why.zh}）：邮件留在信箱里，恢复后自动读取",
            f"cannot be read at {at} ({why.en}): mails wait there"
        ))]  # fmt: skip
    if clock.now() - row["looked_at"] > SWEEP_LATE:
        return [Light(name, "bad", Say(f"{at} 之后没再看过，请查后台", f"not looked at since {at}; see to the worker"))]
    return [Light(name, "good", Say(f"信箱连着，{at} 看过", f"connected, looked at {at}"))]


async def _postgres() -> Light:
    async with db.reading() as connection:
        version = await connection.fetchval("SHOW server_version")
        size = await connection.fetchval("SELECT pg_database_size(current_database())")
        used = await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    gb, short = (f"{size / 1e9:.1f} GB" if size > 1e9 else f"{size / 1e6:.0f} MB"), str(version).split()[0]
    return Light(Say("PostgreSQL", "PostgreSQL"), "good", Say(
        f"{short}，{gb}，{used} 个连接", f"{short}, {gb}, {used} connections"
    ))  # fmt: skip


async def _valkey() -> list[Light]:
    name, worker = Say("Valkey", "Valkey"), Say("后台", "Worker")
    try:
        client = await jobs.client()
        info: dict[str, Any] = await client.info()
        queued = await client.zcard("arq:queue")
        beat = await jobs.heartbeat()
    except (RedisError, OSError):
        away = Say(
            "连不上：实时提醒停了，案件照常，恢复后自己接上。",
            "Away: live news stops, cases go on; it recovers by itself.",
        )
        return [Light(name, "bad", away), Light(worker, "warn", Say("不知道", "unknown"))]
    mb = f"{info.get('used_memory', 0) / 1e6:.1f} MB"
    version = info.get("valkey_version") or info.get("redis_version", "")
    shown = Light(name, "good", Say(f"{version}，{mb}，{queued} 个任务排队", f"{version}, {mb}, {queued} jobs queued"))
    if beat is None or signals.is_bad("worker", (clock.now() - beat).total_seconds()):
        say = Say("没有在跑：新来件和催办都停着，请启动 hotline worker。", "Not running: start `hotline worker`.")
        return [shown, Light(worker, "bad", say)]
    at = f"{clock.local(beat):%H:%M:%S}"
    return [shown, Light(worker, "good", Say(f"在跑，{at} 报过到", f"alive, said so at {at}"))]


def _disk() -> Light:
    room = shutil.disk_usage(settings.current().data_dir)
    free, whole = room.free / 1e9, room.total / 1e9
    is_bad = room.free < _LEAST_DISK or signals.is_bad("disk", 100.0 * room.free / room.total)
    say = Say(f"剩 {free:.1f} GB，共 {whole:.1f} GB", f"{free:.1f} of {whole:.1f} GB free")
    return Light(Say("磁盘", "Disk"), "bad" if is_bad else "good", say)


def _spool() -> Light:
    """What providers sent while PostgreSQL was away; it is read, in order, as soon as it is back."""
    name, found = Say("应急缓存", "Spool"), spool.figures()
    n, damaged = found["waiting"], found["damaged"]
    if damaged:
        return Light(name, "bad", Say(
            f"{damaged} 条读不出，另存在 {spool.DAMAGED}；{n} 条待入库",
            f"{damaged} could not be read and lie in {spool.DAMAGED}; {n} wait",
        ))  # fmt: skip
    if n:
        return Light(name, "warn", Say(
            f"{n} 条待入库，数据库恢复后自动入库", f"{n} messages wait; read once the database is back"
        ))  # fmt: skip
    return Light(name, "good", Say("空的，来信都已入库", "empty: every message is in the database"))


async def _late_sweep() -> Light | None:
    name = Say("期限巡检", "Sweep of due dates")
    async with db.reading() as connection:
        last = await connection.fetchval("SELECT at FROM sweep_mark WHERE name = 'clocks'")
    if last is None:
        return Light(name, "warn", Say("还没跑过", "has not run yet"))
    if clock.now() - last > SWEEP_LATE:
        return Light(
            name, "bad", Say("停了五分钟以上，黄牌红牌都会晚。", "Stopped for over five minutes: cards will be late.")
        )
    async with db.reading() as connection:
        late = await lateness.alarm(connection)
    if late is not None:
        n = int(late.total_seconds() // 60)
        return Light(name, "bad", Say(
            f"到点的事晚了 {n} 分钟还没办，见提醒证明。", f"Acts are {n} minutes late: see the proof of reminders."
        ))  # fmt: skip
    return None


class Door(msgspec.Struct, frozen=True):
    """A way out: whether a carrier is set up, and how it is doing."""

    code: str
    name: Say
    has_sender: bool
    figures: figures.Figures


async def doors() -> list[Door]:
    """Every way out by which messages go, the known ones first."""
    async with db.reading() as connection:
        found = await figures.doors(connection)
    codes = [*OUTGOING, *sorted(set(found) - set(OUTGOING))]
    return [
        Door(
            code=code, name=DOORS.get(code, Say(code, code)), has_sender=code in outbox.SENDERS,
            figures=found.get(code, figures.Figures()),
        )
        for code in codes
    ]  # fmt: skip


async def sweeps(connection: db.Connection) -> list[dict[str, Any]]:
    """Each sweep: when it last ran, how much it did, how late the oldest thing was."""
    sql = "SELECT name, at, acts, late_seconds FROM sweep_mark WHERE name <> 'proof' ORDER BY name"
    return [dict(row) for row in await connection.fetch(sql)]


async def seals(connection: db.Connection) -> list[dict[str, Any]]:
    """Each log: sealed up to where and when, and how many entries wait for the sealer."""
    rows = await connection.fetch(
        """SELECT l.log, s.no, s.last_position, s.at,
            CASE l.log WHEN 'a' THEN (SELECT last_seq FROM act_head) - coalesce(s.last_position, 0)
                ELSE (SELECT count(*) FROM case_event e WHERE e.log = l.log AND e.position IS NULL) END AS waiting
        FROM unnest(ARRAY['p', 'i', 'a']) WITH ORDINALITY AS l (log, n)
        LEFT JOIN LATERAL (SELECT no, last_position, at FROM ledger_seal WHERE log = l.log ORDER BY no DESC LIMIT 1) s
            ON true ORDER BY l.n"""
    )
    return [dict(row) for row in rows]
