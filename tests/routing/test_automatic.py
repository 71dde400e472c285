"""Online cases above the threshold go straight to the unit; the others wait with what the model thought of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec
import pytest

from cases import verbs, verbs_route
from hotline import city, db, rebuild, worker
from hotline.actor import SYSTEM_ID
from hotline.errors import Refusal
from routing import automatic, guess
from routing.guess import Guess, Suggestion
from tests import builders as b

pytestmark = pytest.mark.anyio


class Fake:
    """A model that says what it is told, sure or not."""

    def __init__(self, matter: str = "020201", probability: float = 0.97, *, is_sure: bool = True) -> None:
        self.said = Suggestion(
            ranked=(Guess(matter, probability, ("路灯",)), Guess("020202", 0.02)), is_sure=is_sure, model="v7"
        )

    def suggest(self, words: str, *, most: int = guess.MOST) -> Suggestion:  # noqa: ARG002 - as models are asked
        """The same to everybody."""
        return self.said


@pytest.fixture
def model() -> Iterator[Fake]:
    """A sure model, in place for the test."""
    one = Fake()
    guess.use(one)
    yield one
    guess.use(None)


@pytest.fixture(autouse=True)
async def _switched_on(database: object) -> None:
    """The city lets the system accept."""
    await db.pool().execute("UPDATE rule SET value = '1' WHERE key = 'accept.automatic'")
    await city.refresh()


_PHONES = count(13_700_000_001)


async def a_receipt(**change: Any) -> Any:
    """A message of somebody who never wrote before."""
    return await b.a_receipt(**{"phone": str(next(_PHONES)), **change})


async def case_of(number: str) -> Any:
    """The case's row."""
    return await db.pool().fetchrow("SELECT * FROM cases WHERE number = $1", number)


async def events_of(number: str) -> dict[str, Any]:
    """The last event of each kind, by kind."""
    rows = await db.pool().fetch(
        "SELECT e.kind, e.data FROM case_event e JOIN cases c ON c.id = e.case_id WHERE c.number = $1 ORDER BY e.seq",
        number,
    )
    return {row["kind"]: msgspec.json.decode(row["data"]) for row in rows}


@pytest.mark.usefixtures("model")
async def test_above_the_threshold_the_case_goes_straight_to_its_unit_and_the_record_names_the_model() -> None:
    receipt = await a_receipt(channel="web", matter="")
    assert (await case_of(receipt.number))["state"] == "registered"
    assert await worker.accept_online({}) == 1
    case = await case_of(receipt.number)
    assert (case["state"], case["matter"], case["lead_unit"]) == ("active", "020201", "130403")
    assert case["accepted_by"] == SYSTEM_ID
    said = await events_of(receipt.number)
    assert said["accepted"]["decided_by"] == "model:v7"
    assert said["dispatched"]["basis"] == "catalogue:TERR"
    assert said["weighed"]["guesses"][0] == {"matter": "020201", "percent": 97}
    told = await db.pool().fetchval(
        "SELECT count(*) FROM outbox_message WHERE case_id = $1 AND key LIKE '%dispatched%'", case["id"]
    )
    assert told == 1
    assert await automatic.accept_waiting() == 0
    assert not await automatic.weigh(case["id"])


@pytest.mark.parametrize(("change", "reason"), [
    ({"kind": "report"}, "report"), ({"is_confidential": True}, "report"),
    ({"kind": "complaint", "about_unit": "CGB"}, "about_unit"), ({"is_minor": True}, "protected"),
    ({"is_investigation": True}, "protected"), ({"urgency": "urgent"}, "urgent"), ({"kind": "enquiry"}, "enquiry"),
    ({"words": "路灯坏了去找，工作人员态度恶劣。"}, "about_unit"),
    ({"words": "村里有人贪污修路灯的钱。"}, "about_unit"),
    ({"kind": "complaint", "words": "教育局不管校门口的路灯。"}, "about_unit"),
    ({"county": "", "place": "", "words": "路灯不亮。"}, "no_place"), ({"words": "再不修路灯我就跳楼。"}, "risk"),
])  # fmt: skip
async def test_what_a_person_must_see_first_waits_though_the_model_is_sure(
    model: Fake, change: dict[str, Any], reason: str
) -> None:
    receipt = await a_receipt(**{"matter": "", **change})
    assert await automatic.accept_waiting() == 0
    assert (await case_of(receipt.number))["state"] == "registered"
    assert (await events_of(receipt.number))["weighed"]["reason"] == reason


async def test_below_the_threshold_it_waits_and_is_weighed_only_once(model: Fake) -> None:
    guess.use(Fake(probability=0.5, is_sure=False))
    receipt = await a_receipt(matter="")
    assert await automatic.accept_waiting() == 0
    seq = (await case_of(receipt.number))["last_seq"]
    assert (await events_of(receipt.number))["weighed"]["reason"] == "unsure"
    guess.use(Fake())
    assert await automatic.accept_waiting() == 0
    assert (await case_of(receipt.number))["last_seq"] == seq


async def test_a_matter_that_needs_no_place_is_accepted_without_and_words_may_name_the_place(model: Fake) -> None:
    everywhere = next(code for code, one in city.current().matters.items() if one.route == "FUNC")
    guess.use(Fake(everywhere))
    receipt = await a_receipt(matter="", county="", place="", words="问题一直没有解决。")
    assert await automatic.accept_waiting() == 1
    assert (await case_of(receipt.number))["state"] == "active"
    guess.use(Fake())
    receipt = await a_receipt(matter="", county="", place="", words="邯郸市丛台区联防街道的路灯不亮。")
    assert await automatic.accept_waiting() == 1
    case = await case_of(receipt.number)
    assert (case["county"], case["lead_unit"]) == ("130403", "130403")


async def test_the_present_is_what_the_ledger_says_of_weighed_cases_and_matters_put_right(model: Fake) -> None:
    taken, left = await a_receipt(matter=""), await a_receipt(matter="", kind="enquiry")
    assert await automatic.accept_waiting() == 1
    await b.act("dispatcher", taken.number, verbs_route.correct_matter, matter="020205")
    assert (await case_of(left.number))["is_weighed"]
    assert (await rebuild.rebuild(check=True)).different == 0


async def test_without_a_model_or_with_the_rule_off_nothing_is_touched(database: object) -> None:
    receipt = await a_receipt(matter="")
    assert await automatic.accept_waiting() == 0
    guess.use(Fake())
    try:
        await db.pool().execute("UPDATE rule SET value = '0' WHERE key = 'accept.automatic'")
        await city.refresh()
        assert await automatic.accept_waiting() == 0
    finally:
        guess.use(None)
    assert not (await case_of(receipt.number))["is_weighed"]


async def test_whoever_has_an_open_case_like_it_is_not_sent_to_a_unit_twice(model: Fake) -> None:
    await automatic.accept_waiting()
    first = await a_receipt(matter="", phone="13600000077")
    assert await automatic.accept_waiting() == 1
    again = await a_receipt(matter="", phone="13600000077", words="路灯还是不亮。")
    assert await automatic.accept_waiting() == 0
    assert (await events_of(again.number))["weighed"]["reason"] == "look_alike"
    guess.use(Fake("020205"))
    other = await a_receipt(matter="", phone="13600000078")
    assert await automatic.accept_waiting() == 1
    assert (await case_of(first.number))["state"] == (await case_of(other.number))["state"] == "active"


async def test_an_agent_and_the_job_at_once_accept_it_once_and_neither_breaks(model: Fake) -> None:
    for _ in range(4):
        receipt = await a_receipt(matter="")
        case = await case_of(receipt.number)
        done = await asyncio.gather(
            automatic.weigh(case["id"]), automatic.weigh(case["id"]),
            b.act("agent", receipt.number, verbs.accept, matter="020202", county="130403"), return_exceptions=True,
        )  # fmt: skip
        assert not [one for one in done if isinstance(one, Exception) and not isinstance(one, Refusal)], done
        rows = await db.pool().fetch("SELECT kind FROM case_event WHERE case_id = $1", case["id"])
        kinds = [row["kind"] for row in rows]
        assert kinds.count("accepted") == kinds.count("dispatched") == 1
        assert done.count(True) + (not isinstance(done[2], Exception)) == 1
