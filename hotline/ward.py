"""The doctor's second half: PostgreSQL, the schema, the ledger's locks, the calendar, Valkey and the worker."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import redis.asyncio
from redis.exceptions import RedisError

from hotline import backup, clock, erasures, machine_ward, migrate, up
from hotline.errors import Say
from hotline.finding import Finding
from hotline.settings import Settings

_SKEW = timedelta(seconds=2)
_UP = Say("重新运行 hotline up，或 hotline migrate。", "Run `hotline up` again, or `hotline migrate`.")
Look = Callable[[asyncpg.Connection, Settings], AsyncIterator[Finding]]


async def examine(one: Settings) -> list[Finding]:
    """Look at both servers; one that is away is a finding, not an error."""
    findings: list[Finding] = []
    try:
        connection = await asyncpg.connect(one.database_url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        findings.append(Finding(
            "postgresql", "bad", Say(f"连不上：{error}", f"cannot be reached: {error}"),
            Say("检查 DATABASE_URL 和服务器。", "Check DATABASE_URL and the server."),
        ))  # fmt: skip
    else:
        try:
            for look in (_version, _schema, _rights, _triggers, _keys, _erasures, _calendar, _clock, machine_ward.look):
                findings += await _heard(look, connection, one)
        finally:
            await connection.close()
    findings += await _valkey(one)
    return findings


async def _heard(look: Look, connection: asyncpg.Connection, one: Settings) -> list[Finding]:
    """A check that the database itself refuses is a finding too: a table may be missing."""
    try:
        return [finding async for finding in look(connection, one)]
    except asyncpg.PostgresError as error:
        name = getattr(look, "__name__", "database").strip("_")
        return [Finding(name, "bad", Say(f"查不了：{error}", f"cannot be looked at: {error}"), _UP)]


async def _version(connection: asyncpg.Connection, _: Settings) -> AsyncIterator[Finding]:
    major = connection.get_server_version().major
    found = Say(f"PostgreSQL {major}", f"PostgreSQL {major}")
    if migrate.OLDEST <= major <= migrate.NEWEST:
        yield Finding("postgresql", "good", found)
    else:
        level = "bad" if major < migrate.OLDEST else "warn"
        wanted = f"{migrate.OLDEST}–{migrate.NEWEST}"
        yield Finding("postgresql", level, found, Say(f"用 {wanted}。", f"Use {wanted}."))
    encoding = await connection.fetchval("SHOW server_encoding")
    if encoding != "UTF8":
        yield Finding(
            "encoding", "bad", Say(f"数据库编码 {encoding}", f"the database's encoding is {encoding}"),
            Say("重建为 UTF8。", "Create it again with UTF8."),
        )  # fmt: skip


async def _schema(connection: asyncpg.Connection, _: Settings) -> AsyncIterator[Finding]:
    pending = [f"{step.app}/{step.name}" for step in await migrate.pending(connection)]
    if pending:
        names = ", ".join(pending)
        yield Finding("schema", "bad", Say(f"结构还差 {names}", f"the schema lacks {names}"), _UP)
        return
    strangers = await migrate.strangers(connection)
    if strangers:
        names = ", ".join(strangers)
        yield Finding(
            "schema", "bad", Say(f"数据库更新过：{names}", f"a newer version was here: {names}"),
            Say("装回较新的版本。", "Install the newer version again."),
        )  # fmt: skip
    else:
        yield Finding("schema", "good", Say("结构是最新的", "the schema is up to date"))


_OWNED = """
SELECT tablename FROM pg_tables
WHERE schemaname = 'public' AND pg_has_role(current_user, tableowner, 'MEMBER') ORDER BY tablename
"""


async def _rights(connection: asyncpg.Connection, _: Settings) -> AsyncIterator[Finding]:
    """The application's role owns no table: it could otherwise drop what guards the ledger (rules.md 5)."""
    user = await connection.fetchval("SELECT current_user")
    owned = [row["tablename"] for row in await connection.fetch(_OWNED)]
    if owned:
        yield Finding(
            "rights", "bad",
            Say(f"应用的角色 {user} 拥有 {len(owned)} 张表", f"the application's role {user} owns {len(owned)} tables"),
            Say(
                "另建一个角色拥有这些表，写进 DATABASE_OWNER_URL，再运行 hotline migrate。",
                "Let another role own them, name it in DATABASE_OWNER_URL, then run `hotline migrate`.",
            ),
        )  # fmt: skip
        return
    for table in migrate.APPEND_ONLY:
        if await connection.fetchval("SELECT has_table_privilege($1, 'DELETE, TRUNCATE')", table):
            yield Finding(
                "rights", "bad", Say(f"{user} 可以删 {table} 的行", f"{user} may delete rows of {table}"),
                Say("运行 hotline migrate，它会收回。", "Run `hotline migrate`, which takes that back."),
            )  # fmt: skip
            return
    yield Finding("rights", "good", Say(f"{user} 不拥有任何表", f"{user} owns no table"))


_GUARDS = """
SELECT tgrelid::regclass::text AS table, tgname AS name FROM pg_trigger
WHERE NOT tgisinternal AND tgenabled = 'D' ORDER BY 1, 2
"""


async def _triggers(connection: asyncpg.Connection, _: Settings) -> AsyncIterator[Finding]:
    asleep = [f"{row['table']}.{row['name']}" for row in await connection.fetch(_GUARDS)]
    bare = [
        table
        for table in migrate.APPEND_ONLY
        if not await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass($1) AND NOT tgisinternal)", table
        )
    ]
    if asleep or bare:
        names = ", ".join(asleep + bare)
        yield Finding(
            "guards", "bad", Say(f"账本的护锁被关或被删：{names}", f"the ledger's locks are off or gone: {names}"),
            Say(
                "先查是谁关的，运行 hotline verify；再以表的主人身份 ALTER TABLE … ENABLE TRIGGER ALL。",
                "Find out who did it, run `hotline verify`; then as the owner ALTER TABLE … ENABLE TRIGGER ALL.",
            ),
        )  # fmt: skip
    else:
        yield Finding("guards", "good", Say("账本的护锁都在", "the ledger's locks are on"))


async def _keys(connection: asyncpg.Connection, one: Settings) -> AsyncIterator[Finding]:
    used = await backup.keys_in_use(connection)
    missing = sorted(set(used) - set(backup.keys_held(one.key_dir)))
    if missing:
        names = ", ".join(missing)
        yield Finding(
            "key ids", "bad", Say(f"缺密钥 {names}，有内容读不了", f"keys {names} are missing: fields cannot be read"),
            Say(f"从另存处放回 {one.key_dir}。", f"Put them back into {one.key_dir} from where they are kept."),
        )  # fmt: skip
    else:
        found = Say(f"在用的 {len(used)} 把密钥都在", f"all {len(used)} keys in use are there")
        yield Finding("key ids", "good", found)


async def _erasures(connection: asyncpg.Connection, one: Settings) -> AsyncIterator[Finding]:
    """What was erased must be gone here too, also after a restore, and be known outside the database (rules.md 5)."""
    lacking, legible = await erasures.unfinished(connection, one)
    path = erasures.journal(one)
    if legible:
        yield Finding(
            "erasures", "bad",
            Say(f"{legible} 件按规定擦除过的案件又能读了", f"{legible} cases that were erased can be read again"),
            Say(f"运行 hotline erasures --replay {path}", f"Run `hotline erasures --replay {path}`."),
        )  # fmt: skip
    elif lacking:
        yield Finding(
            "erasures", "warn",
            Say(f"擦除记录还差 {lacking} 行", f"the journal of erasures lacks {lacking} lines"),
            Say("后台每分钟补写；也可运行 hotline erasures。", "The worker adds them; or run `hotline erasures`."),
        )  # fmt: skip
    else:
        yield Finding("erasures", "good", Say("擦除记录齐全", "the journal of erasures is complete"))


async def _calendar(connection: asyncpg.Connection, _: Settings) -> AsyncIterator[Finding]:
    """The State Council announces a year's days off in the autumn before; until then due dates are provisional."""
    today = clock.today()
    last = await connection.fetchval("SELECT max(day) FROM calendar_day")
    through = last.year if last else 0
    found = Say(f"节假日到 {through} 年", f"public holidays through {through}")
    mend = Say("在 维护 → 日历 里录入放假安排。", "Enter the announced holidays under Administration → Calendar.")
    if through > today.year:
        yield Finding("calendar", "good", found)
    elif through < today.year:
        yield Finding("calendar", "bad", found, mend)
    else:
        yield Finding("calendar", "warn" if today.month >= 11 else "good", found, mend if today.month >= 11 else None)


async def _clock(connection: asyncpg.Connection, _: Settings) -> AsyncIterator[Finding]:
    before = time.monotonic()
    there = await connection.fetchval("SELECT clock_timestamp()")
    apart = abs(clock.now() - there)
    if apart > _SKEW + timedelta(seconds=time.monotonic() - before):
        told = f"{apart.total_seconds():.0f}"
        yield Finding(
            "clock", "bad", Say(f"与数据库的钟差 {told} 秒", f"{told} s apart from the database's clock"),
            Say("两边都用 NTP 校时。", "Keep both machines on NTP."),
        )  # fmt: skip
    else:
        yield Finding("clock", "good", Say("与数据库的钟一致", "agrees with the database's clock"))


async def _valkey(one: Settings) -> list[Finding]:
    from hotline.worker import HEARTBEAT

    client = redis.asyncio.Redis.from_url(one.redis_url, decode_responses=True, socket_timeout=5)
    try:
        async with client:
            have: dict[str, Any] = await client.config_get("maxmemory-policy", "appendonly")
            beat = await client.get(HEARTBEAT)
    except (RedisError, OSError) as error:
        return [Finding(
            "valkey", "bad", Say(f"连不上：{error}", f"cannot be reached: {error}"),
            Say("检查 REDIS_URL 和服务器。", "Check REDIS_URL and the server."),
        )]  # fmt: skip
    wanted = {"maxmemory-policy": "noeviction", "appendonly": "yes"}
    wrong = [f"{name} {have.get(name)}" for name, value in wanted.items() if have.get(name) != value]
    told = ", ".join(wrong)
    findings = [
        Finding(
            "valkey", "warn", Say(f"设置不对：{told}", f"set otherwise than it should be: {told}"),
            Say("设 maxmemory-policy noeviction、appendonly yes。", "Set maxmemory-policy noeviction, appendonly yes."),
        )
        if wrong
        else Finding("valkey", "good", Say("答应，不丢键，写盘", "answers, evicts nothing, writes to disk"))
    ]  # fmt: skip
    if beat:
        findings.append(Finding("worker", "good", Say(f"后台在跑（{beat}）", f"the worker is alive ({beat})")))
    else:
        is_wanted = bool(up.running_address(one)) or not one.redis_url.startswith("unix:")
        findings.append(Finding(
            "worker", "bad" if is_wanted else "warn", Say("后台没有在跑", "the worker is not running"),
            Say("运行 hotline up 或 worker，看 worker.log。", "Run `hotline up` or `hotline worker`; see worker.log."),
        ))  # fmt: skip
    return findings
