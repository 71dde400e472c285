"""The dispatcher's desk with model and rules: ranked units, a matter put right, one step from arrival to unit."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from cases import verbs
from hotline import city, db
from hotline.actor import SYSTEM
from routing import automatic, book, guess, rulebook
from tests import builders as b
from tests.routing.test_automatic import Fake, case_of, events_of
from tests.routing.test_rules import a_rule
from tests.web import house

pytestmark = pytest.mark.anyio


@pytest.fixture
def model(database: object) -> Iterator[Fake]:
    """A model that is not sure that it is sewage."""
    one = Fake("020205", 0.62, is_sure=False)
    guess.use(one)
    yield one
    guess.use(None)


def form_of(html: str, name: str) -> dict[str, str]:
    """What the form posts as it was drawn: hidden fields and the radio that is chosen."""
    found = re.search(rf'<form id="{name}".*?</form>', html, re.DOTALL)
    assert found, name
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found[0])
    chosen = re.findall(r'type="radio"[^>]*name="(\w+)" value="([^"]*)"[^>]* checked', found[0])
    return dict([*hidden, *chosen])


async def a_waiting(**change: object) -> str:
    """An accepted case that a unit returned: it waits on the desk."""
    receipt = await b.a_case("signed", **change)
    await b.act(
        "congtai", receipt.number, verbs.ask_return, b.lead, ground="function", basis="三定方案第三条", suggested="WSU"
    )
    await b.act(
        "dispatcher", receipt.number, verbs.approve_return, lambda file: next(iter(file.assignments.values()))
    )
    return receipt.number


async def test_who_returned_it_and_why_comes_first_and_that_unit_last_so_that_one_key_never_sends_it_back(
    client: httpx.AsyncClient, model: Fake
) -> None:
    number = await a_waiting()
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/dispatch?case={number}")
        for words in ("丛台区人民政府", "职能不符", "三定方案第三条", "退回的单位建议派给它", "它退回过"):
            assert words in page
        offered = re.findall(r'id="unit-(\w+)" name="unit"', page)
        assert offered[0] == "WSU"
        assert offered[-1] == "130403"
        assert re.search(r'id="do-dispatch"[^>]*data-key="KeyA"', page)
        assert re.search(r'id="unit-WSU"[^>]*data-key="Digit1"[^>]* checked', page)
        answer = await house.post(client, f"/cases/{number}/dispatch", form_of(page, "dispatch"), page="/dispatch")
        assert answer.status_code == 303, answer.text
    assert (await case_of(number))["lead_unit"] == "WSU"
    assert (await events_of(number))["dispatched"]["basis"] == "person"


async def test_a_wrong_matter_is_put_right_at_the_desk_with_what_it_does_to_the_promise(
    client: httpx.AsyncClient, model: Fake
) -> None:
    number = await a_waiting()
    slow = next(code for code, one in city.current().matters.items() if one.profile == "STD5")
    guess.use(Fake(slow, 0.62, is_sure=False))
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/dispatch?case={number}")
        assert "模型看法" in page
        assert "62%" in page
        assert "“路灯”" in page
        page = await house.get(client, f"/dispatch?case={number}&m=lmps")
        assert f'id="matter-{slow}"' in page
        page = await house.get(client, f"/dispatch?case={number}&m=没有的事项")
        assert "没有找到事项" in page
        page = await house.get(client, f"/dispatch?case={number}&matter={slow}")
        assert "派单时先改事项" in page
        assert "时限档案从“公用事业、限时件”改为“一般”" in page
        answer = await house.post(client, f"/cases/{number}/dispatch", form_of(page, "dispatch"), page="/dispatch")
        assert answer.status_code == 303, answer.text
        shown = await house.get(client, f"/cases/{number}")
        assert "改事项：路灯不亮 →" in shown
    case, said = await case_of(number), await events_of(number)
    assert (case["state"], case["matter"]) == ("active", slow)
    assert said["matter_corrected"] == {"old": "020201", "new": slow}
    assert said["dispatched"]["profile"] == "STD5"


async def test_below_the_threshold_it_waits_with_proposals_and_one_key_accepts_and_dispatches(
    client: httpx.AsyncClient, model: Fake
) -> None:
    await db.pool().execute("UPDATE rule SET value = '1' WHERE key = 'accept.automatic'")
    await city.refresh()
    receipt = await b.a_receipt(matter="")
    assert await automatic.accept_waiting() == 0
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/dispatch?tab=accept&case={receipt.number}")
        assert "没有自动受理：模型拿不准" in page
        assert re.search(r'id="guess-020205"[^>]*data-key="Digit1" checked', page)
        assert re.search(r'id="do-at-once"[^>]*data-key="KeyA"', page)
        assert page.count('data-key="KeyA"') == 1
        answer = await house.post(
            client, f"/cases/{receipt.number}/acceptance", form_of(page, "at-once"), page="/dispatch"
        )
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith("/dispatch?tab=accept")
    case, said = await case_of(receipt.number), await events_of(receipt.number)
    assert (case["state"], case["matter"], case["lead_unit"]) == ("active", "020205", "130403")
    assert "decided_by" not in said["accepted"]  # a person, the default


async def test_matter_and_unit_are_chosen_in_one_step_by_those_who_may_dispatch_only(
    client: httpx.AsyncClient, model: Fake
) -> None:
    numbers = [(await b.a_receipt(matter="")).number for _ in range(2)]
    given = {"matter": "020205", "county": "130403", "unit": "WSU"}
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, f"/cases/{numbers[0]}/acceptance", given)
        assert answer.status_code == 403
    assert (await case_of(numbers[0]))["state"] == "registered"
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        answer = await house.post(client, f"/cases/{numbers[1]}/acceptance", given)
        assert answer.status_code == 303
    assert (await case_of(numbers[1]))["lead_unit"] == "WSU"
    assert (await events_of(numbers[1]))["dispatched"]["basis"] == "person"


async def test_what_another_matter_would_lead_to_stands_behind_the_department_of_the_chosen_one(
    client: httpx.AsyncClient, database: object
) -> None:
    receipt = await b.a_receipt(county="", place="人民路上")
    await b.act("agent", receipt.number, verbs.accept, matter="020202", no_place="说不清哪一段")
    guess.use(Fake("170201", 0.29, is_sure=False))
    try:
        async with house.signed_in(client, "dispatcher", unit="HOT"):
            page = await house.get(client, f"/dispatch?case={receipt.number}")
    finally:
        guess.use(None)
    offered = re.findall(r'id="unit-(\w+)" name="unit"', page)
    assert offered[0] == "CGB", "one key sends it to the chosen matter's department"
    assert "SUP" in offered[1:]


async def test_a_rule_leads_the_proposals_and_names_itself(client: httpx.AsyncClient, model: Fake) -> None:
    number = await a_waiting(words="路灯坏了，旁边噪声大。")
    async with db.atomic() as connection:
        rule = await rulebook.add(connection, SYSTEM, a_rule(unit="EEB"))
        await rulebook.switch(connection, SYSTEM, rule, 1, "live")
    await book.refresh()
    async with house.signed_in(client, "coordination", unit="GOV"):
        page = await house.get(client, f"/dispatch?case={number}")
        assert re.findall(r'id="unit-(\w+)" name="unit"', page)[0] == "EEB"
        assert f"规则 {rule}：诉求内容含有任一词“噪声”" in page
        assert 'href="/rules"' in page
    async with db.atomic() as connection:
        await rulebook.switch(connection, SYSTEM, rule, 2, "off")
    await book.refresh()


async def test_a_matter_is_put_right_on_the_case_page_and_the_unit_keeps_the_case(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}?act=correct_matter")
        assert "已派出的期限不变" in page
        for matter, status in (("020201", 422), ("", 422), ("999999", 422), ("020205", 303)):
            answer = await house.post(client, f"/cases/{receipt.number}/matter", {"matter": matter})
            assert answer.status_code == status
    case = await case_of(receipt.number)
    assert (case["state"], case["matter"], case["lead_unit"]) == ("active", "020205", "130403")
