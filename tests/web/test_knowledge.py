"""Knowledge from the first draft to its end, through HTTP: who writes, who approves, who finds what."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from channels import knowledge_due
from hotline import city, clock, db, knowledge, people
from hotline import knowledge_checks as checks
from hotline import knowledge_verbs as verbs
from hotline.actor import Actor
from hotline.commands import knowing
from hotline.knowledge_rows import Words, read
from tests.engines import Place
from tests.web import house
from web import access

pytestmark = pytest.mark.anyio
TODAY = clock.today()
ARTICLE = {
    "wordings": "路灯坏了找谁修\n小区外面的灯不亮", "answer": "由城市管理局在 24 小时内修复。",
    "note": "核对灯杆编号。",
    "sources": "《城市照明管理规定》 | 住建部令第 4 号", "matter": "020201", "county": "",
    "valid_from": str(TODAY), "valid_to": "", "review_on": "", "owner": "CGB", "then": "submit",
}  # fmt: skip
_people: dict[str, str] = {}


@contextlib.asynccontextmanager
async def seat(client: httpx.AsyncClient, name: str) -> AsyncIterator[None]:
    """``client`` is that person's browser; each person of the module signs in once."""
    role, unit = {
        "writer": ("unit_liaison", "CGB"), "stranger": ("unit_liaison", "HEA"), "editor": ("knowledge_editor", "HOT"),
        "editor2": ("knowledge_editor", "HOT"), "agent": ("agent", "HOT"),
    }[name]  # fmt: skip
    if name not in _people:
        _, login = await house.a_person(role, unit=unit, name=name)
        _people[name], _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    client.cookies.set(access.SESSION, _people[name], domain="testserver.local")
    try:
        yield
    finally:
        client.cookies.delete(access.SESSION)


async def written(client: httpx.AsyncClient, name: str = "writer", **change: str) -> str:
    """A new article's address, written and submitted by ``name``."""
    async with seat(client, name):
        answer = await house.post(client, "/knowledge/new", {**ARTICLE, **change})
    assert answer.status_code == 303, answer.text[:3000]
    return answer.headers["location"]


async def approved(client: httpx.AsyncClient, **change: str) -> str:
    """An article in force."""
    one = await written(client, **change)
    async with seat(client, "editor"):
        answer = await house.post(client, f"{one}/approval", {"review_on": ""})
    assert answer.status_code == 303, answer.text[:3000]
    return one


async def hits(words: str, county: str = "") -> list[str]:
    """The addresses of what a search offers, for callers of a county alone when one is given."""
    async with db.reading() as connection:
        return [f"/knowledge/{hit.id}" for hit in await knowledge.search(connection, words, county=county)]


async def test_a_unit_writes_the_editor_approves_and_an_agent_finds_it(
    client: httpx.AsyncClient, database: Place
) -> None:
    one = await written(client)
    async with seat(client, "agent"):
        await house.get(client, one, status=404)
    async with seat(client, "editor"):
        page = await house.get(client, "/knowledge?kind=submitted")
        assert "由城市管理局在 24 小时内修复" in page
        assert f'action="{one}/approval"' in page
        done = await house.post(client, f"{one}/approval", {"review_on": ""})
        assert done.headers["location"].endswith("submitted")
    async with seat(client, "agent"):
        page = await house.get(client, "/knowledge?q=门口路灯黑了")
        assert "核对灯杆编号" in page
        assert "写一条" not in page
        assert f"{one}/edit" not in page
    assert await hits("楼下的灯晚上不亮") == [one]


async def test_nobody_approves_what_they_wrote_at_nor_writes_for_another_unit(
    client: httpx.AsyncClient, database: Place
) -> None:
    one = await written(client, "editor")
    async with seat(client, "editor"):
        page = await house.get(client, one)
        assert "由另一位知识编辑审定" in page
        assert f"{one}/approval" not in page
        assert (await house.post(client, f"{one}/approval", {"review_on": ""})).status_code == 403
    async with seat(client, "stranger"):
        assert (await house.post(client, "/knowledge/new", ARTICLE)).status_code == 403
        await house.get(client, one, status=404)
        assert (await house.post(client, f"{one}/approval", {})).status_code == 403
    async with seat(client, "editor2"):
        assert (await house.post(client, f"{one}/approval", {"review_on": ""})).status_code == 303


def seen_in(page: str) -> str:
    """The article as the page showed it, as its forms send it back."""
    return re.search(r'name="seen" value="([^"]+)"', page)[1]  # type: ignore[index]


async def test_nobody_approves_words_that_they_did_not_see(client: httpx.AsyncClient, database: Place) -> None:
    one = await written(client, wordings="护栏撞坏了找谁", answer="由城管局三天内修好。")
    async with seat(client, "editor"):
        seen = seen_in(await house.get(client, one))
    async with seat(client, "writer"):
        await house.post(client, f"{one}/taking-back", {})
        await house.get(client, f"{one}/edit")
        change = {**ARTICLE, "wordings": "护栏撞坏了找谁", "answer": "自己出钱修。"}
        assert (await house.post(client, f"{one}/edit", change)).status_code == 303
        waiting = await client.get(f"{one}/edit")
        assert waiting.headers["location"] == one
    async with seat(client, "editor"):
        late = await house.post(client, f"{one}/approval", {"review_on": "", "seen": seen})
        assert late.status_code == 409
        assert "自己出钱修" in late.text
        assert "有人刚改过这一条" in late.text
        again = await house.post(client, f"{one}/approval", {"review_on": "", "seen": seen_in(late.text)})
        assert again.status_code == 303


async def test_whom_somebody_acts_for_does_not_approve_what_was_written_in_their_name(database: Place) -> None:
    lender, hand = uuid4(), uuid4()
    writes = Actor(id=hand, kind="staff", unit="CGB", units=("CGB",), roles=frozenset({"unit_liaison"}), behalf=lender)
    words = Words(wordings=("护栏油漆掉了",), answer="补漆。", sources="规定", matter="020201", valid_from=TODAY)
    async with db.atomic() as connection:
        one = await verbs.write(connection, writes, "CGB", words)
        await verbs.edit(connection, writes, one, words)
        version = await verbs.opened(connection, await read(connection, one))
    assert version is not None
    assert set(version.hands) == {lender, hand}
    assert not checks.may_decide(Actor(id=lender, kind="staff", roles=frozenset({"knowledge_editor"})), version)


async def test_what_a_citizen_was_told_stays_readable_by_its_number_and_no_draft_does(
    client: httpx.AsyncClient, database: Place
) -> None:
    one = await approved(client, wordings="渣土车撒漏找谁", matter="020105", answer="两小时内清扫。")
    async with seat(client, "writer"):
        await house.post(client, f"{one}/edit", {**ARTICLE, "wordings": "渣土车白天能进城吗", "matter": "020105",
                                                 "answer": "一小时内清扫。"})  # fmt: skip
    async with seat(client, "agent"):
        await house.get(client, f"{one}?v=2", status=404)
        for words in ("渣土车撒漏", "渣土", "K0"):
            page = await house.get(client, f"/knowledge?q={words}")
            assert "渣土车撒漏找谁" in page
            assert "渣土车白天能进城吗" not in page
        assert "渣土车撒漏找谁" not in await house.get(client, "/knowledge?q=白天能进城")
    async with seat(client, "editor"):
        await house.post(client, f"{one}/approval", {"review_on": ""})
    async with seat(client, "agent"):
        old = await house.get(client, f"{one}?v=1")
        assert "两小时内清扫" in old
        assert "不要再用它答复" in old
        assert f'href="{one}?v=2"' in old
        assert "一小时内清扫" in await house.get(client, one)
    async with seat(client, "editor"):
        await house.post(client, f"{one}/retirement", {"reason": "改由县区负责"})
    async with seat(client, "agent"):
        await house.get(client, one, status=404)
        assert "一小时内清扫" in await house.get(client, f"{one}?v=2")
    await house.get(client, f"/answers/{one.rpartition('/')[2]}", status=404)


async def test_an_article_whose_last_day_has_passed_is_to_be_looked_at_and_no_review_prolongs_it(
    client: httpx.AsyncClient, database: Place
) -> None:
    one = await approved(client, wordings="冬季除雪几点开始", matter="020101", answer="雪停后两小时。",
                         valid_to=str(TODAY + timedelta(days=1)))  # fmt: skip
    key, past = UUID(one.rpartition("/")[2]), TODAY - timedelta(days=1)
    async with db.atomic() as connection:
        await connection.execute("UPDATE article_version SET in_from = $2, in_to = $2 WHERE article_id = $1", key, past)
        await connection.execute("UPDATE article_index SET in_from = $2, in_to = $2 WHERE article_id = $1", key, past)
    assert await hits("冬季除雪几点开始") == []
    async with seat(client, "writer"):
        assert "截止日已过，没有新的一版" in await house.get(client, f"/knowledge?kind=look&article={key}")
        assert (await house.post(client, f"{one}/review", {"review_on": ""})).status_code == 409


async def test_sent_back_with_a_reason_and_mended_as_the_next_version_word_by_word(
    client: httpx.AsyncClient, database: Place
) -> None:
    one = await written(client, wordings="井盖丢了找谁", matter="020203")
    async with seat(client, "editor"):
        refused = await house.post(client, f"{one}/return", {"reason": ""})
        assert refused.status_code == 422
        assert "请写明理由" in refused.text
        await house.post(client, f"{one}/return", {"reason": "没写夜里找谁"})
    async with seat(client, "writer"):
        assert "没写夜里找谁" in await house.get(client, one)
        page = await house.get(client, f"{one}/edit")
        seen = seen_in(page)
        change = {**ARTICLE, "wordings": "井盖丢了找谁", "answer": "由城市管理局在 2 小时内处置，夜里找 12345。",
                  "seen": seen}  # fmt: skip
        assert (await house.post(client, f"{one}/edit", change)).status_code == 303
        compared = await house.get(client, f"{one}?from=1&to=2")
        assert "<del>24</del><ins>2</ins>" in compared
        assert "没写夜里找谁" in compared
        late = await house.post(client, f"{one}/edit", change)
        assert late.status_code == 409
        assert "夜里找 12345" in late.text


async def test_a_form_that_is_wrong_comes_back_filled_and_says_what_to_do(
    client: httpx.AsyncClient, database: Place
) -> None:
    async with seat(client, "writer"):
        wrong = {**ARTICLE, "answer": "", "sources": "通知 | 1 号 | ftp://x", "valid_to": "2020-01-01"}
        answer = await house.post(client, "/knowledge/new", wrong)
    assert answer.status_code == 422
    for words in ("截止日不能早于起始日", "链接以 http:// 或 https:// 开头", "小区外面的灯不亮"):
        assert words in answer.text


@pytest.mark.requirement("000-18")
async def test_past_its_review_date_an_article_is_flagged_and_answers_nobody_until_it_is_reviewed(
    client: httpx.AsyncClient, database: Place
) -> None:
    one = await approved(client, wordings="公厕晚上几点关门", matter="020104", answer="夏季 22 时关门。")
    assert await hits("公厕几点关") == [one]
    async with db.atomic() as connection:
        past, key = clock.today() - timedelta(days=1), UUID(one.rpartition("/")[2])
        await connection.execute("UPDATE article SET review_on = $2 WHERE id = $1", key, past)
        await connection.execute("UPDATE article_index SET review_on = $2 WHERE article_id = $1", key, past)
    assert await hits("公厕几点关") == []
    async with seat(client, "agent"):
        assert "夏季 22 时" not in await house.get(client, "/knowledge?q=公厕几点关门")
        await house.get(client, one, status=404)
    assert "夏季 22 时" not in await house.get(client, "/answers?q=公厕几点关门")
    await house.get(client, f"/answers/{one.rpartition('/')[2]}", status=404)
    async with seat(client, "writer"):
        assert "夏季 22 时" in await house.get(client, "/knowledge?kind=stale")
        assert "坐席和市民都查不到" in await house.get(client, one)
        assert (await house.post(client, f"{one}/review", {"review_on": "", "note": "问过环卫处"})).status_code == 303
        page = await house.get(client, one)
        assert "问过环卫处" in page
        assert "上次复核" in page
        assert "writer" in page
    assert await hits("公厕几点关") == [one]


async def test_a_retired_article_answers_nobody_and_a_new_version_keeps_the_old_in_force_until_its_day(
    client: httpx.AsyncClient, database: Place
) -> None:
    one = await approved(client, wordings="养狗证怎么办", matter="060104", answer="免费办理。")
    later = {**ARTICLE, "wordings": "养狗证怎么办", "matter": "060104", "answer": "每年 100 元。",
             "valid_from": str(clock.today() + timedelta(days=5))}  # fmt: skip
    async with seat(client, "writer"):
        assert (await house.post(client, f"{one}/edit", later)).status_code == 303
    async with seat(client, "editor"):
        await house.post(client, f"{one}/approval", {"review_on": ""})
    async with db.reading() as connection:
        assert [hit.answer for hit in await knowledge.search(connection, "养狗证怎么办", public=True)] == ["免费办理。"]
        assert [hit.note for hit in await knowledge.search(connection, "养狗证怎么办", public=True)] == [""]
    async with seat(client, "editor"):
        assert (await house.post(client, f"{one}/retirement", {"reason": "新条例另行规定"})).status_code == 303
        assert "新条例另行规定" in await house.get(client, "/knowledge?kind=retired")
    assert await hits("养狗证怎么办") == []


SHEET = """编号,归口单位,事项,适用地方,问法,答复,依据,起始日
a1,城市管理行政执法局,020101,,摆摊堵路找谁|早市占道,由城管处理。,条例 | 101 号,
a2,没有这个局,020101,,一个问题,答复。,条例,
a3,CGB,999999,,一个问题,答复。,条例,2026-13-40
"""


async def test_a_sheet_is_taken_whole_or_not_with_each_wrong_line_named_and_twice_adds_nothing(
    client: httpx.AsyncClient, database: Place
) -> None:
    sheet = SHEET.replace("城市管理行政执法局", city.current().units["CGB"].name_zh)
    page = "/knowledge/sheets"
    async with seat(client, "editor"):
        refused = await house.post(client, page, {"rows": "all"}, files={"sheet": ("a.csv", sheet.encode())})
        assert refused.status_code == 422
        for words in ("有 2 行要改", "没有这个单位", "没有这个事项", "日期读不懂"):
            assert words in refused.text
        assert await count() == 0
        taken = await house.post(client, page, {"rows": "good"}, files={"sheet": ("a.csv", sheet.encode())})
        assert taken.status_code == 422
        assert await count() == 1
        again = await house.post(client, page, {"rows": "good"}, files={"sheet": ("a.csv", sheet.encode())})
        assert "新增 0 条" in again.text
        given = await client.get("/knowledge/export/csv")
        back = await house.post(client, page, {"rows": "all"}, files={"sheet": ("b.csv", given.content)})
        assert back.status_code == 303, back.text
        assert (await client.get("/knowledge/export/json")).json()[-1]["wordings"] == ["摆摊堵路找谁", "早市占道"]
        other = [{"key": "a1", "owner": "CGB", "matter": "020101", "wordings": ["摆摊堵路找谁"],
                  "answer": "不归\x00我们管。", "sources": "条例"}]  # fmt: skip
        busy = await house.post(client, page, {"rows": "all"}, files={"sheet": ("a.json", json.dumps(other).encode())})
        assert "这一条正待审定" in busy.text
        elsewhere = [{**other[0], "key": "K99999", "wordings": ["早市几点收摊"]}]
        for made in (1, 0):  # a number of another house's: known by its question the second time
            file = ("c.json", json.dumps(elsewhere).encode())
            assert f"新增 {made}" in (await taken_in(client, file)).text
        async with db.atomic() as connection:
            await connection.execute("UPDATE article_version SET state = 'draft' WHERE wordings = '{早市几点收摊}'")
        elsewhere[0]["answer"] = "九点。"
        begun = await taken_in(client, ("c.json", json.dumps(elsewhere).encode()), status=422)
        assert "有人正在改这一条" in begun.text
    async with seat(client, "stranger"):
        foreign = await house.post(client, page, {"rows": "all"}, files={"sheet": ("a.csv", sheet.encode())})
        assert "不是本单位的知识" in foreign.text
    assert await count() == 2


async def taken_in(client: httpx.AsyncClient, file: tuple[str, bytes], status: int = 303) -> httpx.Response:
    """The page after a sheet was brought."""
    answer = await house.post(client, "/knowledge/sheets", {"rows": "all"}, files={"sheet": file})
    assert answer.status_code == status, answer.text[:3000]
    return await client.get(answer.headers["location"]) if status == 303 else answer


async def test_the_command_takes_the_word_of_an_editor_only_and_reads_all_anew_after_the_meanings_changed(
    client: httpx.AsyncClient, database: Place, tmp_path: Path
) -> None:
    _, liaison = await house.a_person("unit_liaison", unit="CGB")
    _, editor = await house.a_person("knowledge_editor", unit="HOT")
    file = tmp_path / "a.csv"
    file.write_text("归口单位,事项,问法,答复,依据\nCGB,020104,公厕有没有母婴室,二十座有。,规定\n", encoding="utf-8")
    assert await knowing.take_in(file, good_only=False, login=liaison, echo=print) == 2
    before = await hits("公厕有没有母婴室")
    assert await knowing.take_in(file, good_only=False, login=editor, echo=print) == 0
    found = await hits("公厕有没有母婴室")
    assert found[0] not in before
    async with db.atomic() as connection:
        await connection.execute("UPDATE article_index SET search = ''::tsvector, senses = '{}'")
    assert await hits("公厕有没有母婴室") == []
    assert await knowing.read_anew(print) == 0
    assert await hits("公厕有没有母婴室") == found


async def count() -> int:
    """How many articles came by a sheet."""
    async with db.reading() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM article WHERE source = 'import'"))


async def test_the_public_reads_answers_with_their_sources_and_never_the_agents_note(
    client: httpx.AsyncClient, database: Place
) -> None:
    one = await approved(client, wordings="树倒了挡路找谁", matter="020301", answer="由园林部门两小时内清理。",
                         note="先问有没有砸到人", county="130402",
                         sources="《规定》 | 住建部令第 4 号 | https://example.gov.cn/4")  # fmt: skip
    public = f"/answers/{one.rpartition('/')[2]}"
    assert one in await hits("门口大树倒了", "130402")
    assert one not in await hits("门口大树倒了", "130403")
    found = await house.get(client, "/answers?q=门口大树倒了")
    assert public in found
    page = await house.get(client, public)
    assert "住建部令第 4 号" in page
    assert '<a href="https://example.gov.cn/4"' in page
    assert "group=0203&amp;county=130402" in await house.get(client, "/answers?county=130402")
    assert "group=0203" not in await house.get(client, "/answers?county=130403")
    assert "最近复核" in page
    assert public in await house.get(client, "/answers?group=0203")
    assert "先问有没有砸到人" not in page + found
    nothing = await house.get(client, "/answers?q=火星上的飞船什么颜色")
    assert "没有找到对得上的答复" in nothing
    assert 'href="/ask"' in nothing
    service = await house.get(client, "/service")
    for words in ("12333", "应走法定途径", "个工作日", "12388"):
        assert words in service


async def test_units_and_editors_are_reminded_before_and_after_a_review_and_a_gone_unit_is_listed(
    client: httpx.AsyncClient, database: Place
) -> None:
    near = await approved(client, wordings="绿地里能遛狗吗", matter="020302")
    past = await approved(client, wordings="树枝挡窗户找谁剪", matter="020301")
    async with db.atomic() as connection:
        for one, days in ((near, 3), (past, -1)):
            day = clock.today() + timedelta(days=days)
            await connection.execute("UPDATE article SET review_on = $2 WHERE id = $1", UUID(one[-36:]), day)
        await connection.execute("UPDATE article SET owner = 'GONE' WHERE id = $1", UUID(near[-36:]))
    assert await knowledge_due.sweep() >= 2
    async with db.reading() as connection:
        sql = "SELECT count(*) FROM staff_notice WHERE kind LIKE 'article_review%'"
        told = await connection.fetchval(sql)
        await knowledge_due.sweep()
        assert await connection.fetchval(sql) == told
        assert told >= 3
    async with seat(client, "editor"):
        page = await house.get(client, "/knowledge?kind=look")
        assert near in page
        assert "没有后继" in page
