"""The fact store: what it counts, that it follows the ledger, and that made anew it is the same."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from cases import seals, verbs, verbs_audit
from hotline import clock, db, settings
from hotline.actor import Actor
from hotline.errors import Refusal
from hotline.ids import new_id
from sla import facts, facts_calls, facts_made, facts_spans, facts_store
from tests import builders as b

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


def someone(role: str, **given: Any) -> Actor:
    return Actor(id=new_id(), kind="staff", name="王小明", roles=frozenset({role}), **given)


async def everything() -> list[list[dict[str, Any]]]:
    async with db.reading() as connection:
        return [
            [dict(row) for row in await connection.fetch(f"SELECT * FROM {table} x ORDER BY x::text")]
            for table in ("fact", "fact_sum", "fact_time", "fact_call", "fact_worst")
        ]


async def figure(measure: str, **given: Any) -> tuple[int, int]:
    today = clock.today()
    async with db.reading() as connection:
        found = await facts.counted(connection, [measure], today, today + timedelta(days=1), **given)
    return (sum(one.total for one in found), sum(one.good for one in found))


async def test_a_case_is_counted_once_it_happened_and_a_store_made_anew_is_the_same() -> None:
    before = await figure("cases")
    receipt = await b.a_case("closed", words="和平路路灯不亮")
    open_one = await b.a_case("signed", words="中华大街井盖松动")
    assert await figure("cases") == before
    await facts_store.refresh()
    assert await figure("cases") == (before[0] + 2, before[1] + 2)
    assert (await figure("resolved"))[0] == 1
    assert await figure("signed", within=("unit", "130403")) == await figure("signed") != (0, 0)
    assert (await figure("finished", by="matter"))[0] == 1
    await seals.seal_all()
    await facts_store.refresh()
    kept = await everything()
    assert (await facts_made.check()).is_same
    await facts_made.rebuild()
    assert await everything() == kept
    assert receipt.number != open_one.number


async def test_an_annulled_rating_counts_in_nothing_and_says_why() -> None:
    receipt = await b.a_case("callback", words="绿化带垃圾没人清")
    given = {"was_contacted": True, "is_solved": True, "grade": "satisfied"}
    await b.act("callback", receipt.number, verbs.visit, b.request, **given)
    await b.act("callback", receipt.number, verbs.close)
    await facts_store.refresh()
    total, good = await figure("rated")
    file = await b.act(
        "audit", receipt.number, verbs_audit.annul, b.request, reason="回访记录不实", since=None, finding=None
    )
    assert file.ratings
    await facts_store.refresh()
    assert await figure("rated") == (total - 1, good - 1)


async def test_months_are_the_sums_of_their_days() -> None:
    await b.a_case("closed", words="小区门口污水外溢")
    await facts_store.refresh()
    first = clock.today().replace(day=1)
    end = (first + timedelta(days=32)).replace(day=1)
    async with db.reading() as connection:
        for by in ("", "unit", "matter"):
            months = await facts.counted(connection, ["cases", "finished"], first, end, by=by)
            days = await facts.counted(connection, ["cases", "finished"], first, end, by=by, each="day")
            assert {(one.measure, one.key): one.total for one in months} == {
                key: sum(one.total for one in days if (one.measure, one.key) == key)
                for key in {(one.measure, one.key) for one in days}
            }


async def test_the_cases_behind_a_figure_are_shown_as_far_as_the_viewer_may_see_them() -> None:
    today, tomorrow = clock.today(), clock.today() + timedelta(days=1)
    await b.a_case("closed", words="广场路井盖松动")
    receipt = await b.a_case("closed", words="广场路路灯闪烁")
    await facts_store.refresh()
    city, county, other = someone("supervisor"), someone("county_office", jurisdiction="130403"), someone("admin")
    async with db.reading() as connection:
        every = await facts.cases(connection, city, "cases", today, tomorrow, size=500)
        assert receipt.number in {one.number for one in every.cases}
        assert (every.hidden, every.next) == (0, None)
        own = await facts.cases(connection, county, "cases", today, tomorrow, size=500)
        assert len(own.cases) + (own.hidden or 0) == len(every.cases)
        fine = await facts.cases(connection, county, "cases", today, tomorrow, where={"matter": "", "kind": "report"})
        assert fine.hidden is None, "nobody asks by narrowing about what a report is"
        none = await facts.cases(connection, other, "cases", today, tomorrow)
        assert (none.cases, none.hidden) == ([], len(every.cases))
        paged = await facts.cases(connection, city, "cases", today, tomorrow, size=1)
        rest = await facts.cases(connection, city, "cases", today, tomorrow, size=500, after=paged.next)
        assert [one.number for one in paged.cases + rest.cases] == [one.number for one in every.cases]


async def test_a_message_that_leaves_is_heard_of_without_an_event_and_counts_in_its_three_minutes() -> None:
    receipts = [await b.a_receipt(words=f"窗口排队太久 {n}") for n in range(2)]
    await facts_store.refresh()
    before = await figure("media_3m")
    async with db.atomic() as connection:
        for receipt, seconds in zip(receipts, (180, 181), strict=True):
            await connection.execute(
                "WITH r AS (UPDATE request SET channel = 'sms' WHERE receipt_no = $2 RETURNING *)"
                " INSERT INTO outbox_message (id, key, case_id, request_id, channel, body, created_at, state, tries,"
                " sent_at) SELECT $1::uuid, $1::uuid::text, case_id, id, 'sms', '', filed_at, 'sent', 1,"
                " filed_at + $3::interval FROM r",
                new_id(), receipt.number, timedelta(seconds=seconds),
            )  # fmt: skip
    await facts_store.refresh()
    assert await figure("media_3m") == (before[0] + 2, before[1] + 1)
    async with db.reading() as connection:
        today = clock.today()
        took = await facts_spans.times(connection, ["media_3m"], today, today + timedelta(days=1))
        assert took["media_3m"].median == 3
        assert (await facts_spans.stock(connection, today))[""] == await connection.fetchval(
            "SELECT count(*) FROM cases WHERE is_open"
        )


async def test_the_worst_24_hours_are_the_worst_of_all_beginnings() -> None:
    first = clock.today() - timedelta(days=9)
    rng = random.Random(33358)  # noqa: S311 - the same calls every time
    calls = sorted(
        (clock.on(first) + timedelta(seconds=rng.randrange(5 * 86400)), rng.random() < 0.8) for _ in range(150)
    )
    async with db.atomic() as connection:
        await connection.executemany(
            "INSERT INTO call (id, direction, purpose, line, state, outcome, started_at, queued_at, answered_at,"
            " ended_at) VALUES ($1, 'in', 'call', '12345', 'ended', $2, $3, $3, $4, $5)",
            [(new_id(), "answered" if ok else "abandoned", at, at + timedelta(seconds=9) if ok else None,
              at + timedelta(minutes=3)) for at, ok in calls],
        )  # fmt: skip
    await facts_made.rebuild()
    day = timedelta(days=1)
    edges = [at for at, _ in calls] + [at + day for at, _ in calls]
    spans = [[ok for at, ok in calls if end - day < at <= end] for end in edges if end < clock.on(first + 5 * day)]
    least = min(sum(one) / len(one) for one in spans if one)
    async with db.reading() as connection:
        worst = await facts_spans.worst(connection, first, first + 5 * day)
        assert worst is not None
        assert worst.answered / worst.calls == pytest.approx(least)
        hours = await facts_spans.hours(connection, first, first + 5 * day)
        assert sum(one.calls for one in hours) == len(calls)
        quick = await facts.counted(connection, ["answered_15s"], first, first + 5 * day)
        assert (quick[0].total, quick[0].good) == (len(calls), sum(ok for _, ok in calls))
    kept = await everything()
    await facts_store.refresh()
    assert await everything() == kept


async def test_a_step_that_breaks_off_leaves_the_store_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    await facts_store.refresh()
    kept = await everything()
    await b.a_case("signed", words="体育场灯光扰民")

    async def broken(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(facts_calls, "renew", broken)
        with pytest.raises(ConnectionError):
            await facts_store.refresh()
    assert await everything() == kept
    assert await facts_store.refresh() > 0
    assert await everything() != kept


async def test_other_rules_or_definitions_make_the_store_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    await facts_store.refresh()
    kept = await everything()
    async with db.atomic() as connection:
        await connection.execute("UPDATE fact_sum SET good = 0")
    assert not (await facts_made.check()).is_same
    monkeypatch.setattr(facts_made, "VERSION", 0)
    await facts_store.refresh()
    assert await everything() == kept


@pytest.mark.parametrize(
    "odd",
    [{"by": "weather"}, {"each": "hour"}, {"within": ("matter", "020201")}, {"within": ("unit", "x"), "by": "unit"}],
)
async def test_what_the_store_does_not_keep_is_refused(odd: dict[str, Any]) -> None:
    async with db.reading() as connection:
        with pytest.raises(ValueError, match="keeps no such figure"):
            await facts.counted(connection, ["cases"], date(2026, 1, 1), date(2026, 2, 1), **odd)


async def test_a_store_far_behind_is_made_anew_and_meanwhile_nobody_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await facts_store.refresh()
    await b.a_case("signed", words="滏河大街积水")
    await seals.seal_all()
    monkeypatch.setattr(facts_store, "AT_HAND", 0)
    with pytest.raises(Refusal) as refused:
        await facts_store.catch_up()
    assert (refused.value.status, refused.value.code) == (409, "facts_behind")
    monkeypatch.setattr(facts_store, "BACKLOG", 0)
    monkeypatch.setattr(facts_store, "SHARE", 10**6)
    made = (await everything())[0]
    assert await facts_store.refresh() > 1  # every case, not the one with news
    assert (await everything())[0] != made
    await facts_store.catch_up()


async def test_who_fixes_figures_waits_a_little_for_whoever_writes_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_store, "AT_MOST", 0.3)
    connection = await asyncpg.connect(settings.current().database_url)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", facts_made.LOCK)
        with pytest.raises(Refusal) as refused:
            async with db.atomic() as mine:
                await facts_store.hold_still(mine)
    await connection.close()
    assert refused.value.code == "facts_behind"
    async with db.atomic() as mine:
        await facts_store.hold_still(mine)
