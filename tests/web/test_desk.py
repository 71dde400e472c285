"""The agent's desk through HTTP: what is said becomes a case, and whatever is missing gives the form back filled."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from hotline import db
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio


def a_call(**change: Any) -> dict[str, Any]:
    """A whole call: a street light in 丛台区, accepted."""
    given = {
        "_once": uuid4().hex,
        "draft": str(uuid4()),
        "words": b.WORDS,
        "line": "12345",
        "channel": "phone",
        "kind": "assistance",
        "urgency": "normal",
        "matter": "020201",
        "county": "130403",
        "place": "和平路",
        "name": "王小明",
        "phone": "138 0000 0077",
        "outcome": "accept",
    }
    return {**given, **change}


async def said(client: httpx.AsyncClient, **change: Any) -> tuple[str, str]:
    """A call that is taken: its number and code, from the receipt page."""
    answer = await house.post(client, "/desk", a_call(**change), page="/desk")
    assert answer.status_code == 303, answer.text[:3000]
    page = await house.get(client, answer.headers["location"])
    number = re.search(r'id="number">([\d-]+)<', page)
    code = re.search(r'id="code">(\d{6})<', page)
    assert number
    assert code
    return number[1], code[1]


async def row(number: str) -> Any:
    """The case row."""
    async with db.reading() as connection:
        return await connection.fetchrow("SELECT * FROM cases WHERE number = $1", number)


async def test_the_cursor_stands_in_the_words_and_every_line_is_offered(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await house.get(client, "/desk")
    assert re.search(r'<textarea id="f-words"[^>]* autofocus', page)
    assert page.count('<option value="12') >= 22
    assert "您好，这里是邯郸市12345政务服务便民热线，请讲。" in page


@pytest.mark.requirement("004-01")
async def test_a_call_is_accepted_dispatched_and_read_out_with_number_and_code(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT") as agent:
        number, code = await said(client)
        page = await house.get(client, f"/desk/receipts/{number}")
    case = await row(number)
    assert (case["state"], case["lead_unit"], case["accepted_by"]) == ("active", "130403", agent)
    assert code in page
    assert "丛台区人民政府" in page
    assert "短信" in page


async def test_the_same_form_sent_twice_makes_one_case(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        call = a_call()
        first = await house.post(client, "/desk", call, page="/desk")
        second = await house.post(client, "/desk", call, page="/desk")
    assert first.headers["location"] == second.headers["location"]


@pytest.mark.requirement("003-08")
async def test_declining_without_reason_channel_and_sentence_gives_the_form_back_filled(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, "/desk", a_call(outcome="decline"), page="/desk")
        assert answer.status_code == 422
        assert b.WORDS in answer.text
        assert "请选不予受理的理由" in answer.text or "请写明该走哪条途径" in answer.text
        number, _ = await said(
            client, outcome="decline", decline_reason="statutory_channel", decline_channel="劳动仲裁",
            decline_reply="劳动争议请到劳动人事争议仲裁院申请仲裁。",
        )  # fmt: skip
    assert (await row(number))["state"] == "declined"


@pytest.mark.requirement("004-03")
async def test_an_emergency_is_transferred_at_once_and_is_never_in_the_queue(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        number, _ = await said(client, words="", matter="", county="", emergency="110")
        queue = await house.get(client, "/cases?sort=new")
    case = await row(number)
    assert (case["state"], case["is_open"]) == ("transferred", False)
    async with db.reading() as connection:
        event = await connection.fetchrow(
            "SELECT data FROM case_event WHERE case_id = $1 AND kind = 'transferred'", case["id"]
        )
    assert '"target":"110"' in event["data"]
    assert number not in queue


async def test_an_enquiry_may_be_answered_at_once_but_not_without_words(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, "/desk", a_call(kind="enquiry", outcome="answer"), page="/desk")
        assert answer.status_code == 422
        assert "还没写答复市民的话" in answer.text
        number, _ = await said(client, kind="enquiry", outcome="answer", reply_text="公积金可在线上提取。")
    assert (await row(number))["state"] == "answered"


@pytest.mark.requirement("000-08")
async def test_a_report_needs_a_summary_and_goes_to_a_person_not_to_a_unit(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, "/desk", a_call(kind="report"), page="/desk")
        assert answer.status_code == 422
        assert "转述" in answer.text
        number, _ = await said(client, kind="report", summary="查一处非法排污口。")
    case = await row(number)
    assert (case["state"], case["title"], case["lead_unit"]) == ("accepted", "举报件", None)


@pytest.mark.requirement("004-07")
async def test_a_call_without_a_type_is_not_taken(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, "/desk", a_call(kind="whatever"), page="/desk")
    assert answer.status_code == 422
    assert 'id="e-kind"' in answer.text


async def test_without_place_it_is_refused_until_somebody_says_why(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        words = "路灯三天不亮，晚上看不清。"
        answer = await house.post(client, "/desk", a_call(words=words, county="", place=""), page="/desk")
        assert answer.status_code == 422
        assert "还没写在哪里" in answer.text
        number, _ = await said(client, words=words, county="", place="", no_place="说不清路名")
    assert (await row(number))["county"] == "city"


async def test_matters_are_found_by_initials_words_and_code_and_the_place_in_the_words(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        for typed in ("ldbl", "路灯", "020201"):
            answer = await house.post(client, "/desk/proposals", {"matter_q": typed}, page="/desk", is_htmx=True)
            assert 'value="020201"' in answer.text, typed
        answer = await house.post(
            client, "/desk/proposals", {"words": "丛台区和平路的路灯不亮"}, page="/desk", is_htmx=True
        )
        assert 'value="020201"' in answer.text
        assert 'value="130403/"' in answer.text


async def test_without_javascript_looking_up_gives_the_proposals_as_radios(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, "/desk", a_call(matter="", matter_q="路灯", look="yes"), page="/desk")
    assert answer.status_code == 200
    assert 'value="020201"' in answer.text
    assert b.WORDS in answer.text
    assert "丛台区人民政府" in answer.text  # where it would go


async def test_unit_and_due_date_are_shown_before_submitting(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, "/desk/preview", a_call(), page="/desk", is_htmx=True)
        sealed = await house.post(client, "/desk/preview", a_call(kind="report"), page="/desk", is_htmx=True)
        typed = await house.post(client, "/desk/proposals", a_call(), page="/desk", is_htmx=True)
    assert "将派 丛台区人民政府" in answer.text
    assert "UTIL24H" in answer.text
    assert re.search(r'id="r-preview" hx-swap-oob.*将派 丛台区人民政府', typed.text, re.DOTALL)
    assert "人工派单" in sealed.text


async def test_a_number_shows_its_cases_but_never_reports_or_confidential_ones(client: httpx.AsyncClient) -> None:
    phone = "13900000123"
    plain = await b.a_receipt(phone=phone, matter="020201")
    report = await b.a_receipt(phone=phone, kind="report")
    secret = await b.a_receipt(phone=phone, is_confidential=True)
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, "/desk/history", {"phone": "139-0000-0123"}, page="/desk", is_htmx=True)
    assert plain.number in answer.text
    assert report.number not in answer.text
    assert secret.number not in answer.text
    assert "1 件" in answer.text


async def test_a_draft_is_kept_comes_back_on_reload_and_is_nobody_elses(client: httpx.AsyncClient) -> None:
    draft = str(uuid4())
    async with house.signed_in(client, "agent", unit="HOT"):
        saved = await house.post(
            client, "/desk/drafts", a_call(draft=draft, words="写了一半"), page="/desk", is_htmx=True
        )
        assert saved.headers["hx-replace-url"] == f"/desk?draft={draft}"
        page = await house.get(client, f"/desk?draft={draft}")
        assert "写了一半" in page
        assert "写了一半" in await house.get(client, "/desk/mine")
    async with db.reading() as connection:
        body = await connection.fetchval("SELECT body FROM draft")
    assert "写了一半".encode() not in body
    async with house.signed_in(client, "agent", unit="HOT"):
        assert "写了一半" not in await house.get(client, f"/desk?draft={draft}")
        other = await house.post(client, "/desk/drafts", a_call(draft=draft, words="抢写"), page="/desk", is_htmx=True)
        assert other.status_code == 404


async def test_a_settled_call_leaves_no_draft_and_stands_in_my_list(client: httpx.AsyncClient) -> None:
    draft = str(uuid4())
    async with house.signed_in(client, "agent", unit="HOT"):
        await house.post(client, "/desk/drafts", a_call(draft=draft), page="/desk", is_htmx=True)
        number, code = await said(client, draft=draft)
        late = await house.post(client, "/desk/drafts", a_call(draft=draft), page="/desk", is_htmx=True)
        assert late.status_code == 404  # the last automatic save arrives after the call is settled
        mine = await house.get(client, "/desk/mine")
        assert number in mine
        assert draft not in mine
    async with house.signed_in(client, "agent", unit="HOT"):
        await house.get(client, f"/desk/receipts/{number}", status=404)
        assert number not in await house.get(client, "/desk/mine")
        assert code not in await house.get(client, f"/cases/{number}")


async def test_a_disguised_file_is_refused_by_name_and_a_photo_goes_with_the_case(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        bad = [("photos", ("病毒.jpg", b"MZ\x90\x00 not a picture at all", "image/jpeg"))]
        answer = await house.post(client, "/desk", a_call(), page="/desk", files=bad)
        assert answer.status_code == 422
        assert "病毒.jpg" in answer.text
        assert b.WORDS in answer.text
        good = [("photos", ("路灯.png", _png(), "image/png"))]
        answer = await house.post(client, "/desk", a_call(), page="/desk", files=good)
        assert answer.status_code == 303
        number = answer.headers["location"].rpartition("/")[2]
    async with db.reading() as connection:
        name = await connection.fetchval(
            "SELECT name FROM attachment a JOIN cases c ON c.id = a.case_id WHERE c.number = $1", number
        )
    assert name == "路灯.png"


async def test_when_the_case_cannot_be_made_at_once_the_number_is_given_all_the_same(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from channels import intake

    async def fails(message: object) -> bool:
        return False

    async with house.signed_in(client, "agent", unit="HOT"):
        with monkeypatch.context() as patch:
            patch.setattr(intake, "make_one", fails)
            number, code = await said(client)
        assert await row(number) is None
        page = await house.get(client, f"/desk/receipts/{number}")
        assert f"您的来件已收到，编号 {number}，查询码 {code}" in page
        await intake.make_all()
        assert (await row(number))["state"] == "active"


async def test_receipts_and_forgotten_drafts_do_not_stay(client: httpx.AsyncClient) -> None:
    from datetime import timedelta

    from hotline import clock, unfinished

    draft = str(uuid4())
    async with house.signed_in(client, "agent", unit="HOT"):
        await house.post(client, "/desk/drafts", a_call(draft=draft), page="/desk", is_htmx=True)
        number, code = await said(client)
        with clock.at(clock.now() + timedelta(hours=2)):
            assert await unfinished.sweep() >= 1
        assert code not in await house.get(client, f"/desk/receipts/{number}")
        assert draft in await house.get(client, "/desk/mine")
        with clock.at(clock.now() + timedelta(days=31)):
            assert await unfinished.sweep() >= 1
        assert draft not in await house.get(client, "/desk/mine")


async def test_somebody_who_takes_no_calls_has_no_desk(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        await house.get(client, "/desk", status=403)


async def test_the_desk_speaks_english_too(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await house.get(client, "/desk?lang=en")
        assert "What was said" in page
        await house.get(client, "/desk?lang=zh")


def _png() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), "orange").save(out, "PNG")
    return out.getvalue()
