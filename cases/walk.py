"""The rows of the whole ledger in the order of a proof, under one snapshot, some at a time: to verify and to export."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from cases import chain, ledgerfile, seals
from cases.seals import SealRow
from cases.verify import Beside, Head, Line
from hotline import acts, clock, db, vault

_CASES_AT_ONCE = 400
_ROWS_AT_ONCE = 5000
FIRST_ID, _LAST_ID = UUID(int=0), UUID(int=(1 << 128) - 1)

_HEADS = "SELECT id, number, last_seq, last_hash FROM cases WHERE id > $1 ORDER BY id LIMIT $2"
_EVENTS = f"SELECT {', '.join(Line._fields)} FROM case_event WHERE case_id > $1 AND case_id <= $2 ORDER BY case_id, seq"
_TEXTS = f"SELECT {', '.join(Beside._fields)} FROM case_text WHERE case_id > $1 AND case_id <= $2 ORDER BY case_id"
_ACTS = f"SELECT {acts.COLUMNS} FROM act WHERE seq > $1 ORDER BY seq LIMIT $2"
_SEALS = f"SELECT {seals.SEAL_COLUMNS} FROM ledger_seal WHERE log = $1 AND no > $2 ORDER BY no LIMIT $3"
_SIZES = "SELECT log, max(last_position) AS last FROM ledger_seal GROUP BY log"


class Batch(msgspec.Struct, frozen=True):
    """Some cases in order of id: the row (None when it is gone), the events, the texts."""

    cases: list[tuple[Head | None, list[Line], list[Beside]]]


@contextlib.asynccontextmanager
async def snapshot() -> AsyncIterator[db.Connection]:
    """One moment of the database for the whole walk, whatever is appended meanwhile."""
    async with db.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        yield connection


async def sizes(connection: db.Connection) -> dict[str, int]:
    """The last sealed position of each log."""
    found = {row["log"]: row["last"] for row in await connection.fetch(_SIZES)}
    return {log: found.get(log, 0) for log in seals.LOGS}


async def batches(connection: db.Connection, *, with_texts: bool = True) -> AsyncIterator[Batch]:
    """All cases in order of id, and events whose case is gone where it would stand."""
    after = FIRST_ID
    while True:
        heads = [Head(*row) for row in await connection.fetch(_HEADS, after, _CASES_AT_ONCE)]
        is_last = len(heads) < _CASES_AT_ONCE
        until = _LAST_ID if is_last else heads[-1].id
        lines = map(Line._make, await connection.fetch(_EVENTS, after, until))
        texts = map(Beside._make, await connection.fetch(_TEXTS, after, until) if with_texts else ())
        events = {case: list(group) for case, group in itertools.groupby(lines, key=lambda line: line.case_id)}
        beside = {case: list(group) for case, group in itertools.groupby(texts, key=lambda text: text.case_id)}
        rows = {head.id: head for head in heads}
        ids = sorted(rows.keys() | events.keys() | beside.keys())
        yield Batch([(rows.get(one), events.get(one, []), beside.get(one, [])) for one in ids])
        if is_last:
            return
        after = until


async def acts_of(connection: db.Connection) -> AsyncIterator[acts.ActRow]:
    """The second log in order."""
    after = 0
    while rows := await connection.fetch(_ACTS, after, _ROWS_AT_ONCE):
        for row in rows:
            yield acts.ActRow(**row)
        after = rows[-1]["seq"]


async def acts_end(connection: db.Connection) -> tuple[int, bytes]:
    """What the head of the second log says: seq and hash of the last act."""
    row = await connection.fetchrow("SELECT last_seq, last_hash FROM act_head")
    return (row["last_seq"], row["last_hash"]) if row is not None else (0, chain.START)


async def seals_of(connection: db.Connection, log: str) -> AsyncIterator[SealRow]:
    """The seals of a log in order."""
    after = 0
    while rows := await connection.fetch(_SEALS, log, after, _ROWS_AT_ONCE):
        for row in rows:
            yield SealRow(**row)
        after = rows[-1]["no"]


async def lines(connection: db.Connection) -> AsyncIterator[ledgerfile.AnyLine]:
    """The ledger as the lines of an export."""
    keys = {key: public.hex() for key, public in vault.public_keys().items()}
    yield ledgerfile.HeadLine(
        format=ledgerfile.FORMAT, made_at=chain.moment(clock.now()), positions=await sizes(connection), keys=keys
    )
    async for batch in batches(connection, with_texts=False):
        for head, lines, _ in batch.cases:
            if head is not None:
                yield ledgerfile.case_line(head)
            for line in lines:
                yield ledgerfile.event_line(line)
    async for row in acts_of(connection):
        yield ledgerfile.act_line(row)
    last_seq, last_hash = await acts_end(connection)
    yield ledgerfile.ActsEnd(last_seq=last_seq, last_hash=last_hash.hex())
    for log in seals.LOGS:
        async for seal in seals_of(connection, log):
            yield ledgerfile.SealLine(**msgspec.structs.asdict(seals.root_of(seal)))
