"""The privacy gate and the steps of a notice, on the real database: it fails closed, and nobody approves their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from cases import gate, ledger, notice_lists, notice_steps, notices, verbs
from cases.gate import Known, finds
from cases.notices import Notice
from hotline import clock, db, vault
from hotline.errors import Refusal
from hotline.work import Work, work
from tests import builders as b

pytestmark = pytest.mark.anyio
TEXTS = {
    "wrong": "路灯报修后超过期限没有修好。", "rule": "《城市照明管理规定》第二十五条。",
    "required": "十个工作日内修好并公布结果。",
}  # fmt: skip


def later(days: float) -> Callable[[datetime], datetime]:
    """A calendar for tests: so many days on."""
    return lambda start: start + timedelta(days=days)


async def a_draft(**change: object) -> UUID:
    """A draft of a closed case by the publication officer; text fields may be given."""
    texts = {name: str(change.pop(name)) for name in list(TEXTS) if name in change}
    receipt = await b.a_case("closed", **change)
    async with work(await b.person("publisher")) as w:
        file = await ledger.opened(w, number=receipt.number)
        return (await notices.draft(w, file, **{**TEXTS, **texts})).id


async def do(
    login: str, notice: UUID, verb: Callable[..., Awaitable[object]], at: datetime | None = None, **given: object
) -> object:
    """One step by a demo person."""
    async with work(await b.person(login), now=at) as w:
        return await verb(w, await notices.opened(w, notice), **given)


async def refused(
    login: str, notice: UUID, verb: Callable[..., Awaitable[object]], at: datetime | None = None, **given: object
) -> str:
    """The code of the refusal that the step must meet."""
    with pytest.raises(Refusal) as caught:
        await do(login, notice, verb, at, **given)
    return caught.value.code


async def reviewed(**change: object) -> UUID:
    """A notice in review whose unit has no objection."""
    notice = await a_draft(**change)
    await do("publisher", notice, notice_steps.send, reply_until=later(7))
    await do("congtai", notice, notice_steps.reply, text="")
    return notice


async def published(**change: object) -> UUID:
    """A notice in the open."""
    notice = await reviewed(**change)
    await do("reviewer", notice, notice_steps.approve, is_secrecy=False)
    await do("secrecy", notice, notice_steps.approve, is_secrecy=True)
    await do("publisher", notice, notice_steps.publish, due=later(14))
    return notice


async def state(notice: UUID) -> str:
    """Its state now."""
    async with db.reading() as connection:
        return str(await connection.fetchval("SELECT state FROM notice WHERE id = $1", notice))


def kinds(text: str, known: Known) -> list[str]:
    """The kinds found in one text."""
    return [one.kind for one in finds({"wrong": text}, known)]


def test_names_and_numbers_of_the_case_are_found_however_they_are_written(database: object) -> None:
    known = Known(names=("欧阳小明",), numbers=("13800000001", "03103012345"))
    assert "name" in kinds("欧阳小明家门口", known)
    assert "name" in kinds("欧阳 小明家门口", known)
    for number in (
        "13800000001",
        "138-0000-0001",
        "１３８００００００００１"[:11] + "１",
        "一三八零零零零零零零一",
        "138 0000 0001",
    ):
        assert kinds(f"请打{number}。", known), number
    assert kinds("座机0310-3012345。", known)
    assert kinds("座机0310 301 2345。", known)
    assert not kinds("路灯 2026 年 11 月报修。", known)
    assert "name" in kinds("小明家门口", known), "the given name alone"
    assert not kinds("请女士优先", Known(names=("王女士",)))


def test_twelve_characters_copied_from_the_requester_are_found_and_eleven_are_not(database: object) -> None:
    words = "我家楼下的烧烤摊每天晚上吵到两点谁也睡不着"
    known = Known(words=(words,))
    assert kinds("反映：" + words[3:15] + "。", known) == ["quote"]
    assert kinds("反映：" + words[3:14] + "。", known) == []
    assert kinds("反映：烧烤摊，每天晚上 吵到两点谁也！", known) == ["quote"], "punctuation does not hide a quotation"


def test_an_address_of_the_case_is_found_in_part(database: object) -> None:
    known = Known(addresses=("丛台区人民路滏河苑小区",))
    assert "known" in kinds("位于滏河苑小区，人民路滏河苑小区门口", known)


def test_a_kept_quotation_does_not_cover_the_number_within_it(database: object) -> None:
    words = "请尽快打我的电话一三八零零零零零零零一谢谢你们了"
    found = finds({"wrong": f"来件称{words}"}, Known(words=(words,), numbers=("13800000001",)))
    assert {one.kind for one in found} >= {"quote", "phone"} or {one.kind for one in found} >= {"quote", "known"}


@pytest.mark.requirement("000-02")
async def test_a_notice_goes_from_draft_to_its_archive_and_each_step_is_noted(database: object) -> None:
    notice = await published()
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT * FROM notice WHERE id = $1", notice)
        event = await connection.fetchrow(
            "SELECT kind, data FROM case_event WHERE case_id = $1 ORDER BY seq DESC LIMIT 1", row["source_id"]
        )
    assert row["number"].startswith("公示〔20")
    assert row["number"].endswith("号")
    assert row["due_at"] == row["published_at"] + timedelta(days=14)
    assert event["kind"] == "noticed"
    assert row["number"] in event["data"]
    await do("congtai", notice, notice_steps.report, text="灯头两只已更换，夜间试亮正常。")
    assert await do("publisher", notice, notice_steps.verify, text="夜间到现场看过，确已修好。") == 0
    await do("publisher", notice, notice_steps.archive)
    assert await state(notice) == "archived"
    async with db.reading() as connection:
        steps = [
            r["kind"]
            for r in await connection.fetch("SELECT kind FROM act WHERE subject = $1 ORDER BY seq", f"notice:{notice}")
        ]
    assert steps == [
        f"notice.{one}"
        for one in (
            "drafted",
            "sent",
            "replied",
            "approved",
            "cleared",
            "published",
            "corrected",
            "verified",
            "archived",
        )
    ]


@pytest.mark.parametrize("flag", ["is_confidential", "is_minor", "is_investigation"])
async def test_shielded_cases_cannot_be_drafted_at_all(database: object, flag: str) -> None:
    receipt = await b.a_receipt(**{flag: True})
    await b.act("agent", receipt.number, verbs.answer, reply="好。")
    async with work(await b.person("publisher")) as w:
        file = await ledger.opened(w, number=receipt.number)
        with pytest.raises(Refusal) as caught:
            await notices.draft(w, file, **TEXTS)
    assert (caught.value.status, caught.value.code) == (409, "not_publishable")


async def test_a_report_cannot_be_drafted_at_all(database: object) -> None:
    receipt = await b.a_receipt(kind="report")
    async with work(await b.person("publisher")) as w:
        with pytest.raises(Refusal) as caught:
            await notices.draft(w, await ledger.opened(w, number=receipt.number), **TEXTS)
    assert caught.value.code == "not_publishable"


async def test_a_case_within_its_time_is_not_exposed_and_an_overdue_one_may_be(database: object) -> None:
    receipt = await b.a_case("dispatched")
    publisher = await b.person("publisher")
    async with work(publisher) as w:
        with pytest.raises(Refusal) as caught:
            await notices.draft(w, await ledger.opened(w, number=receipt.number), **TEXTS)
    assert caught.value.code == "not_late"
    async with work(publisher, now=clock.now() + timedelta(days=60)) as w:
        row = await notices.draft(w, await ledger.opened(w, number=receipt.number), **TEXTS)
    async with work(publisher) as w:
        with pytest.raises(Refusal) as caught:
            await notices.draft(w, await ledger.opened(w, number=receipt.number), **TEXTS)
    assert row.state == "draft"
    assert caught.value.code in {"drafted", "not_late"}


async def test_nothing_is_sent_for_review_while_a_find_is_undecided(database: object) -> None:
    notice = await a_draft(wrong="王小明（13800000001）报修的路灯没有修好，投诉电话 0310-3012345。")
    assert await refused("publisher", notice, notice_steps.send, reply_until=later(7)) == "undecided"
    async with work(await b.person("publisher")) as w:
        one = await notices.opened(w, notice)
        found = await notices.found(w, one)
        assert [f.text for f in found][:2] == ["王小明", "13800000001"]
        await notices.decide(w, one, 1, decision="redact")
    async with work(await b.person("publisher")) as w:
        one = await notices.opened(w, notice)
        await notices.decide(w, one, 1, decision="redact")
        assert one.version.wrong == "某某（***）报修的路灯没有修好，投诉电话 0310-3012345。"
    assert await refused("publisher", notice, notice_steps.send, reply_until=later(7)) == "undecided"
    assert await refused("publisher", notice, notices.decide, number=1, decision="keep") == "invalid"
    await do("publisher", notice, notices.decide, number=1, decision="keep", reason="单位对外公布的电话")
    await do("publisher", notice, notice_steps.send, reply_until=later(7))
    assert await state(notice) == "in_review"
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT * FROM notice_find WHERE notice_id = $1", notice)
    assert [r["decision"] for r in rows] == ["redact", "redact", "keep"]
    assert not any("王小明" in str(dict(r)) or "13800000001" in str(dict(r)) for r in rows)


async def test_the_gate_fails_closed_when_what_the_case_holds_cannot_be_read(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = await a_draft()

    def broken(data: bytes, context: str) -> str:
        raise Refusal(500, "unreadable", notices.STATES["draft"])

    with monkeypatch.context() as patch:
        patch.setattr(vault, "unseal", broken)
        assert await refused("publisher", notice, notice_steps.send, reply_until=later(7)) == "unreadable"
    assert await state(notice) == "draft"
    async with work(await b.person("coord")) as w:
        async with db.reading() as connection:
            case_id = await connection.fetchval("SELECT source_id FROM notice WHERE id = $1", notice)
        await verbs.erase(w, await ledger.opened(w, case_id=case_id), rule="保存期满")
    assert await refused("publisher", notice, notice_steps.send, reply_until=later(7)) == "erased"


@pytest.mark.requirement("000-26")
async def test_two_persons_approve_and_neither_wrote_it_nor_is_the_other(database: object) -> None:
    notice = await reviewed()
    assert await refused("publisher", notice, notice_steps.approve, is_secrecy=False) == "own_notice"
    assert await refused("publisher", notice, notice_steps.publish, due=later(14)) == "impossible_move"
    await do("reviewer", notice, notice_steps.approve, is_secrecy=False)
    assert await refused("reviewer", notice, notice_steps.approve, is_secrecy=True) == "two_persons"
    assert await state(notice) == "in_review"
    assert await refused("publisher", notice, notice_steps.publish, due=later(14)) == "impossible_move"
    await do("secrecy", notice, notice_steps.approve, is_secrecy=True)
    assert await state(notice) == "approved"


async def test_whoever_once_wrote_it_never_approves_it_nor_does_the_unit_itself(database: object) -> None:
    notice = await a_draft()
    for login in ("reviewer", "admin", "publisher"):
        await do(login, notice, notices.edit, **{**TEXTS, "wrong": f"路灯没有修好，{login}写。"})
    await do("publisher", notice, notice_steps.send, reply_until=later(7))
    await do("congtai", notice, notice_steps.reply, text="")
    await do("secrecy", notice, notice_steps.send_back, reason="再改。")
    await do("publisher", notice, notices.edit, **TEXTS)
    await do("publisher", notice, notice_steps.send, reply_until=later(7))
    await do("congtai", notice, notice_steps.reply, text="")
    for login, code in (("reviewer", "own_notice"), ("admin", "own_notice"), ("congtai", "own_unit")):
        assert await refused(login, notice, notice_steps.approve, is_secrecy=False) == code
    by = (await b.person("reviewer")).id
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.atomic() as connection:
            await connection.execute("UPDATE notice SET cleared_by = $2 WHERE id = $1", notice, by)


async def test_the_database_itself_knows_that_the_author_cannot_approve(database: object) -> None:
    notice = await reviewed()
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.atomic() as connection:
            await connection.execute("UPDATE notice SET approved_by = author WHERE id = $1", notice)
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.atomic() as connection:
            await connection.execute(
                "UPDATE notice SET state = 'published', number = 'x', slug = 'x', published_at = now(), "
                "due_at = now() WHERE id = $1",
                notice,
            )


async def test_the_unit_has_its_say_before_anything_is_approved(database: object) -> None:
    notice = await a_draft()
    await do("publisher", notice, notice_steps.send, reply_until=later(7))
    assert await refused("reviewer", notice, notice_steps.approve, is_secrecy=False) == "reply_first"
    assert await refused("cgb", notice, notice_steps.reply, text="不是我们。") == "forbidden"
    await do("reviewer", notice, notice_steps.approve, clock.now() + timedelta(days=8), is_secrecy=False)
    again = await a_draft()
    await do("publisher", again, notice_steps.send, reply_until=later(7))
    await do("congtai", again, notice_steps.reply, text="灯已修好，请核对日期。")
    assert await refused("congtai", again, notice_steps.reply, text="再说一次") == "replied"
    await do("reviewer", again, notice_steps.approve, is_secrecy=False)


async def test_sent_back_it_becomes_a_new_version_and_the_old_one_is_never_changed(database: object) -> None:
    notice = await reviewed()
    await do("reviewer", notice, notice_steps.approve, is_secrecy=False)
    assert await refused("secrecy", notice, notice_steps.send_back, reason=" ") == "invalid"
    await do("secrecy", notice, notice_steps.send_back, reason="时间写得不清。")
    await do("publisher", notice, notices.edit, **{**TEXTS, "wrong": "路灯报修二十天没有修好。"})
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT version, wrong FROM notice_version WHERE notice_id = $1 ORDER BY version", notice
        )
        row = await connection.fetchrow("SELECT approved_by, state FROM notice WHERE id = $1", notice)
    assert [(r["version"], r["wrong"]) for r in rows] == [(1, TEXTS["wrong"]), (2, "路灯报修二十天没有修好。")]
    assert (row["approved_by"], row["state"]) == (None, "draft")
    with pytest.raises(asyncpg.RestrictViolationError):
        async with db.atomic() as connection:
            await connection.execute(
                "UPDATE notice_version SET wrong = 'x' WHERE notice_id = $1 AND version = 1", notice
            )


async def test_a_name_learnt_after_the_review_stops_the_publication(database: object) -> None:
    notice = await reviewed(wrong="路灯报修后没有修好，张建军多次催问。".replace("张建军", "建军村"))
    await do("reviewer", notice, notice_steps.approve, is_secrecy=False)
    await do("secrecy", notice, notice_steps.approve, is_secrecy=True)
    async with db.atomic() as connection:
        source = await connection.fetchval("SELECT source_id FROM notice WHERE id = $1", notice)
        await connection.execute(
            "INSERT INTO case_text (case_id, seq, field, audience, salt, sealed) "
            "VALUES ($1, 2, 'name', 'centre', $2, $3)",
            source, b"x" * 16, vault.seal("建军村", "case_text.name"),
        )  # fmt: skip
    assert await refused("publisher", notice, notice_steps.publish, due=later(14)) == "undecided"


async def test_a_correction_is_checked_too_before_it_is_public(database: object) -> None:
    notice = await published()
    assert await refused("cgb", notice, notice_steps.report, text="已修好") == "forbidden"
    await do("congtai", notice, notice_steps.report, text="已上门向王小明说明，灯已修好。")
    assert await do("publisher", notice, notice_steps.verify, text="属实。") == 1
    assert await state(notice) == "corrected"
    await do("publisher", notice, notices.decide, number=1, decision="redact")
    assert await do("publisher", notice, notice_steps.verify, text="属实。") == 0
    async with db.reading() as connection:
        page = await notice_lists.public_page(connection)
    shown = next(one for one in page.rows if one.id == notice)
    assert shown.correction == "已上门向某某说明，灯已修好。"


async def test_a_correction_that_is_not_so_goes_back_with_the_old_date(database: object) -> None:
    notice = await published()
    await do("congtai", notice, notice_steps.report, text="灯已修好。")
    await do("publisher", notice, notice_steps.refuse_correction, reason="仍有一盏不亮。")
    assert await state(notice) == "published"
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT correction, due_at, published_at FROM notice WHERE id = $1", notice)
    assert row["correction"] is None
    assert row["due_at"] == row["published_at"] + timedelta(days=14)


async def test_taken_down_it_leaves_a_tombstone_with_the_reason_and_no_text(database: object) -> None:
    notice = await published()
    assert await refused("publisher", notice, notice_steps.withdraw, reason="") == "invalid"
    assert await refused("publisher", notice, notice_steps.withdraw, reason="王小明要求撤下") == "invalid"
    await do("publisher", notice, notice_steps.withdraw, reason="单位认定有误。")
    async with db.reading() as connection:
        slug = await connection.fetchval("SELECT slug FROM notice WHERE id = $1", notice)
        one = await notice_lists.public_one(connection, slug)
    assert (one.state, one.wrong, one.rule, one.required) == ("withdrawn", "", "", "")
    assert one.withdrawn_reason == "单位认定有误。"


async def test_two_people_on_one_notice_the_second_is_told_what_changed(database: object) -> None:
    notice = await a_draft()
    await do("publisher", notice, notices.edit, **TEXTS)
    async with work(await b.person("publisher")) as w:
        with pytest.raises(Refusal) as caught:
            await notices.opened(w, notice, 1)
    assert caught.value.code == "changed_meanwhile"


async def test_numbers_have_no_gaps_when_a_publication_fails(database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await published()
    second = await reviewed()
    await do("reviewer", second, notice_steps.approve, is_secrecy=False)
    await do("secrecy", second, notice_steps.approve, is_secrecy=True)

    async def broken(w: Work, one: Notice, kind: str, data: object = None) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(notices, "step", broken)
        with pytest.raises(RuntimeError):
            await do("publisher", second, notice_steps.publish, due=later(14))
    async with db.reading() as connection:
        assert (
            await connection.fetchval(
                "SELECT count(*) FROM case_event e JOIN notice n ON n.source_id = e.case_id "
                "WHERE n.id = $1 AND e.kind = 'noticed'",
                second,
            )
            == 0
        )
    await do("publisher", second, notice_steps.publish, due=later(14))
    async with db.reading() as connection:
        slugs = [await connection.fetchval("SELECT slug FROM notice WHERE id = $1", n) for n in (first, second)]
    years, numbers = zip(*(slug.split("-") for slug in slugs), strict=True)
    assert int(numbers[1]) == int(numbers[0]) + 1
    assert years[0] == years[1]


async def test_a_unit_sees_its_own_notices_only_and_only_once_they_are_sent(database: object) -> None:
    notice = await a_draft()
    async with db.reading() as connection:
        congtai, cgb = await b.person("congtai"), await b.person("cgb")
        with pytest.raises(Refusal):
            await notice_lists.one(connection, congtai, notice)
    await do("publisher", notice, notice_steps.send, reply_until=later(7))
    async with db.reading() as connection:
        seen = await notice_lists.one(connection, congtai, notice)
        assert (seen.finds, seen.decided, seen.case_number) == ([], [], "")
        with pytest.raises(Refusal):
            await notice_lists.one(connection, cgb, notice)
        assert notice in {row.id for row in await notice_lists.mine(connection, congtai)}
        assert notice not in {row.id for row in await notice_lists.mine(connection, cgb)}


async def test_the_gate_knows_everybody_whom_the_case_names(database: object) -> None:
    receipt = await b.a_case(
        "closed", kind="complaint", about_person="李建国", address="丛台区联纺路滏河苑", proxy_name="赵小兰"
    )
    async with db.reading() as connection:
        case_id = await connection.fetchval("SELECT case_id FROM request WHERE receipt_no = $1", receipt.number)
        known = await gate.known(connection, case_id)
    assert {"王小明", "李建国", "赵小兰"} <= set(known.names)
    assert known.numbers == ("13800000001",)
    assert known.addresses == ("丛台区联纺路滏河苑",)
    assert b.WORDS in known.words
    assert "王小明" in repr(msgspec.structs.asdict(known))
