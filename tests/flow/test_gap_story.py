"""Answered from knowledge; what it does not answer becomes a gap, the gap an article, and whoever asked hears of it."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from channels import reminders_gap
from channels.message import Decision, Operator
from hotline import city, clock, db
from hotline import knowledge_decisions as decisions
from hotline import knowledge_verbs as articles
from hotline.knowledge_rows import Words
from sla import calendar, gap_watch
from tests import builders as b
from tests.web import house
from tests.web.administration import field, instead
from web.cases import to_article

pytestmark = pytest.mark.anyio
HUKOU = "孩子出生后上户口要带什么材料，去哪里办"


async def one(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(sql, *args)


async def an_article(question: str, answer: str, **more: Any) -> UUID:
    """An approved article of 城管局."""
    writer, editor = await b.person("cgb"), await b.person("editor")
    words = Words(
        wordings=(question,), answer=answer, matter="020201", sources="《城市照明管理规定》 | 住建部令第 4 号",
        valid_from=clock.today(), **more,
    )  # fmt: skip
    async with db.atomic() as connection:
        made = await articles.write(connection, writer, writer.unit, words)
        await articles.submit(connection, writer, made)
        await decisions.approve(connection, editor, made)
    return made


def a_call(words: str, **change: Any) -> dict[str, Any]:
    given = {
        "_once": uuid4().hex, "draft": str(uuid4()), "words": words, "line": "12345", "channel": "phone",
        "kind": "enquiry", "urgency": "normal", "phone": "13900001111", "county": "130403", "outcome": "accept",
    }  # fmt: skip
    return {**given, **change}


async def offered(client: httpx.AsyncClient, call: dict[str, Any]) -> str:
    return (await house.post(client, "/desk/proposals", call, page="/desk", is_htmx=True)).text


async def test_a_call_is_answered_from_an_article_and_counted_by_version_and_day(client: httpx.AsyncClient) -> None:
    article = await an_article("路灯坏了找谁修", "城管局三个工作日内修好。", note="先问清杆号。")
    async with house.signed_in(client, "agent", unit="HOT") as agent:
        call = a_call("请问我们小区门口路灯坏了找谁修")
        strip = await offered(client, call)
        for shown in ("城管局三个工作日内修好。", "先问清杆号。", "城市照明管理规定", "复核到", 'data-answer="Digit1"'):
            assert shown in strip
        filled = await house.post(client, "/desk", {**call, "take": f"article:{article}:1"}, page="/desk")
        assert re.search(r"<textarea id=\"f-reply_text\"[^>]*>\s*城管局三个工作日内修好。", filled.text)
        done = {**call, "outcome": "answer", "article": f"{article}:1", "reply_text": "城管局三个工作日内修好。"}
        assert (await house.post(client, "/desk", done, page="/desk")).status_code == 303
    used = await one("SELECT * FROM article_use WHERE article_id = $1", article)
    assert (used["version"], used["person_id"]) == (1, agent)
    event = await one("SELECT data FROM case_event WHERE case_id = $1 AND kind = 'answered'", used["case_id"])
    assert str(article) in event["data"]
    number = (await one("SELECT number FROM cases WHERE id = $1", used["case_id"]))["number"]
    async with house.signed_in(client, "coordination", unit="HOT"):
        assert f'href="/knowledge/{article}?v=1"' in await house.get(client, f"/cases/{number}")
    async with house.signed_in(client, "knowledge_editor", unit="HOT"):
        figures = await house.get(client, f"/knowledge/figures?article={article}&version=1")
        assert "路灯坏了找谁修" in figures
        assert f"{clock.today()} 1" in figures
        await db.pool().execute("UPDATE article_use SET at = at - interval '40 days' WHERE article_id = $1", article)
        later = await house.get(client, f"/knowledge/figures?article={article}&version=1")
    assert f"{clock.today() - timedelta(days=40)} 1" not in later, "the days are those of the count that leads there"


async def test_an_expired_article_cannot_answer(client: httpx.AsyncClient) -> None:
    article = await an_article("电动车上牌去哪里", "交警大队车管所。")
    async with db.atomic() as connection:
        await connection.execute("UPDATE article_index SET review_on = $2 WHERE article_id = $1", article,
                                 clock.today() - timedelta(days=1))  # fmt: skip
    async with house.signed_in(client, "agent", unit="HOT"):
        call = a_call("电动车上牌去哪里", outcome="answer", article=f"{article}:1", reply_text="交警大队车管所。")
        assert "交警大队车管所" not in await offered(client, a_call("电动车上牌去哪里"))
        answer = await house.post(client, "/desk", call, page="/desk")
    assert answer.status_code == 422
    assert "过了复核日期" in answer.text


async def its_unit_writes_the_article(client: httpx.AsyncClient, path: str) -> None:
    """The editor hands the gap to a unit, whose handler drafts and submits; the editor approves."""
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert (await client.get(path)).status_code == 404, "it is another unit's"
    async with house.signed_in(client, "knowledge_editor", unit="HOT"):
        assert "要双语的清单" in await house.get(client, path)
        given = await house.post(client, f"{path}/owner", {"owner": "CGB"}, page=path)
        assert given.status_code == 303
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert HUKOU[:10] in await house.get(client, "/knowledge/gaps")
        made = await house.post(client, f"{path}/draft", {"answer": "带出生证和户口本到派出所。"}, page=path)
        assert made.status_code == 303, made.text[:2000]
        article = made.headers["location"]
        await its_draft_is_handed_to(client, path, "WSU", article, status=404)
        await its_draft_is_handed_to(client, path, "CGB", article, status=200)
        page = await house.get(client, f"{article}/edit")
        assert "带出生证和户口本到派出所。" in page
        words = {
            "seen": field(page, "seen"), "owner": field(page, "owner"), "wordings": HUKOU, "matter": "020201",
            "answer": "带出生证和户口本到派出所。", "sources": "户口登记条例", "valid_from": str(clock.today()),
            "then": "submit",
        }  # fmt: skip
        sent = await house.post(client, f"{article}/edit", words, page=f"{article}/edit")
        assert sent.status_code == 303, sent.text[:2000]
        assert 'id="approve"' not in await house.get(client, article), "who wrote it does not approve it"
        assert (await house.post(client, f"{article}/approval", {}, page=article)).status_code == 403
    async with house.signed_in(client, "knowledge_editor", unit="HOT"):
        assert HUKOU in await house.get(client, "/knowledge?kind=submitted")
        day = field(await house.get(client, article), "review_on")
        approved = await house.post(client, f"{article}/approval", {"review_on": day}, page=article)
        assert approved.status_code == 303, approved.text[:2000]
    told = await one("SELECT count(*) AS n FROM staff_notice WHERE kind = 'gap_new' AND unit = 'CGB'")
    assert told["n"], "the unit that it was given to hears of it, the same day"


async def its_draft_is_handed_to(
    client: httpx.AsyncClient, path: str, owner: str, article: str, *, status: int
) -> None:
    """The gap goes to another unit and the draft with it: whoever sits at ``client`` may still write it, or not."""
    async with instead(client, "knowledge_editor"):
        assert (await house.post(client, f"{path}/owner", {"owner": owner}, page=path)).status_code == 303
    assert (await client.get(f"{article}/edit")).status_code == status


@pytest.mark.requirement("004-49")
async def test_a_gap_that_an_agent_raises_gets_owner_and_due_date_and_becomes_an_article(
    client: httpx.AsyncClient
) -> None:
    async with house.signed_in(client, "agent", unit="HOT", name="林坐席") as agent:
        call = a_call(HUKOU + "，我叫张三，电话13812345678")
        assert "知识里没有查到" in await offered(client, call)
        press = {**call, "gap": "none"}
        at_once = (house.post(client, "/desk/gaps", press, page="/desk", is_htmx=True) for _ in range(2))
        for raised in await asyncio.gather(*at_once):
            assert "已记下" in raised.text
        ask = re.search(r"/desk/gaps/([0-9a-f-]{36})/words", raised.text)
        assert ask
        more = {"gap_words": "要双语的清单"}
        await house.post(client, f"/desk/gaps/{ask[1]}/words", more, page="/desk", is_htmx=True)
    gap = await one("SELECT * FROM knowledge_gap ORDER BY raised_at DESC LIMIT 1")
    assert (gap["times"], gap["why"], gap["raised_by"]) == (1, "no_answer", agent), "a double press is one"
    assert "13812345678" not in gap["question"]
    days = calendar.of(city.current())
    assert gap["due_at"] == days.add_working_days(gap["raised_at"], int(city.current().rule("gap.days"))).at
    assert gap["owner"]
    async with house.signed_in(client, "agent", unit="HOT"):
        await house.post(client, "/desk/gaps", {**a_call("给新生孩子上户口要带什么材料去哪里办"), "gap": "none"},
                         page="/desk", is_htmx=True)  # fmt: skip
    gap = await one("SELECT * FROM knowledge_gap WHERE id = $1", gap["id"])
    assert gap["times"] == 2, "the same question is counted with it"

    await its_unit_writes_the_article(client, f"/knowledge/gaps/{gap['id']}")
    for _ in range(2):
        await gap_watch.watch(reminders_gap.tell)
    gap = await one("SELECT * FROM knowledge_gap WHERE id = $1", gap["id"])
    assert gap["state"] == "settled"
    told = await one("SELECT count(*) AS n FROM staff_notice WHERE kind = 'gap_settled' AND person_id = $1", agent)
    assert told["n"] == 1, "whoever raised it hears of it, once"
    async with house.signed_in(client, "agent", unit="HOT"):
        assert "带出生证和户口本到派出所" in await offered(client, a_call("孩子上户口要什么材料"))


async def test_what_did_not_help_goes_to_the_articles_unit_and_what_is_late_is_told_once(
    client: httpx.AsyncClient
) -> None:
    article = await an_article("占道摆摊怎么举报", "打城管热线。")
    async with house.signed_in(client, "agent", unit="HOT") as agent:
        call = a_call("楼下占道摆摊怎么举报，天天吵")
        raised = await house.post(client, "/desk/gaps", {**call, "gap": f"{article}:1"}, page="/desk", is_htmx=True)
        assert "市城管局" in raised.text or "城" in raised.text
        secret = {**a_call("楼下摊主张某天天占道，别说是我说的", is_confidential="yes"), "gap": "none"}
        refused = await house.post(client, "/desk/gaps", secret, page="/desk", is_htmx=True)
        assert refused.status_code == 409
        secret["gap"] = f"{article}:1"
        await house.post(client, "/desk/gaps", {**secret, "draft": str(uuid4())}, page="/desk", is_htmx=True)
    gap = await one("SELECT * FROM knowledge_gap WHERE article_id = $1", article)
    assert (gap["owner"], gap["why"], gap["times"]) == ("CGB", "did_not_help", 2)
    hidden = await one("SELECT count(*) AS n FROM knowledge_gap WHERE question LIKE '%张某%'")
    assert hidden["n"] == 0, "no word of a confidential call goes to a unit"
    for _ in range(2):
        await gap_watch.watch(reminders_gap.tell, gap["due_at"] + timedelta(hours=1))
    late = await one("SELECT count(DISTINCT key) AS n FROM staff_notice WHERE kind = 'gap_late' AND unit = 'CGB'")
    assert late["n"] == 1
    path = f"/knowledge/gaps/{gap['id']}"
    async with house.signed_in(client, "unit_head", unit="CGB"):
        assert (await house.post(client, f"{path}/refusal", {"reason": ""}, page=path)).status_code == 422
        assert (await house.post(client, f"{path}/refusal", {"reason": "举报另有渠道"}, page=path)).status_code == 303
        assert (await house.post(client, f"{path}/refusal", {"reason": "再来"}, page=path)).status_code == 409
    told = await one("SELECT zh FROM staff_notice WHERE kind = 'gap_refused' AND person_id = $1", agent)
    assert "举报另有渠道" in told["zh"]


async def test_the_answer_to_an_enquiry_is_offered_to_its_unit_as_a_draft(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await b.person("agent")
    receipt = await b.a_case(
        "callback", kind="enquiry", words="请问路灯杆上的广告谁审批？我是张三13812345678", channel="phone",
        operator=Operator(id=agent.id, name=agent.name, unit=agent.unit, roles=tuple(agent.roles)),
        decision=Decision(outcome="accept", matter="020201"),
    )  # fmt: skip
    page = f"/cases/{receipt.number}"
    async with house.signed_in(client, "unit_handler", unit="130403", jurisdiction="130403"):
        assert "写成知识草稿" in await house.get(client, page)
        real, both = to_article.offer, asyncio.Barrier(2)

        async def together(*args: Any) -> Any:
            found = await real(*args)
            await both.wait()  # both have seen that there is none
            return found

        monkeypatch.setattr(to_article, "offer", together)
        at_once = (house.post(client, f"{page}/article", {}) for _ in range(2))
        made, again = await asyncio.gather(*at_once)
        assert made.status_code == 303
        assert again.headers["location"] == made.headers["location"]
    noted = await one("SELECT count(*) AS n FROM case_event WHERE kind = 'article_drafted'")
    assert noted["n"] == 1, "two presses at once are one"
    article = UUID(made.headers["location"].rpartition("/")[2])
    found = await one(
        "SELECT v.wordings, v.answer, a.owner FROM article a JOIN article_version v ON v.article_id = a.id"
        " WHERE a.id = $1", article,
    )  # fmt: skip
    assert "13812345678" not in found["wordings"][0]
    assert (found["answer"], found["owner"]) == (b.HANDLED["reply"], "130403")
