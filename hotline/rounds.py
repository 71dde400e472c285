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
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from channels import outbox, reminders, standing, texts
from channels.carrier import Facts, Outgoing
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
REMEMBER = 300.0
"""Seconds after which a process asks anew whom to tell when the database cannot be asked."""
_DUE = "SELECT NOT EXISTS (SELECT FROM machine_round WHERE at > $1 AND at <= $2)"
_TURN = """
    INSERT INTO machine_round AS r (at, by_whom) VALUES ($1, $2)
    ON CONFLICT (is_only) DO UPDATE SET at = excluded.at, by_whom = excluded.by_whom
    WHERE r.at <= $3 OR r.at > $4 RETURNING TRUE
"""
KIND = "machine_alarm"
log = structlog.get_logger("machine")
_contacts: list[tuple[str, bytes]] = []
_away = {"since": 0.0, "told": 0.0, "asked": -REMEMBER}
_WORDS = {
    "away": "系统告警：数据库连不上，请立即查看 PostgreSQL。Alarm: the database is away.",
    "back": "系统告警解除：数据库恢复了。Alarm over: the database is back.",
}


async def go(kind: str) -> list[News]:
    """Say that this process lives, and go round if nobody just did; what was told. Raises db.AWAY errors."""
    await report(kind)
    return await look(kind)


async def report(kind: str) -> None:
    """Say that this process lives and that this minute is one of service. Raises db.AWAY errors."""
    await pulse.say(kind)
    await uptime.mark(kind)


async def look(kind: str) -> list[News]:
    """Go round if nobody just did; what was told."""
    if time.monotonic() - _away["asked"] >= REMEMBER:
        await _remember()
    now = clock.now()
    async with db.reading() as connection:
        if not await connection.fetchval(_DUE, now - LEAST, now + SWEPT):
            return []
    readings = await measured.measured()
    async with work(SYSTEM) as w:
        if not await w.connection.fetchval(_TURN, w.now, kind, w.now - LEAST, w.now + SWEPT):
            return []
        news = await alarms.settle(w, readings)
        for one in news:
            await _tell(w, one)
        if news:
            w.after(lambda: jobs.publish("live", "machine"))
    if news and kind == "web" and any(one.code == "worker" and signals.is_bad("worker", one.value) for one in readings):
        await outbox.deliver_due()  # nobody else does
    return news


async def _tell(w: Work, one: News) -> None:
    """The administrators who are in; whoever the city named above them once it is escalated, or where none is in.

    Those above hear too that it is over. Nobody hears the same thing twice under two roles.
    """
    alarm = one.alarm
    name = signals.of(alarm.key).name
    text = {
        "opened": Say(f"系统告警 {alarm.say.zh}", f"Alarm. {alarm.say.en}"),
        "again": Say(f"告警未处理 {alarm.say.zh}", f"Alarm still open. {alarm.say.en}"),
        "escalated": Say(f"告警无人处理 {alarm.say.zh}", f"Nobody took this alarm. {alarm.say.en}"),
        "cleared": Say(f"告警已解除：{name.zh}", f"Alarm over: {name.en}"),
    }[one.kind]
    everybody, rule = await standing.of_work(w), city.current().rule
    near, above = (str(rule(f"alarm.{name}")).split() for name in ("to", "escalate_to"))
    asked = above if one.kind == "escalated" else near
    if (one.kind == "cleared" and alarm.escalated_at is not None) or not _people(everybody, asked):
        asked = [*near, *above]
    told = reminders.Reminder(
        unit="", kind=KIND, to=" ".join(asked), text=text, is_critical=one.kind != "cleared",
        key=f"{KIND}:{alarm.id}:{one.kind}:{alarm.told}",
    )  # fmt: skip
    reminders.tell(w, told, None, _people(everybody, asked), everybody)


def _people(everybody: standing.Standing, roles: list[str]) -> list[tuple[standing.Reached, UUID | None]]:
    """Whoever holds one of the roles and is in, or stands in for them."""
    found = {person.id: (person, whom) for role in roles for person, whom in everybody.told("", role)}
    return list(found.values())


async def _remember() -> None:
    """How the administrators are reached, still sealed: for the hour in which the database cannot be asked.

    Each process asks for itself: whichever goes round, any of them may be the one that is left.
    """
    async with db.reading() as connection:
        everybody = await standing.as_of(connection, clock.today())
    roles = str(city.current().rule("alarm.to")).split()
    people = _people(everybody, roles)
    _contacts[:] = {(door, one.addresses[door]) for one, _ in people for door in one.doors if door in one.addresses}
    _away["asked"] = time.monotonic()


async def watch(kind: str) -> None:
    """Go round for ever; what is away is told of as well as it can be."""
    while True:
        await asyncio.sleep(EVERY)
        await once(kind)


async def once(kind: str) -> None:
    """One round, or one look at a database that does not answer; never raises."""
    try:
        if await _has_reported(kind):
            await database_back()
            await look(kind)
        else:
            await database_away()
    except (*db.AWAY, RedisError) as error:
        log.warning("away", kind=type(error).__qualname__)
    except Exception as error:  # noqa: BLE001 - the watch goes on whatever it met
        log.error("round_failed", kind=type(error).__qualname__)  # noqa: TRY400 - a traceback would quote rows


async def _has_reported(kind: str) -> bool:
    """Whether the database took the report. A figure that takes too long to measure does not mean that it is away."""
    try:
        await report(kind)
    except db.AWAY as error:
        log.warning("away", kind=type(error).__qualname__)
        return False
    return True


async def database_back() -> None:
    """Whoever this process told that it is away hears that it is back, once."""
    was_told = _away["since"] and _away["told"] >= _away["since"]
    _away["since"] = 0.0
    if was_told:
        await _send_all("back")


async def database_away() -> int:
    """Tell the people remembered that the database is away, past the hold and again until it is back; how many.

    A process that remembers nobody, or reaches nobody, leaves it to the others and tries again.
    """
    now = time.monotonic()
    _away["since"] = _away["since"] or now
    rules = city.current().rule
    hold, repeat = (60 * float(rules(f"alarm.{name}_minutes")) for name in ("hold", "repeat"))
    if now - _away["since"] < hold or (_away["told"] and now - _away["told"] < repeat):
        return 0
    with _alone(repeat) as note:
        sent = await _send_all("away") if note is not None and _contacts else 0
        if note is not None and sent:
            _away["told"] = now
            note()
    return sent


async def _send_all(about: str) -> int:
    """To everybody remembered, past the outbox; how many it reached."""
    return sum([await _send(door, sealed, _WORDS[about]) for door, sealed in _contacts])


async def _send(door: str, sealed: bytes, words: str) -> bool:
    sender = outbox.SENDERS.get(door)
    if sender is None:
        return False
    text = texts.SIGNATURE + texts.cut(words, texts.ONE_SMS - len(texts.SIGNATURE)) if door == "sms" else words
    one = new_id()
    try:
        await sender(Outgoing(
            id=one, key=f"{KIND}:database:{one}", channel=door, address=vault.unseal(sealed, f"person_reach.{door}"),
            text=text, name=reminders.NAME,
            facts=Facts(title=texts.cut(words, 60), remark=texts.cut(words, texts.REMARK)),
        ))  # fmt: skip
    except Exception as error:  # noqa: BLE001 - whatever keeps it from one, the next is told
        log.warning("alarm_not_sent", door=door, kind=type(error).__qualname__)
        return False
    return True


@contextlib.contextmanager
def _alone(seconds: float) -> Iterator[Callable[[], object] | None]:
    """None when another process here tells it or told it within ``seconds``: a file in the data folder knows.

    Else what to call once somebody was reached. Nobody waits for the other: that would hold up its pages.
    """
    path = settings.current().data_dir / "alarm-told"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        told, moment = file.read().strip(), clock.now().timestamp()
        is_mine = not told.isdigit() or abs(moment - float(told)) >= seconds

        def note() -> None:
            file.seek(0)
            file.truncate()
            file.write(f"{moment:.0f}")

        yield note if is_mine else None
