"""What a case page may show to whom: absent, not hidden."""

from __future__ import annotations

import msgspec
import pytest

from cases import queries, scope, verbs, views
from hotline import city, db, files
from tests import builders as b
from web.cases import attachments


async def view(login: str, number: str) -> views.CaseView | None:
    actor = await b.person(login)
    async with db.reading() as connection:
        case_id = await queries.found(connection, actor, number)
        return await views.case_view(connection, actor, case_id) if case_id else None


async def test_a_unit_sees_its_own_case_and_not_another_units(database: object) -> None:
    receipt = await b.a_case("dispatched")
    assert await view("congtai", receipt.number) is not None
    assert await view("cgb", receipt.number) is None


async def test_the_handler_sees_the_requester_masked(database: object) -> None:
    receipt = await b.a_case("dispatched")
    seen = await view("congtai", receipt.number)
    assert seen is not None
    assert seen.requesters[0].phone == "138****0001"
    assert seen.requesters[0].may_reveal


async def test_an_agent_never_reads_the_internal_note(database: object) -> None:
    receipt = await b.a_case("handled")
    for login, reads in (("agent", False), ("audit", True), ("congtai", True)):
        seen = await view(login, receipt.number)
        assert seen is not None
        assert any("note" in line.texts for line in seen.lines) is reads, login


async def test_an_administrator_reads_no_case(database: object) -> None:
    receipt = await b.a_case("dispatched")
    assert await view("admin", receipt.number) is None


async def test_the_queue_shows_the_nearest_due_first_and_pages_by_key(database: object) -> None:
    for _ in range(3):
        await b.a_case("dispatched")
    actor = await b.person("dispatcher")
    async with db.reading() as connection:
        first = await queries.inbox(connection, actor, queries.Filters(), size=2)
        second = await queries.inbox(connection, actor, queries.Filters(after=first.after), size=2)
        counted = await queries.counts(connection, actor)
    assert len(first.rows) == 2
    assert not {r.id for r in first.rows} & {r.id for r in second.rows}
    dues = [r.next_due for r in [*first.rows, *second.rows]]
    assert dues == sorted(d for d in dues if d)
    assert counted["open"] >= 3


async def test_a_word_of_the_text_finds_the_case_and_a_phone_number_does_not(database: object) -> None:
    receipt = await b.a_case("dispatched", words="东风路窨井盖丢失，电话13912345678联系张三先生。")
    actor = await b.person("dispatcher")
    async with db.reading() as connection:
        by_word = await queries.inbox(connection, actor, queries.Filters(q="窨井盖"))
        by_number = await queries.inbox(connection, actor, queries.Filters(q=receipt.number))
        by_phone = await queries.inbox(connection, actor, queries.Filters(q="13912345678"))
    assert [r.number for r in by_word.rows] == [receipt.number]
    assert receipt.number in [r.number for r in by_number.rows]
    assert [r.number for r in by_phone.rows] == []


async def test_the_unit_complained_about_sees_neither_the_requester_nor_their_words_when_it_helps(
    database: object,
) -> None:
    words = "城管局的人在和平路收了我的三轮车，我叫王小明，电话13800000001。"
    receipt = await b.a_receipt(kind="complaint", about_unit="CGB", matter="020201", words=words)
    await b.act("agent", receipt.number, verbs.accept, matter="020201", county="130403", summary="反映执法人员扣车。")
    await b.act("dispatcher", receipt.number, verbs.add_co_handler, unit="CGB", profile="STD5", reason="请说明情况")
    await b.act("agent", receipt.number, verbs.add_words, b.request, words="车号是冀D12345，我是王小明。")
    seen = await view("cgb", receipt.number)
    assert seen is not None
    assert seen.requesters[0].is_shielded
    assert not seen.requesters[0].may_reveal
    shown = msgspec.json.encode([seen.title, seen.place, seen.words, [line.texts for line in seen.lines]]).decode()
    for secret in ("三轮车", "王小明", "冀D12345", "1380000"):
        assert secret not in shown, secret
    assert seen.summary == "反映执法人员扣车。"
    lead = await view("congtai", receipt.number)
    assert lead is not None
    assert "三轮车" in lead.words[0]
    photo = files.Attachment(
        id=seen.case.id, subject_kind="request", subject_id=seen.case.id, case_id=seen.case.id, name="a.png",
        media_type="image/png", size=1, sha256=bytes(32), has_metadata=False, audience="requester",
        created_at=seen.case.opened_at, created_by=seen.case.id,
    )  # fmt: skip
    assert attachments.visible(seen, await b.person("cgb"), [photo]) == []
    assert attachments.visible(lead, await b.person("congtai"), [photo]) == [photo]
    for login, title in (("cgb", "投诉：路灯不亮"), ("congtai", lead.title)):
        async with db.reading() as connection:
            page = await queries.inbox(connection, await b.person(login), queries.Filters(q=receipt.number))
        assert [row.title for row in page.rows] == [title]


VIEWERS = {
    "agent": ("agent", "HOT"), "dispatcher": ("dispatcher", "HOT"), "lead": ("unit_handler", "130403"),
    "third": ("unit_handler", "TOWN"), "leader": ("level_leader", "TOWN"), "about": ("unit_head", "CGB"),
    "callback": ("callback", "HOT"),
}  # fmt: skip
SEES = {
    "plain": {"agent", "dispatcher", "lead", "about", "callback"},
    "sealed": {"agent", "dispatcher", "callback"},
    "complaint": {"agent", "dispatcher", "lead", "callback"},
}
"""Who reads the words, by kind of case (domain.md 2.15): the others read the summary, and nothing else of it."""


@pytest.mark.parametrize("kind", SEES)
@pytest.mark.parametrize("viewer", VIEWERS)
async def test_each_viewer_reads_the_words_or_the_summary_and_never_both_sides_of_the_table(
    database: object, kind: str, viewer: str
) -> None:
    secrets = ("楼道堆杂物", "张三", "13912345678", "139****5678", "幸福里七号", "我还要补一句")
    changes = {"sealed": {"is_confidential": True}, "complaint": {"kind": "complaint", "about_unit": "CGB"}}
    receipt = await b.a_receipt(
        words="我叫张三，电话13912345678，楼道堆杂物。", name="张三", phone="13912345678", place="丛台区幸福里七号",
        address="幸福里七号", matter="", **changes.get(kind, {}),
    )  # fmt: skip
    await b.act("dispatcher", receipt.number, verbs.accept, matter="020201", county="130403", summary="反映占用通道。")
    if kind == "sealed":
        await b.act("dispatcher", receipt.number, verbs.dispatch, unit="130403", profile="STD5")
    await b.act("agent", receipt.number, verbs.add_words, b.request, words="我还要补一句，13912345678。")
    role, unit = VIEWERS[viewer]
    town = next(one.code for one in city.current().units.values() if one.tier == scope.THIRD_LEVEL)
    someone = await b.person("congtai")
    actor = msgspec.structs.replace(
        someone, roles=frozenset({role}), unit=town if unit == "TOWN" else unit, units=(unit,), jurisdiction=""
    )
    async with db.reading() as connection:
        case_id = await connection.fetchval("SELECT id FROM cases WHERE number = $1", receipt.number)
        seen = await views.case_view(connection, actor, case_id)
    page = msgspec.structs.replace(seen, file=None)  # what the page is made of; the file stays with the server
    shown = msgspec.json.encode(page, enc_hook=str).decode()
    assert "反映占用通道" in shown
    if viewer in SEES[kind]:
        assert "楼道堆杂物" in shown
        assert "13912345678" in shown  # the words as they were said; the fields themselves are masked
        assert [one.phone for one in seen.requesters] == ["139****5678"]
    else:
        place = {"幸福里七号"} if viewer in {"third", "leader"} and kind != "sealed" else set()
        assert not [secret for secret in secrets if secret in shown and secret not in place]
        assert not views.may_reveal(actor, seen.file.case)


async def test_an_internal_note_is_not_for_another_unit_on_the_same_case(database: object) -> None:
    receipt = await b.a_case("signed")
    await b.act("dispatcher", receipt.number, verbs.add_co_handler, unit="CGB", profile="STD5")
    await b.act("congtai", receipt.number, verbs.contact, b.lead, way="phone", said="内部：线路老化")
    for login, reads in (("congtai", True), ("cgb", False), ("audit", True)):
        seen = await view(login, receipt.number)
        assert seen is not None
        assert any("线路老化" in line.texts.get("note", "") for line in seen.lines) is reads, login


async def test_the_unit_of_a_sealed_case_can_read_what_the_centre_reminds_it_of(database: object) -> None:
    receipt = await b.a_receipt(kind="report", matter="020201", words="举报某店夜间施工，我是邻居李四。")
    await b.act(
        "dispatcher", receipt.number, verbs.accept, matter="020201", county="130403", summary="反映某店夜间施工。"
    )
    await b.act("dispatcher", receipt.number, verbs.dispatch, unit="CGB", profile="RPT15")
    await b.act("supervisor", receipt.number, verbs.remind, b.lead, words="请今日内签收")
    seen = await view("cgb", receipt.number)
    assert seen is not None
    texts = [text for line in seen.lines for text in line.texts.values()]
    assert "请今日内签收" in texts
    assert not any("李四" in text for text in texts)


async def test_cases_without_a_due_date_are_paged_through_once(database: object) -> None:
    numbers = {(await b.a_case("closed")).number for _ in range(3)}
    actor = await b.person("dispatcher")
    seen: list[str] = []
    after = ""
    async with db.reading() as connection:
        for _ in range(60):
            page = await queries.inbox(connection, actor, queries.Filters(open="all", after=after), size=2)
            seen += [row.number for row in page.rows]
            after = page.after
            if not after:
                break
    assert not after
    assert len(seen) == len(set(seen))
    assert numbers <= set(seen)


async def test_an_absurd_level_in_the_address_bar_finds_nothing(database: object) -> None:
    actor = await b.person("dispatcher")
    async with db.reading() as connection:
        for level in ("99999", "²"):
            await queries.inbox(connection, actor, queries.Filters(level=level))
        assert (await queries.inbox(connection, actor, queries.Filters(level="99999"))).rows == []


async def test_a_title_a_place_or_a_summary_with_a_name_and_a_number_are_neither_shown_nor_indexed_with_them(
    database: object,
) -> None:
    receipt = await b.a_receipt(matter="", place="东风路，电话13912345678")
    await b.act(
        "agent", receipt.number, verbs.accept, matter="020201", county="130403",
        title="我叫张三，手机13912345678，路灯不亮", summary="张三先生（13912345678）反映路灯不亮。",
    )  # fmt: skip
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT title, grams FROM cases WHERE number = $1", receipt.number)
    assert "路灯" in row["title"]
    assert "13912345678" not in row["title"] + row["grams"]
    assert "张三" not in row["title"] + row["grams"]


async def test_whom_a_complaint_is_about_is_for_the_centre_and_never_for_the_unit(database: object) -> None:
    receipt = await b.a_receipt(kind="complaint", about_person="九路车驾驶员赵某", about_unit="BUS")
    await b.act("agent", receipt.number, verbs.accept, matter="020201", county="130403")
    centre, unit = await view("callback", receipt.number), await view("congtai", receipt.number)
    assert centre is not None
    assert unit is not None
    assert centre.requesters[0].has_about_person
    assert not unit.requesters[0].has_about_person
    request = centre.file.first_request
    assert views.reveal(request, await b.person("callback"))["about_person"] == "九路车驾驶员赵某"
    assert "about_person" not in views.reveal(request, await b.person("congtai"))
