"""The ladder in compressed time, through the interface: from a yellow card to accountability, and back."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from cases import verbs
from channels import reminders_ladder
from hotline import clock, db, rebuild
from sla import ladder_due, supervision, sweep
from tests import builders as b
from tests.engines import Place
from tests.web import house

pytestmark = pytest.mark.anyio
MONDAY = clock.on(date(2026, 6, 1), 9)
"""A week without holidays begins."""


def day(of_june: int, hour: int = 9) -> datetime:
    return clock.on(date(2026, 6, of_june), hour)


async def rows(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


async def one(sql: str, *args: Any) -> Any:
    (found,) = await rows(sql, *args)
    return next(iter(found.values()))


async def papers(number: str) -> list[tuple[str, str]]:
    found = await rows(
        "SELECT p.rule, p.state FROM ladder_paper p JOIN cases c ON c.id = p.case_id WHERE c.number = $1 "
        "ORDER BY p.drafted_at", number,
    )  # fmt: skip
    return [(row["rule"], row["state"]) for row in found]


async def paper_id(number: str, rule: str) -> UUID:
    found: UUID = await one(
        "SELECT p.id FROM ladder_paper p JOIN cases c ON c.id = p.case_id WHERE c.number = $1 AND p.rule = $2",
        number, rule,
    )  # fmt: skip
    return found


async def order_id(number: str) -> UUID:
    found: UUID = await one(
        "SELECT o.id FROM supervision_order o JOIN cases c ON c.id = o.case_id WHERE c.number = $1", number
    )
    return found


async def post(
    client: httpx.AsyncClient, who: str, path: str, *, at: datetime | None = None, status: int = 303, **data: Any
) -> httpx.Response:
    """One act by a fresh person ``role@UNIT``, at a moment, through the interface."""
    role, _, unit = who.partition("@")
    with clock.at(at or clock.now()):
        async with house.signed_in(client, *role.split("+"), unit=unit):
            answer = await house.post(client, path, data, page="/preferences")
    assert answer.status_code == status, (path, answer.status_code, answer.text[:3000])
    return answer


async def page(client: httpx.AsyncClient, who: str, path: str, *, at: datetime | None = None, status: int = 200) -> str:
    role, _, unit = who.partition("@")
    with clock.at(at or clock.now()):
        async with house.signed_in(client, *role.split("+"), unit=unit):
            return await house.get(client, path, status=status)


async def level(number: str) -> int:
    """How high on the ladder the case stands."""
    found: int = await one("SELECT supervision FROM cases WHERE number = $1", number)
    return found


async def nobody_answers_until_two_papers_are_drafted(number: str, due: datetime) -> None:
    """Yellow before the deadline, red and an order at it, the discipline body told, two papers a week later."""
    await sweep.sweep(due - timedelta(hours=1))
    assert await level(number) == 2
    await sweep.sweep(due)
    assert await level(number) == 4
    order = await order_id(number)
    await sweep.sweep(day(11, 18) + timedelta(seconds=1))  # three working days later nobody has answered the order
    assert await one("SELECT bodies FROM supervision_order WHERE id = $1", order) == ["DIS"]
    await sweep.sweep(day(16, 19))
    assert [rule for rule, _ in await papers(number)] == ["long_overdue", "order_ignored"]


async def the_bulletin_is_approved_by_its_office_and_once(client: httpx.AsyncClient, number: str) -> None:
    bulletin = f"/ladder/papers/{await paper_id(number, 'long_overdue')}"
    refused = await post(client, "supervisor@SUP", f"{bulletin}/approve", at=day(17), status=403, words="通报", days=10)
    assert "协调办公室批准" in refused.text
    await post(client, "coordination@GOV", f"{bulletin}/approve", at=day(17), words="对丛台区予以通报。", days=5)
    assert await level(number) == 5
    late = f"/ladder/papers/{await paper_id(number, 'order_ignored')}"
    again = {"words": "再通报", "days": 5}
    twice = await post(client, "coordination@GOV", f"{late}/approve", at=day(17, 10), status=409, **again)
    assert "督办规则七" in twice.text
    assert await page(client, "unit_head@130403", bulletin, at=day(17, 11))
    await page(client, "unit_head@CGB", bulletin, at=day(17, 11), status=404)


async def the_alert_climbs_to_deputy_head_and_office(number: str) -> None:
    told = await rows(
        "SELECT e.data::jsonb ->> 'to' AS to FROM case_event e JOIN cases c ON c.id = e.case_id "
        "WHERE c.number = $1 AND e.kind = 'alert_escalated' AND e.data::jsonb ->> 'stage' = 'finish' ORDER BY e.seq",
        number,
    )
    assert [row["to"] for row in told] == ["deputy", "head", "office"]


async def the_head_is_called_and_the_interview_is_held(client: httpx.AsyncClient, interview: str) -> None:
    called = {"person": "秦岚", "post": "区长", "place": "督查室", "interviewer": "郑强 督查室主任"}
    wrong = await post(client, "supervisor@SUP", f"{interview}/call", at=day(26), status=422, **called)
    assert "约谈时间" in wrong.text
    await post(client, "supervisor@SUP", f"{interview}/call", at=day(26), planned="2026-06-29T09:00", **called)
    held = {"held": "2026-06-29T09:00", "record": "到场说明情况。", "undertaking": "三日内修复。", "due": "2026-07-02"}
    await post(client, "supervisor@SUP", f"{interview}/hold", at=day(29, 11), **held)
    shown = await page(client, "supervisor@SUP", f"{interview}/print", at=day(29, 12))
    for word in ("秦岚", "郑强 督查室主任", "三日内修复。", "bulletin_uncorrected", "通报后到期不纠正"):
        assert word in shown
    assert "秦岚" not in str(await rows("SELECT person::text FROM ladder_paper"))


async def each_step_of_the_interview_has_its_time_its_author_and_its_rule(interview: str) -> None:
    steps = await rows(
        "SELECT step, at, by, rule FROM ladder_step WHERE paper_id = $1 ORDER BY seq", UUID(interview.rsplit("/", 1)[1])
    )
    assert [row["step"] for row in steps] == ["drafted", "called", "held", "reminded", "overdue"]
    assert all(row["at"] and row["by"] and row["rule"] for row in steps)


@pytest.mark.requirement("000-03")
@pytest.mark.requirement("002-01")
@pytest.mark.requirement("002-02")
@pytest.mark.requirement("004-14")
async def test_a_case_that_nobody_handles_climbs_from_yellow_to_accountability_each_step_under_its_rule(
    client: httpx.AsyncClient, database: Place
) -> None:
    with clock.at(MONDAY):
        number = (await b.a_case("dispatched", matter="020101")).number
    await nobody_answers_until_two_papers_are_drafted(number, due=day(8, 18))
    await the_bulletin_is_approved_by_its_office_and_once(client, number)
    await sweep.sweep(day(25, 19))
    await the_alert_climbs_to_deputy_head_and_office(number)
    interview = f"/ladder/papers/{await paper_id(number, 'bulletin_uncorrected')}"
    await the_head_is_called_and_the_interview_is_held(client, interview)
    await sweep.sweep(clock.on(date(2026, 7, 1), 19))
    july = clock.on(date(2026, 7, 2), 19)
    await sweep.sweep(july)
    await each_step_of_the_interview_has_its_time_its_author_and_its_rule(interview)
    last = f"/ladder/papers/{await paper_id(number, 'undertaking_overdue')}"
    await post(client, "coordination@GOV", f"{last}/decide", at=july, decision="责令书面检查", by="市政府")
    assert await level(number) == 7
    ladder = await page(client, "supervisor@SUP", f"/ladder/cases/{number}", at=july)
    for word in ("before_due", "overdue_order", "long_overdue", "undertaking_overdue", "不能出黄牌"):
        assert word in ladder
    async with database.as_owner() as owner:
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute("DELETE FROM ladder_step")
    assert not (await rebuild.rebuild(check=True)).names


@pytest.mark.requirement("001-20")
@pytest.mark.requirement("004-45")
async def test_an_order_is_signed_answered_sent_back_and_accepted_and_until_then_only_its_office_closes(
    client: httpx.AsyncClient,
) -> None:
    with clock.at(day(1)):
        number = (await b.a_case("signed")).number
    share = await one(
        "SELECT a.id FROM assignment a JOIN cases c ON c.id = a.case_id WHERE c.number = $1", number
    )
    give = {"assignment": share, "ground": "repeat", "reason": "催办三次仍未修，请区长包案。", "bodies": "DIS"}
    await post(client, "supervisor@SUP", f"/ladder/cases/{number}/order", at=day(2), **give)
    again = await post(client, "supervisor@SUP", f"/ladder/cases/{number}/order", at=day(2, 10), status=409, **give)
    assert "同一级不出第二次（督办规则七）" in again.text
    found = (await rows("SELECT id, number, due_at FROM supervision_order WHERE assignment_id = $1", share))[0]
    order = f"/ladder/orders/{found['id']}"
    assert re.fullmatch(r"督办〔2026〕\d+号", found["number"])
    assert found["due_at"] == day(5, 18)
    await post(client, "unit_handler@130403", "/work/orders", at=day(3), order=found["number"])
    reply = {"order": found["number"], "reply": "正在办。"}
    await post(client, "unit_handler@130403", f"/cases/{number}/order-reply", at=day(3, 10), **reply)
    blind = await post(client, "supervisor@SUP", f"{order}/review", at=day(4), status=422, outcome="sent_back", days=2)
    assert "请写明理由" in blind.text
    back = {"outcome": "sent_back", "reason": "没写何时修好。", "days": 2}
    await post(client, "supervisor@SUP", f"{order}/review", at=day(4), **back)
    assert await one("SELECT due_at FROM supervision_order WHERE id = $1", found["id"]) == day(8, 18)
    own = await post(client, "coordination@130403", f"{order}/review", at=day(4), status=409, outcome="accepted",
                     reason="好")  # fmt: skip
    assert own.status_code == 409
    with clock.at(day(5)):
        await b.act("congtai", number, verbs.handle, b.lead, **{**b.HANDLED, "reply": "灯已修好。"})
        await b.act("audit", number, verbs.approve)
        await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=True)
    refused = await post(client, "callback@HOT", f"/visits/{number}/close", at=day(5, 11), status=409)
    assert "这件事有督办单在办" in refused.text
    for who in ("unit_handler@130403", "coordination@130403"):
        answer = await post(client, who, f"/cases/{number}/closure", at=day(5, 11),
                            status=403 if "handler" in who else 409)  # fmt: skip
        assert answer.status_code != 303
    await post(client, "unit_handler@130403", f"/cases/{number}/order-reply", at=day(5, 14), **reply)
    await post(client, "supervisor@SUP", f"{order}/review", at=day(5, 15), outcome="accepted", reason="已修复。")
    shown = await page(client, "unit_head@130403", f"{order}/print", at=day(5, 15))
    for word in (found["number"], "没写何时修好。", "已修复。", "催办三次仍未修", "order_by_hand"):
        assert word in shown
    await post(client, "callback@HOT", f"/visits/{number}/close", at=day(5, 16))
    assert not (await rebuild.rebuild(check=True)).names


async def test_the_supervision_office_closes_its_own_case_and_the_order_ends_with_it(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("visited")).number
    await b.act("supervisor", number, supervision.order, b.lead, rule="unsolved")
    await post(client, "coordination@GOV", f"/cases/{number}/closure")
    assert await one("SELECT ended_for FROM supervision_order WHERE id = $1", await order_id(number)) == "case_closed"
    running = await rows(
        "SELECT stage FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND k.stopped_at IS NULL",
        number,
    )
    assert not running


async def test_a_rework_that_still_does_not_satisfy_ends_in_one_order_not_two(database: Place) -> None:
    number = (await b.a_case("callback")).number
    await b.act("callback", number, verbs.rework, b.request, b.lead, reason="没修好", profile="STD5")
    await b.act("callback", number, supervision.order, b.lead, rule="rework_dissatisfied")
    await b.act("callback", number, supervision.order, b.lead, rule="rework_dissatisfied")
    found = await rows(
        "SELECT o.rule FROM supervision_order o JOIN cases c ON c.id = o.case_id WHERE c.number = $1", number
    )
    assert [row["rule"] for row in found] == ["rework_dissatisfied"]


async def test_a_card_out_of_order_is_refused_with_the_rule_and_a_cancelled_one_gives_its_points_back(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("signed")).number
    share = await one("SELECT a.id FROM assignment a JOIN cases c ON c.id = a.case_id WHERE c.number = $1", number)
    ladder, unit = f"/ladder/cases/{number}", "130403"
    spent = "SELECT coalesce(sum(points), 0)::int AS n FROM supervision_record WHERE unit = $1"
    before = await one(spent, unit)
    await post(client, "supervisor@SUP", f"{ladder}/card/red", assignment=share, reason="拖延不办")
    low = await post(client, "supervisor@SUP", f"{ladder}/card/yellow", status=409, assignment=share, reason="再出")
    assert "有了高的不再出低的（督办规则七）" in low.text
    twice = await post(client, "supervisor@SUP", f"{ladder}/card/red", status=409, assignment=share, reason="再出")
    assert "同一级不出第二次（督办规则七）" in twice.text
    assert await one(spent, unit) == before + 10
    record = await one(
        "SELECT r.id FROM supervision_record r JOIN cases c ON c.id = r.case_id WHERE c.number = $1", number
    )
    bare = await post(client, "supervisor@SUP", f"{ladder}/cancel/{record}", status=422, reason="")
    assert "请写明理由" in bare.text
    await post(client, "unit_head@130403", f"{ladder}/cancel/{record}", status=403, reason="不服")
    await post(client, "coordination@GOV", f"{ladder}/cancel/{record}", reason="停电所致，核实无误")
    await post(client, "coordination@GOV", f"{ladder}/cancel/{record}", status=409, reason="再来")
    assert await one(spent, unit) == before
    assert await one("SELECT supervision FROM cases WHERE number = $1", number) == 0
    await post(client, "supervisor@SUP", f"{ladder}/card/yellow", assignment=share, reason="仍然没有动静")
    shown = await page(client, "supervisor@SUP", ladder)
    assert "已取消" in shown
    assert "yellow_by_hand" in shown
    await post(client, "supervisor@SUP", f"{ladder}/card/red", assignment=share, reason="还是拖延")
    await post(client, "coordination@GOV", f"{ladder}/cancel/{record}", status=409, reason="又来")
    assert await one(spent, unit) == before + 15  # the card that stands is not taken back in the name of the old one
    assert not (await rebuild.rebuild(check=True)).names


@pytest.mark.requirement("004-47")
@pytest.mark.requirement("003-16")
async def test_a_groundless_return_makes_its_accountability_record_by_itself(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("dispatched")).number
    for ground in ("function", "place"):
        await b.act("congtai", number, verbs.ask_return, b.lead, ground=ground, basis="三定规定第四条")
        share = await one("SELECT a.id FROM assignment a JOIN cases c ON c.id = a.case_id WHERE c.number = $1", number)
        await post(client, "dispatcher@HOT", f"/cases/{number}/return-decision", assignment=share, decision="refuse",
                   reason="属地明确", is_groundless="yes")  # fmt: skip
    found = await papers(number)
    assert sorted(found) == [
        ("buck_passing", "recorded"), ("buck_passing", "recorded"), ("returns_over_limit", "recorded"),
    ]  # fmt: skip
    listed = await page(client, "supervisor@SUP", "/ladder/accountability?state=recorded")
    assert number in listed
    assert "buck_passing" in listed
    record = await paper_id(number, "returns_over_limit")
    shown = await page(client, "unit_head@130403", f"/ladder/papers/{record}")
    assert "国办发〔2020〕53号" in shown
    assert await one("SELECT supervision FROM cases WHERE number = $1", number) == 0, "no shield against cards"
    lead = {"to": "DIS", "words": "三次推诿，疑有不作为。"}
    await post(client, "coordination@GOV", f"/ladder/papers/{record}/hand", **lead)
    assert await one("SELECT state FROM ladder_paper WHERE id = $1", record) == "handed"


@pytest.mark.requirement("002-04")
async def test_a_leaders_instruction_raises_the_case_and_wants_a_written_report_back(
    client: httpx.AsyncClient,
) -> None:
    with clock.at(day(1)):
        number = (await b.a_case("signed")).number
    given = {"leader": "副市长 高志远", "instruction": "请城管、丛台区三日内解决并报我。", "days": 2}
    long = await post(client, "supervisor@SUP", f"/cases/{number}/direction", at=day(2), status=422,
                      **{**given, "instruction": "长" * 1001})  # fmt: skip
    assert "1000" in long.text
    await post(client, "supervisor@SUP", f"/cases/{number}/direction", at=day(2), **given)
    case = (await rows("SELECT urgency, next_stage, next_due FROM cases WHERE number = $1", number))[0]
    assert case["urgency"] == "urgent"
    mine = await one("SELECT i.id FROM instruction i JOIN cases c ON c.id = i.case_id WHERE c.number = $1", number)
    await sweep.sweep(day(4, 18) + timedelta(seconds=1))
    late = await page(client, "supervisor@SUP", "/ladder/instructions", at=day(5))
    assert "报告超期" in late
    assert f"/cases/{number}?act=remind" in late
    path = f"/ladder/instructions/{mine}/report"
    await post(client, "unit_handler@CGB", path, at=day(5), status=404, report="不是我们的")
    empty = await post(client, "unit_handler@130403", path, at=day(5), status=422, report="")
    assert "还没写报告" in empty.text
    await post(client, "unit_handler@130403", path, at=day(5), report="已修复，附现场照片。")
    done = await page(client, "supervisor@SUP", "/ladder/instructions?state=over", at=day(5))
    assert "已修复，附现场照片。" in done
    assert "副市长 高志远" in done
    assert not (await rebuild.rebuild(check=True)).names


async def test_three_orders_in_a_month_draft_an_interview_of_the_head_which_needs_no_case(
    client: httpx.AsyncClient,
) -> None:
    with clock.at(clock.on(date(2026, 8, 3), 9)):
        for _ in range(4):
            number = (await b.a_case("signed", county="130402", place="邯山区陵西大街")).number
            await b.act("supervisor", number, verbs.remind, b.lead, words="请办")
            await b.act("supervisor", number, supervision.order, b.lead, rule="repeat")
    (paper,) = await rows(
        "SELECT id, unit, case_id FROM ladder_paper WHERE rule = 'orders_repeated' AND unit = '130402'"
    )
    assert paper["unit"] == "130402"
    assert paper["case_id"] is None
    at = clock.on(date(2026, 8, 4), 9)
    interview = f"/ladder/papers/{paper['id']}"
    called = {"person": "某某", "post": "区长", "place": "督查室", "interviewer": "市长", "planned": "2026-08-05T09:00"}
    own = await post(client, "coordination+supervisor@130402", f"{interview}/call", at=at, status=409, **called)
    assert "涉及本单位" in own.text
    mirror = await post(
        client, "coordination@GOV", f"{interview}/call", at=at, status=422, **{**called, "interviewer": "某某（区长）"}
    )
    assert "约谈人不能是被约谈的人" in mirror.text
    await post(client, "coordination@GOV", f"{interview}/call", at=at, **called)
    held = {"held": "2026-08-05T09:00", "record": "说明。", "undertaking": "整改。", "due": "2026-08-10"}
    noon = clock.on(date(2026, 8, 5), 11)
    await post(client, "supervisor@130402", f"{interview}/hold", at=noon, status=409, **held)
    await post(client, "coordination@GOV", f"{interview}/hold", at=noon, **held)
    over = clock.on(date(2026, 8, 10), 19)
    assert await ladder_due.watch(reminders_ladder.paper, clock.on(date(2026, 8, 9), 19)) == 1
    assert await ladder_due.watch(reminders_ladder.paper, over) == 1
    assert await ladder_due.watch(reminders_ladder.paper, over) == 0
    assert await rows("SELECT 1 FROM ladder_paper WHERE rule = 'undertaking_overdue' AND case_id IS NULL")


async def test_the_rule_table_is_the_citys_and_what_was_done_cites_the_version_of_its_day(
    client: httpx.AsyncClient,
) -> None:
    table = await page(client, "unit_handler@CGB", "/ladder/rules")
    for word in ("临近办结期限", "黄牌", "连续两月末位", "undertaking_overdue"):
        assert word in table
    edit = {
        "subject": "unit", "issued_by": "coordination", "amount": 5, "ground_zh": "《办法》第九条",
        "ground_en": "Art. 9",
    }  # fmt: skip
    rule = "/ladder/rules/long_overdue"
    await post(client, "unit_head@CGB", rule, status=403, **edit)
    wrong = await post(client, "admin@HOT", rule, status=422, **{**edit, "points": 5, "ground_zh": ""})
    assert "只有黄牌、红牌扣分" in wrong.text or "还没写" in wrong.text
    await post(client, "admin@HOT", rule, **{**edit, "is_on": "yes", "amount": 7})
    assert await one("SELECT amount FROM ladder_rule WHERE code = 'long_overdue' AND valid_to IS NULL") == 7
    assert len(await rows("SELECT 1 FROM ladder_rule WHERE code = 'long_overdue'")) == 2
