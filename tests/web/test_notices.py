"""Notices through HTTP: drafted by the officer, checked, answered by the unit, approved by two, read by everybody."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import httpx
import msgspec
import pytest

from hotline import clock, db, settings
from tests import builders as b
from tests.web import house
from tests.web.noticing import TEXTS, a_draft, act, published, signed_in
from web.notices.feed import ATOM

pytestmark = pytest.mark.anyio


@pytest.mark.requirement("000-02")
async def test_a_notice_from_draft_to_verified_and_the_public_reads_each_stage(client: httpx.AsyncClient) -> None:
    page, public = await published(client)
    shown = await house.get(client, public)
    assert "丛台区人民政府" in shown
    assert "路灯报修后超过期限没有修好 &lt;b&gt;&amp;&lt;/b&gt;。" in shown
    assert "限期纠正中" in shown
    answer = await act(client, "unit", f"{page}/correction", {"text": "灯头两只已更换。"})
    assert answer.status_code == 303
    shown = await house.get(client, public)
    assert "已纠正待核实" in shown
    assert "灯头两只已更换" not in shown, "a correction is public only once it is verified"
    await act(client, "publisher", f"{page}/verification", {"text": "到现场看过，确已修好。"})
    shown = await house.get(client, public)
    assert "灯头两只已更换。" in shown
    assert "到现场看过，确已修好。" in shown
    await act(client, "publisher", f"{page}/archive")
    assert public not in await house.get(client, "/notices")
    assert public in await house.get(client, "/notices?state=archived")


@pytest.mark.requirement("000-02", "000-26")
async def test_what_is_published_never_tells_who_asked(client: httpx.AsyncClient) -> None:
    _, public = await published(client)
    pages = [await house.get(client, path) for path in (public, "/notices", "/notices?lang=en", "/")]
    pages.append((await client.get("/notices/feed.xml")).text)
    for page in pages:
        for secret in ("王小明", "13800000001", "和平路与陵西大街口", "三天不亮", "和平路"):
            assert secret not in page, secret
    assert "丛台区" in pages[0]


@pytest.mark.requirement("000-26")
async def test_it_is_not_published_without_business_and_secrecy_sign_off_by_two_others(
    client: httpx.AsyncClient,
) -> None:
    page = await a_draft(client)
    await act(client, "publisher", f"{page}/review")
    early = await act(client, "reviewer", f"{page}/approval")
    assert early.status_code == 409
    assert "单位还可以申辩到" in early.text
    await act(client, "unit", f"{page}/reply", {"text": "灯已修好，请核对。"})
    assert (await act(client, "reviewer", f"{page}/clearance")).status_code == 403
    assert (await act(client, "publisher", f"{page}/approval")).status_code == 403
    async with signed_in(client, "both"):
        for step, status in (("approval", 303), ("clearance", 409)):
            answer = await house.post(client, f"{page}/{step}", page=page)
            assert answer.status_code == status, answer.text[:2000]
        assert "要两个人分别来做" in answer.text
        assert 'id="clear"' not in await house.get(client, page)
        unpublished = await house.post(client, f"{page}/publication", page=page)
        assert unpublished.status_code == 409
    assert (await act(client, "secrecy", f"{page}/clearance")).status_code == 303
    assert (await act(client, "publisher", f"{page}/publication")).status_code == 303


def first_find(page: str) -> str:
    """Where the first undecided find of the page is decided."""
    found = re.search(r'id="redact-\d+" form="texts" formaction="([^"]+)"', page)
    return found[1] if found else ""


async def test_finds_are_numbered_and_each_is_decided_before_review(client: httpx.AsyncClient) -> None:
    page = await a_draft(client, wrong="王小明反映：" + b.WORDS[3:17] + "，电话 13800000001。")
    async with signed_in(client, "publisher"):
        shown = await house.get(client, page)
        assert 'id="find-1"' in shown
        assert 'id="find-3"' in shown
        assert "照抄来件" in shown
        assert 'data-key="KeyY"' in shown
        assert 'id="send"' not in shown
        sent = await house.post(client, f"{page}/review", page=page)
        assert sent.status_code == 409
        assert "处可能认出人的内容没有决定" in sent.text
        no_reason = await house.post(client, first_find(shown), {"decision": "keep"}, page=page)
        assert no_reason.status_code == 422
        assert "保留要写理由" in no_reason.text
        for _ in range(6):
            where = first_find(await house.get(client, page))
            if not where:
                break
            await house.post(client, where, {"decision": "redact"}, page=page)
        shown = await house.get(client, page)
        assert "王小明" not in shown.partition('id="f-wrong"')[2].partition("</textarea>")[0]
        assert "没有发现" in shown
        assert (await house.post(client, f"{page}/review", page=page)).status_code == 303


async def test_what_is_being_typed_is_kept_when_a_find_is_decided(client: httpx.AsyncClient) -> None:
    page = await a_draft(client, wrong="王小明报修的路灯没有修好。")
    async with signed_in(client, "publisher"):
        where = first_find(await house.get(client, page))
        typed = {**TEXTS, "wrong": "王小明报修的两盏路灯都没有修好。"}
        await house.post(client, where, {**typed, "decision": "redact"}, page=page)
        assert "某某报修的两盏路灯都没有修好。" in await house.get(client, page)
        gone = await house.post(
            client, where, {**TEXTS, "wrong": "两盏路灯没有修好。", "decision": "redact"}, page=page
        )
        assert gone.status_code == 303
        assert "两盏路灯没有修好。" in await house.get(client, page)
        await house.post(client, page, {**TEXTS, "wrong": "王小明报修。"}, page=page)
        where = first_find(await house.get(client, page))
        refused = await house.post(client, where, {**TEXTS, "wrong": "王小明又报修。", "decision": "keep"}, page=page)
        assert refused.status_code == 422
        assert "王小明又报修。" in refused.text


async def test_reports_and_shielded_cases_are_refused_in_words(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("closed")
    async with db.atomic() as connection:
        await connection.execute("UPDATE cases SET is_minor = TRUE WHERE number = $1", receipt.number)
    async with signed_in(client, "publisher"):
        page = await house.get(client, f"/notices/drafts/new?case={receipt.number}", status=409)
        assert "涉未成年人或正在调查的事项不能公示" in page
        answer = await house.post(client, "/notices/drafts", {**TEXTS, "case": receipt.number}, page="/notices/drafts")
        assert answer.status_code == 409
        report = await b.a_receipt(kind="report")
        await house.get(client, f"/notices/drafts/new?case={report.number}", status=404)
        assert report.number not in await house.get(client, "/notices/drafts")


async def test_an_empty_draft_comes_back_with_what_is_missing(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("closed")
    async with signed_in(client, "publisher"):
        answer = await house.post(
            client,
            "/notices/drafts",
            {"case": receipt.number, "rule": "第二条"},
            page=f"/notices/drafts/new?case={receipt.number}",
        )
    assert answer.status_code == 422
    assert "还没写问题" in answer.text
    assert "第二条" in answer.text


async def test_another_units_notice_is_not_found_and_the_public_finds_no_draft(client: httpx.AsyncClient) -> None:
    page = await a_draft(client)
    async with signed_in(client, "unit"):
        await house.get(client, page, status=404)
    await act(client, "publisher", f"{page}/review")
    async with signed_in(client, "unit"):
        shown = await house.get(client, page)
        assert "可能认出人的内容" not in shown
        assert page in await house.get(client, "/notices/drafts")
    async with signed_in(client, "other"):
        await house.get(client, page, status=404)
        assert (await house.post(client, f"{page}/reply", {"text": "x"}, page="/notices/drafts")).status_code == 404
    async with signed_in(client, "agent"):
        await house.get(client, "/notices/drafts", status=403)
    assert (await client.get(page)).headers["location"].startswith("/sign-in")
    await house.get(client, "/notices/2020-1", status=404)


async def test_two_officers_at_once_one_wins_and_the_other_keeps_their_text(client: httpx.AsyncClient) -> None:
    page = await a_draft(client)
    async with signed_in(client, "publisher"):
        first = await house.post(client, page, {**TEXTS, "revision": "1"}, page=page)
        assert first.status_code == 303
        second = await house.post(client, page, {**TEXTS, "wrong": "我改的另一句。", "revision": "1"}, page=page)
    assert second.status_code == 409
    assert "已有人办过一步" in second.text
    assert "我改的另一句。" in second.text


async def test_taken_down_the_page_is_a_tombstone_and_the_feed_says_so(client: httpx.AsyncClient) -> None:
    page, public = await published(client)
    answer = await act(client, "publisher", f"{page}/withdrawal", {"reason": "单位认定有误。"})
    assert answer.status_code == 303
    shown = await house.get(client, public, status=410)
    assert "已撤下" in shown
    assert "单位认定有误。" in shown
    assert TEXTS["rule"] not in shown
    feed = (await client.get("/notices/feed.xml")).text
    assert "单位认定有误。" in feed


async def test_the_feed_is_valid_atom_with_absolute_links_and_escaped_text(client: httpx.AsyncClient) -> None:
    _, public = await published(client)
    here = settings.current()
    settings.use(msgspec.structs.replace(here, public_url="https://12345.example.cn/"))
    try:
        answer = await client.get("/notices/feed.xml")
    finally:
        settings.use(here)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.content)  # noqa: S314 - our own document
    ns = {"a": ATOM}
    assert feed.tag == f"{{{ATOM}}}feed"
    for name in ("id", "title", "updated", "author/a:name"):
        assert (feed.findtext(f"a:{name}", namespaces=ns) or "").strip(), name
    entries = feed.findall("a:entry", ns)
    ids = [entry.findtext("a:id", namespaces=ns) for entry in entries]
    assert len(set(ids)) == len(ids)
    entry = next(
        e
        for e in entries
        if f"https://12345.example.cn{public}" in [link.get("href") for link in e.findall("a:link", ns)]
    )
    assert entry.findtext("a:summary", namespaces=ns) == TEXTS["wrong"]
    links = [link.get("href", "") for link in feed.iter(f"{{{ATOM}}}link")]
    assert all(link.startswith("https://12345.example.cn/") for link in links)
    for stamp in [*feed.iter(f"{{{ATOM}}}updated"), *feed.iter(f"{{{ATOM}}}published")]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp.text or "")


async def test_the_public_list_filters_by_address_and_pages_by_keyset(client: httpx.AsyncClient) -> None:
    _, public = await published(client)
    assert public in await house.get(client, "/notices?county=130403&unit=130403&state=published")
    other = await house.get(client, "/notices?county=130481")
    assert public not in other
    assert "清除" in other
    assert (await client.get("/notices?after=broken")).status_code == 422
    async with db.reading() as connection:
        from cases import notice_lists

        first = await notice_lists.public_page(connection, size=1)
        second = await notice_lists.public_page(connection, size=1, after=first.after)
    assert first.rows[0].id != second.rows[0].id


async def test_the_correction_is_due_in_ten_working_days(client: httpx.AsyncClient) -> None:
    page, _ = await published(client)
    async with db.reading() as connection:
        row = await connection.fetchrow(
            "SELECT published_at, due_at FROM notice WHERE id = $1", page.rpartition("/")[2]
        )
    assert timedelta(days=13) < row["due_at"] - row["published_at"] < timedelta(days=26)
    assert clock.local(row["due_at"]).hour == 18
    async with signed_in(client, "publisher"):
        assert "个工作日" in await house.get(client, page)


async def test_candidates_are_overdue_cases_and_a_case_with_a_notice_is_none(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    with clock.at(clock.now() + timedelta(days=40)):
        async with house.signed_in(client, "publication", unit="HOT"):
            assert f"/notices/drafts/new?case={receipt.number}" in await house.get(client, "/notices/drafts")
            answer = await house.post(
                client,
                "/notices/drafts",
                {**TEXTS, "case": receipt.number},
                page=f"/notices/drafts/new?case={receipt.number}",
            )
            assert answer.status_code == 303
            assert f"/notices/drafts/new?case={receipt.number}" not in await house.get(client, "/notices/drafts")
            again = await house.post(
                client, "/notices/drafts", {**TEXTS, "case": receipt.number}, page="/notices/drafts"
            )
            assert again.status_code == 409
            assert "已有公示草稿" in again.text


async def test_every_page_of_the_room_stands_in_english_too(client: httpx.AsyncClient) -> None:
    page, public = await published(client)
    assert "To be corrected" in await house.get(client, f"{public}?lang=en")
    async with signed_in(client, "publisher"):
        assert "Take down" in await house.get(client, f"{page}?lang=en")
        assert "Could be published" in await house.get(client, "/notices/drafts?lang=en")
