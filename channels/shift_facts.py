"""The figures that a hand-over begins with: what is open at this moment, each with the page that lists it."""

from __future__ import annotations

import msgspec

from channels import callbacks, refused_list, surge
from hotline import clock, db
from hotline.errors import Say


class Fact(msgspec.Struct, frozen=True):
    """What is counted, as people call it, the page that lists it, and what that page needs beside ``shift.hold``."""

    say: Say
    path: str
    need: str = ""


FACTS: dict[str, Fact] = {
    "callbacks": Fact(Say("待回拨", "calls to be made back"), "/callbacks", "call.take"),
    "late": Fact(Say("其中超时", "of them late"), "/callbacks", "call.take"),
    "missed": Fact(Say("今天未接、放弃", "missed or abandoned today"), "/floor/figures", "floor.read"),
    "drafts": Fact(Say("没登记完的来电", "calls not settled"), "/floor", "floor.read"),
    "risks": Fact(Say("敏感待处置", "risks not seen yet"), "/care/risks", "case.supervise"),
    "outages": Fact(Say("停水停电停气停热", "outages under way"), "/outages"),
    "refusals": Fact(Say("待决定的拒接", "refusals to decide"), "/shift/refused"),
    "reviews": Fact(Say("到期复核的拒接", "refusals to review"), "/shift/refused"),
    "surge": Fact(Say("高峰模式开着", "surge mode is on"), "/shift/surge"),
}
_COUNTS = """
SELECT (SELECT count(*) FROM draft WHERE kind = 'call')::int AS drafts,
    ((SELECT count(*) FROM cases WHERE flagged_at IS NOT NULL AND risk_seen_at IS NULL)
        + (SELECT count(*) FROM risk_alarm WHERE case_id IS NULL AND cleared_at IS NULL
            AND raised_at > $1::timestamptz - interval '12 hours'))::int AS risks,
    (SELECT count(*) FROM call WHERE direction = 'in' AND queued_at >= $2 AND outcome IN ('missed', 'abandoned'))::int
        AS missed
"""
_OUTAGES = "SELECT count(*)::int FROM outage WHERE state = 'on'"


async def now(connection: db.Connection) -> dict[str, int]:
    """Name → how many at this moment; none are left out."""
    begin = clock.on(clock.today())
    row = dict(await connection.fetchrow(_COUNTS, clock.now(), begin))
    open_calls, late = await callbacks.counts(connection)
    figures = await refused_list.figures(connection, begin)
    is_on = await surge.current(connection) is not None
    return {
        "callbacks": open_calls, "late": late, **row, "outages": await _outages(connection),
        "refusals": figures.waiting, "reviews": figures.due, "surge": int(is_on),
    }  # fmt: skip


async def _outages(connection: db.Connection) -> int:
    """Those under way."""
    return int(await connection.fetchval(_OUTAGES))
