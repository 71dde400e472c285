"""Return visits from the first call to the last word: rework, supervision order, rating by SMS, sampling, reopening."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from cases import ledger, rectify, verbs, verbs_audit, verbs_pause, verbs_visit, visit_figures, visit_policy, visits
from cases.events_visit import Draw
from channels import arrivals, reading
from channels.heard import Heard
from hotline import city, clock, db, rebuild
from hotline.actor import CITIZEN
from hotline.errors import Refusal
from hotline.work import work
from sla import calendar, supervision
from tests import builders as b

pytestmark = pytest.mark.anyio


async def rows(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


async def refused(code: str, call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    assert caught.value.code == code, caught.value
    return caught.value


async def reopen(login: str, number: str, unit: str = "130403", **given: Any) -> Any:
    async def verb(w: Any, file: Any) -> None:
        share = next(one for one in file.assignments.values() if one.unit == unit)
        await verbs_visit.reopen(w, file, assignment=share, **{"reason": "灯第二天又灭了", "cause": "rating", **given})

    return await b.act(login, number, verb)


async def test_a_closed_case_is_reopened_with_a_new_clock_and_a_count_and_closed_again(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    await b.act("dispatcher", number, verbs.add_co_handler, unit="CGB", profile="STD5")
    for login in ("cgb", "congtai"):
        unit = {"cgb": "CGB", "congtai": "130403"}[login]
        await b.act(login, number, verbs.sign, lambda f, u=unit: f.assignment_of(u))
        await b.act(login, number, verbs.handle, lambda f, u=unit: f.assignment_of(u), **b.HANDLED)
    await b.act("audit", number, verbs.approve)
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=True)
    await refused("impossible_move", reopen("audit", number))
    await b.act("callback", number, verbs.close)

    await refused("reopen_role", reopen("callback", number))
    await refused("text_missing", reopen("audit", number, reason=""))
    await refused("invalid", reopen("audit", number, cause="mood"))
    file = await reopen("audit", number)
    case = file.case
    assert (case.state, case.rework_count, case.closed_at, case.is_open) == ("rework", 1, None, True)
    assert {one.unit: one.state for one in file.live} == {"CGB": "handled", "130403": "in_progress"}
    running = await rows("SELECT stage, unit FROM clock WHERE case_id = $1 AND stopped_at IS NULL", file.case.id)
    assert {(row["stage"], row["unit"]) for row in running} == {("finish", "130403"), ("first_contact", "130403")}
    await refused("impossible_move", reopen("audit", number))

    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", number, verbs.approve)
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=True)
    file = await b.act("callback", number, verbs.close)
    assert file.case.state == "closed"
    assert (await rebuild.rebuild(check=True)).names == {}


def own(number: str) -> Any:
    return rows(
        "SELECT state, exempt_by, first_grade, final_grade, cause, visit_channel FROM request WHERE receipt_no = $1",
        number,
    )


UNHAPPY = {"was_contacted": True, "is_solved": False, "grade": "dissatisfied"}


async def test_dissatisfied_through_the_units_own_doing_again_after_the_rework_ends_in_a_supervision_order(
    database: object,
) -> None:
    number = (await b.a_case("callback")).number
    for again in (False, True):
        await b.act("callback", number, verbs.visit, b.request, cause="attitude", **{**UNHAPPY, "is_solved": True})
        await refused("own_fault", b.act("callback", number, verbs.close))
        file = await b.act("callback", number, verbs.rework, b.request, b.lead, reason="又吵了一架", profile="STD5")
        orders = await rows("SELECT rule, unit FROM supervision_order WHERE case_id = $1", file.case.id)
        assert orders == ([{"rule": "rework_dissatisfied", "unit": "130403"}] if again else [])
        await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED)
        await b.act("audit", number, verbs.approve)
    assert (file.case.rework_count, file.lead.round) == (2, 3)
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=True, grade="satisfied")
    await b.act("coord", number, verbs.close)  # the order is in force: the supervision side closes
    (found,) = await own(number)
    assert (found["first_grade"], found["final_grade"]) == ("dissatisfied", "satisfied")
    assert (await rebuild.rebuild(check=True)).names == {}


async def test_what_lies_in_nobodys_power_is_explained_and_closed_without_rework(database: object) -> None:
    number = (await b.a_case("callback")).number
    await b.act("callback", number, verbs.visit, b.request, cause="policy", **UNHAPPY)
    await refused("unsolved", b.act("callback", number, verbs.close))
    file = await b.act("callback", number, verbs.close, reason="explained")
    assert (file.case.state, file.case.rework_count, file.case.close_reason) == ("closed", 0, "explained")
    (found,) = await own(number)
    assert (found["final_grade"], found["cause"]) == ("dissatisfied", "policy")
    waiting = "SELECT count(*) AS n FROM rectification WHERE case_id = $1"
    assert (await rows(waiting, file.case.id))[0]["n"] == 0  # the visit has looked into it already


async def test_the_visit_of_a_plan_is_due_when_the_plan_is_looked_at_again(database: object) -> None:
    number = (await b.a_case("signed")).number
    await b.act("congtai", number, verbs.handle, b.lead, **{**b.HANDLED, "result": "planned", "is_solved": False})
    await b.act("audit", number, verbs.approve)
    day = clock.on(clock.today() + timedelta(days=90), 10)
    file = await b.act("callback", number, verbs.miss_visit, b.request, next_at=day, outcome="later")
    clocks = await rows("SELECT started_at, outcome FROM clock WHERE case_id = $1 AND stage = 'visit'", file.case.id)
    assert sorted((row["outcome"], row["started_at"] == day) for row in clocks if row["outcome"]) == [("void", False)]
    assert [row["started_at"] for row in clocks if row["outcome"] is None] == [day]


async def test_the_visit_of_a_suspended_plan_waits_by_itself_for_the_review_date_that_the_city_approved(
    database: object,
) -> None:
    number = (await b.a_case("signed")).number
    review = clock.on(clock.today() + timedelta(days=40), 18)
    plan = {"reason": "资金未到位", "plan": "列入明年改造"}
    await b.act("congtai", number, verbs_pause.ask_suspension, b.lead, review=review, **plan)
    await b.act("coord", number, verbs_pause.suspend, b.lead, review=review, reason="同意")
    await b.act("congtai", number, verbs.handle, b.lead, **{**b.HANDLED, "result": "planned", "is_solved": False})
    file = await b.act("audit", number, verbs.approve)
    (visit,) = await rows("SELECT started_at, due_at FROM clock WHERE case_id = $1 AND stage = 'visit'", file.case.id)
    assert visit["started_at"] == review
    assert visit["due_at"] > review
    caller = await b.person("callback")
    async with db.reading() as connection:
        assert number not in {one.number for one in await visits.listed(connection, caller, "now")}
        (later,) = [one for one in await visits.listed(connection, caller, "later") if one.number == number]
        with clock.at(review + timedelta(minutes=1)):
            assert number in {one.number for one in await visits.listed(connection, caller, "now")}
    assert later.next_at == review
    assert (await rebuild.rebuild(check=True)).names == {}


async def test_a_cause_recorded_as_the_units_own_is_decided_anew_above_only(database: object) -> None:
    number = (await b.a_case("callback")).number
    await b.act("callback", number, verbs.visit, b.request, cause="slow", **UNHAPPY)
    anew = {"cause": "policy", "reason": "听录音，是政策的事"}
    await refused("cause_stands", b.act("callback", number, verbs_visit.set_cause, b.request, **anew))
    await b.act("audit", number, verbs_visit.set_cause, b.request, **anew)
    await b.act("callback", number, verbs.close, reason="explained")


async def unreached(number: str, day: date) -> datetime:
    """Three tries in vain; the moment of the last."""
    for hour in (10, 15, 19):
        at = clock.on(day, hour)
        await b.act("callback", number, verbs.miss_visit, b.request, next_at=None, at=at)
    return at


PHONE = "13900004321"


async def sms(words: str, at: datetime) -> None:
    """A text from the requester's own number, arrived and read."""
    heard = Heard(channel="sms", provider_id=f"SM{uuid4().hex}", sender=PHONE, words=words, at=at)
    with clock.at(at):
        await arrivals.store(heard)
        await reading.read_all()


async def test_three_tries_at_three_hours_then_a_digit_by_sms_is_the_answer_and_the_case_is_closed(
    database: object,
) -> None:
    number = (await b.a_case("callback", phone=PHONE, reply_by="none")).number
    last = await unreached(number, clock.today() + timedelta(days=1))
    told = await rows(
        "SELECT m.channel FROM outbox_message m JOIN request r ON r.id = m.request_id "
        "WHERE r.receipt_no = $1 AND m.name = 'missed'", number,
    )  # fmt: skip
    assert told == [{"channel": "sms"}]  # they left no door: the number that was called is asked
    await refused("rating_open", b.act("callback", number, verbs.close, at=last + timedelta(days=1)))
    await sms("2", last + timedelta(hours=14))
    (found,) = await own(number)
    assert (found["state"], found["exempt_by"], found["final_grade"], found["visit_channel"]) == (
        "visited", None, "basically_satisfied", "sms"
    )  # fmt: skip
    file = await b.act("callback", number, verbs.close, at=last + timedelta(days=1))
    assert file.case.close_reason == "resolved"
    rating = await rows("SELECT grade, raw_grade, channel FROM rating WHERE case_id = $1", file.case.id)
    assert rating == [{"grade": "basically_satisfied", "raw_grade": "2", "channel": "sms"}], "as it was given"
    assert (await rebuild.rebuild(check=True)).names == {}


async def test_unreached_and_unrated_are_two_things_and_an_answer_too_late_is_none(database: object) -> None:
    number = (await b.a_case("callback")).number
    last = await unreached(number, clock.today() + timedelta(days=20))
    late = last + timedelta(days=3, minutes=1)
    async with work(CITIZEN, now=late) as w:
        file = await ledger.opened(w, number=number)
        await refused("not_rateable", verbs.rate(w, file, file.first_request, grade="satisfied"))
    file = await b.act("callback", number, verbs.close, at=late)
    (found,) = await own(number)
    assert (file.case.close_reason, found["exempt_by"], found["final_grade"]) == ("unreachable", "tries", None)
    unrated = (await b.a_case("visited")).number
    await b.act("callback", unrated, verbs.close, at=late)
    who = await b.person("supervisor")
    async with db.reading() as connection:
        whole = (await visit_figures.counted(connection, who, last, late + timedelta(hours=1))).whole
    assert (whole.requests, whole.unreached, whole.unrated, whole.rated) == (2, 1, 1, 0)
    assert (whole.reach, whole.validity, whole.final) == (50.0, 0.0, None)


async def test_dissatisfied_by_message_waits_for_a_call_that_finds_out_why(database: object) -> None:
    number = (await b.a_case("callback")).number
    await unreached(number, clock.today() + timedelta(days=1))
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=number)
        await verbs.rate(w, file, file.first_request, grade="dissatisfied", channel="wechat")
    await refused("cause_unknown", b.act("callback", number, verbs.close))
    who = await b.person("callback")
    async with db.reading() as connection:
        assert number in {one.receipt_no for one in await visits.listed(connection, who, "now")}
    await b.act("callback", number, verbs_visit.set_cause, b.request, cause="no_contact", reason="打通了，没人联系过")
    await refused("own_fault", b.act("callback", number, verbs.close))


async def test_a_rating_of_a_closed_case_is_looked_into_within_its_limit_and_reopens_it(database: object) -> None:
    number = (await b.a_case("closed")).number
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=number)
        await verbs.rate(w, file, file.first_request, grade="dissatisfied", words="根本没修", channel="web")
    who = await b.person("callback")
    async with db.reading() as connection:
        (waiting,) = [one for one in await rectify.listed(connection, who) if one.receipt_no == number]
    limit = calendar.of(city.current()).add_working_days(waiting.opened, 15).at
    assert (waiting.standing, waiting.due_at) == ("open", limit)

    async def follow(w: Any, file: Any, **given: Any) -> None:
        await verbs_visit.follow(w, file, file.first_request, waiting.rectification, **given)

    await refused("invalid", b.act("callback", number, follow, outcome="answered", cause="policy"))
    await b.act("callback", number, follow, outcome="unreached")
    await b.act("callback", number, follow, outcome="proposed", cause="unsolved", said="灯还是不亮")
    file = await reopen("coord", number, reason="灯还是不亮")
    found = await rows("SELECT state, tries FROM rectification WHERE request_id = $1", file.first_request.id)
    assert found == [{"state": "reopened", "tries": 1}]
    assert (file.case.state, file.first_request.state) == ("rework", "open")
    assert (await rebuild.rebuild(check=True)).names == {}


async def test_a_rating_that_is_annulled_asks_for_nothing_and_another_one_does(database: object) -> None:
    number = (await b.a_case("closed")).number

    async def rated() -> list[Any]:
        async with work(CITIZEN) as w:
            file = await ledger.opened(w, number=number)
            await verbs.rate(w, file, file.first_request, grade="dissatisfied", channel="sms")
        sql = "SELECT state FROM rectification WHERE case_id = $1 ORDER BY opened_at"
        return [row["state"] for row in await rows(sql, file.case.id)]

    assert await rated() == ["open"]
    await b.act("audit", number, verbs_audit.annul, b.request, reason="forged")
    assert await rated() == ["annulled", "open"]


async def test_a_sample_leaves_some_unvisited_and_an_auditor_closes_them_under_the_recorded_policy(
    database: object,
) -> None:
    shares = visit_policy.Shares(general=0, always=("vulnerable",))
    who = await b.person("coord")
    async with work(who) as w:
        made = await visit_policy.change(w, shares, "试行", expected=0, seed="31")
    try:
        number = (await b.a_case("callback")).number
        file = await b.act("audit", number, _nothing)
        request = file.first_request
        assert (request.state, request.exempt_by) == ("exempt", "sample")
        (entry,) = [e for e in await _entries(file.case.id) if e.row.kind == "approved"]
        (draw,) = entry.event.draws
        assert (entry.event.policy, draw.share, draw.ground) == (made.version, 0, "general")
        digest = hashlib.sha256(f"hotline.visit.1:31:{request.id}".encode()).hexdigest()
        assert draw.value == int(digest[:8], 16) % 10_000  # anybody can draw it again
        await refused("sampled", b.act("callback", number, verbs.close))
        await refused("closer_role", b.act("congtai", number, verbs.close))
        file = await b.act("audit", number, verbs.close)
        (closed,) = [e for e in await _entries(file.case.id) if e.row.kind == "closed"]
        assert closed.event.policy == made.version
        asked = "SELECT count(*) AS n FROM outbox_message WHERE case_id = $1 AND name = 'rate'"
        assert (await rows(asked, file.case.id))[0]["n"] == 1  # and rated by message all the same

        frail = (await b.a_case("callback", is_vulnerable=True)).number
        supervised = (await b.a_case("signed")).number
        await b.act("supervisor", supervised, supervision.order, b.lead, rule="manual")
        await b.act("congtai", supervised, verbs.handle, b.lead, **b.HANDLED)
        await b.act("audit", supervised, verbs.approve)
        for one in (frail, supervised):
            assert (await own(one))[0]["state"] == "awaiting_visit"
    finally:
        async with work(who) as w:
            await visit_policy.change(w, visit_policy.Shares(), "全部回访", expected=made.version)
    assert (await rebuild.rebuild(check=True)).names == {}


async def _nothing(w: Any, file: Any) -> None:
    """Only to look at the case."""


async def _entries(case_id: Any) -> Any:
    async with db.reading() as connection:
        return await ledger.entries(connection, case_id)


def test_the_draw_of_many_requests_keeps_to_its_share() -> None:
    drawn = sum(Draw(request=r, share=20, value=visit_policy.value_of("seed", r), ground="general").is_drawn
                for r in (UUID(int=n) for n in range(5000)))  # fmt: skip
    assert 900 < drawn < 1100
