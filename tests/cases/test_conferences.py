"""A disputed case by verbs: it loses neither its unit nor its clock, and what is decided holds."""

from __future__ import annotations

from typing import Any

import pytest

from cases import ledger, verbs, verbs_conference
from cases.file import CaseFile
from hotline import db, rebuild
from hotline.actor import SYSTEM
from hotline.errors import Refusal
from hotline.work import work
from tests import builders as b

pytestmark = pytest.mark.anyio


async def _file(number: str) -> CaseFile:
    async with work(SYSTEM) as w:
        return await ledger.opened(w, number=number)


async def _running(file: CaseFile) -> list[Any]:
    async with db.reading() as connection:
        return await connection.fetch(
            "SELECT id, unit, stage, due_at FROM clock WHERE case_id = $1 AND stopped_at IS NULL ORDER BY id",
            file.case.id,
        )


async def _disputed(**change: Any) -> str:
    """A case that its unit asks to return, called to a conference; its number."""
    number = (await b.a_case("dispatched", **change)).number
    await b.act("congtai", number, verbs.ask_return, b.lead, ground="overlap", basis="三定规定第 4 条")
    await b.act("dispatcher", number, verbs_conference.call, cause="overlap")
    return number


async def _decide(number: str, unit: str, *co: str) -> CaseFile:
    return await b.act(
        "coord", number, verbs_conference.decide, unit=unit, co_units=co, profile="STD5", words="由该单位主办。"
    )


async def test_a_case_in_conference_keeps_its_unit_and_its_clock(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    before = await _running(await _file(number))
    await b.act("dispatcher", number, verbs_conference.call, cause="unclear")
    file = await _file(number)
    assert (file.case.state, file.case.lead_unit) == ("in_conference", "130403")
    assert await _running(file) == before
    await b.act("congtai", number, verbs.sign, b.lead)
    await b.act("coord", number, verbs_conference.withdraw, reason="两家已商定。")
    assert (await _file(number)).case.state == "active"


async def test_a_case_that_nobody_has_goes_back_to_the_dispatcher_with_its_clock(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    await b.act("dispatcher", number, verbs.recall, b.lead, reason="派错了")
    await b.act("dispatcher", number, verbs_conference.call, cause="by_hand", reason="三家都不认。")
    file = await _file(number)
    assert [row["stage"] for row in await _running(file)] == ["dispatch"]
    with pytest.raises(Refusal) as refused:
        await b.act("dispatcher", number, verbs.dispatch, unit="CGB", profile="STD5")
    assert refused.value.code == "in_conference"
    await b.act("coord", number, verbs_conference.withdraw, reason="已查明。")
    file = await _file(number)
    assert file.case.state == "accepted"
    assert [row["stage"] for row in await _running(file)] == ["dispatch"]


async def test_a_lead_that_is_kept_has_its_old_clock_and_can_no_longer_return(database: object) -> None:
    number = await _disputed()
    before = await _running(await _file(number))
    file = await _decide(number, "130403")
    assert (file.case.state, file.lead and file.lead.state) == ("active", "dispatched")
    assert await _running(file) == before
    with pytest.raises(Refusal) as refused:
        await b.act("congtai", number, verbs.ask_return, b.lead, ground="function", basis="第 5 条")
    assert refused.value.code == "binding"


async def test_the_dispatcher_cannot_dispatch_past_a_decision(database: object) -> None:
    number = await _disputed()
    await _decide(number, "CGB")
    with pytest.raises(Refusal) as refused:
        await b.act("dispatcher", number, verbs.recall, b.lead, reason="还是给区里")
    assert refused.value.code == "binding"
    await b.act("coord", number, verbs.recall, b.lead, reason="机构改革，职能已划走")


async def test_another_lead_gets_a_share_of_its_own_and_the_ledger_says_the_same(database: object) -> None:
    number = await _disputed()
    file = await _decide(number, "CGB", "130403")
    shares = {(a.unit, a.role, a.state, a.is_binding) for a in file.assignments.values()}
    assert shares == {
        ("130403", "lead", "recalled", False), ("CGB", "lead", "dispatched", True), ("130403", "co", "dispatched", True)
    }  # fmt: skip
    assert {row["unit"] for row in await _running(file)} == {"CGB", "130403"}
    outcome = await rebuild.rebuild(check=True)
    assert outcome.names == {}


async def test_a_decision_names_each_unit_once_and_says_something(database: object) -> None:
    number = await _disputed()
    with pytest.raises(Refusal):
        await _decide(number, "CGB", "CGB")
    with pytest.raises(Refusal) as refused:
        await b.act("coord", number, verbs_conference.decide, unit="CGB", profile="STD5", words=" ")
    assert refused.value.status == 422
    assert (await _file(number)).case.state == "in_conference"
