"""The supervisor's board through HTTP: figures lead to lists, alerts raise themselves, records trace back."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import asyncpg
import httpx
import pytest

from hotline import clock, db
from sla import records, sweep
from tests import builders as b
from tests.engines import Place
from tests.web import house

pytestmark = pytest.mark.anyio

LONG_AGO = timedelta(days=4)


async def a_late_case(**change: object) -> str:
    """A case dispatched four days ago that nobody has touched since; the sweep has been round."""
    with clock.at(clock.now() - LONG_AGO):
        receipt = await b.a_case("dispatched", **change)
    await sweep.sweep()
    return receipt.number


async def alerts_of(number: str) -> list[asyncpg.Record]:
    async with db.reading() as connection:
        return await connection.fetch(
            "SELECT a.* FROM alert a JOIN cases c ON c.id = a.case_id WHERE c.number = $1 ORDER BY a.stage", number
        )


@pytest.mark.requirement("004-14")
async def test_every_overdue_stage_raises_an_alert_by_itself_and_it_is_answered_never_deleted(
    client: httpx.AsyncClient, database: Place
) -> None:
    number = await a_late_case()
    raised = await alerts_of(number)
    async with db.reading() as connection:
        running = await connection.fetchval(
            "SELECT count(*) FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND k.due_at < $2 "
            "AND (k.stopped_at IS NULL OR k.stopped_at > k.due_at)",
            number,
            clock.now(),
        )
    assert {row["stage"] for row in raised} >= {"sign_off", "first_contact", "finish"}
    assert len(raised) == running
    async with database.as_owner() as owner:
        for wrong in ("DELETE FROM alert WHERE id = $1", "UPDATE alert SET due_at = now() WHERE id = $1"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await owner.execute(wrong, raised[0]["id"])
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, f"/board/alerts?alert={raised[0]['id']}")
        assert number in page
        assert "删除</button>" not in page
        address = f"/board/alerts/{raised[0]['id']}"
        answer = await house.post(client, address, {"answer": ""}, page="/board")
        assert answer.status_code == 422
        assert "请写明原因和措施" in answer.text
        answer = await house.post(client, address, {"answer": "值班人员漏看，已补签收。"}, page="/board")
        assert answer.status_code == 303, answer.text
        again = await house.post(client, address, {"answer": "再答一次"}, page="/board")
        assert again.status_code == 409
        assert (await client.delete(address)).status_code == 405
        assert "值班人员漏看" in await house.get(client, "/board/alerts?state=answered")
    assert len(await alerts_of(number)) == len(raised)


async def test_each_number_of_the_board_leads_to_its_list(client: httpx.AsyncClient) -> None:
    number = await a_late_case()
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, "/board")
        links = set(re.findall(r'href="(/board/[^"]+|/cases\?[^"]+)"', page))
        assert len(links) > 6
        for link in sorted(links):
            if link.startswith("/board"):
                await house.get(client, link.replace("&amp;", "&"))
        late = await house.get(client, "/board/promises?unit=130403&stage=finish&band=late")
        assert number in late
        row = re.search(r'<tr id="unit-130403">.*?</tr>', page, re.DOTALL)
        assert row
        shown = re.search(r'stage=finish&amp;band=late">▲(\d+)', row[0])
        assert shown
        assert late.count('id="row-') == int(shown[1])


async def test_the_figures_renew_as_a_fragment_without_keeping_the_session_awake(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "supervisor", unit="SUP"):
        part = await house.htmx(client, "/board/figures", "r-board")
        assert 'id="r-board"' in part
        assert 'hx-trigger="every 60s,' in part


async def test_a_unit_head_sees_only_the_own_units_and_a_county_office_only_its_county(
    client: httpx.AsyncClient,
) -> None:
    number = await a_late_case(county="130404", place="复兴区前进大街")
    async with house.signed_in(client, "unit_head", unit="CGB"):
        page = await house.get(client, "/board")
        assert 'id="unit-130404"' not in page
        assert number not in await house.get(client, "/board/promises")
        theirs = await alerts_of(number)
        assert number not in await house.get(client, "/board/alerts")
        answer = await house.post(client, f"/board/alerts/{theirs[0]['id']}", {"answer": "不是我的"}, page="/board")
        assert answer.status_code == 404
    async with house.signed_in(client, "unit_head", unit="130404"):
        assert number in await house.get(client, "/board/promises")
        assert number in await house.get(client, "/board/alerts")
    async with house.signed_in(client, "county_office", unit="130403", jurisdiction="130403"):
        assert number not in await house.get(client, "/board/promises")
        assert number not in await house.get(client, "/board/alerts")
    async with house.signed_in(client, "county_office", unit="130404", jurisdiction="130404"):
        assert number in await house.get(client, "/board/promises")


@pytest.mark.requirement("004-13")
async def test_breaches_steps_of_the_ladder_and_scores_stand_on_one_page_per_unit_and_month(
    client: httpx.AsyncClient,
) -> None:
    number = await a_late_case(county="130402", place="邯山区陵西大街")
    closed = await b.a_case("closed")
    await b.act("callback", closed.number, b_rate, b.request)
    async with house.signed_in(client, "supervisor", unit="SUP"):
        period = f"{clock.today():%Y-%m}"
        page = await house.get(client, f"/board/records?period={period}")
        row = re.search(r'<tr id="sheet-130402">.*?</tr>', page, re.DOTALL)
        assert row
        cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row[0], re.DOTALL)]
        assert cells[1:7] == ["3", "1", "1", "1", "0", "15"], cells
        assert number in await house.get(client, f"/board/records/130402?period={period}&cause=red")
        rated = await house.get(client, f"/board/records/130403?period={period}&cause=rating")
        assert closed.number in rated
        assert "满意" in rated
        earlier = await house.get(client, "/board/records?period=2026-01")
        assert 'id="sheet-130402"' not in earlier


async def b_rate(work: object, file: object, request: object) -> None:
    from cases import verbs

    await verbs.rate(work, file, request, grade="satisfied")  # type: ignore[arg-type]


async def test_an_order_is_listed_until_the_unit_answers_it(client: httpx.AsyncClient) -> None:
    from sla import supervision

    receipt = await b.a_case("signed")
    await b.act("supervisor", receipt.number, supervision.order, b.lead, rule="manual")
    async with db.reading() as connection:
        order = await connection.fetchval(
            "SELECT o.number FROM supervision_order o JOIN cases c ON c.id = o.case_id WHERE c.number = $1",
            receipt.number,
        )
    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert order in await house.get(client, "/board/orders")
    async with house.signed_in(client, "unit_handler", unit="130403"):
        answer = await house.post(
            client, f"/cases/{receipt.number}/order-reply", {"order": order, "reply": "已加派人手，今日修复。"}
        )
        assert answer.status_code == 303, answer.text
    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert order not in await house.get(client, "/board/orders")
        assert "已加派人手" in await house.get(client, "/board/orders?state=answered")


async def test_sealed_cases_show_no_title_to_their_unit(client: httpx.AsyncClient) -> None:
    with clock.at(clock.now() - LONG_AGO):
        receipt = await b.a_receipt(kind="report", words="举报某烧烤店夜间占道经营，我住他楼上。", matter="")
    async with house.signed_in(client, "shift_supervisor", unit="HOT"):
        await sweep.sweep()
        assert receipt.number not in await house.get(client, "/board/promises")


async def step(client: httpx.AsyncClient, at: datetime, role: str, unit: str, path: str, **data: str) -> None:
    """One act by a fresh person of the role, at a moment, through the interface."""
    with clock.at(at):
        async with house.signed_in(client, role, unit=unit):
            answer = await house.post(client, path, data, page="/cases")
            assert answer.status_code == 303, (path, answer.status_code, answer.text[:3000])


async def next_deadline(number: str) -> datetime | None:
    async with db.reading() as connection:
        return await connection.fetchval("SELECT next_due FROM cases WHERE number = $1", number)


async def order_of(number: str) -> asyncpg.Record:
    """Id and number of the order that the case got."""
    async with db.reading() as connection:
        return await connection.fetchrow(
            "SELECT o.id, o.number FROM supervision_order o JOIN cases c ON c.id = o.case_id WHERE c.number = $1",
            number,
        )


async def answered_and_handled(client: httpx.AsyncClient, at: datetime, case: str, order: str) -> None:
    """The unit answers the order and hands in the result, both at once."""
    unit = ("unit_handler", "130403")
    await step(client, at, *unit, f"{case}/order-reply", order=order, reply="连夜抢修。")
    result = {"result": "resolved", "note": "换灯头。", "reply": "已修好。"}
    said = {"is_substantiated": "yes", "has_contacted": "yes", "is_solved": "yes", "is_beyond_remit": "no"}
    await step(client, at, *unit, f"{case}/result", **result, **said)


async def visited_and_closed(client: httpx.AsyncClient, at: datetime, number: str) -> None:
    """The requester is called, is satisfied, and an hour later the case is closed."""
    word = {"was_contacted": "yes", "is_solved": "yes", "is_truthful": "yes", "grade": "satisfied"}
    await step(client, at, "callback", "HOT", f"/visits/{number}/visit", **word)
    await step(client, at + timedelta(hours=1), "callback", "HOT", f"/visits/{number}/close")


STAGES = (
    "registered", "accepted", "dispatched", "signed", "contacted", "breached", "ordered", "order_answered", "handled",
    "approved", "visited", "closed", "rated",
)  # fmt: skip


async def every_stage_is_in_the_ledger_and_the_rating_counts_for_the_unit(number: str) -> None:
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT e.kind, e.at, e.actor FROM case_event e JOIN cases c ON c.id = e.case_id "
            "WHERE c.number = $1 ORDER BY seq",
            number,
        )
        graded = await connection.fetchrow(
            "SELECT r.grade, s.unit FROM rating r JOIN cases c ON c.id = r.case_id "
            "JOIN supervision_record s ON s.cause_id = r.id "
            "WHERE c.number = $1",
            number,
        )
    kinds = [row["kind"] for row in rows]
    assert [kind for kind in kinds if kind in STAGES] == [*STAGES[:5], *(["breached", "ordered"]), *STAGES[7:]], kinds
    assert all(row["actor"] and row["at"] for row in rows)
    assert sorted(row["at"] for row in rows) == [row["at"] for row in rows]
    assert dict(graded) == {"grade": "satisfied", "unit": "130403"}


@pytest.mark.requirement("004-01")
@pytest.mark.requirement("004-51")
async def test_a_case_of_three_oclock_on_a_holiday_is_followed_through_every_stage(client: httpx.AsyncClient) -> None:
    night = clock.on(date(2026, 10, 1), 3)
    with clock.at(night):
        number = (await b.a_case("dispatched")).number
    assert await next_deadline(number) == night + timedelta(minutes=30)
    case, later = f"/cases/{number}", night + timedelta(hours=26)
    await step(client, night + timedelta(minutes=20), "unit_handler", "130403", f"{case}/sign-off")
    await step(client, night + timedelta(hours=1), "unit_handler", "130403", f"{case}/contact", way="phone")
    assert await next_deadline(number) == night + timedelta(hours=24)
    with clock.at(later):
        await sweep.sweep(later)
    order = await order_of(number)
    await answered_and_handled(client, later, case, order["number"])
    audit_due = await next_deadline(number)
    assert audit_due == clock.on(date(2026, 10, 8), 18), "the working day after the holiday"
    morning = clock.on(date(2026, 10, 8), 9, 30)
    review = {"outcome": "accepted", "reason": "连夜修好。"}
    await step(client, morning, "supervisor", "SUP", f"/ladder/orders/{order['id']}/review", **review)
    await step(client, morning, "auditor", "HOT", f"{case}/audit", decision="approve")
    assert await next_deadline(number) == clock.on(date(2026, 10, 9), 18)
    await visited_and_closed(client, morning + timedelta(hours=1), number)
    await every_stage_is_in_the_ledger_and_the_rating_counts_for_the_unit(number)
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, f"{case}?lang=zh")
        for words in ("10-01 03:00", "签收", "督办", "审核通过", "结案"):
            assert words in page, words


@pytest.mark.requirement("004-45")
async def test_a_supervised_case_cannot_be_closed_by_its_handler_and_is_always_visited(
    client: httpx.AsyncClient,
) -> None:
    from cases import verbs
    from sla import supervision

    receipt = await b.a_case("signed")
    await b.act("supervisor", receipt.number, supervision.order, b.lead, rule="manual")
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", receipt.number, verbs.approve)
    for roles in (
        ("unit_handler",),
        ("unit_head",),
        ("unit_handler", "callback"),
        ("unit_handler", "auditor"),
        ("coordination",),
    ):
        async with house.signed_in(client, *roles, unit="130403"):
            for path in (f"/cases/{receipt.number}/closure", f"/visits/{receipt.number}/close"):
                answer = await house.post(client, path, {}, page="/cases")
                assert answer.status_code in {403, 404, 409}, (roles, path)
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT state FROM cases WHERE number = $1", receipt.number) == "callback"
    async with house.signed_in(client, "callback", unit="HOT"):
        answer = await house.post(client, f"/visits/{receipt.number}/close", {}, page="/visits")
        assert answer.status_code == 409
        assert "须先回访" in answer.text


def test_bars_show_the_office_hours_and_every_hour_in_which_something_falls_due() -> None:
    from web.hours import bars

    shown = bars({17: 4, 22: 2}, 12)
    assert [bar.hour for bar in shown] == [*range(9, 18), 22]
    assert [bar.height for bar in shown if bar.n] == [96, 48]
    assert [bar.hour for bar in shown if bar.is_past] == [9, 10, 11]


@pytest.mark.parametrize("text", ["nonsense", "9999-12", "0001-01"])
def test_a_month_that_is_none_becomes_the_present_one(text: str) -> None:
    first, end = records.month(text)
    assert first == clock.today().replace(day=1)
    assert 28 <= (end - first).days <= 31
