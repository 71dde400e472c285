"""Administration in a real Chromium: no page breaks a rule of accessibility, and a preview comes where one looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import axe

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser
NARROW = 390
"""Looked at for scrolling alone: the rules of accessibility are asked at the widest and at the narrowest."""
PAGES = (
    "/admin", "/people", "/people/new", "/admin/units", "/admin/units/CGB", "/admin/units-new", "/admin/matters",
    "/admin/matters/020201", "/admin/lines", "/admin/lines/12345", "/admin/lines/new", "/admin/calendar",
    "/admin/rules", "/admin/rules/hours.working", "/admin/jurisdictions", "/admin/operations",
    "/admin/operations/letters", "/admin/acts",
)  # fmt: skip


async def signed_in(browser: Browser, address: str, width: int, **cookies: str) -> Page:
    """The demo's administrator at a screen so wide, with preferences."""
    context = await browser.new_context(viewport={"width": width, "height": 768}, locale="zh-CN")
    await context.add_cookies([{"name": f"hl_{k}", "value": v, "url": address} for k, v in cookies.items()])
    page = await context.new_page()
    await page.goto(f"{address}/sign-in")
    await page.fill("#f-login", "admin")
    await page.fill("#f-password", "demo-2026")
    await page.press("#f-password", "Enter")
    await page.wait_for_url("**/admin")
    return page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "cookies"), [(1366, {}), (NARROW, {"size": "large"}), (320, {"lang": "en", "contrast": "high"})]
)
async def test_no_page_of_administration_breaks_a_rule_of_accessibility_or_scrolls_sideways(
    browser: Browser, web_server: str, width: int, cookies: dict[str, str]
) -> None:
    page = await signed_in(browser, web_server, width, **cookies)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    for path in PAGES:
        answer = await page.goto(web_server + path)
        assert answer is not None
        assert answer.status == 200, path
        if width != NARROW:
            found = await axe.violations(page)
            complaints += [f"{path}: {one['id']} {one['nodes'][0]['html'][:150]}" for one in found]
        wide = await page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            complaints.append(f"{path}: {wide} px wide")
    await page.context.close()
    assert not complaints, "\n".join(complaints)


async def test_a_preview_comes_without_a_new_page_and_takes_the_focus_and_an_error_does_too(
    browser: Browser, web_server: str
) -> None:
    page = await signed_in(browser, web_server, 1366)
    await page.goto(f"{web_server}/admin/matters/020201")
    await page.select_option("#f-route", "FUNC")
    await page.click("#matter-preview")
    await page.wait_for_selector("#r-moves:focus")
    assert await page.input_value("#f-route") == "FUNC", "what was chosen stays"
    await page.fill("#f-l3_zh", "")
    await page.click("#matter-save")
    await page.wait_for_selector("#r-errors:focus")
    assert (await page.title()).startswith("错误：")
    await page.context.close()
