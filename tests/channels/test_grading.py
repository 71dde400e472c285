"""Ratings by the keys of a telephone, those that do not count, and that nothing counts one twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from cases import ledger, ratings
from channels import arrivals, grading, phones, reading, voice
from channels import voice_texts as texts
from channels.heard import Heard
from channels.phones import Script
from hotline import clock, db, rebuild
from hotline.actor import SYSTEM
from hotline.work import work
from tests import builders as b

pytestmark = [pytest.mark.usefixtures("database")]
THEIRS, OTHERS = "13800000061", "13800000062"


async def spoken(caller: str) -> UUID:
    """A call of this number that an agent has spoken."""
    arriving = voice.Arriving(provider_id=f"CA{uuid4().hex}", caller=f"+86{caller}", dialled="+8631012345")
    call = (await voice.arrived(arriving)).call
    assert call is not None
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE call SET state = 'talking', queued_at = $2, answered_at = $2 WHERE id = $1", call, clock.now()
        )
    return call


async def left(caller: str) -> tuple[UUID, Script]:
    """What they hear once the agent has hung up."""
    call = await spoken(caller)
    return call, await voice.left(call, "bridged")


async def given(number: str) -> list[tuple[str, str, str]]:
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT t.grade, t.raw_grade, t.channel FROM rating t JOIN request r ON r.id = t.request_id"
            " WHERE r.receipt_no = $1 ORDER BY t.at", number,
        )  # fmt: skip
    return [tuple(row) for row in rows]


@pytest.mark.requirement("004-10")
async def test_a_key_after_the_talk_rates_what_was_closed_once_and_only_from_the_number_it_was_filed_with() -> None:
    number = (await b.a_case("closed", phone=THEIRS)).number
    call, asked = await left(THEIRS)
    assert asked.then == phones.ASK
    assert texts.spoken(number.replace("-", "")) in asked.says[0]
    request = UUID(asked.more)
    stranger, script = await left(OTHERS)
    assert script.then == phones.HANG_UP, "nothing of theirs waits for a grade"
    assert await grading.graded(stranger, request, "1") == Script(says=(texts.GOODBYE.zh,))
    assert await grading.graded(call, request, "9") == Script(says=(texts.GRADE_NONE.zh,))
    assert await given(number) == []
    assert await grading.graded(call, request, "4") == Script(says=(texts.GRADED.zh,))
    assert await grading.graded(call, request, "1") == Script(says=(texts.GRADE_BEFORE.zh,))
    assert await given(number) == [("dissatisfied", "4", "voice")]
    assert (await left(THEIRS))[1].then == phones.HANG_UP, "it is asked for once"


async def test_a_key_pressed_once_the_days_are_over_is_no_grade_and_nobody_is_asked_any_more() -> None:
    number = (await b.a_case("closed", phone="13800000063")).number
    call, asked = await left("13800000063")
    with clock.at(clock.now() + timedelta(days=31)):
        assert await grading.graded(call, UUID(asked.more), "1") == Script(says=(texts.GRADE_LATE.zh,))
        assert (await left("13800000063"))[1].then == phones.HANG_UP
    assert await given(number) == []


@pytest.mark.requirement("004-11")
async def test_nothing_that_runs_again_counts_a_rating_twice() -> None:
    receipt = await b.a_case("closed", phone="13800000064")
    heard = Heard(
        channel="sms", provider_id=f"SM{uuid4().hex}", sender="13800000064", at=clock.now(), words="3", to="12345"
    )
    for _ in range(3):  # a provider that repeats itself
        await arrivals.store(heard)
        await reading.read_all()
    async with work(SYSTEM) as w:  # a reaction that runs again
        file = await ledger.opened(w, number=receipt.number)
        await ratings.on_closed(w, file, (await ledger.entries(w.connection, file.case.id))[-1])
    assert (await rebuild.rebuild(check=False)).names == {}
    assert await given(receipt.number) == [("neutral", "3", "sms")]
    async with db.reading() as connection:
        records = await connection.fetch(
            "SELECT s.grade, s.cause_id = t.id AS is_its FROM supervision_record s"
            " JOIN rating t ON t.case_id = s.case_id WHERE s.case_id = $1 AND s.cause = 'rating'", file.case.id,
        )  # fmt: skip
    assert [tuple(row) for row in records] == [("neutral", True)]
