"""A WeChat message's XML: every kind is read, nothing ill-made is more than a refusal, and answers are well-formed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import xmltodict
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy import parse_message
from wechatpy.replies import TextReply

from channels import heard, wechat_xml
from hotline.errors import Refusal

AT = datetime.fromtimestamp(1700000000, UTC)
HEAD = {"ToUserName": "gh_961890", "FromUserName": "oCitizen0001", "CreateTime": "1700000000"}
PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=200)


def document(**fields: str) -> bytes:
    """The XML of a message with the usual head."""
    rows = {**HEAD, **fields}
    return ("<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in rows.items()) + "</xml>").encode()


def said(**fields: str) -> heard.Heard:
    """That message, read."""
    return wechat_xml.read(wechat_xml.fields(document(**fields)))


def test_a_text_is_heard_with_its_number_sender_and_moment() -> None:
    one = said(MsgType="text", Content="丛台路路灯不亮 😀 臺灣", MsgId="23500000000000001")
    assert one == heard.Heard(
        channel="wechat", provider_id="23500000000000001", sender="oCitizen0001", to="gh_961890", at=AT,
        words="丛台路路灯不亮 😀 臺灣",
    )  # fmt: skip


def test_who_writes_english_is_answered_in_english() -> None:
    assert said(MsgType="text", Content="The street light is out", MsgId="1").lang == "en"
    assert said(MsgType="text", Content="路灯 light 不亮", MsgId="1").lang == "zh"


def test_a_picture_a_voice_and_films_bring_the_id_under_which_they_are_kept() -> None:
    image = said(MsgType="image", PicUrl="http://mmbiz.example/1", MediaId="m1", MsgId="1")
    voice = said(MsgType="voice", MediaId="m2", Format="amr", Recognition="路灯不亮", MsgId="2")
    films = [said(MsgType=kind, MediaId="m3", ThumbMediaId="t", MsgId="3") for kind in ("video", "shortvideo")]
    assert image.media == (heard.Medium(kind="image", id="m1", url="http://mmbiz.example/1"),)
    assert (voice.words, voice.media) == ("路灯不亮", (heard.Medium(kind="audio", id="m2", media_type="audio/amr"),))
    assert {one.media[0].kind for one in films} == {"video"}


def test_a_location_a_link_and_a_kind_of_tomorrow_are_heard() -> None:
    place = said(MsgType="location", Location_X="36.61", Location_Y="114.49", Scale="15", Label="丛台路", MsgId="4")
    link = said(MsgType="link", Title="路灯", Description="坏了", Url="https://example.cn/1", MsgId="5")
    sticker = said(MsgType="sticker", MsgId="6")
    assert place.position == heard.Position(lat=36.61, lon=114.49, label="丛台路")
    assert link.words == "路灯\n坏了\nhttps://example.cn/1"
    assert (sticker.words, sticker.media, sticker.position) == ("", (), None)


@pytest.mark.parametrize(
    ("fields", "event", "key"),
    [
        ({"Event": "subscribe"}, heard.SUBSCRIBED, ""),
        ({"Event": "subscribe", "EventKey": "qrscene_7"}, heard.SUBSCRIBED, "qrscene_7"),
        ({"Event": "unsubscribe"}, heard.UNSUBSCRIBED, ""),
        ({"Event": "CLICK", "EventKey": "ASK"}, heard.MENU, "ASK"),
        ({"Event": "VIEW", "EventKey": "https://example.cn/notices"}, "view", "https://example.cn/notices"),
        ({"Event": "SCAN", "EventKey": "7"}, "scan", "7"),
        ({"Event": "TEMPLATESENDJOBFINISH", "MsgID": "200163836", "Status": "failed:user block"},
         wechat_xml.JOB_FINISHED, "200163836 failed:user block"),
        ({"Event": "kf_create_session"}, "kf_create_session", ""),
    ],
)  # fmt: skip
def test_every_event_is_heard_under_an_id_of_sender_second_name_and_key(
    fields: dict[str, str], event: str, key: str
) -> None:
    one = said(MsgType="event", **fields)
    assert (one.event, one.key, one.words) == (event, key, "")
    assert one.provider_id == ":".join(filter(None, ["oCitizen0001", "1700000000", fields["Event"], key]))


def test_a_reported_position_is_latitude_first() -> None:
    one = said(MsgType="event", Event="LOCATION", Latitude="36.6", Longitude="114.5", Precision="30")
    assert one.position == heard.Position(lat=36.6, lon=114.5)


BOMB = (
    '<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    + document(MsgType="text", Content="x", MsgId="1").decode().replace("<![CDATA[x]]>", "&b;")
)
"""A message in every other respect: only its entities are wrong."""


@pytest.mark.parametrize(
    "body",
    [
        b"", b"hello", b"<xml>", b"<xml><a></xml>", b"\xff\xfe<xml/>", "<xml>中".encode("gbk"), b"<html/>",
        b"<xml>\x00</xml>",
        BOMB.encode(), b'<!DOCTYPE xml SYSTEM "file:///etc/passwd">' + document(MsgType="text", Content="x", MsgId="1"),
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Content>&e;</Content></xml>',
        b"<xml>&#0;</xml>", b"<xml>&undefined;</xml>", b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"</xml>",
        b"<xml>" + b"x" * 10_000_000 + b"</xml>",
    ],
)  # fmt: skip
def test_what_is_no_message_is_a_clear_refusal(body: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        wechat_xml.read(wechat_xml.fields(body))
    assert refused.value.status in (400, 413)
    assert refused.value.say.en


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"MsgType": "text", "Content": "x"}, {"MsgType": "text", "MsgId": "1"}, {"MsgType": "event"},
        {"MsgType": "text", "Content": "x", "MsgId": "1; DROP"}, {"MsgType": "image", "MsgId": "1"},
        {"MsgType": "text", "Content": "x", "MsgId": "1", "CreateTime": "soon"},
        {"MsgType": "text", "Content": "x", "MsgId": "1", "CreateTime": "9" * 30},
        {"MsgType": "text", "Content": "x", "MsgId": "1", "FromUserName": ""},
        {"MsgType": "text", "Content": "x", "MsgId": "1", "FromUserName": "o o"},
        {"MsgType": "location", "Location_X": "nan", "Location_Y": "0", "MsgId": "1"},
        {"MsgType": "location", "Location_X": "91", "Location_Y": "0", "MsgId": "1"},
        {"MsgType": "location", "Location_X": "here", "Location_Y": "0", "MsgId": "1"},
        {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH"},
    ],
)  # fmt: skip
def test_a_missing_or_unreadable_field_is_a_400_that_names_it(fields: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        said(**fields)
    assert refused.value.status == 400
    assert refused.value.code in ("missing_field", "bad_field")


@given(PLAIN)
@settings(max_examples=150, deadline=None)
def test_any_text_survives_an_answer_as_every_reader_of_xml_reads_it(text: str) -> None:
    xml = wechat_xml.answer("oCitizen0001", "gh_961890", text, AT)
    expected = wechat_xml.cut(text).replace("\r\n", "\n").replace("\r", "\n")
    found = wechat_xml.fields(xml)
    assert [found[name] for name in HEAD] == ["oCitizen0001", "gh_961890", "1700000000"]
    assert found["Content"] == expected
    assert (xmltodict.parse(xml, strip_whitespace=False)["xml"]["Content"] or "") == expected


@given(st.text(max_size=900))
@settings(max_examples=100, deadline=None)
def test_an_answer_is_never_longer_than_wechat_takes_and_never_half_a_character(text: str) -> None:
    short = wechat_xml.cut(text * 3)
    assert len(short.encode()) <= wechat_xml.LONGEST
    assert short in (short.encode().decode(), text * 3) or short.endswith("…")
    assert wechat_xml.fields(wechat_xml.answer("o1", "gh", text, AT))["MsgType"] == "text"


def test_the_end_of_a_section_within_a_text_is_split_where_wechatpy_breaks() -> None:
    text = "a]]>b</Content><Content>c"
    assert wechat_xml.fields(wechat_xml.answer("o1", "gh", text, AT))["Content"] == text
    reply = TextReply(source="gh", target="o1", content=text)
    with pytest.raises(Refusal):
        wechat_xml.fields(reply.render())


@given(PLAIN.filter(lambda text: bool(text.strip()) and "]]>" not in text))
@settings(max_examples=60, deadline=None)
def test_we_and_wechatpy_read_one_message_alike(text: str) -> None:
    body = document(MsgType="text", Content=text, MsgId="77")
    theirs: Any = parse_message(body.decode())
    ours = said(MsgType="text", Content=text, MsgId="77")
    assert (ours.sender, ours.to, ours.provider_id) == (theirs.source, theirs.target, str(theirs.id))
    assert ours.words == theirs.content.strip()
