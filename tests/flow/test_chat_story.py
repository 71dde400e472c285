"""The story of live chats: asked, waits, taken, answered, receipt, rated; a lost line; two agents; nobody there."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from cases import verbs
from channels import chat_figures, chats, intake
from channels.chats import Chat
from hotline import centre_jobs, clock, db
from sla import facts_store
from tests import builders as b
from tests.visitor import Visitor
from tests.web import seats

pytestmark = pytest.mark.anyio
LAMP = "丛台区和平路与陵西大街口的路灯三天不亮"


@pytest.fixture(autouse=True)
async def empty(database: Any) -> None:
    """Nobody waits from the test before."""
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM chat_line")
        await connection.execute("DELETE FROM chat_case")
        await connection.execute("DELETE FROM chat")
        await connection.execute("DELETE FROM try_count")


@contextlib.asynccontextmanager
async def somebody(client: httpx.AsyncClient) -> AsyncIterator[Visitor]:
    """One more browser at the same service."""
    one = Visitor("http://testserver")
    one.client = httpx.AsyncClient(transport=client._transport, base_url="http://testserver", follow_redirects=True)
    async with one.client:
        yield one


@contextlib.asynccontextmanager
async def agent(client: httpx.AsyncClient, name: str) -> AsyncIterator[Visitor]:
    """An agent who takes chats."""
    async with somebody(client) as one, seats.taken(one.client, "agent", name=name):
        await one.open("/chats")
        await one.submit("/chats/only")
        yield one


async def row(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(sql, *args)


async def swept(**later: float) -> None:
    """The worker's jobs, so much later."""
    with clock.at(clock.now() + timedelta(**later)):
        await centre_jobs.sweep_chats({})
        await intake.make_all()
        await centre_jobs.sweep_chats({})


async def take(one: Visitor) -> str:
    """Take who waits longest: the call screen's page as it came."""
    await one.open("/chats")
    await one.submit("/chats/next")
    return one.page.text


async def ask(one: Visitor, words: str = LAMP) -> None:
    await one.open("/chat")
    await one.submit("/chat", words=words)


@pytest.mark.requirement("002-11")
async def test_a_chat_waits_is_taken_answered_logged_and_rated_with_its_answer_time_measured(
    client: httpx.AsyncClient,
) -> None:
    async with somebody(client) as citizen, agent(client, "李坐席") as desk:
        await ask(citizen)
        assert "下一位就是您" in citizen.text
        with clock.at(clock.now() + timedelta(seconds=70)):
            assert LAMP in await take(desk), "what was asked stands in the words of the call screen"
            chat = str(desk.page.url).partition("chat=")[2]
            await desk.open(f"/chats/{chat}")
            await desk.submit("/words", words="您好，是哪一根灯杆？")
        assert "客服正在接待您" in await citizen.open("/chat")
        assert "是哪一根灯杆" in citizen.text
        assert "李坐席" not in citizen.text, "citizens are told no names of staff"
        await citizen.submit("/chat/words", words="靠东边那根")
        await desk.open(f"/desk?chat={chat}")
        said = next(one for one in desk.forms if one.action == "/desk").fields["words"][0].strip()
        assert said == f"{LAMP}\n靠东边那根"
        await desk.submit("/desk", outcome="answer", reply_text="今晚 22 时前修好。", county="130403")
        text = await citizen.open("/chat")
        number, code = re.findall(r"\d{6}-\d{5}", text)[0], re.findall(r"\n(\d{6})\n", text)[0]
        assert "今晚 22 时前修好" in text
        await desk.open(f"/chats/{chat}")
        assert code not in desk.text, "the query code is the citizen's"
        await desk.submit("/end", how="answered")
        await citizen.open("/chat")
        await citizen.submit("/chat/rating", grade="satisfied")
        assert "您的评价" in citizen.text
        assert "今晚 22 时前修好" in await citizen.open(f"/chat/cases/{number}")
    request = await row("SELECT channel, reply_by, final_grade FROM request WHERE receipt_no = $1", number)
    assert tuple(request) == ("chat", "web", "satisfied")
    kept = await row("SELECT state, outcome, answer_s, grade FROM chat WHERE id = $1", UUID(chat))
    assert (kept["state"], kept["outcome"], kept["grade"]) == ("ended", "case", "satisfied")
    assert 69 <= kept["answer_s"] <= 75
    await facts_store.refresh()
    fact = await row("SELECT f.good FROM fact f JOIN request r ON r.id = f.subject WHERE f.measure = 'media_3m'"
                     " AND r.receipt_no = $1", number)  # fmt: skip
    assert fact["good"] is True, "within three minutes, beside SMS and WeChat"
    sealed = await row("SELECT string_agg(encode(body, 'escape'), '') AS said FROM chat_line")
    assert "灯" not in sealed["said"]
    async with somebody(client) as chief, seats.taken(chief.client, "shift_supervisor"):
        assert "100.0%" in await chief.open("/floor")
        assert "应答率" in await chief.open("/floor/figures")
        answer = await chief.client.get("/floor/chats.csv")
        assert ",1,1,1,100.0," in answer.text


@pytest.mark.requirement("002-11")
async def test_two_agents_at_once_one_gets_the_chat_and_the_other_is_told_who(client: httpx.AsyncClient) -> None:
    async with somebody(client) as first, somebody(client) as second:
        await ask(first, "先来的")
        await ask(second, "后来的")
        assert "您前面还有 1 位" in second.text
        async with agent(client, "甲") as one, agent(client, "乙") as other:
            await one.open("/chats")
            await other.open("/chats")
            button = next(form for form in one.forms if form.action == "/chats/next").fields
            await one.submit("/chats/next")
            assert "先来的" in one.page.text
            again = await one.client.post("/chats/next", data=button)
            assert str(again.url).endswith(f"/desk?{one.page.url.query.decode()}"), "pressed twice, it is the same one"
            assert (await row("SELECT count(*) AS n FROM chat WHERE state = 'talking'"))["n"] == 1
            assert "甲 已经接了" in await other.submit("/chats/next")
            assert other.page.status_code == 409
            assert "后来的" in await take(other)
            chat = str(one.page.url).partition("chat=")[2]
            await other.open(f"/chats/{chat}")
            assert other.page.status_code == 404, "a chat is seen by who has it"
            await one.open(f"/chats/{chat}")
            colleague = await row("SELECT agent FROM chat WHERE id <> $1", UUID(chat))
            await one.submit("/hand", colleague=colleague["agent"])
            assert "先来的" in await other.open(f"/chats/{chat}")
            assert "换一位客服接待" in await first.open("/chat")


async def test_a_lost_line_loses_no_word_and_doubles_none(client: httpx.AsyncClient) -> None:
    async with somebody(client) as citizen:
        await citizen.open("/chat")
        form = next(one for one in citizen.forms if one.action == "/chat")
        data = {**form.fields, "words": ["有人吗"]}
        answer = await citizen.client.post("/chat", data=data, follow_redirects=False)
        assert answer.status_code == 303
        citizen.client.cookies.delete("hl_chat")  # the answer never arrived
        await citizen.client.post("/chat", data=data)
        await citizen.open("/chat")
        say = next(one for one in citizen.forms if one.action == "/chat/words")
        for _ in range(2):
            await citizen.client.post("/chat/words", data={**say.fields, "words": ["路灯坏了"]})
        text = await citizen.open("/chat")
        assert (text.count("有人吗"), text.count("路灯坏了")) == (1, 1)
        assert (await row("SELECT count(*) AS n FROM chat"))["n"] == 1
        await citizen.submit("/chat/words", words="字" * 1001)
        assert "现在 1001 字" in citizen.text
        assert "字" * 1001 in citizen.page.text, "what was typed comes back"
        quiet = await citizen.client.get("/chat/lines?at=0.0", headers={"HX-Request": "true"})
        assert "路灯坏了" in quiet.text
        assert 'id="chat-leaving" hx-swap-oob="true"' in quiet.text, "the ways to end it change with what was said"
        at = re.findall(r"/chat/lines\?at=([\d.]+)", quiet.text)[0]
        assert (await citizen.client.get(f"/chat/lines?at={at}", headers={"HX-Request": "true"})).status_code == 204
        async with somebody(client) as stranger:
            await stranger.open("/chat")
            assert "有人吗" not in stranger.text


@pytest.mark.requirement("002-11")
async def test_nobody_there_the_supervisor_hears_of_it_and_the_message_becomes_a_case(
    client: httpx.AsyncClient,
) -> None:
    async with somebody(client) as citizen, somebody(client) as chief:
        async with seats.taken(chief.client, "shift_supervisor"):
            await ask(citizen, f"{LAMP}，没人接")
            await swept(minutes=4)
            await chief.open("/reminders")
            assert "网上对话没人应答" in chief.text
        await swept(minutes=11)
        text = await citizen.open("/chat")
        number = re.findall(r"\d{6}-\d{5}", text)[0]
        assert re.findall(r"\n(\d{6})\n", text), "with its code"
        made = await row("SELECT r.words, r.channel FROM request r WHERE receipt_no = $1", number)
        assert tuple(made) == (f"{LAMP}，没人接", "chat")
        linked = await row("SELECT case_id FROM chat_case WHERE receipt_no = $1", number)
        assert linked["case_id"] is not None
        await swept(minutes=12)
        assert (await row("SELECT count(*) AS n FROM request WHERE words = $1", made["words"]))["n"] == 1
        await b.act("agent", number, verbs.answer, reply="已转路灯管理处。")
        await b.act("coord", number, verbs.erase, rule="保存期满")
        assert (await row("SELECT count(body) AS n FROM chat_line"))["n"] == 0


async def test_silence_of_an_agent_gives_the_chat_to_another_and_of_a_citizen_ends_it(
    client: httpx.AsyncClient,
) -> None:
    async with somebody(client) as citizen, agent(client, "甲") as one:
        await ask(citizen)
        await take(one)
        await swept(minutes=11)
        assert "正在换一位，优先接待" in await citizen.open("/chat")
        assert (await row("SELECT is_urgent FROM chat"))["is_urgent"] is False, "nobody cried for help"
        await take(one)
        chat = str(one.page.url).partition("chat=")[2]
        await one.open(f"/chats/{chat}")
        phrases = next(form for form in one.forms if "phrase" in form.names)
        await one.client.post(phrases.action, data={**phrases.fields, "phrase": "请稍等，我查一下。"})
        assert "请稍等" in await citizen.open("/chat")
        await swept(minutes=6)
        assert "对话自动结束" in await citizen.open("/chat")
        await swept(minutes=10)
        assert "对话已结束" in await citizen.open("/chat")
        await citizen.submit("/chat/leave", how="case")
        await swept()
        assert re.findall(r"\d{6}-\d{5}", await citizen.open("/chat")), "not solved: a case without saying it again"
        await ask(citizen, "还有一件")
        await take(one)
        await one.open("/seat")
        await one.submit("/seat/offline")
        await swept(seconds=5)
        assert "正在换一位" in await citizen.open("/chat"), "who went home keeps nobody waiting"
        assert (await row("SELECT count(*) AS n FROM request WHERE channel = 'chat'"))["n"] >= 1


async def test_a_cry_for_help_shows_the_number_at_once_and_goes_first(client: httpx.AsyncClient) -> None:
    async with somebody(client) as calm, somebody(client) as hurt, agent(client, "甲") as one:
        await ask(calm, "问个政策")
        await ask(hurt, "楼上着火了，快来人")
        assert 'href="tel:119"' in hurt.page.text
        assert "拨打 119" in hurt.text
        assert "楼上着火了" in await take(one)
        supervisor = await seats.person("shift_supervisor")
        await swept(minutes=4)
        assert "问个政策" in await take(one)
        chat = str(one.page.url).partition("chat=")[2]
        await one.open(f"/chats/{chat}")
        await one.submit("/words", words="您好，什么政策？")
        told = "SELECT count(*) AS n FROM staff_notice WHERE person_id = $1 AND key LIKE 'chat_cry:' || $2 || '%'"
        assert (await row(told, supervisor, chat))["n"] == 0
        await calm.open("/chat")
        await calm.submit("/chat/words", words="有人晕倒，快叫救护车")
        await swept()
        assert (await row(told, supervisor, chat))["n"] == 1, "in a talk that goes on as well"


async def test_abuse_is_noted_with_its_reason_and_that_browser_waits(client: httpx.AsyncClient) -> None:
    async with somebody(client) as rude, agent(client, "甲") as one:
        await ask(rude, "骂人的话")
        await take(one)
        chat = str(one.page.url).partition("chat=")[2]
        await one.open(f"/chats/{chat}")
        await one.submit("/end", how="answered")
        assert "还没答复" in one.text
        await one.submit("/end", how="abuse")
        assert "请写明对方说了什么" in one.text
        await one.submit("/end", how="abuse", reason="反复辱骂")
        assert (await row("SELECT kind FROM act WHERE subject = $1", f"chat:{chat}"))["kind"] == "chat_barred"
        await rude.open("/chat")
        await rude.submit("/chat", words="再来")
        assert "暂时不能使用网上对话" in rude.text
        assert rude.page.status_code == 409
        with clock.at(clock.now() + timedelta(hours=25)):
            await ask(rude, "昨天对不起")
            assert "下一位就是您" in rude.text
        await swept(days=32)
        assert (await row("SELECT wiped_at FROM chat WHERE id = $1", UUID(chat)))["wiped_at"] is not None


async def test_out_of_hours_what_is_written_becomes_a_case_at_once(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.chat_citizen.hours", lambda: "Mo 09:00-09:01")
    async with somebody(client) as citizen:
        assert "现在不在服务时间" in await citizen.open("/chat")
        await ask(citizen, "半夜的噪声")
        assert re.findall(r"\d{6}-\d{5}", citizen.text)
    async with db.reading() as connection:
        counted = await chat_figures.of_days(connection, clock.today())
    assert counted.n == 0, "nobody was to answer it"
    chat = (await row("SELECT id FROM chat"))["id"]
    async with somebody(client) as chief, seats.taken(chief.client, "shift_supervisor"):
        await chief.open(f"/chats/{chat}/transcript")
        assert chief.page.status_code == 404, "its case may turn out to be sealed"
        await swept()
        assert "半夜的噪声" in await chief.open(f"/chats/{chat}/transcript")


async def test_a_second_window_goes_on_in_the_chat_and_a_post_that_comes_twice_at_once_is_one(
    client: httpx.AsyncClient,
) -> None:
    async with somebody(client) as citizen:
        await citizen.open("/chat")
        second = next(one for one in citizen.forms if one.action == "/chat").fields
        await ask(citizen, "第一个窗口")
        await citizen.client.post("/chat", data={**second, "words": ["第二个窗口"]})
        text = await citizen.open("/chat")
        assert "第一个窗口" in text
        assert "第二个窗口" in text
        assert (await row("SELECT count(*) AS n FROM chat"))["n"] == 1
    async with somebody(client) as hasty:
        await hasty.open("/chat")
        data = {**next(one for one in hasty.forms if one.action == "/chat").fields, "words": ["按了两下"]}
        answers = await asyncio.gather(*(hasty.client.post("/chat", data=data) for _ in range(2)))
        assert [one.status_code for one in answers] == [200, 200]
        assert (await row("SELECT count(*) AS n FROM chat"))["n"] == 2


async def test_a_chat_handed_back_waits_anew_and_hears_of_the_case_that_its_agent_was_logging(
    client: httpx.AsyncClient,
) -> None:
    async with somebody(client) as first, somebody(client) as second, agent(client, "甲") as one:
        await ask(first)
        await ask(second, "后来的")
        await take(one)
        chat = str(one.page.url).partition("chat=")[2]
        with clock.at(clock.now() + timedelta(minutes=9)):
            await one.open(f"/chats/{chat}")
            await one.submit("/hand", colleague="")
            await one.open(f"/desk?chat={chat}")
            assert one.page.status_code == 404, "it is nobody's now"
        await swept(minutes=9.5)
        assert "下一位就是您" in await first.open("/chat"), "before who began later"
        await swept(minutes=12)
        assert "下一位就是您" in await first.open("/chat"), "its minutes in the queue count from then on"
        assert (await row("SELECT is_urgent FROM chat WHERE id = $1", UUID(chat)))["is_urgent"] is False
        await take(one)
        await one.open(f"/desk?chat={chat}")
        desk = one.forms
        await swept(minutes=23)
        assert (await row("SELECT state FROM chat WHERE id = $1", UUID(chat)))["state"] == "waiting"
        one.forms = desk
        await one.submit("/desk", outcome="accept", matter_q="020201", county="130403", place="和平路")
        number = re.findall(r"\d{6}-\d{5}", one.text)[0]
        assert number in await first.open("/chat"), "told, lest the next one logs it again"
        kept = await row("SELECT answered_at, unanswered_since FROM chat WHERE id = $1", UUID(chat))
        assert kept["answered_at"] is not None
        assert kept["unanswered_since"] is None, "the receipt is an answer"


async def test_a_chat_that_cannot_be_swept_keeps_no_other_from_it(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with somebody(client) as first, somebody(client) as second:
        await ask(first, "坏的")
        bad = (await row("SELECT id FROM chat"))["id"]
        await ask(second, "好的")

        async def broken(connection: db.Connection, chat: Chat) -> None:
            if chat.id == bad:
                raise RuntimeError
            await chats.end(connection, chat, chats.MESSAGE, is_owed=True)

        monkeypatch.setattr("channels.chat_sweep._give_up", broken)
        await swept(minutes=11)
        assert (await row("SELECT state FROM chat WHERE id = $1", bad))["state"] == "waiting"
        assert re.findall(r"\d{6}-\d{5}", await second.open("/chat"))


async def test_a_letter_keeps_its_day_and_address_and_a_visitor_the_identity_that_was_seen(
    client: httpx.AsyncClient,
) -> None:
    async with somebody(client) as one, seats.taken(one.client, "agent"):
        async def log(**given: Any) -> str:
            await one.open("/desk")
            await one.submit("/desk", outcome="accept", matter_q="020201", county="130403", place="和平路", **given)
            return one.text

        assert "请写通信地址" in await log(channel="mail", words="来信：路灯不亮")
        text = await log(
            channel="mail", words="来信：路灯不亮二", address="丛台区和平路 8 号", name="王芳",
            received_on=clock.today() - timedelta(days=3),
        )  # fmt: skip
        number = re.findall(r"\d{6}-\d{5}", text)[0]
        letter = await row("SELECT reply_by, address, filed_at FROM request WHERE receipt_no = $1", number)
        assert letter["reply_by"] == "mail"
        assert letter["address"] is not None
        assert clock.local_day(letter["filed_at"]) == clock.today() - timedelta(days=3)
        assert "写代填人" in await log(channel="assisted", words="替老人反映", name="王芳")
        text = await log(channel="walk_in", words="到窗口反映", name="王芳", is_identified="yes")
        number = re.findall(r"\d{6}-\d{5}", text)[0]
        assert (await row("SELECT kind FROM act WHERE subject = $1", f"case:{number}"))["kind"] == "identity_seen"
