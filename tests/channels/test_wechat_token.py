"""One access token for all processes: asked for once however many need it, renewed in time, replaced when refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from channels import wechat_api, wechat_token
from channels.carrier import Later
from hotline import clock, db
from tests.engines import Place
from tests.wechat_api import APP, WeChat, open_wechat

pytestmark = pytest.mark.anyio


@pytest.fixture
async def wechat(database: Place) -> AsyncIterator[WeChat]:
    """A WeChat of this test's own, and no token anywhere."""
    await db.pool().execute("DELETE FROM wechat_token")
    async with open_wechat() as one:
        yield one


async def _send(till: wechat_token.Till) -> None:
    await till.call(lambda token: wechat_api.post("/cgi-bin/message/custom/send", {"a": "中"}, access_token=token))


async def test_fifty_senders_in_five_processes_ask_for_one_token(wechat: WeChat) -> None:
    wechat.delay = 0.2
    tills = [wechat_token.Till() for _ in range(5)]
    await asyncio.gather(*(_send(till) for till in tills for _ in range(10)))
    assert len(wechat.of("/cgi-bin/stable_token")) == 1
    assert len(wechat.of("/custom/send")) == 50


async def test_a_token_that_wechat_forgot_is_replaced_once_and_the_call_repeated_once(wechat: WeChat) -> None:
    tills = [wechat_token.Till() for _ in range(4)]
    await asyncio.gather(*(_send(till) for till in tills))
    wechat.good.clear()
    await asyncio.gather(*(_send(till) for till in tills for _ in range(5)))
    assert len(wechat.of("/cgi-bin/stable_token")) == 2
    assert len(wechat.of("/custom/send")) == 4 + 2 * 20


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_each_code_of_a_stale_token_is_tried_again_and_a_second_one_waits(wechat: WeChat, code: int) -> None:
    wechat.codes = [code]
    await _send(wechat_token.Till())
    assert wechat.issued == 2
    wechat.codes = [code, code]
    with pytest.raises(Later, match=str(code)):
        await _send(wechat_token.Till())


async def test_it_is_renewed_before_it_ends_and_the_others_go_on_with_the_old_one(wechat: WeChat) -> None:
    first, second = wechat_token.Till(), wechat_token.Till()
    await _send(first)
    now = clock.now()
    with clock.at(now + timedelta(seconds=7200 - 299)):
        wechat.delay, wechat.is_ending = 0.3, True
        renewing = asyncio.create_task(first.token())
        await asyncio.sleep(0.1)
        old = await second.token()
        new = await renewing
        assert (old.token, new.token) == ("token-1", "token-2")
        assert (await second.token()).token == "token-2"
    assert wechat.issued == 2


async def test_a_dead_token_is_never_used_and_a_fresh_one_never_fetched_anew(wechat: WeChat) -> None:
    till = wechat_token.Till()
    for _ in range(3):
        await _send(till)
    assert wechat.issued == 1
    wechat.good.clear()
    with clock.at(clock.now() + timedelta(hours=3)):
        assert (await till.token()).token == "token-2"


async def test_a_refusal_is_one_question_and_the_next_try_after_a_pause(
    wechat: WeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    wechat.token_codes = [40164]
    monkeypatch.setattr(wechat_token, "PAUSE", timedelta(seconds=0.4))
    done = await asyncio.gather(*(_send(wechat_token.Till()) for _ in range(20)), return_exceptions=True)
    failed = [one for one in done if one is not None]
    assert [(type(one), str(one)) for one in failed] == [(Later, "40164")]
    assert len(wechat.of("/cgi-bin/stable_token")) == 2


async def test_wechat_away_is_for_later_and_names_no_secret(wechat: WeChat) -> None:
    wechat.status = 502
    with pytest.raises(Later) as failed:
        await _send(wechat_token.Till())
    assert failed.value.code == "http_502"
    await db.pool().execute("DELETE FROM wechat_token")
    with pytest.raises(Later) as away:
        await wechat_api.get("http://127.0.0.1:9/cgi-bin/token", secret="a-secret")
    assert "a-secret" not in str(away.value)
    assert away.value.__cause__ is None


async def test_it_stands_sealed(wechat: WeChat) -> None:
    await _send(wechat_token.Till())
    row = await db.pool().fetchrow("SELECT token, claimed_until FROM wechat_token WHERE app = $1", APP)
    assert b"token-1" not in row["token"]
    assert row["claimed_until"] is None
