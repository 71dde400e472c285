"""A chat as it is read: greetings make no case, buttons show one's own, reports move templates, blocked is silent."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from channels import arrivals, heard, notify, outbox, reading, spool, wechat_prompts, wechat_status, wechat_xml
from channels.heard import Heard, Position
from hotline import clock, db, vault
from hotline.actor import SYSTEM
from hotline.work import work
from tests import builders as b

pytestmark = pytest.mark.anyio
LAMP = "丛台区和平路与陵西大街口的路灯三天不亮，晚上看不清。"
_numbers = itertools.count(23_500_000_000_000_001)


@pytest.fixture
def me() -> str:
    """An openid that nobody wrote from yet."""
    return f"o{uuid4().hex}"


def message(who: str, words: str = "", **more: Any) -> Heard:
    """One message or event of theirs, now."""
    return Heard(
        channel="wechat", provider_id=str(next(_numbers)), sender=who, at=clock.now(), to="gh_961890", words=words,
        **more,
    )  # fmt: skip


async def say(one: Heard) -> tuple[str, list[str]]:
    """It arrives and is read: what is answered at once, and what goes out after it."""
    since = clock.now()
    reply = wechat_prompts.reply(one)
    await arrivals.store(one, reply=reply)
    await reading.read_all()
    rows = await db.pool().fetch("SELECT address, body FROM outbox_message WHERE created_at >= $1 ORDER BY id", since)
    mine = [row for row in rows if vault.unseal(row["address"], "outbox") == one.sender]
    return reply, [vault.unseal(row["body"], "outbox") for row in mine]


async def requests_of(who: str) -> list[Any]:
    """Their requests, oldest first."""
    sql = "SELECT * FROM request WHERE reply_index = ANY($1) ORDER BY filed_at"
    return list(await db.pool().fetch(sql, vault.reply_indexes("wechat", who)))


async def outcomes_of(who: str) -> list[str]:
    """What each of their messages was."""
    sql = "SELECT outcome FROM arrival WHERE sender = $1 ORDER BY received_at, id"
    return [row["outcome"] for row in await db.pool().fetch(sql, vault.reply_index("wechat", who))]


async def test_greetings_help_and_stickers_are_answered_at_once_and_make_no_case(me: str, database: object) -> None:
    for words in ("你好", "您好！", "在吗？", "帮助", "HELP", "？", ""):
        reply, later = await say(message(me, words))
        assert reply, words
        assert later == []
    assert await requests_of(me) == []
    assert await outcomes_of(me) == ["ignored"] * 7


async def test_words_that_only_begin_with_a_greeting_are_words(me: str, database: object) -> None:
    reply, later = await say(message(me, f"您好，{LAMP}"))
    assert reply == ""
    (request,) = await requests_of(me)
    assert any(request["receipt_no"] in one for one in later)
    assert vault.unseal(request["reply_to"], "case_text.reply_to") == me


async def test_looking_up_shows_ones_own_and_asks_a_stranger_for_number_and_code(me: str, database: object) -> None:
    button = {"event": heard.MENU, "key": wechat_prompts.TRACK}
    for given in ({"words": "查进度"}, button):
        reply, later = await say(message(me, **given))
        assert "编号和查询码" in reply
        assert later == []
    await say(message(me, LAMP))
    (request,) = await requests_of(me)
    for given in ({"words": "查询"}, button):
        reply, later = await say(message(me, **given))
        assert "编号和查询码" in reply
        assert len(later) == 1
        assert later[0].startswith(request["receipt_no"])


async def test_the_button_for_rating_names_what_can_be_rated_now(me: str, database: object) -> None:
    button = {"event": heard.MENU, "key": wechat_prompts.RATE}
    reply, later = await say(message(me, **button))
    assert "1 满意" in reply
    assert later == []
    receipt = await b.a_case(channel="wechat", reply_by="wechat", reply_to=me, provider_id=str(next(_numbers)))
    _, later = await say(message(me, **button))
    assert len(later) == 1
    assert receipt.number in later[0]
    await say(message(me, "1"))
    assert (await requests_of(me))[0]["first_grade"] == "satisfied"
    _, later = await say(message(me, **button))
    assert later == []


async def test_a_grade_twice_late_or_of_another_s_request_is_no_rating(me: str, database: object) -> None:
    async def filed(who: str) -> str:
        given = {"channel": "wechat", "reply_by": "wechat", "reply_to": who, "phone": ""}
        return (await b.a_case(provider_id=str(next(_numbers)), **given)).number

    mine, stranger = await filed(me), f"o{uuid4().hex}"
    await say(message(stranger, f"{mine} 4"))
    assert await requests_of(stranger) == [] or (await requests_of(stranger))[0]["rated_at"] is None
    assert "谢谢您的评价" in (await say(message(me, "1")))[1][0]
    assert "已经评价过" in (await say(message(me, "4")))[1][0]
    late = f"o{uuid4().hex}"
    number = await filed(late)
    with clock.at(clock.now() + timedelta(days=31)):
        assert "评价期已过" in (await say(message(late, "1")))[1][0]
    rows = await db.pool().fetch(
        "SELECT r.receipt_no, t.grade FROM rating t JOIN request r ON r.id = t.request_id WHERE r.receipt_no = ANY($1)",
        [mine, number],
    )
    assert [tuple(row) for row in rows] == [(mine, "satisfied")]


async def test_a_position_goes_with_what_was_just_filed(me: str, database: object) -> None:
    await say(message(me, "路灯三天不亮，晚上看不清。"))
    await say(message(me, position=Position(lat=36.61, lon=114.49, label="丛台路 1 号")))
    (request,) = await requests_of(me)
    sql = "SELECT value FROM case_text WHERE case_id = $1 AND field = 'words' ORDER BY seq"
    words = [row["value"] for row in await db.pool().fetch(sql, request["case_id"])]
    assert any("丛台路 1 号" in one for one in words[1:])


async def test_who_unsubscribes_is_silent_and_who_comes_back_is_not(me: str, database: object) -> None:
    sql = "SELECT is_silent FROM correspondent WHERE address_index = ANY($1)"
    for event, is_silent in ((heard.SUBSCRIBED, False), (heard.UNSUBSCRIBED, True), (heard.SUBSCRIBED, False)):
        reply, later = await say(message(me, event=event))
        assert (reply != "") == (event == heard.SUBSCRIBED)
        assert later == []
        assert await db.pool().fetchval(sql, vault.reply_indexes("wechat", me)) is is_silent


async def sent(who: str, provider_id: str) -> Any:
    """A template message that WeChat took under this id; the row's id."""
    async with work(SYSTEM) as w:
        row = notify.tell(w, channel="wechat", address=who, name="words_received", number="261122-00417")
    await db.pool().execute(
        "UPDATE outbox_message SET state = 'sent', provider_id = $2, next_at = NULL WHERE id = $1", row.id, provider_id
    )
    return row.id


def report(who: str, provider_id: str, status: str) -> Heard:
    """What WeChat says became of it, as its XML says it."""
    fields = {
        "ToUserName": "gh_961890", "FromUserName": who, "CreateTime": str(int(clock.now().timestamp())),
        "MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": provider_id, "Status": status,
    }  # fmt: skip
    return wechat_xml.read(fields)


@pytest.mark.parametrize(
    ("status", "state", "is_silent"),
    [("success", "delivered", None), ("failed:user block", "failed", True), ("failed: system failed", "failed", None)],
)
async def test_a_report_moves_its_template_and_a_block_silences(
    me: str, database: object, status: str, state: str, is_silent: bool | None
) -> None:
    number = str(next(_numbers))
    row, one = await sent(me, number), report(me, number, status)
    assert wechat_status.is_status(one)
    await wechat_status.take(one)
    await wechat_status.take(one)
    found = await db.pool().fetchrow("SELECT state, error FROM outbox_message WHERE id = $1", row)
    assert found["state"] == state
    sql = "SELECT is_silent FROM correspondent WHERE address_index = ANY($1)"
    assert await db.pool().fetchval(sql, vault.reply_indexes("wechat", me)) is is_silent
    assert await outcomes_of(me) == []


async def test_a_report_waits_in_the_spool_while_postgresql_is_away(
    me: str, database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = str(next(_numbers))
    row = await sent(me, number)

    async def away(*_: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "status", away)
        await wechat_status.take(report(me, number, "success"))
    arrivals._away_until = 0.0
    assert await db.pool().fetchval("SELECT state FROM outbox_message WHERE id = $1", row) == "sent"
    await spool.drain()
    assert await db.pool().fetchval("SELECT state FROM outbox_message WHERE id = $1", row) == "delivered"


async def test_every_message_of_theirs_opens_the_window_anew(me: str, database: object) -> None:
    from channels import wechat_window

    await say(message(me, LAMP))
    for _ in range(wechat_window.MOST):
        assert await wechat_window.is_open(me)
        await wechat_window.spent(me)
    assert not await wechat_window.is_open(me)
    await say(message(me, "就在路口东北角。"))
    assert await wechat_window.is_open(me)
    with clock.at(clock.now() + timedelta(hours=48)):
        assert not await wechat_window.is_open(me)


def test_every_prompt_has_both_languages_and_fits() -> None:
    for key in wechat_prompts.PROMPTS:
        reply = wechat_prompts.reply(message("o1", event=heard.MENU, key=key))
        assert len(reply.encode()) <= wechat_xml.LONGEST
        assert not reply.endswith("…")
        assert reply.rpartition("\n")[2].isascii() or key == wechat_prompts.ENQUIRE
    assert wechat_prompts.reply(message("o1", event=heard.MENU, key="of an older menu")) == ""
    assert wechat_prompts.reply(message("o1", event=heard.UNSUBSCRIBED)) == ""
