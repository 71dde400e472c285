"""Partners in a real Chromium: added, given a key, its hook switched on; every page looked at for accessibility."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_loop import Person

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.browser


async def test_an_administrator_adds_a_partner_and_sees_its_key_once(page: Page, web_server: str) -> None:
    admin = await Person(page, web_server).sign_in("admin")
    await admin.open("/admin/partners")
    await admin.open("/admin/partners/new")
    for name, value in (("code", "hebei"), ("name_zh", "河北省平台"), ("name_en", "Hebei platform")):
        await page.fill(f"#f-{name}", value)
    await page.select_option("#f-channel", "province")
    await page.click("#partner-add")
    await page.wait_for_url("**/admin/partners/hebei")
    await page.click("#key-make")
    shown = await page.inner_text("#shown-once code")
    assert re.fullmatch(r"hl_[0-9a-f]{8}_[\w-]{32}", shown)
    await page.fill("#f-hook_url", "http://127.0.0.1:9/hook")
    await page.check("#f-is_hook_on")
    await page.click("#partner-save")
    await page.wait_for_selector("#r-errors")
    await page.check("#f-is_intranet")
    await page.click("#partner-save")
    secret = await page.wait_for_selector("#shown-once code")
    assert secret is not None
    assert (await secret.inner_text()).startswith("whsec_")
    await admin.open("/admin/partners/hebei")
    assert shown not in await page.content()
    await page.click("#partner-ping")
    await page.wait_for_url("**/log")
    await admin.look()
    await admin.open("/api/v1/docs")
