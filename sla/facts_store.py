"""Keeps the fact store up with the ledger: cases with news since the last sealed position are made anew.

What a case's facts were and are is compared, and only the difference goes into the sums; a job each half minute, safe
twice. The store is never more than a minute behind, and may be thrown away: ``facts_made.rebuild`` makes the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cases import grades
from hotline import clock, db
from hotline.errors import Refusal, conflict
from sla import facts_calls, facts_made, lateness
from sla.facts_sql import COLUMNS, OF_CASES
from sla.facts_sums import Change

AT_ONCE = 500
"""Positions of each log, and so at most thrice as many cases, in one transaction."""
AT_HAND = 10_000
"""Positions of news that are taken over while somebody waits."""
AT_MOST = 10.0
"""Seconds that somebody waits for another who writes the store."""
BACKLOG, SHARE = 20_000, 20
"""With more news than this, and more than this part of the ledger (1/20), making all anew is the shorter way."""
PATIENCE = 20.0
"""Seconds for which the job lets overdue acts go first, so that the store is not more than a minute behind."""
OVERLAP = timedelta(minutes=2)
"""A message's time of leaving may be this much before it was committed."""
_NAMES = ", ".join(COLUMNS)
_THESE = "c.id = ANY($2::uuid[])"
_NEWS = """
    SELECT case_id FROM (
        (SELECT case_id FROM case_event WHERE log = 'p' AND position > $1 ORDER BY position LIMIT $3)
        UNION ALL (SELECT case_id FROM case_event WHERE log = 'i' AND position > $2 ORDER BY position LIMIT $3)
        UNION ALL (SELECT case_id FROM case_event WHERE log IN ('p', 'i') AND position IS NULL ORDER BY at LIMIT $3)
        UNION ALL (SELECT o.case_id FROM outbox_message o JOIN request r ON r.id = o.request_id
            WHERE o.sent_at > $4 AND r.channel IN ('sms', 'wechat', 'email'))
    ) x WHERE case_id IS NOT NULL GROUP BY case_id ORDER BY case_id
"""
_REACHED = """
    SELECT log, max(position) AS position FROM (
        (SELECT log, position FROM case_event WHERE log = 'p' AND position > $1 ORDER BY position LIMIT $3)
        UNION ALL (SELECT log, position FROM case_event WHERE log = 'i' AND position > $2 ORDER BY position LIMIT $3)
    ) x GROUP BY log
"""
_PUT = f"""
    INSERT INTO fact ({_NAMES}) SELECT {_NAMES} FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::date[], $5::text[],
        $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::boolean[], $13::integer[],
        $14::text[]) AS x ({_NAMES})
    ON CONFLICT (case_id, measure, subject) DO UPDATE SET {", ".join(f"{one} = excluded.{one}" for one in COLUMNS[3:])}
"""
_TAKE = """
    DELETE FROM fact f USING unnest($1::uuid[], $2::text[], $3::uuid[]) x (case_id, measure, subject)
    WHERE f.case_id = x.case_id AND f.measure = x.measure AND f.subject = x.subject
"""
_HELD = f"SELECT {_NAMES} FROM fact WHERE case_id = ANY($1::uuid[])"
_SUM = """
    INSERT INTO fact_sum AS s (grain, first, measure, within, place, by, key, total, good, put_aside)
    SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[],
        $9::int[], $10::int[])
    ON CONFLICT (measure, within, place, by, grain, first, key) DO UPDATE SET total = s.total + excluded.total,
        good = s.good + excluded.good, put_aside = s.put_aside + excluded.put_aside
"""
_TIME = """
    INSERT INTO fact_time AS t (grain, first, measure, within, place, class, n)
    SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::int[])
    ON CONFLICT (within, place, measure, grain, first, class) DO UPDATE SET n = t.n + excluded.n
"""
_DONE = """
    INSERT INTO sweep_mark (name, at, acts, late_seconds) VALUES ('facts', $1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, acts = excluded.acts, late_seconds = excluded.late_seconds
"""
Fact = dict[str, Any]
_Key = tuple[UUID, str, UUID]


async def hold_still(connection: db.Connection) -> None:
    """Have all that is committed in the store, and let nobody else write it before the caller's transaction ends.

    Waits a little for whoever writes it now; what that one left is taken over here: a frozen figure lacks nothing.
    Raises a 409 refusal when it takes longer.
    """
    until = time.monotonic() + AT_MOST
    while not await facts_made.locked(connection):
        if time.monotonic() > until:
            raise _busy()
        await asyncio.sleep(lateness.WAIT)
    await refresh()


async def catch_up() -> None:
    """Take over all that is committed, for somebody who waits. Raises a 409 refusal when that would take minutes."""
    async with db.reading() as connection:
        if await facts_made.backlog(connection) > AT_HAND:
            raise _busy()
    await refresh()


def _busy() -> Refusal:
    return conflict(
        "facts_behind", "数据还在汇总（大批导入之后要几分钟），请稍后再办。",
        "The figures are still being summed up, as after a large import; try again in some minutes.",
    )  # fmt: skip


async def refresh(patience: float = 0.0) -> int:
    """Take over all that is committed; how many cases were made anew. 0 when another is at it.

    A store that was made with other definitions or rules is made anew first, and so is one that a large import left far
    behind. For ``patience`` seconds in all it stands back while the sweep of the clocks is late.
    """
    until = time.monotonic() + patience
    async with db.reading() as connection:
        is_stale = not await facts_made.is_of_today(connection) or await _is_far_behind(connection)
    done = await facts_made.rebuild(patience) if is_stale else 0
    while True:
        async with db.atomic() as connection:
            if not await facts_made.locked(connection):
                return done
            await lateness.give_way(connection, until)
            got, is_more = await _step(connection)
        done += got
        if not is_more:
            return done


async def _is_far_behind(connection: db.Connection) -> bool:
    news = await facts_made.backlog(connection)
    return news > BACKLOG and news * SHARE > sum((await facts_made.sealed(connection)).values())


async def _step(connection: db.Connection) -> tuple[int, bool]:
    """One transaction's worth: cases made anew, and whether more wait."""
    now, marks = clock.now(), await facts_made.marks(connection)
    since = (marks.positions.get("p", 0), marks.positions.get("i", 0), AT_ONCE)
    reached = {row["log"]: row["position"] for row in await connection.fetch(_REACHED, *since)}
    cases = [row["case_id"] for row in await connection.fetch(_NEWS, *since, marks.at - OVERLAP)]
    if cases:
        await replace(connection, cases)
    moved = [reached.get(log, 0) - marks.positions.get(log, 0) for log in reached]
    is_more = any(one >= AT_ONCE for one in moved)
    if not is_more:
        await facts_calls.renew(connection, clock.local_day(marks.at) - timedelta(days=1), now)
    await facts_made.mark(connection, {**marks.positions, **reached}, marks.at if is_more else now)
    await connection.execute(_DONE, now, len(cases), max(0.0, (now - marks.at).total_seconds()))
    return len(cases), is_more


async def replace(connection: db.Connection, cases: Sequence[UUID]) -> None:
    """Make the facts of these cases anew, and bring the sums along."""
    made: dict[_Key, Fact] = {}
    for text in OF_CASES:
        made |= _keyed(await connection.fetch(facts_made.select(text, _THESE), list(grades.counted()), cases))
    held = _keyed(await connection.fetch(_HELD, cases))
    gone = {key: fact for key, fact in held.items() if made.get(key) != fact}
    fresh = [fact for key, fact in made.items() if held.get(key) != fact]
    lost = [key for key in gone if key not in made]
    await connection.execute(_TAKE, *([key[n] for key in lost] for n in range(3)))
    await connection.execute(_PUT, *([fact[name] for fact in fresh] for name in COLUMNS))
    change = Change()
    for sign, facts in ((-1, gone.values()), (1, fresh)):
        for fact in facts:
            change.add(fact, sign)
    await _sum(connection, change)


def _keyed(rows: Iterable[Mapping[str, Any]]) -> dict[_Key, Fact]:
    return {(row["case_id"], row["measure"], row["subject"]): dict(row) for row in rows}


async def _sum(connection: db.Connection, change: Change) -> None:
    sums = sorted((key, more) for key, more in change.sums.items() if any(more))
    times = sorted((key, more) for key, more in change.times.items() if more)
    if sums:
        await connection.execute(_SUM, *zip(*((*key, *more) for key, more in sums), strict=True))
        await connection.execute("DELETE FROM fact_sum WHERE total = 0 AND put_aside = 0")  # by an index of just these
    if times:
        await connection.execute(_TIME, *zip(*((*key, more) for key, more in times), strict=True))
        await connection.execute("DELETE FROM fact_time WHERE n = 0")


async def lag(connection: db.Connection, now: datetime) -> float | None:
    """Seconds since the store took over all news; None before it ever did."""
    marks = await facts_made.marks(connection)
    return None if marks.is_new else max(0.0, (now - marks.at).total_seconds())
