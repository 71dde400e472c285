"""The rooms beside the desk of return visits: ratings put right, what was not drawn, who is visited, figures."""

from __future__ import annotations

import re

import httpx
import pytest

from cases import ledger, verbs
from hotline import db
from hotline.actor import CITIZEN
from hotline.work import work
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio


def seq(html: str, form: str) -> str:
    found = re.search(rf'action="{form}".*?name="seq" value="(\d+)"', html, re.DOTALL)
    assert found, html[-3000:]
    return found[1]


async def state_of(number: str) -> str:
    async with db.reading() as connection:
        return str(await connection.fetchval("SELECT state FROM cases WHERE number = $1", number))


async def test_a_rating_of_a_closed_case_is_called_about_proposed_and_reopened_by_somebody_above(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("closed")).number
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=number)
        await verbs.rate(w, file, file.first_request, grade="dissatisfied", words="根本没修", channel="wechat")
    here = f"/visits/ratings/{number}"
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, "/visits/ratings")
        assert "根本没修" in page
        assert "do-reopen" not in page
        sent = {"outcome": "answered", "cause": "policy", "seq": seq(page, f"{here}/followed")}
        answer = await house.post(client, f"{here}/followed", sent, page="/visits/ratings")
        assert answer.status_code == 422
        assert 'id="e-answer"' in answer.text
        sent = {**sent, "outcome": "proposed", "cause": "unsolved", "said": "灯还是不亮"}
        answer = await house.post(client, f"{here}/followed", sent, page="/visits/ratings")
        assert answer.status_code == 303, answer.text
        answer = await house.post(client, f"{here}/reopen", {"reason": "没修"}, page="/visits/ratings")
        assert answer.status_code == 403
    async with house.signed_in(client, "auditor", unit="HOT"):
        page = await house.get(client, f"/visits/ratings?r={number}")
        assert "建议重启" in page
        share = re.search(r'name="assignment" value="([^"]+)"', page)
        assert share
        sent = {"assignment": share[1], "reason": "灯还是不亮", "seq": seq(page, f"{here}/reopen")}
        answer = await house.post(client, f"{here}/reopen", sent, page=f"/visits/ratings?r={number}")
        assert answer.status_code == 303, answer.text
        assert "没有要核实的" in await house.get(client, "/visits/ratings")
    assert await state_of(number) == "rework"


async def test_who_is_visited_is_set_after_a_preview_and_what_is_not_drawn_is_closed_in_bulk(
    client: httpx.AsyncClient,
) -> None:
    form = {"general": "0", "kind_enquiry": "50", "matters": "0202 0", "always": "vulnerable", "note": "试行",
            "expected": "0"}  # fmt: skip
    async with house.signed_in(client, "coordination", unit="GOV"):
        assert "还没改过" in await house.get(client, "/visits/policy")
        wrong = {**form, "kind_enquiry": "150", "matters": "路灯 一半"}
        answer = await house.post(client, "/visits/policy", wrong, page="/visits/policy")
        assert answer.status_code == 422
        assert "看不懂" in answer.text
        answer = await house.post(client, "/visits/policy", {**form, "step": "preview"}, page="/visits/policy")
        assert 'id="effect"' in answer.text
        answer = await house.post(client, "/visits/policy", form, page="/visits/policy")
        assert answer.status_code == 303, answer.text
        answer = await house.post(client, "/visits/policy", form, page="/visits/policy")
        assert answer.status_code == 409, "somebody has set a version meanwhile"
    number, own = (await b.a_case("callback")).number, (await b.a_case("callback")).number
    async with house.signed_in(client, "callback", unit="HOT"):
        assert number not in await house.get(client, "/visits?band=close")
        await house.get(client, "/visits/unvisited", status=403)
    async with house.signed_in(client, "auditor", unit="HOT") as who:
        page = await house.get(client, "/visits/unvisited")
        assert number in page
        async with db.atomic() as connection:  # one of the two is the auditor's own
            await connection.execute("UPDATE cases SET accepted_by = $1 WHERE number = $2", who, own)
        both = {"receipt": [number, own]}
        answer = await house.post(client, "/visits/unvisited/preview", both, page="/visits/unvisited")
        can, cannot = answer.text.split('id="cannot"')
        assert number in can
        assert own in cannot
        assert await state_of(number) == "callback", "a preview does nothing"
        answer = await house.post(client, "/visits/unvisited/close", both, page="/visits/unvisited")
        assert answer.status_code == 200
        page = await house.get(client, f"/visits/policy?receipt={number}")
        assert "一致" in page
        assert "不一致" not in page
    assert (await state_of(number), await state_of(own)) == ("closed", "callback")


async def test_figures_keep_unreached_and_unrated_apart(client: httpx.AsyncClient) -> None:
    await b.a_case("closed", is_vulnerable=True)
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, "/visits/figures")
        assert re.search(r'id="n-unrated">[1-9]', page)
        assert 'id="n-unreached">0<' in page
        assert 'id="by-hour"' in page
        await house.get(client, "/visits/figures?since=x", status=422)
        assert "没有回访后结案的诉求" in await house.get(client, "/visits/figures?since=2020-01-01&until=2020-01-02")


async def test_a_closed_case_is_reopened_from_its_page(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("closed", is_vulnerable=True)).number
    async with house.signed_in(client, "auditor", unit="HOT"):
        page = await house.get(client, f"/cases/{number}?act=reopen")
        given = dict(re.findall(r'name="(seq|request|assignment)" value="([^"]+)"', page.split('id="form-reopen"')[1]))
        sent = {**given, "cause": "inspection"}
        answer = await house.post(client, f"/cases/{number}/reopening", sent, page=f"/cases/{number}")
        assert answer.status_code == 422
        sent["reason"] = "现场看，没修"
        answer = await house.post(client, f"/cases/{number}/reopening", sent, page=f"/cases/{number}")
        assert answer.status_code == 303, answer.text
    assert await state_of(number) == "rework"


async def test_a_requester_says_on_their_page_when_to_call_them(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    shown = {"number": receipt.number, "code": receipt.code}
    await house.post(client, "/track", shown, page="/track")
    assert 'id="wish"' in await house.get(client, f"/track/{receipt.number}")
    here = f"/track/{receipt.number}"
    answer = await house.post(client, f"{here}/visit-wish", {"part": "evening"}, page=here)
    assert answer.status_code == 303, answer.text
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT wish FROM request WHERE receipt_no = $1", receipt.number) == "evening"
    client.cookies.clear()
    answer = await house.post(client, f"{here}/visit-wish", {"part": "morning"}, page="/track")
    assert answer.status_code == 404, "nobody without the code"
