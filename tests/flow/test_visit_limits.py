"""What return visits and their audit must not do: ask who left, lose a first grade, forget a limit, count twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cases import ledger, merging, verbs, verbs_audit, verbs_pause, verbs_visit, views, visit_figures
from channels import arrivals, reading, reminders_audit
from channels.heard import Heard
from hotline import city, clock, db, rebuild
from hotline.actor import CITIZEN
from hotline.errors import Refusal
from hotline.work import work
from sla import audit_due, calendar, claims, findings, rechecks
from tests import builders as b

pytestmark = pytest.mark.anyio

LED = {"was_contacted": True, "is_solved": True, "grade": "satisfied"}


async def value(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


async def refused(code: str, call: Any) -> None:
    with pytest.raises(Refusal) as caught:
        await call
    assert caught.value.code == code, caught.value


async def again(number: str) -> None:
    """The unit's next result passes the audit."""
    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", number, verbs.approve)


async def same() -> None:
    assert (await rebuild.rebuild(check=True)).names == {}


async def test_a_withdrawal_that_ended_a_case_is_undone_whole_when_the_case_is_opened_again(database: object) -> None:
    number = (await b.a_case("signed")).number
    await b.act("agent", number, verbs_audit.wish_withdrawal, b.request)
    await b.act("audit", number, verbs_audit.check_withdrawal, b.request, verdict="free", is_solved=False)

    async def reopen(w: Any, file: Any) -> None:
        share = next(iter(file.assignments.values()))
        await verbs_visit.reopen(w, file, assignment=share, reason="说是被劝的", cause="withdrawal")

    file = await b.act("coord", number, reopen)
    assert (file.first_request.state, file.lead.excluded) == ("open", None)
    await again(number)
    assert await value("SELECT state FROM request WHERE receipt_no = $1", number) == "awaiting_visit"
    await same()


async def test_nothing_is_reworked_for_whoever_withdrew(database: object) -> None:
    number = (await b.a_case("callback")).number

    async def leave(w: Any, file: Any) -> None:
        file.first_request.state = "withdrawn"  # one of several who asked for it
        await verbs.rework(w, file, file.first_request, file.lead, reason="没修好", profile="STD5")

    await refused("withdrawn", b.act("callback", number, leave))


async def test_annulling_the_grade_after_a_rework_keeps_the_first_one_and_counts_for_nobody(database: object) -> None:
    number = (await b.a_case("callback")).number
    await b.act("callback", number, verbs.visit, b.request, was_contacted=False, is_solved=False,
                grade="dissatisfied", cause="no_contact")  # fmt: skip
    await b.act("callback", number, verbs.rework, b.request, b.lead, reason="没人联系", profile="STD5")
    await again(number)
    await b.act("callback", number, verbs.visit, b.request, **LED)
    await b.act("callback", number, verbs.close)
    caller = (await b.person("callback")).id

    async def figures() -> tuple[int, int]:
        who, since = await b.person("supervisor"), clock.on(clock.today())
        async with db.reading() as connection:
            found = await visit_figures.counted(connection, who, since, since + timedelta(days=1))
        own = next(one for one in found.callers if one.key == caller)
        return own.satisfied, found.whole.unrated

    satisfied, unrated = await figures()
    late = clock.now() + timedelta(hours=1)
    await refused("rating_earlier", b.act("audit", number, verbs_audit.annul, b.request, reason="led", since=late))
    await b.act("audit", number, verbs_audit.annul, b.request, reason="led")
    grades = "SELECT row(first_grade, final_grade, rated_at)::text FROM request WHERE receipt_no = $1"
    assert await value(grades, number) == "(dissatisfied,,)"
    assert await figures() == (satisfied - 1, unrated), "annulled is neither satisfied nor without a grade"
    await same()


async def test_a_digit_after_the_days_to_answer_is_told_so_and_makes_no_case_of_its_own(database: object) -> None:
    phone = "13900004399"
    number = (await b.a_case("callback", phone=phone, reply_by="none")).number
    day = clock.today() + timedelta(days=1)
    for hour in (10, 15, 19):
        at = clock.on(day, hour)
        await b.act("callback", number, verbs.miss_visit, b.request, next_at=None, at=at)
    late, cases = at + timedelta(days=3, hours=14), "SELECT count(*) FROM cases"
    before = await value(cases)
    with clock.at(late):
        await arrivals.store(Heard(channel="sms", provider_id=f"SM{uuid4().hex}", sender=phone, words="4", at=late))
        await reading.read_all()
    assert await value(cases) == before
    assert await value("SELECT outcome FROM arrival ORDER BY received_at DESC LIMIT 1") == "rating"
    assert await value("SELECT count(*) FROM outbox_message WHERE name = 'rate_closed'") == 1
    assert await value("SELECT final_grade FROM request WHERE receipt_no = $1", number) is None


async def test_a_claim_is_in_time_while_the_promise_stands(database: object) -> None:
    number = (await b.a_case("signed")).number
    review = clock.on(clock.today() + timedelta(days=40), 18)
    await b.act("congtai", number, verbs_pause.ask_suspension, b.lead, review=review, reason="资金", plan="明年")
    await b.act("coord", number, verbs_pause.suspend, b.lead, review=review, reason="同意")
    later = clock.now() + timedelta(days=30)
    claim = {"claim": "beyond_remit", "reason": "属省管", "basis": "省条例第三条"}
    await b.act("congtai", number, claims.claim, b.lead, at=later, **claim)


async def test_who_passed_the_result_does_not_re_check_it(database: object) -> None:
    number = (await b.a_case("visited")).number
    async with db.reading() as connection:
        case_id = await connection.fetchval("SELECT id FROM cases WHERE number = $1", number)
        file = await views.read(connection, case_id)
        assert await rechecks.why_not(connection, file, await b.person("audit")) is not None
        assert await rechecks.why_not(connection, file, await b.person("supervisor")) is None


async def told(kind: str) -> int:
    return int(await value("SELECT count(DISTINCT person_id) FROM staff_notice WHERE kind = $1", kind))


async def test_a_rating_to_be_put_right_is_told_near_its_limit_and_again_after_it_each_once(database: object) -> None:
    number = (await b.a_case("closed")).number
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=number)
        await verbs.rate(w, file, file.first_request, grade="dissatisfied", words="根本没修", channel="web")
    due = await value("SELECT due_at FROM rectification WHERE case_id = $1", file.case.id)
    assert await audit_due.watch(reminders_audit.limit, as_of=clock.now()) == 0
    for at, kind in ((due - timedelta(hours=3), "rating_soon"), (due + timedelta(minutes=1), "rating_late")):
        assert await audit_due.watch(reminders_audit.limit, as_of=at) == 1
        assert await audit_due.watch(reminders_audit.limit, as_of=at) == 0
        assert await told(kind) > 0


async def test_an_overdue_correction_is_told_once_and_one_sent_back_has_days_of_its_own(database: object) -> None:
    number = (await b.a_case("closed")).number

    async def make(w: Any, file: Any) -> None:
        await findings.make(w, source="case", what="false_result", words="灯没亮", unit="130403", file=file)

    await b.act("audit", number, make)
    one, due = await value("SELECT id FROM finding"), await value("SELECT due_at FROM finding")
    after = due + timedelta(minutes=1)
    assert await audit_due.watch(reminders_audit.limit, as_of=after) == 1
    assert await audit_due.watch(reminders_audit.limit, as_of=after) == 0
    assert await told("finding_late") > 0
    async with work(await b.person("congtai"), now=after) as w:
        await findings.reply(w, one, words="已补修")
    async with work(await b.person("audit"), now=after) as w:
        await findings.verify(w, one, is_right=False, note="还是不亮")
    assert await value("SELECT due_at FROM finding") == calendar.of(city.current()).add_working_days(after, 3).at
    assert await audit_due.watch(reminders_audit.limit, as_of=after + timedelta(hours=1)) == 0


async def test_the_promises_go_on_when_the_one_who_was_waited_for_withdraws_and_another_stays(
    database: object,
) -> None:
    number, other = (await b.a_case("signed")).number, (await b.a_case("dispatched")).number

    async def join(w: Any, file: Any) -> None:
        await merging.merge(w, file, await ledger.opened(w, number=other), reason="同一处路灯")

    await b.act("dispatcher", number, join)
    until = clock.now() + timedelta(days=5)

    async def ask(w: Any, file: Any) -> None:
        await verbs_pause.ask_info(w, file, file.request_no(number), wanted="灯杆号", until=until, share=file.lead)

    file = await b.act("congtai", number, ask)
    assert file.case.paused == "needs_info"
    def theirs(file: Any) -> Any:
        return file.request_no(number)

    await b.act("agent", number, verbs_audit.wish_withdrawal, theirs)
    file = await b.act("audit", number, verbs_audit.check_withdrawal, theirs, verdict="free", is_solved=True)
    assert (file.case.paused, file.case.is_open) == (None, True)
    stands = "SELECT count(*) FROM clock WHERE case_id = $1 AND paused_at IS NOT NULL"
    assert await value(stands, file.case.id) == 0
    await same()
