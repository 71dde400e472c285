"""A rule tried on last month's cases before it goes live: what it would take, from whom, and what it would hide."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hotline import city, clock, db
from hotline.city import City
from hotline.errors import Say
from routing import facts, rules
from routing.decision import PAST
from routing.rules import Faulty, Rule

DAYS = 30
MOST = 50_000
"""Cases that one trial reads, the latest first."""
PATIENCE = 4.0
"""Seconds after which a trial is content with the cases it has read: somebody waits for the page."""
SAMPLE = 20
NEARLY = 0.9
"""From this share of all cases on a rule counts as one that matches everything."""
_CHUNK = 1_000
_REPEAT = """EXISTS (SELECT FROM request o WHERE o.phone_index = r.phone_index AND o.case_id <> c.id
    AND o.filed_at BETWEEN c.opened_at - make_interval(days => {days}) AND c.opened_at)"""
_CASES = """
    SELECT c.number, c.line, c.channel, c.kind, c.urgency, c.matter, c.county, c.township, c.is_vulnerable, c.is_minor,
        c.is_investigation, c.opened_at, c.lead_unit, c.return_count, r.requester_kind, r.about_unit,
        {words} AS words, {repeat} AS is_repeat
    FROM cases c JOIN LATERAL (
        SELECT requester_kind, about_unit, words, phone_index FROM request
        WHERE case_id = c.id ORDER BY filed_at, id LIMIT 1
    ) r ON true
    WHERE c.opened_at >= $1 AND c.accepted_at IS NOT NULL AND c.channel <> 'import'
        AND c.kind <> 'report' AND NOT c.is_confidential
    ORDER BY c.opened_at DESC, c.id DESC LIMIT $2
"""
WARNINGS: dict[str, Say] = {
    "everything": Say("它几乎接走所有诉求，后面的规则和目录都用不上了。",
                      "It takes nearly every case: the rules behind it and the catalogue would hardly be asked."),
    "nothing": Say("上个月没有一件符合它，可能条件写错了。",
                   "No case of last month matches: a condition may be wrong."),
    "hidden": Say("符合它的都被前面的规则先接走了，它轮不到。",
                  "Rules before it take every case that matches: its turn never comes."),
    "untried": Say("上个月没有可试的诉求，看不出它会接走什么。",
                   "There are no cases of last month to try it on: nobody can tell what it takes."),
}  # fmt: skip


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Cases that went to ``before`` and would go to ``after`` (None: to a person); how many of them came back."""

    before: str | None
    after: str | None
    count: int
    returned: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One case that matches."""

    number: str
    opened_at: datetime
    matter: str
    county: str
    before: str | None
    after: str | None
    returns: int
    taken_by: int | None


class Trial(msgspec.Struct, kw_only=True):
    """``matched`` of ``total`` hold all conditions; ``taken`` counts by earlier rule, ``hides`` by later rule."""

    total: int = 0
    matched: int = 0
    decided: int = 0
    returned: int = 0
    same: int = 0
    since: datetime
    is_capped: bool = False
    moves: Sequence[Move] = ()
    sample: list[Sample] = []
    taken: Counter[int] = msgspec.field(default_factory=Counter)
    hides: Counter[int] = msgspec.field(default_factory=Counter)
    missed: Counter[str] = msgspec.field(default_factory=Counter)
    fault: str = ""

    def warning(self, rule: Rule) -> str:
        """The code of the warning that somebody must answer before the rule goes live, "" when there is none."""
        if not rule.conditions or (self.total and self.matched >= NEARLY * self.total):
            return "everything"
        if not self.total:
            return "untried"
        if not self.matched:
            return "nothing"
        return "" if self.decided else "hidden"


async def run(connection: db.Connection, rule: Rule, others: Sequence[Rule], now: datetime | None = None) -> Trial:
    """Try ``rule`` at its place among ``others`` (those in force)."""
    at, snapshot = now or clock.now(), city.current()
    before = [one for one in others if one.id != rule.id and (one.place, one.id) < (rule.place, rule.id)]
    behind = [one for one in others if one.id != rule.id and one not in before]
    trial = Trial(since=at - timedelta(days=DAYS))
    tally: Counter[tuple[str | None, str | None]] = Counter()
    returned: Counter[tuple[str | None, str | None]] = Counter()
    asked = [rule, *before, *behind]
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    async with connection.transaction():
        async for rows in _chunks(connection, _sql(asked), trial.since, MOST + 1):
            for row in rows[: max(0, MOST - trial.total)]:
                trial.total += 1
                _judge(trial, row, rule, before, behind, snapshot, tally, returned)
                if trial.fault:
                    return trial
            trial.is_capped = trial.total >= MOST or loop.time() > until
            if trial.is_capped:
                trial.since = rows[-1]["opened_at"]
                break
    trial.moves = [
        Move(before=pair[0], after=pair[1], count=n, returned=returned[pair]) for pair, n in tally.most_common()
    ]
    return trial


async def _chunks(connection: db.Connection, sql: str, *args: object) -> Any:
    cursor = await connection.cursor(sql, *args)
    while rows := await cursor.fetch(_CHUNK):
        yield rows


def _sql(asked: Sequence[Rule]) -> str:
    conditions = [one for rule in asked for one in rule.conditions]
    days = int(city.current().rule("duplicate.days"))
    words = any(one.field == "words" for one in conditions)
    past = any(one.field == "flags" and PAST in one.values for one in conditions)
    return _CASES.format(words="r.words" if words else "''", repeat=_REPEAT.format(days=days) if past else "false")


def _judge(
    trial: Trial, row: Mapping[str, Any], rule: Rule, before: Sequence[Rule], behind: Sequence[Rule], snapshot: City,
    tally: Counter[tuple[str | None, str | None]], returned: Counter[tuple[str | None, str | None]],
) -> None:  # fmt: skip
    known = facts.of_row(row, snapshot)
    try:
        if not rules.holds(rule, known):
            return
        match = rules.settled(rule, known, snapshot, snapshot.day)
    except Faulty as fault:
        trial.fault = fault.code
        return
    trial.matched += 1
    trial.returned += row["return_count"] > 0
    earlier = next((one for one in before if _may_hold(one, known)), None)
    if earlier is not None:
        trial.taken[earlier.id] += 1
    else:
        trial.decided += 1
        trial.hides.update(one.id for one in behind if _may_hold(one, known))
        trial.same += match.unit is not None and match.unit == row["lead_unit"]
        pair = (row["lead_unit"], match.unit)
        tally[pair] += 1
        returned[pair] += row["return_count"] > 0
        if match.unit is None:
            trial.missed[match.missed] += 1
    if len(trial.sample) < SAMPLE:
        trial.sample.append(Sample(
            number=row["number"], opened_at=row["opened_at"], matter=row["matter"] or "", county=row["county"],
            before=row["lead_unit"], after=match.unit, returns=row["return_count"],
            taken_by=earlier.id if earlier is not None else None,
        ))  # fmt: skip


def _may_hold(rule: Rule, known: facts.Facts) -> bool:
    try:
        return rules.holds(rule, known)
    except Faulty:
        return False
