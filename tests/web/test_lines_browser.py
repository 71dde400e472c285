"""The registry and the desk's strip in a real Chromium: accessible, nothing wide, a caller sent on in two presses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import axe
from tests.web.test_admin_browser import signed_in

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
PAGES = (
    "/admin/lines", "/admin/lines/12333", "/admin/lines/12333/plan", "/admin/lines/figures",
    "/admin/lines/12345/figures?by=week", "/admin/numbers/12388",
)  # fmt: skip


async def faults(page: Page, width: int) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    found = await axe.violations(page)
    wrong = [f"{page.url}: {one['id']} {one['nodes'][0]['html'][:150]}" for one in found]
    wide = await page.evaluate("document.documentElement.scrollWidth")
    return wrong + ([f"{page.url}: {wide} px wide"] if wide > width else [])


async def filled(page: Page, field: str, value: str) -> None:
    """Wait until the field holds it. A function that Playwright evaluates again and again is stopped by our policy."""
    for _ in range(400):
        if await page.evaluate("field => document.querySelector(field)?.value", field) == value:
            return
        await page.wait_for_timeout(50)
    pytest.fail(f"{field} never held {value}")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "cookies"), [(1366, {}), (390, {"size": "large", "contrast": "high"})])
async def test_no_page_of_the_registry_breaks_a_rule_of_accessibility(
    browser: Browser, web_server: str, width: int, cookies: dict[str, str]
) -> None:
    page = await signed_in(browser, web_server, width, **cookies)
    wrong: list[str] = []
    for path in PAGES:
        answer = await page.goto(web_server + path)
        assert answer is not None
        assert answer.status == 200, path
        wrong += await faults(page, width)
    await page.context.close()
    assert not wrong, "\n".join(wrong)


async def test_a_caller_who_belongs_elsewhere_is_told_so_and_closed_in_two_presses(
    browser: Browser, web_server: str, page: Page
) -> None:
    await page.goto(f"{web_server}/sign-in")
    await page.fill("#f-login", "agent")
    await page.fill("#f-password", "demo-2026")
    await page.press("#f-password", "Enter")
    await page.wait_for_url("**/desk")
    await page.fill("#f-words", "法院判了不执行，想投诉法官。")
    await page.locator("#refer-12368").wait_for()
    assert "请拨打 12368" in await page.inner_text("#related-strip")
    assert not await faults(page, 1366)
    await page.check("#f-is_anonymous")
    await page.click("#refer-12368")
    await filled(page, "#f-decline_channel", "12368 法院诉讼服务")
    await page.click("#do-submit")
    await page.wait_for_url("**/desk/receipts/*")
    number = await page.inner_text("#number")
    await page.goto(f"{web_server}/cases?open=all&state=declined")
    assert number in await page.inner_text("#r-list")
    await page.goto(f"{web_server}/transfers")
    assert not await faults(page, 1366)
