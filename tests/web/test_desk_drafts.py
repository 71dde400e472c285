"""Two windows, lost answers, calls agreed for later and typos: nothing that an agent wrote is lost or doubled."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from channels import intake, phones, ringing, voice
from hotline import city, city_verbs, clock, db, rebuild
from tests import builders as b
from tests.engines import Place
from tests.phones import AWAY, FakePhones
from tests.web import house
from tests.web.test_desk import a_call, row, said

pytestmark = pytest.mark.anyio
NUMBER = "13800000061"
RING = 7
"""Statements from the ring to a desk that is ready: person, draft, call, its draft made, history, counts, chats."""


@pytest.fixture(autouse=True)
async def carrier(database: Place) -> AsyncIterator[FakePhones]:
    """A carrier made of memory, and nobody to call back."""
    one = FakePhones()
    phones.use(one)
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM callback_task")
    yield one
    phones.use(None)


async def value(sql: str, *args: object) -> Any:
    """One value of the database."""
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


async def saved(client: httpx.AsyncClient, draft: str, words: str, window: str, version: int, **more: Any) -> int:
    """Save a draft as a window's script does; the status."""
    given = {"draft": draft, "words": words, "window": window, "version": version, **more}
    return (await house.post(client, "/desk/drafts", given, page="/desk", is_htmx=True)).status_code


async def test_a_second_window_only_reads_until_it_takes_over_and_then_the_first_is_told_in_words(
    client: httpx.AsyncClient,
) -> None:
    draft = str(uuid4())
    async with house.signed_in(client, "agent", unit="HOT"):
        assert await saved(client, draft, "第一个窗口写的", "one", 1) == 200
        page = await house.get(client, f"/desk?draft={draft}")
        assert 'id="take-over"' in page
        assert re.search(r'id="call-fields" disabled', page)
        assert await saved(client, draft, "第二个窗口抢写", "two", 2) == 409
        taken = await house.post(client, f"/desk/drafts/{draft}/holder", page=f"/desk?draft={draft}")
        assert taken.headers["location"] == f"/desk?draft={draft}"
        assert 'id="take-over"' not in await house.get(client, taken.headers["location"])
        assert await saved(client, draft, "第二个窗口接着写", "two", 3) == 200
        lost = {"draft": draft, "words": "第一个窗口又写了", "window": "one", "version": 2}
        told = await house.post(client, "/desk/drafts", lost, page="/desk", is_htmx=True)
        assert told.status_code == 409
        assert "另一个窗口" in told.text
        assert 'id="do-take"' in told.text
        assert "第二个窗口接着写" in await house.get(client, f"/desk?draft={draft}")
        assert await saved(client, draft, "第一个窗口又写了", "one", 2, take="yes") == 200
        assert "第一个窗口又写了" in await house.get(client, f"/desk?draft={draft}")


async def test_a_saving_that_arrives_late_changes_nothing_and_a_window_that_was_closed_holds_nothing(
    client: httpx.AsyncClient,
) -> None:
    draft = str(uuid4())
    async with house.signed_in(client, "agent", unit="HOT"):
        assert await saved(client, draft, "后写的", "one", 2) == 200
        assert await saved(client, draft, "先写的", "one", 1) == 200
        assert "后写的" in await house.get(client, f"/desk?draft={draft}")
        left = await house.post(client, f"/desk/drafts/{draft}/leaving", {"window": "one"}, page="/desk")
        assert left.status_code == 204
        assert 'id="take-over"' not in await house.get(client, f"/desk?draft={draft}")
        lost = {"draft": draft, "words": "断线后存的", "window": "two", "version": 6, "base": 2}  # 3 to 5 never came
        assert (await house.post(client, "/desk/drafts", lost, page="/desk", is_htmx=True)).status_code == 200
        late = await house.post(client, "/desk/drafts", {**lost, "version": 4}, page="/desk", is_htmx=True)
        assert 'data-version="6"' in late.text, "the page counts on from what is kept"


async def test_a_submit_whose_answer_was_lost_gives_the_same_receipt_and_keeps_what_was_changed_since(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = a_call()
    make = intake.make_one

    async def broken(_: UUID) -> None:
        raise ConnectionError  # the web process dies between the acknowledgement and the case

    async with house.signed_in(client, "agent", unit="HOT"):
        monkeypatch.setattr(intake, "make_one", broken)
        assert (await house.post(client, "/desk", call, page="/desk")).status_code == 503
        monkeypatch.setattr(intake, "make_one", make)
        again = await house.post(client, "/desk", {**call, "_once": uuid4().hex}, page="/desk")
        page = await house.get(client, again.headers["location"])
        assert re.search(r'id="code">\d{6}<', page), "the code of the first submit"
        assert "没有重复登记" in page
        opened = await client.get(f"/desk?draft={call['draft']}")
        assert opened.headers["location"] == again.headers["location"]
        more = {**call, "channel": "walk_in", "words": f"{b.WORDS}还有一个井盖坏了。"}
        changed = await house.post(client, "/desk", more, page="/desk")
        assert changed.headers["location"] == again.headers["location"]
        assert "另存为草稿" in await house.get(client, changed.headers["location"])
        secret = {**call, "is_confidential": "yes", "summary": "查一处路灯。"}
        for _ in range(2):
            await house.post(client, "/desk", secret, page="/desk")
            assert "另存为草稿" in await house.get(client, again.headers["location"]), "the case is not confidential"
        drafts = await house.get(client, "/desk/mine")
    assert drafts.count("删除草稿") == 2, "one for each that was changed"
    words = "SELECT count(*) FROM request WHERE words LIKE $1"
    assert await value(words, f"{b.WORDS}%") == await value(words, b.WORDS)


async def test_from_the_ring_on_a_call_has_one_draft_which_goes_when_it_ends_without_a_word(
    client: httpx.AsyncClient, carrier: FakePhones
) -> None:
    async with house.signed_in(client, "agent", unit="HOT") as agent:
        await house.post(client, "/seat/ready", {"phone": "8001"})
        provider_id = f"CA{uuid4().hex}"
        script = await voice.arrived(voice.Arriving(provider_id=provider_id, caller=NUMBER, dialled="12319"))
        await voice.waiting(script.call)
        await ringing.ring()
        await house.get(client, "/desk")
        seen: list[str] = []
        mark = db.statements.set(seen)
        first = await house.get(client, f"/desk?call={script.call}")
        db.statements.reset(mark)
        assert len(seen) <= RING, seen
        again = await house.get(client, f"/desk?call={script.call}")
        draft = re.search(r'name="draft" value="([0-9a-f-]+)"', first)
        assert draft
        assert draft[0] in again
        assert NUMBER in again
        mine = await house.get(client, "/desk/mine")
        assert draft[1] not in mine, "nothing was typed yet"
        assert re.search(r'我登记的 <span class="n">0<', mine)
        await voice.picked_up(script.call, str(await value("SELECT leg FROM call WHERE id = $1", script.call)))
        carrier.fails = AWAY
        asked = {"call": str(script.call), "draft": draft[1], "words": "话说到一半", "emergency": "110"}
        failed = await house.post(client, "/desk", asked, page="/desk")
        carrier.fails = None
        assert failed.status_code == 422
        assert "请马上用其他电话拨打" in failed.text
        assert "话说到一半" in failed.text
        await voice.told(provider_id, "completed")
        await house.post(client, "/seat/ready", {"settled": "silent"})
    assert await value("SELECT count(*) FROM draft WHERE person = $1", agent) == 0


async def test_a_call_back_needs_number_and_time_stands_in_the_list_and_brings_the_draft_back(
    client: httpx.AsyncClient,
) -> None:
    draft = str(uuid4())
    at = clock.local(clock.now() + timedelta(hours=2))
    asked = a_call(draft=draft, words="家里进水，话没说完", outcome="later", matter="", phone="")
    async with house.signed_in(client, "agent", unit="HOT"):
        missing = await house.post(client, "/desk", asked, page="/desk")
        assert missing.status_code == 422
        assert 'id="e-later_at"' in missing.text
        assert 'id="e-phone"' in missing.text
        assert "话没说完" in missing.text
        past = f"{at - timedelta(days=1):%Y-%m-%dT%H:%M}"
        late = await house.post(client, "/desk", {**asked, "phone": NUMBER, "later_at": past}, page="/desk")
        assert "现在以后" in late.text
        whole = {**asked, "phone": NUMBER, "later_at": f"{at:%Y-%m-%dT%H:%M}"}
        for _ in range(2):
            assert (await house.post(client, "/desk", whole, page="/desk")).status_code == 303
        assert "话没说完" in await house.get(client, "/desk/mine")
        listed = await house.get(client, "/callbacks")
    assert await value("SELECT count(*) FROM callback_task") == 1
    assert f"{at:%H:%M}" in listed
    assert "约好回拨" in listed
    assert NUMBER not in listed
    task = await value("SELECT id FROM callback_task")
    async with house.signed_in(client, "agent", unit="HOT"):  # a colleague takes it, and the draft with it
        await house.post(client, f"/callbacks/{task}/claim")
        assert f"/desk?draft={draft}" in await house.get(client, "/callbacks")
        assert "话没说完" in await house.get(client, f"/desk?draft={draft}")
    secret = {**whole, "draft": str(uuid4()), "words": "举报一家厂", "kind": "report", "phone": "13800000063"}
    async with house.signed_in(client, "agent", unit="HOT") as first:
        assert (await house.post(client, "/desk", secret, page="/desk")).status_code == 303
        task = await value("SELECT id FROM callback_task WHERE asked_by = $1", first)
    async with house.signed_in(client, "agent", unit="HOT"):  # this one stays with whoever heard it
        await house.post(client, f"/callbacks/{task}/claim")
        listed = await house.get(client, "/callbacks")
        assert secret["draft"] not in listed
        assert "写的内容不在您这里" in listed
        assert "举报一家厂" not in await house.get(client, f"/desk?draft={secret['draft']}")
    assert await value("SELECT person FROM draft WHERE id = $1", UUID(secret["draft"])) == first


async def test_a_typo_is_corrected_by_who_logged_it_with_a_trace_and_the_ledger_makes_the_same_rows(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        number, _ = await said(client, words="和平路的路丁不亮。")
        page = await house.get(client, f"/cases/{number}?act=correct")
        request = re.search(r'name="request" value="([0-9a-f-]+)"', page)
        assert request
        given = {"request": request[1], "words": "和平路的路灯不亮。", "place": "和平路", "phone": "13900000062"}
        same = {**given, "words": "和平路的路丁不亮。", "phone": ""}
        assert "没有改动" in (await house.post(client, f"/cases/{number}/correction", same)).text
        assert (await house.post(client, f"/cases/{number}/correction", given)).status_code == 303
        shown = await house.get(client, f"/cases/{number}")
        spelt = {**given, "words": "和平路的路灯不亮了。", "phone": "139-0000-0062"}  # the same number
        assert (await house.post(client, f"/cases/{number}/correction", spelt)).status_code == 303
    assert "更正诉求内容" in shown
    assert "路丁" in shown, "how it was written stays on record"
    assert "13900000062" not in shown
    case = await row(number)
    assert case["title"] == "和平路的路灯不亮了。"
    assert await value("SELECT words FROM request WHERE receipt_no = $1", number) == "和平路的路灯不亮了。"
    sealed = "SELECT count(*) FROM case_text WHERE case_id = $1 AND field LIKE '%phone' AND sealed IS NOT NULL"
    assert await value(sealed, case["id"]) == 3
    async with house.signed_in(client, "agent", unit="HOT"):
        refused = await house.post(client, f"/cases/{number}/correction", {**given, "words": "和平路的灯不亮。"})
        assert refused.status_code == 409
        assert "登记人或派单员" in refused.text
    assert (await rebuild.rebuild(check=True)).different == 0


async def test_after_its_hours_a_correction_is_the_dispatchers(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        number, _ = await said(client, words="路丁坏了。")
        page = await house.get(client, f"/cases/{number}?act=correct")
        request = re.search(r'name="request" value="([0-9a-f-]+)"', page)
        assert request
        await city_verbs.set_rule("correct.hours", "0")
        await city.refresh()
        late = await house.post(client, f"/cases/{number}/correction", {"request": request[1], "words": "路灯坏了。"})
        assert late.status_code == 409
        assert "派单员" in late.text
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        done = await house.post(client, f"/cases/{number}/correction", {"request": request[1], "words": "路灯坏了。"})
    assert done.status_code == 303
