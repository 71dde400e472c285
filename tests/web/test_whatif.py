"""What if, through HTTP: a form becomes a kept run, the worker replays the city's own cases, the page shows it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from hotline import clock, db
from hotline.commands.whatif import simulate_promises
from sla import whatif
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio


async def a_kept_promise() -> str:
    """A case of three days ago that was finished ten hours after its dispatch, of the 24 that it had."""
    with clock.at(clock.now() - timedelta(days=3)):
        receipt = await b.a_case("dispatched")
    with clock.at(clock.now() - timedelta(days=3, hours=-10)):
        for verb, given in ((b.verbs.sign, {}), (b.verbs.handle, b.HANDLED)):
            await b.act("congtai", receipt.number, verb, b.lead, **given)
    return receipt.number


def the_form(page: str, **change: Any) -> dict[str, Any]:
    """What the form holds, with changes."""
    held = dict(re.findall(r'<input id="f-\w+" name="(\w+)" type="(?:date|number|text)"[^>]* value="([^"]*)"', page))
    units = dict(re.findall(r'<select id="f-\w+" name="(\w+)".*?<option value="(\w+)" selected', page, re.DOTALL))
    (profile,) = re.findall(r'name="profile" value="(\w*)"', page)
    return {**held, **units, "order": "as_was", "profile": profile, **change}


async def test_a_run_is_asked_done_kept_and_compared(client: httpx.AsyncClient) -> None:
    number = await a_kept_promise()
    sealed = await a_kept_promise()
    async with db.atomic() as connection:
        await connection.execute("UPDATE cases SET is_confidential = TRUE WHERE number = $1", sealed)
    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert "还没有做过推演" in await house.get(client, "/whatif")
        form = await house.get(client, "/whatif/new?profile=UTIL24H")
        runs = []
        for change in ({"finish": "1", "title": "减到一小时"}, {"title": "不变"}):
            answer = await house.post(client, "/whatif", the_form(form, **change), page="/whatif/new")
            assert answer.status_code == 303, answer.text
            runs.append(answer.headers["location"])
        assert "几秒后开始" in await house.get(client, runs[0])
        assert await whatif.run_asked() == 2
        assert await whatif.run_asked() == 0
        tried, same = [await house.get(client, path) for path in runs]
        assert "办结 24 个小时（不分昼夜） → 1 个小时（不分昼夜）" in tried
        assert re.search(r"<strong>2</strong>新增超期", tried)
        assert re.search(r"<strong>0</strong>新增超期", same)
        assert number in tried
        assert "新增超期" in await house.htmx(client, runs[0], "r-run")
        assert sealed not in tried
        unit = re.search(r'unit=(\w+)">丛台区', tried)
        assert unit is not None
        assert "清除" in await house.get(client, f"{runs[0]}?unit={unit[1]}")
        await house.get(client, f"{runs[0]}?unit=nobody", status=404)
        ids = [path.rpartition("/")[2] for path in runs]
        both = await house.get(client, f"/whatif/compare?a={ids[0]}&b={ids[1]}")
        assert "减到一小时" in both
        assert "不变" in both
        await house.get(client, f"/whatif/compare?a={ids[0]}&b=x", status=404)
        assert "推演换规则会怎样" in await house.get(client, "/admin/acts")
    async with house.signed_in(client, "unit_handler", unit="CONGTAI"):
        await house.get(client, "/whatif", status=403)


WRONG: tuple[tuple[dict[str, Any], Any, str], ...] = (
    ({"finish": "-2"}, None, "大于 0"),
    ({"finish": "nan"}, None, "请写数字"),
    ({"finish": "1e300"}, None, "不超过"),
    ({"finish": ""}, None, "缺环节"),
    ({"since": "0001-01-01", "until": "0001-02-01"}, None, "1990 年"),
    ({"until": "2020-01-01"}, None, "早于"),
    ({"rest_days": "soon"}, None, "不是日期"),
    ({"staff_then": "3"}, None, "选一个单位"),
    ({"staff_unit": "*"}, None, "写改成几个人"),
    ({}, {"profile_file": ("p.toml", b"[STD5]\nfinish = '-3 wd'")}, "大于 0"),
    ({}, {"profile_file": ("p.toml", b"\xff\xfe")}, "UTF-8"),
    ({}, {"staff_file": ("s.csv", b"unit,handlers\nNOBODY,3")}, "没有这些单位"),
)


async def test_what_cannot_be_tried_comes_back_filled_in(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "coordination"):
        page = await house.get(client, "/whatif/new?profile=STD5")
        for change, files, says in WRONG:
            form = the_form(page, title="试一试", **change)
            answer = await house.post(client, "/whatif", form, page="/whatif/new", files=files or {"_": ("", b"")})
            assert answer.status_code == 422, (change, files)
            assert says in answer.text, (change, files)
            assert 'value="试一试"' in answer.text


async def test_a_period_without_cases_ends_in_a_sentence(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "admin"):
        form = the_form(await house.get(client, "/whatif/new"), since="2001-01-01", until="2001-02-01")
        answer = await house.post(client, "/whatif", form, page="/whatif/new")
        await whatif.run_asked()
        assert "没有可以推演的时限" in await house.get(client, answer.headers["location"])


def test_the_command_replays_an_export(tmp_path: Path) -> None:
    history, profile = tmp_path / "export.csv", tmp_path / "p.toml"
    history.write_text(
        "number,opened,closed,target,unit\n1,2026-03-02T10:00,2026-03-06T10:00,2026-03-09T18:00,Roads\n", "utf-8"
    )
    profile.write_text('[STD5]\nsign_off = "1 wd"\nfirst_contact = "1 wd"\nfinish = "3 wd"\n', encoding="utf-8")
    given = ["--profile", str(profile), "--history", str(history), "--from", "2026-03-01", "--to", "2026-03-31"]
    told = CliRunner().invoke(simulate_promises, [*given, "--json"], catch_exceptions=False)
    answer = json.loads(told.output)
    assert answer["outcome"]["totals"]["newly"] == 1
    assert answer["outcome"]["newly"][0]["ref"] == "1"
    assert answer["units"][0]["unit"] == "Roads"
    assert "新增超期" in CliRunner().invoke(simulate_promises, given, catch_exceptions=False).output
