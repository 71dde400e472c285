"""The second chained log: gap-free, queued on its head, and closed to change."""

from __future__ import annotations

import asyncio
import itertools

import asyncpg
import pytest

from hotline import acts, canon, db
from hotline.actor import CITIZEN, SYSTEM
from hotline.work import work
from tests.engines import Place

pytestmark = pytest.mark.anyio


async def test_acts_are_numbered_without_a_gap_and_chained(database: Place) -> None:
    async with work(SYSTEM) as one:
        first = await acts.note(one, SYSTEM, "person.signed_in", "person:1", {"way": "password"})
        second = await acts.note(one.connection, CITIZEN, "phone.unmasked", "case:1")
    assert second.seq == first.seq + 1
    assert second.prev == first.hash
    assert first.details == {"way": "password"}
    assert second.hash == acts.act_hash(
        first.hash, second.seq, second.at, CITIZEN.id, "citizen", "phone.unmasked", "case:1", "{}"
    )


async def test_the_first_act_begins_the_chain(database: Place) -> None:
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT prev FROM act WHERE seq = 1") == canon.START


async def test_an_act_that_is_rolled_back_leaves_no_gap(database: Place) -> None:
    async with db.reading() as connection:
        before = await connection.fetchval("SELECT last_seq FROM act_head")
    with pytest.raises(RuntimeError):  # noqa: PT012 - the transaction is what is undone
        async with db.atomic() as connection:
            await acts.note(connection, SYSTEM, "export.made")
            raise RuntimeError
    async with db.atomic() as connection:
        assert (await acts.note(connection, SYSTEM, "export.made")).seq == before + 1


async def test_forty_at_once_stand_in_one_row(database: Place) -> None:
    async def one(n: int) -> None:
        async with db.atomic() as connection:
            await acts.note(connection, SYSTEM, "crowd", f"person:{n}")

    await asyncio.gather(*(one(n) for n in range(40)))
    async with db.reading() as connection:
        rows = await acts.recent(connection, limit=40, kind="crowd")
    assert len({row.seq for row in rows}) == 40
    assert rows[0].seq - rows[-1].seq == 39
    assert all(newer.prev == older.hash for newer, older in itertools.pairwise(rows))


async def test_recent_pages_by_the_last_number_seen_and_filters(database: Place) -> None:
    async with db.atomic() as connection:
        noted = [await acts.note(connection, CITIZEN, "paged", f"person:{n % 2}") for n in range(6)]
        page = await acts.recent(connection, limit=2, kind="paged")
        assert [row.seq for row in page] == [noted[5].seq, noted[4].seq]
        page = await acts.recent(connection, limit=2, kind="paged", before=page[-1].seq)
        assert [row.seq for row in page] == [noted[3].seq, noted[2].seq]
        mine = await acts.recent(connection, kind="paged", subject="person:1", actor=CITIZEN.id)
        assert [row.seq for row in mine] == [noted[5].seq, noted[3].seq, noted[1].seq]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE act SET kind = 'x'",
        "DELETE FROM act",
        "TRUNCATE act",
        "UPDATE act_head SET last_seq = 0",
        "DELETE FROM act_head",
    ],
)
async def test_even_the_owner_is_stopped_by_the_triggers(database: Place, change: str) -> None:
    async with db.atomic() as connection:
        await acts.note(connection, SYSTEM, "kept")
    async with database.as_owner() as owner:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute(change)
