"""Who has been here before: a requester's earlier cases by whatever door, as far as the viewer may see (seed 003).

Known by the blind index of a number, by the account, by the address of an answer. Reports and confidential cases of
anybody are in no history (rules.md 10), and a sealed case shows no history of its requester.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from cases import scope
from cases.rows import RequestRow
from hotline import city, clock, db
from hotline.actor import Actor

SHOWN = 6
YEAR = timedelta(days=365)
OFTEN = 3
"""Cases in a year from which on somebody is an old acquaintance (老户)."""
_SQL = """
WITH theirs AS MATERIALIZED (
    SELECT case_id FROM request WHERE phone_index = ANY($1::bytea[]) AND filed_at > $4
    UNION SELECT case_id FROM request WHERE reply_index = ANY($2::bytea[]) AND filed_at > $4
    UNION SELECT case_id FROM request WHERE account_id = ANY($3::uuid[]) AND filed_at > $4
    UNION SELECT r.case_id FROM account a JOIN request r ON r.account_id = a.id
        WHERE a.phone_index = ANY($1::bytea[]) AND a.is_confirmed AND a.state <> 'closed' AND r.filed_at > $4
    LIMIT 500
)
SELECT c.number, c.title, c.state, c.kind, c.channel, c.matter, c.opened_at, c.is_open, c.id,
    count(*) OVER () AS n, count(*) FILTER (WHERE c.is_open) OVER () AS n_open,
    count(*) FILTER (WHERE c.opened_at > $5) OVER () AS n_recent
FROM theirs t JOIN cases c ON c.id = t.case_id
WHERE c.kind <> 'report' AND NOT c.is_confidential AND c.id <> ALL($6::uuid[]) AND {scope}
ORDER BY c.opened_at DESC LIMIT {shown}
"""


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """One earlier case; states, kinds, channels and matters are codes."""

    id: UUID
    number: str
    title: str
    state: str
    kind: str
    channel: str
    matter: str | None
    opened_at: datetime
    is_open: bool


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The newest of a year, how many there were, how many within ``duplicate.days``, and how many are open."""

    rows: Sequence[Earlier] = ()
    n: int = 0
    n_recent: int = 0
    n_open: int = 0
    days: int = 30

    @property
    def is_old(self) -> bool:
        """Somebody who calls often, this time included."""
        return self.n + 1 >= OFTEN


async def history(
    connection: db.Connection, actor: Actor, *, phones: Collection[bytes] = (), addresses: Collection[bytes] = (),
    accounts: Collection[UUID] = (), but: Collection[UUID] = (),
) -> History:  # fmt: skip
    """The cases of whoever has one of these numbers, addresses or accounts, without those in ``but``. One statement."""
    days = int(city.current().rule("duplicate.days"))
    where, args = scope.condition(actor, 7)
    if where == "FALSE" or not (phones or addresses or accounts):
        return History(days=days)
    now = clock.now()
    rows = await connection.fetch(
        _SQL.format(scope=where, shown=SHOWN), list(phones), list(addresses), list(accounts), now - YEAR,
        now - timedelta(days=days), list(but), *args,
    )  # fmt: skip
    if not rows:
        return History(days=days)
    names = Earlier.__struct_fields__
    found = [Earlier(**{name: row[name] for name in names}) for row in rows]
    return History(
        rows=found, n=rows[0]["n"], n_recent=rows[0]["n_recent"], n_open=rows[0]["n_open"], days=days
    )


async def beside(connection: db.Connection, actor: Actor, request: RequestRow, *, is_sealed: bool) -> History:
    """What else the requester of one request has brought, whatever door each came through."""
    if is_sealed or request.is_anonymous or request.state == "erased":
        return History()
    return await history(
        connection, actor, phones=_known(request.phone_index), addresses=_known(request.reply_index),
        accounts=(request.account_id,) if request.account_id else (), but=(request.case_id,),
    )  # fmt: skip


def _known(index: bytes | None) -> tuple[bytes, ...]:
    return (index,) if index else ()
