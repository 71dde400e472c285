"""The board's figures over running promises: by unit and stage, today by the hour, and the lists behind each number.

A running promise is in exactly one band: overdue, due today, in its yellow, likely late, or none of these; one that
stands still is apart. Every figure is read from the indexes of running clocks, never from the clocks of the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say
from sla import forecast
from sla.board import CASE, SIZE, Reach, known_to, reach
from sla.workbench import Running

BANDS: dict[str, Say] = {
    "late": Say("已超期", "Overdue"),
    "today": Say("今日到期", "Due today"),
    "risk": Say("临期（黄牌）", "In the yellow"),
    "likely": Say("预计超期", "Likely late"),
    "paused": Say("暂停", "Paused"),
    "running": Say("在走", "Running"),
}
PRESSING = ("late", "today", "risk", "likely")
"""What a unit is in trouble with, the worst first."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """How many promises of one stage one unit has running, how many of them in each band, and how many stand."""

    unit: str
    stage: str
    running: int
    late: int
    today: int = 0
    risk: int = 0
    likely: int = 0
    paused: int = 0


_RUNS = "t.paused_at IS NULL"
_BANDS = {
    "late": f"{_RUNS} AND t.due_at < {{now}}",
    "today": f"{_RUNS} AND t.due_at >= {{now}} AND t.due_at < {{tomorrow}}",
    "risk": f"{_RUNS} AND t.due_at >= {{tomorrow}} AND t.warn_at <= {{now}}",
    "likely": f"{_RUNS} AND t.due_at >= {{tomorrow}} AND t.warn_at > {{now}} AND f.clock_id IS NOT NULL",
    "paused": "t.paused_at IS NOT NULL",
    "running": _RUNS,
}
"""Each band as SQL over ``t``, and over ``f``, its forecast where it has one."""


def _sql(band: str, r: Reach, now: datetime) -> str:
    """A band's SQL with the arguments that it needs, and no other: PostgreSQL takes none that is not used."""
    tomorrow = clock.on(clock.local_day(now) + timedelta(days=1))
    text = _BANDS[band]
    for name, moment in (("now", now), ("tomorrow", tomorrow)):
        if f"{{{name}}}" in text:
            text = text.replace(f"{{{name}}}", r.arg(moment))
    return text


_FORECAST = "LEFT JOIN forecast f ON f.clock_id = t.id AND f.chance >= {}"


async def cells(connection: db.Connection, actor: Actor, now: datetime) -> list[Cell]:
    """Running promises by unit and stage; unit "" is the centre. One pass over the index of running clocks."""
    r = reach(actor)
    counts = ", ".join(f"count(*) FILTER (WHERE {_sql(band, r, now)}) AS {band}" for band in _BANDS)
    likely = _FORECAST.format(r.arg(forecast.threshold()))
    rows = await connection.fetch(
        f"SELECT t.unit, t.stage, {counts} FROM clock t {likely} {r.join} "
        f"WHERE {' AND '.join(('t.stopped_at IS NULL', r.where, *known_to(actor)))} GROUP BY t.unit, t.stage",
        *r.args,
    )
    return [Cell(**row) for row in rows]


class Promise(Running, frozen=True, kw_only=True):
    """A running promise with its case, for a list; ``chance`` of being late in percent where it is likely."""

    id: UUID
    unit: str
    subject: str
    subject_id: UUID
    number: str
    title: str
    kind: str
    matter: str | None
    is_confidential: bool
    about_units: list[str]
    state: str
    urgency: str
    supervision: int
    paused_at: datetime | None = None
    chance: int | None = None
    basis: str | None = None
    n: int | None = None

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential


_PROMISE = f"""t.id, t.unit, t.subject, t.subject_id, t.stage, t.measure, t.started_at, t.due_at, t.warn_at,
    t.is_provisional, t.paused_at, t.paused_for, f.chance, f.basis, f.n, {CASE}"""


async def promises(
    connection: db.Connection,
    actor: Actor,
    *,
    unit: str | None = None,
    stage: str = "",
    band: str = "",
    hour: int | None = None,
    after: tuple[datetime, UUID] | None = None,
    only: Sequence[UUID] | None = None,
    size: int = SIZE,
) -> list[Promise]:
    """The promises behind a figure, nearest due first, ``size`` + 1 of them.

    ``unit`` None: all; ``band``: a key of BANDS; ``hour`` of today, as ``hours`` counts; ``only``: these clocks.
    """
    r, now = reach(actor, with_case=True), clock.now()
    parts = ["t.stopped_at IS NULL", r.where, *known_to(actor)]
    if unit is not None:
        parts.append(f"t.unit = {r.arg(unit)}")
    if stage:
        parts.append(f"t.stage = {r.arg(stage)}")
    if hour is not None:
        start = clock.on(clock.local_day(now), hour)
        parts.append(f"t.paused_at IS NULL AND t.due_at > {r.arg(start)}")
        parts.append(f"t.due_at <= {r.arg(start + timedelta(hours=1))}")
    if band:
        parts.append(_sql(band, r, now))
    if after is not None:
        parts.append(f"(t.due_at, t.id) > ({r.arg(after[0])}, {r.arg(after[1])})")
    if only is not None:
        parts.append(f"t.id = ANY({r.arg(list(only))}::uuid[])")
    likely = _FORECAST.format(r.arg(forecast.threshold()))
    rows = await connection.fetch(
        f"SELECT {_PROMISE} FROM clock t {likely} {r.join} WHERE {' AND '.join(parts)} "
        f"ORDER BY t.due_at, t.id LIMIT {int(size) + 1}",
        *r.args,
    )
    return [Promise(**row) for row in rows]


async def hours(connection: db.Connection, actor: Actor, now: datetime, units: Sequence[str] = ()) -> dict[int, int]:
    """How many running promises fall due in each hour of today, passed or not; 18:00 sharp is the hour before.

    Of these units only, when some are named.
    """
    r, day = reach(actor), clock.local_day(now)
    parts = ["t.stopped_at IS NULL", "t.paused_at IS NULL", r.where, *known_to(actor)]
    parts.append(f"t.due_at > {r.arg(clock.on(day))} AND t.due_at <= {r.arg(clock.on(day + timedelta(days=1)))}")
    if units:
        parts.append(f"t.unit = ANY({r.arg(list(units))}::text[])")
    rows = await connection.fetch(
        "SELECT extract(hour FROM (t.due_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::int AS hour, "
        f"count(*) AS n FROM clock t {r.join} WHERE {' AND '.join(parts)} GROUP BY 1",
        *r.args,
    )
    return {row["hour"]: row["n"] for row in rows}


class Standing(msgspec.Struct, kw_only=True):
    """One unit's trouble: how many promises in each pressing band, and how many stand."""

    unit: str
    late: int = 0
    today: int = 0
    risk: int = 0
    likely: int = 0
    paused: int = 0

    @property
    def total(self) -> int:
        """All that presses."""
        return self.late + self.today + self.risk + self.likely


def standings(found: Sequence[Cell]) -> list[Standing]:
    """The units in trouble, most overdue first, then due today, in the yellow, likely late. Pure."""
    units: dict[str, Standing] = {}
    for cell in found:
        one = units.setdefault(cell.unit, Standing(unit=cell.unit))
        for band in (*PRESSING, "paused"):
            setattr(one, band, getattr(one, band) + getattr(cell, band))
    pressed = [one for one in units.values() if one.total]
    return sorted(pressed, key=lambda one: (-one.late, -one.today, -one.risk, -one.likely, one.unit))
