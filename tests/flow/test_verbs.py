"""The whole loop by verbs, on the real database: a citizen's words become a case and the case reaches its end."""

from __future__ import annotations

import pytest

from cases import ledger, verbs
from hotline import clock, db
from hotline.actor import SYSTEM
from hotline.errors import Refusal
from hotline.work import work
from tests import builders as b

pytestmark = pytest.mark.anyio


async def test_a_message_with_matter_and_district_is_accepted_and_dispatched_by_the_catalogue(database: object) -> None:
    receipt = await b.a_case("dispatched")
    async with work(SYSTEM) as w:
        file = await ledger.opened(w, number=receipt.number)
    assert file.case.state == "active"
    assert file.case.lead_unit == "130403"
    assert file.case.next_due is not None


async def test_a_case_goes_through_the_whole_loop(database: object) -> None:
    receipt = await b.a_case("closed")
    async with db.reading() as connection:
        state = await connection.fetchval("SELECT state FROM cases WHERE number = $1", receipt.number)
        kinds = [
            r["kind"]
            for r in await connection.fetch(
                "SELECT e.kind FROM case_event e JOIN cases c ON c.id = e.case_id WHERE number = $1 ORDER BY seq",
                receipt.number,
            )
        ]
    assert state == "closed", kinds
    assert kinds == [
        "registered",
        "promised",
        "accepted",
        "promised",
        "dispatched",
        "promised",
        "signed",
        "contacted",
        "handled",
        "promised",
        "approved",
        "promised",
        "visited",
        "closed",
    ]


async def test_the_same_message_delivered_twice_makes_one_case(database: object) -> None:
    first = await b.a_receipt(provider_id="twice")
    second = await b.a_receipt(provider_id="twice")
    assert (second.number, second.is_repeat) == (first.number, True)


async def test_the_handler_cannot_close_and_the_refusal_says_so(database: object) -> None:
    receipt = await b.a_case("visited")
    with pytest.raises(Refusal) as refused:
        await b.act("congtai", receipt.number, verbs.close)
    assert refused.value.code == "closer_role"
    assert clock.now() is not None
