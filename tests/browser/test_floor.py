"""A call in a real Chromium: the strip rings, F2 opens the desk, the wrap-up ends with a key; every page by axe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from hotline import city_verbs, db
from tests import engines as stage
from tests import standins
from tests.browser.test_loop import Person

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser
PUBLIC = "https://hotline.example.gov.cn"
CITIZEN = "13800000031"


@pytest.fixture(scope="module")
async def house(database: stage.Place) -> AsyncIterator[tuple[str, standins.StandIn]]:
    """The served hotline's address, and the stand-in that carries its calls."""
    await city_verbs.set_rule("voice.ring", "600")  # the stand-in's seconds are short, a test's steps are not
    async with standins.opened(public=PUBLIC, tempo=0.05) as standin:
        env = {**database.environment, **standin.environment(), "HOTLINE_PUBLIC_URL": PUBLIC}
        with stage.served(env, database.settings.data_dir / "served.log") as address:
            standin.hotline = address
            yield address, standin


async def _enter(browser: Browser, address: str, login: str, width: int = 1366) -> Person:
    context = await browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": 625 if width > 400 else 844}
    )
    return await Person(await context.new_page(), address).sign_in(login)


async def test_the_strip_rings_f2_answers_and_a_key_ends_the_wrap_up(
    browser: Browser, house: tuple[str, standins.StandIn]
) -> None:
    address, standin = house
    agent = await _enter(browser, address, "agent")
    page = agent.page
    await agent.open("/seat")
    await page.fill("#seat-phone", "8001")
    await page.click("#seat-ready")
    await page.wait_for_selector("#r-seat.is-ready")
    await agent.open("/desk")
    await page.wait_for_selector("#r-seat.is-ready")
    leg = standin.twilio.call(CITIZEN, "12319")
    await page.wait_for_selector("#r-seat.is-ringing")
    await agent.look()
    strip = await page.inner_text("#r-seat")
    assert "12319" in strip
    assert "138****0031" in strip
    assert await page.evaluate("document.activeElement.id") == "seat-answer", "the focus jumps from an idle screen"
    (await standin.twilio.phone("8001").rings()).pick_up()
    await page.wait_for_selector("#r-seat.is-talking")
    assert CITIZEN in await page.inner_text("#r-seat")
    await page.keyboard.press("F2")
    await page.wait_for_url("**/desk?call=*")
    await page.wait_for_selector("#r-seat.is-talking")
    assert await page.input_value("#f-phone") == CITIZEN
    assert await page.input_value("#f-line") == "12319"
    await page.keyboard.press("F8")
    await page.wait_for_selector("#seat-to-110")
    await agent.look()
    await page.keyboard.press("F8")
    await agent.fill(words="人民路小学门口的路灯不亮。", matter_q="020201", county="130403")
    await page.keyboard.press("F9")
    await page.wait_for_url("**/desk/receipts/*")
    leg.hang_up()
    await page.wait_for_selector("#r-seat.is-wrap_up")
    await agent.look()
    assert "已登记" in await page.inner_text("#r-seat")
    await page.keyboard.press("KeyA")
    await page.keyboard.press("F2")
    await page.wait_for_selector("#r-seat.is-ready")
    await page.context.close()


async def test_call_backs_floor_and_recordings_are_clean_on_both_widths(
    browser: Browser, house: tuple[str, standins.StandIn]
) -> None:
    address, standin = house
    leg = standin.twilio.call("13800000032", "12345")
    await leg.until("坐席正忙")
    leg.hang_up()
    await leg.ended()
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM callback_task") == 1
    for width in (1366, 390):
        shift = await _enter(browser, address, "shift", width)
        for path in ("/seat", "/callbacks", "/floor", "/floor/figures", "/floor/mine", "/recordings"):
            await shift.open(path)
        assert await shift.page.get_by_text("12319").count()
        await shift.page.context.close()
