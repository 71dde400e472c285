"""The fact store: what it counts, that it follows the ledger, and that made anew it is the same."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cases import seals, verbs, verbs_audit
from hotline import clock, db
from hotline.actor import Actor
from hotline.ids import new_id
from sla import facts, facts_made, facts_store
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
    receipt = await b.a_case("closed", words="广场路路灯闪烁")
    await facts_store.refresh()
    city, county, other = someone("supervisor"), someone("county_office", jurisdiction="130403"), someone("admin")
    async with db.reading() as connection:
        every = await facts.cases(connection, city, "cases", today, tomorrow, size=500)
        assert receipt.number in {one.number for one in every.cases}
        assert (every.hidden, every.next) == (0, None)
        own = await facts.cases(connection, county, "cases", today, tomorrow, size=500)
        assert len(own.cases) + own.hidden == len(every.cases)
        none = await facts.cases(connection, other, "cases", today, tomorrow)
        assert (none.cases, none.hidden) == ([], len(every.cases))
        paged = await facts.cases(connection, city, "cases", today, tomorrow, size=1)
        rest = await facts.cases(connection, city, "cases", today, tomorrow, size=500, after=paged.next)
        assert [one.number for one in paged.cases + rest.cases] == [one.number for one in every.cases]


@pytest.mark.parametrize(
    "odd",
    [{"by": "weather"}, {"each": "hour"}, {"within": ("matter", "020201")}, {"within": ("unit", "x"), "by": "unit"}],
)
async def test_what_the_store_does_not_keep_is_refused(odd: dict[str, Any]) -> None:
    async with db.reading() as connection:
        with pytest.raises(ValueError, match="keeps no such figure"):
            await facts.counted(connection, ["cases"], date(2026, 1, 1), date(2026, 2, 1), **odd)
