"""The citizen's pages through HTTP: six kinds, one question a page, one message, a receipt; no sign-in, no script."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Mapping

import httpx
import pytest
from PIL import Image

from cases import verbs
from channels import acknowledge, drafts, intake
from hotline import city, clock, db, files, jobs
from tests import accounts as citizens
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio
ANSWERS: dict[str, dict[str, object]] = {
    "kind": {"kind": "assistance"},
    "what": {"words": b.WORDS},
    "where": {"place": "和平路与陵西大街口", "county": "130403"},
    "street": {"township": ""},
    "matter": {"matter": "", "other": ""},
    "known": {"follow": "none"},
    "reach": {"reach": "sms", "phone": "138 0000 0001", "name": "王小明"},
}


async def answered(
    client: httpx.AsyncClient, change: Mapping[str, Mapping[str, object]] | None = None, *, last: str = "check"
) -> str:
    """Answer question after question as the pages come, until ``last``; returns the last page's address."""
    given = {**ANSWERS, **(change or {})}
    answer = await house.post(client, "/ask", given["kind"], page="/ask")
    while answer.status_code == 303:
        path = answer.headers["location"]
        if path == f"/ask/{last}":
            return path
        answer = await house.post(client, path, given[path.rpartition("/")[2]], page=path)
    raise AssertionError((answer.status_code, answer.text[:2000]))


async def sent(client: httpx.AsyncClient, change: Mapping[str, Mapping[str, object]] | None = None) -> tuple[str, str]:
    """A whole submission; number and query code from the receipt."""
    await answered(client, change)
    answer = await house.post(client, "/ask/send", page="/ask/check")
    assert answer.headers.get("location") == "/ask/sent", answer.text[:2000]
    page = await house.get(client, "/ask/sent")
    number = re.search(r'id="number">([0-9-]+)<', page)
    code = re.search(r'id="code">(\d{6})<', page)
    assert number, page
    assert code, page
    return number[1], code[1]


async def fetch(sql: str, *args: object) -> list[dict[str, object]]:
    """Rows of the database, for looking at what a page did."""
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


@pytest.mark.requirement("004-06")
async def test_a_message_from_the_web_gets_number_and_code_and_appears_in_the_same_queue(
    client: httpx.AsyncClient,
) -> None:
    number, code = await sent(client)
    assert len(code) == 6
    await intake.make_all()
    async with house.signed_in(client, "dispatcher"):
        assert number in await house.get(client, "/cases?q=" + number)
    row = (await fetch("SELECT kind, county, place, channel FROM cases WHERE number = $1", number))[0]
    assert row == {"kind": "assistance", "county": "130403", "place": "和平路与陵西大街口", "channel": "web"}


async def test_the_same_submission_sent_twice_makes_one_case_and_shows_one_receipt(client: httpx.AsyncClient) -> None:
    await answered(client)
    token = await house.token(client, "/ask/check")
    answers = await asyncio.gather(*(client.post("/ask/send", data={"_token": token, "_once": "x"}) for _ in range(3)))
    assert {a.headers["location"] for a in answers} == {"/ask/sent"}
    pages = [await house.get(client, "/ask/sent") for _ in range(2)]
    numbers = {re.search(r'id="number">([0-9-]+)<', page)[1] for page in pages}  # type: ignore[index]
    assert all('id="code">' in page for page in pages)
    assert len(numbers) == 1
    again = await client.post("/ask/send", data={"_token": token})
    assert again.headers["location"] == "/ask/sent"
    await intake.make_all()
    assert len(await fetch("SELECT 1 FROM request WHERE receipt_no = ANY($1)", list(numbers))) == 1


@pytest.mark.requirement("004-07")
async def test_the_kind_must_be_chosen_and_each_kind_goes_its_own_way(client: httpx.AsyncClient) -> None:
    missing = await house.post(client, "/ask", {}, page="/ask")
    assert missing.status_code == 422
    assert "还没选想做什么" in missing.text
    ways = {}
    for kind in ("enquiry", "assistance", "complaint", "report", "suggestion", "praise"):
        await house.post(client, "/ask/clear", page="/ask")
        answer = await house.post(client, "/ask", {"kind": kind}, page="/ask")
        ways[kind] = answer.headers["location"]
    assert ways["complaint"] == "/ask/verify", "nobody is signed in"
    assert ways["report"] == "/ask/about"
    assert ways["enquiry"] == ways["assistance"] == "/ask/what"


async def test_a_complaint_asks_whom_and_keeps_it_away_from_the_office_complained_about(
    client: httpx.AsyncClient,
) -> None:
    nobody = {"kind": {"kind": "complaint"}, "about": {"about_unit": "", "about": ""}}
    async with citizens.signed_in(client, await citizens.an_account(state="verified")):
        await house.post(client, "/ask", nobody["kind"], page="/ask")
        refused = await house.post(client, "/ask/about", nobody["about"], page="/ask/about")
        assert refused.status_code == 422
        assert "还没写投诉谁" in refused.text
        number, _ = await sent(
            client,
            {
                "kind": {"kind": "complaint"},
                "about": {"about_unit": "130403", "about": "窗口李某"},
                "matter": {"matter": "", "other": "020201"},
            },
        )
    await intake.make_all()
    row = (await fetch("SELECT about_unit, about_person FROM request WHERE receipt_no = $1", number))[0]
    assert row["about_unit"] == "130403"
    assert "李某".encode() not in bytes(row["about_person"])  # type: ignore[arg-type]
    assert city.current().lead_unit("020201", "130403") == "130403", "the catalogue would give it to that very office"
    await b.act("agent", number, verbs.accept, matter="020201", county="130403")
    case = (await fetch("SELECT state, lead_unit FROM cases WHERE number = $1", number))[0]
    assert case == {"state": "accepted", "lead_unit": None}


async def test_a_report_says_how_its_source_is_shielded_and_asks_whether_to_call_back(
    client: httpx.AsyncClient,
) -> None:
    report = {"kind": {"kind": "report"}, "about": {"about_unit": "", "about": "某工地"}}
    await answered(client, report, last="reach")
    page = await house.get(client, "/ask/reach")
    assert "能否回电" in page
    assert "举报自动保密" in page
    assert "每次有人查看都留记录" in page
    number, _ = await sent(client, report)
    assert "这件事保密" in await house.get(client, "/ask/sent")
    await intake.make_all()
    row = (await fetch("SELECT title, grams FROM cases WHERE number = $1", number))[0]
    assert row["title"] == "举报件"
    assert "路灯" not in str(row["grams"])


async def test_staying_anonymous_says_what_it_costs_and_keeps_no_number(client: httpx.AsyncClient) -> None:
    await answered(client, last="reach")
    assert "答复通知不到您，也不能评价" in await house.get(client, "/ask/reach")
    number, _ = await sent(client, {"reach": {"reach": "none", "phone": "13800000009", "name": "王小明"}})
    await intake.make_all()
    row = (await fetch("SELECT is_anonymous, phone, name, reply_by FROM request WHERE receipt_no = $1", number))[0]
    assert row == {"is_anonymous": True, "phone": None, "name": None, "reply_by": "none"}


async def test_back_keeps_everything_and_the_check_page_leads_to_each_question(client: httpx.AsyncClient) -> None:
    await answered(client)
    page = await house.get(client, "/ask/check")
    for step in ("what", "where", "matter", "reach"):
        assert f'href="/ask/{step}"' in page
    assert b.WORDS in await house.get(client, "/ask/what")
    assert "和平路与陵西大街口" in await house.get(client, "/ask/where")
    assert "138 0000 0001" in await house.get(client, "/ask/reach")
    assert "138 0000 0001" not in page
    changed = await house.post(client, "/ask/what", {"words": "路灯又不亮了。"}, page="/ask/what")
    assert changed.headers["location"] == "/ask/check"
    assert "路灯又不亮了。" in await house.get(client, "/ask/check")


async def test_no_personal_data_stands_in_addresses_cookies_or_the_draft_row(client: httpx.AsyncClient) -> None:
    await answered(client)
    kept = str(dict(client.cookies))
    rows = await fetch("SELECT body FROM web_draft")
    for secret in ("13800000001", "138 0000 0001", "王小明", "路灯"):
        assert secret not in kept
        assert all(secret.encode() not in bytes(row["body"]) for row in rows)  # type: ignore[call-overload]


async def test_once_sent_the_draft_holds_no_words_and_no_number(client: httpx.AsyncClient) -> None:
    await sent(client)
    draft = await drafts.load(client.cookies["hl_ask"])
    assert draft is not None
    assert (draft.words, draft.phone, draft.name, draft.place) == ("", "", "", "")


async def test_a_draft_lasts_a_day_and_then_asks_kindly_to_start_again(client: httpx.AsyncClient) -> None:
    await answered(client, last="reach")
    with clock.at(clock.now() + drafts.KEPT * 1.01):
        answer = await client.get("/ask/reach")
        assert answer.headers["location"] == "/ask"
        assert "只留一天" in await house.get(client, "/ask")
        async with db.atomic() as connection:
            assert await drafts.sweep(connection) >= 1
    assert not await fetch("SELECT 1 FROM web_draft")


async def test_wrong_answers_come_back_filled_in_with_the_sentence_beside_the_field(client: httpx.AsyncClient) -> None:
    await answered(client, last="reach")
    answer = await house.post(client, "/ask/reach", {"reach": "sms", "phone": "12", "name": "王"}, page="/ask/reach")
    assert answer.status_code == 422
    assert "号码位数不对" in answer.text
    assert 'value="12"' in answer.text
    await house.post(client, "/ask/clear", page="/ask")
    await answered(client, last="where")
    nowhere = await house.post(client, "/ask/where", {"county": "", "place": ""}, page="/ask/where")
    assert nowhere.status_code == 422
    assert "请选区县" in nowhere.text


async def test_a_question_asked_out_of_turn_leads_to_the_first_open_one(client: httpx.AsyncClient) -> None:
    assert (await client.get("/ask/reach")).headers["location"] == "/ask"
    await house.post(client, "/ask", {"kind": "enquiry"}, page="/ask")
    assert (await client.get("/ask/reach")).headers["location"] == "/ask/what"
    assert (await client.get("/ask/check")).headers["location"] == "/ask/what"
    assert (await client.get("/ask/no-such")).headers["location"] == "/ask"


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return out.getvalue()


async def test_a_photo_goes_along_and_a_disguised_file_is_refused_by_name_without_losing_the_words(
    client: httpx.AsyncClient,
) -> None:
    await answered(client, last="what")
    files_sent = [
        ("photos", ("灯.jpg", a_picture(), "image/jpeg")),
        ("photos", ("病毒.pdf", b"MZ\x90\x00" * 20, "application/pdf")),
    ]
    refused = await house.post(client, "/ask/what", {"words": b.WORDS}, page="/ask/what", files=files_sent)
    assert refused.status_code == 422
    assert "“病毒.pdf”" in refused.text
    assert b.WORDS in refused.text
    assert "灯.jpg" in refused.text
    answer = await house.post(client, "/ask/what", {"words": b.WORDS}, page="/ask/what")
    assert answer.headers["location"] == "/ask/where"
    number, code = await sent(client)
    await intake.make_all()
    rows = await fetch(
        "SELECT name, audience, case_id FROM attachment WHERE case_id IS NOT NULL AND subject_kind = 'request'"
    )
    assert [row["name"] for row in rows] == ["灯.jpg"]
    status = await house.get(client, f"/track/{number}")
    link = re.search(rf"/track/{number}/files/[0-9a-f-]+", status)
    assert link, code
    picture = await client.get(link[0])
    assert picture.status_code == 200
    assert picture.headers["content-disposition"].startswith("attachment")
    client.cookies.delete("hl_track")
    assert (await client.get(link[0])).status_code == 404


async def test_a_photo_can_be_taken_out_again(client: httpx.AsyncClient) -> None:
    await answered(client, last="what")
    await house.post(
        client,
        "/ask/what",
        {"words": b.WORDS},
        page="/ask/what",
        files=[("photos", ("a.jpg", a_picture(), "image/jpeg"))],
    )
    draft = await drafts.load(client.cookies["hl_ask"])
    assert draft is not None
    kept = draft.files[0].id
    assert files.path_of(kept).is_file()
    await house.post(client, "/ask/what", {"words": b.WORDS, "drop": str(kept)}, page="/ask/what")
    assert not files.path_of(kept).is_file()
    assert not await fetch("SELECT 1 FROM attachment WHERE id = $1", kept)


async def test_with_the_database_away_the_page_says_so_and_what_was_written_is_kept(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(client, last="where")

    async def away(*_: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(drafts, "save", away)
        answer = await house.post(
            client, "/ask/where", {"county": "130403", "place": "和平路与陵西大街口南"}, page="/ask/where"
        )
    assert answer.status_code == 503
    assert "内容还在" in answer.text
    assert "和平路与陵西大街口南" in answer.text
    assert 'action="/ask/where"' in answer.text
    await answered(client)
    with monkeypatch.context() as patch:
        patch.setattr(acknowledge, "acknowledge", away)
        assert (await house.post(client, "/ask/send", page="/ask/check")).status_code == 503
    assert (await house.post(client, "/ask/send", page="/ask/check")).headers["location"] == "/ask/sent"


async def test_with_valkey_away_a_message_is_taken_all_the_same(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(jobs, "client", away)
    number, _ = await sent(client)
    assert await intake.make_all() >= 1
    assert await fetch("SELECT 1 FROM request WHERE receipt_no = $1", number)


async def test_a_county_portal_presets_its_county_and_owns_a_case_without_a_place(client: httpx.AsyncClient) -> None:
    page = await house.get(client, "/county/130481")
    assert "武安市" in page
    assert 'href="/ask?county=130481"' in page
    await house.get(client, "/county/999999", status=404)
    await house.post(client, "/ask", {"kind": "enquiry", "county": "130481"}, page="/ask?county=130481")
    await house.post(client, "/ask/what", {"words": "新生儿怎么上户口？"}, page="/ask/what")
    where = await house.get(client, "/ask/where")
    assert '<option value="130481" selected' in where
    await house.post(client, "/ask/where", {"county": "", "place": ""}, page="/ask/where")
    await house.post(client, "/ask/matter", {"matter": "", "other": ""}, page="/ask/matter")
    await house.post(client, "/ask/reach", {"reach": "web"}, page="/ask/reach")
    await house.post(client, "/ask/send", page="/ask/check")
    await intake.make_all()
    assert (await fetch("SELECT county FROM cases ORDER BY opened_at DESC, number DESC LIMIT 1"))[0] == {
        "county": "130481"
    }


async def test_a_place_that_names_its_township_saves_the_question_about_it(client: httpx.AsyncClient) -> None:
    await answered(client, last="where")
    plain = await house.post(client, "/ask/where", {"county": "130403", "place": "和平路"}, page="/ask/where")
    assert plain.headers["location"] == "/ask/street"
    named = await house.post(
        client, "/ask/where", {"county": "130403", "place": "丛台区联纺东街道和平路"}, page="/ask/where"
    )
    assert named.headers["location"] in {"/ask/street", "/ask/matter"}


async def test_the_receipt_has_number_code_next_step_date_and_a_picture_to_keep(client: httpx.AsyncClient) -> None:
    number, code = await sent(client)
    page = await house.get(client, "/ask/sent")
    assert re.search(r'id="expected">\d+月\d+日（周.）<', page)
    assert "接下来" in page
    picture = await client.get("/ask/sent.png")
    assert picture.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(picture.content)).size == (720, 480)
    assert number in picture.headers["content-disposition"]
    with clock.at(clock.now() + drafts.KEPT / 40):
        assert (await client.get("/ask/sent")).headers["location"] == "/track"
        assert (await client.get("/ask/sent.png")).status_code == 404
    assert code


@pytest.mark.requirement("000-17")
async def test_the_first_page_says_what_the_service_is_and_is_not_for_its_lines_and_time_limits(
    client: httpx.AsyncClient,
) -> None:
    page = await house.get(client, "/")
    for text in (
        "有人身危险请拨",
        "我要反映",
        "查进度",
        "公示",
        "不管什么",
        "12388",
        "5 个工作日",
        "1 个工作日",
        "12319",
    ):
        assert text in page, text
    english = await house.get(client, "/?lang=en")
    assert "5 working days" in english
    assert "What it is not for" in english


async def test_every_page_opens_with_the_emergency_numbers_in_both_languages(client: httpx.AsyncClient) -> None:
    await answered(client)
    for path in (
        "/",
        "/ask",
        "/ask/what",
        "/ask/where",
        "/ask/matter",
        "/ask/reach",
        "/ask/check",
        "/track",
        "/notices",
    ):
        for lang in ("zh", "en"):
            page = await house.get(client, f"{path}?lang={lang}")
            head, _, _ = page.partition("<main")
            assert all(f'href="tel:{n}"' in head for n in (110, 119, 120, 122)), path
