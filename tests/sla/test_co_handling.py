"""Deadlines side by side: a co-handler is due before the lead, and the lead's never precedes an open co-handler's."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from cases import ledger, verbs
from hotline import city, clock, db, vault
from hotline.actor import SYSTEM
from hotline.errors import Refusal
from hotline.work import work
from sla import calendar, co_handling, recompute, sweep
from sla.clocks import make
from sla.rows import ClockRow
from tests import builders as b

pytestmark = pytest.mark.anyio
MONDAY = datetime.fromisoformat("2026-11-30T09:30:00+08:00")


def _local(moment: datetime) -> str:
    return f"{clock.local(moment):%m-%d %H:%M}"


async def _finish(number: str) -> dict[str, str]:
    """When each unit's open finish promise of the case is due."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT k.unit, k.due_at FROM clock k JOIN cases c ON c.id = k.case_id "
            "WHERE c.number = $1 AND k.stage = 'finish' AND k.stopped_at IS NULL",
            number,
        )
    return {row["unit"]: _local(row["due_at"]) for row in rows}


async def _case(at: datetime) -> str:
    """A case dispatched by hand to the city administration at a moment; its number."""
    number = (await b.a_case("dispatched")).number
    await b.act("dispatcher", number, verbs.recall, b.lead, reason="改派", at=at)
    await b.act("dispatcher", number, verbs.dispatch, unit="CGB", profile="STD5", at=at)
    return number


async def test_a_co_handler_is_due_a_working_day_before_the_lead(database: object) -> None:
    number = await _case(MONDAY)
    await b.act("dispatcher", number, verbs.add_co_handler, unit="TRP", profile="STD5", at=MONDAY)
    assert await _finish(number) == {"CGB": "12-07 18:00", "TRP": "12-04 18:00"}


async def test_one_added_late_by_the_centre_moves_the_leads_date_and_the_requester_hears(database: object) -> None:
    number = await _case(MONDAY)
    late = datetime.fromisoformat("2026-12-07T15:00:00+08:00")
    await sweep.sweep(datetime.fromisoformat("2026-12-05T09:00:00+08:00"))
    file = await b.act("dispatcher", number, verbs.add_co_handler, unit="TRP", profile="STD5", at=late)
    assert await _finish(number) == {"CGB": "12-08 18:00", "TRP": "12-08 18:00"}
    async with db.reading() as connection:
        row = await connection.fetchrow(
            "SELECT body FROM outbox_message WHERE case_id = $1 AND name = 'moved'", file.case.id
        )
        warned = await connection.fetchval(
            "SELECT warned_at FROM clock WHERE case_id = $1 AND unit = 'CGB' AND stage = 'finish'", file.case.id
        )
    assert warned is None, "its warning is ahead again"
    text = vault.unseal(row["body"], "outbox")
    assert text == f"【邯郸12345】{number}需几家单位一起办，改到12月8日前答复。有意见请拨12345。"


async def test_a_unit_cannot_move_the_leads_date_by_itself(database: object) -> None:
    number = await _case(MONDAY)
    late = datetime.fromisoformat("2026-12-07T15:00:00+08:00")
    with pytest.raises(Refusal) as refused:
        await b.act("cgb", number, verbs.add_co_handler, unit="TRP", profile="STD5", at=late)
    assert refused.value.code == "no_room"
    assert await _finish(number) == {"CGB": "12-07 18:00"}


async def test_a_broken_promise_stays_broken(database: object) -> None:
    number = await _case(MONDAY)
    late = datetime.fromisoformat("2026-12-08T09:00:00+08:00")
    await b.act("dispatcher", number, verbs.add_co_handler, unit="TRP", profile="STD5", at=late)
    assert await _finish(number) == {"CGB": "12-07 18:00", "TRP": "12-09 18:00"}


async def test_a_new_lead_is_not_due_before_a_co_handler_that_stays(database: object) -> None:
    number = await _case(MONDAY)
    await b.act("dispatcher", number, verbs.add_co_handler, unit="TRP", profile="STD5", at=MONDAY)
    async with work(SYSTEM) as w:
        file = await ledger.opened(w, number=number)
    await b.act("dispatcher", number, verbs.recall, lambda f: f.assignments[file.lead.id], reason="改派", at=MONDAY)
    await b.act("dispatcher", number, verbs.dispatch, unit="WSU", profile="CON1", at=MONDAY)
    assert await _finish(number) == {"WSU": "12-04 18:00", "TRP": "12-04 18:00"}


async def test_a_share_in_hours_is_reckoned_anew_to_the_very_moment_it_was_given(database: object) -> None:
    number = await _case(MONDAY)
    async with work(SYSTEM) as w:
        file = await ledger.opened(w, number=number)
    assert file.lead is not None

    def clock_of(start: datetime) -> ClockRow:
        row = make(file, "assignment", file.lead.id, "sign_off", profile="CON1", unit="CGB", start=start)
        assert row is not None
        return row

    lead, own = clock_of(MONDAY), clock_of(MONDAY.replace(minute=37, second=11))
    co_handling.fit(own, lead)
    assert recompute.reckoned(msgspec.structs.asdict(own)) == (own.due_at, own.is_provisional)
    late = calendar.of(city.current()).add_working_hours(lead.due_at, 1 / 3)
    co_handling.follow(lead, late)
    assert late <= lead.due_at < late + timedelta(seconds=1)
    assert recompute.reckoned(msgspec.structs.asdict(lead))[0] == lead.due_at
