"""Surge mode (seed 001-08): switched on with a reason and a planned end; other greeting, triage and staffing; logged.

It ends by itself at its planned end, and is suggested by the figures but never switched by them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from channels import calls, staffing
from channels import voice_texts as texts
from hotline import acts, city, clock, db, jobs
from hotline.actor import SYSTEM, Actor
from hotline.errors import Refusal, Say, conflict, invalid
from hotline.ids import new_id
from hotline.live import CHANNEL

NAME = "surge"
"""The name under which pages hear that it went on or off."""
WHYS: dict[str, Say] = {
    "weather": Say("极端天气", "extreme weather"),
    "outage": Say("大面积停水停电停气停热", "a wide outage of water, power, gas or heat"),
    "incident": Say("突发事件", "an incident"),
    "policy": Say("政策发布", "a new policy"),
    "staff": Say("人手不足", "too few people on duty"),
    "other": Say("其他", "something else"),
}
GREETING = Say(
    "现在来电集中，等候时间较长。不急的事可以在网站或微信上反映，同样有编号、同样答复。",
    "Many people are calling and the wait is long. If it can wait, write on the web or by WeChat: it counts the same.",
)
_COLUMNS = """
SELECT s.id, s.why, s.words, s.greeting_zh, s.greeting_en, s.lines, s.matters, s.script_zh, s.script_en, s.on_at,
    s.on_by, s.until, s.reminded_at, s.off_at, s.off_words, p.name AS on_name, o.name AS off_name
FROM surge s JOIN person p ON p.id = s.on_by LEFT JOIN person o ON o.id = s.off_by
"""
_ON = f"{_COLUMNS} WHERE s.off_at IS NULL"
_PAST = f"{_COLUMNS} WHERE s.off_at IS NOT NULL ORDER BY s.on_at DESC LIMIT 20"
_INSERT = """
INSERT INTO surge (id, why, words, greeting_zh, greeting_en, lines, matters, script_zh, script_en, on_at, on_by, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT ((true)) WHERE off_at IS NULL DO NOTHING
"""
_OFF = "UPDATE surge SET off_at = $1, off_by = $2, off_words = $3 WHERE off_at IS NULL RETURNING id"
_END = "UPDATE surge SET off_at = until WHERE off_at IS NULL AND until <= $1 RETURNING id"
_LAST = "SELECT count(*)::int FROM call WHERE direction = 'in' AND queued_at > $1"
_QUARTER = timedelta(minutes=15)


class Surge(msgspec.Struct, frozen=True, kw_only=True):
    """One surge. ``lines`` and ``matters`` (codes, or their beginnings) get the short script."""

    id: UUID
    why: str
    words: str
    greeting_zh: str
    greeting_en: str
    lines: tuple[str, ...]
    matters: tuple[str, ...]
    script_zh: str
    script_en: str
    on_at: datetime
    on_by: UUID
    until: datetime
    reminded_at: datetime | None
    off_at: datetime | None
    off_words: str
    on_name: str
    off_name: str | None

    @property
    def greeting(self) -> Say:
        """What callers hear before the line's own greeting, and what the web and WeChat show."""
        return Say(self.greeting_zh, self.greeting_en)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is switched on."""

    why: str
    words: str
    hours: float
    greeting: Say
    lines: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    script: Say = Say("", "")


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """Why surge mode might be wanted: callers who wait, or arrivals of a quarter of an hour beside the usual."""

    waiting: int
    last: int
    usual: float


def _surge(row: asyncpg.Record) -> Surge:
    return Surge(**{**dict(row), "lines": tuple(row["lines"]), "matters": tuple(row["matters"])})


async def current(connection: db.Connection) -> Surge | None:
    """The surge that is on; None on every other day. One that is past its planned end is not on any more."""
    row = await connection.fetchrow(_ON)
    return _surge(row) if row is not None and row["until"] > clock.now() else None


async def past(connection: db.Connection) -> list[Surge]:
    """The latest that are over."""
    return [_surge(row) for row in await connection.fetch(_PAST)]


async def switch_on(actor: Actor, plan: Plan) -> UUID:
    """高峰模式开. 409 when it is on, 422 beyond rule ``surge.most`` hours or for a line or matter that is none."""
    _check(plan)
    one, now = new_id(), clock.now()
    until = now + timedelta(hours=plan.hours)
    async with db.atomic() as connection:
        await end_due(connection)
        done = await connection.execute(
            _INSERT, one, plan.why, plan.words, plan.greeting.zh, plan.greeting.en, list(plan.lines),
            list(plan.matters), plan.script.zh, plan.script.en, now, actor.id, until,
        )  # fmt: skip
        if not str(done).endswith(" 1"):
            raise conflict("on", "高峰模式已经开着。", "Surge mode is on already.")
        hours = f"{plan.hours:g}"
        await acts.note(connection, actor, "surge_on", f"surge:{one}", {"surge_why": plan.why, "hours": hours})
    await tell()
    return one


def _check(plan: Plan) -> None:
    wrong: dict[str, Say] = {}
    most, snapshot = int(city.current().rule("surge.most")), city.current()
    if plan.why not in WHYS:
        wrong["why"] = Say("请选原因。", "Choose why.")
    if not 0 < plan.hours <= most:
        wrong["hours"] = Say(f"一次最多 {most} 小时，到时可以延长。", f"At most {most} hours; prolong it then.")
    if any(snapshot.line(one) is None for one in plan.lines):
        wrong["lines"] = Say("有的号码不是本市线路，请核对。", "One of the numbers is no line of ours.")
    if any(not _is_matter(one) for one in plan.matters):
        wrong["matters"] = Say("事项写编码或编码开头，如 0202。", "Write codes of matters, or how they begin: 0202.")
    if wrong:
        raise invalid(wrong)


def _is_matter(code: str) -> bool:
    return code.isdigit() and any(one.startswith(code) for one in city.current().matters)


async def prolong(actor: Actor, hours: float) -> None:
    """It goes on for so many hours from now. 409 when it is off, 422 beyond the most."""
    most = int(city.current().rule("surge.most"))
    if not 0 < hours <= most:
        raise invalid({"more": Say(f"从现在起最多再开 {most} 小时。", f"At most {most} more hours from now.")})
    now = clock.now()
    async with db.atomic() as connection:
        one = await connection.fetchval(
            "UPDATE surge SET until = $1, reminded_at = NULL WHERE off_at IS NULL AND until > $2 RETURNING id",
            now + timedelta(hours=hours), now,
        )  # fmt: skip
        if one is None:
            raise _is_off()
        await acts.note(connection, actor, "surge_prolonged", f"surge:{one}", {"hours": f"{hours:g}"})
    await tell()


async def switch_off(actor: Actor, words: str) -> None:
    """高峰模式关. 409 when it is off already."""
    async with db.atomic() as connection:
        one = await connection.fetchval(_OFF, clock.now(), actor.id, words)
        if one is None:
            raise _is_off()
        await acts.note(connection, actor, "surge_off", f"surge:{one}")
    await tell()


def _is_off() -> Refusal:
    return conflict("off", "高峰模式没有开着。", "Surge mode is off.")


async def end_due(connection: db.Connection) -> bool:
    """One that is past its planned end was over then; whether there was one. In the caller's transaction."""
    one = await connection.fetchval(_END, clock.now())
    if one is not None:
        await acts.note(connection, SYSTEM, "surge_ended", f"surge:{one}")
    return one is not None


async def to_remind(connection: db.Connection) -> Surge | None:
    """The one whose end is near (rule ``surge.remind``) and of which nobody was reminded; marked as told."""
    edge = clock.now() + timedelta(minutes=int(city.current().rule("surge.remind")))
    done = await connection.fetchval(
        "UPDATE surge SET reminded_at = $2 WHERE off_at IS NULL AND reminded_at IS NULL AND until <= $1 AND until > $2"
        " RETURNING id", edge, clock.now(),
    )  # fmt: skip
    return await current(connection) if done is not None else None


async def queued(connection: db.Connection) -> int:
    """How many callers wait in the queue."""
    return int(await connection.fetchval("SELECT count(*) FROM call WHERE state = 'queued'"))


async def suggested(connection: db.Connection) -> Suggestion | None:
    """Whether the figures speak for it: rules ``surge.waiting``, or ``surge.percent`` of the usual arrivals."""
    rule, now = city.current().rule, clock.now()
    waiting = await queued(connection)
    last = int(await connection.fetchval(_LAST, now - _QUARTER))
    hour = now.replace(minute=0, second=0, microsecond=0)
    known = await staffing.usual(connection, hour, hour + timedelta(hours=1)) if last else {}
    usual = known.get(hour, (0.0, 0))[0] / 4
    is_many = last >= int(rule("surge.least")) and usual > 0 and 100 * last >= float(rule("surge.percent")) * usual
    if waiting < int(rule("surge.waiting")) and not is_many:
        return None
    return Suggestion(waiting=waiting, last=last, usual=usual)


async def place(connection: db.Connection, ahead: int) -> str:
    """Where a caller stands with so many before them, and during a surge about how long it takes."""
    if not ahead:
        return texts.NEXT.zh
    if await current(connection) is None:
        return texts.AHEAD.zh.format(n=ahead)
    return texts.SURGE_WAIT.zh.format(n=ahead, minutes=await staffing.wait_minutes(connection, ahead))


async def added(words: str) -> str:
    """An automatic answer with the announcement under it while a surge is on; without PostgreSQL just the answer."""
    if not words:
        return ""
    try:
        async with db.reading() as connection:
            on = await current(connection)
    except db.AWAY:
        return words
    return f"{words}\n{on.greeting_zh}\n{on.greeting_en}" if on is not None else words


async def tell() -> None:
    """After the commit: the strip on every desk, and the floor."""
    await calls.tell()
    await jobs.publish(CHANNEL, NAME)
