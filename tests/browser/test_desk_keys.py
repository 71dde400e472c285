"""The call screen in a real Chromium: by keys alone, and with the web process killed under it (Shows 1 and 4)."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from hotline import city_verbs, db
from tests import engines as stage
from tests import standins
from tests.browser.test_loop import Person

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page, Route

pytestmark = pytest.mark.browser
PUBLIC = "https://hotline.example.gov.cn"
CITIZEN = "13800000071"
WORDS = "丛台区和平路与陵西大街口的路灯三天不亮，晚上看不清路。"
ORDER = (
    "f-matter_q", "f-place", "f-county", "f-township", "f-no_place", "f-kind", "f-urgency", "f-is_confidential",
    "f-is_minor", "f-is_investigation", "f-is_vulnerable", "f-name", "f-is_anonymous", "f-reply_by",
)  # fmt: skip
MOST = 25
"""Key presses from the ring to the receipt, besides the citizen's own words."""


class Served:
    """A web process that can be killed and started again at the same address, and a worker beside it."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self.log = environment, log
        self.port = stage.free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *words: str) -> None:
        """Start ``web`` or ``worker``; a web process answers when this returns."""
        with self.log.open("ab") as out:
            command = [sys.executable, "-m", "hotline", *words]
            self.children[words[0]] = subprocess.Popen(command, env=self.environment, stdout=out, stderr=out)
        if words[0] == "web":
            stage._wait_for(self.port, self.children["web"], self.log)

    def web(self) -> None:
        """The web process, at the address that the pages know."""
        self.start("web", "--port", str(self.port))

    def kill(self) -> None:
        """The web process is gone at once, with whatever it was doing."""
        self.children["web"].send_signal(signal.SIGKILL)
        self.children["web"].wait(10)

    def end(self) -> None:
        """Both are over."""
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(15)
                continue
            child.kill()


@pytest.fixture(scope="module")
async def house(database: stage.Place) -> AsyncIterator[tuple[Served, standins.StandIn]]:
    """The served hotline, and the stand-in that carries its calls."""
    await city_verbs.set_rule("voice.ring", "600")
    async with standins.opened(public=PUBLIC, tempo=0.05) as standin:
        env = {**database.environment, **standin.environment(), "HOTLINE_PUBLIC_URL": PUBLIC}
        served = Served(env, database.settings.data_dir / "keys.log")
        try:
            served.start("worker")
            served.web()
            standin.hotline = served.address
            yield served, standin
        finally:
            served.end()


async def _enter(browser: Browser, address: str) -> Person:
    context = await browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 625}
    )
    page = await context.new_page()
    await page.goto(f"{address}/sign-in")
    await page.fill("input[name=login]", "agent")
    await page.fill("input[name=password]", "demo-2026")
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url(lambda url: "/sign-in" not in url)
    return Person(page, address)


class Keys:
    """Presses keys and counts them; the citizen's words are typed without being counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.n = page, 0

    async def press(self, key: str) -> None:
        """One key, or one together with Alt."""
        self.n += 1
        await self.page.keyboard.press(key)

    async def at(self) -> str:
        """Which element has the focus."""
        return str(await self.page.evaluate("document.activeElement.id"))


async def _cases(words: str) -> int:
    async with db.reading() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM request WHERE words LIKE $1", f"{words}%"))


async def the_tree_makes_sense(page: Page) -> None:
    """What a screen reader has of the call: each field and button by its role and name, one region that speaks."""
    tree = await page.locator("#call").aria_snapshot()
    for role in ('textbox "诉求内容"', 'combobox "线路"', 'textbox "事项"', 'region "建议"', 'group "处理"',
                 'radio "受理" [checked]', 'button "提交 F9"', 'radio "1 路灯不亮'):  # fmt: skip
        assert role in tree, tree
    assert await page.locator("#say[role=status]").count() == await page.locator("#alert[role=alert]").count() == 1


async def test_from_the_ring_to_the_receipt_by_keys_alone_through_every_field_in_its_order(
    browser: Browser, house: tuple[Served, standins.StandIn]
) -> None:
    served, standin = house
    agent = await _enter(browser, served.address)
    page, keys = agent.page, Keys(agent.page)
    await agent.page.goto(f"{served.address}/seat")
    await page.fill("#seat-phone", "8001")
    await page.click("#seat-ready")
    await page.wait_for_selector("#r-seat.is-ready")
    await page.goto(f"{served.address}/desk")
    await page.wait_for_selector("#r-seat.is-ready")
    await page.keyboard.insert_text("上一通还没写完")
    leg = standin.twilio.call(CITIZEN, "12319")
    await page.wait_for_selector("#r-seat.is-ringing")
    assert await keys.at() == "f-words", "something is being written: the focus stays"
    (await standin.twilio.phone("8001").rings()).pick_up()
    await keys.press("F2")
    await page.wait_for_url("**/desk?call=*")
    await page.wait_for_selector("#r-seat.is-talking")
    assert await keys.at() == "f-words"
    assert await page.input_value("#f-phone") == CITIZEN
    await page.keyboard.insert_text(WORDS)
    await page.wait_for_selector("#r-proposals input[name=matter]")
    await page.locator("#say", has_text="路灯不亮").wait_for(state="attached")
    for field in ORDER:
        await keys.press("Tab")
        assert await keys.at() == field
        if field in ("f-matter_q", "f-place"):
            await keys.press("1")
    assert await page.inner_text("#chosen-matter") == "路灯不亮"
    assert await page.inner_text("#chosen-place") == "丛台区"
    await the_tree_makes_sense(page)
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "no scrolling at 1366×625"
    await agent.look()
    await keys.press("F9")
    await page.wait_for_url("**/desk/receipts/*")
    assert keys.n <= MOST, keys.n
    await agent.look()
    assert await page.locator("#number").evaluate("one => getComputedStyle(one).fontSize") == "24px"
    leg.hang_up()
    await page.wait_for_selector("#r-seat.is-wrap_up")
    assert await _cases(WORDS) == 1
    await page.keyboard.press("F2")
    await page.wait_for_selector("#r-seat.is-ready")
    assert "上一通还没写完" in await (await page.context.request.get(f"{served.address}/desk/mine")).text()
    await page.context.close()


async def test_a_killed_web_process_loses_no_word_and_doubles_no_case(
    browser: Browser, house: tuple[Served, standins.StandIn]
) -> None:
    served, _ = house
    agent = await _enter(browser, served.address)
    page = agent.page
    await page.goto(f"{served.address}/desk")
    await page.fill("#f-phone", CITIZEN)
    await page.fill("#f-words", "人民路的井盖坏了")
    await page.locator("#r-draft", has_text="草稿已存").wait_for(state="attached")
    served.kill()
    await page.locator("#f-words").press_sequentially("，有人差点摔倒")
    await page.locator("#r-draft", has_text="标签页").wait_for(state="attached")
    await page.wait_for_function("Object.values(sessionStorage).some((one) => one.includes('差点摔倒'))")
    assert CITIZEN not in await page.evaluate("JSON.stringify(Object.entries(sessionStorage))")
    with contextlib.suppress(Exception):
        await page.reload()  # the browser's own error page: the server is away
    served.web()
    await page.goto(f"{served.address}/desk")
    await page.locator("#flash", has_text="已放回来").wait_for(state="attached")
    assert await page.input_value("#f-words") == "人民路的井盖坏了，有人差点摔倒"
    assert await page.input_value("#f-phone") == CITIZEN, "what the server had of it is there"
    await page.fill("#f-matter_q", "020201")
    await page.select_option("#f-county", "130403")
    await page.wait_for_selector("#r-proposals input[name=matter]:checked")
    tried = 0

    async def lost(route: Route) -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            await route.fetch()  # it is taken, and before the answer is out the process is gone
            served.kill()
            await route.abort()
            return
        await route.continue_()

    await page.route("**/desk", lost)
    await page.keyboard.press("F9")
    await page.locator("#r-draft", has_text="自动重发").wait_for(state="attached")
    served.web()
    await page.wait_for_url("**/desk/receipts/*")
    assert "没有重复登记" in await page.inner_text("#flash")
    assert await page.inner_text("#code") != ""
    assert await _cases("人民路的井盖坏了，有人差点摔倒") == 1
    assert tried > 1
    await page.unroute_all(behavior="ignoreErrors")
    await nothing_old_comes_back(page, served.address)
    await page.context.close()


async def nothing_old_comes_back(page: Page, address: str) -> None:
    """What another window wrote later stands; words leave the tab with the session."""
    await page.goto(f"{address}/desk")
    await page.fill("#f-words", "后来存的话")
    await page.locator("#r-draft", has_text="草稿已存").wait_for(state="attached")
    await page.evaluate(
        "const form = document.getElementById('call');"
        " sessionStorage.setItem(`draft:${form.dataset.draft}`,"
        " JSON.stringify({person: form.dataset.person, at: Date.now(), saving: 1, known: 0,"
        " kept: {words: '早先写的话'}}))"
    )
    await page.reload()
    await page.locator("#flash", has_text="早先写的话").wait_for(state="attached")
    assert await page.input_value("#f-words") == "后来存的话"
    await page.locator("#f-words").press_sequentially("，没来得及存")
    await page.click("#me summary")
    await page.click("#sign-out")
    await page.wait_for_url("**/sign-in**")
    assert "draft:" not in await page.evaluate("JSON.stringify(Object.keys(sessionStorage))")
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM draft WHERE kind = 'call' AND version > 1") > 0
