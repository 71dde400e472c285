"""The sweep through a real database: each act once, in order, marked late; and the proof that finds what is missing."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases import verbs
from hotline import city_verbs, clock, db, worker
from sla import facts_store, lateness, proof, reminding, sweep
from tests import builders as b

pytestmark = pytest.mark.anyio


async def rows(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


async def change(sql: str, *args: Any) -> None:
    async with db.atomic() as connection:
        await connection.execute(sql, *args)


async def finish(number: str) -> dict[str, Any]:
    (row,) = await rows(
        "SELECT k.* FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND stage = 'finish' "
        "ORDER BY started_at DESC LIMIT 1",
        number,
    )
    return row


async def events(number: str) -> list[str]:
    found = await rows(
        "SELECT e.kind FROM case_event e JOIN cases c ON c.id = e.case_id WHERE c.number = $1 "
        "AND e.kind <> 'alert_escalated' AND e.actor_kind = 'system' "
        "AND e.data::jsonb ->> 'stage' = 'finish' ORDER BY seq",
        number,
    )
    return [row["kind"] for row in found]


async def prove(begin: datetime, end: datetime) -> proof.Proof:
    with clock.at(end):
        async with db.reading() as connection:
            return await proof.prove(connection, begin, end, most=500)


async def test_after_a_day_without_a_worker_every_act_is_done_in_order_marked_late_and_none_twice(
    database: object,
) -> None:
    receipt = await b.a_case("signed")
    row = await finish(receipt.number)
    back = row["due_at"] + timedelta(days=1)
    await asyncio.gather(sweep.sweep(back), sweep.sweep(back))
    await sweep.sweep(back)
    assert await events(receipt.number) == ["warned", "breached"]
    sql = "SELECT act, done_at - due_at AS late FROM act_done WHERE subject_id = $1 ORDER BY due_at"
    done = await rows(sql, row["id"])
    assert [one["act"] for one in done] == ["warn", "breach"]
    assert done[1]["late"] == timedelta(days=1)
    shown = await prove(row["warn_at"], back + timedelta(seconds=1))
    states = {one.act: one.state for one in shown.lines if one.subject == row["id"]}
    assert states == {"warn": "late", "breach": "late"}
    assert shown.holds


async def test_a_promise_kept_late_while_the_worker_was_away_still_gets_its_alert_and_its_cards(
    database: object,
) -> None:
    receipt = await b.a_case("signed")
    row = await finish(receipt.number)
    late = row["due_at"] + timedelta(hours=2)
    await b.act("congtai", receipt.number, verbs.handle, b.lead, at=late, **b.HANDLED)
    await b.act("audit", receipt.number, verbs.approve, at=late)
    await b.act("callback", receipt.number, verbs.visit, b.request, at=late, was_contacted=True, is_solved=True)
    await b.act("callback", receipt.number, verbs.close, at=late)
    await sweep.sweep(late + timedelta(minutes=1))
    assert await events(receipt.number) == ["warned", "breached"]
    assert await rows("SELECT 1 FROM alert WHERE clock_id = $1", row["id"])
    assert not await rows("SELECT 1 FROM supervision_order WHERE case_id = $1", row["case_id"])
    await sweep.sweep(late + timedelta(days=9))
    assert await events(receipt.number) == ["warned", "breached"]


async def test_the_reminders_stand_before_the_end_and_in_writing_on_the_working_day_after(database: object) -> None:
    receipt = await b.a_case("signed")
    row = await finish(receipt.number)
    await sweep.sweep(row["warn_at"])
    assert await events(receipt.number) == ["warned", "due_soon"]
    await sweep.sweep(row["due_at"])
    written = reminding.day_after(row["due_at"])
    assert (clock.local(written).hour, clock.local(written).minute) == (9, 0)
    await sweep.sweep(written - timedelta(seconds=1))
    assert "overdue_told" not in await events(receipt.number)
    await sweep.sweep(written)
    await sweep.sweep(written + timedelta(days=3))
    assert (await events(receipt.number)).count("overdue_told") == 1
    shown = await prove(row["warn_at"], written + timedelta(minutes=1))
    states = {one.act: one.state for one in shown.lines if one.subject == row["id"]}
    assert states == {"warn": "done", "breach": "done", "overdue_told": "done"}


async def test_an_act_that_was_never_done_is_found_missing_and_raises_the_alarm(database: object) -> None:
    receipt = await b.a_case("signed")
    row = await finish(receipt.number)
    await sweep.sweep(row["warn_at"])
    await change("UPDATE clock SET breached_at = due_at WHERE id = $1", row["id"])  # as if a fault had eaten the act
    shown = await prove(row["due_at"], row["due_at"] + timedelta(hours=1))
    assert [one.state for one in shown.lines if one.subject == row["id"]] == ["missing"]
    assert not shown.holds
    await change("UPDATE clock SET breached_at = NULL WHERE id = $1", row["id"])
    for minutes, is_late in ((4, False), (6, True)):
        await sweep.sweep(row["due_at"] - timedelta(seconds=1))
        with clock.at(row["due_at"] + timedelta(minutes=minutes)):
            async with db.reading() as connection:
                assert (await lateness.alarm(connection) is not None) is is_late
    await sweep.sweep(row["due_at"])


async def test_an_act_stays_on_record_and_cannot_be_written_twice(database: object) -> None:
    await sweep.sweep(clock.now() + timedelta(days=90))
    with pytest.raises(Exception, match="stays on record"):
        await change("DELETE FROM act_done")
    with pytest.raises(Exception, match="act_done_pkey"):
        await change("INSERT INTO act_done SELECT * FROM act_done LIMIT 1")


async def test_a_case_that_somebody_holds_is_left_and_found_by_the_next_sweep(database: object) -> None:
    first, second = await b.a_case("signed"), await b.a_case("signed")
    late = (await finish(second.number))["due_at"] + timedelta(minutes=1)
    async with db.borrowed() as other, other.transaction():
        await other.execute("SELECT 1 FROM cases WHERE number = $1 FOR UPDATE", first.number)
        await asyncio.wait_for(sweep.sweep(late), 10)
        assert await events(first.number) == []
        assert "breached" in await events(second.number)
    await sweep.sweep(late)
    assert "breached" in await events(first.number)


async def test_the_store_of_figures_waits_until_the_sweep_has_caught_up_and_no_longer_than_its_patience(
    database: object,
) -> None:
    receipt = await b.a_case("signed")
    with clock.at((await finish(receipt.number))["due_at"] + timedelta(minutes=1)):
        async with db.reading() as connection:
            assert await lateness.behind(connection, clock.now()) > 1
            await lateness.give_way(connection, time.monotonic() + 0.1)  # in vain, and not for ever
            waiting = asyncio.create_task(facts_store.refresh(30))
            await asyncio.sleep(0.5)
            assert not waiting.done()
            await sweep.sweep(clock.now())
            await asyncio.wait_for(waiting, 10)
        async with db.reading() as connection:
            assert await connection.fetchval("SELECT count(*) FROM fact WHERE case_id IS NOT NULL") > 0


async def test_the_cost_of_a_tick_with_nothing_due_is_two_questions(database: object) -> None:
    await sweep.sweep(clock.now())
    seen: list[str] = []
    mark = db.statements.set(seen)
    try:
        await worker.sweep_clocks({})
    finally:
        db.statements.reset(mark)
    assert len([one for one in seen if not one.startswith(("BEGIN", "COMMIT"))]) <= 2



@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("remind.quiet", "22:00-07:30", "22-7"),
        ("remind.rest_days", "no", "sometimes"),
        ("remind.to.ordered", "deputy head", "mayor"),
        ("remind.centre", "accept:shift_supervisor", "accept"),
    ],
)
def test_a_rule_of_reminders_takes_only_what_it_can_mean(key: str, good: str, bad: str) -> None:
    assert city_verbs._fits(key, good, "text")
    assert not city_verbs._fits(key, bad, "text")
