"""Messages to a follower: free text inside the window, the template outside, and what each refusal means."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from channels import wechat, wechat_menu, wechat_window
from channels.carrier import Facts, Later, Never, NotSentError, Outgoing, Silent
from channels.heard import Medium
from channels.media import Gone
from hotline import clock, db, settings, vault
from hotline.errors import Refusal
from tests.engines import Place
from tests.wechat_api import WeChat, open_wechat

pytestmark = pytest.mark.anyio
SUBJECT = "和平路与陵西大街口的路灯三天不亮已经很久了"
FACTS = Facts(number="261122-00417", subject=SUBJECT, state="办理中", due="11月27日")
FREE, TEMPLATE = "/message/custom/send", "/message/template/send"


@pytest.fixture
async def api(database: Place) -> AsyncIterator[WeChat]:
    """A WeChat of this test's own."""
    await db.pool().execute("DELETE FROM wechat_token")
    async with open_wechat() as one:
        one.delay = 0
        yield one


async def follower(hours: float = 1, *, sent: int = 0) -> str:
    """Somebody who wrote so many hours ago and was sent so many messages since; their openid."""
    openid, now = f"o{uuid4().hex}", clock.now()
    await db.pool().execute(
        "INSERT INTO correspondent (channel, address_index, address, last_in_at, sent_since, changed_at) "
        "VALUES ('wechat', $1, $2, $3, $4, $5)",
        vault.reply_index("wechat", openid), vault.seal(openid, "correspondent"), now - timedelta(hours=hours), sent,
        now,
    )  # fmt: skip
    return openid


def to(openid: str, text: str = "261122-00417已有答复。", facts: Facts = FACTS) -> Outgoing:
    """A message on its way to them."""
    return Outgoing(id=uuid4(), key=f"replied:{uuid4()}", channel="wechat", address=openid, text=text, facts=facts)


async def test_inside_the_window_free_text_goes_as_it_is_and_is_counted(api: WeChat) -> None:
    openid = await follower()
    assert await wechat.send(to(openid, "已答复：路灯已修好 😀 ]]>")) == ""
    assert api.of(FREE) == [
        {"touser": openid, "msgtype": "text", "text": {"content": "已答复：路灯已修好 😀 ]]>"}}
    ]  # fmt: skip
    index = vault.reply_indexes("wechat", openid)
    assert await db.pool().fetchval("SELECT sent_since FROM correspondent WHERE address_index = ANY($1)", index) == 1


async def test_what_went_is_sent_though_its_count_cannot_be_noted(api: WeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    openid = await follower()

    def away() -> object:
        raise db.Away

    monkeypatch.setattr(wechat_window, "db", SimpleNamespace(AWAY=db.AWAY, borrowed=away))
    assert await wechat._said(to(openid)), "a failure here would send the same message once more"
    assert len(api.of(FREE)) == 1


@pytest.mark.parametrize(("hours", "sent"), [(48, 0), (47.99, 0), (1, 5), (100, 0)])
async def test_outside_of_it_the_template_goes_with_its_fields_cut_to_what_they_take(
    api: WeChat, hours: float, sent: int
) -> None:
    openid = await follower(hours, sent=sent)
    message = to(openid)
    assert (await wechat.send(message)).isdigit()
    assert not api.of(FREE)
    (body,) = api.of(TEMPLATE)
    assert body == {
        "touser": openid, "template_id": "tmpl-1", "url": "https://12345.example.cn/track",
        "client_msg_id": message.id.hex,
        "data": {
            "character_string1": {"value": "261122-00417"}, "thing2": {"value": SUBJECT[:19] + "…"},
            "phrase3": {"value": "办理中"}, "thing4": {"value": "11月27日"}, "thing5": {"value": "点此查看详情"},
        },
    }  # fmt: skip
    assert len(body["data"]["thing2"]["value"]) == 20


async def test_a_stranger_and_empty_facts_get_a_template_without_an_empty_field(api: WeChat) -> None:
    await wechat.send(to("oNobody", facts=Facts(url="https://12345.example.cn/r/K7Q2")))
    (body,) = api.of(TEMPLATE)
    assert body["url"] == "https://12345.example.cn/r/K7Q2"
    assert all(one["value"] for one in body["data"].values())


@pytest.mark.parametrize("code", [45015, 45047])
async def test_a_window_that_wechat_calls_closed_is_closed_and_the_message_goes_as_template(
    api: WeChat, code: int
) -> None:
    openid = await follower()
    api.codes = [code]
    assert await wechat.send(to(openid))
    assert await wechat.send(to(openid))
    assert (len(api.of(FREE)), len(api.of(TEMPLATE))) == (1, 2)
    assert not await wechat_window.is_open(openid)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (43004, Silent), (43101, Silent), (43019, Silent), (45009, Later), (45011, Later), (-1, Later), (40164, Later),
        (40003, Never), (40037, Never), (41006, Never), (47003, Never), (48001, Never), (99999, Never),
    ],
)  # fmt: skip
@pytest.mark.parametrize("hours", [1, 50])
async def test_each_refusal_means_what_the_outbox_makes_of_it(
    api: WeChat, code: int, kind: type[NotSentError], hours: float
) -> None:
    openid = await follower(hours)
    api.codes = [code]
    with pytest.raises(kind) as failed:
        await wechat.send(to(openid))
    assert failed.value.code == str(code)
    assert (failed.value.after is not None) == (kind is Later)
    assert "oCitizen" not in str(failed.value)


async def test_without_a_template_what_is_late_is_a_dead_letter_that_says_so(api: WeChat) -> None:
    settings.use(msgspec.structs.replace(settings.current(), wechat_template=""))
    with pytest.raises(Never, match="no_template"):
        await wechat.send(to(await follower(49)))


async def test_a_citys_own_keywords_are_named_in_the_setting(api: WeChat) -> None:
    own = "tmpl-2 number=character_string7 subject=thing8 state=phrase2 due=- remark=thing3"
    settings.use(msgspec.structs.replace(settings.current(), wechat_template=own))
    await wechat.send(to(await follower(49)))
    (body,) = api.of(TEMPLATE)
    assert (body["template_id"], set(body["data"])) == ("tmpl-2", {"character_string7", "thing8", "phrase2", "thing3"})


async def test_a_long_text_is_cut_at_a_character(api: WeChat) -> None:
    await wechat.send(to(await follower(), "长" * 5000))
    content = api.of(FREE)[0]["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.endswith("长…")


async def test_a_picture_is_fetched_and_json_where_one_should_be_is_a_refusal(api: WeChat) -> None:
    api.media = (b"\xff\xd8\xff\xe0", "image/jpeg")
    assert await wechat.fetch(Medium(kind="image", id="m1")) == (b"\xff\xd8\xff\xe0", "image/jpeg", "m1.jpg")
    api.codes = [40007]
    with pytest.raises(Gone, match="40007"):
        await wechat.fetch(Medium(kind="image", id="gone"))
    api.media = (b'{"errcode":40007,"errmsg":"invalid media_id"}', "text/plain")
    with pytest.raises(Gone, match="40007"):
        await wechat.fetch(Medium(kind="image", id="gone"))
    for film, expected in (("http://169.254.169.254/latest", Later), ("file:///etc/passwd", Later)):
        api.media = (msgspec.json.encode({"video_url": film}), "application/json")
        with pytest.raises(expected, match="-1"):
            await wechat.fetch(Medium(kind="video", id="m1"))
    settings.use(msgspec.structs.replace(settings.current(), upload_limit=1000))
    api.media = (b"\xff" * 100_000, "image/jpeg")
    with pytest.raises(Gone, match="too_large"):
        await wechat.fetch(Medium(kind="image", id="huge"))
    api.status = 503
    with pytest.raises(Later, match="http_503"):
        await wechat.fetch(Medium(kind="image", id="m1"))


@pytest.mark.requirement("002-13")
async def test_the_menu_offers_filing_enquiry_query_and_rating(api: WeChat) -> None:
    await wechat_menu.create()
    (body,) = api.of("/menu/create")
    buttons: list[dict[str, Any]] = body["button"]
    assert [one["name"] for one in buttons] == ["我要反映", "查进度", "公示"]
    below = [one for button in buttons for one in button.get("sub_button", [])]
    assert {one["key"] for one in below if one["type"] == "click"} == {"report", "enquire", "track", "rate"}
    assert all(one["url"].startswith("https://12345.example.cn/") for one in [*below, buttons[2]] if "url" in one)
    assert all(len(one["name"].encode()) <= 16 for one in buttons)
    assert all(len(one["name"].encode()) <= 24 for one in below)


async def test_a_menu_without_an_address_or_the_right_says_what_is_missing(api: WeChat) -> None:
    api.codes = [48001]
    with pytest.raises(Refusal) as refused:
        await wechat_menu.create()
    assert (refused.value.status, "48001" in refused.value.say.zh) == (502, True)
    api.status = 503
    with pytest.raises(Refusal, match="http_503"):
        await wechat_menu.create()
    settings.use(msgspec.structs.replace(settings.current(), public_url="", wechat_secret=""))
    with pytest.raises(Refusal, match="HOTLINE_WECHAT_SECRET, HOTLINE_PUBLIC_URL"):
        await wechat_menu.create()
