"""Inspection plans (督查计划): purpose, period, units, inspectors; the tests and findings that come of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from hotline import acts, city, clock, db, serials
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import may
from hotline.work import Work

METHODS: dict[str, Say] = {
    "cases": Say("结案抽查", "Sample of closed cases"),
    "mystery": Say("模拟办事", "Mystery test"),
    "site": Say("现场督查", "On site"),
}
WAYS: dict[str, Say] = {
    "phone": Say("电话", "Telephone"),
    "counter": Say("窗口", "Counter"),
    "web": Say("网上", "Online"),
    "wechat": Say("微信", "WeChat"),
}
VERDICTS: dict[str, Say] = {
    "right": Say("正确、完整", "Right and complete"),
    "partly": Say("部分正确", "Partly right"),
    "wrong": Say("错误", "Wrong"),
    "no_answer": Say("无人应答、办不成", "No answer, or not done"),
}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One plan; ``units`` are inspected, ``inspectors`` do it (ids of persons)."""

    id: UUID
    number: str
    method: str
    purpose: str
    starts: date
    ends: date
    units: tuple[str, ...]
    inspectors: tuple[UUID, ...]
    planned_at: datetime
    planned_by: UUID
    ended_at: datetime | None
    ended_by: UUID | None
    summary: str


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """A mystery test: what is asked of a unit by which way, the answer that is expected, and what came."""

    id: UUID
    inspection_id: UUID
    no: int
    unit: str
    way: str
    target: str
    question: str
    expected: str
    written_by: UUID
    done_at: datetime | None
    tester: UUID | None
    wait_seconds: int | None
    talk_seconds: int | None
    verdict: str | None
    answer: str
    case_id: UUID | None


_PLAN = ", ".join(Plan.__struct_fields__)
_TEST = ", ".join(Test.__struct_fields__)


def _plain(row: Any) -> Plan:
    return Plan(**{**dict(row), "units": tuple(row["units"]), "inspectors": tuple(row["inspectors"])})


async def plan(
    work: Work, *, method: str, purpose: str, starts: date, ends: date, units: Sequence[str],
    inspectors: Sequence[UUID],
) -> Plan:  # fmt: skip
    """制定督查计划, numbered. 422 by field; an inspector is nobody of an inspected unit."""
    _check(method, starts, ends, units)
    known = await inspectors_of(work.connection)
    wrong = [one for one in inspectors if one not in known]
    if not inspectors or wrong:
        raise invalid({"inspectors": Say("请选督查人员。", "Choose the inspectors.")})
    theirs = {known[one][1] for one in inspectors} & {c for unit in units for c in city.current().subtree(unit)}
    if theirs:
        raise invalid({"inspectors": Say("被督查单位的人不能督查本单位。", "Nobody inspects their own unit.")})
    year = clock.local_day(work.now).year
    number = f"督查〔{year}〕{await serials.following(work.connection, 'inspection', year)}号"
    row = await work.connection.fetchrow(
        f"INSERT INTO inspection ({_PLAN}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, NULL, '')"
        f" RETURNING {_PLAN}",
        new_id(), number, method, purpose, starts, ends, list(units), list(inspectors), work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "inspection_planned", f"inspection:{number}", {"method": method})
    return _plain(row)


def _check(method: str, starts: date, ends: date, units: Sequence[str]) -> None:
    wrong: dict[str, Say] = {}
    if method not in METHODS:
        wrong["method"] = Say("请选督查方式。", "Choose the method.")
    if ends < starts:
        wrong["ends"] = Say("最后一天不能早于第一天。", "The last day is before the first.")
    if not units or any(code not in city.current().units for code in units):
        wrong["units"] = Say("请选督查哪些单位。", "Choose the units.")
    if wrong:
        raise invalid(wrong)


async def inspectors_of(connection: db.Connection) -> dict[UUID, tuple[str, str]]:
    """Who may inspect today: id → name and unit."""
    rows = await connection.fetch(
        "SELECT DISTINCT p.id, p.name, p.unit FROM person p JOIN role_grant g ON g.person_id = p.id"
        " WHERE p.is_active AND g.role = ANY($1) AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)"
        " ORDER BY p.name",
        ["auditor", "supervisor", "coordination"], clock.today(),
    )  # fmt: skip
    return {row["id"]: (row["name"], row["unit"]) for row in rows}


async def found(connection: db.Connection, identifier: UUID, *, lock: bool = False) -> Plan:
    """The plan; 404 when there is none."""
    tail = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(f"SELECT {_PLAN} FROM inspection WHERE id = $1{tail}", identifier)
    if row is None:
        raise not_found()
    return _plain(row)


async def listed(connection: db.Connection, limit: int = 100) -> list[Plan]:
    """The plans, running ones first, the last on top."""
    rows = await connection.fetch(
        f"SELECT {_PLAN} FROM inspection ORDER BY ended_at IS NOT NULL, planned_at DESC, id LIMIT $1", limit
    )
    return [_plain(row) for row in rows]


async def open_for(work: Work, identifier: UUID) -> Plan:
    """The plan, locked, for one of its inspectors or who plans: 409 once it has ended, 409 for anybody else."""
    one = await found(work.connection, identifier, lock=True)
    if one.ended_at is not None:
        raise conflict("ended", f"{one.number} 已经结束。", f"{one.number} has ended.")
    if work.actor.id not in one.inspectors and not may(work.actor, "inspection.plan"):
        raise conflict("not_inspector", "您不在这次督查的人员名单里。", "You are not one of this plan's inspectors.")
    return one


async def end(work: Work, identifier: UUID, *, summary: str) -> Plan:
    """结束督查, with its summary."""
    one = await open_for(work, identifier)
    if not summary.strip():
        raise invalid({"summary": Say("请写督查小结。", "Write the summary.")})
    await work.connection.execute(
        "UPDATE inspection SET ended_at = $2, ended_by = $3, summary = $4 WHERE id = $1",
        identifier, work.now, work.actor.id, summary,
    )  # fmt: skip
    await acts.note(work, work.actor, "inspection_ended", f"inspection:{one.number}")
    return one


async def tests(connection: db.Connection, identifier: UUID) -> list[Test]:
    """The mystery tests of a plan in order."""
    rows = await connection.fetch(f"SELECT {_TEST} FROM mystery_test WHERE inspection_id = $1 ORDER BY no", identifier)
    return [Test(**row) for row in rows]


async def write_test(
    work: Work, identifier: UUID, *, unit: str, way: str, target: str, question: str, expected: str
) -> UUID:
    """A test's script: written before it is done, so that the answer is judged by what was expected then."""
    one = await open_for(work, identifier)
    if unit not in one.units or way not in WAYS:
        raise invalid({"unit": Say("请从这次督查的单位里选。", "Choose one of the plan's units.")})
    test = new_id()
    await work.connection.execute(
        "INSERT INTO mystery_test (id, inspection_id, no, unit, way, target, question, expected, written_by)"
        " SELECT $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5, $6, $7, $8 FROM mystery_test WHERE inspection_id = $2",
        test, identifier, unit, way, target, question, expected, work.actor.id,
    )  # fmt: skip
    return test


async def do_test(
    work: Work, identifier: UUID, test: UUID, *, verdict: str, answer: str, wait_seconds: int | None,
    talk_seconds: int | None, case_id: UUID | None, done_at: datetime | None = None,
) -> Test:  # fmt: skip
    """What came of a test, once. The tester is nobody of the unit that is tested."""
    await open_for(work, identifier)
    row = await work.connection.fetchrow(
        f"SELECT {_TEST} FROM mystery_test WHERE id = $1 AND inspection_id = $2 FOR UPDATE", test, identifier
    )
    if row is None:
        raise not_found()
    one = Test(**row)
    if one.done_at is not None:
        raise conflict("done", "这一项已经测过，结果不能再改。", "This test is done; its result stands.")
    if verdict not in VERDICTS:
        raise invalid({"verdict": Say("请选结果。", "Choose the result.")})
    if _is_of(work.actor, one.unit):
        raise conflict("own_unit", "不能测试自己的单位。", "Nobody tests their own unit.")
    await work.connection.execute(
        "UPDATE mystery_test SET done_at = $2, tester = $3, verdict = $4, answer = $5, wait_seconds = $6,"
        " talk_seconds = $7, case_id = $8 WHERE id = $1",
        test, done_at or work.now, work.actor.id, verdict, answer, wait_seconds, talk_seconds, case_id,
    )  # fmt: skip
    await acts.note(work, work.actor, "mystery_test_done", f"unit:{one.unit}", {"verdict": verdict})
    return one


def _is_of(actor: Actor, unit: str) -> bool:
    return actor.unit in city.current().subtree(unit)
