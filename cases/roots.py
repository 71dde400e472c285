"""The sealed roots as the public reads them: a page of the latest, and all of a span as a stream (cases/seals.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

from cases import chain
from cases.seals import SEAL_COLUMNS, Root, SealRow
from hotline import clock, db, vault

PAGE = 30
_AT_ONCE = 500
_ROOTS = f"SELECT {SEAL_COLUMNS} FROM ledger_seal"
_SPAN = f"{_ROOTS} WHERE at >= $1 AND at < $2 AND (at, log, no) > ($3, $4, $5) ORDER BY at, log, no LIMIT {_AT_ONCE}"
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def shown(seal: SealRow, keys: dict[str, bytes]) -> Root:
    """The seal as a public line; without the public half where the key folder has lost it."""
    return Root(
        log=seal.log, no=seal.no, first=seal.first_position, last=seal.last_position, root=seal.root.hex(),
        prev=seal.prev.hex(), hash=seal.hash.hex(), at=chain.moment(seal.at), key=seal.key_id,
        public=keys.get(seal.key_id, b"").hex(), signature=seal.signature.hex(),
    )  # fmt: skip


async def latest(connection: db.Connection, log: str = "", before: tuple[str, int] | None = None) -> list[Root]:
    """The newest roots, of a log or of all, older than ``before`` (log, number); one more than PAGE when there are."""
    keys, wheres = vault.public_keys(), ["($1 = '' OR log = $1)"]
    if before is not None:
        wheres.append("(at, log, no) < (SELECT at, log, no FROM ledger_seal WHERE log = $2 AND no = $3)")
    sql = f"{_ROOTS} WHERE {' AND '.join(wheres)} ORDER BY at DESC, log DESC, no DESC LIMIT {PAGE + 1}"
    return [shown(SealRow(**row), keys) for row in await connection.fetch(sql, log, *(before or ()))]


async def span(first: date | None, last: date | None) -> AsyncIterator[list[Root]]:
    """The roots of these local days (all without), oldest first, some at a time; no connection is held between."""
    keys = vault.public_keys()
    start = clock.on(first) if first is not None else _BEGINNING
    end = clock.on(last + timedelta(days=1)) if last is not None else clock.now() + timedelta(days=1)
    after: tuple[datetime, str, int] = (_BEGINNING, "", 0)
    while True:
        async with db.reading() as connection:
            rows = [SealRow(**row) for row in await connection.fetch(_SPAN, start, end, *after)]
        if not rows:
            return
        yield [shown(row, keys) for row in rows]
        after = rows[-1].at, rows[-1].log, rows[-1].no


async def counts(connection: db.Connection) -> dict[str, tuple[int, int]]:
    """By log: how many roots, over how many entries."""
    rows = await connection.fetch("SELECT log, max(no) AS no, max(last_position) AS last FROM ledger_seal GROUP BY log")
    return {row["log"]: (row["no"], row["last"]) for row in rows}
