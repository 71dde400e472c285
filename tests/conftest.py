"""The fixtures that every test may ask for: engines, a database, a client, a running house, a browser."""

from __future__ import annotations

import functools
import gc
import itertools
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from hotline.embedded import Engines
from tests import engines as stage

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from hotline.app import Application

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
_numbers = itertools.cycle(range(1, 63))
_FEW = 10_000
"""Objects between two looks of the collector."""
stage.use_memory()


def pytest_collection_finish() -> None:
    """What was imported and collected stays: walking through it was a tenth of a test process's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_FEW)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Asyncio: asyncpg and arq know nothing else."""
    return "asyncio", {"use_uvloop": False}


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """PostgreSQL and Valkey of this test session, with the template database ready."""
    with stage.started() as pair:
        yield pair


@pytest.fixture(scope="module")
async def database(
    engines: Engines, anyio_backend: object, request: pytest.FixtureRequest
) -> AsyncIterator[stage.Place]:
    """A database of this module's own with the demo city in it; pool, keys, city and flow are open on it."""
    number = next(_numbers)
    name = re.sub(r"\W+", "_", request.module.__name__.rpartition(".")[2].lower())[:40]
    async with stage.cloned(engines, f"t{number}_{name}", number) as place:
        yield place


@pytest.fixture(scope="module")
async def one_moment(anyio_backend: object) -> AsyncIterator[datetime]:
    """The clock stands still for a module that counts what is of today or of this month: midnight comes to it too."""
    from hotline import clock

    moment = clock.now()
    with clock.at(moment):
        yield moment


@functools.cache
def shared_app() -> Application:
    """Made once a session: it takes half a second, knows no database, and a thousand tests speak to it."""
    from hotline.app import create_app
    from web import observe

    observe.READY.is_open = True  # what a life of the process would say, which a transport does not begin
    app = create_app()
    gc.freeze()
    return app


@pytest.fixture
async def client(database: stage.Place) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks HTTP to the app inside this process, on this module's database, which nobody has found away before."""
    from channels import arrivals
    from web import live

    live.HUB.is_over = False  # left by a test of another module that served the application and ended it
    arrivals._away_until = 0.0  # left by a test of another module in which it was: the next arrivals would be spooled
    transport = httpx.ASGITransport(app=shared_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=30) as one:
        yield one


@pytest.fixture(scope="module")
async def live_server(database: stage.Place) -> AsyncIterator[str]:
    """The address of a real web process with a real worker beside it, on this module's database."""
    with stage.served(database.environment, database.settings.data_dir / "served.log") as address:
        yield address


@pytest.fixture(scope="module")
async def web_server(database: stage.Place) -> AsyncIterator[str]:
    """The address of a real web process alone: for pages that wait for no worker."""
    with stage.served(database.environment, database.settings.data_dir / "served.log", worker=False) as address:
        yield address


@pytest.fixture(scope="module")
async def browser(anyio_backend: object) -> AsyncIterator[Browser]:
    """A real Chromium, of Playwright's async kind. Missing: a failure in CI, a skip elsewhere."""
    from playwright.async_api import async_playwright

    program = next((path for path in CHROMIUM if Path(path).exists()), None)
    if program is None:
        message = "no Chromium here: apt-get install chromium fonts-noto-cjk"
        if stage.in_ci():
            pytest.fail(message)
        pytest.skip(message)
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(executable_path=program, args=list(_QUIET))
        yield one
        await one.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A fresh Chinese-speaking visitor; the test fails when the page's scripts or its content policy complain."""
    context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    one = await context.new_page()
    complaints: list[str] = []
    one.on("pageerror", lambda error: complaints.append(str(error)))
    one.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    yield one
    await context.close()
    assert not complaints, complaints
