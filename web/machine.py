"""What the operations page and /metrics show of the machine room: signals with their state, alarms, uptime, runs."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hotline import clock, db
from hotline.errors import Say
from hotline.machine import alarms, pulse, runs, signals, uptime
from web import measured
from web.admin.state import DOORS

_LEVELS = ("bad", "warn", "good")


class Line(msgspec.Struct, frozen=True):
    """One signal as the page shows it. ``level``: good, warn, bad; ``since``: since when, if a round looked already."""

    key: str
    name: Say
    say: Say
    level: str
    since: datetime | None
    mend: Say
    guide: str
    url: str


class Board(msgspec.Struct, frozen=True):
    """The whole page's content."""

    lines: list[Line]
    open: list[alarms.AlarmRow]
    past: list[alarms.AlarmRow]
    month: dict[str, uptime.Span]
    year: dict[str, uptime.Span]
    runs: list[runs.Run]
    processes: list[pulse.Process]
    names: dict[str, str]
    reached: int
    """How many people who are told of alarms chose a door by which they hear of one at night."""


async def board(connection: db.Connection) -> Board:
    """What there is to see now, the bad first."""
    since = {row["key"]: row for row in await connection.fetch("SELECT key, is_bad, since FROM machine_signal")}
    lines = []
    for one in await measured.measured():
        is_bad, known, signal = signals.is_bad(one.code, one.value), since.get(one.key), signals.SIGNALS[one.code]
        lines.append(Line(
            one.key, name_of(one.key), signals.words(one.key, one.value),
            "bad" if is_bad else "warn" if signal.is_wanted and one.value is None else "good",
            known["since"] if known is not None and known["is_bad"] == is_bad else None,
            signal.mend, signal.guide, signal.url,
        ))  # fmt: skip
    spans = {part: await uptime.days(connection, part) for part in uptime.PARTS}
    today = clock.today()
    opened = await alarms.open_ones(connection)
    takers = [one.acknowledged_by for one in opened if one.acknowledged_by is not None]
    people = await connection.fetch("SELECT id, name FROM person WHERE id = ANY($1::uuid[])", takers)
    return Board(
        lines=sorted(lines, key=lambda one: _LEVELS.index(one.level)), open=opened, past=await alarms.past(connection),
        month={part: uptime.this(some, today)[0] for part, some in spans.items()},
        year={part: uptime.this(some, today)[1] for part, some in spans.items()},
        runs=await runs.recent(connection), processes=await pulse.processes(connection),
        names={str(row["id"]): row["name"] for row in people}, reached=await alarms.reached(connection),
    )  # fmt: skip


def name_of(key: str) -> Say:
    """The signal's name, with its door where there are several."""
    code, _, part = key.partition(":")
    name = signals.SIGNALS[code].name
    if not part:
        return name
    door = DOORS.get(part, Say(part, part))
    return Say(f"{door.zh}：{name.zh}", f"{door.en}: {name.en}")
