"""The page of `hotline simulate`: its buttons do what they say, in both languages, for nobody else's site."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest

from hotline import settings
from hotline.settings import Settings
from hotline.simulate import fixed
from hotline.simulate import page as pages
from hotline.simulate import standin as stage
from hotline.simulate.standin import StandIn
from tests.hotline.test_simulate import MAN, PUBLIC, Hotline
from tests.houses import HOTLINE, ROOT, bare, command
from tests.visitor import Visitor

if TYPE_CHECKING:
    from playwright.async_api import Page

OPENID = "oDemoCitizen0001"


@pytest.fixture
async def hotline() -> Hotline:
    return Hotline()


@pytest.fixture
async def standin(hotline: Hotline) -> AsyncIterator[StandIn]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=hotline.site())) as client:
        one = StandIn(PUBLIC, public=PUBLIC, client=client, tempo=0.02)
        async with stage.opened(one, more=pages.table(one)):
            yield one


@pytest.fixture
async def citizen(standin: StandIn) -> AsyncIterator[Visitor]:
    one = Visitor(standin.address)
    yield one
    await one.client.aclose()


async def press(citizen: Visitor, act: str, **fields: str) -> str:
    answer = await citizen.client.post(f"/do/{act}", data={"number": MAN, "openid": OPENID, **fields})
    assert [one.status_code for one in answer.history] == [303], answer.text
    return await citizen.open(str(answer.url))


async def test_the_page_speaks_both_languages_and_keeps_a_strict_policy(citizen: Visitor) -> None:
    assert "替身" in await citizen.open("/")
    assert "default-src 'self'" in citizen.page.headers["content-security-policy"]
    assert not re.search(r"<script>|style=|onclick", citizen.page.text)
    assert "12345 政务服务便民热线" in citizen.page.text
    assert "961890" in citizen.page.text
    assert "Stand-ins for telephone" in await citizen.open("/?lang=en")
    assert not re.search("[一-鿿]", re.sub(r"<option.*?</option>|中文", "", citizen.page.text)), "half translated"


async def test_a_text_goes_out_and_what_comes_back_stands_below_it(citizen: Visitor, hotline: Hotline) -> None:
    hotline.answers["/hooks/twilio/sms"] = "<Response><Message>编号 261126-00001</Message></Response>"
    seen = await press(citizen, "text", body="路灯不亮", to="12345", times="3", picture="1")
    assert "路灯不亮" in seen
    assert "编号 261126-00001" in seen
    assert len(hotline.heard) == 3
    assert hotline.heard[0].form["NumMedia"] == "1"


async def test_a_chat_follows_speaks_and_sends_where_one_is(citizen: Visitor, hotline: Hotline) -> None:
    assert "已关注" in await press(citizen, "event", event="subscribe")
    assert "井盖没了" in await press(citizen, "chat", body="井盖没了")
    assert "丛台公园" in await press(citizen, "place", lat="36.6", lon="114.49", label="丛台公园")
    await press(citizen, "picture")
    assert "已取消关注" in await press(citizen, "event", event="unsubscribe")
    assert len(hotline.heard) == 5


async def test_a_call_is_heard_answered_with_keys_and_ended(
    citizen: Visitor, standin: StandIn, hotline: Hotline
) -> None:
    hotline.answers["/hooks/twilio/voice"] = (
        '<Response><Say>请按1</Say><Gather numDigits="1" timeout="400" action="/key"/></Response>'
    )
    hotline.answers["/key"] = "<Response><Dial><Number>+863108001</Number></Dial></Response>"
    assert "通话中" in await press(citizen, "dial", to="12345")
    [call] = standin.twilio.exchange.legs.values()
    await call.until("请按1")
    await press(citizen, "press", sid=call.sid, key="1")
    desk = await standin.twilio.phone("8001", keep=True).rings()
    assert "接听" in await press(citizen, "pick_up", sid=desk.sid)
    await call.until("[talk]")
    await press(citizen, "hang_up", sid=call.sid)
    assert await call.ended() == "completed"
    assert "现在没有通话" in await press(citizen, "hang_up", sid="CAold"), "an old page's button does no harm"


async def test_faults_are_switched_on_and_mended(citizen: Visitor, standin: StandIn) -> None:
    await press(citizen, "faults", twilio="429", duplicates="2", shuffled="1", outcome="failed", manners="busy")
    assert standin.twilio.faults.is_failing
    assert (standin.twilio.faults.duplicates, standin.wechat.faults.is_shuffled) == (2, True)
    assert standin.twilio.texts.always == ("failed", 30006)
    assert 'value="429" selected' in citizen.page.text
    await press(citizen, "mend")
    assert not standin.twilio.faults.is_failing
    assert standin.twilio.texts.always == ("delivered", None)


async def test_a_hotline_that_is_down_is_said_to_be(citizen: Visitor, standin: StandIn) -> None:
    standin.twilio.retries = 0
    standin.line.client = httpx.AsyncClient(trust_env=False)
    standin.line.hotline = standin.line.public = "http://127.0.0.1:9"
    assert "热线没有应答" in await press(citizen, "text", body="路灯不亮")
    await standin.line.client.aclose()


async def test_no_other_site_s_form_telephones(standin: StandIn) -> None:
    async with httpx.AsyncClient(base_url=standin.address, trust_env=False) as client:
        answer = await client.post("/do/dial", data={"number": MAN}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not standin.twilio.exchange.legs


def _heeds_interrupts() -> None:
    """Whoever starts the tests in the background makes them deaf to Ctrl+C, and their children too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_the_command_serves_the_page_until_it_is_told_to_stop(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [*HOTLINE, "simulate", "--data", str(tmp_path), "--port", "0", "--hotline", "http://127.0.0.1:9"],
        stdout=subprocess.PIPE, text=True, env=bare(), cwd=ROOT,
        preexec_fn=_heeds_interrupts,  # noqa: PLW1509 - nothing else runs here yet
    )  # fmt: skip
    try:
        assert child.stdout is not None
        ready = child.stdout.readline()
        assert ready.startswith("ready http://127.0.0.1:")
        answer = httpx.get(ready.split()[1], trust_env=False)
        assert "反映问题" in answer.text, "the account's menu is there"
        port = ready.strip().rpartition(":")[2]
        told = command("simulate", "--data", str(tmp_path), "--port", port)
        assert (told.returncode, "换一个 --port" in told.stderr) == (1, True)
    finally:
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0


def test_a_demo_without_providers_is_lent_the_stand_in_and_a_city_with_its_own_keeps_them() -> None:
    demo = fixed.lent(Settings(port=9000))
    assert demo.standin == demo.twilio_url == demo.wechat_url == fixed.ADDRESS
    assert demo.twilio_account == fixed.Credentials().twilio_account
    assert demo.public_url == "http://127.0.0.1:9000"
    own = fixed.lent(Settings(twilio_account="AC1", twilio_token="t", twilio_number="+8631012345"))
    assert (own.twilio_url, own.twilio_token, own.wechat_url) == ("https://api.twilio.com", "t", fixed.ADDRESS)
    both = Settings(twilio_account="AC1", wechat_app="wx1")
    assert fixed.lent(both) == both
    assert both.standin == ""
    assert fixed.credentials(own).twilio_account == "AC1"


def test_every_credential_is_a_setting_and_opens_nothing_real() -> None:
    assert set(fixed.Credentials.__struct_fields__) <= set(Settings.__struct_fields__)
    ours = msgspec.structs.asdict(fixed.Credentials())
    assert not any(getattr(settings.Settings(), name) for name in ours), "no installation has them by default"


@pytest.mark.browser
async def test_in_a_browser_the_page_stays_while_its_threads_and_calls_go_on(
    page: Page, standin: StandIn, hotline: Hotline
) -> None:
    from axe_playwright_python.async_playwright import Axe

    hotline.answers["/hooks/twilio/voice"] = (
        '<Response><Say>您好</Say><Gather numDigits="1" timeout="9000" action="/key"/></Response>'
    )
    hotline.answers["/key"] = lambda form: f"<Response><Say>您按了{form['Digits']}</Say></Response>"
    await page.goto(standin.address)
    await page.fill("#chat-body", "还没写完")
    await page.click("#phone > form .go")
    await page.click(".keys button:has-text('5')")
    await page.wait_for_selector("summary:has-text('已结束')")
    await page.click("summary:has-text('已结束')")
    await page.wait_for_selector(".past[open] li:has-text('您按了5')")
    assert await page.input_value("#chat-body") == "还没写完", "what is being written stays"
    await page.fill("#sms-body", "路灯不亮")
    await page.click("#sms form .go")
    await page.wait_for_selector("#sms .mine:has-text('路灯不亮')")
    await standin.wechat.event(OPENID, "subscribe")
    for width in (1366, 390):
        await page.set_viewport_size({"width": width, "height": 900})
        found = await Axe().run(page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 1
