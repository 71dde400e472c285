"""The story of one text: signed in, a case, a receipt out, a unit's work, the return visit, and a grade by reply.

A real web process and a real worker; Twilio is the stand-in, which signs, repeats and reports as the real one does.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio
import pytest

from cases import verbs
from hotline import db
from hotline.simulate.standin import StandIn
from tests import builders as b
from tests import engines as stage
from tests import standins

pytestmark = pytest.mark.anyio
PUBLIC = "https://12345.example.cn"
ME = "13800005555"
LAMP = "丛台区和平路与陵西大街口的路灯三天不亮，晚上过马路看不清。"


@pytest.fixture(scope="module")
async def twilio(database: Any) -> AsyncIterator[StandIn]:
    """A served hotline with a worker, and the Twilio that calls it."""
    async with standins.opened(public=PUBLIC) as standin:
        environment = {**database.environment, **standin.environment(), "HOTLINE_PUBLIC_URL": PUBLIC}
        with stage.served(environment, database.settings.data_dir / "served.log") as address:
            standin.hotline = address
            yield standin


async def until(what: Callable[[], Awaitable[bool]] | Callable[[], bool], seconds: float = 30) -> None:
    """Wait for the worker, bounded."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found is True or (found is not False and await found):
            return
        assert time.monotonic() < end, "the worker did not do it in time"
        await anyio.sleep(0.2)


async def one(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(sql, *args)


@pytest.mark.requirement("004-04")
async def test_a_text_becomes_a_case_and_its_writer_grades_the_work_by_reply(twilio: StandIn) -> None:
    def told(words: str) -> list[str]:
        return [text for text in twilio.twilio.texts_to(ME) if words in text]

    answers = await twilio.twilio.text(ME, LAMP, times=3, together=True)
    assert {answer.status for answer in answers} == {200}
    assert {answer.text for answer in answers} == {answers[0].text}
    await until(lambda: bool(told("查询码")))
    found = re.search(r"编号(\d{6}-\d{5})，查询码(\d{6})", told("查询码")[0])
    assert found
    number = found[1]
    count = await one("SELECT count(*) AS n FROM request WHERE words = $1", LAMP)
    assert count["n"] == 1

    await b.act("agent", number, verbs.accept, matter="020201", county="130403", place="和平路与陵西大街口")
    waits = await one("SELECT count(*) AS n FROM outbox_message WHERE name = 'dispatched'")
    assert waits["n"] == 1, "it may wait for the end of the quiet hours"
    await twilio.twilio.text(ME, "第二根灯杆也不亮")
    await until(lambda: bool(told("补充已收到")))

    await b.act("congtai", number, verbs.sign, b.lead)
    await twilio.twilio.text(ME, number)
    await until(lambda: bool(told("办理中")))
    await b.act("congtai", number, verbs.contact, b.lead, way="phone")
    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", number, verbs.approve)
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=True)
    await b.act("callback", number, verbs.close)

    await twilio.twilio.text(ME, "１")
    await until(lambda: bool(told("谢谢您的评价")))
    rating = await one(
        "SELECT t.grade, t.channel, t.raw_grade FROM rating t JOIN request r ON r.id = t.request_id "
        "WHERE r.receipt_no = $1", number,
    )  # fmt: skip
    assert tuple(rating) == ("satisfied", "sms", "1")
    await twilio.twilio.text(ME, "4")
    await until(lambda: bool(told("已经评价过")))

    async def all_delivered() -> bool:
        row = await one(
            "SELECT count(*) FILTER (WHERE o.state <> 'delivered') AS left FROM outbox_message o "
            "JOIN request r ON r.case_id = o.case_id WHERE r.receipt_no = $1 AND o.state <> 'queued'", number,
        )  # fmt: skip
        return bool(row["left"] == 0)

    await until(all_delivered)


async def test_a_picture_that_came_with_a_text_stands_with_the_request(twilio: StandIn) -> None:
    who = "13800005556"
    await twilio.twilio.text(who, "丛台区人民路井盖破了", media=(standins.a_picture(),))

    async def kept() -> bool:
        row = await one("SELECT state, attachment_id FROM medium ORDER BY created_at DESC LIMIT 1")
        return row is not None and row["state"] == "kept"

    await until(kept)


async def test_who_said_stop_is_written_to_no_more(twilio: StandIn) -> None:
    who = "13800005557"
    await twilio.twilio.text(who, "丛台区路灯不亮")
    await until(lambda: bool(twilio.twilio.texts_to(who)))
    await twilio.twilio.text(who, "STOP")

    async def silent() -> bool:
        row = await one("SELECT count(*) AS n FROM correspondent WHERE is_silent")
        return bool(row["n"])

    await until(silent)
    before = len(twilio.twilio.texts_to(who))
    await twilio.twilio.text(who, "还没修好")

    async def held_back() -> bool:
        return await one("SELECT 1 FROM outbox_message WHERE name = 'words_received' AND state = 'dropped'") is not None

    await until(held_back)
    assert len(twilio.twilio.texts_to(who)) <= before + 1, "at most the one word that it is so"
