"""The stand-in of WeChat, held against the protocol's vectors: envelopes, tokens, windows, three tries."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hotline.simulate import cipher, packets
from hotline.simulate.asking import Ask
from hotline.simulate.standin import StandIn
from tests import standins
from tests.hotline.test_simulate import ACCOUNT, Hotline, hotline, standin

__all__ = ["hotline", "standin"]
HOOK = "/hooks/wechat"
OPENID = "oCitizen0001"
KEY, APP = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a"
XML = (
    "<xml><ToUserName><![CDATA[gh_961890]]></ToUserName><FromUserName><![CDATA[oCitizen0001]]></FromUserName>"
    "<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[丛台路路灯不亮]]></Content>"
    "<MsgId>23500000000000001</MsgId></xml>"
)
SEALED = (
    "9s4gMv99m88kKTh/H8IdkJbKO+B7PdzAkFwys2LlBe3wzXAflIfVCj8zzd4pxK6mKBK83i7H/h3R0Ql2GwJ4pS9C4igdqNZJ7qxaDtoCis2J"
    "coUHuvL7S7JGRs6VX3/MWjKkqQeD08rGBnZpYYiRhV75F/0W8w8orSYgjfb1L8HVFrGrNtLj2ARcdS55LwpPSyowUEzHYwYCxtE+cjHEU1Yf"
    "YxuwZZmPxD1tJRh5e4LRpP1V/1gP/wrgdMdj0l65+LvWav651VPW5N+GdcE1ZolikbAr0VXI41Q9qOnlBijv9UTFJcCrV/yReV3hpfnRNKhk"
    "wxGRmlRPFOCXTfnlRkNa1rIQiQvmSPT/UPu5l7Zbacw7HmiEWySFrThCC5mW1jOvBbNzW5y/xX3/tQEuEL1HWLqJKEbNm+L88AdlUtQ="
)


def test_the_address_is_signed_as_the_vector_is() -> None:
    assert cipher.signature("handan961890", "1700000000", "1234567890") == "3b239238b3be1aebc97aea14eae0afa331612c79"


def test_an_envelope_opens_as_the_vector_does_and_no_other_app_s() -> None:
    sealed = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
    assert cipher.signature("123456", "1411443780", "437374425", sealed) == "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"
    assert cipher.signature("123456", "1411443780", "437374424", sealed) != "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"
    assert cipher.Envelope(KEY, APP).open(sealed) == "5927782489442352469"
    with pytest.raises(cipher.EnvelopeError):
        cipher.Envelope(KEY, "wx0000000000000000").open(sealed)
    with pytest.raises(cipher.EnvelopeError):
        cipher.Envelope(KEY, APP).open(sealed[:-8])


def test_an_envelope_is_sealed_as_the_vector_is() -> None:
    sealed = cipher.Envelope(KEY, APP).seal(XML, b"1234567890123456")
    assert sealed == SEALED
    assert cipher.signature("123456", "1700000000", "1234567890", sealed) == "d9833f4792b42f7f83c08c3f931835917c8a1b8c"
    assert cipher.Envelope(KEY, APP).open(sealed) == XML


def opened(ask: Ask) -> dict[str, str]:
    """The packet as a hotline reads it: signature looked at, envelope opened."""
    query, token = ask.query, ACCOUNT.wechat_token
    assert query["signature"] == cipher.signature(token, query["timestamp"], query["nonce"])
    found = packets.read(ask.body.decode())
    if query.get("encrypt_type") == "aes":
        sealed = found["Encrypt"]
        assert query["msg_signature"] == cipher.signature(token, query["timestamp"], query["nonce"], sealed)
        found = packets.read(cipher.Envelope(ACCOUNT.wechat_aes_key, ACCOUNT.wechat_app).open(sealed))
    return found


@pytest.mark.parametrize("mode", [standins.PLAIN, standins.COMPATIBLE, standins.SECURE])
async def test_words_arrive_in_every_mode(standin: StandIn, hotline: Hotline, mode: str) -> None:
    assert await standin.wechat.say(OPENID, "路灯 ]]> 不亮 😀", mode=mode, msg_id="23500000000000001") == ""
    found = opened(hotline.heard[0])
    assert found["Content"] == "路灯 ]]> 不亮 😀"
    assert found["MsgId"] == "23500000000000001"
    assert (found["FromUserName"], found["ToUserName"]) == (OPENID, ACCOUNT.wechat_account)
    assert ("Content" in packets.read(hotline.heard[0].body.decode())) == (mode != standins.SECURE)


async def test_every_kind_of_message_arrives(standin: StandIn, hotline: Hotline) -> None:
    await standin.wechat.locate(OPENID, 36.6, 114.49, "丛台公园")
    await standin.wechat.picture(OPENID, standins.a_picture())
    await standin.wechat.voice(OPENID, "路灯不亮")
    await standin.wechat.event(OPENID, "CLICK", "FILE")
    place, picture, voice, event = (opened(ask) for ask in hotline.heard)
    assert (place["Location_X"], place["Label"]) == ("36.6", "丛台公园")
    assert voice["Recognition"] == "路灯不亮"
    assert (event["Event"], event["EventKey"], event.get("MsgId")) == ("CLICK", "FILE", None)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(picture["PicUrl"])).content.startswith(b"\x89PNG")


async def test_a_passive_reply_is_read_plain_and_sealed(standin: StandIn, hotline: Hotline) -> None:
    reply = "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[已收到]]></Content></xml>"
    hotline.answers[HOOK] = reply
    assert await standin.wechat.say(OPENID, "路灯不亮", mode=standins.PLAIN) == "已收到"
    sealed = cipher.Envelope(ACCOUNT.wechat_aes_key, ACCOUNT.wechat_app).seal(reply)
    good = cipher.signature(ACCOUNT.wechat_token, "1", "2", sealed)
    for signature, expected in ((good, "已收到"), ("forged", standins.BROKEN)):
        hotline.answers[HOOK] = (
            f"<xml><Encrypt>{sealed}</Encrypt><MsgSignature>{signature}</MsgSignature>"
            "<TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>"
        )
        assert await standin.wechat.say(OPENID, "路灯不亮") == expected


async def test_a_slow_hotline_is_asked_three_times_with_one_msg_id(standin: StandIn, hotline: Hotline) -> None:
    standin.wechat.patience = 0.05
    hotline.slow[HOOK] = 0.3
    assert await standin.wechat.say(OPENID, "路灯不亮") == ""
    assert len(hotline.heard) == 3
    assert len({opened(ask)["MsgId"] for ask in hotline.heard}) == 1
    assert standin.wechat.chat_with(OPENID)[-1].words == standins.BROKEN


async def test_the_same_message_comes_as_often_as_it_is_told_to(standin: StandIn, hotline: Hotline) -> None:
    await standin.wechat.say(OPENID, "路灯不亮", times=10, together=True)
    assert len({opened(ask)["MsgId"] for ask in hotline.heard}) == 1
    assert len(hotline.heard) == 10


async def test_the_address_is_verified_with_an_echo(standin: StandIn, hotline: Hotline) -> None:
    await standin.wechat.verify()
    await standin.wechat.verify(forged=True)
    good, forged = hotline.heard
    assert good.query["echostr"] == "5927782489442352469"
    expected = [cipher.signature(ACCOUNT.wechat_token, a.query["timestamp"], a.query["nonce"]) for a in (good, forged)]
    assert [ask.query["signature"] == want for ask, want in zip((good, forged), expected, strict=True)] == [True, False]


class Api:
    """A hotline's side of WeChat's interface."""

    def __init__(self, standin: StandIn) -> None:
        self.client = httpx.AsyncClient(base_url=standin.address, trust_env=False)
        self.token = ""

    async def fetch(self, **change: str) -> dict[str, Any]:
        given = {"grant_type": "client_credential", "appid": ACCOUNT.wechat_app, "secret": ACCOUNT.wechat_secret}
        answer: dict[str, Any] = (await self.client.get("/cgi-bin/token", params={**given, **change})).json()
        self.token = answer.get("access_token", self.token)
        return answer

    async def stable(self) -> str:
        given = {"grant_type": "client_credential", "appid": ACCOUNT.wechat_app, "secret": ACCOUNT.wechat_secret}
        return str((await self.client.post("/cgi-bin/stable_token", json=given)).json()["access_token"])

    async def send(self, words: str, openid: str = OPENID, token: str = "") -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": words}}
        where = f"/cgi-bin/message/custom/send?access_token={token or self.token}"
        return int((await self.client.post(where, json=body)).json()["errcode"])

    async def template(self, template: str = ACCOUNT.wechat_template) -> dict[str, Any]:
        body = {"touser": OPENID, "template_id": template, "data": {"number": {"value": "HD1"}}}
        where = f"/cgi-bin/message/template/send?access_token={self.token}"
        answer: dict[str, Any] = (await self.client.post(where, json=body)).json()
        return answer


async def test_a_new_token_makes_the_old_one_bad_and_a_stable_one_stays(standin: StandIn) -> None:
    api = Api(standin)
    await standin.wechat.say(OPENID, "你好")
    assert (await api.fetch(secret="wrong"))["errcode"] == 40125
    assert (await api.fetch())["expires_in"] == 7200
    old = api.token
    assert await api.stable() == old
    await api.fetch()
    assert await api.send("您好", token=old) == 40001
    assert await api.send("您好") == 0
    standin.pass_time(hours=2, seconds=1)
    assert await api.send("您好") == 42001
    assert await api.stable() != api.token
    assert standin.wechat.token_requests == 5


async def test_words_go_out_within_48_hours_and_only_so_many(standin: StandIn) -> None:
    api = Api(standin)
    await api.fetch()
    assert await api.send("您好") == 40003
    await standin.wechat.say(OPENID, "你好")
    assert await api.send("长" * 683) == 45002
    assert [await api.send(f"第{n}条") for n in range(6)] == [0, 0, 0, 0, 0, 45047]
    await standin.wechat.say(OPENID, "在吗")
    standin.wechat.token_life = 10**6
    await api.fetch()
    standin.pass_time(hours=47)
    assert await api.send("还在") == 0
    standin.pass_time(hours=1.1)
    assert await api.send("晚了") == 45015
    await standin.wechat.event(OPENID, "unsubscribe")
    assert await api.send("别走") == 43004
    assert standin.wechat.sent_to(OPENID)[-1] == "还在"


async def test_a_template_goes_out_at_any_time_and_its_end_is_told(standin: StandIn, hotline: Hotline) -> None:
    api = Api(standin)
    await standin.wechat.say(OPENID, "你好")
    standin.pass_time(hours=100)
    await api.fetch()
    assert (await api.template("other"))["errcode"] == 40037
    made = await api.template()
    await standin.settle()
    told = opened(hotline.heard[-1])
    assert (told["Event"], told["MsgID"], told["Status"]) == ("TEMPLATESENDJOBFINISH", str(made["msgid"]), "success")
    standin.wechat.block(OPENID)
    await api.template()
    await standin.settle()
    assert opened(hotline.heard[-1])["Status"] == "failed:user block"
    standin.wechat.fail(-1)
    assert (await api.template())["errcode"] == -1
