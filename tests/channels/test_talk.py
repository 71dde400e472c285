"""What people write by SMS and what becomes of it: a case, further words, a grade, a look, an urging, silence."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from typing import Any

import pytest

from channels import acknowledge, arrivals, places, reading
from channels.heard import Heard, Medium, Part, Position
from hotline import city, clock, db, vault
from tests import builders as b

pytestmark = pytest.mark.anyio
LAMP = "丛台区和平路与陵西大街口的路灯三天不亮，晚上看不清。"
_numbers = itertools.count(1)
_people = itertools.count(13_900_000_000)


@pytest.fixture
def me() -> str:
    """A number that nobody wrote from yet."""
    return str(next(_people))


async def say(who: str, words: str, *, after: float = 0, **more: Any) -> list[str]:
    """Somebody writes; what they are answered at once, without the signature."""
    heard = Heard(
        channel=more.pop("channel", "sms"), provider_id=more.pop("provider_id", f"SM{next(_numbers)}"), sender=who,
        at=clock.now(), words=words, **more,
    )  # fmt: skip
    at = clock.now() + timedelta(hours=after)
    with clock.at(at):
        await arrivals.store(heard)
        await reading.read_all()
        return await told(who, at)


async def told(who: str, since: Any) -> list[str]:
    """What was written to somebody since then."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT address, body FROM outbox_message WHERE created_at >= $1 ORDER BY created_at, id", since
        )
    mine = [row for row in rows if vault.unseal(row["address"], "outbox") == who]
    return [vault.unseal(row["body"], "outbox").removeprefix("【邯郸12345】") for row in mine]


async def one(sql: str, *args: Any) -> Any:
    """One row."""
    async with db.reading() as connection:
        return await connection.fetchrow(sql, *args)


async def arrived(who: str) -> list[str]:
    """What each of their messages was."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT outcome, state FROM arrival WHERE sender = $1 ORDER BY received_at, id",
            vault.reply_index("sms", who),
        )
    return [row["outcome"] or row["state"] for row in rows]


async def requests_of(who: str) -> list[Any]:
    """Their requests with their cases, oldest first."""
    async with db.reading() as connection:
        return list(await connection.fetch(
            "SELECT r.*, c.county, c.township, c.state AS case_state, c.title FROM request r JOIN cases c "
            "ON c.id = r.case_id WHERE r.phone_index = $1 ORDER BY r.filed_at, r.receipt_no", vault.phone_index(who),
        ))  # fmt: skip


async def words_of(case_id: Any) -> list[str]:
    """Everything that stands in a case as its requester's words."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT value FROM case_text WHERE case_id = $1 AND field = 'words' ORDER BY seq", case_id
        )
    return [row["value"] for row in rows]


async def closed(who: str, **more: Any) -> str:
    """A closed case of theirs; its number."""
    return (await b.a_case("closed", phone=who, provider_id=f"x{next(_numbers)}", **more)).number


@pytest.mark.requirement("004-04")
async def test_a_text_becomes_a_request_with_number_code_place_and_receipt(database: object, me: str) -> None:
    answers = await say(me, LAMP, to="+8631012369")
    [request] = await requests_of(me)
    assert (request["channel"], request["reply_by"], request["line"]) == ("sms", "sms", "12369")
    assert request["county"] == "130403"
    assert request["words"] == LAMP
    found = re.search(r"编号(\d{6}-\d{5})，查询码(\d{6})", answers[0])
    assert found, answers
    assert found[1] == request["receipt_no"]
    row = await one("SELECT state, case_id, channel FROM inbound_message WHERE receipt_no = $1", found[1])
    assert tuple(row) == ("made", request["case_id"], "sms")
    assert len(answers) == 1, "the place was told, so nobody asks for it"
    arrival = await one("SELECT * FROM arrival WHERE case_id = $1", request["case_id"])
    assert (arrival["state"], arrival["outcome"], arrival["body"]) == ("done", "request", None)


@pytest.mark.parametrize(
    ("words", "kind", "sealed"),
    [
        ("丛台区某单位违规收费，我要举报", "report", True), ("投诉丛台区某饭店油烟", "complaint", False),
        ("咨询丛台区社保怎么转", "enquiry", False), ("建议丛台区多设路灯", "suggestion", False),
        ("表扬丛台区的民警", "praise", False), ("丛台区路灯不亮", "assistance", False),
    ],
)  # fmt: skip
async def test_the_kind_is_told_by_simple_signs_and_reports_are_sealed(
    database: object, me: str, words: str, kind: str, sealed: bool
) -> None:
    answers = await say(me, words)
    [request] = await requests_of(me)
    assert request["kind"] == kind
    assert (request["title"] == "举报件") is sealed
    assert not sealed or not any("收费" in answer for answer in answers)


async def test_where_no_place_is_told_we_ask_and_the_next_message_is_it(database: object, me: str) -> None:
    answers = await say(me, "路灯三天不亮")
    assert len(answers) == 2, answers
    assert any("请再发一下位置" in answer for answer in answers)
    assert "补充已收到" in (await say(me, "丛台区和平路"))[0]
    [request] = await requests_of(me)
    assert await words_of(request["case_id"]) == ["路灯三天不亮", "位置：丛台区和平路"]
    await say(me, "", position=Position(lat=36.6, lon=114.5, label="丛台公园"))
    assert (await words_of(request["case_id"]))[-1] == "丛台公园（36.600000, 114.500000）"


async def test_a_position_in_answer_to_the_question_is_the_place(database: object, me: str) -> None:
    await say(me, "路灯三天不亮")
    await say(me, "", position=Position(lat=36.6, lon=114.5, label="丛台公园"))
    [request] = await requests_of(me)
    assert (await words_of(request["case_id"]))[1] == "位置：丛台公园（36.600000, 114.500000）"


async def test_a_cry_for_help_is_handed_over_even_by_who_has_an_open_request(database: object, me: str) -> None:
    await say(me, LAMP)
    answers = await say(me, "119 着火了，快来人")
    assert any("请立即拨打119" in answer for answer in answers), answers
    assert not any("位置" in answer for answer in answers), "who is told to call is not asked where it is"
    assert [row["case_state"] for row in await requests_of(me)] == ["registered", "transferred"]
    await say(me, "灯还是不亮")
    assert await words_of((await requests_of(me))[0]["case_id"]) == [LAMP, "灯还是不亮"]


async def test_words_within_a_day_follow_the_open_request_and_later_ones_begin_another(
    database: object, me: str
) -> None:
    await say(me, LAMP)
    assert "补充已收到" in (await say(me, "第二根灯杆也不亮", after=1))[0]
    [request] = await requests_of(me)
    assert await words_of(request["case_id"]) == [LAMP, "第二根灯杆也不亮"]
    await say(me, "丛台区人民路井盖丢了", after=30)
    assert len(await requests_of(me)) == 2
    assert await arrived(me) == ["request", "words", "request"]


async def test_who_comes_back_about_the_same_thing_reminds_and_about_another_begins_a_new_one(
    database: object, me: str
) -> None:
    await say(me, LAMP)
    await say(me, "陵西大街的路灯还是不亮，什么时候来修", after=50)
    await say(me, "人民路的路灯也不亮了", after=100)  # another road
    await say(me, "陵西大街的井盖坏了", after=150)  # another trouble
    await say(me, "陵西大街路灯不亮，我举报修路灯的收钱不干活", after=200)  # never on a case that its units read
    assert await arrived(me) == ["request", "words", "request", "request", "request"]
    kinds = await one(
        "SELECT array_agg(e.kind ORDER BY e.seq) AS kinds, count(DISTINCT e.case_id) AS n FROM case_event e "
        "WHERE e.kind IN ('words_added', 'urged') "
        "AND e.case_id IN (SELECT case_id FROM request WHERE phone_index = $1)",
        vault.phone_index(me),
    )
    assert (kinds["kinds"], kinds["n"]) == (["words_added", "urged"], 1)


async def test_who_says_that_it_is_another_matter_gets_another_number(database: object, me: str) -> None:
    await say(me, LAMP)
    await say(me, "投诉丛台区某饭店油烟")
    assert [r["kind"] for r in await requests_of(me)] == ["assistance", "complaint"]
    first = (await requests_of(me))[0]
    await say(me, f"{first['receipt_no']} 还是不亮")
    assert len(await words_of(first["case_id"])) == 2, "a quoted number wins"


async def test_the_same_text_sent_again_is_no_second_case(database: object, me: str) -> None:
    words = "投诉丛台区某饭店油烟扰民"
    for _ in range(3):
        await say(me, words)
    [request] = await requests_of(me)
    assert await words_of(request["case_id"]) == [words] * 3
    assert await arrived(me) == ["request", "words", "words"]


async def test_parts_of_a_long_text_are_one_request_in_whatever_order_they_come(database: object, me: str) -> None:
    def part(n: int) -> Part:
        return Part(reference="7", number=n, total=3)

    await say(me, "三天不亮，", part=part(2))
    await say(me, "丛台区和平路的路灯", part=part(1))
    assert await requests_of(me) == []
    await say(me, "请来修。", part=part(3), after=0.002)
    [request] = await requests_of(me)
    assert request["words"] == "丛台区和平路的路灯三天不亮，请来修。"
    assert await arrived(me) == ["request"] * 3


async def test_a_part_that_never_comes_leaves_a_mark(database: object, me: str) -> None:
    await say(me, "丛台区和平路的路灯", part=Part(reference="8", number=1, total=2))
    with clock.at(clock.now() + timedelta(minutes=3)):
        await reading.read_all()
    [request] = await requests_of(me)
    assert request["words"] == "丛台区和平路的路灯（缺一段）"


@pytest.mark.requirement("004-04")
@pytest.mark.parametrize(
    ("reply", "grade"),
    [("1", "satisfied"), ("２", "basically_satisfied"), ("一般", "neutral"), ("4 不满意", "dissatisfied")],
)
async def test_a_digit_rates_the_closed_request_once(database: object, me: str, reply: str, grade: str) -> None:
    number = await closed(me)
    answers = await say(me, reply)
    assert "谢谢您的评价" in answers[0]
    rating = await one("SELECT t.* FROM rating t JOIN request r ON r.id = t.request_id WHERE r.receipt_no = $1", number)
    assert (rating["grade"], rating["channel"]) == (grade, "sms")
    assert "已经评价过" in (await say(me, "1"))[0]
    count = await one("SELECT count(*) FROM rating WHERE request_id = $1", rating["request_id"])
    assert count["count"] == 1


async def test_a_late_rating_is_answered_kindly_and_a_stranger_rates_nothing(database: object, me: str) -> None:
    number = await closed(me)
    days = int(city.current().rule("rating.window_days"))
    assert "评价期已过" in (await say(me, "1", after=24 * days + 1))[0]
    stranger = str(next(_people))
    await say(stranger, f"{number} 1")
    assert (await one("SELECT rated_at FROM request WHERE receipt_no = $1", number))["rated_at"] is None


async def test_number_and_code_are_enough_to_rate_once_from_another_telephone(database: object, me: str) -> None:
    receipt = await b.a_case("closed", phone=str(next(_people)), provider_id=f"x{next(_numbers)}")
    wrong = "000000" if receipt.code != "000000" else "111111"
    assert "编号或查询码不对" in (await say(me, f"{receipt.number} {wrong} 满意"))[0]
    assert "谢谢您的评价" in (await say(me, f"{receipt.number} {receipt.code} 满意"))[0]
    assert "已经评价过" in (await say(me, f"{receipt.number} {receipt.code} 4 不满意"))[0]
    row = await one("SELECT first_grade, final_grade FROM request WHERE receipt_no = $1", receipt.number)
    assert set(row) == {"satisfied"}
    assert await requests_of(me) == []
    early = await b.a_case("signed", phone=str(next(_people)), provider_id=f"x{next(_numbers)}")
    assert "办理中" in (await say(me, f"{early.number} {early.code} 满意"))[0]


async def test_a_receipt_that_is_no_case_yet_can_be_urged_and_rated_without_harm(database: object, me: str) -> None:
    receipt = await acknowledge.acknowledge(b.a_message(provider_id=f"x{next(_numbers)}"))
    for words in ("催办", "满意", ""):
        assert "已收到" in (await say(me, f"{receipt.number} {receipt.code} {words}"))[0]
    assert await arrived(me) == ["urge", "rating", "query"]


async def test_why_somebody_is_not_satisfied_is_kept_for_the_centre(database: object, me: str) -> None:
    number = await closed(me)
    await say(me, "4，灯还是不亮")
    row = await one(
        "SELECT t.value, t.audience FROM case_text t JOIN request r ON r.case_id = t.case_id "
        "WHERE r.receipt_no = $1 AND t.value = '灯还是不亮'", number,
    )  # fmt: skip
    assert row["audience"] == "centre"


async def test_their_own_number_tells_how_it_stands_and_later_the_reply(database: object, me: str) -> None:
    receipt = await b.a_case("signed", phone=me)
    for words in (receipt.number, "查询", f"查询{receipt.number}"):
        [answer] = await say(me, words)
        for text in (receipt.number, "办理中", "丛台区人民政府", "前答复"):
            assert text in answer, answer
    done = await b.a_case("closed", phone=me)
    assert b.HANDLED["reply"] in (await say(me, done.number))[0]


async def test_a_strangers_number_needs_its_code_and_a_wrong_one_tells_nothing(database: object, me: str) -> None:
    receipt = await b.a_case("signed", phone=str(next(_people)))
    wrong = "000000" if receipt.code != "000000" else "111111"
    first = await say(me, f"{receipt.number} {wrong}")
    second = await say(me, f"210101-99999 {wrong}")
    assert first == second
    assert "编号或查询码不对" in first[0]
    assert "丛台区人民政府" in (await say(me, f"{receipt.number} {receipt.code}"))[0]
    for _ in range(5):
        last = await say(me, f"{receipt.number} {wrong}")
    assert "错得太多次" in last[0]
    late = await say(me, f"{receipt.number} {receipt.code}")
    assert "错得太多次" in late[0], "a right guess after that is no way in"


async def test_a_sealed_case_tells_its_state_and_nothing_more(database: object, me: str) -> None:
    receipt = await b.a_receipt(phone=me, kind="report", matter="")
    [answer] = await say(me, receipt.number)
    assert "已收到" in answer
    assert "路灯" not in answer


async def test_urging_is_seen_once_a_day_and_always_answered(database: object, me: str) -> None:
    receipt = await b.a_case("signed", phone=me)
    for _ in range(2):
        assert "催办已收到" in (await say(me, "催办"))[0]
    row = await one(
        "SELECT count(*) FROM case_event e JOIN request r ON r.case_id = e.case_id "
        "WHERE r.receipt_no = $1 AND e.kind = 'urged'", receipt.number,
    )  # fmt: skip
    assert row["count"] == 1


async def test_stop_and_start_are_honoured_and_a_stop_in_a_sentence_is_none(database: object, me: str) -> None:
    await say(me, "丛台区工地半夜不STOP施工，请让他们停止")
    silent = "SELECT is_silent FROM correspondent WHERE channel = 'sms' AND address_index = $1"
    index = vault.reply_index("sms", me)
    assert (await one(silent, index))["is_silent"] is False
    for words in ("退订", "stop"):
        await say(me, words)
        assert (await one(silent, index))["is_silent"] is True
    await say(me, "START")
    assert (await one(silent, index))["is_silent"] is False
    assert await arrived(me) == ["request", "stop", "stop", "start"]


async def test_a_picture_alone_waits_for_words_and_then_goes_with_them(database: object, me: str) -> None:
    picture = Medium(kind="image", url="https://api.twilio.com/m/1")
    assert "发生了什么" in (await say(me, "", media=(picture,)))[0]
    await say(me, LAMP)
    await say(me, "", media=(picture, picture))
    [request] = await requests_of(me)
    assert (await words_of(request["case_id"]))[1] == "（照片）"
    count = await one("SELECT count(*) FROM medium WHERE request_id = $1", request["id"])
    assert count["count"] == 3


async def test_emoji_traditional_characters_and_what_no_database_takes_become_clean_requests(
    database: object, me: str
) -> None:
    await say(me, "叢臺區和平路路燈不亮😀\x00\x07，请修")
    [request] = await requests_of(me)
    assert request["words"] == "叢臺區和平路路燈不亮😀，请修"
    await say(me, "还没修\x00\x07")
    assert (await words_of(request["case_id"]))[-1] == "还没修"
    await say(me, "\x07")
    assert await arrived(me) == ["request", "words", "ignored"]


async def test_a_very_long_text_is_kept_whole(database: object, me: str) -> None:
    await say(me, "丛台区" + "灯" * 15_000)
    [request] = await requests_of(me)
    assert sum(map(len, await words_of(request["case_id"]))) == 15_003


async def test_an_enquiry_is_not_asked_where_it_is(database: object, me: str) -> None:
    assert len(await say(me, "请问社保怎么转移")) == 1


async def test_english_is_answered_in_english_and_a_digit_changes_no_language(database: object, me: str) -> None:
    answers = await say(me, "The street light on Heping Road is out", lang="en")
    assert any(answer.startswith("We have your message. No.") for answer in answers), answers
    assert "Reply START" in (await say(me, "STOP"))[0]


async def test_an_answer_to_our_mail_goes_to_its_case_and_a_strangers_does_not(database: object) -> None:
    who = "wang@example.cn"
    await say(who, LAMP, channel="email")
    case = await one("SELECT case_id FROM request WHERE reply_index = $1", vault.reply_index("email", who))
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE outbox_message SET provider_id = '<m1@h>' WHERE case_id = $1 AND name = 'received'", case["case_id"]
        )
    await say(who, "还是不亮", channel="email", thread=("<m1@h>",), after=100)
    assert await words_of(case["case_id"]) == [LAMP, "还是不亮"]
    await say("zhao@example.cn", "丛台区也不亮", channel="email", thread=("<m1@h>",))
    assert len(await words_of(case["case_id"])) == 2


async def test_an_empty_message_and_a_lonely_digit_are_answered_or_let_be(database: object, me: str) -> None:
    assert await say(me, " ") == []
    assert await arrived(me) == ["ignored"]


async def test_a_chat_of_wechat_is_read_the_same_and_answered_there(database: object) -> None:
    who = "oCitizen0001"
    await say(who, LAMP, channel="wechat")
    row = await one(
        "SELECT r.channel, r.reply_by, c.county FROM request r JOIN cases c ON c.id = r.case_id "
        "WHERE r.reply_index = $1",
        vault.reply_index("wechat", who),
    )  # fmt: skip
    assert tuple(row) == ("wechat", "wechat", "130403")
    assert (await say(who, "还有一根也不亮", channel="wechat"))[0].startswith("2")
    await say(who, "", channel="wechat", event="unsubscribed")
    silent = await one("SELECT is_silent FROM correspondent WHERE channel = 'wechat'")
    assert silent["is_silent"] is True




async def test_a_position_with_the_words_gives_county_place_and_point(database: object) -> None:
    who = "oCitizen0002"
    await say(who, "", channel="wechat", position=Position(lat=36.6149, lon=114.4961, label="丛台公园"))
    await say(who, "路灯三天不亮", channel="wechat")
    row = await one(
        "SELECT c.county, r.words, e.data::jsonb AS data FROM request r JOIN cases c ON c.id = r.case_id "
        "JOIN case_event e ON e.case_id = c.id AND e.seq = 1 WHERE r.reply_index = $1",
        vault.reply_index("wechat", who),
    )  # fmt: skip
    assert (row["county"], row["words"]) == ("130403", "路灯三天不亮")


def test_a_point_of_wechat_is_brought_back_to_where_it_is_on_the_earth() -> None:
    lat, lon = places.on_earth(Position(lat=39.915119, lon=116.403963), "wechat")
    assert abs(lat - 39.913716) < 0.0001
    assert abs(lon - 116.397721) < 0.0001
    assert places.on_earth(Position(lat=36.6, lon=114.5), "email") == (36.6, 114.5)
