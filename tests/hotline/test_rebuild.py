"""The present is what the ledger says: identical after whole stories, and mended after somebody's hand was in it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import verbs
from cases.states import GRADES
from hotline import clock, db, rebuild
from hotline.errors import Refusal
from sla import sweep
from tests import builders
from tests.engines import Place

pytestmark = pytest.mark.anyio


async def stories() -> dict[str, str]:
    """Cases that went every way there is a verb for; their numbers by the name of the way."""
    made = {
        until: (await builders.a_case(until=until)).number
        for until in ("registered", "dispatched", "signed", "handled")
    }
    made["closed"] = (await builders.a_case(until="closed")).number
    made["rated"] = (await builders.a_case(until="closed")).number
    await builders.act("callback", made["rated"], verbs.rate, builders.request, grade=next(iter(GRADES)), words="快")
    made["reworked"] = (await builders.a_case(until="callback")).number
    await builders.act(
        "callback", made["reworked"], verbs.rework, builders.request, builders.lead, reason="没修好", profile="STD5"
    )
    made["missed"] = (await builders.a_case(until="callback")).number
    for _ in range(3):
        await builders.act("callback", made["missed"], verbs.miss_visit, builders.request, next_at=None)
    made["returned"] = (await builders.a_case(until="dispatched")).number
    await builders.act("congtai", made["returned"], verbs.ask_return, builders.lead, ground="place", basis="不在本区")
    await builders.act(
        "dispatcher", made["returned"], verbs.refuse_return, builders.lead, reason="在", is_groundless=True
    )
    made["helped"] = (await builders.a_case(until="signed")).number
    await builders.act("dispatcher", made["helped"], verbs.add_co_handler, unit="CGB", profile="STD5")
    made["recalled"] = (await builders.a_case(until="signed")).number
    await builders.act("dispatcher", made["recalled"], verbs.recall, builders.lead, reason="派错了")
    made["erased"] = (await builders.a_case(until="closed")).number
    await builders.act("callback", made["erased"], verbs.erase, rule="retention.3y")
    made["urged"] = (await builders.a_case(until="signed")).number
    await builders.act("agent", made["urged"], verbs.urge, builders.request)
    made["report"] = (await builders.a_case(until="registered", kind="report")).number
    return made


@pytest.fixture(scope="module")
async def numbers(database: Place) -> dict[str, str]:
    made = await stories()
    with clock.at(clock.on(clock.today() + timedelta(days=365), 12)):
        await sweep.sweep()
    return made


async def test_the_present_is_identical_after_every_kind_of_story(database: Place, numbers: dict[str, str]) -> None:
    outcome = await rebuild.rebuild(check=True)
    assert outcome.cases >= len(numbers)
    assert outcome.names == {}
    assert outcome.different == 0


@pytest.mark.parametrize(
    ("tampering", "name"),
    [
        ("UPDATE cases SET state = 'active', is_open = TRUE WHERE number = $1", "cases.state"),
        ("UPDATE cases SET title = 'x', grams = '' WHERE number = $1", "cases.grams"),
        ("UPDATE cases SET next_due = now(), next_stage = 'visit' WHERE number = $1", "cases.next_due"),
        ("UPDATE request SET final_grade = 'dissatisfied' WHERE receipt_no = $1", "request.final_grade"),
        ("UPDATE request SET phone_index = '\\x00' WHERE receipt_no = $1", "request.phone_index"),
        (
            "UPDATE assignment SET unit = 'CGB' WHERE case_id = (SELECT id FROM cases WHERE number = $1)",
            "assignment.unit",
        ),
        ("DELETE FROM visit WHERE case_id = (SELECT id FROM cases WHERE number = $1)", "visit (missing)"),
        ("DELETE FROM rating WHERE case_id = (SELECT id FROM cases WHERE number = $1)", "rating (missing)"),
        (
            "DELETE FROM supervision_record WHERE case_id = (SELECT id FROM cases WHERE number = $1)",
            "supervision_record (missing)",
        ),
        (
            (
                "INSERT INTO rating (id, case_id, request_id, unit, grade, raw_grade, scale, channel, at) "
                "SELECT gen_random_uuid(), r.case_id, r.id, 'CGB', 'satisfied', '1', 'four', 'web', now() "
                "FROM request r "
                "JOIN cases c ON c.id = r.case_id WHERE c.number <> $1 AND c.state = 'closed' "
                "AND NOT EXISTS (SELECT FROM rating g WHERE g.request_id = r.id) LIMIT 1"
            ),
            "rating (extra)",
        ),
    ],
)
async def test_a_row_changed_by_hand_is_found_and_mended(
    database: Place, numbers: dict[str, str], tampering: str, name: str
) -> None:
    async with database.as_owner() as owner:
        done = await owner.execute(tampering, numbers["rated"])
    assert done.rpartition(" ")[2] != "0"
    found = await rebuild.rebuild(check=True)
    assert (found.different, name in found.names) == (1, True), found.names
    await rebuild.rebuild()
    assert (await rebuild.rebuild(check=True)).different == 0


async def test_checking_changes_nothing(database: Place, numbers: dict[str, str]) -> None:
    async with database.as_owner() as owner:
        await owner.execute("UPDATE cases SET urge_count = 9 WHERE number = $1", numbers["closed"])
    await rebuild.rebuild(check=True)
    assert await db.pool().fetchval("SELECT urge_count FROM cases WHERE number = $1", numbers["closed"]) == 9
    await rebuild.rebuild()
    assert await db.pool().fetchval("SELECT urge_count FROM cases WHERE number = $1", numbers["closed"]) == 0


async def test_a_mended_case_can_be_worked_on(database: Place, numbers: dict[str, str]) -> None:
    async with database.as_owner() as owner:
        await owner.execute(
            "UPDATE cases SET state = 'closed', is_open = FALSE WHERE number = $1", numbers["dispatched"]
        )
    with pytest.raises(Refusal):
        await builders.act("agent", numbers["dispatched"], verbs.urge, builders.request)
    await rebuild.rebuild()
    await builders.act("agent", numbers["dispatched"], verbs.urge, builders.request)
