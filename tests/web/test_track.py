"""Looking up by number and code, and what the holder of a receipt may do: add, urge, withdraw, rate; and never more."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from cases import track, verbs
from channels import acknowledge, intake, receipts
from hotline import clock, db, tries
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio
REPLY = b.HANDLED["reply"]
NOTE = b.HANDLED["note"]


@pytest.fixture(autouse=True)
async def no_tries_yet(database: object) -> None:
    """Every test begins with no wrong tries counted."""
    async with db.reading() as connection:
        await connection.execute("DELETE FROM try_count")


async def look(client: httpx.AsyncClient, number: str, code: str) -> httpx.Response:
    """Look up as the form does."""
    return await house.post(client, "/track", {"number": number, "code": code}, page="/track")


async def opened(client: httpx.AsyncClient, receipt: object) -> str:
    """The status page after showing the right code."""
    answer = await look(client, receipt.number, receipt.code)  # type: ignore[attr-defined]
    assert answer.headers.get("location") == f"/track/{receipt.number}", answer.text[:1500]  # type: ignore[attr-defined]
    return await house.get(client, answer.headers["location"])


async def one(sql: str, *args: object) -> dict[str, object]:
    """One row."""
    async with db.reading() as connection:
        return dict(await connection.fetchrow(sql, *args) or {})


@pytest.mark.requirement("004-16")
async def test_number_and_code_show_state_unit_due_date_and_later_the_public_reply(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed")
    page = await opened(client, receipt)
    for text in ("办理中", "丛台区人民政府", "前答复", "收到"):
        assert text in page, text
    assert REPLY not in page
    await b.act("congtai", receipt.number, verbs.contact, b.lead, way="phone")
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
    assert REPLY not in await opened(client, receipt), "the reply is the requester's only after the audit"
    await b.act("audit", receipt.number, verbs.approve)
    page = await opened(client, receipt)
    assert REPLY in page
    assert "已答复" in page


@pytest.mark.requirement("004-16")
async def test_an_unknown_number_and_a_wrong_code_get_the_same_answer_and_show_nothing(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed")
    wrong = "000000" if receipt.code != "000000" else "111111"
    answers = [await look(client, receipt.number, wrong), await look(client, "200101-99999", receipt.code)]
    assert [a.status_code for a in answers] == [422, 422]
    bodies = [a.text.replace(receipt.number, "N").replace("200101-99999", "N") for a in answers]
    assert all("编号或查询码不对，请核对短信；错 5 次锁 1 小时。" in body for body in bodies)
    strip = [house_token_free(body) for body in bodies]
    assert strip[0] == strip[1]
    assert "丛台区" not in bodies[0]


def house_token_free(body: str) -> str:
    """The page without its form token, which differs each time."""
    import re

    return re.sub(r"[0-9a-f]{64}", "T", body)


async def test_an_unknown_number_is_compared_with_a_code_like_a_known_one(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = await b.a_case("dispatched")
    asked: list[str] = []
    real = receipts.numbers.code_matches

    def counted(number: str, code: str, kept: bytes) -> bool:
        asked.append(number)
        return real(number, code, kept)

    monkeypatch.setattr(receipts.numbers, "code_matches", counted)
    await look(client, receipt.number, "123")
    await look(client, "200101-99999", "123")
    assert asked == [receipt.number, "200101-99999"]


@pytest.mark.requirement("004-16")
async def test_after_five_wrong_tries_even_the_right_code_waits_an_hour(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    wrong = "000000" if receipt.code != "000000" else "111111"
    for _ in range(5):
        assert (await look(client, receipt.number, wrong)).status_code == 422
    blocked = await look(client, receipt.number, receipt.code)
    assert blocked.status_code == 429
    assert "60 分钟后再试" in blocked.text
    with clock.at(clock.now() + timedelta(minutes=61)):
        assert (await look(client, receipt.number, receipt.code)).status_code == 303


async def test_wrong_tries_at_many_numbers_from_one_address_are_paused_and_a_right_one_does_not_wash_them_away(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("dispatched")
    for n in range(4):
        assert (await look(client, f"200101-9000{n}", "000000")).status_code == 422
    assert (await look(client, receipt.number, receipt.code)).status_code == 303
    assert (await look(client, "200101-90009", "000000")).status_code == 422
    assert (await look(client, "200101-90010", "000000")).status_code == 429


async def test_looking_up_rightly_many_times_never_locks(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    for _ in range(8):
        assert (await look(client, receipt.number, receipt.code)).status_code == 303


async def test_the_number_may_be_typed_as_people_type(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    loose = receipt.number.replace("-", " ")
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in receipt.code)
    assert (await look(client, f" {loose} ", f"{wide[:3]} {wide[3:]}")).headers[
        "location"
    ] == f"/track/{receipt.number}"


async def test_the_page_opens_for_one_receipt_only_and_for_a_while(client: httpx.AsyncClient) -> None:
    first, second = await b.a_case("dispatched"), await b.a_case("dispatched")
    await opened(client, first)
    assert (await client.get(f"/track/{second.number}")).headers["location"] == "/track"
    assert (await house.post(client, f"/track/{second.number}/urge", page="/track")).status_code == 404
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert (await client.get(f"/track/{first.number}")).headers["location"] == "/track"
    cookie = client.cookies["hl_track"]
    client.cookies.set("hl_track", cookie.replace(first.number, second.number), domain="testserver.local")
    assert (await client.get(f"/track/{second.number}")).headers["location"] == "/track"


async def test_a_message_that_is_not_a_case_yet_shows_received(client: httpx.AsyncClient) -> None:
    receipt = await acknowledge.acknowledge(b.a_message())
    page = await opened(client, receipt)
    assert "已收到" in page
    assert 'id="add"' not in page
    await intake.make_one(receipt.message)
    assert 'id="add"' in await opened(client, receipt)


async def test_the_page_shows_no_staff_name_no_internal_note_and_nothing_of_the_trade(
    client: httpx.AsyncClient,
) -> None:
    from tests.web.test_citizen_words import BANNED_ZH

    receipt = await b.a_case("closed")
    page = await opened(client, receipt)
    for text in ("卫东", "吴涛", "周倩", NOTE, *BANNED_ZH):
        assert text not in page, text
    assert "丛台区人民政府已接到" in page


async def test_one_requester_never_reads_anothers_words_on_the_same_case(
    client: httpx.AsyncClient, database: object
) -> None:
    receipt = await b.a_case("dispatched")
    other = await b.a_case("dispatched", words="我是另一个人，我的话只给我自己看。")
    async with db.atomic() as connection:  # as a merge would leave it
        await connection.execute(
            "UPDATE request SET case_id = (SELECT case_id FROM request WHERE receipt_no = $1) WHERE receipt_no = $2",
            receipt.number, other.number,
        )  # fmt: skip
    page = await opened(client, receipt)
    assert b.WORDS in page
    assert "另一个人" not in page
    assert b.WORDS not in await opened(client, other)


async def test_words_can_be_added_and_stand_on_the_page_and_in_the_case(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    await opened(client, receipt)
    empty = await house.post(client, f"/track/{receipt.number}/words", {"words": " "}, page=f"/track/{receipt.number}")
    assert empty.status_code == 422
    assert "还没写要补充的话" in empty.text
    answer = await house.post(
        client, f"/track/{receipt.number}/words", {"words": "灯杆编号 HP-031。"}, page=f"/track/{receipt.number}"
    )
    assert answer.status_code == 303
    assert "灯杆编号 HP-031。" in await house.get(client, f"/track/{receipt.number}")


async def test_it_can_be_urged_once_a_day(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    page = f"/track/{receipt.number}"
    assert 'id="urge"' in await opened(client, receipt)
    assert (await house.post(client, f"{page}/urge", page=page)).status_code == 303
    assert 'id="urge"' not in await house.get(client, page)
    again = await house.post(client, f"{page}/urge", page=page)
    assert again.status_code == 409
    assert "一天只能催一次" in again.text
    assert (await one("SELECT urge_count FROM cases WHERE number = $1", receipt.number))["urge_count"] == 1
    with clock.at(clock.now() + timedelta(hours=25)):
        await opened(client, receipt)
        assert (await house.post(client, f"{page}/urge", page=page)).status_code == 303


async def test_it_can_be_withdrawn_until_an_office_has_it(client: httpx.AsyncClient) -> None:
    fresh = await b.a_receipt()
    page = f"/track/{fresh.number}"
    assert "撤回" in await opened(client, fresh)
    assert "不能恢复" in await house.get(client, f"{page}/withdraw")
    assert (await house.post(client, f"{page}/withdraw", page=f"{page}/withdraw")).status_code == 303
    assert "已撤回" in await house.get(client, page)
    given = await b.a_case("dispatched")
    page = f"/track/{given.number}"
    assert "不用办了" in await opened(client, given)
    assert "我们会打电话问您" in await house.get(client, f"{page}/withdraw")
    for _ in range(2):  # said twice is said once
        assert (await house.post(client, f"{page}/withdraw", page=f"{page}/withdraw")).status_code == 303
    assert "您要求撤回，我们会打电话核实" in await house.get(client, page)
    row = await one("SELECT c.state, r.state AS own, withdraw_state FROM cases c JOIN request r ON r.case_id = c.id "
                    "WHERE number = $1", given.number)  # fmt: skip
    assert row == {"state": "active", "own": "open", "withdraw_state": "wished"}, "nothing ends before the call"
    done = await b.a_case("closed")
    page = f"/track/{done.number}"
    await opened(client, done)
    assert (await house.post(client, f"{page}/withdraw", page=page)).status_code == 409


@pytest.mark.requirement("004-08")
async def test_anyone_files_an_enquiry_without_signing_in_and_reads_the_answer(client: httpx.AsyncClient) -> None:
    from tests.web.test_citizen import sent

    number, code = await sent(client, {
        "kind": {"kind": "enquiry"}, "what": {"words": "新生儿怎么上户口？"}, "where": {"county": "", "place": ""},
        "reach": {"reach": "web"},
    })  # fmt: skip
    await intake.make_all()
    await b.act("agent", number, verbs.answer, reply="带出生医学证明到派出所办理，当天办完。")
    client.cookies.delete("hl_track")
    assert (await look(client, number, code)).status_code == 303
    page = await house.get(client, f"/track/{number}")
    assert "带出生医学证明到派出所办理，当天办完。" in page
    assert "已答复" in page


@pytest.mark.requirement("004-10")
async def test_there_are_exactly_four_grades_once_it_is_closed_and_one_rating_only(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("visited")
    page = f"/track/{receipt.number}"
    assert 'name="grade"' not in await opened(client, receipt)
    early = await house.post(client, f"{page}/rating", {"grade": "satisfied"}, page=page)
    assert early.status_code == 409
    await b.act("callback", receipt.number, verbs.close)
    shown = await house.get(client, page)
    assert shown.count('name="grade"') == 4
    assert all(word in shown for word in ("满意", "基本满意", "一般", "不满意", "没解决", "太慢"))
    assert (await one("SELECT final_grade FROM request WHERE receipt_no = $1", receipt.number))["final_grade"] is None
    wrong = await house.post(client, f"{page}/rating", {"grade": "excellent"}, page=page)
    assert wrong.status_code == 422
    none = await house.post(client, f"{page}/rating", {}, page=page)
    assert "还没选评价" in none.text
    rated = await house.post(
        client, f"{page}/rating", {"grade": "dissatisfied", "why": ["slow", "manner"], "words": "等了很久。"}, page=page
    )
    assert rated.status_code == 303
    second = await house.post(client, f"{page}/rating", {"grade": "satisfied"}, page=page)
    assert second.status_code == 409
    assert "已经评价过了，谢谢" in second.text
    kept = await one(
        "SELECT grade, channel, count(*) OVER () AS n FROM rating "
        "WHERE request_id = (SELECT id FROM request WHERE receipt_no = $1)",
        receipt.number,
    )
    assert kept == {"grade": "dissatisfied", "channel": "web", "n": 1}
    assert "您的评价：<strong>不满意" in await house.get(client, page)


@pytest.mark.requirement("004-11")
async def test_a_rating_writes_its_supervision_record_in_the_same_transaction_and_never_twice(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = await b.a_case("closed")
    page = f"/track/{receipt.number}"
    await opened(client, receipt)
    records = (
        "SELECT count(*) AS n FROM supervision_record s JOIN request r ON r.case_id = s.case_id "
        "WHERE r.receipt_no = $1 AND s.cause = 'rating'"
    )

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("hotline.work._update", broken)
        failed = await client.post(
            f"{page}/rating", data={"grade": "satisfied", "_token": await house.token(client, page)}
        )
        assert failed.status_code == 500
    assert (await one(records, receipt.number))["n"] == 0
    assert (
        await one(
            "SELECT count(*) AS n FROM rating WHERE request_id = (SELECT id FROM request WHERE receipt_no = $1)",
            receipt.number,
        )
    )["n"] == 0
    for _ in range(2):
        await house.post(client, f"{page}/rating", {"grade": "satisfied"}, page=page)
    row = await one(
        "SELECT s.cause, s.grade, s.unit, s.cause_id = x.id AS is_same, count(*) OVER () AS n "
        "FROM supervision_record s "
        "JOIN request r ON r.case_id = s.case_id JOIN rating x ON x.request_id = r.id "
        "WHERE r.receipt_no = $1 AND s.cause = 'rating'",
        receipt.number,
    )
    assert row == {"cause": "rating", "grade": "satisfied", "unit": "130403", "is_same": True, "n": 1}


async def test_an_anonymous_message_can_be_followed_but_not_rated(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback", phone="", name="", reply_by="none", is_anonymous=True)
    await b.act("callback", receipt.number, verbs.close)
    page = await opened(client, receipt)
    assert "已办结" in page
    assert 'name="grade"' not in page
    refused = await house.post(
        client, f"/track/{receipt.number}/rating", {"grade": "satisfied"}, page=f"/track/{receipt.number}"
    )
    assert refused.status_code == 409


@pytest.mark.requirement("001-02")
async def test_a_suggestion_ends_adopted_or_not_with_the_reason_that_its_author_reads(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed", kind="suggestion", words="建议在和平路口加一盏路灯。")
    await b.act("congtai", receipt.number, verbs.contact, b.lead, way="phone")
    result = {**b.HANDLED, "result": "suggestion_not_adopted", "reply": "路口照度已达标准。"}
    await b.act("congtai", receipt.number, verbs.handle, b.lead, reason="相邻两灯间距 25 米，符合标准。", **result)
    await b.act("audit", receipt.number, verbs.approve)
    page = await opened(client, receipt)
    assert "这次没有采纳" in page
    assert "相邻两灯间距 25 米，符合标准。" in page


async def test_a_declined_message_says_where_to_turn(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt()
    await b.act(
        "agent",
        receipt.number,
        verbs.decline,
        reason="statutory_channel",
        channel="向法院起诉",
        reply="合同纠纷由法院处理。",
    )
    page = await opened(client, receipt)
    assert "不予受理" in page
    assert "合同纠纷由法院处理。" in page
    assert "向法院起诉" in page


async def test_the_time_to_rate_ends_thirty_days_after_closing(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("closed")
    assert 'name="grade"' in await opened(client, receipt)
    with clock.at(clock.now() + timedelta(days=31)):
        assert 'name="grade"' not in await opened(client, receipt)
        page = f"/track/{receipt.number}"
        assert (await house.post(client, f"{page}/rating", {"grade": "satisfied"}, page=page)).status_code == 409


async def test_another_s_number_or_code_rates_nothing(client: httpx.AsyncClient) -> None:
    mine, theirs = await b.a_case("closed"), await b.a_case("closed", phone="13800000002")
    await opened(client, mine)
    here = f"/track/{mine.number}"
    foreign = await house.post(client, f"/track/{theirs.number}/rating", {"grade": "dissatisfied"}, page=here)
    assert foreign.status_code == 404
    assert (await look(client, theirs.number, mine.code)).status_code == 422
    row = await one("SELECT rated_at FROM request WHERE receipt_no = $1", theirs.number)
    assert row["rated_at"] is None


async def test_pages_with_words_or_codes_are_kept_in_no_cache(client: httpx.AsyncClient) -> None:
    from tests.web.test_citizen import answered

    receipt = await b.a_case("dispatched")
    await opened(client, receipt)
    await answered(client)
    for path in (f"/track/{receipt.number}", "/ask/what", "/ask/check"):
        assert (await client.get(path)).headers["cache-control"] == "no-store", path


async def test_leaving_closes_the_page_on_a_shared_phone(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    await opened(client, receipt)
    await house.post(client, f"/track/{receipt.number}/leave", page=f"/track/{receipt.number}")
    assert (await client.get(f"/track/{receipt.number}")).headers["location"] == "/track"


def test_every_state_fits_the_five_characters_of_a_wechat_template() -> None:
    assert all(len(say.zh) <= 5 for say in track.STATES.values())
    assert {say.zh for say in track.STATES.values()} == {
        "已收到", "办理中", "待您补充", "列入计划", "不予受理", "已转接", "已答复", "已办结", "已撤回",
    }  # fmt: skip


async def test_a_returned_case_still_reads_in_progress(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    await b.act("congtai", receipt.number, verbs.ask_return, b.lead, ground="function", basis="三定方案")
    await b.act("dispatcher", receipt.number, verbs.approve_return, lambda file: next(iter(file.assignments.values())))
    page = await opened(client, receipt)
    assert "办理中" in page
    assert "退回" not in page


async def test_counting_back_never_goes_below_nothing(database: object) -> None:
    await tries.give_back("lookup.address", "10.0.0.1")
    for _ in range(5):
        await tries.count("lookup.address", "10.0.0.1", limit=5, pause=timedelta(hours=1))
