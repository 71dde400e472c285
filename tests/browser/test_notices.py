"""A notice's life by clicks in a real Chromium: officer, unit, two reviewers, and whoever asked, on a phone.

Its essential screens go through axe; sessions are given, since signing in is looked at elsewhere.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from PIL import Image

from channels.message import Receipt
from hotline import db, people
from tests import builders as b
from tests.browser.test_loop import Person
from web import access

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser
PHOTO = io.BytesIO()
Image.new("RGB", (320, 200), "gray").save(PHOTO, "JPEG")


async def entered(browser: Browser, address: str, login: str = "") -> Person:
    """Somebody with a window of their own: a citizen's phone, or a desk with a session."""
    size = {"width": 1366, "height": 768} if login else {"width": 390, "height": 844}
    context = await browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", bypass_csp=True)
    if login:
        token, _ = await people.sign_in(login, "demo-2026", "127.0.0.1")
        await context.add_cookies([{"name": access.SESSION, "value": token, "url": address}])
    context.set_default_timeout(8000)
    return Person(await context.new_page(), address)


async def at(person: Person, path: str, button: str) -> None:
    """Open a page without another look at it, and press a button by its id."""
    await person.page.goto(person.address + path)
    await person.page.click(f"#{button}")
    await person.page.wait_for_load_state()


async def slug_of(page: str) -> str:
    """The public address of a published notice."""
    async with db.reading() as connection:
        slug = await connection.fetchval("SELECT slug FROM notice WHERE id = $1", UUID(page.rpartition("/")[2]))
    return f"/notices/{slug}"


async def a_draft_with_its_finds_hidden(officer: Person, web_server: str, number: str) -> str:
    """The address of its page, once nothing in it tells who somebody is."""
    await officer.page.goto(f"{web_server}/notices/drafts/new?case={number}")
    await officer.fill(wrong="王小明（13800000001）报修的路灯没有修好。", rule="《照明规定》。", required="修好。")
    await officer.page.click("#keep")
    await officer.page.wait_for_url("**/notices/drafts/*-*")
    page = officer.page.url.removeprefix(web_server)
    await officer.look()  # finds, numbered, with their keys
    for left in (1, 0):
        await officer.page.keyboard.press("y")
        await officer.page.wait_for_function(f"document.querySelector('#n-finds').textContent == '{left}'")
    return page


async def the_requester_rates_the_correction(citizen: Person, web_server: str, public: str, receipt: Receipt) -> None:
    await citizen.open(public)
    assert await citizen.page.locator(".evidence img").count() == 1
    assert "王小明" not in await citizen.page.content()
    await citizen.page.goto(f"{web_server}/track")
    await citizen.fill(number=receipt.number, code=receipt.code)
    await citizen.page.click("#look")
    await citizen.page.click("#rate-notice-1")
    await citizen.fill(grade="satisfied")
    await citizen.look()
    await citizen.page.click("#rate-notice")
    await citizen.page.wait_for_url(f"**/track/{receipt.number}")
    assert "您对纠正的评价" in await citizen.page.inner_text("main")


@pytest.mark.requirement("000-02")
async def test_a_notice_by_clicks_from_its_draft_to_a_rating_of_its_correction(
    browser: Browser, web_server: str
) -> None:
    receipt = await b.a_case("closed")
    officer = await entered(browser, web_server, "publisher")
    page = await a_draft_with_its_finds_hidden(officer, web_server, receipt.number)
    await at(officer, page, "send")

    unit = await entered(browser, web_server, "congtai")
    await at(unit, page, "reply")
    first, second = [await entered(browser, web_server, login) for login in ("reviewer", "secrecy")]
    await at(first, page, "approve")
    await at(second, page, "clear")
    await at(officer, page, "publish")
    public = await slug_of(page)

    await unit.page.goto(web_server + page)
    await unit.page.fill("#correct-text", "灯头两只已更换。")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": PHOTO.getvalue()}
    await unit.page.set_input_files("#f-files", photo)
    await unit.look()
    await unit.page.click("#correct")
    await unit.page.wait_for_selector("#file-1")
    await at(officer, page, "look-clean-1")
    await officer.look()  # evidence between two looks
    await at(second, page, "check-clean-1")
    await officer.page.goto(web_server + page)
    await officer.page.fill("#verify-text", "到现场看过，确已修好。")
    await officer.page.click("#verify")
    await officer.page.wait_for_load_state()

    citizen = await entered(browser, web_server)
    await the_requester_rates_the_correction(citizen, web_server, public, receipt)
