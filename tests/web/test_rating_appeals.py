"""A bad rating appealed by its unit: once, in time, decided by clean hands, annulled with all that hangs on it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from cases import ledger, verbs, verbs_visit
from hotline import clock, db, rebuild, vault
from hotline.actor import CITIZEN
from hotline.work import work
from sla import rectify_sweep
from tests import builders as b
from tests.web import house, seats

pytestmark = pytest.mark.anyio
UNIT, BELOW = "130403", "130403001"
GROUND = {"ground": "other_matter", "reason": "评的是隔壁路口", "basis": "工单 261120-00012，档案室"}


async def one(sql: str, *args: object) -> dict[str, Any]:
    async with db.reading() as connection:
        row = await connection.fetchrow(sql, *args)
    return dict(row) if row is not None else {}


async def rated(grade: str = "dissatisfied", channel: str = "web") -> str:
    number = (await b.a_case("closed")).number
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=number)
        await verbs.rate(w, file, file.first_request, grade=grade, words="根本没修", channel=channel)
    return number


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, (name, page[-3000:])
    return found[1]


async def sent(client: httpx.AsyncClient, number: str, act: str, slug: str, data: dict[str, str]) -> httpx.Response:
    here = f"/cases/{number}?act={act}"
    page = await house.get(client, here)
    given = {"rating": hidden(page, "rating"), "seq": hidden(page, "seq"), **data}
    return await house.post(client, f"/cases/{number}/{slug}", given, page=here)


async def appealed(client: httpx.AsyncClient, number: str) -> None:
    async with seats.taken(client, "unit_handler", unit=UNIT):
        answer = await sent(client, number, "rating_appeal", "rating-appeal", GROUND)
        assert answer.status_code == 303, answer.text[-2000:]


async def test_an_upheld_appeal_annuls_the_rating_ends_its_limit_and_invites_the_requester_to_rate_anew(
    client: httpx.AsyncClient,
) -> None:
    number = await rated()
    async with seats.taken(client, "unit_handler", unit="CGB"):
        assert (await client.get(f"/cases/{number}")).status_code == 404, "another unit's case"
    await appealed(client, number)
    async with seats.taken(client, "unit_handler", unit=UNIT):
        page = await house.get(client, f"/cases/{number}")
        assert "rating-appeal" not in page, "once"
        assert "待裁定" in await house.get(client, "/ratings/appeals")
    async with seats.taken(client, "auditor", unit=UNIT):
        assert "do-rating_appeal_decision" not in await house.get(client, f"/cases/{number}"), "of the unit itself"
    async with seats.taken(client, "auditor", unit="HOT"):
        assert number in await house.get(client, "/ratings/appeals")
        data = {"decision": "uphold", "reason": "评的确是另一处"}
        answer = await sent(client, number, "rating_appeal_decision", "rating-appeal-decision", data)
        assert answer.status_code == 303, answer.text[-2000:]
        assert "成立，评价作废" in await house.get(client, "/ratings/appeals?band=all")
    row = await one(
        "SELECT t.appeal_state, t.annulled_reason, r.rated_at, x.state, x.ended_at IS NOT NULL AS is_over FROM rating t"
        " JOIN request r ON r.id = t.request_id JOIN rectification x ON x.rating_id = t.id WHERE r.receipt_no = $1",
        number,
    )
    assert row == {
        "appeal_state": "upheld", "annulled_reason": "appeal", "rated_at": None, "state": "annulled", "is_over": True,
    }  # fmt: skip
    told = await one("SELECT body FROM outbox_message WHERE name = 'rate_anew'")
    assert "请您在" in vault.unseal(told["body"], "outbox")
    assert number in vault.unseal(told["body"], "outbox")
    async with seats.taken(client, "supervisor", unit="SUP"):
        assert "评价作废" in await house.get(client, f"/board/records/{UNIT}")
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=number)
        await verbs.rate(w, file, file.first_request, grade="satisfied")
    assert (await rebuild.rebuild(check=True)).names == {}


async def test_nobody_of_a_body_below_the_unit_decides_and_whoever_is_dissatisfied_anew_is_called_anew(
    client: httpx.AsyncClient,
) -> None:
    number = await rated()
    row = await one(
        "SELECT x.id FROM rectification x JOIN request r ON r.id = x.request_id WHERE r.receipt_no = $1", number
    )

    async def follow(w: Any, file: Any) -> None:
        await verbs_visit.follow(
            w, file, file.first_request, row["id"], outcome="answered", cause="policy", said="等明年的预算",
            answer="已解释",
        )  # fmt: skip

    await b.act("callback", number, follow)
    await appealed(client, number)
    data = {"decision": "uphold", "reason": "评的确是另一处"}
    async with seats.taken(client, "auditor", unit=BELOW):
        page = await house.get(client, f"/cases/{number}?act=rating_appeal_decision")
        assert "do-rating_appeal_decision" not in page
    async with seats.taken(client, "coordination", unit="GOV"):
        page = await house.get(client, f"/cases/{number}?act=rating_appeal_decision")
        assert GROUND["reason"] in page
        assert GROUND["basis"] in page
        answer = await sent(client, number, "rating_appeal_decision", "rating-appeal-decision", data)
        assert answer.status_code == 303, answer.text[-2000:]
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=number)
        await verbs.rate(w, file, file.first_request, grade="dissatisfied", channel="web")
    waits = await one(
        "SELECT count(*) FILTER (WHERE x.ended_at IS NULL) AS open, count(*) AS n FROM rectification x"
        " JOIN request r ON r.id = x.request_id WHERE r.receipt_no = $1", number,
    )  # fmt: skip
    assert waits == {"open": 1, "n": 2}


async def test_a_dismissed_appeal_leaves_the_rating_and_tells_nobody_outside(client: httpx.AsyncClient) -> None:
    number = await rated()
    await appealed(client, number)
    before = await one("SELECT count(*) AS n FROM outbox_message")
    async with seats.taken(client, "coordination", unit="GOV"):
        data = {"decision": "refuse", "reason": "证明不足"}
        answer = await sent(client, number, "rating_appeal_decision", "rating-appeal-decision", data)
        assert answer.status_code == 303
    row = await one(
        "SELECT t.appeal_state, t.annulled_at, r.final_grade FROM rating t JOIN request r ON r.id = t.request_id"
        " WHERE r.receipt_no = $1", number,
    )  # fmt: skip
    assert row == {"appeal_state": "refused", "annulled_at": None, "final_grade": "dissatisfied"}
    assert await one("SELECT count(*) AS n FROM outbox_message") == before
    async with seats.taken(client, "unit_handler", unit=UNIT):
        assert "不成立，评价照算" in await house.get(client, "/ratings/appeals?band=all")


@pytest.mark.parametrize("login", ["audit", "callback", "congtai"])
async def test_whoever_audited_visited_or_handled_it_cannot_decide(client: httpx.AsyncClient, login: str) -> None:
    from cases import verbs_rating
    from hotline.errors import Refusal

    number = await rated()
    await appealed(client, number)

    async def decide(w: Any, file: Any) -> None:
        rating = await verbs_rating.bad(w, file, next(iter(await verbs_audit_ratings(w, file))))
        await verbs_rating.decide(w, file, rating, is_upheld=True, reason="x")

    with pytest.raises(Refusal) as refusal:
        await b.act(login, number, decide)
    assert refusal.value.code == "not_separate"
    sql = "SELECT count(*) AS n FROM rating WHERE annulled_at IS NOT NULL AND appeal_state = 'open'"
    assert (await one(sql))["n"] == 0


async def verbs_audit_ratings(w: Any, file: Any) -> Any:
    from cases import verbs_audit

    return await verbs_audit.load_ratings(w, file)


async def test_a_satisfied_rating_and_one_past_its_days_are_not_appealed(client: httpx.AsyncClient) -> None:
    good, late = await rated("satisfied"), await rated()
    async with seats.taken(client, "unit_handler", unit=UNIT):
        assert "rating-appeal" not in await house.get(client, f"/cases/{good}")
        page = await house.get(client, f"/cases/{late}?act=rating_appeal")
        rating, seq = hidden(page, "rating"), hidden(page, "seq")
    with clock.at(clock.now() + timedelta(days=15)):
        async with seats.taken(client, "unit_handler", unit=UNIT):
            given = {"rating": rating, "seq": seq, **GROUND}
            answer = await house.post(client, f"/cases/{late}/rating-appeal", given, page="/preferences")
    assert answer.status_code == 409
    assert "申诉期限已过" in answer.text


async def test_the_centre_is_told_before_a_bad_rating_is_due_and_once_it_is_late_and_never_twice(
    client: httpx.AsyncClient,
) -> None:
    from channels import reminders

    number = await rated()
    due = (await one("SELECT due_at FROM rectification x JOIN request r ON r.id = x.request_id"
                     " WHERE receipt_no = $1", number))["due_at"]  # fmt: skip
    sql = "SELECT DISTINCT kind FROM staff_notice WHERE zh LIKE $1 ORDER BY kind"

    async def told() -> list[str]:
        async with db.reading() as connection:
            return [row["kind"] for row in await connection.fetch(sql, f"{number}不满意%")]

    await rectify_sweep.sweep(reminders.remind)
    assert await told() == []
    with clock.at(due - timedelta(hours=2)):
        await rectify_sweep.sweep(reminders.remind)
        assert await told() == ["rectify_soon"]
        assert await rectify_sweep.sweep(reminders.remind) == 0
    with clock.at(due + timedelta(hours=1)):
        await rectify_sweep.sweep(reminders.remind)
        assert await told() == ["rectify_late", "rectify_soon"]
        assert await rectify_sweep.sweep(reminders.remind) == 0
    with clock.at(due + timedelta(hours=1)):
        async with seats.taken(client, "callback", unit="HOT"):
            assert "超期" in await house.get(client, "/visits/ratings")
