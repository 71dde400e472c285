"""In a real Chromium: the layouts and components at every size, checked with axe; keys, focus and news."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from jinja2 import ChoiceLoader, DictLoader
from litestar import Request, Response, get

from hotline import clock, db, jobs, vault
from hotline.errors import Say
from tests import axe
from tests.engines import free_port
from tests.web import house, test_components, test_forms
from tests.web.test_render import CHOICES, KINDS
from web import access, filters, forms, live, render, routes
from web.timeleft import time_left

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@get("/t/gallery", opt={"needs": "signed_in"}, sync_to_thread=False)
def gallery(request: Request[Any, Any, Any]) -> Response[str]:
    """Every component; ``?bad=1`` as a refused form shows them."""
    from hotline import city
    from sla import calendar

    is_bad = "bad" in request.query_params
    form = forms.parse(test_forms.Sample, {"floor": ["x"]}) if is_bad else forms.blank(test_forms.Sample)
    return render.render(
        request, "gallery.html", form=form, kinds=KINDS, message=render.Flash(Say("已存", "Kept")), live="queue",
        filters=filters.parse("/t/gallery", request.query_params, CHOICES), status=422 if is_bad else 200,
        chips=[time_left(calendar.of(city.current()), term, clock.now()) for term in test_components.terms()],
        chart=test_components.chart("a"), blank=test_components.chart("b", 0),
    )  # fmt: skip


@pytest.fixture
async def address(database: object, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The application with the gallery, served in this process on this module's database."""
    from hotline import app

    async def leave_open(*_: object, **__: object) -> None:
        """The pool belongs to the fixture."""

    env = render.environment()
    loaders = ChoiceLoader([DictLoader({"gallery.html": test_components.GALLERY}), env.loader])  # type: ignore[list-item]
    monkeypatch.setattr(env, "loader", loaders)
    monkeypatch.setattr(app, "ROUTES", [*routes.ROUTES, gallery])
    monkeypatch.setattr(vault, "open_keys", lambda: None)
    monkeypatch.setattr(db, "connect", leave_open)
    monkeypatch.setattr(db, "disconnect", leave_open)
    monkeypatch.setattr(jobs, "close", leave_open)
    monkeypatch.setattr(live, "end_on_signals", lambda: None)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app.create_app(), port=port, log_level="warning"))
    with contextlib.suppress(AttributeError):
        monkeypatch.setattr(server, "capture_signals", contextlib.nullcontext)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    live.HUB.end()
    await asyncio.wait_for(task, 10)


async def _signed_in(browser: Browser, address: str, *, width: int, height: int, **cookies: str) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    _, login = await house.a_person("dispatcher", "admin")
    from hotline import people

    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    every = {access.SESSION: token, **{f"hl_{name}": value for name, value in cookies.items()}}
    await context.add_cookies([{"name": name, "value": value, "url": address} for name, value in every.items()])
    return await context.new_page()


@pytest.mark.parametrize(
    ("width", "cookies"),
    [(320, {}), (390, {"size": "large"}), (390, {"contrast": "high"}), (1366, {"lang": "en"}), (1366, {})],
)
async def test_no_page_breaks_a_rule_of_accessibility_or_scrolls_sideways(
    browser: Browser, address: str, width: int, cookies: dict[str, str]
) -> None:
    page = await _signed_in(browser, address, width=width, height=800, **cookies)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    for path in ("/t/gallery?kind=a", "/t/gallery?bad=1", "/preferences", "/nothing-here"):
        await page.goto(address + path)
        found = await axe.violations(page, runOnly=RULES)
        complaints += [f"{path}: {one['id']} {one['nodes'][0]['html'][:150]}" for one in found]
        wide = await page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            complaints.append(f"{path}: {wide} px wide")
    await page.context.clear_cookies()
    for path in ("/", "/sign-in"):
        await page.goto(address + path)
        found = await axe.violations(page, runOnly=RULES)
        complaints += [f"{path}: {one['id']} {one['nodes'][0]['html'][:150]}" for one in found]
    await page.context.close()
    assert complaints == []


async def test_thirteen_rows_fit_a_small_office_screen(browser: Browser, address: str) -> None:
    page = await _signed_in(browser, address, width=1366, height=625)
    await page.goto(address + "/t/gallery?kind=a")
    top, high = await page.evaluate(
        "[document.querySelector('tbody tr').getBoundingClientRect().top, "
        "document.querySelector('tbody tr').getBoundingClientRect().height]"
    )
    assert top + 13 * high <= 625, (top, high)
    await page.context.close()


async def test_keys_walk_the_rows_are_dead_in_fields_and_while_an_ime_composes(browser: Browser, address: str) -> None:
    page = await _signed_in(browser, address, width=1366, height=800)
    await page.goto(address + "/t/gallery")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    assert await page.evaluate("document.activeElement.getAttribute('href')") == "/cases/2"
    await page.keyboard.press("x")
    assert await page.is_checked("#c-2")
    await page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyK', keyCode: 229, bubbles: true}))"
    )
    assert await page.evaluate("document.querySelector('tr.is-current').id") == "row-2"
    await page.focus("#f-words")
    await page.keyboard.type("jjx?n")
    assert await page.input_value("#f-words") == "jjx?n"
    await page.keyboard.press("Escape")
    await page.keyboard.press("Shift+Slash")
    assert await page.is_visible("#keys")
    await page.check("#keys-off")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Shift+Slash")
    assert not await page.is_visible("#keys"), "keys were switched off"
    await page.context.close()


async def test_a_refused_form_puts_the_cursor_on_the_summary(browser: Browser, address: str) -> None:
    page = await _signed_in(browser, address, width=1366, height=800)
    await page.goto(address + "/t/gallery?bad=1")
    assert await page.evaluate("document.activeElement.id") == "r-errors"
    await page.click(".errors a >> nth=0")
    assert await page.evaluate("document.activeElement.id") == "f-words"
    await page.context.close()


async def test_news_wait_behind_a_counter_and_nothing_moves(browser: Browser, address: str) -> None:
    page = await _signed_in(browser, address, width=1366, height=800)
    await page.goto(address + "/t/gallery")
    await page.evaluate("document.querySelector('table').setAttribute('data-news', 'queue')")
    before = await page.inner_html("table")
    for _ in range(100):
        await jobs.publish("live", "queue")
        if await page.is_visible("#news"):
            break
        await asyncio.sleep(0.05)
    assert int(await page.inner_text("#news-n")) >= 1
    assert await page.inner_html("table") == before
    await page.context.close()


async def test_only_the_last_of_quick_typing_is_told_and_composing_waits_longer(browser: Browser, address: str) -> None:
    page = await _signed_in(browser, address, width=1366, height=800)
    await page.goto(address + "/t/gallery")
    await page.evaluate(
        "const f = document.getElementById('f-words'); f.setAttribute('data-settled', ''); window.told = [];"
        "f.addEventListener('settled', () => window.told.push(f.value))"
    )
    await page.type("#f-words", "abc", delay=30)
    for _ in range(100):
        if await page.evaluate("window.told.length"):
            break
        await asyncio.sleep(0.05)
    assert await page.evaluate("window.told") == ["abc"]
    await page.context.close()
