"""Calls in the fact store: by hour and line, and of every day the worst 24 hours that end in it (GB/T 33358).

Counted are calls that came into the queue and are decided: answered, or over. Every window (s, s + 24 h] is looked at,
not only those of whole hours: what is in it changes only where a call enters or leaves it, so those are enough. How
many are in it is a running sum of those steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from hotline import city, clock, db
from sla.facts_sums import MONTH_SUMS

_OURS = "measure = ANY(ARRAY['calls', 'answered_15s'])"
_DAY = timedelta(days=1)
PATIENCE = 3600
"""Seconds that one statement over years of facts may take."""
_LOCAL = "(queued_at AT TIME ZONE 'Asia/Shanghai')"
_DECIDED = "direction = 'in' AND (answered_at IS NOT NULL OR state = 'ended')"
_HOURS = f"""
    INSERT INTO fact_call (day, hour, line, calls, answered, quick)
    SELECT {_LOCAL}::date, extract(hour FROM {_LOCAL})::smallint, line, count(*), count(answered_at),
        count(*) FILTER (WHERE answer_s <= $3)
    FROM call WHERE queued_at >= $1 AND queued_at < $2 AND {_DECIDED} GROUP BY 1, 2, 3
"""
_WORST = f"""
    INSERT INTO fact_worst (day, line, calls, answered, until)
    WITH one AS (SELECT queued_at AS at, line, answered_at IS NOT NULL AS is_answered FROM call
            WHERE queued_at >= $1::timestamptz - interval '24 hours' AND queued_at < $2 AND {_DECIDED}),
        each AS (SELECT at, '' AS line, is_answered FROM one UNION ALL SELECT * FROM one WHERE line <> ''),
        step AS (
            SELECT line, at AS until, 1 AS n, is_answered::integer AS good FROM each
            UNION ALL SELECT line, at + interval '24 hours', -1, -is_answered::integer FROM each),
        span AS (
            SELECT line, until, sum(n) OVER w AS calls, sum(good) OVER w AS answered
            FROM step WINDOW w AS (PARTITION BY line ORDER BY until)
            UNION ALL
            SELECT line, ((at AT TIME ZONE 'Asia/Shanghai')::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai',
                count(*), count(*) FILTER (WHERE is_answered) FROM each GROUP BY 1, 2)
    SELECT DISTINCT ON (1, 2) (until AT TIME ZONE 'Asia/Shanghai')::date, line, calls, answered, until
    FROM span WHERE calls > 0 AND until >= $1 AND until < $2
    ORDER BY 1, 2, answered::float8 / calls, until DESC
"""
_SUMS = """
    INSERT INTO fact_sum (grain, first, measure, within, place, by, key, total, good, put_aside)
    SELECT 'day', day, m.name, x.within, CASE x.within WHEN '' THEN '' ELSE line END, x.by,
        CASE x.by WHEN '' THEN '' ELSE line END, sum(calls),
        sum(CASE m.name WHEN 'calls' THEN answered ELSE quick END), 0
    FROM fact_call, (VALUES ('calls'), ('answered_15s')) m (name),
        (VALUES ('', ''), ('', 'line'), ('line', '')) x (within, by)
    WHERE day >= $1 AND day < $2 GROUP BY 2, 3, 4, 5, 6, 7
"""
_CLEAR = (
    "DELETE FROM fact_call WHERE day >= $1 AND day < $2",
    "DELETE FROM fact_worst WHERE day >= $1 AND day < $2",
    f"DELETE FROM fact_sum WHERE {_OURS} AND grain = 'day' AND first >= $1 AND first < $2",
    f"DELETE FROM fact_sum WHERE {_OURS} AND grain = 'month' AND first >= date_trunc('month', $1::date) AND first < $2",
)


async def renew(connection: db.Connection, first: date, now: datetime) -> None:
    """Count the calls of the local days from ``first`` up to ``now`` anew; idle when there are and were none."""
    end = clock.local_day(now) + _DAY
    edges = clock.on(first), min(clock.on(end), now + timedelta(microseconds=1))
    there = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM call WHERE queued_at >= $1 AND queued_at < $2 AND direction = 'in')"
        " OR EXISTS (SELECT FROM fact_call WHERE day >= $3 AND day < $4)",
        *edges, first, end,
    )  # fmt: skip
    if not there:
        return
    for text in _CLEAR:
        await connection.execute(text, first, end, timeout=PATIENCE)
    await connection.execute(_HOURS, *edges, int(city.current().rule("voice.answer")), timeout=PATIENCE)
    for begin, until in _months(*edges):
        await connection.execute(_WORST, begin, until, timeout=PATIENCE)
    await connection.execute(_SUMS, first, end, timeout=PATIENCE)
    months = MONTH_SUMS.replace("WHERE", f"WHERE {_OURS} AND")
    await connection.execute(months, first.replace(day=1), end, timeout=PATIENCE)


def _months(begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The span in pieces of a month: whose windows are sorted at once."""
    while begin < end:
        until = min(end, begin + timedelta(days=30))
        yield begin, until
        begin = until


async def first_day(connection: db.Connection) -> date | None:
    """The local day of the first call; None without any."""
    found = await connection.fetchval("SELECT min(queued_at) FROM call WHERE direction = 'in'")
    return clock.local_day(found) if found else None
