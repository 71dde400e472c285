"""`hotline rebuild`: the present computed again from the ledger, held against what the tables say, and mended.

Cases are read in batches under a snapshot; one that differs is locked, computed once more and written in a transaction
of its own, so that it may run beside the house.
"""

from __future__ import annotations

import gc
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from cases import rebuild as cases
from cases.rebuild import Difference
from hotline import db, place
from hotline.actor import SYSTEM
from hotline.work import Work, work
from sla import clocks
from sla.rows import ClockRow

AT_ONCE = 500
SHOWN = 20
_CLOCKS = f"SELECT {', '.join(ClockRow.__struct_fields__)} FROM clock WHERE case_id = ANY($1) AND stopped_at IS NULL"
_NOBODY = UUID(int=0)
Echo = Callable[[str], object]


class Outcome(msgspec.Struct, kw_only=True):
    """What was looked at and what differed: values by ``table.column``, and the numbers of the first such cases."""

    cases: int = 0
    different: int = 0
    names: Counter[str] = msgspec.field(default_factory=Counter)
    first: list[str] = []
    seconds: float = 0.0


def command(data: Path | None, echo: Echo, *, check: bool = False) -> int:
    """Run the command; 0 when all was (or now is) as the ledger has it, 1 when ``check`` found differences."""

    async def job() -> Outcome:
        gc.freeze()
        return await rebuild(check=check)

    outcome = place.run(data, job)
    rate = outcome.cases / max(outcome.seconds, 0.001)
    echo(f"{outcome.cases:,} 件，{outcome.seconds:.1f} 秒，每秒 {rate:,.0f} 件 / cases, {rate:,.0f} a second")
    if not outcome.different:
        echo("现状与账本一致。/ The present is what the ledger says.")
        return 0
    verb = "与账本不一致" if check else "与账本不一致，已改正"
    verb_en = "differ from the ledger" if check else "differed from the ledger and were mended"
    echo(f"{outcome.different:,} 件{verb}。/ {outcome.different:,} cases {verb_en}.")
    for name, count in outcome.names.most_common():
        echo(f"  {name:<32} {count:,}")
    echo(f"  {', '.join(outcome.first)}")
    return 1 if check else 0


async def rebuild(*, check: bool = False) -> Outcome:
    """Compare every case with its ledger, and write what differs unless ``check``.

    Cases, requests, assignments, visits, ratings and the supervision records that come from events. Clocks, orders and
    messages are not made of events and stay. Whether the ledger itself is sound is `hotline verify`'s to say.
    """
    outcome = Outcome()
    began, after = time.monotonic(), _NOBODY
    while True:
        async with db.atomic() as connection:
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            ids = await cases.case_ids(connection, after, AT_ONCE)
            found = await _compared(connection, ids) if ids else []
        if not ids:
            break
        after = ids[-1]
        outcome.cases += len(ids)
        wrong: dict[UUID, list[Difference]] = defaultdict(list)
        for one in found:
            wrong[one.case_id].append(one)
        for case_id, differing in wrong.items():
            await _tell(outcome, case_id, differing if check else await _mend(case_id))
    outcome.seconds = time.monotonic() - began
    return outcome


async def _compared(connection: db.Connection, ids: Sequence[UUID], *, lock: bool = False) -> list[Difference]:
    have = await cases.held(connection, ids, lock=lock)
    files, want = await cases.replayed(connection, ids)
    cases.index_addresses(want.values(), have)
    running: dict[UUID, list[ClockRow]] = defaultdict(list)
    for record in await connection.fetch(_CLOCKS, ids):
        running[record["case_id"]].append(ClockRow(**record))
    for case_id, file in files.items():
        clocks.show_nearest(file, running[case_id])
    return cases.differences(want, have)


async def _mend(case_id: UUID) -> list[Difference]:
    """Compute the case again under its lock and write what differs; nothing when somebody's act explains it.

    With it those that it exchanged requests with: a row that sits on the wrong one is moved, never lost.
    """
    async with work(SYSTEM) as w:
        found = await _compared(w.connection, await cases.family(w.connection, case_id), lock=True)
        for one in sorted(found, key=_children_first):
            await _write(w, one)
    return found


def _children_first(one: Difference) -> int:
    """Rows too many go before the rows that they point at."""
    tables = [noun.table for noun in cases.NOUNS]
    row = one.have or one.want
    return -tables.index(row.table) if row is not None else 0


async def _write(w: Work, one: Difference) -> None:
    if one.want is None and one.have is not None:
        await w.connection.execute(f"DELETE FROM {one.have.table} WHERE id = $1", one.have.id)  # type: ignore[attr-defined]
    elif one.have is None and one.want is not None:
        w.add(one.want)
    elif one.have is not None and one.want is not None:
        w.track(one.have)
        for name in one.have.__struct_fields__:
            setattr(one.have, name, getattr(one.want, name))


async def _tell(outcome: Outcome, case_id: UUID, found: Sequence[Difference]) -> None:
    if not found:
        return
    outcome.different += 1
    outcome.names.update(name for one in found for name in one.names)
    if len(outcome.first) < SHOWN:
        async with db.reading() as connection:
            number = await connection.fetchval("SELECT number FROM cases WHERE id = $1", case_id)
        outcome.first.append(number or str(case_id))
