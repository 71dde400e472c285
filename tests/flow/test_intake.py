"""Messages become cases: one bad one harms nobody, everybody hears of their number, what was chosen stands."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cases import verbs
from channels import acknowledge, intake, numbers
from channels.message import Decision, Operator
from hotline import city, clock, db, vault
from hotline.errors import Refusal, Say
from hotline.ids import new_id
from tests import builders as b

pytestmark = pytest.mark.anyio


async def one(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(sql, *args)


async def sent(number: str) -> list[str]:
    """What the holder of a receipt was sent, in the clear."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT o.body FROM outbox_message o JOIN request r ON r.id = o.request_id WHERE r.receipt_no = $1 "
            "ORDER BY o.created_at, o.id",
            number,
        )
    return [vault.unseal(row["body"], "outbox") for row in rows]


async def an_operator() -> Operator:
    who = await b.person("agent")
    return Operator(id=who.id, name=who.name, unit=who.unit, roles=tuple(who.roles))


@pytest.mark.parametrize(
    "decision",
    [
        Decision(outcome="answer", reply="周一至周五办理。"),
        Decision(outcome="transfer", target="110"),
        Decision(outcome="decline", reason="statutory_channel", channel="法院", reply="请走诉讼途径。"),
        Decision(outcome="accept", matter=""),
        Decision(outcome="decline", reason="no such reason", channel="x", reply="x"),
    ],
)
async def test_whatever_the_desk_decides_the_caller_is_sent_number_and_code(
    database: object, decision: Decision
) -> None:
    receipt = await b.a_receipt(channel="phone", operator=await an_operator(), decision=decision, matter="")
    told = await sent(receipt.number)
    assert len([text for text in told if receipt.code in text and receipt.number in text]) == 1, told


async def test_a_decision_that_fails_halfway_leaves_a_registered_case_with_its_accept_clock(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreadable(*_: object) -> None:
        raise Refusal(500, "unreadable", Say("读不了", "unreadable"))

    with monkeypatch.context() as patch:
        patch.setattr(verbs, "answer", _after(verbs.answer, unreadable))
        receipt = await b.a_receipt(
            channel="phone", operator=await an_operator(), decision=Decision(outcome="answer", reply="好。"), matter=""
        )
    row = await one(
        "SELECT c.state, c.last_seq, (SELECT count(*) FROM case_event e WHERE e.case_id = c.id) AS events, "
        "(SELECT count(*) FROM clock k WHERE k.case_id = c.id AND k.stopped_at IS NULL) AS running "
        "FROM cases c WHERE number = $1",
        receipt.number,
    )
    assert (row["state"], row["events"], row["running"]) == ("registered", row["last_seq"], 1)


def _after(verb: Any, then: Any) -> Any:
    async def both(*args: Any, **given: Any) -> None:
        await verb(*args, **given)
        await then()

    return both


async def test_when_routing_breaks_after_its_first_steps_the_dispatch_clock_still_runs(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("13800000001")

    with monkeypatch.context() as patch:
        patch.setattr(verbs, "dispatch", _after(verbs.dispatch, broken))
        receipt = await b.a_receipt(matter="020201")
    row = await one("SELECT id, state, next_stage, lead_unit FROM cases WHERE number = $1", receipt.number)
    assert (row["state"], row["next_stage"], row["lead_unit"]) == ("accepted", "dispatch", None)
    missed = await one("SELECT count(*) FROM case_event WHERE case_id = $1 AND kind = 'routing_missed'", row["id"])
    assert missed["count"] == 1
    assert any(receipt.code in text for text in await sent(receipt.number))


async def test_a_township_of_another_district_than_the_chosen_one_is_not_taken_from_the_words_of_the_place(
    database: object,
) -> None:
    snapshot = city.current()
    other = next(one for one in snapshot.townships.values() if one.county != "130403")
    county = snapshot.any_jurisdiction(other.county)
    assert county is not None
    receipt = await b.a_receipt(county="130403", place=f"{county.name_zh}{other.name_zh}", matter="")
    row = await one("SELECT county, township FROM cases WHERE number = $1", receipt.number)
    assert tuple(row) == ("130403", None)


async def test_the_township_that_was_chosen_says_whose_case_it_is(database: object) -> None:
    other = next(one for one in city.current().townships.values() if one.county != "130403")
    receipt = await b.a_receipt(county="130403", township=other.code, place="村口", matter="")
    row = await one("SELECT county, township FROM cases WHERE number = $1", receipt.number)
    assert tuple(row) == (other.county, other.code)


async def test_characters_that_no_database_takes_are_left_out_and_the_message_becomes_a_case(database: object) -> None:
    receipt = await b.a_receipt(words="路灯\x00不亮\ud800了", place="和平路\x00", name="王\x0b小明")
    row = await one("SELECT words FROM request WHERE receipt_no = $1", receipt.number)
    assert row["words"] == "路灯不亮了"


async def test_a_way_of_answering_that_nobody_knows_is_refused_before_it_is_acknowledged(database: object) -> None:
    with pytest.raises(Refusal) as refused:
        await acknowledge.acknowledge(b.a_message(reply_by="pigeon", title="x" * 501))
    assert set(refused.value.fields) == {"reply_by", "title"}


async def test_two_deliveries_of_one_message_in_the_same_breath_get_one_number(database: object) -> None:
    message = b.a_message(provider_id=str(uuid4()))
    receipts = await asyncio.gather(*(acknowledge.acknowledge(message) for _ in range(6)))
    assert len({one.number for one in receipts}) == 1
    assert sorted(one.is_repeat for one in receipts) == [False] + [True] * 5


async def test_a_client_that_hangs_up_costs_its_neighbours_nothing_and_finds_its_number_when_it_asks_again(
    database: object,
) -> None:
    message = b.a_message()
    gone = asyncio.create_task(acknowledge.acknowledge(message))
    others = [asyncio.create_task(acknowledge.acknowledge(b.a_message())) for _ in range(5)]
    await asyncio.sleep(0.002)
    gone.cancel()
    theirs = {one.number for one in await asyncio.gather(*others)}
    assert len(theirs) == 5
    again = await acknowledge.acknowledge(message)
    assert again.number not in theirs
    row = await one("SELECT count(*) FROM inbound_message WHERE provider_id = $1", message.provider_id)
    assert row["count"] == 1


async def test_numbers_taken_around_midnight_are_of_their_day_and_never_given_twice(database: object) -> None:
    today = clock.today()
    days = [today if n % 3 else today + timedelta(days=1) for n in range(240)]
    given = await asyncio.gather(*(numbers.receipt_no(day) for day in days))
    assert len(set(given)) == len(given)
    assert all(number.startswith(f"{day:%y%m%d}-") for number, day in zip(given, days, strict=True))


async def test_one_poisoned_message_among_many_is_parked_and_the_others_become_cases(
    database: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = await acknowledge.acknowledge(b.a_message(words="张三的手机是13900000009"))
    good = [await acknowledge.acknowledge(b.a_message()) for _ in range(5)]
    make = intake._make

    async def poisoned(w: Any, row: Any) -> None:
        if row.id == bad.message:
            await make(w, row)
            await w.flush()
            await w.connection.execute("UPDATE request SET reply_by = 'x' WHERE receipt_no = $1", row.receipt_no)
        await make(w, row)

    with monkeypatch.context() as patch, caplog.at_level(logging.DEBUG):
        patch.setattr(intake, "_make", poisoned)
        for _ in range(3):
            await intake.make_all()
    assert "张三" not in caplog.text
    assert "13900000009" not in caplog.text
    row = await one("SELECT state, tries FROM inbound_message WHERE id = $1", bad.message)
    assert tuple(row) == ("parked", 3)
    made = await one(
        "SELECT count(*) FROM inbound_message WHERE id = ANY($1) AND state = 'made'", [g.message for g in good]
    )
    assert made["count"] == 5


async def test_a_message_made_by_hand_and_by_the_job_at_once_is_one_case(database: object) -> None:
    receipts = [await acknowledge.acknowledge(b.a_message()) for _ in range(4)]
    await asyncio.gather(intake.make_all(), *(intake.make_one(r.message) for r in receipts), intake.make_all())
    row = await one(
        "SELECT count(*), count(DISTINCT case_id) AS cases FROM request WHERE receipt_no = ANY($1)",
        [r.number for r in receipts],
    )
    assert tuple(row) == (4, 4)


async def test_a_message_takes_along_only_files_that_are_nobody_elses(database: object) -> None:
    theirs = await b.a_receipt()
    case = await one("SELECT case_id, id FROM request WHERE receipt_no = $1", theirs.number)
    file = new_id()
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO attachment (id, subject_kind, subject_id, case_id, name, media_type, size, sha256, "
            "has_metadata, audience, created_at, created_by) "
            "VALUES ($1, 'request', $2, $3, 'a.png', 'image/png', 1, $4, FALSE, 'requester', $5, $2)",
            file, case["id"], case["case_id"], bytes(32), clock.now(),
        )  # fmt: skip
    await b.a_receipt(attachments=(file,))
    row = await one("SELECT case_id FROM attachment WHERE id = $1", file)
    assert row["case_id"] == case["case_id"]


