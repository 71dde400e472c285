"""Statistics of what is verified before it is handled: government services, by unit or by matter (seed 003-02)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cases import scope
from hotline import city, clock, db
from hotline.actor import Actor
from sla.records import month

BY = {"unit": "a.unit", "matter": "c.matter"}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's or one matter's month; ``hours`` is the median from dispatch to verification, around the clock."""

    key: str
    dispatched: int
    verified: int
    so: int
    partly: int
    not_so: int
    late: int
    hours: float | None

    @property
    def waiting(self) -> int:
        """Not verified yet."""
        return self.dispatched - self.verified

    @property
    def share(self) -> float | None:
        """Of those verified, how many were so or partly so, 0 to 100."""
        return 100 * (self.so + self.partly) / self.verified if self.verified else None


_SQL = """
SELECT {key} AS key, count(*) AS dispatched, count(a.verified_at) AS verified,
    count(*) FILTER (WHERE a.finding = 'true') AS so, count(*) FILTER (WHERE a.finding = 'partly') AS partly,
    count(*) FILTER (WHERE a.finding = 'false') AS not_so,
    count(*) FILTER (WHERE coalesce(a.verified_at, {now}) > k.due_at) AS late,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.verified_at - a.dispatched_at) / 3600)::float8
        AS hours
FROM assignment a JOIN cases c ON c.id = a.case_id
LEFT JOIN LATERAL (SELECT due_at FROM clock WHERE subject_id = a.id AND case_id = c.id AND stage = 'verify'
    ORDER BY started_at DESC LIMIT 1) k ON TRUE
WHERE a.role = 'lead' AND a.state <> 'recalled' AND c.matter ~ {matters} AND a.dispatched_at >= {since}
    AND a.dispatched_at < {until} AND {where}
GROUP BY ROLLUP ({key}) ORDER BY dispatched DESC, key NULLS FIRST
"""


async def rows(connection: db.Connection, actor: Actor, period: str, by: str) -> tuple[Sequence[Row], Row]:
    """The month's rows by "unit" or "matter", most cases first, and the row that counts all of them by itself."""
    first, end = month(period)
    where, args = scope.condition(actor)

    def arg(value: object) -> str:
        args.append(value)
        return f"${len(args)}"

    prefixes = [one for one in str(city.current().rule("verify.matters")).split("|") if one.isalnum()]
    sql = _SQL.format(
        key=BY[by], now=arg(clock.now()), matters=arg(f"^({'|'.join(prefixes) or '-'})"), since=arg(clock.on(first)),
        until=arg(clock.on(end)), where=where,
    )  # fmt: skip
    found = [dict(row) for row in await connection.fetch(sql, *args)]
    whole = next((row for row in found if row["key"] is None), None)
    empty = Row(key="", dispatched=0, verified=0, so=0, partly=0, not_so=0, late=0, hours=None)
    return [Row(**row) for row in found if row["key"] is not None], Row(**{**whole, "key": ""}) if whole else empty
