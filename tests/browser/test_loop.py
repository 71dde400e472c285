"""The whole loop in a real Chromium, clicking as each of the people, with an accessibility check of every page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from tests import axe

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser
WORDS = "人民路小学门口的人行横道标线磨没了，早晚接送孩子很危险。"


class Person:
    """Somebody with a browser window: every page that they open is checked for accessibility and sideways scroll."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    async def open(self, path: str) -> None:
        """Go there, wait until it is quiet, look at it."""
        answer = await self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        await self.look()

    async def look(self) -> None:
        """Axe finds nothing serious, and nothing runs off to the side."""
        page = self.page
        await page.wait_for_load_state()
        wrong = [
            f"{one['id']}: {one['nodes'][0]['html'][:160]}"
            for one in await axe.violations(page)
            if one["impact"] in {"serious", "critical"}
        ]
        assert not wrong, f"{page.url}\n" + "\n".join(wrong)
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 1, f"{page.url} runs {wide} px off to the side"

    async def sign_in(self, login: str) -> Person:
        """Sign in with the demo password; the pages of before and after are looked at once, each in its own test."""
        await self.page.goto(f"{self.address}/sign-in")
        await self.page.fill("input[name=login]", login)
        await self.page.fill("input[name=password]", "demo-2026")
        await self.page.press("input[name=password]", "Enter")
        await self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self

    async def press(self, button: str, *, is_new: bool = True) -> None:
        """Press the button with this text and look at what comes, if it is a page that nobody looked at before."""
        await self.page.get_by_role("button", name=re.compile(button)).last.click()
        await self.page.wait_for_load_state("networkidle")
        if is_new:
            await self.look()

    async def fill(self, **fields: Any) -> None:
        """Fill fields by their names: text, a choice, or a radio's value."""
        for name, value in fields.items():
            radio = self.page.locator(f"input[type=radio][name={name}][value='{value}']")
            if await radio.count():
                await radio.check()
                continue
            field = self.page.locator(f"[name={name}]:not([type=hidden])").first
            if await field.evaluate("field => field.tagName") == "SELECT":
                await field.select_option(str(value))
            else:
                await field.fill(str(value))


@pytest.fixture
async def somebody(browser: Browser, live_server: str) -> AsyncIterator[Any]:
    """Makes people, each with a window of their own; citizens hold a phone."""
    contexts = []

    async def one(login: str = "") -> Person:
        size = {"width": 1366, "height": 768} if login else {"width": 390, "height": 844}
        context = await browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", bypass_csp=True)
        contexts.append(context)
        person = Person(await context.new_page(), live_server)
        return await person.sign_in(login) if login else person

    yield one
    for context in contexts:
        await context.close()


async def asked(citizen: Person) -> tuple[str, str]:
    """One question a page, on a phone; number and query code."""
    page = citizen.page
    await page.goto(f"{citizen.address}/ask")
    await citizen.fill(kind="assistance")
    await citizen.press("继续")
    await citizen.fill(words=WORDS)
    await citizen.press("继续")
    await citizen.fill(county="130403", place="人民路小学")
    await citizen.press("继续")
    while not page.url.endswith("/ask/check"):
        if await page.locator("input[name=phone]").count():
            await citizen.fill(reach="sms", phone="13800002222", name="王小明")
        await citizen.press("继续")
    await citizen.press("提交")
    text = await page.inner_text("main")
    number, code = re.search(r"\d{6}-\d{5}", text), re.search(r"(?<![\d-])\d{6}(?![\d-])", text)
    assert number, text
    assert code, text
    return number[0], code[0]


@pytest.mark.requirement("004-01")
async def test_the_loop_from_a_citizens_phone_to_a_rating_by_clicks(somebody: Any) -> None:
    citizen = await somebody()
    number, code = await asked(citizen)
    here = f"/cases/{number}"

    agent = await somebody("agent")
    for _ in range(60):
        answer = await agent.page.goto(agent.address + here)
        if answer is not None and answer.status == 200:
            break
        await agent.page.wait_for_timeout(250)
    await agent.open(f"{here}?act=accept")
    await agent.fill(matter="020201", county="130403")
    await agent.press("受理")

    unit = await somebody("congtai")
    await unit.open(here)
    await unit.press("签收", is_new=False)
    await unit.open(f"{here}?act=contact")
    await unit.fill(way="phone", said="已联系诉求人")
    await unit.press("联系", is_new=False)
    await unit.open(f"{here}?act=result")
    await unit.fill(result="resolved", note="已复划标线六十米。", reply="人行横道标线已重新施划。",
                    is_substantiated="yes", has_contacted="yes", is_solved="yes")  # fmt: skip
    await unit.press("提交办结", is_new=False)

    auditor = await somebody("audit")
    await auditor.open(f"{here}?act=audit")
    await auditor.fill(decision="approve")
    await auditor.press("审核|通过|提交", is_new=False)

    callback = await somebody("callback")
    await callback.open(f"{here}?act=visit")
    await callback.fill(outcome="reached", was_contacted="yes", is_solved="yes", is_truthful="yes")
    await callback.press("记录回访", is_new=False)
    await callback.open(f"{here}?act=close")
    await callback.press("结案", is_new=False)

    await citizen.page.goto(f"{citizen.address}/track")
    await citizen.fill(number=number, code=code)
    await citizen.press("查")
    assert "人行横道标线已重新施划" in await citizen.page.inner_text("main")
    await citizen.fill(grade="satisfied")
    await citizen.press("评价|提交")
    await agent.open(here)
    assert "评价：满意" in await agent.page.inner_text("main")


PAGES = {
    "": ("/", "/ask", "/track", "/notices", "/sign-in"),
    "agent": ("/desk", "/desk/mine", "/cases"),
    "congtai": ("/work",),
    "dispatcher": ("/dispatch", "/cases?band=overdue", "/cases?q=路灯"),
    "audit": ("/audit",),
    "callback": ("/visits",),
    "supervisor": ("/board",),
    "publisher": ("/notices/drafts",),
}
"""The administrator's pages are held to the same in tests/web/test_admin_browser.py, at three widths."""


@pytest.mark.parametrize("login", PAGES)
async def test_every_first_page_is_accessible_on_a_desk_and_on_a_phone(somebody: Any, login: str) -> None:
    person = await somebody(login)
    for path in PAGES[login]:
        await person.page.set_viewport_size({"width": 1366, "height": 768})
        await person.open(path)
        await person.page.set_viewport_size({"width": 390, "height": 844})
        await person.look()


@pytest.mark.parametrize("login", ["", "dispatcher"])
async def test_the_same_pages_stand_in_english_and_in_large_type(somebody: Any, login: str) -> None:
    person = await somebody(login)
    await person.page.context.add_cookies([
        {"name": name, "value": value, "url": person.address}
        for name, value in (("hl_lang", "en"), ("hl_size", "large"), ("hl_contrast", "high"))
    ])
    for path in PAGES[login]:
        await person.open(path)
        assert await person.page.get_attribute("html", "lang") == "en"
