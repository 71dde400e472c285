"""Alarms: opened when a signal stays bad, cleared when it stays good, told until somebody says that they have it.

What stands at its threshold changes nothing, and whatever comes again and again must stay good longer each time, so
that a signal that flaps is one alarm and not twenty messages.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec

from hotline import acts, city, clock, db, jobs
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from hotline.ids import new_id
from hotline.machine import signals
from hotline.machine.signals import Reading
from hotline.work import ORDER, Row, Work

ORDER += ["machine_alarm"]
RECENT = timedelta(hours=6)
"""Openings within it make the next one harder to clear."""
HARDEST = 4
"""Doublings of the calm at most: sixteen times."""
RARER = 5
"""Doublings of the pause between two tellings at most: thirty-two times. Nobody reads a day's ninetieth message."""
UNSEEN = timedelta(minutes=5)
"""After a time in which nobody looked nothing is known of since when: a night without power is no alarm at its end."""
_SIGNAL = """
    INSERT INTO machine_signal AS s (key, value, is_bad, since, at) VALUES ($1, $2, $3, $4, $4)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, is_bad = excluded.is_bad, at = excluded.at,
        since = CASE WHEN s.is_bad = excluded.is_bad AND s.at > $5 THEN least(s.since, excluded.since)
            ELSE excluded.since END
    RETURNING since
"""
_REACHED = """
    SELECT count(*) FROM person p JOIN person_reach r ON r.person_id = p.id
    WHERE p.is_active AND r.doors && r.proven AND EXISTS (SELECT FROM role_grant g WHERE g.person_id = p.id
        AND g.role = ANY(string_to_array((SELECT value FROM rule WHERE key = 'alarm.to'), ' '))
        AND g.valid_from <= $1 AND (g.valid_to IS NULL OR g.valid_to >= $1))
"""
_GONE = "DELETE FROM machine_signal WHERE key <> ALL($1::text[])"


class AlarmRow(Row, kw_only=True):
    """One alarm from its opening to its clearing."""

    table: ClassVar[str] = "machine_alarm"

    id: UUID
    key: str
    opened_at: datetime
    value: float
    worst: float
    good_since: datetime | None = None
    told: int = 0
    told_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: UUID | None = None
    escalated_at: datetime | None = None
    cleared_at: datetime | None = None

    @property
    def say(self) -> Say:
        """What is wrong, and what to do about it."""
        one = signals.of(self.key)
        part = self.key.partition(":")[2]
        told = signals.words(self.key, self.worst)
        name = Say(f"{one.name.zh} {part}".strip(), f"{one.name.en} {part}".strip())
        return Say(f"{name.zh}：{told.zh}。{one.mend.zh}", f"{name.en}: {told.en}. {one.mend.en}")


class News(msgspec.Struct, frozen=True):
    """Something to be told of an alarm: ``opened``, ``again``, ``escalated`` or ``cleared``."""

    kind: str
    alarm: AlarmRow


_COLUMNS = ", ".join(AlarmRow.__struct_fields__)
_OPEN = f"SELECT {_COLUMNS} FROM machine_alarm WHERE cleared_at IS NULL ORDER BY opened_at FOR UPDATE"


def _minutes(rule: str) -> timedelta:
    return timedelta(minutes=float(city.current().rule(f"alarm.{rule}_minutes")))


def calm(openings: int) -> timedelta:
    """How long a signal must stay good before its alarm clears, after so many openings lately."""
    return _minutes("calm") * float(2 ** min(max(openings - 1, 0), HARDEST))


def pause(told: int) -> timedelta:
    """How long after having been told so often it is told again: twice soon, then ever less often."""
    return _minutes("repeat") * float(2 ** min(max(told - 2, 0), RARER))


async def settle(work: Work, readings: list[Reading]) -> list[News]:
    """Keep what was measured, open and clear alarms; returns what is to be told. Under the lock of the round."""
    rows = await work.connection.fetch(_OPEN)
    alarms = {row["key"]: AlarmRow(**row) for row in rows}
    openings = {
        row["key"]: row["n"]
        for row in await work.connection.fetch(
            "SELECT key, count(*) AS n FROM machine_alarm WHERE opened_at > $1 GROUP BY 1", work.now - RECENT
        )
    }
    for alarm in alarms.values():
        work.track(alarm)
    seen = {one.key: one for one in readings}
    news = [*filter(None, [await _look(work, one, alarms, openings.get(one.key, 0)) for one in readings])]
    if not any(one.code == signals.BLIND and one.value for one in readings):
        await work.connection.execute(_GONE, list(seen))
        for key, alarm in alarms.items():
            if key not in seen and (told := _better(alarm, work.now, openings.get(key, 0))):
                news.append(told)  # what is measured no longer, as a door that was taken away, is over
    return news + [one for alarm in alarms.values() if alarm.cleared_at is None for one in due(alarm, work.now)]


async def _look(work: Work, one: Reading, alarms: dict[str, AlarmRow], openings: int) -> News | None:
    is_bad = signals.is_bad(one.code, one.value)
    since = await work.connection.fetchval(_SIGNAL, one.key, one.value, is_bad, work.now, work.now - UNSEEN)
    alarm = alarms.get(one.key)
    if is_bad and alarm is None and work.now - since >= _minutes("hold"):
        alarm = AlarmRow(id=new_id(), key=one.key, opened_at=work.now, value=one.value or 0.0, worst=one.value or 0.0)
        alarms[one.key] = alarm
        work.add(alarm)
        return None
    if alarm is None:
        return None
    if not is_bad and signals.is_calm(one.code, one.value):
        return _better(alarm, work.now, openings)
    alarm.good_since = None
    if one.value is not None:
        worse = min if signals.SIGNALS[one.code].is_low else max
        alarm.worst = worse(alarm.worst, one.value)
    return None


def _better(alarm: AlarmRow, now: datetime, openings: int) -> News | None:
    """It is good; once it has been so long enough, the alarm is over."""
    alarm.good_since = min(alarm.good_since or now, now)
    if now - alarm.good_since < calm(openings):
        return None
    alarm.cleared_at = max(now, alarm.opened_at)
    return News("cleared", alarm) if alarm.told else None


def due(alarm: AlarmRow, now: datetime) -> list[News]:
    """What is to be told of an open alarm now; marks it as told. Whoever took it has it for a shift, not for ever."""
    if alarm.acknowledged_at is not None and abs(now - alarm.acknowledged_at) >= _minutes("taken"):
        alarm.acknowledged_at = alarm.acknowledged_by = None
    if alarm.acknowledged_at is not None or (alarm.good_since is not None and alarm.told):
        return []
    found = []
    if alarm.told_at is None or abs(now - alarm.told_at) >= pause(alarm.told):
        found.append(News("again" if alarm.told else "opened", alarm))
        alarm.told, alarm.told_at = alarm.told + 1, now
    if alarm.escalated_at is None and now - alarm.opened_at >= _minutes("escalate"):
        found.append(News("escalated", alarm))
        alarm.escalated_at = now
    return found


async def open_ones(connection: db.Connection) -> list[AlarmRow]:
    """Alarms that are not over, those nobody has yet first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM machine_alarm WHERE cleared_at IS NULL ORDER BY acknowledged_at NULLS FIRST, opened_at"
    )
    return [AlarmRow(**row) for row in rows]


async def past(connection: db.Connection, limit: int = 20) -> list[AlarmRow]:
    """The last alarms that are over."""
    sql = f"SELECT {_COLUMNS} FROM machine_alarm WHERE cleared_at IS NOT NULL ORDER BY opened_at DESC LIMIT $1"
    return [AlarmRow(**row) for row in await connection.fetch(sql, limit)]


async def reached(connection: db.Connection) -> int:
    """How many of those who are told (rule ``alarm.to``) have a proven door, so that they hear of an alarm anywhere."""
    return int(await connection.fetchval(_REACHED, clock.today()))


async def acknowledge(connection: db.Connection, actor: Actor, alarm: UUID) -> None:
    """Somebody has it: nobody is told again. 404 when there is none, 409 when somebody has it or it is over."""
    row = await connection.fetchrow("SELECT key, acknowledged_at, cleared_at FROM machine_alarm WHERE id = $1 "
                                    "FOR UPDATE", alarm)
    if row is None:
        raise not_found()
    if row["acknowledged_at"] or row["cleared_at"]:
        raise conflict("alarm_taken", "这个告警已经有人在处理，或者已经解除。",
            "Somebody has this alarm, or it is over.")
    await connection.execute(
        "UPDATE machine_alarm SET acknowledged_at = $2, acknowledged_by = $3 WHERE id = $1",
        alarm, clock.now(), actor.id,
    )  # fmt: skip
    await acts.note(connection, actor, "alarm_acknowledged", f"alarm:{row['key']}")
    await jobs.publish("live", "machine")
