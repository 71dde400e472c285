"""The story of an account with a real worker: registered on a county’s portal, verified, heard, answered, rated."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests import accounts as citizens
from tests.flow.test_http_loop import until
from tests.visitor import Visitor

pytestmark = pytest.mark.anyio
WORDS = "政务大厅的窗口十点才开，排队的人都在外面等。"
Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture
async def visit(live_server: str) -> AsyncIterator[Visit]:
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


async def register(visitor: Visitor, kind: str, **given: str) -> str:
    """On the portal of 丛台区; the registration code."""
    await visitor.open("/county/130403")
    await visitor.open("/account/register?county=130403")
    await visitor.open(f"/account/register/{kind}?county=130403")
    await visitor.submit(f"/account/register/{kind}", password=citizens.PASSWORD, **given)
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", visitor.text)
    assert code, visitor.text
    return code[0]


async def verify(clerk: Visitor, code: str, document: str) -> None:
    """The clerk looks at the document."""
    await clerk.open("/counter")
    await clerk.submit("/counter", q=code)
    await clerk.submit("/verification", document=document, tail="123X", has_number="yes")
    assert "已核实" in clerk.text


async def tell(visitor: Visitor, kind: str, words: str, **about: str) -> str:
    """Question after question while signed in; the receipt number."""
    await visitor.open("/ask?county=130403")
    await visitor.submit("/ask", kind=kind)
    if about:
        await visitor.submit("/ask/about", **about)
    await visitor.submit("/ask/what", words=words)
    while "/ask/check" not in str(visitor.page.url):
        form = next(f for f in visitor.forms if re.search(r"/ask/(where|street|matter|reach)$", f.action))
        given = {"reach": "web"} if "reach" in form.names else {}
        await visitor.submit(form.action, **given)
    await visitor.submit("/ask/send")
    number = re.search(r"\d{6}-\d{5}", visitor.text)
    assert number, visitor.text
    return number[0]


async def made(agent: Visitor, number: str) -> None:
    """Wait until the worker has made the case."""

    async def there() -> bool:
        await agent.open(f"/cases/{number}")
        return agent.page.status_code == 200

    await until(there)


async def finished(visit: Visit, agent: Visitor, number: str) -> None:
    """Accepted, handled by the city's office for such things, audited, visited, closed."""
    here = f"/cases/{number}"
    await agent.open(f"{here}?act=accept")
    await agent.submit("/acceptance", matter="020201", county="130403")
    dispatcher = await visit("dispatcher")
    await dispatcher.open(f"{here}?act=dispatch")
    await dispatcher.submit("/dispatch", unit="CGB", reason="投诉区政府，由市级部门办理")
    unit = await visit("cgb")
    await unit.open(f"{here}?act=sign")
    await unit.submit("/sign-off")
    await unit.open(f"{here}?act=contact")
    await unit.submit("/contact", way="phone", said="已电话联系")
    await unit.open(f"{here}?act=result")
    await unit.submit(
        "/result", result="resolved", note="已核查排班。", reply="窗口已改为八点半开门。", is_substantiated="yes",
        has_contacted="yes", is_solved="yes",
    )  # fmt: skip
    auditor = await visit("audit")
    await auditor.open(f"{here}?act=audit")
    await auditor.submit("/audit", decision="approve")
    callback = await visit("callback")
    await callback.open(f"{here}?act=visit")
    await callback.submit("/visits", outcome="reached", was_contacted="yes", is_solved="yes", is_truthful="yes")
    await callback.open(f"{here}?act=close")
    await callback.submit("/closure")


@pytest.mark.requirement("004-17")
@pytest.mark.requirement("004-18")
@pytest.mark.requirement("004-20")
async def test_a_citizen_registers_on_a_countys_portal_is_verified_and_then_may_complain(visit: Visit) -> None:
    citizen = await visit()
    code = await register(citizen, "person", phone=citizens.number(), name="李小红")
    question = await tell(citizen, "enquiry", "居住证到哪里办？")

    await citizen.open("/ask?county=130403")
    await citizen.submit("/ask", kind="complaint")
    assert "投诉要先核实身份，可带身份证到窗口，或先咨询。" in citizen.text
    assert code in citizen.text
    await citizen.open("/rate-a-body?county=130403")
    assert "先核实身份" in citizen.text

    clerk = await visit("counter")
    await verify(clerk, code, "resident_id")
    number = await tell(citizen, "complaint", WORDS, about_unit="130403")
    agent = await visit("agent")
    await made(agent, number)
    await citizen.open("/me")
    assert question in citizen.text
    assert number in citizen.text
    await finished(visit, agent, number)

    await citizen.open("/me")
    assert "新答复" in citizen.text
    await citizen.open(f"/me/{number}")
    assert "窗口已改为八点半开门" in citizen.text
    assert "已核查排班" not in citizen.text
    await citizen.submit("/rating", grade="satisfied")
    await agent.open(f"/cases/{number}")
    assert "满意" in agent.text


@pytest.mark.requirement("004-19")
async def test_a_companys_requests_are_flagged_and_counted_apart(visit: Visit) -> None:
    firm, clerk, agent = await visit(), await visit("counter"), await visit("agent")
    supervisor = await visit("supervisor")
    given = {"phone": citizens.number(), "name": "赵经理", "company": "邯郸某公司"}
    code = await register(firm, "enterprise", organisation_code=citizens.FIRM, **given)
    await verify(clerk, code, "licence_and_letter")
    await supervisor.open("/board")
    before = int(re.search(r"(\d+)\n企业诉求", supervisor.text)[1])  # type: ignore[index]
    number = await tell(firm, "assistance", "厂门口的路塌了，货车进不来。")
    await made(agent, number)
    assert "企业诉求" in agent.text
    assert citizens.FIRM in agent.text
    await supervisor.open("/board")
    assert int(re.search(r"(\d+)\n企业诉求", supervisor.text)[1]) == before + 1  # type: ignore[index]
    await agent.open("/cases?requester=enterprise")
    assert number in agent.text
    await agent.open("/cases?requester=people")
    assert number not in agent.text
