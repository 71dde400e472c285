"""Orders that batches issue side by side: numbered without a gap, nobody waits, and none is left out of the count."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from hotline import db, serials
from hotline.actor import SYSTEM
from hotline.work import work
from sla import sweep
from tests import builders as b

pytestmark = pytest.mark.anyio
YEAR = 2031


async def value(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


async def free(name: str) -> list[int]:
    return list(await value("SELECT array_agg(number ORDER BY number) FROM serial_free WHERE name = $1", name) or [])


async def took(
    name: str, number: int, used: int, done: list[int] | None = None, gate: asyncio.Event | None = None
) -> None:
    """A transaction that lays out ``number`` and uses some of them; it fails when ``done`` is not given."""
    async with work(SYSTEM) as w:
        await serials.take_ahead(w, name, YEAR, number)
        found = [await serials.counted(w, name, YEAR) for _ in range(used)]
        if gate is not None:
            await gate.wait()
        await serials.give_back(w)
        if done is None:
            raise LookupError
        done += found


async def test_a_transaction_that_fails_gives_its_numbers_to_the_next_the_lowest_first(database: object) -> None:
    used: list[int] = []
    with pytest.raises(LookupError):
        await took("failing", 3, 3)
    await took("failing", 2, 2, used)
    async with work(SYSTEM) as w:
        used += [await serials.counted(w, "failing", YEAR) for _ in range(3)]
    assert used == [1, 2, 3, 4, 5]
    assert await free("failing") == []


async def test_what_was_laid_out_and_not_used_is_used_before_a_new_number(database: object) -> None:
    used: list[int] = []
    await took("spared", 5, 2, used)
    assert await free("spared") == [3, 4, 5]
    await took("spared", 4, 4, used)
    assert used == [1, 2, 3, 4, 5, 6]
    assert await value("SELECT last FROM serial_counter WHERE name = 'spared'") == 6


async def test_two_who_take_many_do_not_wait_for_each_other_nor_take_the_same(database: object) -> None:
    first, second, gate = list[int](), list[int](), asyncio.Event()
    holding = asyncio.create_task(took("beside", 3, 3, first, gate))
    await asyncio.sleep(0.1)
    await asyncio.wait_for(took("beside", 3, 3, second), 5)
    gate.set()
    await holding
    assert sorted(first + second) == [1, 2, 3, 4, 5, 6]


async def test_orders_of_two_batches_side_by_side_are_gap_free_and_together_draft_one_interview(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 2)
    numbers = [(await b.a_case("signed")).number for _ in range(4)]
    ends = "SELECT max(k.due_at) FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = ANY($1)"
    end = await value(ends, numbers)
    late = end + timedelta(minutes=1)
    await asyncio.gather(sweep.sweep(late), sweep.sweep(late))
    await sweep.sweep(late)
    sql = "SELECT array_agg(substring(number FROM '〕([0-9]+)号')::int) FROM supervision_order"
    assert sorted(await value(sql)) == [1, 2, 3, 4]
    assert await free("order") == []
    assert await value("SELECT count(*) FROM ladder_paper WHERE rule = 'orders_repeated'") == 1
