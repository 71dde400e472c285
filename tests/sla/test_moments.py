"""The proof asks of each moment that the ladder or a pause ever set whether it was attended to, in time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from cases import verbs
from cases.file import CaseFile
from hotline import clock, db
from hotline.work import Work, work
from sla import ladder_due, needs_info, proof, supervision, sweep
from tests import builders as b

pytestmark = pytest.mark.anyio


async def rows(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


async def the_finish(number: str) -> dict[str, Any]:
    (row,) = await rows(
        "SELECT k.* FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND stage = 'finish'", number
    )
    return row


async def ask(w: Work, file: CaseFile) -> None:
    await needs_info.ask(w, file, b.request(file), wanted="门牌号", share=b.lead(file))


async def proved(begin: datetime, end: datetime, number: str) -> Counter[tuple[str, str]]:
    with clock.at(end):
        async with db.reading() as connection:
            shown = await proof.prove(connection, begin, end, most=1000)
    return Counter((one.act, one.state) for one in shown.lines if one.number == number)


async def test_each_step_of_the_ladder_that_fell_due_is_accounted_for_one_by_one(database: object) -> None:
    receipt = await b.a_case("signed")
    row = await the_finish(receipt.number)
    for days in range(30):
        await sweep.sweep(row["due_at"] + timedelta(days=days))
    end = row["due_at"] + timedelta(days=30)
    found = await proved(row["due_at"], end, receipt.number)
    climbs = (await rows(
        "SELECT sum(escalated)::int AS n FROM alert WHERE case_id = $1", row["case_id"]
    ))[0]["n"]  # fmt: skip
    assert found["alert_escalated", "done"] + found["alert_escalated", "late"] == climbs >= 3
    assert found["long_overdue", "done"] + found["long_overdue", "late"] == 1
    assert found["order_ignored", "done"] + found["order_ignored", "late"] == 1
    assert {state for _, state in found} <= {"done", "late"}


async def test_a_climb_that_nobody_made_is_missing_and_one_that_was_answered_before_is_over(database: object) -> None:
    first, second = await b.a_case("signed"), await b.a_case("signed")
    row, other = await the_finish(first.number), await the_finish(second.number)
    await sweep.sweep(max(row["due_at"], other["due_at"]))
    (alert,) = await rows("SELECT id, escalate_at FROM alert WHERE clock_id = $1", other["id"])
    async with work(await b.person("supervisor"), now=other["due_at"]) as w:
        await supervision.answer_alert(w, alert["id"], answer="已安排专人")
    end = alert["escalate_at"] + timedelta(hours=1)
    assert (await proved(row["due_at"], end, first.number))["alert_escalated", "missing"] >= 1
    assert (await proved(other["due_at"], end, second.number))["alert_escalated", "over"] == 1
    await sweep.sweep(end)
    found = await proved(row["due_at"], end, first.number)
    assert found["alert_escalated", "late"] >= 1
    assert found["alert_escalated", "missing"] == 0


async def test_a_question_that_was_never_answered_and_one_that_was_are_both_in_the_proof(database: object) -> None:
    asked, answered = await b.a_case("signed"), await b.a_case("signed")
    for receipt in (asked, answered):
        await b.act("congtai", receipt.number, ask)
    begin = clock.now()
    until = max(row["paused_until"] for row in await rows(
        "SELECT paused_until FROM cases WHERE number = ANY($1)", [asked.number, answered.number]
    ))  # fmt: skip
    await b.act("agent", answered.number, verbs.add_words, b.request, words="3 号楼")
    await sweep.sweep(until)
    end = until + timedelta(minutes=1)
    assert (await proved(begin, end, asked.number))["info_lapsed", "done"] == 1
    assert (await proved(begin, end, answered.number))["info_lapsed", "over"] == 1


async def _paper(due: datetime, before: datetime) -> UUID:
    """A paper about no case whose undertaking is due."""
    async with db.atomic() as connection:
        found: UUID = await connection.fetchval(
            "INSERT INTO ladder_paper (id, number, measure, state, unit, subject, rule, rule_from, cited_zh, cited_en, "
            "level, drafted_at, drafted_by) VALUES (gen_random_uuid(), '约谈〔2026〕901号', 'interview', 'held', "
            "'130403', 'head', 'orders_repeated', '2026-01-01', '依据', 'ground', 6, $1, $2) RETURNING id",
            before, (await b.person("supervisor")).id,
        )  # fmt: skip
        await connection.execute(
            "UPDATE ladder_paper SET due_at = $2, chase = 'remind', chase_at = $3 WHERE id = $1", found, due, before
        )
    return found


async def test_a_paper_about_no_case_is_reminded_and_overdue_once_each_however_late_the_worker_comes(
    database: object,
) -> None:
    due = clock.now() + timedelta(days=5)
    before, back = due - timedelta(days=1), due + timedelta(days=1)
    paper = await _paper(due, before)
    told: list[str] = []

    async def tell(_work: Any, *, unit: str, number: str, step: str) -> None:
        told.append(step)

    assert await ladder_due.watch(tell, back) == 2
    assert await ladder_due.watch(tell, back) == 0
    assert told == ["overdue"]
    done = await rows("SELECT act, due_at FROM act_done WHERE subject_id = $1 ORDER BY due_at", paper)
    assert [(one["act"], one["due_at"]) for one in done] == [("paper_reminder", before), ("paper_overdue", due)]
    found = await proved(before, back, "约谈〔2026〕901号")
    assert found == {("paper_reminder", "late"): 1, ("paper_overdue", "late"): 1}
