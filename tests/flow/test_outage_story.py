"""Forty callers, one burst main: each is answered at once, and told once when it is over, whatever dies between."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from cases import outage_acts, outage_telling, verbs_outage
from channels import arrivals, notify_outage, outage_callers, outage_due, reading
from channels.heard import Heard
from channels.message import Decision, Operator
from hotline import city, clock, db, vault
from hotline.actor import SYSTEM
from hotline.work import work
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio
CALLERS = 40
DAY = f"{clock.local(clock.now()) + timedelta(days=3):%Y-%m-%d}"
PLACE = "丛台区 和平路、罗城头小区"
_numbers = itertools.count(13_811_110_000)


def a_notice(**change: Any) -> dict[str, Any]:
    """A burst main in 和平路."""
    now = clock.local(clock.now())
    given = {
        "_once": uuid4().hex, "kind": "water", "planned": "sudden",
        "since": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "expected": f"{now + timedelta(hours=5):%Y-%m-%dT%H:%M}", "areas": PLACE, "cause": "主管道爆裂抢修",
        "note": "罗城头小区北门有送水车。",
    }  # fmt: skip
    return {**given, **change}


def a_call(**change: Any) -> dict[str, Any]:
    given = {
        "_once": uuid4().hex, "draft": str(uuid4()), "words": "丛台区和平路从早上就没水了", "line": "12345",
        "channel": "phone", "kind": "assistance", "urgency": "normal", "county": "130403",
        "phone": str(next(_numbers)), "outcome": "accept",
    }  # fmt: skip
    return {**given, **change}


async def one(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(sql, *args)


async def messages(name: str) -> Counter[str]:
    """How many messages of a name went to each address."""
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT address, body FROM outbox_message WHERE name = $1", name)
    assert all(len(vault.unseal(row["body"], "outbox")) <= 70 for row in rows)
    return Counter(vault.unseal(row["address"], "outbox") for row in rows)


async def entered(client: httpx.AsyncClient, **change: Any) -> str:
    answer = await house.post(client, "/outages", a_notice(**change), page="/outages/new")
    assert answer.status_code == 303, answer.text[:3000]
    return str(answer.headers["location"])


async def called(outage: str, phone: str, **change: Any) -> str:
    """Another call that an agent answered with the outage; the number of its case."""
    agent = await b.person("agent")
    operator = Operator(id=agent.id, name=agent.name, unit=agent.unit, roles=tuple(agent.roles))
    tells = bool(change.pop("tells", True))
    decision = Decision(outcome="answer", reply="和平路停水，正在抢修。", outage=UUID(outage), tells=tells)
    given = {"channel": "phone", "words": "和平路没水", "phone": phone, "operator": operator, **change}
    return (await b.a_receipt(decision=decision, **given)).number


async def an_agent_answers_with_it(client: httpx.AsyncClient, outage: str) -> str:
    """Offered first with its reason, its sentence filled in, answered at once; the caller's number."""
    async with house.signed_in(client, "agent", unit="HOT"):
        call = a_call()
        offered = (await house.post(client, "/desk/proposals", call, page="/desk", is_htmx=True)).text
        assert "“和平路”在停供范围" in offered
        assert "送水车" in offered
        elsewhere = a_call(words="丛台区陵西大街没水了")
        other = await house.post(client, "/desk/proposals", elsewhere, page="/desk", is_htmx=True)
        assert "停供范围" not in other.text
        filled = (await house.post(client, "/desk", {**call, "take": f"outage:{outage}"}, page="/desk")).text
        said = re.search(r'<textarea id="f-reply_text"[^>]*>\s*([^<]+)</textarea>', filled)
        assert said
        assert "主管道爆裂抢修" in said[1]
        assert "预计" in said[1]
        done = a_call(
            phone=call["phone"], outcome="answer", outage=outage, outage_tells="yes", reply_text=said[1].strip()
        )
        answer = await house.post(client, "/desk", done, page="/desk")
        assert answer.status_code == 303, answer.text[:2000]
        again = await house.post(client, "/desk", done, page="/desk")
        assert again.headers["location"] == answer.headers["location"], "a double post is one call"
    return str(call["phone"])


async def the_supervisor_moves_its_end_and_ends_it(client: httpx.AsyncClient, path: str) -> None:
    async with house.signed_in(client, "shift_supervisor", unit="HOT"):
        page = await house.get(client, path)
        assert f"{CALLERS + 2} 人" in page
        late = f"{clock.local(clock.now()) + timedelta(hours=8):%Y-%m-%dT%H:%M}"
        moved = await house.post(client, f"{path}/expected-end", {"expected": late, "why": "要换一段管"}, page=path)
        assert moved.status_code == 303
        stale = {"words": "", "revision": "1"}
        assert (await house.post(client, f"{path}/end", stale, page=path)).status_code == 409
        assert (await house.post(client, f"{path}/end", {"words": "刚来水可能发黄"}, page=path)).status_code == 303
    assert "要换一段管" in await house.get(client, "/outages/now")


async def they_are_told_though_the_worker_is_killed(monkeypatch: pytest.MonkeyPatch, outage: str) -> None:
    """In the middle of the second batch; then twice at once, and once more."""
    monkeypatch.setattr(outage_telling, "BATCH", 15)
    real, n = verbs_outage.tell, itertools.count(1)

    async def dies(*args: Any) -> Any:
        if next(n) == 20:
            raise asyncio.CancelledError  # the worker is killed in the middle of the second batch
        return await real(*args)

    monkeypatch.setattr(verbs_outage, "tell", dies)
    with pytest.raises(asyncio.CancelledError):
        await outage_telling.deliver()
    monkeypatch.setattr(verbs_outage, "tell", real)
    assert sum((await messages("outage_over")).values()) in (13, 14, 15)
    await asyncio.gather(outage_telling.deliver(), outage_telling.deliver())
    await outage_telling.deliver()
    assert await told_again(outage) == 0, "a batch read before another run told it"


async def told_again(outage: str) -> int:
    """How many a batch would tell that was read before, when it comes to its turn now."""
    all_of_it = await one("SELECT array_agg(case_id) AS ids FROM outage_link WHERE outage_id = $1", UUID(outage))
    async with work(SYSTEM) as w:
        return await outage_telling._tell(w, UUID(outage), all_of_it["ids"])


async def test_forty_callers_are_answered_at_once_and_told_once_when_it_is_over(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.signed_in(client, "unit_liaison", unit="WSU"):
        for nowhere in ("天上", "丛台区 部分小区", "丛台区 部分用户"):
            wrong = await house.post(client, "/outages", a_notice(areas=nowhere, expected=""), page="/outages/new")
            assert wrong.status_code == 422, nowhere
            assert nowhere in wrong.text, "the form comes back filled in"
        twice, paths = a_notice(), set()
        for answer in await asyncio.gather(*(house.post(client, "/outages", twice, page="/outages/new") for _ in "12")):
            assert answer.status_code == 303, answer.text[:3000]
            paths.add(answer.headers["location"])
        (path,) = paths
    outage = path.rpartition("/")[2]

    first = await an_agent_answers_with_it(client, outage)
    phones = [first, *(str(next(_numbers)) for _ in range(CALLERS - 2))]
    for phone in phones[1:]:
        await called(outage, phone)
    secret = await called(outage, "13811119999", is_confidential=True, words="和平路没水，别说是我打的")
    quiet = await called(outage, "13811118888", tells=False)
    await called(outage, phones[5])  # once more, impatient: linked, and told once all the same
    links = await one("SELECT count(*) AS n FROM outage_link WHERE outage_id = $1", outage)
    assert links["n"] == CALLERS + 2
    async with house.signed_in(client, "unit_liaison", unit="WSU"):
        page = await house.get(client, path)
        assert quiet in page
        assert f"/cases/{quiet}" not in page, "no way to a case that is not theirs"
        assert secret not in page
        assert "另有 1 人只计数" in page
    async with house.signed_in(client, "coordination", unit="GOV"):
        assert f"/cases/{secret}" in await house.get(client, path)
    assert (await one("SELECT state FROM cases WHERE number = $1", quiet))["state"] == "answered"

    await the_supervisor_moves_its_end_and_ends_it(client, path)
    await they_are_told_though_the_worker_is_killed(monkeypatch, outage)
    assert await messages("outage_over") == Counter(phones)
    hidden = await one(
        "SELECT count(*) AS n FROM outbox_message WHERE key LIKE 'outage:%' AND name = 'progress_sealed'"
    )
    assert hidden["n"] == 1, "a confidential one hears that there is news and no more"
    told = await one(
        "SELECT count(*) AS n FROM case_event e JOIN cases c ON c.id = e.case_id WHERE e.kind = 'outage_over'"
        " AND c.number <> $1", secret,
    )  # fmt: skip
    assert told["n"] == CALLERS
    async with house.signed_in(client, "shift_supervisor", unit="HOT"):
        assert f"{CALLERS + 2} 人，已告知 {CALLERS + 1} 人" in await house.get(client, path)
        for state, why in (("failed", "undelivered"), ("dropped", "silent")):
            await db.pool().execute(
                "UPDATE outbox_message SET state = $2, error = $3 WHERE id = (SELECT id FROM outbox_message"
                " WHERE key ^@ $1 AND state = 'queued' AND name = 'outage_over' LIMIT 1)",
                f"outage:{outage}:", state, why,
            )  # fmt: skip
        page = await house.get(client, path)
        assert f"已告知 {CALLERS - 1} 人" in page
        assert "还要打电话 1 人" in page, "whom it did not reach; not who wants no messages"
        assert "不要消息，没有发" in page


async def test_whoever_says_that_it_is_not_over_flags_the_outage_and_is_taken_up_anew(
    client: httpx.AsyncClient
) -> None:
    async with house.signed_in(client, "coordination", unit="GOV"):
        path = await entered(client, kind="power", areas="邯山区 渚河路", note="")
        outage, phone = path.rpartition("/")[2], str(next(_numbers))
        await called(outage, phone, words="渚河路没电", county="130402", place="渚河路")
        await house.post(client, f"{path}/end", {}, page=path)
        await outage_telling.deliver()
        for _ in range(2):
            heard = Heard(channel="sms", provider_id=uuid4().hex, sender=phone, at=clock.now(), words="还没恢复")
            await arrivals.store(heard)
            await reading.read_all()
        page = await house.get(client, path)
        assert "1 人说没恢复" in page
        taken = await one("SELECT count(*) AS n FROM cases WHERE place = '渚河路'")
        assert taken["n"] == 2, "said twice it is one matter"
        again = await one("SELECT * FROM cases WHERE place = '渚河路' ORDER BY opened_at DESC LIMIT 1")
        assert again["state"] == "registered"
        sql = "SELECT count(*) AS n FROM case_event WHERE case_id = $1 AND kind = 'words_added'"
        more = await one(sql, again["id"])
        assert more["n"] == 1, "what they say once more goes with it"
        assert "说还没有恢复" in (await one("SELECT words FROM request WHERE case_id = $1", again["id"]))["words"]
        notices = await one("SELECT count(*) AS n FROM staff_notice WHERE kind = 'outage_still'")
        assert notices["n"] >= 1
        await house.post(client, f"{path}/going-on", {"why": "又跳闸了"}, page=path)
        await house.post(client, f"{path}/end", {}, page=path)
        await outage_telling.deliver()
        assert (await messages("outage_over"))[phone] == 2, "once for each time that it ended"


async def test_what_the_night_holds_back_is_not_said_when_it_goes_on_and_who_has_no_door_is_called(
    client: httpx.AsyncClient
) -> None:
    async with house.signed_in(client, "shift_supervisor", unit="HOT"):
        tomorrow = clock.today() + timedelta(days=1)
        path = await entered(client, areas="丛台区 人民东路", expected=f"{tomorrow}T22:00")
        outage, phone = path.rpartition("/")[2], str(next(_numbers))
        await called(outage, phone, words="人民东路没水", place="丛台区人民东路")
        landline = await called(outage, "03103012345", words="人民东路没水", reply_by="phone", place="丛台区人民东路")
        with clock.at(clock.on(tomorrow, 23)):
            for _ in range(2):
                await outage_due.watch()
            await outage_acts_by_shift(outage, "end")
            await outage_telling.deliver()
            await outage_acts_by_shift(outage, "go_on")
            assert await told_again(outage) == 0, "it goes on: nobody is told that it is over"
            async with db.reading() as connection:
                (counted,) = (await outage_callers.counts(connection, [UUID(outage)])).values()
            assert (counted.linked, counted.told, counted.to_call) == (2, 0, 0), "as it stands now nobody was told"
            await outage_acts_by_shift(outage, "end")
            await outage_telling.deliver()
        held = await one("SELECT array_agg(state) AS states FROM outbox_message WHERE key ^@ $1", f"outage:{outage}:")
        assert sorted(held["states"]) == ["dropped", "queued"]
        for told, to_call in ((1, True), (2, False)):
            page = await house.get(client, path)
            assert f"2 人，已告知 {told} 人" in page
            assert ("还要打电话 1 人" in page) == to_call
            await house.post(client, f"{path}/called", {"receipt": landline}, page=path)
    late = await one("SELECT count(DISTINCT unit) AS n, count(*) AS all FROM staff_notice WHERE key ^@ $1",
                     f"outage_late:{outage}:")  # fmt: skip
    told = await one("SELECT count(DISTINCT person_id) AS n FROM staff_notice WHERE key ^@ $1",
                     f"outage_late:{outage}:")  # fmt: skip
    assert (late["n"], late["all"]) == (2, told["n"]), "its unit and the shift, each once"


async def outage_acts_by_shift(outage: str, what: str) -> None:
    """End it now, or let it go on, as the page does it."""
    async with work(await b.person("shift")) as w:
        if what == "end":
            await outage_acts.end(w, UUID(outage), at=clock.now(), words="")
            return
        await outage_acts.go_on(w, UUID(outage), expected=None, why="又停了")
        await notify_outage.recall(w, UUID(outage))


async def test_one_that_was_wrong_is_withdrawn_and_those_answered_with_it_hear_so(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "shift_supervisor", unit="HOT"):
        path = await entered(client, kind="gas", areas="复兴区 铁西大街")
        outage, phone = path.rpartition("/")[2], str(next(_numbers))
        agent = await b.person("agent")
        operator = Operator(id=agent.id, name=agent.name, unit=agent.unit, roles=tuple(agent.roles))
        decision = Decision(outcome="answer", reply="铁西大街停气，正在抢修。", outage=UUID(outage))
        mine = await b.a_receipt(
            channel="phone", words="铁西大街没气", phone=phone, operator=operator, decision=decision
        )
        await house.post(client, f"{path}/withdrawal", {"reason": "写错了路名"}, page=path)
    await outage_telling.deliver()
    assert (await messages("outage_wrong"))[phone] == 1
    await house.post(client, "/track", {"number": mine.number, "code": mine.code}, page="/track")
    page = f"/track/{mine.number}"
    shown = await house.get(client, page)
    assert 'id="still-off"' in shown
    assert "停供消息有误，抱歉" in shown
    assert (await house.post(client, f"{page}/still-off", {}, page=page)).status_code == 303
    assert 'id="still-off"' not in await house.get(client, page)
    async with house.signed_in(client, "agent", unit="HOT"):
        late = a_call(outcome="answer", outage=outage, reply_text="停气", words="铁西大街没气")
        answer = await house.post(client, "/desk", late, page="/desk")
        report = await house.post(client, "/desk", {**late, "kind": "report"}, page="/desk")
    assert answer.status_code == 422
    assert "已经撤回" in answer.text
    assert report.status_code == 422
    assert "举报件不能按停供通知答复" in report.text


async def test_a_unit_changes_its_own_outages_only_and_a_table_is_entered_whole_or_not_at_all(
    client: httpx.AsyncClient
) -> None:
    async with house.signed_in(client, "coordination", unit="GOV"):
        path = await entered(client, kind="heat", areas="丛台区 联纺路")
    async with house.signed_in(client, "unit_handler", unit="WSU"):
        assert (await house.post(client, f"{path}/end", {}, page=path)).status_code == 403
        strange = {"_once": uuid4().hex, "rows": f"停水,不定期,{DAY} 08:00,,丛台区 中华大街,改造"}
        assert (await house.post(client, "/outages/import", strange, page="/outages/import")).status_code == 422
        rows = f"停水,计划,{DAY} 08:00,{DAY} 18:00,丛台区 中华大街；邯山区 陵园路,改造\n停水,计划,明天,,丛台区,改造"
        sent = {"_once": uuid4().hex, "rows": rows}
        wrong = await house.post(client, "/outages/import", sent, page="/outages/import")
        assert wrong.status_code == 422
        assert "第 2 行" in wrong.text
        assert (await one("SELECT count(*) AS n FROM outage WHERE cause = '改造'"))["n"] == 0
        right = {"_once": uuid4().hex, "rows": rows.splitlines()[0]}
        assert (await house.post(client, "/outages/import", right, page="/outages/import")).status_code == 303
    assert "中华大街" in await house.get(client, "/outages/now?county=130402")
    feed = await client.get("/outages/now/feed.xml")
    assert "陵园路" in feed.text


async def a_link_is_undone(client: httpx.AsyncClient, number: str, outage: str) -> None:
    page = await house.get(client, f"/cases/{number}")
    seq = re.search(r'name="seq" value="(\d+)"><button class="quiet" id="undo-', page)
    assert seq
    undo, where = {"outage": outage, "seq": seq[1]}, f"/cases/{number}"
    assert (await house.post(client, f"{where}/outage/undo", undo, page=where)).status_code == 303
    page = await house.get(client, where)
    assert 'id="linked-outage"' not in page
    assert "取消关联" in page, "the timeline says so"
    links = "SELECT count(*) AS n FROM outage_link WHERE outage_id = $1"
    assert (await one(links, UUID(outage)))["n"] == 0
    for _ in range(2):  # linked anew; once more is refused with a sentence
        linked = await house.post(client, f"{where}/outage", {"outage": outage}, page=where)
        assert linked.status_code == 303
    assert (await one(links, UUID(outage)))["n"] == 1
    assert "已经关联这条停供通知" in await house.get(client, where)


async def test_a_message_that_is_the_same_outage_is_linked_with_one_act_and_answered_alone_only_by_the_citys_rule(
    client: httpx.AsyncClient
) -> None:
    async with house.signed_in(client, "shift_supervisor", unit="HOT"):
        path = await entered(client, areas="永年区 滨河路")
        sure = {"words": "滨河路停水了，什么时候来", "county": "130408", "place": "滨河路", "phone": "13811117777"}
        written = await b.a_receipt(**sure)
        page = await house.get(client, f"/cases/{written.number}")
        assert "同一停供" in page
        seq = re.search(r'name="seq" value="(\d+)"><input type="hidden" name="back"', page)
        assert seq
        act = {"outage": path.rpartition("/")[2], "seq": seq[1]}
        done = await house.post(client, f"/cases/{written.number}/outage", act, page=f"/cases/{written.number}")
        assert done.status_code == 303
        state = "SELECT state FROM cases WHERE number = $1"
        assert (await one(state, written.number))["state"] == "answered"
        await a_link_is_undone(client, written.number, act["outage"])
        later = await b.a_receipt(**{**sure, "phone": "13811116666"})
        assert (await one(state, later.number))["state"] == "registered", "off by default: a person looks"
        await db.pool().execute("UPDATE rule SET value = '1' WHERE key = 'outage.auto_answer'")
        await city.load()
        alone = await b.a_receipt(**{**sure, "phone": "13811115555"})
        leak = await b.a_receipt(**{**sure, "words": "滨河路水管爆裂喷水，家里也停水", "phone": "13811114444"})
        assert (await one(state, alone.number))["state"] == "answered"
        assert (await one(state, leak.number))["state"] == "registered", "a burst is somebody's to look at"
        await db.pool().execute("UPDATE rule SET value = '0' WHERE key = 'outage.auto_answer'")
        await city.load()
        await house.post(client, f"{path}/end", {}, page=path)
    await outage_telling.deliver()
    await house.post(client, "/track", {"number": alone.number, "code": alone.code}, page="/track")
    mine = f"/track/{alone.number}"
    assert "供水已恢复" in await house.get(client, mine)
    assert (await house.post(client, f"{mine}/still-off", {}, page=mine)).status_code == 303
    assert "另登记一件去查" in await house.get(client, mine)
    assert 'id="still-off"' not in await house.get(client, mine)
