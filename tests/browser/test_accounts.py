"""Accounts by clicks in a real Chromium: a citizen on a phone and the clerk at the counter, each page through axe."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests import accounts as citizens
from tests.browser.test_loop import Person, somebody

pytestmark = pytest.mark.browser
__all__ = ["somebody"]
SMALLEST_CONTROL, SMALLEST_LARGE = 52, 60


async def heights(person: Person, selector: str) -> list[float]:
    """How high the visible controls are, in px."""
    found: list[float] = await person.page.evaluate(
        "s => [...document.querySelectorAll(s)].map(e => e.getBoundingClientRect().height).filter(h => h > 0)", selector
    )
    return found


@pytest.mark.requirement("004-17")
@pytest.mark.requirement("004-18")
async def test_registering_on_a_phone_being_verified_at_the_counter_and_rating_an_office(somebody: Any) -> None:
    citizen = await somebody()
    page = citizen.page
    await citizen.open("/county/130403")
    await page.click("#home-register")
    await citizen.look()
    await page.click("#as-person")
    await citizen.look()
    assert min(await heights(citizen, "main input:not([type=hidden]), main button")) >= SMALLEST_CONTROL
    await citizen.fill(name="李小红", phone="12", password=citizens.PASSWORD)
    await citizen.press("登记")
    assert await page.evaluate("document.activeElement.id") in {"r-errors", ""} or "错误" in await page.title()
    await citizen.fill(phone=citizens.number(), password=citizens.PASSWORD)
    await citizen.press("登记")
    code = await page.inner_text("#account-code")
    await citizen.open("/account")
    await citizen.open("/account/change/password")
    await citizen.open("/account/change/close")
    await page.goto(f"{citizen.address}/ask")
    await citizen.fill(kind="complaint")
    await citizen.press("继续")
    assert "投诉要先核实身份" in await page.inner_text("h1")
    await citizen.open("/ask/verify?size=large")
    assert min(await heights(citizen, "main .act, main .quiet, main button")) >= SMALLEST_LARGE
    await citizen.open("/ask/verify?size=normal")

    clerk = await somebody("counter")
    await clerk.open("/counter")
    await clerk.page.fill("#f-q", code)
    await clerk.press("查找")
    assert code in await clerk.page.inner_text("h1"), await clerk.page.inner_text("main")
    await clerk.fill(document="resident_id", tail="123X")
    await clerk.page.check("#f-has_number")
    await clerk.press("核实通过")
    assert "已核实" in await clerk.page.inner_text("h1")
    await clerk.open(f"/counter/{code.replace('-', '')}/slip")
    await clerk.open("/counter/register")

    await citizen.open("/me")
    await citizen.open("/rate-a-body")
    await page.fill("#f-q", "城管")
    await citizen.press("查找")
    await page.click("#body-CGB")
    await citizen.look()
    await citizen.fill(grade="dissatisfied", words="排队两小时。")
    await citizen.press("提交评议")
    assert "评议已收到" in await page.inner_text("#flash")

    unit = await somebody("cgb")
    await unit.open("/body-ratings")
    await unit.page.click("#reply-1 summary")
    await unit.page.fill("#reply-words-1", "已增开两个窗口。")
    await unit.press("提交答复")
    await citizen.open("/me?lang=en")
    assert "已增开两个窗口" in await page.inner_text("main")
    assert re.search("Verified", await page.inner_text("#standing"))
    await citizen.open("/me?contrast=high&lang=zh")
    await citizen.press("退出", is_new=False)
    await citizen.open("/account/sign-in")
    await citizen.open("/account/reset")
    await citizen.open("/account/reset/code")
    await citizen.open("/account/register/enterprise")
