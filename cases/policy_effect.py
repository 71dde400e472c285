"""What a sampling policy would have meant for the last days, and the draws of a request made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from cases import events, ledger, queries
from cases.events_visit import Draw
from cases.rows import CaseRow
from cases.states import KINDS, URGENCIES
from cases.visit_policy import ALWAYS, Policy, Shares, share_of, value_of
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say

DAYS = 30
MOST = 20_000
_RECENT = """
    SELECT {} FROM cases WHERE id IN (SELECT case_id FROM case_event WHERE kind = 'approved' AND at > $1)
    ORDER BY id LIMIT {}
"""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Of the requests whose result was audited in the last DAYS: how many would be visited, and on which grounds."""

    requests: int
    visited: float
    grounds: Sequence[tuple[Say, int, int]]


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """One draw on record and the same made again."""

    policy: int
    draw: Draw
    formula: str
    value: int | None

    @property
    def is_same(self) -> bool:
        """Whether the ledger's draw and the one made now agree."""
        return self.value == self.draw.value


async def of(connection: db.Connection, shares: Shares) -> Effect:
    """The expectation over the last DAYS, as the cases stand now; repeats by the same number are not counted in."""
    since = clock.now() - timedelta(days=DAYS)
    rows = await connection.fetch(_RECENT.format(ledger.columns(CaseRow), MOST), since)
    requests, visited, grounds = 0, 0.0, Counter[tuple[str, int]]()
    for record in rows:
        case = ledger.read_row(CaseRow, record)
        share, name = share_of(shares, case, is_repeat=False)
        requests += case.request_count
        visited += case.request_count * share / 100
        grounds[name, share] += case.request_count
    named = [(ground(name), share, n) for (name, share), n in grounds.most_common()]
    return Effect(requests=requests, visited=visited, grounds=named)


def ground(name: str) -> Say:
    """The ground of a share in words."""
    kind, _, code = name.partition(":")
    if kind == "kind":
        return KINDS.get(code, Say(code, code))
    if kind == "urgency":
        return URGENCIES.get(code, Say(code, code))
    if kind == "matter":
        matter = city.current().matter(code)
        return matter.name if matter else Say(f"事项 {code}", f"Matter {code}")
    fixed = {
        "general": Say("一般比例", "General share"),
        "supervised": Say("督办件", "Supervised"),
        "rework": Say("重办件", "Reworked"),
    }
    return fixed.get(name) or ALWAYS.get(name, Say(name, name))


async def again(
    connection: db.Connection, actor: Actor, receipt: str, versions: Sequence[Policy]
) -> list[Again] | None:
    """The draws of a request, each made again under the seed of its version; None for a receipt that is not theirs."""
    case_id = await queries.handling(connection, actor, receipt)
    if case_id is None:
        return None
    request = await connection.fetchval("SELECT id FROM request WHERE receipt_no = $1", receipt)
    seeds = {one.version: one.seed for one in versions}
    found = []
    for entry in await ledger.entries(connection, case_id):
        event = entry.event
        if not isinstance(event, events.Approved) or event.policy is None:
            continue
        for draw in event.draws:
            if draw.request == request:
                seed = seeds.get(event.policy)
                value = value_of(seed, draw.request) if seed else None
                found.append(Again(policy=event.policy, draw=draw, formula=f"{seed}:{draw.request}", value=value))
    return found
