"""The case page through HTTP: each role sees what is theirs, does what is possible, and is told why not."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from cases import verbs
from hotline import db
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio

RESULT = {
    "result": "resolved",
    "note": "更换灯头两只。",
    "reply": "路灯已修好并试亮。",
    "is_substantiated": "yes",
    "has_contacted": "yes",
    "is_solved": "yes",
}


def the_unit(client: httpx.AsyncClient, unit: str = "130403") -> Any:
    """A handler of the unit is signed in."""
    return house.signed_in(client, "unit_handler", unit=unit, jurisdiction="")


async def state_of(number: str) -> str:
    """The state of the case."""
    async with db.reading() as connection:
        return str(await connection.fetchval("SELECT state FROM cases WHERE number = $1", number))


async def act(client: httpx.AsyncClient, number: str, slug: str, **given: Any) -> httpx.Response:
    """Post an act's form as the open case page shows it."""
    page = (await client.get(f"/cases/{number}")).text
    seq = re.search(r'name="seq" value="(\d+)"', page)
    return await house.post(
        client, f"/cases/{number}/{slug}", {"seq": seq[1] if seq else "", **given}, page=f"/cases/{number}"
    )


async def test_another_units_case_does_not_exist_for_this_one(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    async with the_unit(client, "130404"):
        await house.get(client, f"/cases/{receipt.number}", status=404)
        await house.get(client, f"/cases/{receipt.number}/print", status=404)
        answer = await house.post(client, f"/cases/{receipt.number}/sign-off", {})
    assert answer.status_code == 404
    assert await state_of(receipt.number) == "active"


@pytest.mark.requirement("004-46")
@pytest.mark.requirement("004-51")
async def test_the_unit_signs_contacts_and_submits_and_its_done_is_not_the_end(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    async with the_unit(client):
        assert (await act(client, receipt.number, "sign-off")).status_code == 303
        assert (await act(client, receipt.number, "contact", way="phone", said="约了明天。")).status_code == 303
        assert (await act(client, receipt.number, "result", **RESULT)).status_code == 303
        page = await house.get(client, f"/cases/{receipt.number}")
    assert await state_of(receipt.number) == "active"
    assert "已提交办结" in page


async def test_a_result_without_reply_comes_back_filled_with_422(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed")
    async with the_unit(client):
        answer = await act(client, receipt.number, "result", **{**RESULT, "reply": ""})
    assert answer.status_code == 422
    assert "更换灯头两只。" in answer.text
    assert "还没写答复市民的话" in answer.text
    assert 'href="#f-reply"' in answer.text


async def test_a_reply_with_somebodys_number_or_the_internal_note_in_it_is_asked_about_first(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed")
    async with the_unit(client):
        bad = {**RESULT, "reply": "请联系电工老刘 13812345678。"}
        answer = await act(client, receipt.number, "result", **bad)
        assert answer.status_code == 422
        assert "13812345678”，像是个人信息" in answer.text
        same = {
            **RESULT,
            "note": "经查系线路老化，已更换电缆三十米。",
            "reply": "已更换电缆三十米。经查系线路老化，已更换电缆三十米。",
        }
        answer = await act(client, receipt.number, "result", **same)
        assert answer.status_code == 422
        assert "与内部办理情况相同" in answer.text
        assert (await act(client, receipt.number, "result", **bad, is_checked="yes")).status_code == 303


async def test_an_impossible_move_is_a_409_that_says_why_and_keeps_what_was_written(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    async with the_unit(client):
        answer = await act(client, receipt.number, "result", **RESULT)  # not acknowledged yet
    assert answer.status_code == 409
    assert "待签收" in answer.text
    assert "更换灯头两只。" in answer.text


async def test_of_two_people_who_act_at_once_one_wins_and_the_other_is_told_what_changed(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed")
    async with the_unit(client):
        page = await house.get(client, f"/cases/{receipt.number}?act=result")
        seq = re.search(r'name="seq" value="(\d+)"', page)
        assert seq
        await b.act("congtai", receipt.number, verbs.contact, b.lead, way="visit")  # a colleague is faster
        late = {"seq": seq[1], **RESULT}
        answer = await house.post(client, f"/cases/{receipt.number}/result", late, page=f"/cases/{receipt.number}")
        assert answer.status_code == 409
        assert "卫东" in answer.text
        assert "联系了诉求人" in answer.text
        assert "更换灯头两只。" in answer.text
        now = re.search(r'name="seq" value="(\d+)"', answer.text)
        assert now
        again = await house.post(
            client, f"/cases/{receipt.number}/result", {**late, "seq": now[1]}, page=f"/cases/{receipt.number}"
        )
    assert again.status_code == 303


@pytest.mark.requirement("000-08")
async def test_a_unit_gets_nothing_of_a_reports_source_anywhere_in_the_page(client: httpx.AsyncClient) -> None:
    words = "厂长赵四半夜往滏阳河排污，我住对面三楼看见的。"
    receipt = await b.a_receipt(
        kind="report", words=words, place="滏阳河边三号楼", name="钱多多", phone="13700000088", county="130403"
    )
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        summary = {"matter": "050101", "county": "130403", "summary": "核查滏阳河一处排污口。", "urgency": "normal"}
        assert (await act(client, receipt.number, "acceptance", **summary)).status_code == 303
        assert (await act(client, receipt.number, "dispatch", unit="EEB")).status_code == 303
    async with the_unit(client, "EEB"):
        pages = [
            await house.get(client, f"/cases/{receipt.number}"),
            await house.get(client, f"/cases/{receipt.number}/print"),
            await house.get(client, f"/cases/{receipt.number}?act=contact"),
            await house.get(client, "/cases"),
        ]
        answer = await house.post(
            client, f"/cases/{receipt.number}/disclosure", {"request": str(receipt.message), "purpose": "contact"}
        )
    assert answer.status_code in (403, 422)
    for page in pages:
        for secret in ("赵四", "滏阳河边三号楼", "三楼看见", "钱", "1370", "0088"):
            assert secret not in page, secret
    assert "核查滏阳河一处排污口" in pages[0]
    assert "请经热线联系" in pages[0]


async def test_agents_never_see_the_internal_note(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("handled")
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}")
    assert b.HANDLED["reply"] in page
    assert b.HANDLED["note"] not in page
    async with house.signed_in(client, "auditor", unit="HOT"):
        assert b.HANDLED["note"] in await house.get(client, f"/cases/{receipt.number}")


async def test_name_and_number_are_masked_until_a_reason_is_given_and_that_is_logged(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed", name="王小明", phone="13800000099")
    async with house.signed_in(client, "unit_handler", unit="130403", name="李工") as handler:
        page = await house.get(client, f"/cases/{receipt.number}")
        assert "王**" in page
        assert "138****0099" in page
        assert "王小明" not in page
        request = re.search(r'name="request" value="([0-9a-f-]{36})"', page)
        assert request
        mute = await house.post(
            client, f"/cases/{receipt.number}/disclosure", {"request": request[1]}, page=f"/cases/{receipt.number}"
        )
        assert mute.status_code == 422
        told = await house.post(
            client,
            f"/cases/{receipt.number}/disclosure",
            {"request": request[1], "purpose": "contact"},
            page=f"/cases/{receipt.number}",
        )
    assert "13800000099" in told.text
    assert told.headers["refresh"].startswith("60;")
    async with db.reading() as connection:
        act_row = await connection.fetchrow(
            "SELECT subject, data FROM act WHERE kind = 'requester_seen' AND actor = $1", handler
        )
    assert act_row["subject"] == f"case:{receipt.number}"
    assert '"purpose":"contact"' in act_row["data"]
    assert "1380" not in act_row["data"]


@pytest.mark.requirement("001-06")
@pytest.mark.requirement("002-12")
async def test_the_agent_who_accepted_never_closes_a_dispatched_case(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback")
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}")
        assert "/closure" not in page
        answer = await house.post(client, f"/cases/{receipt.number}/closure", {})
    assert answer.status_code == 403


async def test_it_cannot_be_closed_before_the_visit_and_the_page_says_so(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback")
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}")
        assert f"不能结案：须先回访 {receipt.number}" in page
        assert 'id="do-close"' not in page
        answer = await act(client, receipt.number, "closure")
        assert answer.status_code == 409
        asked = {
            "outcome": "reached",
            "was_contacted": "yes",
            "is_solved": "yes",
            "is_truthful": "yes",
            "grade": "satisfied",
        }
        page = await house.get(client, f"/cases/{receipt.number}")
        request = re.search(r'name="request" value="([0-9a-f-]{36})"', page)
        assert request
        assert (await act(client, receipt.number, "visits", request=request[1], **asked)).status_code == 303
        assert (await act(client, receipt.number, "closure")).status_code == 303
    assert await state_of(receipt.number) == "closed"


async def test_unsolved_goes_back_to_the_unit_at_fault(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback")
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}")
        request = re.search(r'name="request" value="([0-9a-f-]{36})"', page)
        assert request
        asked = {
            "outcome": "reached",
            "was_contacted": "yes",
            "is_solved": "no",
            "is_truthful": "no",
            "grade": "dissatisfied", "cause": "unsolved",
        }
        await act(client, receipt.number, "visits", request=request[1], **asked)
        page = await house.get(client, f"/cases/{receipt.number}")
        share = re.search(r'name="assignment"[^>]*>\s*<option value="([0-9a-f-]{36})"', page)
        assert share
        done = await act(
            client, receipt.number, "rework", request=request[1], assignment=share[1], reason="灯还是不亮。"
        )
        assert done.status_code == 303
        page = await house.get(client, f"/cases/{receipt.number}")
    assert await state_of(receipt.number) == "rework"
    assert "办理（第 2 次）" in page


async def test_the_dispatcher_sees_the_catalogues_unit_and_redispatches_in_one_step(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}?act=recall")
        share = re.search(r'<option value="([0-9a-f-]{36})"', page)
        assert share
        done = await act(client, receipt.number, "recall", assignment=share[1], unit="CGB", reason="市管路段。")
    assert done.status_code == 303
    async with db.reading() as connection:
        lead = await connection.fetchval("SELECT lead_unit FROM cases WHERE number = $1", receipt.number)
    assert lead == "CGB"


async def test_a_county_office_gives_work_to_its_own_county_only(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt(kind="report", county="130403", matter="020201")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        given = {"matter": "020201", "county": "130403", "urgency": "normal", "summary": "核查路灯。"}
        await act(client, receipt.number, "acceptance", **given)
    async with house.signed_in(client, "county_office", unit="130403", jurisdiction="130403"):
        await house.get(client, f"/cases/{receipt.number}", status=404)  # sealed: not for every county office
    receipt = await b.a_case("dispatched")
    async with house.signed_in(client, "county_office", unit="130403", jurisdiction="130403"):
        page = await house.get(client, f"/cases/{receipt.number}?act=co_handler")
        assert 'value="CGB"' not in page
        answer = await act(client, receipt.number, "co-handlers", unit="CGB")
        assert answer.status_code == 422
        assert "县区只能派给本县区的单位" in answer.text


async def test_a_return_is_asked_refused_and_the_clock_ran_on(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched", matter="020101")
    async with the_unit(client):
        asked = await act(client, receipt.number, "return", ground="function", basis="三定方案第二条", suggested="CGB")
        assert asked.status_code == 303
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}")
        assert "三定方案第二条" in page
        share = re.search(r'name="assignment" value="([0-9a-f-]{36})"', page)
        assert share
        mute = await act(client, receipt.number, "return-decision", assignment=share[1], decision="refuse")
        assert mute.status_code == 422
        done = await act(
            client, receipt.number, "return-decision", assignment=share[1], decision="refuse", reason="属地管理。"
        )
        assert done.status_code == 303


async def test_a_waiting_case_is_accepted_from_its_page(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt(county="", place="", words="丛台区和平路的路灯三天不亮")
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}")
        assert 'id="do-accept"' in page
        mute = await act(client, receipt.number, "acceptance", county="130403")
        assert mute.status_code == 422
        assert "请选一个事项" in mute.text
        done = await act(client, receipt.number, "acceptance", matter="020201", county="130403", urgency="normal")
        assert done.status_code == 303
    assert await state_of(receipt.number) == "active"


@pytest.mark.requirement("003-08")
async def test_declining_without_a_reason_is_refused_on_the_case_page_too(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt()
    async with house.signed_in(client, "agent", unit="HOT"):
        mute = await act(client, receipt.number, "decline", channel="信访", reply="请走信访。")
        assert mute.status_code == 422
        assert "请选不予受理的理由" in mute.text
        assert "请走信访。" in mute.text
    assert await state_of(receipt.number) == "registered"


async def test_the_requester_urges_once_a_day_and_a_second_time_is_told_so(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}")
        request = re.search(r'name="request" value="([0-9a-f-]{36})"', page)
        assert request
        assert (await act(client, receipt.number, "urging", request=request[1])).status_code == 303
        again = await act(client, receipt.number, "urging", request=request[1])
        assert again.status_code == 409
        assert "已经催过了" in again.text


async def test_every_deadline_leads_to_its_picture(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched", matter="020101")
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, f"/cases/{receipt.number}")
        links = set(re.findall(rf"/cases/{receipt.number}/clocks/[0-9a-f-]{{36}}", page))
        assert links
        for link in links:
            why = await house.get(client, link)
            assert "为何" in why
    async with the_unit(client, "130404"):
        await house.get(client, next(iter(links)), status=404)


async def test_supervision_reminds_and_orders_and_the_unit_answers_the_order(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, f"/cases/{receipt.number}?act=remind")
        share = re.search(r'name="assignment" value="([0-9a-f-]{36})"', page)
        assert share
        assert (await act(client, receipt.number, "reminder", assignment=share[1], words="请抓紧。")).status_code == 303
        assert (
            await act(client, receipt.number, "supervision-order", assignment=share[1], rule="repeat")
        ).status_code == 303
    async with the_unit(client):
        page = await house.get(client, f"/cases/{receipt.number}?act=order_reply")
        order = re.search(r"督办〔\d{4}〕\d+号", page)
        assert order
        done = await act(client, receipt.number, "order-reply", order=order[0], reply="已安排今晚抢修。")
        assert done.status_code == 303


async def test_personal_data_are_erased_only_by_who_may_and_only_after_the_end(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("closed")
    async with house.signed_in(client, "coordination", unit="GOV"):
        unsure = await act(client, receipt.number, "erasure", rule="request")
        assert unsure.status_code == 422
        done = await act(client, receipt.number, "erasure", rule="request", is_sure="yes")
        assert done.status_code == 303
        assert b.WORDS not in await house.get(client, f"/cases/{receipt.number}")


async def test_a_file_opens_only_through_a_case_that_one_may_see(client: httpx.AsyncClient) -> None:
    from tests.web.test_desk import _png, a_call

    async with house.signed_in(client, "agent", unit="HOT"):
        good = [("photos", ("路灯.png", _png(), "image/png"))]
        answer = await house.post(client, "/desk", a_call(), page="/desk", files=good)
        number = answer.headers["location"].rpartition("/")[2]
        page = await house.get(client, f"/cases/{number}")
        link = re.search(r"/files/[0-9a-f-]{36}", page)
        assert link
        got = await client.get(link[0])
        assert got.status_code == 200
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-disposition"].startswith("inline; filename*=UTF-8''")
        assert got.headers["content-type"] == "image/png"
    async with the_unit(client, "130404"):
        assert (await client.get(link[0])).status_code == 404
    async with the_unit(client, "130403"):
        assert (await client.get(link[0])).status_code == 200


async def test_an_act_opens_as_a_fragment_and_a_refused_one_lands_in_its_place(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed")
    async with the_unit(client):
        opened = await house.htmx(client, f"/cases/{receipt.number}?act=return", "r-act")
        assert opened.lstrip().startswith('<div id="r-act"')
        assert 'name="basis"' in opened
        answer = await house.post(
            client, f"/cases/{receipt.number}/return", {}, page=f"/cases/{receipt.number}", is_htmx=True
        )
    assert answer.status_code == 422
    assert answer.headers["hx-retarget"] == "#r-act"


@pytest.mark.parametrize(
    "role", ["agent", "dispatcher", "auditor", "callback", "supervisor", "coordination", "publication"]
)
@pytest.mark.parametrize("stage", ["registered", "dispatched", "signed", "handled", "callback", "closed"])
async def test_every_role_reads_every_stage_in_both_languages(client: httpx.AsyncClient, role: str, stage: str) -> None:
    change = {"county": "", "place": "", "matter": ""} if stage == "registered" else {}
    receipt = await b.a_case(stage, **change)
    async with house.signed_in(client, role, unit="HOT"):
        await house.get(client, f"/cases/{receipt.number}?lang=zh")
        page = await house.get(client, f"/cases/{receipt.number}?lang=en")
        for code in re.findall(r'id="act-(\w+)"', page):
            await house.get(client, f"/cases/{receipt.number}?act={code}&lang=zh")
        await house.get(client, f"/cases/{receipt.number}/print")
