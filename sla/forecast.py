"""Which running promises are likely to be late, from how much of their time past ones of the same kind took.

Of past promises it is kept how large a share of its time each used (1 is exactly on time). A running one that has used
a share u is late as often as those that used more than u ended above 1: the page /board/forecast says so in words.
Jobs fill two small tables; no page goes through the clocks of the past.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from cases import scope
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say

ANY = "*"
UNTOLD = ("report_up", "answer", "risk")
"""Stages without a forecast: dates set by hand, and one that runs for minutes."""
BASES: dict[str, Say] = {
    "matter": Say("本单位同事项", "the unit's cases of this matter"),
    "unit": Say("本单位同环节", "the unit's cases at this stage"),
    "stage": Say("全市同环节", "all cases at this stage"),
}
_LEARN = """
    WITH past AS (
        SELECT k.stage, k.unit, coalesce(c.matter, '') AS matter, k.outcome,
               extract(epoch FROM k.stopped_at - k.started_at)::float8 / 3600 AS hours,
               (extract(epoch FROM k.stopped_at - k.started_at) / extract(epoch FROM k.due_at - k.started_at))::float8
                   AS used
        FROM clock k JOIN cases c ON c.id = k.case_id
        WHERE k.stopped_at >= $1 AND k.outcome IN ('met', 'late') AND k.due_at > k.started_at
          AND k.stage <> ALL($2::text[])
    )
    INSERT INTO handling_time (stage, unit, matter, n, late, p50_hours, p90_hours, used, at)
    SELECT stage, CASE WHEN grouping(unit) = 1 THEN '*' ELSE unit END,
           CASE WHEN grouping(matter) = 1 THEN '*' ELSE matter END,
           count(*), count(*) FILTER (WHERE outcome = 'late'),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY hours), percentile_cont(0.9) WITHIN GROUP (ORDER BY hours),
           percentile_cont(ARRAY[0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
               0.85, 0.9, 0.95]) WITHIN GROUP (ORDER BY used), $3
    FROM past GROUP BY GROUPING SETS ((stage, unit, matter), (stage, unit), (stage))
    HAVING grouping(unit) = 1 OR count(*) >= $4
"""
_TELL = """
    WITH live AS (
        SELECT k.id, k.stage, k.unit, coalesce(c.matter, '') AS matter,
               (extract(epoch FROM $1 - k.started_at) / extract(epoch FROM k.due_at - k.started_at))::float8 AS used
        FROM clock k JOIN cases c ON c.id = k.case_id
        WHERE k.stopped_at IS NULL AND k.paused_at IS NULL AND k.due_at > $1 AND k.started_at <= $1
          AND k.stage <> ALL($2::text[])
    ), known AS (
        SELECT l.id, l.used, coalesce(m.n, u.n, s.n) AS n, coalesce(m.used, u.used, s.used) AS past,
               CASE WHEN m.n IS NOT NULL THEN 'matter' WHEN u.n IS NOT NULL THEN 'unit' ELSE 'stage' END AS basis
        FROM live l
        LEFT JOIN handling_time m ON (m.stage, m.unit, m.matter) = (l.stage, l.unit, l.matter)
        LEFT JOIN handling_time u ON (u.stage, u.unit, u.matter) = (l.stage, l.unit, '*')
        JOIN handling_time s ON (s.stage, s.unit, s.matter) = (l.stage, '*', '*')
        WHERE coalesce(m.n, u.n, s.n) >= $3
    ), told AS (
        SELECT id, basis, n, round(100 * (n * (1 - width_bucket(1.0::float8, past) / 20.0) + 1)
                                   / (n * (1 - width_bucket(used, past) / 20.0) + 2))::smallint AS chance
        FROM known
    )
    INSERT INTO forecast (clock_id, chance, basis, n, at)
    SELECT id, chance, basis, n, $1 FROM told WHERE chance >= $4
    ON CONFLICT (clock_id) DO UPDATE
    SET chance = excluded.chance, basis = excluded.basis, n = excluded.n, at = excluded.at
"""


def threshold() -> int:
    """From which chance on a promise counts as likely late, in percent."""
    return int(float(city.current().rule("board.forecast")))


async def learn(now: datetime | None = None) -> int:
    """Measure anew what past promises took; how many kinds are known. One pass over the past: a job of the night."""
    moment, rule = now or clock.now(), city.current().rule
    since = moment - timedelta(days=int(rule("board.forecast_days")))
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM handling_time")
        await connection.execute(_LEARN, since, list(UNTOLD), moment, int(rule("board.forecast_least")))
        return int(await connection.fetchval("SELECT count(*) FROM handling_time"))


async def tell(now: datetime | None = None) -> int:
    """Say anew which running promises are likely to be late; how many. Safe twice; it learns first if long ago."""
    moment = now or clock.now()
    async with db.reading() as connection:
        learnt = await connection.fetchval("SELECT max(at) FROM handling_time")
    if learnt is None or moment - learnt > timedelta(hours=26):
        await learn(moment)
    async with db.atomic() as connection:
        least = int(city.current().rule("board.forecast_least"))
        await connection.execute(_TELL, moment, list(UNTOLD), least, threshold())
        await connection.execute("DELETE FROM forecast WHERE at < $1", moment)
        return int(await connection.fetchval("SELECT count(*) FROM forecast"))


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What past promises of one kind took; ``unit`` and ``matter`` may be "*"."""

    stage: str
    unit: str
    matter: str
    n: int
    late: int
    p50_hours: float
    p90_hours: float
    at: datetime


async def kinds(connection: db.Connection, actor: Actor, unit: str = "", size: int = 200) -> list[Kind]:
    """What is known of units and stages, the latest share late first; of one unit also by matter."""
    own = scope.scope_of(actor)
    among = None if own.city else [*own.units, *([own.county] if own.county else [])]
    rows = await connection.fetch(
        "SELECT stage, unit, matter, n, late, p50_hours, p90_hours, at FROM handling_time "
        "WHERE ($1 = '' AND matter = '*' OR unit = $1) AND ($2::text[] IS NULL OR unit = ANY($2) OR unit = '*') "
        "ORDER BY unit <> '*', late::float8 / n DESC, stage, unit, matter LIMIT $3",
        unit, among, size,
    )  # fmt: skip
    return [Kind(**row) for row in rows]
