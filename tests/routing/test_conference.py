"""Conferences: an agenda of difficult cases, minutes that stay, a precedent for the next case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cases import ledger, verbs, verbs_conference
from hotline import clock, db
from hotline.actor import CITIZEN
from hotline.errors import Refusal
from hotline.work import work
from routing import agenda, conference, conferences, minutes
from routing.conferences import Participant
from tests import builders as b

pytestmark = pytest.mark.anyio


async def _meeting(*numbers: str) -> UUID:
    """A conference called for an hour ago with these cases on its agenda and a roll."""
    async with work(await b.person("coord")) as w:
        made = await conference.plan(w, starts=clock.now() - timedelta(hours=1), place="三楼会议室", chair="冯军")
        for number in numbers:
            file = await ledger.opened(w, number=number)
            await conference.add_case(w, made.id, file, question="路灯归谁管？联系人张三 13800001234。")
        await conference.call_roll(w, made.id, [Participant(unit="CGB", person="陈浩", is_present=True)])
    return made.id


async def _decide(meeting: UUID, number: str, **given: Any) -> None:
    async with work(await b.person("coord")) as w:
        file = await ledger.opened(w, number=number)
        whole = await conferences.meeting(w.connection, meeting)
        item = next(one for one in whole.items if one.case_id == file.case.id)
        asked = {"unit": "CGB", "co_units": ("130403",), "words": "路灯设施由城管局主办。", "profile": "STD5"}
        await conference.decide(w, meeting, item, file, **{**asked, **given})


async def test_difficult_cases_are_offered_for_the_agenda_and_leave_the_list_once_on_it(database: object) -> None:
    called = (await b.a_case("dispatched")).number
    await b.act("dispatcher", called, verbs_conference.call, cause="unclear")
    crowded = (await b.a_case("dispatched")).number
    for unit in ("TRP", "PWR", "WSU"):
        await b.act("dispatcher", crowded, verbs.add_co_handler, unit=unit, profile="STD5")
    who = await b.person("coord")
    async with db.reading() as connection:
        assert [one.number for one in await agenda.waiting(connection, who)] == [called]
        assert [one.item.number for one in await agenda.candidates(connection, who)] == [crowded]
    await _meeting(called)
    async with db.reading() as connection:
        assert await agenda.waiting(connection, who) == []
        assert [one.number for one in await agenda.difficult(connection, who)] == [called]


async def test_minutes_name_lead_and_co_handlers_without_the_requester_and_are_fixed(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    left = (await b.a_case("dispatched")).number
    meeting = await _meeting(number, left)
    await _decide(meeting, number)
    async with work(await b.person("coord")) as w:
        whole = await conference.hold(w, meeting)
        said = minutes.text(await minutes.read(w.connection, whole))
    assert f"1．{number} 丛台区路灯不亮" in said
    assert "决定：由市城市管理和综合行政执法局主办，丛台区人民政府协办，不得再退。" in said
    assert "留待下次" in said
    assert "张三" not in said
    assert "13800001234" not in said
    async with db.reading() as connection:
        noted = await connection.fetchval("SELECT data FROM act WHERE kind = 'conference_held' ORDER BY seq DESC")
    assert (whole.conference.minutes_hash or b"").hex() in noted
    with pytest.raises(Refusal) as refused:
        await _decide(meeting, left)
    assert refused.value.code == "conference_over"


async def test_a_case_that_its_requester_withdraws_leaves_the_agenda(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    async with work(await b.person("dispatcher")) as w:
        file = await ledger.opened(w, number=number)
        for one in file.live:
            await verbs.recall(w, file, one, reason="派错了")
    await b.act("dispatcher", number, verbs_conference.call, cause="unclear")
    meeting = await _meeting(number)
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=number)
        await verbs.withdraw(w, file, file.first_request)
    async with db.reading() as connection:
        assert (await conferences.meeting(connection, meeting)).items == []


async def test_a_precedent_routes_the_next_like_case_and_names_the_conference(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    meeting = await _meeting(number)
    await _decide(meeting, number, precedent="county")
    following = await b.a_case("dispatched")
    async with work(await b.person("coord")) as w:
        file = await ledger.opened(w, number=following.number)
    assert file.lead is not None
    assert (file.lead.unit, file.lead.basis) == ("CGB", f"precedent:{meeting}")


async def test_a_case_withdrawn_from_the_conference_leaves_the_agenda(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    meeting = await _meeting(number)
    await b.act("coord", number, verbs_conference.withdraw, reason="两家商定了")
    async with db.reading() as connection:
        assert (await conferences.meeting(connection, meeting)).items == []


async def test_a_case_taken_off_an_agenda_or_decided_there_is_not_decided_there_again(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    await b.act("dispatcher", number, verbs_conference.call, cause="unclear")
    meeting = await _meeting(number)
    async with work(await b.person("coord")) as w:
        item = (await conferences.meeting(w.connection, meeting)).items[0]
        await conference.drop_item(w, meeting, item.id)
    with pytest.raises(Refusal) as refused:
        await _decide(meeting, number)
    assert refused.value.code == "not_on_agenda"
    with pytest.raises(Refusal) as refused:
        async with work(await b.person("coord")) as w:
            await conference.edit_item(w, meeting, item.id, question="归谁管？", units=("CGB",))
    assert refused.value.code == "not_on_agenda"
    with pytest.raises(Refusal) as refused:
        async with work(await b.person("coord")) as w:
            await conference.change(w, meeting, starts=clock.now() + timedelta(days=800), place="三楼", chair="冯军")
    assert refused.value.fields
    async with work(await b.person("coord")) as w:
        await conference.add_case(w, meeting, await ledger.opened(w, number=number))
    await _decide(meeting, number)
    await b.act("coord", number, verbs_conference.call, cause="by_hand", reason="情况变了")
    with pytest.raises(Refusal) as refused:
        async with work(await b.person("coord")) as w:
            await conference.add_case(w, meeting, await ledger.opened(w, number=number))
    assert refused.value.code == "decided_here"
