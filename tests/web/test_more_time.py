"""More time on the pages: asked for by the unit, decided by whom the profile says, told to the requester; a statute."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from cases import verbs
from hotline import city, clock, db, vault
from sla import calendar, sweep
from tests import builders as b
from tests.web import house
from tests.web.test_hands import sent
from tests.web.test_workbench import hidden

pytestmark = pytest.mark.anyio

STANDARD, COMPLEX = "010203", "010106"
ASKED = {"until": "3", "reason": "线缆要跨路开挖，等占道许可", "told": "需挖路检修"}
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


async def finish(number: str) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(
            "SELECT k.* FROM clock k JOIN cases c ON c.id = k.case_id "
            "WHERE c.number = $1 AND stage = 'finish' ORDER BY started_at DESC LIMIT 1",
            number,
        )


async def finish_of(number: str, unit: str) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(
            "SELECT k.* FROM clock k JOIN cases c ON c.id = k.case_id "
            "WHERE c.number = $1 AND stage = 'finish' AND k.unit = $2",
            number, unit,
        )  # fmt: skip


async def messages(number: str) -> list[str]:
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT o.body FROM outbox_message o JOIN cases c ON c.id = o.case_id WHERE c.number = $1 ORDER BY o.id",
            number,
        )
    return [vault.unseal(row["body"], "outbox") for row in rows]


async def ask(client: httpx.AsyncClient, number: str, **typed: str) -> httpx.Response:
    return await sent(client, f"/work?case={number}&act=extension", number, "extension-request", **{**ASKED, **typed})


async def decide(client: httpx.AsyncClient, number: str, **typed: str) -> httpx.Response:
    where = f"/dispatch?tab=extensions&case={number}"
    page = await house.get(client, where)
    share = re.search(r'name="assignment" value="([^"]+)"', page)
    assert share, page
    return await sent(client, where, number, "extension-decision", assignment=share[1], **typed)


async def test_an_extension_approved_counts_from_the_old_date_and_the_requester_is_told(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("signed", matter=STANDARD)).number
    before = await finish(number)
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/work?case={number}&act=extension")
        assert "3 个工作日，到" in page, "the date is seen before it is sent"
        wrong = await ask(client, number, until="11")
        assert wrong.status_code == 422
        assert "最多延 10 个工作日" in wrong.text
        assert "等占道许可" in wrong.text, "nothing that was typed is lost"
        assert (await ask(client, number)).status_code == 303
        assert "act=extension#" not in await house.get(client, f"/work?case={number}"), "asked for once"
    assert (await finish(number))["due_at"] == before["due_at"], "the clock runs on while it waits"
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/dispatch?tab=extensions&case={number}")
        assert "等占道许可" in page
        assert 'data-key="KeyA"' in page
        assert (await decide(client, number, decision="grant", amount="4", told="需挖路检修")).status_code == 422
        assert (await decide(client, number, decision="grant", amount="3", told="需挖路检修")).status_code == 303
    after = await finish(number)
    assert after["due_at"] == calendar.of(city.current()).add_working_days(before["due_at"], 3).at
    day = clock.local_day(after["due_at"])
    assert f"{number}需挖路检修，改到{day.month}月{day.day}日前答复。有意见请拨12345。" in (await messages(number))[-1]
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT next_due FROM cases WHERE number = $1", number) <= after["due_at"]
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/cases/{number}")
        assert "每个期限只能延期一次" in page, "why there is no second one"


async def test_an_extension_refused_says_why_and_never_stopped_the_clock(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("signed", matter=STANDARD)).number
    before = await finish(number)
    async with house.signed_in(client, "unit_handler", unit="130403"):
        assert (await ask(client, number)).status_code == 303
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        assert (await decide(client, number, decision="refuse", told="x")).status_code == 422
        answer = await decide(client, number, decision="refuse", told="x", reason="占道许可当天可办")
        assert answer.status_code == 303
        assert "没有单位申请延期" in await house.get(client, "/dispatch?tab=extensions")
    after = await finish(number)
    assert (after["due_at"], after["history"]) == (before["due_at"], "[]")
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/cases/{number}")
        assert "不同意延期，期限照旧" in page
        assert "占道许可当天可办" in page
    assert not any("改到" in text for text in await messages(number))


@pytest.mark.requirement("004-14")
async def test_an_ask_that_nobody_answers_lapses_with_the_red_card_and_none_is_asked_for_after_it(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("signed", matter=STANDARD)).number
    due = (await finish(number))["due_at"]
    async with house.signed_in(client, "unit_handler", unit="130403"):
        assert (await ask(client, number)).status_code == 303
    await sweep.sweep(due + timedelta(minutes=1))
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/cases/{number}")
        assert "随到期失效" in page
        assert "延期要在到期前申请" in page
        answer = await house.post(client, f"/cases/{number}/extension-request", ASKED, page=f"/cases/{number}")
        assert answer.status_code == 409
    assert (await finish(number))["breached_at"] is not None
    async with db.reading() as connection:
        alerts = (
            "SELECT count(*) FROM alert a JOIN cases c ON c.id = a.case_id WHERE c.number = $1 AND stage = 'finish'"
        )
        assert await connection.fetchval(alerts, number) == 1, "asking for time keeps no alert away"


async def test_a_statute_gives_its_own_time_and_is_cited(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("signed", matter=STANDARD)).number
    before = await finish(number)
    where = f"/cases/{number}?act=statutory_limit"
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        refused = await sent(client, where, number, "statutory-limit", reason="欠薪立案")
        assert refused.status_code == 422
        assert 'id="e-law"' in refused.text, "a statute is named"
        answer = await sent(client, where, number, "statutory-limit", law="LABOUR", reason="欠薪已立案")
        assert answer.status_code == 303
        page = await house.get(client, f"/cases/{number}")
        assert "《劳动保障监察条例》第十七条" in page
    after = await finish(number)
    assert (after["profile"], after["measure"], int(after["amount"])) == ("LAW60", "wd", 60)
    assert after["due_at"] > before["due_at"]
    assert after["started_at"] == before["started_at"]


async def test_a_law_named_at_dispatch_brings_its_own_stages_and_the_unit_takes_the_case_up(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("dispatched", matter=STANDARD)).number
    await b.act("dispatcher", number, verbs.recall, b.lead, reason="先收回")
    where = f"/dispatch?tab=dispatch&case={number}"
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        assert 'value="MEDIATION"' in await house.get(client, where)
        answer = await sent(client, where, number, "dispatch", unit="130403", law="MEDIATION")
        assert answer.status_code == 303
    async with db.reading() as connection:
        found = await connection.fetch(
            "SELECT k.stage, k.amount FROM clock k JOIN cases c ON c.id = k.case_id "
            "WHERE c.number = $1 AND stopped_at IS NULL", number,
        )  # fmt: skip
    assert {(row["stage"], int(row["amount"])) for row in found} >= {("admit", 7), ("finish", 45)}
    await b.act("congtai", number, verbs.sign, b.lead)
    async with house.signed_in(client, "unit_handler", unit="130403"):
        answer = await sent(client, f"/cases/{number}?act=admit", number, "admission")
        assert answer.status_code == 303
        assert "决定受理调解" in await house.get(client, f"/cases/{number}")


async def test_a_co_handler_with_more_time_moves_the_lead_that_waits_for_it(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("signed", matter=STANDARD)).number
    await b.act("dispatcher", number, verbs.add_co_handler, unit="CGB", profile="STD5", reason="灯杆归城管")
    lead = await finish_of(number, "130403")
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert (await ask(client, number, until="5")).status_code == 303
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        assert (await decide(client, number, decision="grant", amount="5", told="等材料")).status_code == 303
    co, moved = await finish_of(number, "CGB"), await finish_of(number, "130403")
    assert moved["due_at"] >= co["due_at"] > lead["due_at"]
    assert not any("等材料" in text for text in await messages(number)), "a co-handler's own date is no requester's"
    assert any("需几家单位一起办" in text for text in await messages(number)), "the lead's is"


async def test_a_complex_case_waits_for_the_coordination_office_with_its_proof(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("signed", matter=COMPLEX)).number
    where = f"/work?case={number}&act=extension"
    async with house.signed_in(client, "unit_handler", unit="130403"):
        bare = await ask(client, number)
        assert bare.status_code == 422
        assert 'id="e-proof"' in bare.text
        typed = {**hidden(await house.get(client, where), "extension-request"), **ASKED}
        proof = {"proof": ("许可.pdf", PDF, "application/pdf")}
        answer = await house.post(client, f"/cases/{number}/extension-request", typed, page=where, files=proof)
        assert answer.status_code == 303, answer.text
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        assert number not in await house.get(client, "/dispatch?tab=extensions")
        page = await house.get(client, f"/cases/{number}")
        assert "这类延期由协调办公室决定" in page
    async with house.signed_in(client, "coordination", unit="HOT"):
        assert "许可.pdf" in await house.get(client, f"/dispatch?tab=extensions&case={number}")
        answer = await decide(client, number, decision="grant", amount="2", told="等占道许可")
        assert answer.status_code == 303
        page = await house.get(client, f"/cases/{number}")
        why = re.search(r'href="(/cases/[^"]+/clocks/[^"]+)"', page[page.index("已延期 2 个工作日") :])
        assert why
        said = await house.get(client, why[1])
    assert "延期 2 个工作日（王小明 批准），到" in said, "the page of the date says who agreed"
    assert 'class="day-more"' in said


async def test_the_requester_reads_why_it_is_that_day_without_any_name_of_the_staff(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed", matter=STANDARD)
    number = receipt.number
    async with house.signed_in(client, "unit_handler", unit="130403"):
        assert (await ask(client, number)).status_code == 303
    async with house.signed_in(client, "dispatcher", unit="HOT", name="赵同意"):
        assert (await decide(client, number, decision="grant", amount="3", told="需挖路检修")).status_code == 303
    assert (await client.get(f"/track/{number}/why")).headers["location"] == "/track", "only with the code"
    found = {"number": number, "code": receipt.code}
    assert (await house.post(client, "/track", found, page="/track")).status_code == 303
    page = await house.get(client, f"/track/{number}")
    assert f"/track/{number}/why" in page
    assert "需挖路检修" in page
    why = await house.get(client, f"/track/{number}/why")
    assert "热线中心同意延后 3 个工作日" in why
    assert "5 个工作日" in why
    for hidden_word in ("赵同意", "档案", "STD5", "批准"):
        assert hidden_word not in why, hidden_word
