"""Ten callers about one broken lamp: one piece of work, ten people kept whole; one taken out again, dates as they were."""

from __future__ import annotations

from uuid import UUID

import pytest

from cases import ledger, merging
from cases import verify as proof
from hotline import db, rebuild
from hotline.work import work
from tests.builders import a_case, person

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def ids(*numbers: str) -> list[UUID]:
    async with db.reading() as connection:
        return [await connection.fetchval("SELECT id FROM cases WHERE number = $1", one) for one in numbers]


async def merged(parent: str, child: str) -> None:
    one, other = await ids(parent, child)
    async with work(await person("dispatcher")) as w:
        files = await merging.opened(w, (one, other))
        await merging.merge(w, files[one], files[other], reason="同一处路灯")


async def unmerged(parent: str, child: str) -> None:
    one, other = await ids(parent, child)
    async with work(await person("dispatcher")) as w:
        files = await merging.opened(w, (one, other))
        await merging.unmerge(w, files[one], files[other], reason="不是同一处")


async def test_core() -> None:
    a, b = (await a_case("signed")).number, (await a_case("dispatched")).number
    async with db.reading() as connection:
        before = await connection.fetch("SELECT * FROM clock ORDER BY id")
    await merged(a, b)
    assert not (await rebuild.rebuild(check=True)).names
    await unmerged(a, b)
    assert not (await rebuild.rebuild(check=True)).names
    async with db.reading() as connection:
        after = await connection.fetch("SELECT * FROM clock WHERE stage <> 'answer' ORDER BY id")
    assert before == after
