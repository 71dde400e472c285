"""The official account's door: who signed what, in every mode; each message once, the same answer; nothing forged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import pytest

from channels import arrivals, spool, wechat_prompts
from hotline import db, settings
from tests.engines import Place
from tests.wechat_api import AES_KEY, APP, CONFIG, TOKEN, Push, message, opened, verification
from web.hooks import nonces

pytestmark = pytest.mark.anyio
MODES = ["plain", "compatible", "secure"]
HOOK = "/hooks/wechat"


@pytest.fixture(autouse=True)
async def account(database: Place) -> AsyncIterator[None]:
    """This installation has an official account."""
    before = settings.current()
    settings.use(msgspec.structs.replace(before, **CONFIG))
    nonces._quiet_until = 0.0  # left by a rush, or by a Valkey that hung
    yield
    settings.use(before)


def use(mode: str) -> None:
    """The account is in this mode."""
    key = "" if mode == "plain" else AES_KEY
    settings.use(msgspec.structs.replace(settings.current(), wechat_aes_key=key))


def text(words: str = "丛台路路灯不亮", number: str = "", openid: str = "oCitizen0001") -> str:
    """The XML of a text."""
    return message(openid=openid, Content=words, MsgId=number or str(uuid4().int)[:17])


async def rows() -> int:
    """How many arrivals there are."""
    return int(await db.pool().fetchval("SELECT count(*) FROM arrival"))


async def test_the_address_is_verified_by_the_echo_as_it_came(client: httpx.AsyncClient) -> None:
    for echo in ("5927782489442352469", "<b>中 & +"):
        answer = await client.get(HOOK, params=verification(echo))
        assert (answer.status_code, answer.text) == (200, echo)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_verification_that_came_encrypted_is_answered_with_what_it_says(client: httpx.AsyncClient) -> None:
    from channels import wechat_crypto

    box = wechat_crypto.encrypt("5927782489442352469", aes_key=AES_KEY, app=APP)
    query = verification(box)
    query["msg_signature"] = wechat_crypto.signature(TOKEN, query["timestamp"], query["nonce"], box)
    answer = await client.get(HOOK, params=query)
    assert (answer.status_code, answer.text) == (200, "5927782489442352469")
    query["nonce"] = "437374424"
    assert (await client.get(HOOK, params=query)).status_code == 403


async def test_a_wrong_token_an_old_timestamp_and_no_signature_verify_nothing(client: httpx.AsyncClient) -> None:
    for query in (
        verification("1", "another"), verification("1", age=301), verification("1", age=-330), {"echostr": "1"},
        {**verification("1"), "timestamp": "soon"}, {**verification("1"), "signature": "签名"},
    ):  # fmt: skip
        answer = await client.get(HOOK, params=query)
        assert answer.status_code == 403, query
        assert answer.json()["say"]["zh"]
    assert (await client.get(HOOK, params=verification(""))).status_code == 400


async def test_without_an_account_there_is_no_door_for_anybody(client: httpx.AsyncClient) -> None:
    settings.use(msgspec.structs.replace(settings.current(), wechat_token=""))
    assert (await client.get(HOOK, params=verification("1", ""))).status_code == 404
    assert (await Push(text(), token="").to(client)).status_code == 404


@pytest.mark.requirement("004-05")
@pytest.mark.parametrize("mode", MODES)
async def test_a_message_in_each_mode_is_stored_once_and_acknowledged(client: httpx.AsyncClient, mode: str) -> None:
    use(mode)
    before = await rows()
    push = Push(text(), mode)
    answers = [await push.to(client) for _ in range(3)]
    assert [(one.status_code, one.text) for one in answers] == [(200, "success")] * 3
    assert await rows() == before + 1


@pytest.mark.parametrize("mode", MODES)
async def test_the_same_event_a_hundred_times_at_once_is_one_row_with_one_answer(
    client: httpx.AsyncClient, mode: str
) -> None:
    use(mode)
    xml, before = message("event", openid=f"o{uuid4().hex}", Event="subscribe"), await rows()
    answers = await asyncio.gather(*(Push(xml, mode).to(client) for _ in range(100)))
    assert {one.status_code for one in answers} == {200}
    assert await rows() == before + 1
    (content,) = {opened(one)["Content"] for one in answers}
    assert all(number in content for number in ("110", "119", "120", "122"))


async def test_a_repeat_gets_the_first_answer_whatever_would_be_said_today(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("plain")
    push = Push(message("event", openid=f"o{uuid4().hex}", Event="CLICK", EventKey="track"), "plain")
    first = await push.to(client)
    monkeypatch.setattr(wechat_prompts, "reply", lambda _: "另一句")
    again = await push.to(client)
    assert first.content == again.content
    assert "编号和查询码" in opened(first)["Content"]


@pytest.mark.parametrize("mode", MODES)
async def test_what_wechat_did_not_sign_is_403_and_leaves_no_row(client: httpx.AsyncClient, mode: str) -> None:
    use(mode)
    before = await rows()
    # From the future by more than the window and the seconds that pass until it is read.
    pushes = [Push(text(), mode, token="another"), Push(text(), mode, age=301), Push(text(), mode, age=-330)]
    forged = Push(text(), mode)
    forged.query["signature"] = "0" * 40
    moved = Push(text(), mode)
    moved.query["nonce"] += "1"
    if mode != "plain":
        unsealed = Push(text(), mode)
        unsealed.query["msg_signature"] = unsealed.query["signature"]
        changed = Push(text(), mode)
        changed.body = changed.body.replace("<Encrypt><![CDATA[", "<Encrypt><![CDATA[AAAA")
        bare = Push(text(), mode)
        del bare.query["encrypt_type"], bare.query["msg_signature"]
        pushes += [unsealed, changed, bare, Push(text(), "plain"), Push(text(), mode, app="wxanother")]
    for push in [*pushes, forged, moved, Push(message(to="gh_another", Content="x", MsgId="1"), mode)]:
        answer = await push.to(client)
        assert answer.status_code == 403, (push.query, answer.text)
        assert set(answer.json()["say"]) == {"zh", "en"}
    assert await rows() == before


async def test_in_compatible_mode_only_what_is_encrypted_counts(client: httpx.AsyncClient) -> None:
    push = Push(text("真的", "99000000000000001"), "compatible")
    push.body = push.body.replace("真的", "假的")
    assert (await push.to(client)).status_code == 200
    row = await db.pool().fetchrow("SELECT body FROM arrival WHERE provider_id = '99000000000000001'")
    from hotline import vault

    assert "真的" in vault.unseal(row["body"], "arrival:99000000000000001")


async def test_a_nonce_that_was_used_serves_nobody_elses_words(client: httpx.AsyncClient) -> None:
    use("plain")
    push, before = Push(text("第一句"), "plain"), await rows()
    assert (await push.to(client)).status_code == 200
    other = await push.to(client, text("别的话").encode())
    nonces._own.clear()  # another process has never seen it: Valkey has
    elsewhere = await push.to(client, text("别的话").encode())
    assert [one.json()["error"] for one in (other, elsewhere)] == ["replayed", "replayed"]
    assert (await push.to(client)).status_code == 200
    assert await rows() == before + 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"hello", 400), (b"\xff\xfe", 400), ("<xml>中</xml>".encode("gbk"), 400), (b"<xml></xml>", 400),
        (b"x" * 10_000_000, 413), (text().encode() + b" " * 70_000, 413),
        (b'<!DOCTYPE x [<!ENTITY a "ha">]>' + text("x").encode().replace(b"<![CDATA[x]]>", b"&a;"), 400),
        (message(Content="x").encode(), 400), (message("image", MsgId="1").encode(), 400),
    ],
)  # fmt: skip
async def test_bad_bodies_are_a_clear_refusal_in_both_languages(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    use("plain")
    answer = await Push(text(), "plain").to(client, body)
    assert answer.status_code == status, answer.text
    assert set(answer.json()["say"]) == {"zh", "en"}
    use("secure")
    sealed = await Push(text()).to(client, body)
    assert sealed.status_code in (400, 413)


async def test_other_methods_and_odd_queries_are_refused(client: httpx.AsyncClient) -> None:
    put = await client.put(HOOK, params=Push(text()).query, content=b"x")
    assert (put.status_code, put.headers["allow"]) == (405, "GET, POST")
    assert (await client.post(f"{HOOK}?" + "&".join(f"a{n}=1" for n in range(30)))).status_code == 400
    assert (await client.post(f"{HOOK}?signature=%ff%fe&timestamp=%00&nonce=")).status_code == 403


@pytest.mark.parametrize("words", ["😀👨‍👩‍👧", "臺灣同胞反映路燈不亮", "]]>", "\u202e反", "a" * 2000, "‌", "<b>&amp;"])
async def test_odd_texts_are_a_clean_message(client: httpx.AsyncClient, words: str) -> None:
    xml = text("x").replace("<![CDATA[x]]>", words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    assert (await Push(xml).to(client)).status_code in (200, 400 if not words.strip() else 200)


async def test_a_help_a_greeting_and_a_sticker_are_answered_at_once(client: httpx.AsyncClient) -> None:
    for words in ("帮助", "你好！", "help", "？"):
        content = opened(await Push(text(words)).to(client))["Content"]
        assert "12345" in content
        assert "119" in content
    sticker = opened(await Push(message("sticker", MsgId=str(uuid4().int)[:17])).to(client))
    assert (sticker["ToUserName"], sticker["FromUserName"]) == ("oCitizen0001", "gh_961890")
    assert "请发文字" in sticker["Content"]


async def test_with_valkey_hanging_it_is_answered_all_the_same(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang() -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr(nonces.jobs, "client", hang)
    began = time.perf_counter()
    answers = await asyncio.gather(*(Push(text()).to(client) for _ in range(2 * nonces.AT_ONCE)))
    assert {one.text for one in answers} == {"success"}
    assert time.perf_counter() - began < 5


async def test_with_postgresql_hanging_it_is_answered_within_wechats_patience(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: object, **__: object) -> None:
        await asyncio.sleep(30)

    began, before = time.perf_counter(), await rows()
    with monkeypatch.context() as patched:
        patched.setattr(arrivals, "store", hang)
        assert (await Push(text("等不来")).to(client)).text == "success"
        assert time.perf_counter() - began < 4
    monkeypatch.setattr(arrivals, "_away_until", 0.0)
    await spool.drain()
    assert await rows() == before + 1


async def test_a_key_that_is_none_is_named_and_loses_nothing(client: httpx.AsyncClient) -> None:
    push = Push(text())
    settings.use(msgspec.structs.replace(settings.current(), wechat_aes_key="short"))
    answer = await push.to(client)
    assert (answer.status_code, answer.json()["error"]) == (503, "bad_aes_key")


async def test_where_somebody_is_and_which_page_they_open_is_not_kept(client: httpx.AsyncClient) -> None:
    before = await rows()
    for fields in (
        {"Event": "LOCATION", "Latitude": "36.6", "Longitude": "114.5", "Precision": "30"},
        {"Event": "VIEW", "EventKey": "https://12345.example.cn/notices"},
    ):
        assert (await Push(message("event", **fields)).to(client)).text == "success"
    assert await rows() == before


async def test_with_postgresql_away_it_is_spooled_answered_and_stored_later(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    push, before = Push(text("等一等")), await rows()
    welcome = Push(message("event", openid=f"o{uuid4().hex}", Event="subscribe"))

    async def away(*_: object, **__: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError

    with monkeypatch.context() as patched:
        patched.setattr(arrivals, "store", away)
        assert (await push.to(client)).text == "success"
        assert "12345" in opened(await welcome.to(client))["Content"]
        assert await rows() == before
    monkeypatch.setattr(arrivals, "_away_until", 0.0)
    await spool.drain()
    assert await rows() == before + 2
    assert (await push.to(client)).text == "success"
    assert await rows() == before + 2
