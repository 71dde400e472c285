"""A notice's whole life through HTTP: an overdue order, the gate, reply, two approvals, publication, reminders.

Then evidence, verification by two, ratings by those concerned, an erratum, the archive; and one that is taken down.
"""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import msgspec
import pytest
from PIL import Image

from cases import ledger, notice_ratings
from channels import notice_news, outbox, reminders_notice
from channels.message import Receipt
from channels.rows import OutboxRow
from hotline import clock, db, rebuild, settings, vault
from hotline.work import work
from sla import notice_sweep, supervision
from tests import builders as b
from tests.web import house
from tests.web.noticing import TEXTS, a_draft, act, go_public, published, signed_in

pytestmark = pytest.mark.anyio
SECRETS = ("王小明", "13800000001", "和平路与陵西大街口", "三天不亮")


def a_photograph() -> bytes:
    """A small picture that says where it was taken and by what."""
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "ACME", {1: "N", 2: (36.0, 37.0, 12.0)}
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "gray").save(out, "JPEG", exif=exif)
    return out.getvalue()


async def an_overdue_order(ago: int = 30) -> tuple[Receipt, UUID]:
    """A case that a unit has had for ``ago`` days, and the supervision order that it never answered."""
    with clock.at(clock.now() - timedelta(days=ago)):
        receipt = await b.a_case("signed")
        async with work(await b.person("supervisor")) as w:
            file = await ledger.opened(w, number=receipt.number)
            row = await supervision.order(w, file, file.lead, rule="unsolved")
    assert row is not None
    return receipt, row.id


async def notice_row(page: str) -> dict[str, object]:
    """The notice's row."""
    async with db.reading() as connection:
        return dict(await connection.fetchrow("SELECT * FROM notice WHERE id = $1", page.rpartition("/")[2]))


async def told(words: str) -> int:
    """How many staff were told something with these words."""
    async with db.reading() as connection:
        sql = "SELECT count(*) FROM staff_notice WHERE zh LIKE '%' || $1 || '%'"
        return int(await connection.fetchval(sql, words))


async def swept(as_of: datetime) -> int:
    """The sweep of notices as of a moment, twice: the second does nothing."""
    n = await notice_sweep.watch(reminders_notice.tell, as_of)
    assert await notice_sweep.watch(reminders_notice.tell, as_of) == 0
    return n


async def rate(
    client: httpx.AsyncClient, receipt: Receipt, notice: str, grade: str, words: str = ""
) -> httpx.Response:
    """The requester opens their case with number and code, and rates from there."""
    await house.post(client, "/track", {"number": receipt.number, "code": receipt.code}, page="/track")
    path = f"/track/{receipt.number}/notices/{notice}"
    return await house.post(client, path, {"grade": grade, "words": words}, page=path)


@pytest.mark.requirement("000-02", "000-26")
async def test_a_notice_of_an_overdue_order_lives_from_draft_to_archive(client: httpx.AsyncClient) -> None:
    receipt, order = await an_overdue_order()
    start = f"/notices/drafts/new?order={order}"
    async with signed_in(client, "publisher"):
        assert start in await house.get(client, "/notices/drafts")
        assert start in await house.get(client, f"/ladder/orders/{order}")
        leak = {**TEXTS, "wrong": "王小明（13800000001）反映路灯不亮，督办以后没有修好。", "order": str(order)}
        made = await house.post(client, "/notices/drafts", leak, page=start)
        assert made.status_code == 303, made.text[:800]
        page = str(made.headers["location"])
        stopped = await act(client, "publisher", f"{page}/review")
        assert stopped.status_code == 409
        assert "没有决定" in stopped.text
    await act(client, "publisher", page, {**TEXTS, "wrong": "督办以后路灯仍然没有修好。"})
    await go_public(client, page)
    row = await notice_row(page)
    public, notice = f"/notices/{row['slug']}", str(row["id"])

    await counts_on_the_ladder(receipt, str(row["number"]))
    await is_reminded_and_marked(client, row, public)
    await is_corrected_with_evidence(client, page, public)
    await is_rated_once(client, receipt, notice, public)
    await is_amended(client, page, public)

    await act(client, "publisher", f"{page}/archive")
    assert public not in await house.get(client, "/notices")
    assert public in await house.get(client, "/notices?words=两盏路灯")
    for path in (public, "/notices?state=archived", "/notices/changes", "/notices/feed.xml", f"{public}?lang=en"):
        shown = (await client.get(path)).text
        assert not [one for one in SECRETS if one in shown], path
    assert (await rebuild.rebuild(check=True)).different == 0


async def counts_on_the_ladder(receipt: Receipt, number: str) -> None:
    """The publication is the step "bulletin or exposure", once; a second bulletin is out of order."""
    async with db.reading() as connection:
        papers = await connection.fetch(
            "SELECT p.state, p.rule FROM ladder_paper p JOIN cases c ON c.id = p.case_id "
            "WHERE c.number = $1 AND p.measure = 'bulletin'",
            receipt.number,
        )
        kinds = await connection.fetch(
            "SELECT e.kind FROM case_event e JOIN cases c ON c.id = e.case_id WHERE c.number = $1 AND e.kind IN "
            "('noticed', 'measured')",
            receipt.number,
        )
        level = await connection.fetchval("SELECT supervision FROM cases WHERE number = $1", receipt.number)
    assert [(one["state"], one["rule"]) for one in papers] == [("done", "order_ignored")]
    assert sorted(one["kind"] for one in kinds) == ["measured", "noticed"]
    assert level == 5
    assert number


async def is_reminded_and_marked(client: httpx.AsyncClient, row: dict[str, object], public: str) -> None:
    """A working day before it is due the unit's head hears of it; once it is over everybody reads so."""
    due = row["due_at"]
    assert isinstance(due, datetime)
    assert await swept(due - timedelta(days=7)) == 0
    assert await swept(due - timedelta(minutes=1)) == 1
    assert await told("快到纠正期限") >= 1
    assert await swept(due + timedelta(minutes=1)) == 1
    assert await told("逾期未纠正") >= 1
    with clock.at(due + timedelta(minutes=2)):
        assert "逾期未纠正" in await house.get(client, public)
        assert public in await house.get(client, "/notices?state=late")
    async with db.reading() as connection:
        papers = await connection.fetch("SELECT rule FROM ladder_paper WHERE measure = 'interview'")
    assert [one["rule"] for one in papers] == ["bulletin_uncorrected"]


async def is_corrected_with_evidence(client: httpx.AsyncClient, page: str, public: str) -> None:
    """Nothing of the report is public before it is verified, no file before two persons have looked at it."""
    photo = ("王小明家.jpg", a_photograph(), "image/jpeg")
    no_text = await act(client, "unit", f"{page}/correction", {"text": ""}, files={"files": photo})
    assert no_text.status_code == 422
    voice = await act(client, "unit", f"{page}/correction", {"text": "改好了。"},
                      files={"files": ("a.mp3", b"ID3" + bytes(200), "audio/mpeg")})  # fmt: skip
    assert voice.status_code == 422
    assert "改好了。" in voice.text
    sent = await act(client, "unit", f"{page}/correction", {"text": "灯头两只已更换。"},
                     files=[("files", photo), ("files", photo)])  # fmt: skip
    assert sent.status_code == 303, sent.text[:3000]
    early = await act(client, "publisher", f"{page}/verification", {"text": "属实。"})
    assert early.status_code == 409
    assert "还有 2 个文件没有看完" in early.text
    async with db.reading() as connection:
        found = await connection.fetch(
            "SELECT id FROM notice_file WHERE notice_id = $1 ORDER BY position", UUID(page.rpartition("/")[2])
        )
    first, second = (f"{page}/files/{one['id']}" for one in found)
    assert (await client.get(f"{public}/files/1")).status_code == 404
    no_reason = await act(client, "publisher", f"{second}/look", {"decision": "keep_back"}, page=page)
    assert no_reason.status_code == 422
    await act(client, "publisher", f"{second}/look", {"decision": "keep_back", "reason": "照到了门牌"}, page=page)
    assert (await act(client, "publisher", f"{first}/look", {"decision": "clean"}, page=page)).status_code == 303
    same = await act(client, "publisher", f"{first}/check", {"decision": "clean"}, page=page)
    assert same.status_code == 409
    assert (await act(client, "secrecy", f"{first}/check", {"decision": "clean"}, page=page)).status_code == 303
    assert (await client.get(f"{public}/files/1")).status_code == 404, "not before the correction is verified"
    assert "灯头两只" not in await house.get(client, public)
    done = await act(client, "publisher", f"{page}/verification", {"text": "到现场看过，确已修好。"})
    assert done.status_code == 303, done.text[:2000]
    async with db.reading() as connection:
        sql = "SELECT count(*) FROM outbox_message WHERE name = 'notice_rate'"
        assert await connection.fetchval(sql) == 1, "whoever asked hears that they may rate it"
    picture = await client.get(f"{public}/files/1")
    assert picture.status_code == 200
    assert b"ACME" not in picture.content
    assert b"Exif" not in picture.content
    assert "王小明" not in picture.headers["content-disposition"]
    assert (await client.get(f"{public}/files/2")).status_code == 404
    shown = await house.get(client, public)
    assert "灯头两只已更换。" in shown
    assert f"{public}/files/1" in shown
    assert f"{public}/files/2" not in shown


async def is_rated_once(client: httpx.AsyncClient, receipt: Receipt, notice: str, public: str) -> None:
    """By the requester, once, in time; a stranger's request has no such page; the centre reads what is wrong."""
    stranger = await b.a_receipt()
    assert (await rate(client, stranger, notice, "satisfied")).status_code == 404
    await house.post(client, "/track", {"number": receipt.number, "code": receipt.code}, page="/track")
    assert f"/track/{receipt.number}/notices/{notice}" in await house.get(client, f"/track/{receipt.number}")
    with clock.at(clock.now() + timedelta(days=31)):
        late = await rate(client, receipt, notice, "satisfied")
        assert late.status_code == 409
        assert "现在不能评价" in late.text
    assert (await rate(client, receipt, notice, "perfect")).status_code == 422
    assert (await rate(client, receipt, notice, "dissatisfied", "还有一盏不亮。")).status_code == 303
    twice = await rate(client, receipt, notice, "satisfied")
    assert twice.status_code == 409
    assert "已经评价过了" in twice.text
    async with signed_in(client, "publisher"):
        listed = await house.get(client, "/notices/dissatisfied")
        assert "还有一盏不亮。" in listed
        assert receipt.number not in listed
        key = re.search(r'name="key" value="([0-9a-f]+)"', listed)
        assert key is not None
        given = {"key": key[1], "note": ""}
        path = f"/notices/dissatisfied/{notice}"
        assert (await house.post(client, path, given, page="/notices/dissatisfied")).status_code == 422
        given["note"] = "请单位当天补换，已看过。"
        assert (await house.post(client, path, given, page="/notices/dissatisfied")).status_code == 303
        assert (await house.post(client, path, given, page="/notices/dissatisfied")).status_code == 409
    shown = await house.get(client, public)
    assert "评价到期后公布合计" in shown
    assert "还有一盏" not in shown
    with clock.at(clock.now() + timedelta(days=31)):
        assert "评价的人不到 5 位" in await house.get(client, public)


async def is_amended(client: httpx.AsyncClient, page: str, public: str) -> None:
    """A published text is corrected by an erratum that goes the whole way; old and new stand side by side."""
    form = f"{page}/erratum"
    texts = {**TEXTS, "wrong": "督办以后路灯仍然没有修好。"}
    same = await act(client, "publisher", form, {**texts, "why": "盏数"}, page=form)
    assert same.status_code == 422
    assert "没有改动" in same.text
    new = {**texts, "wrong": "督办以后两盏路灯仍然没有修好。", "why": "补写盏数。"}
    made = await act(client, "publisher", form, new, page=form)
    assert made.status_code == 303, made.text[:1500]
    assert "两盏" not in await house.get(client, public)
    erratum = str(made.headers["location"])
    await go_public(client, erratum)
    async with signed_in(client, "secrecy"):
        assert "<ins>两盏</ins>" in await house.get(client, erratum), "reviewers see what it changes"
    shown = await house.get(client, public)
    assert "<ins>两盏</ins>" in shown
    assert "补写盏数。" in shown
    assert "补写盏数。" in await house.get(client, "/notices/changes")


async def test_ratings_are_shown_as_sums_from_five_raters_on_and_never_a_small_one(client: httpx.AsyncClient) -> None:
    page, public = await published(client)
    await act(client, "unit", f"{page}/correction", {"text": "已更换。"})
    await act(client, "publisher", f"{page}/verification", {"text": "属实。"})
    async with db.atomic() as connection:
        for n in range(6):
            receipt = await b.a_receipt()
            await connection.execute(
                "INSERT INTO notice_rating (notice_id, request_id, case_id, grade, at) SELECT $1, r.id, r.case_id, $3, "
                "now() FROM request r WHERE r.receipt_no = $2",
                UUID(page.rpartition("/")[2]), receipt.number, "satisfied" if n else "neutral",
            )  # fmt: skip
    assert "<td" not in await house.get(client, public), "whoever sees sums grow reads each grade in the difference"
    with clock.at(clock.now() + timedelta(days=31)):
        shown = await house.get(client, public)
        assert re.findall(r'<td class="n">([^<]*)</td>', shown) == ["5", *["&lt;5"] * 3], "an empty cell tells of all"


@pytest.mark.requirement("000-26")
async def test_an_erratum_over_a_text_that_tells_a_name_hides_the_old_one(client: httpx.AsyncClient) -> None:
    page, public = await published(client)
    async with db.atomic() as connection:  # a name that nobody knew of then, learnt since
        await connection.execute(
            "INSERT INTO case_text (case_id, seq, field, audience, salt, sealed) SELECT case_id, 2, 'name', 'centre', "
            "$2, $3 FROM notice_case WHERE notice_id = $1",
            UUID(page.rpartition("/")[2]), b"x" * 16, vault.seal("超过期", "case_text.name"),
        )  # fmt: skip
    form = f"{page}/erratum"
    made = await act(client, "publisher", form, {**TEXTS, "wrong": "路灯报修后没有修好。", "why": "改正。"}, page=form)
    await go_public(client, str(made.headers["location"]))
    shown = await house.get(client, public)
    assert "路灯报修后没有修好。" in shown
    assert "超过期" not in shown
    assert "不再显示" in shown


async def test_whoever_was_merged_into_another_case_still_rates_the_correction(client: httpx.AsyncClient) -> None:
    page, _ = await published(client)
    notice = UUID(page.rpartition("/")[2])
    other = await b.a_receipt()
    async with db.atomic() as connection:
        request, own = (await connection.fetchrow(
            "SELECT r.id, r.case_id FROM request r JOIN notice_case k USING (case_id) WHERE k.notice_id = $1", notice
        )).values()  # fmt: skip
        held = await connection.fetchval("SELECT case_id FROM request WHERE receipt_no = $1", other.number)
        stranger = await connection.fetchval("SELECT id FROM request WHERE receipt_no = $1", other.number)
        assert [one.id for one in await notice_ratings.of_request(connection, own, request)] == [notice]
        assert [one.id for one in await notice_ratings.of_request(connection, held, request)] == [notice]
        assert await notice_ratings.of_request(connection, held, stranger) == []


async def test_one_taken_down_leaves_a_tombstone_and_shows_no_file(client: httpx.AsyncClient) -> None:
    page, public = await published(client)
    refused = await act(client, "publisher", f"{page}/withdrawal", {"reason": "王小明要求撤下。"})
    assert refused.status_code == 422
    assert "王小明要求撤下。" in refused.text
    await act(client, "publisher", f"{page}/withdrawal", {"reason": "单位认定有误。"})
    shown = await house.get(client, public, status=410)
    assert "单位认定有误。" in shown
    assert TEXTS["wrong"] not in shown
    assert "单位认定有误。" in await house.get(client, "/notices/changes")
    change = {**TEXTS, "wrong": "改。", "why": "改。"}
    late = await act(client, "publisher", f"{page}/erratum", change, page="/notices/drafts")
    assert late.status_code == 409


@pytest.mark.parametrize("flag", ["is_confidential", "is_minor", "is_investigation"])
async def test_no_source_with_a_shielded_case_behind_it_can_be_drafted(client: httpx.AsyncClient, flag: str) -> None:
    receipt, order = await an_overdue_order()
    async with db.atomic() as connection:
        await connection.execute(f"UPDATE cases SET {flag} = TRUE WHERE number = $1", receipt.number)
    async with signed_in(client, "publisher"):
        shown = await client.get(f"/notices/drafts/new?order={order}")
        assert shown.status_code == 409
        assert "不能公示" in shown.text
        assert str(order) not in await house.get(client, "/notices/drafts")


async def test_a_case_shielded_after_the_draft_stops_every_further_step(client: httpx.AsyncClient) -> None:
    page = await a_draft(client)
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE cases SET is_minor = TRUE WHERE id = (SELECT case_id FROM notice_case WHERE notice_id = $1)",
            UUID(page.rpartition("/")[2]),
        )
    stopped = await act(client, "publisher", f"{page}/review")
    assert stopped.status_code == 409
    assert "不能公示" in stopped.text
    async with signed_in(client, "publisher"):
        assert 'id="shielded"' in await house.get(client, page)


async def test_a_mail_address_is_asked_first_told_once_and_forgotten_with_one_tap(client: httpx.AsyncClient) -> None:
    before = dict(outbox.SENDERS)
    here = settings.current()
    settings.use(msgspec.structs.replace(here, public_url="https://12345.example.cn"))
    outbox.SENDERS["email"] = lambda _: None  # type: ignore[assignment,return-value]
    try:
        wrong = await house.post(client, "/notices/subscribe", {"email": "nobody"}, page="/notices/subscribe")
        assert wrong.status_code == 422
        for n in range(4):
            typed = {"email": " A@b.cn" if n % 2 else "a@b.cn", "unit": ""}
            with clock.at(clock.now() + timedelta(hours=2 * n)):
                asked = await house.post(client, "/notices/subscribe", typed, page="/notices/subscribe")
            assert asked.status_code == (303 if n < 3 else 429), "nobody fills a stranger's box"
        await notice_news.sweep()
        await published(client)
        assert await notice_news.tell() == 0, "nobody has confirmed"
        [*_, link] = [one for one in await mails() if "/notices/subscriptions/" in one]
        path = re.search(r"/notices/subscriptions/[\w-]+", link)
        assert path is not None
        assert "确认订阅" in await house.get(client, path[0])
        assert (await house.post(client, path[0], page=path[0])).status_code == 303
        page, public = await published(client)
        assert await notice_news.tell() == 1
        assert await notice_news.tell() == 0
        assert any(public in one and f"{path[0]}" in one for one in await mails())
        assert (await client.post(f"{path[0]}/end")).status_code == 303, "a mail program has no form token"
        await house.get(client, path[0], status=404)
        async with db.reading() as connection:
            assert await connection.fetchval("SELECT count(*) FROM notice_subscription") == 0
    finally:
        settings.use(here)
        outbox.SENDERS.clear()
        outbox.SENDERS.update(before)
    assert page


async def mails() -> list[str]:
    """What waits to be sent by mail, in the clear, oldest first."""
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT * FROM outbox_message WHERE channel = 'email' ORDER BY created_at, id")
    return [outbox.outgoing(OutboxRow(**row)).text for row in rows]
