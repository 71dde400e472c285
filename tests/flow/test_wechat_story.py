"""The official account from the first hello to the last silence, against a local WeChat, with a real web and worker."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import anyio
import msgspec
import pytest

from cases import verbs
from channels import notify
from hotline import clock, db, settings
from hotline.actor import SYSTEM
from hotline.work import work
from tests import builders as b
from tests import standins
from tests.engines import Place, served

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
OPENID = "oCitizen0001"
WORDS = "丛台区和平路与陵西大街口的路灯三天不亮。"
_PICTURE = standins.a_picture()


@pytest.fixture(autouse=True)
def by_day(database: Place) -> Iterator[None]:
    """It is ten in the morning, here and in the house: messages wait for the end of the quiet hours."""
    before, now = settings.current(), clock.now()
    shift = clock.on(clock.local_day(now) + timedelta(days=1), 10) - now
    settings.use(msgspec.structs.replace(before, time_shift=before.time_shift + shift.total_seconds()))
    yield
    settings.use(before)


def pass_time(hours: float) -> None:
    """Time passes here, in the house that is opened next, and at WeChat, which reads our clock."""
    one = settings.current()
    settings.use(msgspec.structs.replace(one, time_shift=one.time_shift + hours * 3600))


def environment(database: Place, standin: standins.StandIn) -> dict[str, str]:
    """What the house and its commands are told: the account at the stand-in, and what time it is."""
    account = {name: value for name, value in standin.environment().items() if name.startswith("HOTLINE_WECHAT")}
    shift = str(settings.current().time_shift)
    public = "https://12345.example.cn"
    return {**database.environment, **account, "HOTLINE_PUBLIC_URL": public, "HOTLINE_TIME_SHIFT": shift}


@contextlib.asynccontextmanager
async def opened(database: Place, standin: standins.StandIn) -> AsyncIterator[None]:
    """The house, speaking to the stand-in, with a real web process and a real worker."""
    with served(environment(database, standin), database.settings.data_dir / "served.log") as address:
        standin.line.hotline = standin.line.public = address
        yield


async def until(what: Callable[[], Awaitable[Any]], seconds: float = 25) -> Any:
    """What ``what`` finds, once it finds something; bounded."""
    end = time.monotonic() + seconds
    while not (found := await what()):
        assert time.monotonic() < end, "the worker did not do it in time"
        await anyio.sleep(0.1)
    return found


async def told(standin: standins.StandIn, words: str) -> str:
    """The customer-service message with these words in it."""

    async def look() -> str:
        return next((one.words for one in standin.wechat.sent if words in one.words), "")

    return str(await until(look))


async def one(sql: str, *args: Any) -> Any:
    """One value."""
    return await db.pool().fetchval(sql, *args)


async def number_of(words: str) -> str:
    """The receipt number of the case whose title begins so."""
    return str(await until(lambda: one("SELECT number FROM cases WHERE title LIKE $1", f"%{words}%")))


async def make_menu(database: Place, standin: standins.StandIn) -> None:
    """The command that makes the account's menu."""
    env = environment(database, standin)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hotline", "wechat-menu", env=env, stdout=asyncio.subprocess.DEVNULL
    )
    assert await child.wait() == 0


async def close(number: str) -> None:
    """From the unit's desk to the end."""
    await b.act("congtai", number, verbs.sign, b.lead)
    await b.act("congtai", number, verbs.contact, b.lead, way="phone")
    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", number, verbs.approve)
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=True)
    await b.act("callback", number, verbs.close)


async def accept(number: str) -> None:
    """The agent accepts what the words alone did not decide."""
    if await one("SELECT state FROM cases WHERE number = $1", number) == "registered":
        await b.act("agent", number, verbs.accept, matter="020201", county="130403", township=None)


@pytest.mark.requirement("004-05")
@pytest.mark.requirement("002-13")
@pytest.mark.requirement("003-03")
async def test_from_hello_to_silence(database: Place) -> None:
    async with standins.opened() as standin:
        wechat = standin.wechat
        async with opened(database, standin):
            assert (await wechat.verify()).text == "5927782489442352469"
            assert (await wechat.verify(forged=True)).status == 403
            await make_menu(database, standin)
            assert [one["name"] for one in wechat.menu["button"]] == ["我要反映", "查进度", "公示"]
            assert "110、119、120、122" in await wechat.event(OPENID, "subscribe")
            assert "何时、何地" in await wechat.event(OPENID, "CLICK", "report")

            assert await wechat.say(OPENID, WORDS, msg_id="23500000000000001", times=3) == ""
            number = await number_of("路灯三天不亮")
            receipt = await told(standin, number)
            assert "查询码" in receipt
            assert await one("SELECT count(*) FROM cases WHERE channel = 'wechat'") == 1

            await wechat.locate(OPENID, 36.613, 114.49, "陵西大街 12 号")
            await told(standin, "已")
            await wechat.picture(OPENID, _PICTURE)
            await until(lambda: one("SELECT count(*) FROM attachment WHERE audience = 'requester'"))
            await until(lambda: _has_heard(standin, "补充已收到", times=2))
            words = await db.pool().fetch("SELECT value FROM case_text WHERE field = 'words' ORDER BY seq")
            assert len(words) >= 3

            await accept(number)
            await told(standin, "办理")
            assert "编号和查询码" in await wechat.event(OPENID, "CLICK", "track")
            await close(number)
            await told(standin, "请回数字")
            await wechat.say(OPENID, "1")
            assert "满意" in await told(standin, "谢谢")
            assert await one("SELECT first_grade FROM request WHERE receipt_no = $1", number) == "satisfied"

            await wechat.say(OPENID, "另外反映：丛台区和平路垃圾没人清，味道很大。")
            second = await number_of("垃圾没人清")
            await told(standin, second)
            await standin.settle()

        said_before = len(wechat.sent)
        pass_time(hours=49)
        async with opened(database, standin):
            await accept(second)
            await close(second)
            template = await until(lambda: _template(standin, second))
            assert len(wechat.sent) == said_before
            assert template.url == "https://12345.example.cn/track"
            assert all(one["value"] for one in template.data.values())
            await until(lambda: one("SELECT 1 FROM outbox_message WHERE channel = 'wechat' AND state = 'delivered'"))

            await wechat.event(OPENID, "unsubscribe")
            await until(lambda: one("SELECT is_silent FROM correspondent WHERE channel = 'wechat'"))
            sent = (len(wechat.sent), len(wechat.templates))
            await _put_into_outbox(second)
            await until(lambda: one("SELECT 1 FROM outbox_message WHERE key = 'one-more' AND state = 'dropped'"))
            assert (len(wechat.sent), len(wechat.templates)) == sent
        assert await one("SELECT count(*) FROM outbox_message WHERE channel = 'wechat' AND state = 'queued'") == 0
        assert wechat.token_requests == 2


async def _has_heard(standin: standins.StandIn, words: str, *, times: int) -> bool:
    """Whether they were told so, so many times and not once more."""
    heard = sum(words in one.words for one in standin.wechat.sent)
    assert heard <= times
    return heard == times


async def _template(standin: standins.StandIn, number: str) -> Any:
    return next((one for one in standin.wechat.templates if number in one.words), None)


async def _put_into_outbox(number: str) -> None:
    """One more message to them, due at once."""
    case = await one("SELECT case_id FROM request WHERE receipt_no = $1", number)
    async with work(SYSTEM) as w:
        notify.tell(
            w, channel="wechat", address=OPENID, name="words_received", key="one-more", case_id=case, number=number
        )  # fmt: skip
