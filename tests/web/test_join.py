"""Joined with one key at the desk: look-alikes within sight, one's own case, somebody else's, and what may not be."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from channels import intake
from hotline import db
from routing import alike, guess
from tests import builders as b
from tests.web import house
from tests.web.test_citizen import ANSWERS, answered, sent
from tests.web.test_desk import a_call, row, said

pytestmark = pytest.mark.anyio
PLACE = "丛台区陵西大街12号"
WORDS = "陵西大街12号门口的路灯三天不亮，晚上看不清路。"
ASKED = {"words": "陵西大街那边路灯好几天不亮了，晚上看不清。", "matter": "020201", "county": "130403", "place": ""}


class Fake:
    """A model that is sure of street lights."""

    def suggest(self, words: str, *, most: int = guess.MOST) -> guess.Suggestion:
        ranked = (guess.Guess("020201", 0.96, ("路灯",)), guess.Guess("020202", 0.02))
        return guess.Suggestion(ranked=ranked[:most], is_sure="拿不准" not in words, model="t-1")


@pytest.fixture
def model() -> Any:
    """The fake one lives for one test."""
    guess.use(Fake())
    yield guess
    guess.use(None)


async def proposed(client: httpx.AsyncClient, typed: dict[str, str]) -> str:
    """What the desk proposes for it."""
    return (await house.post(client, "/desk/proposals", typed, page="/desk", is_htmx=True)).text


async def kinds(number: str) -> list[str]:
    """The events of a case, in order."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT e.kind FROM case_event e JOIN cases c ON c.id = e.case_id WHERE c.number = $1 ORDER BY e.seq",
            number,
        )
    return [one["kind"] for one in rows]


async def alikes(login: str, **change: Any) -> list[alike.Alike]:
    """What this demo person finds for a call about the light in 陵西大街."""
    asked = {"words": WORDS, "matters": ["020201"], "county": "130403", **change}
    async with db.reading() as connection:
        return await alike.find(connection, await b.person(login), alike.Asked(**asked))


async def test_look_alikes_say_why_and_are_only_what_the_viewer_may_see(client: httpx.AsyncClient) -> None:
    plain = await b.a_receipt(
        words=WORDS, place=PLACE, matter="020201", phone="13900000201", point="36.612300,114.491200"
    )
    for sealed in ({"kind": "report"}, {"is_confidential": True}):
        await b.a_receipt(words=WORDS, place=PLACE, phone="13900000201", **sealed)
    other = await b.a_receipt(words="魏县某村的麦茬焚烧冒烟", place="魏县", county="130434", phone="13900000202")
    found = await alikes("agent", point="36.612600,114.491200")
    assert [one.number for one in found] == [plain.number]
    reasons = [say.zh for say in found[0].reasons]
    assert "同一事项" in reasons
    assert "33 米" in reasons
    assert "今天" in reasons
    assert other.number not in reasons
    assert [one.number for one in await alikes("congtai")] == [plain.number]  # the unit that has it
    assert await alikes("cgb_head") == []  # and one that has not
    assert await alikes("admin") == []
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await proposed(client, ASKED)
        sealed_page = await proposed(client, {**ASKED, "kind": "report"})
    assert f'id="join-{plain.number}"' in page
    assert "同在“陵西大街”" in page
    assert "join-" not in sealed_page


async def test_alt_j_from_another_number_gives_a_number_of_its_own_on_the_same_case(client: httpx.AsyncClient) -> None:
    first = await b.a_receipt(words=WORDS, place=PLACE, matter="020201", phone="13900000211")
    async with house.signed_in(client, "agent", unit="HOT"):
        number, code = await said(
            client, words=ASKED["words"], matter="", county="", place="", phone="13900000212", join_now=first.number
        )
        page = await house.get(client, f"/desk/receipts/{number}")
    assert number != first.number
    assert code in page
    assert "已经有人反映，现在合并办理" in page
    child, parent = await row(number), await row(first.number)
    assert (child["state"], child["merged_into"]) == ("merged", parent["id"])
    assert parent["request_count"] == 2
    assert child["lead_unit"] is None  # it went to no unit on its way


async def test_alt_j_on_the_callers_own_case_is_words_and_a_reminder_and_no_new_case(client: httpx.AsyncClient) -> None:
    first = await b.a_receipt(words=WORDS, place=PLACE, matter="020201", phone="13900000221")
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await proposed(client, {**ASKED, "phone": "139 0000 0221"})
        assert "补充到这件并催办" in page
        assert "同一号码" in page
        call = a_call(words="还是不亮，有人摔了。", matter="", county="", phone="139 0000 0221", join_now=first.number)
        answer = await house.post(client, "/desk", call, page="/desk")
        again = await house.post(client, "/desk", call, page="/desk")
        page = await house.get(client, answer.headers["location"])
    assert answer.headers["location"] == again.headers["location"] == f"/desk/followed/{first.number}"
    assert "也催了办理单位" in page
    assert (await kinds(first.number))[-2:] == ["words_added", "urged"]
    async with db.reading() as connection:
        cases = await connection.fetchval("SELECT count(DISTINCT case_id) FROM request WHERE filed_by IS NOT NULL")
        assert await connection.fetchval("SELECT count(*) FROM case_text WHERE value = '还是不亮，有人摔了。'") == 1
    assert cases <= 1  # that of the test before


async def test_a_report_or_a_complaint_about_a_body_is_never_further_words_on_the_callers_own_plain_case(
    client: httpx.AsyncClient,
) -> None:
    first = await b.a_receipt(words=WORDS, place=PLACE, matter="020201", phone="13900000225")
    async with house.signed_in(client, "agent", unit="HOT"):
        for change, say in (
            ({"kind": "report"}, "举报、保密件"), ({"kind": "complaint", "about_unit": "CGB"}, "投诉单位的件"),
        ):  # fmt: skip
            call = a_call(words="负责路灯的人收钱不办事。", phone="13900000225", join_now=first.number, **change)
            answer = await house.post(client, "/desk", call, page="/desk")
            assert answer.status_code == 409, change
            assert say in answer.text
            assert "收钱不办事" in answer.text
    assert "words_added" not in await kinds(first.number)


async def test_what_has_ended_or_is_unknown_is_refused_with_the_reason_and_the_form_kept(
    client: httpx.AsyncClient,
) -> None:
    ended = await b.a_case("closed", words=WORDS, place=PLACE, phone="13900000231")
    async with house.signed_in(client, "agent", unit="HOT"):
        for join, status, say in (
            (ended.number, 409, "不能再动"), ("261122-99999", 422, "没有找到这个编号"), ("", 422, "还没选并入哪一件"),
        ):  # fmt: skip
            call = a_call(outcome="join", join=join, phone="13900000231")
            answer = await house.post(client, "/desk", call, page="/desk")
            assert answer.status_code == status
            assert say in answer.text
            assert b.WORDS in answer.text
            assert 'id="f-outcome-join" name="outcome" value="join" checked' in answer.text


async def test_the_record_says_whether_the_model_or_the_agent_chose_the_matter(
    client: httpx.AsyncClient, model: Any
) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        shown = await proposed(client, {"words": WORDS})
        assert 'name="proposed" value="020201|t-1"' in shown
        assert "96% “路灯”" in shown
        unsure = await proposed(client, {"words": "拿不准"})
        assert 'name="proposed" value=""' in unsure
        assert "拿不准，请选一个" in unsure
        stopped = await house.post(client, "/desk", a_call(words="拿不准的事", matter=""), page="/desk")
        assert stopped.status_code == 422
        for mark, matter, by in (
            ("020201|t-1", "020201", "model:t-1"), ("", "020201", "person"), ("020201|t-1", "020202", "person"),
            ("", "", "model:t-1"), ("020201|older", "020201", "person"),
        ):  # fmt: skip
            number, _ = await said(client, words=WORDS, matter=matter, proposed=mark)
            async with db.reading() as connection:
                data = await connection.fetchval(
                    "SELECT data FROM case_event e JOIN cases c ON c.id = e.case_id "
                    "WHERE c.number = $1 AND e.kind = 'accepted'", number,
                )  # fmt: skip
            assert f'"decided_by":"{by}"' in data or (by == "person" and "decided_by" not in data), (mark, matter)


async def test_closed_cases_speak_for_a_matter(client: httpx.AsyncClient) -> None:
    ended = await b.a_case("closed", words=WORDS, place=PLACE, phone="13900000241")
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await proposed(client, ASKED)
    assert f'<p class="witness hint"><a href="/cases/{ended.number}"' in page


async def test_a_misspelt_place_is_filled_in_and_an_unclear_one_is_asked_for(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        clear = await proposed(client, {"words": "尚壁镇路灯不亮"})
        unclear = await proposed(client, {"words": "邯郸县路灯不亮"})
        stopped = await house.post(client, "/desk", a_call(words="邯郸县路灯不亮", county="", place=""), page="/desk")
    assert 'value="130403/130471100" data-place="Digit1" checked' in clear
    assert "“尚壁镇”" in clear
    assert 'value="130402/"' in unclear
    assert 'value="130403/"' in unclear
    assert "拿不准，请选一个" in unclear
    assert stopped.status_code == 422


async def test_a_call_from_a_town_of_the_abolished_county_goes_to_its_successor(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        number, _ = await said(client, words="邯郸县尚璧镇路灯不亮", county="", place="")
    case = await row(number)
    assert (case["county"], case["township"], case["lead_unit"]) == ("130403", "130471100", "130403")


async def test_a_caller_is_known_again_by_whatever_door(client: httpx.AsyncClient) -> None:
    phone = "13900000251"
    by_web = await b.a_receipt(words="小区门口的井盖坏了", phone=phone, channel="web")
    by_sms = await b.a_receipt(words="暖气不热", phone=phone, channel="sms")
    await b.a_receipt(words="举报某厂", phone=phone, kind="report")
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, "/desk/history", {"phone": phone}, page="/desk", is_htmx=True)
        assert "近 30 天 2 件，未结 2 件" in answer.text
        number, _ = await said(client, words="路灯不亮", phone=phone)
        page = await house.get(client, f"/cases/{number}")
    for one in (by_web.number, by_sms.number):
        assert one in answer.text
        assert f'href="/cases/{one}"' in page
    assert "老户" in page


async def test_a_citizen_is_told_what_is_known_and_follows_it_with_a_number_of_their_own(
    client: httpx.AsyncClient,
) -> None:
    known = {"place": "丛台区雪驰路", "matter": "020203"}
    first = await b.a_receipt(words="雪驰路的井盖丢了，快来人。", phone="13900000261", **known)
    secret = await b.a_receipt(words="雪驰路的井盖丢了，孩子掉下去了。", phone="13900000262", is_minor=True, **known)
    given = {
        "what": {"words": "雪驰路上井盖没了，晚上很危险。"}, "where": {"place": "雪驰路口", "county": "130403"},
        "matter": {"matter": "", "other": "020203"}, "reach": {**ANSWERS["reach"], "phone": "138 0000 0263"},
    }  # fmt: skip
    await answered(client, given, last="known")
    page = await house.get(client, "/ask/known")
    assert "雪驰路" in page
    assert "井盖" in page
    assert "日前答复" in page
    assert page.count('name="follow"') == 2  # one to follow, and none of them
    assert "快来人" not in page
    assert first.number not in page
    assert secret.number not in page
    wrong = await house.post(client, "/ask/known", {"follow": "7"}, page="/ask/known")
    assert wrong.status_code == 422
    number, code = await sent(client, {**given, "known": {"follow": "0"}})
    await intake.make_all()
    assert len(code) == 6
    child, parent = await row(number), await row(first.number)
    assert (child["state"], child["merged_into"], parent["request_count"]) == ("merged", parent["id"], 2)
