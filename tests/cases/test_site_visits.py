"""One joint site visit by verbs: one slot, who comes, what came of it, and the ledger makes the same rows again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases import ledger, merging, site_visits, verbs, verbs_site
from cases.file import CaseFile
from hotline import clock, db, rebuild
from hotline.errors import Refusal
from hotline.work import Work, work
from tests import builders as b

pytestmark = pytest.mark.anyio


async def _plan(w: Work, file: CaseFile, **given: Any) -> None:
    starts = given.pop("starts", clock.now() + timedelta(days=1))
    asked = {"unit": "130403", "units": ("TRP",), "spot": "路口东北角", "starts": starts}
    await verbs_site.plan(w, file, **{**asked, "ends": starts + timedelta(hours=1), **given})


async def _on_slot(login: str, number: str, verb: Any, at: datetime | None = None, **given: Any) -> CaseFile:
    async with work(await b.person(login), now=at) as w:
        file = await ledger.opened(w, number=number)
        await site_visits.load(w, file)
        await verb(w, file, next(iter(file.slots.values())), **given)
    return file


async def test_a_visit_is_planned_moved_answered_and_held_and_rebuilds_the_same(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    await b.act("dispatcher", number, verbs.add_co_handler, unit="TRP", profile="STD5")
    file = await b.act("congtai", number, _plan, tells=True)
    later = clock.now() + timedelta(days=2)
    moved = {"starts": later, "ends": later + timedelta(hours=2), "units": ("TRP", "PWR")}
    await _on_slot("congtai", number, verbs_site.move, **moved, spot="路口", reason="下雨")
    await _on_slot("dispatcher", number, verbs_site.answer, unit="TRP", comes=True)
    await _on_slot("dispatcher", number, verbs_site.answer, unit="PWR", comes=False, reason="抢修")
    held = {"attended": ("130403", "TRP"), "outcome": "灯具已换。", "photos": 1}
    file = await _on_slot("congtai", number, verbs_site.hold, later + timedelta(minutes=5), **held)
    slot = next(iter(file.slots.values()))
    assert (slot.state, slot.coming, slot.declined, slot.attended) == (
        "held", ("130403", "TRP"), ("PWR",), ("130403", "TRP")
    )  # fmt: skip
    assert (await rebuild.rebuild(check=True)).names == {}
    async with db.reading() as connection:
        names = await connection.fetch(
            "SELECT name FROM outbox_message WHERE case_id = $1 AND name LIKE 'visit%' ORDER BY created_at",
            file.case.id,
        )
    assert [row["name"] for row in names] == ["visit_planned", "visit_moved"]


async def test_a_case_has_one_open_slot_and_its_outcome_waits_for_the_hour(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    await b.act("congtai", number, _plan)
    with pytest.raises(Refusal) as refused:
        await b.act("congtai", number, _plan)
    assert refused.value.code == "slot_taken"
    with pytest.raises(Refusal) as refused:
        await _on_slot("congtai", number, verbs_site.hold, attended=("130403",), outcome="好了")
    assert refused.value.code == "slot_not_begun"
    await _on_slot("congtai", number, verbs_site.cancel, reason="对方约不上")
    await b.act("congtai", number, _plan)


async def test_a_unit_asked_to_two_places_at_once_is_seen(database: object) -> None:
    starts = clock.now() + timedelta(days=5)
    first = (await b.a_case("dispatched")).number
    second = await b.act("congtai", (await b.a_case("dispatched")).number, _plan, starts=starts + timedelta(minutes=30))
    file = await b.act("congtai", first, _plan, starts=starts)
    async with db.reading() as connection:
        found = await site_visits.clashes(connection, ["TRP"], starts, starts + timedelta(hours=1), file.case.id)
    assert [(one.unit, one.number) for one in found] == [("TRP", second.case.number)]


async def _slots_of(number: str) -> list[tuple[str, list[str]]]:
    """State of each slot of the case of this number, with what its requester heard of visits."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT v.state, ARRAY(SELECT m.name FROM outbox_message m WHERE m.case_id = c.id AND m.name LIKE 'visit%' "
            "ORDER BY m.created_at) AS told FROM site_visit v JOIN cases c ON c.id = v.case_id WHERE c.number = $1",
            number,
        )
    return [(row["state"], list(row["told"])) for row in rows]


async def test_a_visit_is_off_and_its_requester_hears_so_once_the_lead_that_arranged_it_loses_the_case(
    database: object,
) -> None:
    number = (await b.a_case("dispatched")).number
    file = await b.act("congtai", number, _plan, tells=True)
    assert file.lead is not None
    async with work(await b.person("dispatcher")) as w:
        file = await ledger.opened(w, number=number)
        await verbs.recall(w, file, next(one for one in file.live if one.role == "lead"), reason="派错了")
    assert await _slots_of(number) == [("cancelled", ["visit_planned", "visit_cancelled"])]


async def test_a_merge_takes_the_visit_of_the_case_that_goes_off_the_calendar(database: object) -> None:
    stays = (await b.a_case("dispatched", matter="020201")).number
    goes = (await b.a_case("dispatched", matter="020201", phone="13800000077")).number
    await b.act("congtai", goes, _plan, tells=True)
    async with work(await b.person("dispatcher")) as w:
        parent, child = [await ledger.opened(w, number=one) for one in (stays, goes)]
        await merging.merge(w, parent, child)
    assert [state for state, _ in await _slots_of(goes)] == ["cancelled"]
    async with db.reading() as connection:
        assert await connection.fetchval(
            "SELECT count(*) FROM outbox_message m JOIN request r ON r.id = m.request_id "
            "WHERE r.receipt_no = $1 AND m.name = 'visit_cancelled'", goes
        ) == 1  # fmt: skip
    assert (await rebuild.rebuild(check=True)).names == {}
    with pytest.raises(Refusal) as refused:
        async with work(await b.person("dispatcher")) as w:
            _ = (await ledger.opened(w, number=goes)).first_request
    assert refused.value.code == "merged_already"
