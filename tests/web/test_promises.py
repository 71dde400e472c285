"""The city's promises on their pages: what a version must be, what it would mean; it moves nothing that runs."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest

from hotline import city, clock, db
from sla import targets
from tests import builders as b
from tests import engines as stage
from tests.web import house

pytestmark = pytest.mark.anyio

STANDARD = "010203"
WHY = {"note": "市政府常务会议决定"}


def typed(page: str) -> dict[str, str]:
    """What the form of a profile holds."""
    form = page[page.index('id="profile-form"') :]
    form = form[: form.index("</form>")]
    inputs = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"([^>]*)>', form)
    found = {name: value for name, value, more in inputs if name != "needs_proof" or "checked" in more}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return {name: value for name, value in found.items() if not name.startswith("_")}


async def send(client: httpx.AsyncClient, code: str, step: str = "save", **change: str) -> httpx.Response:
    where = f"/promises/{code}"
    form = {**typed(await house.get(client, where)), **WHY, "step": step, **change}
    return await house.post(client, where, form, page=where)


async def finish(number: str) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(
            "SELECT k.* FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND stage = 'finish'", number
        )


async def test_a_new_version_is_previewed_kept_and_moves_only_what_begins_after_it(client: httpx.AsyncClient) -> None:
    old = (await b.a_case("signed", matter=STANDARD)).number
    before = await finish(old)
    async with house.signed_in(client, "coordination", unit="HOT", name="钱协调"):
        seen = await send(client, "STD5", "preview", **{"amount.finish": "3"})
        assert seen.status_code == 200
        assert "办结 5 个工作日 → 3 个工作日" in seen.text
        assert "元旦前一个工作日" in seen.text or "春节前一个工作日" in seen.text, "an example across a holiday"
        assert 'value="市政府常务会议决定"' in seen.text or "市政府常务会议决定</textarea>" in seen.text
        assert targets.of(city.current()).profiles["STD5"].stages["finish"].amount == 5, "a preview keeps nothing"
        assert (await send(client, "STD5", **{"amount.finish": "3"})).status_code == 303
        page = await house.get(client, "/promises/STD5")
        assert "第 2 版" in page
        assert "钱协调" in page
    fresh = (await b.a_case("signed", matter=STANDARD)).number
    after = await finish(fresh)
    assert (int(after["amount"]), after["version"]) == (3, 2)
    kept = await finish(old)
    assert (kept["due_at"], int(kept["amount"]), kept["version"]) == (before["due_at"], 5, 1)
    async with db.reading() as connection:
        noted = await connection.fetchval("SELECT count(*) FROM act WHERE kind = 'promise_set'")
    assert noted == 1
    async with house.signed_in(client, "admin", unit="HOT"):
        assert "办结 5 个工作日 → 3 个工作日" in await house.get(client, "/admin/acts")


async def test_the_command_counts_by_the_city_s_own_profiles_where_its_database_answers(database: stage.Place) -> None:
    number = targets.of(city.current()).versions.get("NOTICE3", 1)
    line = [sys.executable, "-m", "hotline", "due", "--json", "--profile", "NOTICE3",
            "--from", "2026-02-13T10:00+08:00"]  # fmt: skip
    env = {**os.environ, **database.environment, "TZ": "America/New_York"}
    said = await asyncio.to_thread(
        subprocess.run, line, env=env, capture_output=True, text=True, check=True, timeout=60
    )
    found = json.loads(said.stdout)
    assert (found["source"], found["version"]) == ("city", number)
    assert found["due"] == "2026-02-25T18:00:00+08:00"


async def test_a_version_for_a_day_to_come_waits_for_its_day(client: httpx.AsyncClient) -> None:
    day = clock.today() + timedelta(days=7)
    async with house.signed_in(client, "admin", unit="HOT"):
        later = {"amount.finish": "2", "effective_from": day.isoformat()}
        assert (await send(client, "NOTICE3", **later)).status_code == 303
        assert targets.of(city.current()).profiles["NOTICE3"].stages["finish"].amount == 3
        assert f"{day} 起第 2 版" in await house.get(client, "/promises")
        earlier = await send(client, "NOTICE3", **{"amount.finish": "4", "effective_from": clock.today().isoformat()})
        assert earlier.status_code == 422
        assert "已经安排了新版" in earlier.text
    with clock.at(clock.on(day, 9)):
        await city.refresh()
        assert targets.of(city.current()).profiles["NOTICE3"].stages["finish"].amount == 2
    await city.refresh()


REFUSED = [
    ("CPX15", {"amount.finish": "-1"}, "时限要大于 0"),
    ("CPX15", {"amount.finish": "0"}, "时限要大于 0"),
    ("CPX15", {"amount.finish": ""}, "每个档案都要有办结时限"),
    ("CPX15", {"amount.finish": "nan"}, "时限要大于 0"),
    ("CPX15", {"amount.finish": "inf"}, "时限太长"),
    ("CPX15", {"amount.finish": "2.5"}, "工作日要是整数"),
    ("CPX15", {"amount.finish": "inf"}, "时限太长"),
    ("CPX15", {"amount.finish": "十五"}, "请写数字"),
    ("CPX15", {"unit.finish": "week"}, "单位只能是"),
    ("CPX15", {"amount.sign_off": "20"}, "办结时限不能比签收短"),
    ("CPX15", {"by": "statute"}, "要写明是哪一条法"),
    ("CPX15", {"most_unit": "clock"}, "同一个单位"),
    ("CPX15", {"note": ""}, "为什么改"),
    ("CPX15", {"effective_from": "2020-01-01"}, "不能早于今天"),
    ("CPX15", {"amount.finish": "14", "effective_from": "2206-01-01"}, "两年后"),
    ("CPX15", {}, "没有改动"),
    ("EMG2H", {"unit.finish": "wd", "amount.finish": "2"}, "特急不分昼夜"),
    ("ALL", {"amount.audit": ""}, "不能空"),
]


async def test_what_a_profile_may_not_be_is_refused_with_its_rule_and_nothing_is_lost(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "admin", unit="HOT"):
        for code, change, rule in REFUSED:
            answer = await send(client, code, **change)
            assert answer.status_code == 422, rule
            assert rule in answer.text, change
            back = typed(answer.text)
            assert back["version"] == "1"
            assert all(back[name] == value for name, value in change.items() if name.startswith("amount.")), change
    async with db.reading() as connection:
        kept = "SELECT count(*) FROM promise_version WHERE profile = ANY($1)"
        assert not await connection.fetchval(kept, ["CPX15", "EMG2H", "ALL"])


async def test_a_time_limit_among_the_rules_leads_to_its_profile(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "admin", unit="HOT"):
        assert (await client.get("/admin/rules/clock.STD5.finish")).headers["location"] == "/promises/STD5"
        assert (await client.get("/admin/rules/clock.audit")).headers["location"] == "/promises/ALL"
        assert "clock.STD5.finish" not in await house.get(client, "/admin/rules")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        assert (await client.get("/promises")).status_code == 403


async def test_a_statute_is_registered_with_its_article_and_can_be_put_out_of_use(client: httpx.AsyncClient) -> None:
    one = {
        "code": "WATER", "name_zh": "水资源案件", "name_en": "Water cases", "cite_zh": "《水法》第六十条",
        "cite_en": "Water Law, Art. 60", "profile": "LAW60", "amount": "40", "unit": "wd", "is_on": "yes",
    }  # fmt: skip
    async with house.signed_in(client, "admin", unit="HOT"):
        wrong = await house.post(client, "/statutes", {**one, "cite_zh": "", "profile": ""}, page="/statutes")
        assert wrong.status_code == 422
        assert 'id="e-cite_zh"' in wrong.text
        assert (await house.post(client, "/statutes", {**one, "amount": "-2"}, page="/statutes")).status_code == 422
        assert (await house.post(client, "/statutes", one, page="/statutes")).status_code == 303
        assert (await house.post(client, "/statutes", one, page="/statutes")).status_code == 422, "the code is taken"
        page = "/statutes/WATER"
        assert "《水法》第六十条" in await house.get(client, page)
        assert (await house.post(client, page, {**one, "is_on": ""}, page=page)).status_code == 303
        assert "停用" in await house.get(client, "/statutes")
