"""The whole loop through HTTP with a real worker: citizen, agent, unit, auditor, callback agent, officers, citizen."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio
import pytest

from tests.visitor import Visitor

WORDS = "和平路与陵西大街口的路灯三天不亮，晚上过马路看不清。"


@pytest.fixture
async def visit(live_server: str) -> AsyncIterator[Callable[[str], Awaitable[Visitor]]]:
    """Makes visitors; each signs in as a demo person, or stays a citizen with an empty login."""
    made: list[Visitor] = []

    async def one(login: str = "") -> Visitor:
        visitor = Visitor(live_server)
        made.append(visitor)
        if login:
            await visitor.sign_in(login)
        return visitor

    yield one
    for visitor in made:
        await visitor.client.aclose()


async def until(what: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait for the worker, bounded."""
    end = time.monotonic() + seconds
    while not await what():
        assert time.monotonic() < end, "the worker did not do it in time"
        await anyio.sleep(0.2)


async def ask(citizen: Visitor, words: str = WORDS, kind: str = "assistance") -> tuple[str, str]:
    """The citizen's questions, one a page; number and query code."""
    await citizen.open("/ask")
    await citizen.submit("/ask", kind=kind)
    await citizen.submit("/ask/what", words=words)
    await citizen.submit("/ask/where", county="130403", place="和平路与陵西大街口")
    while "/ask/check" not in str(citizen.page.url):
        form = next(f for f in citizen.forms if re.search(r"/ask/(street|matter|reach)$", f.action))
        given = {"reach": "sms", "phone": "13800001111", "name": "王小明"} if "phone" in form.names else {}
        await citizen.submit(form.action, **given)
    await citizen.submit("/ask/send")
    number = re.search(r"\d{6}-\d{5}", citizen.text)
    code = re.search(r"(?<!\d)\d{6}(?![\d-])", citizen.text)
    assert number, citizen.text
    assert code, citizen.text
    return number[0], code[0]


@pytest.mark.requirement("004-06")
async def test_a_citizens_words_become_a_case_and_reach_their_published_end(
    visit: Callable[..., Awaitable[Visitor]],
) -> None:
    citizen = await visit()
    number, code = await ask(citizen)
    here = f"/cases/{number}"

    agent = await visit("agent")

    async def made() -> bool:
        await agent.open(here)
        return agent.page.status_code == 200

    await until(made)
    await agent.open(f"{here}?act=accept")
    await agent.submit("/acceptance", matter="020201", county="130403")

    unit = await visit("congtai")
    await unit.open(f"{here}?act=sign")
    await unit.submit("/sign-off")
    await unit.open(f"{here}?act=contact")
    await unit.submit("/contact", way="phone", said="已电话联系")
    await unit.open(f"{here}?act=result")
    await unit.submit(
        "/result", result="resolved", note="更换灯头两只。", reply="路灯已修好并试亮。", is_substantiated="yes",
        has_contacted="yes", is_solved="yes",
    )  # fmt: skip

    auditor = await visit("audit")
    await auditor.open(f"{here}?act=audit")
    assert "更换灯头两只" in auditor.text
    await auditor.submit("/audit", decision="approve")

    callback = await visit("callback")
    await callback.open(f"{here}?act=visit")
    await callback.submit("/visits", outcome="reached", was_contacted="yes", is_solved="yes", is_truthful="yes")
    await callback.open(f"{here}?act=close")
    await callback.submit("/closure")

    await citizen.open("/track")
    await citizen.submit("/track", number=number, code=code)
    assert "路灯已修好并试亮" in citizen.text
    assert "更换灯头两只" not in citizen.text
    await citizen.submit("/rating", grade="satisfied")
    await agent.open(here)
    assert "满意" in agent.text


@pytest.mark.requirement("004-16")
async def test_a_wrong_code_and_an_unknown_number_get_the_same_answer(visit: Callable[..., Awaitable[Visitor]]) -> None:
    citizen = await visit()
    number, code = await ask(citizen)
    stranger = await visit()
    await stranger.open("/track")
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    first = await stranger.submit("/track", number=number, code=wrong)
    await stranger.open("/track")
    second = await stranger.submit("/track", number="200101-00001", code=wrong)
    assert stranger.page.status_code in {404, 422}
    assert first.replace(number, "") == second.replace("200101-00001", "")
