"""The round through the machine room: whoever lives does it, one process at a time, and tells what is wrong.

The worker goes round; each web process too, so that a dead worker is noticed and told of. What they tell goes by the
outbox; with the worker away the web process delivers it. With the database away it is told from what was remembered.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from datetime import timedelta

import structlog
from redis.exceptions import RedisError

from channels import outbox, reminders, standing, texts
from channels.carrier import Facts, NotSentError, Outgoing
from hotline import city, clock, db, jobs, settings, vault
from hotline.actor import SYSTEM
from hotline.errors import Say
from hotline.ids import new_id
from hotline.machine import alarms, pulse, signals, uptime
from hotline.machine.alarms import News
from hotline.work import Work, work
from web import measured

EVERY = 20.0
"""Seconds between two rounds of a process."""
LEAST = timedelta(seconds=15)
"""Somebody else's round so recent is enough."""
SWEPT = timedelta(minutes=1)
_TURN = """
    INSERT INTO machine_round AS r (at, by_whom) VALUES ($1, $2)
    ON CONFLICT (is_only) DO UPDATE SET at = excluded.at, by_whom = excluded.by_whom
    WHERE r.at <= $3 OR r.at > $4 RETURNING TRUE
"""
KIND = "machine_alarm"
log = structlog.get_logger("machine")
_contacts: list[tuple[str, bytes]] = []
_away = {"since": 0.0, "told": 0.0}


async def go(kind: str) -> list[News]:
    """Say that this process lives, and go round if nobody just did; what was told. Raises db.AWAY errors."""
    await pulse.say(kind)
    await uptime.mark(kind)
    readings = await measured.measured()
    async with work(SYSTEM) as w:
        if not await w.connection.fetchval(_TURN, w.now, kind, w.now - LEAST, w.now + SWEPT):
            return []
        news = await alarms.settle(w, readings)
        for one in news:
            await _tell(w, one)
        await _remember(w)
        if news:
            w.after(lambda: jobs.publish("live", "machine"))
    if news and kind == "web" and any(one.code == "worker" and signals.is_bad("worker", one.value) for one in readings):
        await outbox.deliver_due()  # nobody else does
    return news


async def _tell(w: Work, one: News) -> None:
    """The administrators who are in; whoever the city named above them once it is escalated."""
    alarm = one.alarm
    name = signals.of(alarm.key).name
    text = {
        "opened": Say(f"系统告警 {alarm.say.zh}", f"Alarm. {alarm.say.en}"),
        "again": Say(f"告警未处理 {alarm.say.zh}", f"Alarm still open. {alarm.say.en}"),
        "escalated": Say(f"告警无人处理 {alarm.say.zh}", f"Nobody took this alarm. {alarm.say.en}"),
        "cleared": Say(f"告警已解除：{name.zh}", f"Alarm over: {name.en}"),
    }[one.kind]
    asked = str(city.current().rule("alarm.escalate_to" if one.kind == "escalated" else "alarm.to")).split()
    for role in asked:
        await reminders.remind(
            w, unit="", kind=KIND, case=None, text=text, critical=one.kind != "cleared",
            to=role, key=f"{KIND}:{alarm.id}:{one.kind}:{alarm.told}:{role}",
        )  # fmt: skip


async def _remember(w: Work) -> None:
    """How the administrators are reached, still sealed: for the hour in which the database cannot be asked."""
    everybody = await standing.of_work(w)
    roles = str(city.current().rule("alarm.to")).split()
    people = [person for role in roles for person, _ in everybody.told("", role)]
    _contacts[:] = {(door, one.addresses[door]) for one in people for door in one.doors if door in one.addresses}


async def watch(kind: str) -> None:
    """Go round for ever; what is away is told of as well as it can be."""
    while True:
        await asyncio.sleep(EVERY)
        await once(kind)


async def once(kind: str) -> None:
    """One round, or one look at a database that does not answer; never raises."""
    try:
        await go(kind)
        _away["since"] = 0.0
    except (*db.AWAY, RedisError) as error:
        log.warning("away", kind=type(error).__qualname__)
        if isinstance(error, db.AWAY):
            await database_away()
    except Exception as error:  # noqa: BLE001 - the watch goes on whatever it met
        log.error("round_failed", kind=type(error).__qualname__)  # noqa: TRY400 - a traceback would quote rows


async def database_away() -> int:
    """Tell the people remembered that the database is away, past the hold and again until it is back; how many."""
    now = time.monotonic()
    _away["since"] = _away["since"] or now
    rules = city.current().rule
    hold, repeat = (60 * float(rules(f"alarm.{name}_minutes")) for name in ("hold", "repeat"))
    if now - _away["since"] < hold or (_away["told"] and now - _away["told"] < repeat):
        return 0
    with _alone(repeat) as is_mine:
        if not is_mine:
            return 0
        _away["told"] = now
        sent = [await _send(door, sealed) for door, sealed in _contacts]
    return sum(sent)


async def _send(door: str, sealed: bytes) -> bool:
    sender = outbox.SENDERS.get(door)
    if sender is None:
        return False
    words = "系统告警：数据库连不上，请立即查看 PostgreSQL。Alarm: the database is away."
    text = texts.SIGNATURE + texts.cut(words, texts.ONE_SMS - len(texts.SIGNATURE)) if door == "sms" else words
    one = new_id()
    try:
        await sender(Outgoing(
            id=one, key=f"{KIND}:database:{one}", channel=door, address=vault.unseal(sealed, f"person_reach.{door}"),
            text=text, name=reminders.NAME,
            facts=Facts(title=texts.cut(words, 60), remark=texts.cut(words, texts.REMARK)),
        ))  # fmt: skip
    except (NotSentError, OSError) as error:
        log.warning("alarm_not_sent", door=door, kind=type(error).__qualname__)
        return False
    return True


@contextlib.contextmanager
def _alone(seconds: float) -> Iterator[bool]:
    """Whether no other process of this machine told it within ``seconds``: a file in the data folder knows."""
    path = settings.current().data_dir / "alarm-told"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        told = file.read().strip()
        moment = clock.now().timestamp()
        is_mine = not told or abs(moment - float(told)) >= seconds
        if is_mine:
            file.seek(0)
            file.truncate()
            file.write(f"{moment:.0f}")
        yield is_mine
