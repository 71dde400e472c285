"""Clocks and the ladder when life is untidy: one bad case holds nobody up, no unit pays twice, audits wait for all."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cases import ledger, verbs
from hotline import clock, db
from hotline.work import work
from sla import supervision, sweep
from tests import builders as b

pytestmark = pytest.mark.anyio


async def rows(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


async def case_id(number: str) -> UUID:
    found: UUID = (await rows("SELECT id FROM cases WHERE number = $1", number))[0]["id"]
    return found


async def running(number: str) -> list[str]:
    found = await rows(
        "SELECT stage FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND stopped_at IS NULL "
        "ORDER BY stage",
        number,
    )
    return [row["stage"] for row in found]


def co(file: Any) -> Any:
    return file.assignment_of("CGB")


async def test_a_case_that_the_sweep_cannot_do_holds_up_none_of_the_others(
    database: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = await b.a_case("dispatched"), await b.a_case("dispatched")
    bad = await case_id(first.number)
    breach = supervision.breach

    async def stumble(w: Any, file: Any, row: Any) -> None:
        if file.case.id == bad:
            raise RuntimeError(b.WORDS)
        await breach(w, file, row)

    with monkeypatch.context() as patch, caplog.at_level(logging.DEBUG):
        patch.setattr(supervision, "breach", stumble)
        await sweep.sweep(clock.now() + timedelta(days=60))
    assert b.WORDS not in caplog.text
    levels = await rows("SELECT supervision FROM cases WHERE number = ANY($1) ORDER BY supervision",
                        [first.number, second.number])  # fmt: skip
    assert [row["supervision"] for row in levels] == [0, 4]
    late = await rows("SELECT late_seconds FROM sweep_mark WHERE name = 'clocks'")
    assert late[0]["late_seconds"] > 0
    await sweep.sweep(clock.now() + timedelta(days=60))
    again = await rows("SELECT supervision FROM cases WHERE number = $1", first.number)
    assert again[0]["supervision"] == 4


async def test_a_unit_that_gets_the_case_back_is_not_fined_for_the_same_level_twice(database: object) -> None:
    receipt = await b.a_case("dispatched")
    one = await case_id(receipt.number)
    await sweep.sweep(clock.now() + timedelta(days=60))
    await b.act("dispatcher", receipt.number, verbs.recall, b.lead, reason="改派")
    await b.act("dispatcher", receipt.number, verbs.dispatch, unit="130403", profile="STD5")
    await sweep.sweep(clock.now() + timedelta(days=120))
    cards = await rows("SELECT cause FROM supervision_record WHERE case_id = $1 ORDER BY cause", one)
    assert [card["cause"] for card in cards] == ["red", "yellow"]
    orders = await rows("SELECT 1 FROM supervision_order WHERE case_id = $1", one)
    assert len(orders) == 1


async def test_another_unit_pays_for_its_own_lateness(database: object) -> None:
    receipt = await b.a_case("dispatched")
    one = await case_id(receipt.number)
    await sweep.sweep(clock.now() + timedelta(days=60))
    await b.act("dispatcher", receipt.number, verbs.recall, b.lead, reason="改派")
    await b.act("dispatcher", receipt.number, verbs.dispatch, unit="CGB", profile="STD5")
    await sweep.sweep(clock.now() + timedelta(days=120))
    cards = await rows("SELECT unit FROM supervision_record WHERE case_id = $1 AND cause = 'red' ORDER BY unit", one)
    assert [card["unit"] for card in cards] == ["130403", "CGB"]


async def test_a_unit_that_joins_after_the_lead_has_handled_takes_the_audit_clock_away_until_it_is_done(
    database: object,
) -> None:
    receipt = await b.a_case("handled")
    assert await running(receipt.number) == ["audit"]
    await b.act("dispatcher", receipt.number, verbs.add_co_handler, unit="CGB", profile="STD5")
    assert "audit" not in await running(receipt.number)
    await b.act("cgb", receipt.number, verbs.sign, co)
    await b.act("cgb", receipt.number, verbs.handle, co, **b.HANDLED)
    assert await running(receipt.number) == ["audit"]


async def test_when_the_last_open_co_handler_is_taken_off_the_audit_begins(database: object) -> None:
    receipt = await b.a_case("handled")
    await b.act("dispatcher", receipt.number, verbs.add_co_handler, unit="CGB", profile="STD5")
    await b.act("dispatcher", receipt.number, verbs.recall, co, reason="不需要协办")
    assert await running(receipt.number) == ["audit"]
    await b.act("audit", receipt.number, verbs.approve)


async def test_the_events_of_a_case_stand_in_the_order_of_their_times_however_long_one_waited(database: object) -> None:
    receipt = await b.a_case("signed")
    async with work(await b.person("agent")) as w:
        await asyncio.create_task(b.act("congtai", receipt.number, verbs.contact, b.lead, way="phone"))
        await asyncio.sleep(0.01)
        file = await ledger.opened(w, number=receipt.number)
        await verbs.add_words(w, file, file.first_request, words="还没修好")
    events = await rows(
        "SELECT e.kind, e.at FROM case_event e JOIN cases c ON c.id = e.case_id WHERE c.number = $1 ORDER BY seq",
        receipt.number,
    )
    assert [one["kind"] for one in events][-2:] == ["contacted", "words_added"]
    assert events == sorted(events, key=lambda one: one["at"])


async def test_after_a_rework_the_requester_is_tried_three_times_again_and_told_again(database: object) -> None:
    receipt = await b.a_case("callback")
    for _ in range(3):
        await b.act("callback", receipt.number, verbs.miss_visit, b.request, next_at=None)
    await b.act("callback", receipt.number, verbs.rework, b.request, b.lead, reason="抽查发现没修", profile="STD5")
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", receipt.number, verbs.approve)
    for tries in (1, 2, 3):
        await b.act("callback", receipt.number, verbs.miss_visit, b.request, next_at=None)
        (found,) = await rows("SELECT visit_tries, state FROM request WHERE receipt_no = $1", receipt.number)
        assert found == {"visit_tries": tries, "state": "exempt" if tries == 3 else "awaiting_visit"}
    told = await rows(
        "SELECT 1 FROM outbox_message o JOIN request r ON r.id = o.request_id "
        "WHERE r.receipt_no = $1 AND o.key LIKE 'missed%'",
        receipt.number,
    )
    assert len(told) == 2
