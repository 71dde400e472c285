"""What-if runs: asked for as a row, done by the worker beside its other work, kept with what went in and came out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found, plain
from sla import calendar, replay_history, replay_scenario, targets
from sla.hours import read_hours
from sla.replay import LISTED, Calendars, Outcome, Rules, Tally
from sla.replay_scenario import Scenario

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=30)
"""A worker that died in the middle is waited for so long."""
LONGEST = timedelta(minutes=20)
FAILED = Say("推演没有做完，请报告管理员；输入还在，可以再做一次。",
             "The run did not finish; tell an administrator. What went in is kept: try again.")  # fmt: skip
_CLAIM = """
UPDATE whatif_run SET state = 'running', claimed_until = $2, read = 0 WHERE id = (
    SELECT id FROM whatif_run WHERE state = 'waiting' OR (state = 'running' AND claimed_until < $1)
    ORDER BY asked_at FOR UPDATE SKIP LOCKED LIMIT 1)
RETURNING id, scenario
"""
Progress = Callable[[int, int], Awaitable[object]]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run without its outcome, as lists show it. ``state``: waiting, running, done, failed."""

    id: UUID
    title: str
    asked_at: datetime
    asked_by: UUID
    scenario: Scenario
    state: str
    read: int
    total: int | None
    finished_at: datetime | None
    problem_zh: str | None
    problem_en: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "failed")

    @property
    def problem(self) -> Say:
        """Why it failed."""
        return Say(self.problem_zh or "", self.problem_en or "")


_COLUMNS = ", ".join(Run.__struct_fields__)


def check(one: Scenario, units: Collection[str] | None = None) -> None:
    """Raise the 422 refusal for a scenario that cannot be replayed on this city; units are held against its own."""
    snapshot = city.current()
    replay_scenario.check(one, targets.of(snapshot))
    known = set(snapshot.units if units is None else units)
    strange = sorted(unit for unit in one.staff if unit != "*" and unit not in known)
    if strange:
        say = Say(f"没有这些单位：{'、'.join(strange)}。", f"No such units: {', '.join(strange)}.")
        raise Refusal(422, "invalid", say, fields={"staff": say})


async def replayed(one: Scenario, listed: int = LISTED, progress: Progress | None = None) -> Outcome:
    """Replay our own cases under a scenario. The counting stands in a thread, so that the loop goes on meanwhile."""
    check(one)
    snapshot = city.current()
    tally = Tally(msgspec.structs.replace(_rules(snapshot, one), listed=listed))
    done, total = 0, 0
    if progress is not None:
        total = await replay_history.count(tally.opens, tally.closes)
    async for pasts in replay_history.pages(tally.opens, tally.closes):
        await asyncio.to_thread(tally.take, pasts)
        done += len(pasts)
        if progress is not None:
            await progress(done, max(total, done))
    return await asyncio.to_thread(tally.outcome)


def _rules(snapshot: city.City, one: Scenario) -> Rules:
    """The rules over the calendars of this city, each county's own among them."""
    own = calendar.book(snapshot)
    tried = _tried(own, one) if one.moves_calendar else own
    where = {unit: calendar.jurisdiction_of(snapshot, unit) for unit in snapshot.units} if own.data.local else {}
    local = {unit: Calendars(own.of(at), tried.of(at)) for unit, at in where.items() if at in own.data.local}
    return replay_scenario.rules(one, Calendars(own.of(), tried.of()), clock.now(), local)


def _tried(own: calendar.Book, one: Scenario) -> calendar.Book:
    """The city's calendars with the scenario's days, and with its hours on every day where it names some."""
    days, put = replay_scenario.changes_of(one), msgspec.structs.replace
    no_hours: dict[str, Any] = {"hours": ()} if one.hours else {}
    local = {at: put(what, days={**what.days, **days}, **no_hours) for at, what in own.data.local.items()}
    data = put(own.data, days={**own.data.days, **days}, local=local, **no_hours)
    base = one.hours or str(city.current().rule("hours.working"))
    return calendar.Book(data, read_hours(base))


async def ask(connection: db.Connection, actor: Actor, one: Scenario, title: str, run: UUID) -> bool:
    """Leave a checked scenario for the worker, in the caller's transaction; nudge ``run_whatif`` after it.

    False when there is a run of this id already: the same form sent twice.
    """
    check(one)
    made = await connection.fetchval(
        "INSERT INTO whatif_run (id, title, asked_at, asked_by, scenario, state) "
        "VALUES ($1, $2, $3, $4, $5, 'waiting') ON CONFLICT (id) DO NOTHING RETURNING TRUE",
        run, title, clock.now(), actor.id, msgspec.json.encode(one).decode(),
    )  # fmt: skip
    return bool(made)


async def run_asked() -> int:
    """Do the runs that wait, oldest first; how many. Safe twice and side by side: each is claimed."""
    n = 0
    while True:
        async with db.atomic() as connection:
            now = clock.now()
            row = await connection.fetchrow(_CLAIM, now, now + LEASE)
        if row is None:
            return n
        await _do(row["id"], msgspec.json.decode(row["scenario"], type=Scenario))
        n += 1


async def _do(run: UUID, one: Scenario) -> None:
    async def progress(read: int, total: int) -> None:
        await _keep(run, "read = $2, total = $3", read, total)

    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            outcome = await replayed(one, progress=progress)
    except Refusal as refusal:
        await _failed(run, next(iter(refusal.fields.values()), refusal.say))
    except TimeoutError:
        minutes = LONGEST // timedelta(minutes=1)
        await _failed(run, Say(f"超过 {minutes} 分钟没做完，请把日子缩短。",
                               f"Not finished in {minutes} minutes: choose a shorter period."))  # fmt: skip
    except db.AWAY:
        raise  # the claim runs out, and the next worker does it
    except Exception as error:  # noqa: BLE001 - whatever it is, the one who asked must hear of it
        log.error("what-if %s failed: %s", run, plain(error))  # noqa: TRY400 - its text may quote a row
        await _failed(run, FAILED)
    else:
        text = msgspec.json.encode(outcome).decode()
        await _keep(run, "state = 'done', outcome = $2, finished_at = $3", text, clock.now())


async def _failed(run: UUID, say: Say) -> None:
    await _keep(run, "state = 'failed', problem_zh = $2, problem_en = $3, finished_at = $4", *say, clock.now())


async def _keep(run: UUID, sets: str, *values: Any) -> None:
    async with db.atomic() as connection:
        await connection.execute(f"UPDATE whatif_run SET {sets} WHERE id = $1 AND state = 'running'", run, *values)


async def found(connection: db.Connection, run: UUID) -> tuple[Run, Outcome | None]:
    """A run and what came out, if it is done. 404 when there is none."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS}, outcome FROM whatif_run WHERE id = $1", run)
    if row is None:
        raise not_found()
    outcome = msgspec.json.decode(row["outcome"], type=Outcome) if row["outcome"] else None
    return _run(row), outcome


async def recent(connection: db.Connection, before: datetime | None = None, limit: int = 50) -> list[Run]:
    """Runs, newest first, older than ``before``."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM whatif_run WHERE $1::timestamptz IS NULL OR asked_at < $1 "
        "ORDER BY asked_at DESC LIMIT $2",
        before, limit,
    )  # fmt: skip
    return [_run(row) for row in rows]


def _run(row: Any) -> Run:
    known = {name: row[name] for name in Run.__struct_fields__ if name != "scenario"}
    return Run(scenario=msgspec.json.decode(row["scenario"], type=Scenario), **known)
