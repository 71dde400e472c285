"""The answer reaches people by the door they came by and by the second they chose, in their language, in its form."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
import pytest

from cases import ledger, verbs
from channels import acknowledge, intake, notify, outbox, texts, ways
from channels.carrier import Facts, Outgoing
from channels.message import Decision
from channels.rows import OutboxRow
from hotline import clock, db, settings
from hotline.actor import CITIZEN, SYSTEM
from hotline.work import work
from tests import builders as b
from tests.channels import senders
from tests.channels.senders import Provider, deliver

pytestmark = pytest.mark.anyio
OPENID = "oHotline-0001"
MAIL = "wang@example.cn"


@pytest.fixture(autouse=True)
async def noon(database: object) -> AsyncIterator[None]:
    """An empty outbox at noon."""
    with clock.at(clock.on(clock.today(), 12)):
        await senders.empty()
        yield


async def to(number: str) -> list[Outgoing]:
    """What was written to the holder of a receipt, as doors get it, oldest first."""
    columns = ", ".join(f"o.{one}" for one in OutboxRow.__struct_fields__)
    async with db.reading() as connection:
        rows = await connection.fetch(
            f"SELECT {columns} FROM outbox_message o JOIN request r ON r.id = o.request_id WHERE r.receipt_no = $1 "
            "ORDER BY o.created_at, o.id",
            number,
        )
    return [outbox.outgoing(OutboxRow(**row)) for row in rows]


async def waking(number: str) -> dict[str, bool]:
    """Which messages of a receipt wait for the end of the quiet hours."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT o.name, o.is_waking FROM outbox_message o JOIN request r ON r.id = o.request_id "
            "WHERE r.receipt_no = $1", number,
        )  # fmt: skip
    return {row["name"]: row["is_waking"] for row in rows}


DOORS: Mapping[str, Mapping[str, Any]] = {
    "sms": {"reply_by": "sms"},
    "wechat": {"channel": "wechat", "reply_by": "wechat", "reply_to": OPENID},
    "email": {"channel": "email", "reply_by": "email", "reply_to": MAIL},
}
ADDRESS = {"sms": "13800000001", "wechat": OPENID, "email": MAIL}


@pytest.mark.requirement("000-01")
@pytest.mark.parametrize("first", sorted(DOORS))
@pytest.mark.parametrize("second", ["none", *sorted(DOORS)])
async def test_the_reply_reaches_them_by_the_door_they_came_by_and_by_the_second_they_chose(
    database: object, first: str, second: str
) -> None:
    chosen = {} if second == "none" else {"second_by": second, "second_to": "" if second == "sms" else ADDRESS[second]}
    receipt = await b.a_case("callback", **{**DOORS[first], **chosen})
    wanted = {first, second} - {"none"}
    providers = {channel: Provider() for channel in DOORS}
    for channel, provider in providers.items():
        await deliver(channel, provider)
    for channel, provider in providers.items():
        got = [one for one in provider.got if one.name == "replied"]
        assert [one.address for one in got] == ([ADDRESS[channel]] if channel in wanted else []), channel
        assert all("路灯已修好并试亮" in one.text for one in got)
        if channel in wanted:
            assert [one.name for one in provider.got] == ["accepted", "replied"]
    assert len({one.key for one in await to(receipt.number)}) == 2 * len(wanted)


async def test_each_door_says_it_in_its_own_form(database: object) -> None:
    receipt = await b.a_case("callback", second_by="email", second_to=MAIL, title="和平路路灯不亮三天了一直没人修")
    found = {(one.channel, one.name): one for one in await to(receipt.number)}
    sms, mail = found["sms", "accepted"], found["email", "accepted"]
    assert sms.text.startswith(texts.SIGNATURE)
    assert len(sms.text) <= texts.ONE_SMS
    assert not mail.text.startswith(texts.SIGNATURE)
    assert re.fullmatch(rf"{receipt.number} 已受理，\d+月\d+日前答复", mail.facts.title)
    facts = sms.facts
    assert (facts.number, facts.state) == (receipt.number, "办理中")
    assert receipt.code in facts.remark
    assert facts.due.endswith("日")
    assert 0 < len(facts.subject) <= 20
    assert found["sms", "replied"].facts.state == "已答复"


async def test_a_reply_by_sms_is_one_sms_that_says_where_the_rest_is_and_elsewhere_it_is_whole(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        settings, "_current", msgspec.structs.replace(settings.current(), public_url="https://12345.hd.gov.cn")
    )
    receipt = await b.a_case("signed", second_by="wechat", second_to=OPENID)
    long = "经现场核实，灯头和线路均已老化，" * 12 + "已全部更换。"
    await b.act("congtai", receipt.number, verbs.contact, b.lead, way="phone")
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **{**b.HANDLED, "reply": long})
    await b.act("audit", receipt.number, verbs.approve)
    found = {one.channel: one for one in await to(receipt.number) if one.name == "replied"}
    assert len(found["sms"].text) == texts.ONE_SMS
    assert found["sms"].text.endswith("全文12345.hd.gov.cn/track")
    assert long in found["wechat"].text
    assert len(found["wechat"].facts.remark) == 20
    assert found["sms"].facts.url == "https://12345.hd.gov.cn/track"


async def test_whoever_wrote_in_english_is_answered_in_english(database: object) -> None:
    receipt = await b.a_case("closed", lang="en")
    said = [one.text for one in await to(receipt.number)]
    assert [text for text in said if "We have your report" in text]
    assert [text for text in said if "how was it?" in text]
    assert all(len(text) <= texts.TWO_SMS for text in said)
    assert not [text for text in said if re.search("[，。]", text.replace(b.HANDLED["reply"], ""))], said


@pytest.mark.parametrize("change", [{"kind": "report"}, {"is_confidential": True}])
async def test_the_sender_of_a_report_is_told_no_word_of_it_by_any_door(
    database: object, change: dict[str, Any]
) -> None:
    receipt = await b.a_receipt(
        matter="", words="某厂夜间偷排污水", title="偷排污水", reply_by="wechat", reply_to=OPENID, second_by="sms",
        **change,
    )  # fmt: skip
    await b.act("dispatcher", receipt.number, verbs.accept, matter="020201", county="130403", summary="反映环境问题")
    await b.act("dispatcher", receipt.number, verbs.dispatch, unit="130403", profile="STD5")
    await b.act("congtai", receipt.number, verbs.sign, b.lead)
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", receipt.number, verbs.approve)
    found = await to(receipt.number)
    assert sorted((one.channel, one.name) for one in found) == [
        ("sms", "received"), ("sms", "replied_sealed"), ("wechat", "received"), ("wechat", "replied_sealed"),
    ]  # fmt: skip
    for one in found:
        whole = one.text + "".join(msgspec.structs.astuple(one.facts))
        assert not [word for word in ("污水", "偷排", "举报", "环境", "路灯") if word in whole], whole
        assert one.facts.subject == ""


@pytest.mark.parametrize(
    ("act", "given", "state"),
    [
        (verbs.answer, {"reply": "偷排污水的厂已查处。"}, "已答复"),
        (verbs.decline, {"reason": "statutory_channel", "channel": "12369", "reply": "偷排污水归环保。"}, "不予受理"),
        (verbs.transfer, {"target": "12388"}, "已转接"),
    ],
)
async def test_how_a_sealed_case_ended_is_told_by_its_state_and_not_a_word_of_it(
    database: object, act: Any, given: dict[str, Any], state: str
) -> None:
    receipt = await b.a_receipt(matter="", words="某厂夜间偷排污水", title="偷排污水", is_confidential=True)
    await b.act("dispatcher", receipt.number, act, **given)
    last = (await to(receipt.number))[-1]
    assert last.text == f"【邯郸12345】{receipt.number}：{state}。查询请拨12345。"
    whole = last.text + "".join(msgspec.structs.astuple(last.facts))
    assert not [word for word in ("污水", "偷排", "12388", "环境") if word in whole], whole


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["answered", "declined", "replied", "progress_done"])
def test_a_long_answer_fits_one_sms_whatever_message_brings_it(name: str, lang: str) -> None:
    values = {"number": "261122-00417", "state": "办理中", "where": "12345.hd.gov.cn/track", "reply": "已经修好。" * 60}
    text = ways.worded(name, "sms", lang, values)
    assert len(text) == texts.MOST[lang]
    assert text.rstrip().endswith(values["where"])
    assert values["reply"] in ways.worded(name, "email", lang, values)


async def test_answers_to_what_was_just_written_go_at_night_all_other_messages_wait(database: object) -> None:
    with clock.at(clock.on(clock.today(), 23)):
        receipt = await b.a_case("closed")
    assert await waking(receipt.number) == {"accepted": False, "replied": True, "rate": True}
    refused = await b.a_receipt(
        channel="phone", decision=Decision(outcome="answer", reply="周一至周五办理。"), matter=""
    )
    assert await waking(refused.number) == {"received": False, "answered": False}


async def test_words_and_a_reminder_by_a_text_door_are_acknowledged_there_and_those_of_the_web_are_not(
    database: object,
) -> None:
    receipt = await b.a_case("signed", second_by="email", second_to=MAIL)
    for channel in ("web", "sms", "email"):
        async with work(CITIZEN) as w:
            file = await ledger.opened(w, number=receipt.number)
            await verbs.add_words(w, file, file.first_request, words="还有两盏也不亮", channel=channel)
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=receipt.number)
        await verbs.urge(w, file, file.first_request, channel="sms")
    found = [(one.name, one.channel) for one in await to(receipt.number) if one.name in {"words_received", "urged"}]
    assert found == [("words_received", "sms"), ("words_received", "email"), ("urged", "sms")]
    assert not {"words_received", "urged"} & {name for name, wakes in (await waking(receipt.number)).items() if wakes}


async def test_whoever_left_no_way_is_sent_nothing_and_nobody_gets_the_same_twice(database: object) -> None:
    nothing = await b.a_receipt(reply_by="none", phone="")
    assert await to(nothing.number) == []
    same = await b.a_receipt(matter="020201", second_by="sms")
    assert [one.name for one in await to(same.number)] == ["accepted"]


async def test_the_same_message_delivered_again_makes_no_second_receipt(database: object) -> None:
    message = b.a_message(matter="020201")
    for _ in range(3):
        await acknowledge.acknowledge(message)
        await intake.make_all()
    receipt = await acknowledge.acknowledge(message)
    assert [one.name for one in await to(receipt.number)] == ["accepted"]


async def test_an_answer_that_concerns_no_request_goes_to_its_address(database: object) -> None:
    async with work(SYSTEM) as w:
        notify.tell(w, channel="sms", address="13900000009", name="wrong_code", tries="5", minutes="60")
        notify.tell(w, channel="wechat", address=OPENID, name="help", lang="en")
    sms, chat = Provider(), Provider()
    await deliver("sms", sms)
    await deliver("wechat", chat)
    assert [(one.address, one.text) for one in sms.got] == [
        ("13900000009", "【邯郸12345】编号或查询码不对，请核对；错5次停60分钟。忘了请拨12345。")
    ]
    assert [(one.address, one.text[:5], one.facts) for one in chat.got] == [
        (OPENID, "Write", Facts(title="Handan 12345"))
    ]


def test_a_site_without_an_address_says_so_in_words() -> None:
    assert ways.where("zh") == "请凭编号和查询码查询。"
