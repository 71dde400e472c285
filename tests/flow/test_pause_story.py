"""A case that stands: one request for more information, suspension with a plan; what goes on, when, and what never."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cases import merging, verbs, verbs_hands, verbs_pause
from channels import arrivals, reading
from channels.heard import Heard
from hotline import clock, db, vault
from hotline import rebuild as rebuilding
from hotline.errors import Refusal
from hotline.work import work
from sla import extending, needs_info, suspension, sweep
from tests import builders as b

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
BEGAN = datetime.fromisoformat("2026-11-30T10:00:00+08:00")
"""A Monday; no holiday follows in the weeks after."""
WANTED = "具体楼号\n发生的时间"
_phones = itertools.count(13_700_000_000)
PLAN = {"reason": "须等汛期后施工", "plan": "12 月招标，1 月施工"}


def day(n: int, hour: int = 10) -> datetime:
    """So many days after the Monday."""
    return BEGAN.replace(hour=hour) + timedelta(days=n)


async def rows(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(r) for r in await connection.fetch(sql, *args)]


async def the_case(number: str) -> dict[str, Any]:
    return (await rows("SELECT * FROM cases WHERE number = $1", number))[0]


async def clocks_of(number: str, *, running: bool = True) -> dict[tuple[str, str], dict[str, Any]]:
    """The case's clocks by unit and stage, the running ones unless asked for all."""
    found = await rows(
        "SELECT k.* FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 ORDER BY k.started_at, k.id",
        number,
    )
    return {(one["unit"], one["stage"]): one for one in found if not running or one["stopped_at"] is None}


async def told(number: str) -> list[str]:
    found = await rows(
        "SELECT m.body, m.name FROM outbox_message m JOIN cases c ON c.id = m.case_id WHERE c.number = $1 "
        "ORDER BY m.created_at, m.id", number,
    )  # fmt: skip
    return [f"{one['name']}: {vault.unseal(one['body'], 'outbox')}" for one in found]


async def refused(code: str, call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    assert caught.value.code == code, caught.value
    assert caught.value.say.zh
    return caught.value


async def ask(w: Any, file: Any, **more: Any) -> Any:
    """The lead, or the centre before there is one, asks the first requester."""
    return await needs_info.ask(w, file, file.first_request, **{"wanted": WANTED, "share": file.lead, **more})


async def a_case(until: str = "signed", **change: Any) -> str:
    """A complaint about heating with a five-day promise, begun on the Monday."""
    given = {"kind": "complaint", "matter": "020101", "phone": str(next(_phones)), "words": "暖气不热，只有十四度。"}
    with clock.at(BEGAN):
        if until == "registered":
            return (await b.a_receipt(**{**given, "matter": "", "county": "", "place": "", **change})).number
        number = (await b.a_receipt(**{**given, **change})).number
        if (await the_case(number))["state"] == "registered":
            await b.act("dispatcher", number, verbs.accept, matter="020101", county="130403")
        if (lead := (await the_case(number))["lead_unit"]) not in (None, "130403"):
            await b.act("dispatcher", number, verbs.recall, b.lead, reason="按属地办")
        if lead != "130403":
            await b.act("dispatcher", number, verbs.dispatch, unit="130403", profile="STD5")
        await b.act("congtai", number, verbs.sign, b.lead)
    return number


async def rebuilt() -> None:
    outcome = await rebuilding.rebuild(check=True)
    assert outcome.different == 0, outcome.names


@pytest.mark.requirement("000-13")
async def test_only_the_answer_of_whoever_was_asked_sets_the_clocks_going_later_by_the_days_that_closed() -> None:
    number = await a_case()
    due = (await clocks_of(number))["130403", "finish"]["due_at"]
    assert due == day(7, 18), "five working days after the Monday"
    await b.act("congtai", number, ask, at=day(1))
    case, standing = await the_case(number), await clocks_of(number)
    assert (case["paused"], case["next_due"], case["paused_until"]) == ("needs_info", None, day(8, 18))
    assert {one["paused_for"] for one in standing.values()} == {"needs_info"}
    again = await refused("info_once", b.act("congtai", number, ask, wanted="还有", at=day(2)))
    assert "一次性" in again.say.zh
    assert any("具体楼号；发生的时间" in one for one in await told(number)), "the whole list in one message"
    await b.act("agent", number, verbs.urge, b.request, at=day(2))
    await b.act("congtai", number, verbs.contact, b.lead, way="phone", said="已电话", at=day(2))
    await b.act("supervisor", number, verbs.remind, b.lead, words="请抓紧", at=day(2))
    await sweep.sweep(day(7, 20))
    left = await clocks_of(number)
    assert left["130403", "finish"]["paused_at"] == day(1), "an urging, a note, a reminder, a passing date: it stands"
    assert left["130403", "finish"]["breached_at"] is None
    await b.act("agent", number, verbs.add_words, b.request, words="3 号楼，周一晚", at=day(8))
    after = (await clocks_of(number))["130403", "finish"]
    assert after["paused_at"] is None
    assert after["started_at"] == BEGAN, "it goes on and does not begin anew"
    assert after["due_at"] == day(14, 18), "five closes fell inside the pause"
    await b.act("agent", number, verbs.add_words, b.request, words="还有五号楼", at=day(9))
    await b.act("agent", number, verbs.urge, b.request, at=day(9))
    assert (await clocks_of(number))["130403", "finish"]["due_at"] == day(14, 18), "no further word moves it"
    await refused("info_once", b.act("congtai", number, ask, at=day(9)))
    await rebuilt()


@pytest.mark.requirement("000-13")
async def test_without_an_answer_a_case_ends_before_dispatch_and_goes_on_after_it() -> None:
    early, late = await a_case("registered"), await a_case()
    await b.act("dispatcher", early, ask, at=day(0, 11))
    stands = (await clocks_of(early))["", "accept"]
    assert stands["paused_for"] == "needs_info"
    wait = await refused(
        "info_awaited", b.act("dispatcher", early, verbs.accept, matter="020101", county="130403", at=day(1))
    )
    assert "不再等" in wait.say.zh, "the way out is named"
    await b.act("congtai", late, ask, at=day(0, 11))
    await sweep.sweep(day(7, 17))
    assert [(await the_case(one))["paused"] for one in (early, late)] == ["needs_info"] * 2
    await sweep.sweep(day(7, 18))
    ended = await the_case(early)
    assert (ended["state"], ended["close_reason"], ended["paused"]) == ("closed", "info_not_supplied", None)
    assert await clocks_of(early) == {}, "a closed case has no clock that runs"
    assert any(one.startswith("info_lapsed") and "再反映" in one for one in await told(early))
    assert (await the_case(late))["state"] == "active"
    assert (await clocks_of(late))["130403", "finish"]["due_at"] == day(15, 18), "six closes"
    notices = await rows("SELECT kind FROM staff_notice WHERE unit = '130403' AND kind = 'info_ended'")
    assert notices, "the unit is told to go on with what it has"
    assert any(one.startswith("resumed") and "12月15日前答复" in one for one in await told(late)), "and they, the date"
    await rebuilt()


async def test_who_may_not_be_asked_and_who_may_not_ask_is_told_what_to_do_instead() -> None:
    sealed = await a_case("registered", kind="report")
    assert "热线" in (await refused("sealed", b.act("dispatcher", sealed, ask, at=day(0, 11)))).say.zh
    nobody = await a_case("registered", phone="", reply_by="none", is_anonymous=True)
    assert "现有情况" in (await refused("unreachable", b.act("dispatcher", nobody, ask, at=day(0, 11)))).say.zh
    number = await a_case()
    for wrong in ("", "\n".join(f"第{n}项材料" for n in range(11)), "长" * 61):
        with pytest.raises(Refusal) as caught:
            await b.act("congtai", number, ask, wanted=wrong, at=day(1))
        assert "list" in caught.value.fields
    await b.act("dispatcher", number, verbs.add_co_handler, unit="CGB", profile="STD5", at=day(1))
    await b.act("cgb", number, verbs.sign, lambda file: file.assignment_of("CGB"), at=day(1))

    async def beside(w: Any, file: Any) -> None:
        await needs_info.ask(w, file, file.first_request, wanted=WANTED, share=file.assignment_of("CGB"))

    await refused("not_lead", b.act("cgb", number, beside, at=day(1)))
    await b.act("congtai", number, ask, at=day(1))
    with pytest.raises(Refusal) as caught:
        await b.act("congtai", number, verbs_pause.end_info, b.request, how="dropped", at=day(2))
    assert "reason" in caught.value.fields
    await b.act("congtai", number, verbs_pause.end_info, b.request, how="dropped", reason="电话已问清", at=day(2))
    assert (await the_case(number))["paused"] is None


async def test_a_text_that_answers_our_question_days_later_belongs_to_its_case() -> None:
    number = await a_case()
    phone = str(next(_phones) - 1)
    await b.act("congtai", number, ask, at=day(1))
    with clock.at(day(4)):
        await arrivals.store(
            Heard(channel="sms", provider_id="SM-pause-1", sender=phone, at=clock.now(), words="3号楼2单元，周一晚上")
        )
        await reading.read_all()
    assert (await the_case(number))["paused"] is None
    assert len(await rows("SELECT 1 FROM request WHERE phone_index = $1", vault.phone_index(phone))) == 1


async def suspend(number: str, review: date, at: datetime, who: str = "congtai") -> None:
    await b.act(who, number, suspension.ask, b.lead, **PLAN, review=review, at=at)
    await b.act("coord", number, suspension.approve, b.lead, reason="同意，按计划办", at=at + timedelta(hours=1))


async def test_nothing_stands_without_the_citys_approval_and_a_plan_is_prolonged_once() -> None:
    number = await a_case()
    review = day(14).date()
    error = await refused("not_asked", b.act("coord", number, suspension.approve, b.lead, reason="先停", at=day(1)))
    assert "批准" in error.say.zh, "a pause without approval: refused with the rule"
    for wrong in (day(0).date(), day(400).date()):
        with pytest.raises(Refusal) as caught:
            await b.act("congtai", number, suspension.ask, b.lead, **PLAN, review=wrong, at=day(1))
        assert "review" in caught.value.fields
    await b.act("congtai", number, suspension.ask, b.lead, **PLAN, review=review, at=day(1))
    assert (await clocks_of(number))["130403", "finish"]["paused_at"] is None, "asked is not approved"
    await refused("city_decides", b.act("congtai", number, suspension.approve, b.lead, reason="自批", at=day(1)))
    await b.act("coord", number, verbs_pause.refuse_suspension, b.lead, reason="先组织会诊", at=day(1, 14))
    assert (await clocks_of(number))["130403", "finish"]["due_at"] == day(7, 18), "a refusal leaves the clock as it ran"
    await suspend(number, review, day(2))
    assert any(one.startswith("planned") and "列入计划" in one and "挂账" not in one for one in await told(number))
    await sweep.sweep(day(14, 19))
    case = await the_case(number)
    assert case["paused_until"] > case["review_at"], "at the review it has days to be decided"
    assert await rows("SELECT 1 FROM staff_notice WHERE kind = 'review_due' AND unit = '130403'")
    await suspend(number, day(21).date(), day(15))
    assert ((await the_case(number))["suspensions"], (await the_case(number))["review_at"]) == (2, day(21, 18))
    await sweep.sweep(day(21, 19))
    await refused(
        "suspension_limit",
        b.act("congtai", number, suspension.ask, b.lead, **PLAN, review=day(40).date(), at=day(22)),
    )
    await sweep.sweep(day(23))
    assert (await the_case(number))["paused"] == "suspended", "it has till the fourth day"
    await sweep.sweep(day(24, 18))
    case = await the_case(number)
    assert case["paused"] is None, "nobody decided: the clocks go on by themselves"
    finish = (await clocks_of(number))["130403", "finish"]
    assert finish["due_at"] == day(30, 18), "four of the five days were left when it was approved"
    assert any(one.startswith("resumed") for one in await told(number))
    await rebuilt()


async def test_a_pause_ends_with_its_share_and_whoever_is_beside_it_goes_on() -> None:
    number = await a_case()
    await b.act("dispatcher", number, verbs.add_co_handler, unit="CGB", profile="STD5", at=day(0, 11))
    await suspend(number, day(14).date(), day(1))
    assert (await clocks_of(number))["CGB", "finish"]["paused_for"] == "suspended"
    await b.act("dispatcher", number, verbs.add_co_handler, unit="PWR", profile="STD5", at=day(2))
    assert (await clocks_of(number))["PWR", "finish"]["paused_at"] == day(2), "what begins while it stands, stands"
    await b.act("dispatcher", number, verbs.recall, b.lead, reason="改派", at=day(3))
    case, running = await the_case(number), await clocks_of(number)
    assert (case["paused"], case["state"]) == (None, "accepted")
    assert all(one["paused_at"] is None for one in running.values())
    assert ("", "dispatch") in running
    gone = (await clocks_of(number, running=False))["130403", "finish"]
    assert (gone["outcome"], gone["paused_at"]) == ("void", None)
    await rebuilt()


async def test_what_was_done_while_it_stood_is_judged_by_the_date_that_the_pause_gave() -> None:
    number = await a_case()
    await b.act("congtai", number, ask, at=day(1))
    await b.act("congtai", number, verbs.contact, b.lead, way="phone", at=day(8))
    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED, at=day(8, 11))
    case, finish = await the_case(number), (await clocks_of(number, running=False))["130403", "finish"]
    assert (finish["outcome"], finish["due_at"]) == ("met", day(14, 18)), "old date passed, the new one did not"
    assert case["paused"] is None
    await b.act("audit", number, verbs.send_back, b.lead, reason="请补照片", at=day(9))
    assert (await clocks_of(number))["130403", "finish"]["due_at"] == day(14, 18)
    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED, at=day(10))
    await b.act("audit", number, verbs.approve, at=day(10, 11))
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=False, at=day(10, 12))
    await b.act("callback", number, verbs.rework, b.request, b.lead, reason="没好", profile="STD5", at=day(10, 14))
    anew = (await clocks_of(number))["130403", "finish"]
    assert (anew["started_at"], anew["history"]) == (day(10, 14), "[]"), "rework has a fresh limit, without old pauses"
    await refused("info_once", b.act("congtai", number, ask, at=day(11)))


async def test_a_return_that_is_refused_while_it_stands_leaves_it_standing() -> None:
    number = await a_case()
    await b.act("congtai", number, ask, at=day(0, 11))
    await b.act("congtai", number, verbs.ask_return, b.lead, ground="function", basis="三定第四条", suggested="CGB",
                at=day(0, 14))  # fmt: skip
    await b.act("dispatcher", number, verbs.refuse_return, b.lead, reason="属地明确", at=day(1))
    assert (await clocks_of(number))["130403", "finish"]["paused_at"] == day(0, 11)
    await b.act("congtai", number, verbs_hands.object_to, b.lead, reason="不属我", basis="三定", at=day(1))
    await b.act("coord", number, verbs_hands.confer_objection, b.lead, reason="会商定", at=day(1))
    assert (await the_case(number))["paused"] == "needs_info"
    await b.act("agent", number, verbs.add_words, b.request, words="3 号楼", at=day(2))
    assert (await clocks_of(number))["130403", "finish"]["due_at"] == day(9, 18), "answered in conference: two closes"


async def both(verb: Any, parent: str, child: str, at: datetime) -> None:
    """Merge the one into the other, or unmerge it."""
    ids = [(await the_case(number))["id"] for number in (parent, child)]
    async with work(await b.person("dispatcher"), now=at) as w:
        files = await merging.opened(w, ids)
        await verb(w, *(files[one] for one in ids), reason="同一小区")


async def test_a_case_waits_no_more_once_whoever_it_asked_has_left_it() -> None:
    parent, child = await a_case(), await a_case()
    await both(merging.merge, parent, child, day(0, 11))

    async def ask_the_other(w: Any, file: Any) -> None:
        other = next(one for one in file.requests.values() if one.receipt_no == child)
        await needs_info.ask(w, file, other, wanted=WANTED, share=file.lead)

    await b.act("congtai", parent, ask_the_other, at=day(1))
    assert (await clocks_of(parent))["130403", "finish"]["paused_for"] == "needs_info"
    await both(merging.unmerge, parent, child, day(3))
    left, finish = await the_case(parent), (await clocks_of(parent))["130403", "finish"]
    assert (left["paused"], finish["paused_at"], finish["due_at"]) == (None, None, day(9, 18)), "two closes later"
    assert await rows("SELECT 1 FROM request WHERE info_until IS NOT NULL AND receipt_no = $1", child) == []
    await rebuilt()


async def test_no_critical_case_goes_into_one_that_stands() -> None:
    parent, child = await a_case(), await a_case("registered")
    await b.act("dispatcher", child, verbs.accept, matter="020101", county="130403", urgency="critical", at=day(1))
    await suspend(parent, day(14).date(), day(1))
    error = await refused("standing", both(merging.merge, parent, child, day(2)))
    assert "先恢复" in error.say.zh
    await b.act("congtai", parent, verbs_pause.resume, b.lead, how="unit", reason="已招标", at=day(2))
    await both(merging.merge, parent, child, day(2, 11))


async def test_more_time_agreed_to_while_it_stands_is_told_with_the_date_on_which_it_goes_on() -> None:
    number = await a_case()
    await b.act("dispatcher", number, verbs.add_co_handler, unit="CGB", profile="STD5", at=day(0, 11))
    await b.act("congtai", number, extending.ask, b.lead, amount=2, reason="等许可", told="须挖路", at=day(1))
    await suspend(number, day(21).date(), day(1))
    grant = {"told": "须挖路", "amount": 1.5}
    with pytest.raises(Refusal) as caught:
        await b.act("dispatcher", number, extending.grant, b.lead, **grant, at=day(14))
    assert "amount" in caught.value.fields, "no part of a working day"
    await b.act("dispatcher", number, extending.grant, b.lead, told="须挖路", at=day(14))
    assert not any(one.startswith("extended") for one in await told(number)), "its old date is over and says nothing"
    await b.act("congtai", number, verbs_pause.resume, b.lead, how="unit", reason="许可已到", at=day(15))
    finish = (await clocks_of(number))["130403", "finish"]
    assert finish["due_at"] == day(23, 18), "five days, ten that it stood, and two, of which a weekend is none"
    assert (await told(number))[-1].endswith("已继续办理，12月23日前答复。"), "the lead's date, not a co-handler's"


async def test_a_merge_ends_the_wait_and_an_unmerge_gives_the_promise_back_later_by_it() -> None:
    parent, child = await a_case(), await a_case()
    await b.act("congtai", child, ask, at=day(1))
    await both(merging.merge, parent, child, day(3))
    assert (await the_case(child))["paused"] is None
    assert await clocks_of(child) == {}
    kept = [one for one in (await clocks_of(parent)).values() if one["stage"] == "answer"]
    assert [(one["due_at"], one["paused_at"]) for one in kept] == [(day(9, 18), None)], "its own date, two days later"
    waits = await rows("SELECT info_until FROM request WHERE receipt_no = $1", child)
    assert waits == [{"info_until": None}]
    await suspend(parent, day(14).date(), day(3, 11))
    kept = [one for one in (await clocks_of(parent)).values() if one["stage"] == "answer"]
    assert kept[0]["paused_for"] == "suspended"
    await both(merging.unmerge, parent, child, day(4))
    back = (await clocks_of(child))["130403", "finish"]
    assert (back["started_at"], back["due_at"], back["paused_at"]) == (BEGAN, day(9, 18), None)
    assert (await the_case(parent))["paused"] == "suspended"
    await rebuilt()


async def test_withdrawing_stops_for_good_what_stood() -> None:
    number = await a_case("registered")
    await b.act("dispatcher", number, ask, at=day(0, 11))
    await b.act("agent", number, verbs.withdraw, b.request, at=day(1))
    assert await clocks_of(number) == {}
    assert (await the_case(number))["paused"] is None
    with pytest.raises(Refusal):
        await b.act("agent", number, verbs.add_words, b.request, words="楼号", at=day(2))
    await sweep.sweep(day(40))
    assert await clocks_of(number) == {}
    assert (await the_case(number))["close_reason"] == "withdrawn"
