"""The sealer and the roots that leave the database."""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest

from cases import seals
from hotline import acts, db, verify
from hotline.actor import SYSTEM
from hotline.errors import Refusal
from tests import builders
from tests.engines import Place

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def sealed(database: Place) -> Place:
    """A case and an act under three seals."""
    await builders.a_case("handled")
    async with db.atomic() as connection:
        await acts.note(connection, SYSTEM, "person.signed_in", "person:1")
    assert await seals.seal_all() > 5
    return database


async def test_a_log_longer_than_a_seal_gets_several_that_follow_each_other(
    sealed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "MOST", 2)
    await builders.a_case("handled")
    await seals.seal_all()
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT * FROM ledger_seal WHERE log = 'p' ORDER BY no")
    assert len(rows) > 3
    assert [row["no"] for row in rows] == list(range(1, len(rows) + 1))
    for before, after in itertools.pairwise(rows):
        assert after["first_position"] == before["last_position"] + 1
        assert after["prev"] == before["hash"]
    assert (await verify.database()).is_clean


@pytest.mark.parametrize("keep", ["none", "half a line", "all but one"])
async def test_roots_that_a_crash_lost_are_written_again_the_same(sealed: Place, keep: str) -> None:
    path = seals.roots_path()
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    left = {"none": b"", "half a line": b"".join(lines[:-1]) + lines[-1][:30], "all but one": b"".join(lines[:-1])}
    path.write_bytes(left[keep])
    assert await seals.publish() == (len(lines) if keep == "none" else 1)
    assert path.read_bytes() == whole
    assert await seals.publish() == 0


async def test_a_database_older_than_its_roots_is_refused_until_they_are_set_aside(sealed: Place) -> None:
    path = seals.roots_path()
    whole = path.read_bytes()
    last = json.loads(whole.splitlines()[-1])
    path.write_bytes(whole + json.dumps({**last, "no": 9}).encode() + b"\n")
    with pytest.raises(Refusal, match="roots_disagree"):
        await seals.publish()
    aside = seals.set_aside("before-restore")
    assert aside is not None
    assert aside.exists()
    await seals.publish()
    assert path.read_bytes() == whole
    aside.unlink()


async def test_two_sealers_at_once_give_no_position_twice(sealed: Place) -> None:
    for _ in range(3):
        await builders.a_case("dispatched")
    await asyncio.gather(*(seals.seal_all() for _ in range(4)))
    while await seals.seal_all():
        pass
    report = await verify.database()
    assert report.is_clean, report.findings
    assert sum(report.unsealed.values()) == 0
    assert await seals.seal_all() == 0
