"""What is due as of a moment, done once: batches of cases that nobody holds, fair to every row, two workers or ten.

A batch is one transaction. When one of its cases cannot be done the batch falls back to a transaction a case: that one
is left out and logged, the others are done. The act's row in ``act_done`` makes a second one impossible.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from uuid import UUID

import asyncpg

from cases.file import CaseFile
from cases.opening import opened_free
from hotline import clock, db, serials
from hotline.actor import SYSTEM
from hotline.errors import plain
from hotline.work import Work, work
from sla import clocks
from sla.lateness import note
from sla.rows import ClockRow, DoneRow
from sla.timed import Due
from sla.timetable import DUE, TIMED

log = logging.getLogger(__name__)

PAGE = 1000
"""Acts looked up at once, the oldest first."""
BATCH = 100
"""Cases of one transaction: few enough that nobody waits long for one of them."""
BUDGET = 60.0
"""Seconds after which a run ends, so that its mark is renewed and its worker looks up."""
REST = (5.0, 30.0, 120.0, 300.0)
"""Seconds for which a case that could not be done is left alone, after so many failures in a row."""
NOBODYS = (asyncpg.exceptions.TransactionRollbackError, asyncpg.InternalClientError)
"""Nobody's fault and gone by the next run: we waited for each other the wrong way round, or a connection was cut off in
the middle of a word.
"""
_CLOCKS = f"""
    SELECT {", ".join(ClockRow.__struct_fields__)} FROM clock WHERE case_id = ANY($1::uuid[]) ORDER BY started_at, id
"""
_DONE = """
    SELECT d.subject_id, d.act, d.due_at FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS x (s, a, t)
    JOIN act_done d ON d.subject_id = x.s AND d.act = x.a AND d.due_at = x.t
"""
_ACTS = {one.name: one for one in TIMED}
_resting: dict[UUID, tuple[int, float]] = {}
"""Cases that failed in this process: how often in a row, and until when they are left alone."""
_is_busy = False


async def due_as_of(moment: datetime) -> list[tuple[str, str, str, datetime]]:
    """What is due by ``moment`` and not yet acted on: case number, stage, unit, due moment; the oldest first."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT c.number, k.stage, k.unit, k.due_at FROM clock k JOIN cases c ON c.id = k.case_id "
            "WHERE k.next_act_at <= $1 ORDER BY k.next_act_at LIMIT 1000",
            moment,
        )
    return [tuple(row) for row in rows]


async def tick() -> int:
    """``sweep`` for the worker's clockwork: nothing while this process is still at the one before."""
    global _is_busy  # one worker a process
    if _is_busy:
        return 0
    _is_busy = True
    try:
        return await sweep()
    finally:
        _is_busy = False


async def sweep(as_of: datetime | None = None) -> int:
    """Do every timed act that is due by ``as_of`` (now); returns how many were done.

    Safe twice and side by side: a case that another sweep or a person holds is skipped and found by the next. One
    that cannot be done holds nobody up: it is logged, tried again later, and shows as the sweep's lateness.
    """
    done, left, until = 0, _at_rest(as_of), time.monotonic() + BUDGET
    moment = as_of or clock.now()
    while True:
        async with db.reading() as connection:
            found = [Due(**row) for row in await connection.fetch(DUE, moment, PAGE, list(left))]
        if not found:
            break
        for group in _groups(_by_case(found)):
            done += await _batch(group, as_of, left)
        if as_of is None and time.monotonic() > until:
            break  # the next tick goes on
        moment = as_of or clock.now()
    await note(moment, done, is_clear=not found and not left)
    return done


def _groups(cases: dict[UUID, list[Due]]) -> Iterator[dict[UUID, list[Due]]]:
    """The cases in batches, in their order."""
    rest = iter(cases.items())
    while group := dict(islice(rest, BATCH)):
        yield group


def _at_rest(as_of: datetime | None) -> set[UUID]:
    """The cases that this run leaves alone; one for a given moment tries them all."""
    now = time.monotonic()
    return set() if as_of else {one for one, (_, until) in _resting.items() if until > now}


def _by_case(found: Iterable[Due]) -> dict[UUID, list[Due]]:
    """The acts of each case in order of their moments; the case whose oldest act is oldest comes first."""
    cases: dict[UUID, list[Due]] = {}
    for one in found:
        cases.setdefault(one.case_id, []).append(one)
    return cases


async def _batch(cases: dict[UUID, list[Due]], as_of: datetime | None, left: set[UUID]) -> int:
    """Do the cases' acts in one transaction, or each by itself; whatever was not done is ``left``."""
    try:
        acts = await _acts(cases, as_of)
    except NOBODYS:
        acts = {}
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - one case's trouble is not the city's; its words stay out of the log
        if len(cases) > 1:
            return sum([await _batch({one: due}, as_of, left) for one, due in cases.items()])
        (case_id,) = cases
        tries = _resting.get(case_id, (0, 0.0))[0] + 1
        _resting[case_id] = tries, time.monotonic() + REST[min(tries, len(REST)) - 1]
        log.error("the sweep could not do case %s\n%s", case_id, plain(error))  # noqa: TRY400
        acts = {}
    left.update(one for one in cases if not acts.get(one))
    for one in acts:
        _resting.pop(one, None)
    return sum(acts.values())


async def _acts(cases: dict[UUID, list[Due]], as_of: datetime | None) -> dict[UUID, int]:
    """How many acts were done on each of the cases that were free."""
    acts: dict[UUID, int] = {}
    async with work(SYSTEM, now=as_of) as w:
        files = await opened_free(w, list(cases))
        await _read_clocks(w, [file.case.id for file in files])
        known = await _done_already(w, [one for file in files for one in cases[file.case.id]])
        await _lay_ready(w, [(file, due) for file in files for due in cases[file.case.id]])
        for file in files:
            number = 0
            for due in cases[file.case.id]:
                if (due.subject, due.act, due.due_at) in known or not await _ACTS[due.act].act(w, file, due):
                    continue
                w.add(DoneRow(
                    subject_id=due.subject, act=due.act, due_at=due.due_at, case_id=due.case_id, done_at=w.now
                ))  # fmt: skip
                number += 1
            await clocks.show_next(w, file)
            acts[file.case.id] = number
        await serials.give_back(w)
    return acts


async def _lay_ready(w: Work, found: list[tuple[CaseFile, Due]]) -> None:
    for one in TIMED:
        if one.ahead is not None and (own := [(file, due) for file, due in found if due.act == one.name]):
            await one.ahead(w, own)


async def _read_clocks(w: Work, cases: list[UUID]) -> None:
    """The clocks of all the cases at once, where ``clocks.of_case`` finds them."""
    kept: dict[UUID, list[ClockRow]] = w.kept.setdefault("clocks", {})
    kept.update({one: [] for one in cases})
    for record in await w.connection.fetch(_CLOCKS, cases):
        row = ClockRow(**record)
        w.track(row)
        kept[row.case_id].append(row)


async def _done_already(w: Work, due: list[Due]) -> set[tuple[UUID, str, datetime]]:
    """Those that another sweep did between our question and our lock."""
    rows = await w.connection.fetch(
        _DONE, [one.subject for one in due], [one.act for one in due], [one.due_at for one in due]
    )
    return {(row["subject_id"], row["act"], row["due_at"]) for row in rows}
