"""The calendar under many promises: pages in lanes, a worker that dies in the middle, a case that somebody holds."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from cases import ledger
from cases.rows import CaseRow
from hotline import city, city_verbs, clock, db, rebuild
from hotline import work as writing
from hotline.actor import SYSTEM
from hotline.work import work
from sla import calendar, recompute
from sla.rows import ClockRow
from tests import builders as b
from tests import engines as stage

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
CASES = 23
_FINISH = "SELECT case_id, due_at FROM clock WHERE stage = 'finish' AND stopped_at IS NULL"
_PROMISED = "SELECT case_id, count(*) FROM case_event WHERE kind = 'promised' GROUP BY case_id"


async def read(sql: str) -> dict[UUID, Any]:
    """Two columns as a table."""
    async with db.reading() as connection:
        return dict(await connection.fetch(sql))


async def a_rest_day(after: int) -> None:
    """Make the working day so many from now a day of rest, and leave it for the worker."""
    day = clock.local_day(calendar.of(city.current()).add_working_days(clock.now(), after).at)
    await city_verbs.set_day(day, is_working=False, name_zh="检修", name_en="Works")
    await city.refresh()
    async with db.atomic() as connection:
        await recompute.note(connection, SYSTEM, day, day)


async def last() -> recompute.Change:
    """The last change of the calendar, as far as the worker is."""
    async with db.reading() as connection:
        return (await recompute.recent(connection, 1))[0]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "PAGE", 4)
    monkeypatch.setattr(recompute, "LOOKED", 40)
    monkeypatch.setattr(writing, "TOGETHER", 2)


async def test_a_worker_that_dies_between_pages_has_counted_what_it_moved_and_the_next_one_moves_only_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for n in range(CASES):
        await b.a_receipt(matter="050101", kind="assistance", words=f"厂子里味道大，第 {n} 次反映。")
    before, told = await read(_FINISH), await read(_PROMISED)
    assert len(before) >= CASES
    await a_rest_day(6)
    held, calls = recompute._Way.count, 0

    async def dies(*given: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise ConnectionResetError
        await held(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(recompute._Way, "count", dies)
        with pytest.raises(ConnectionResetError):
            await recompute.run()
    moved = sum(due != before[case] for case, due in (await read(_FINISH)).items())
    assert 0 < moved < CASES
    change = await last()
    assert (change.moved, change.done_at) == (moved, None), "what was moved was counted in the same transaction"
    assert await recompute.run() == len(before) - moved
    assert all(due > before[case] for case, due in (await read(_FINISH)).items())
    after = await read(_PROMISED)
    assert all(after[case] == told[case] + 1 for case in before), "one event a case, none twice"
    assert (await last()).moved == len(before)
    assert await recompute.run() == 0
    assert (await rebuild.rebuild(check=True)).different == 0


async def test_a_case_that_somebody_holds_is_waited_for_and_moves_too(database: stage.Place) -> None:
    before = await read(_FINISH)
    await a_rest_day(7)
    other = await asyncpg.connect(database.settings.database_url)
    try:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT FROM cases WHERE id = $1 FOR UPDATE", min(before))
        running = asyncio.create_task(recompute.run())
        await asyncio.sleep(0.4)
        assert not running.done()
        await transaction.rollback()
        assert await running == len(before)
    finally:
        await other.close()
    assert all(due > before[case] for case, due in (await read(_FINISH)).items())
    assert (await last()).moved == len(before)


async def test_rows_written_in_one_statement_are_as_if_each_had_been_written_alone() -> None:
    ids = sorted(await read(_FINISH))
    wanted: dict[UUID, CaseRow] = {}
    async with work(SYSTEM) as w:
        for n, file in enumerate(await ledger.opened_all(w, ids)):
            case = file.case
            case.lat, case.lon, case.township = (None, None, None) if n % 2 else (36.6, 114.48, "'); --")
            case.is_minor = True
            case.accepted_by = case.id if n % 3 else None
            case.last_hash = bytes([n]) * 32
            if n < 5:
                case.about_units = ("CGB", "130403")
            wanted[case.id] = ledger.read_row(CaseRow, {one: getattr(case, one) for one in case.__struct_fields__})
    async with work(SYSTEM) as w:
        assert {file.case.id: file.case for file in await ledger.opened_all(w, ids)} == wanted


async def test_a_row_that_was_read_twice_is_written_in_the_order_of_its_changes() -> None:
    await b.a_receipt(matter="050101", kind="assistance", words="厂子里味道大。")
    columns = ", ".join(ClockRow.__struct_fields__)
    async with work(SYSTEM) as w:
        # one UPDATE would now take the first of two changes, not the last
        await w.connection.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        rows = [ClockRow(**r) for r in await w.connection.fetch(f"SELECT {columns} FROM clock LIMIT 3")]
        again = ClockRow(**await w.connection.fetchrow(f"SELECT {columns} FROM clock WHERE id = $1", rows[0].id))
        for n, row in enumerate([*rows, again]):
            w.track(row)
            row.amount, row.due_at = Decimal(n + 50), row.due_at + timedelta(minutes=n + 1)
    async with db.reading() as connection:
        kept = await connection.fetchrow("SELECT amount, due_at FROM clock WHERE id = $1", again.id)
    assert tuple(kept) == (Decimal(53), again.due_at)
