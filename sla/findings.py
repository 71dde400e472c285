"""Findings: what an audit, a spot check, a test or a visit brought to light; answered, verified, appealed once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cases import verbs_audit, verbs_visit
from cases.file import CaseFile
from cases.rows import AssignmentRow, RequestRow
from cases.states_audit import CASE_FINDINGS, FINDINGS, TEST_FINDINGS, VISIT_FINDINGS
from hotline import acts, city, clock, db, serials
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import may
from hotline.work import Work
from sla import calendar

STATES: dict[str, Say] = {
    "open": Say("待整改", "To be put right"),
    "replied": Say("待核实", "To be verified"),
    "closed": Say("已销号", "Closed"),
    "lifted": Say("申诉成立，撤销", "Lifted on appeal"),
}
SOURCES: dict[str, Say] = {
    "visit": Say("回访复核", "Audit of a return visit"),
    "case": Say("结案抽查", "Spot check"),
    "mystery": Say("模拟办事", "Mystery test"),
    "site": Say("现场督查", "On site"),
}
KINDS_OF: dict[str, dict[str, Say]] = {
    "visit": {**VISIT_FINDINGS, **CASE_FINDINGS},
    "case": CASE_FINDINGS,
    "mystery": TEST_FINDINGS,
    "site": {**CASE_FINDINGS, **TEST_FINDINGS},
}
SIZE = 50


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding against a unit (``unit``) or against the caller of a return visit (``person``)."""

    id: UUID
    number: str
    source: str
    recheck_id: UUID | None
    inspection_id: UUID | None
    test_id: UUID | None
    case_id: UUID | None
    unit: str
    person: UUID | None
    what: str
    words: str
    found_at: datetime
    found_by: UUID
    is_reopened: bool
    is_annulled: bool
    state: str
    due_at: datetime | None
    reply: str | None
    replied_at: datetime | None
    replied_by: UUID | None
    verified_at: datetime | None
    verified_by: UUID | None
    verify_note: str | None
    appeal: str | None
    appealed_at: datetime | None
    appealed_by: UUID | None
    appeal_upheld: bool | None
    appeal_reason: str | None
    appeal_decided_at: datetime | None
    appeal_decided_by: UUID | None

    @property
    def say(self) -> Say:
        """What it is."""
        return FINDINGS.get(self.what, Say(self.what, self.what))

    def is_late(self, now: datetime) -> bool:
        """The unit's correction is overdue."""
        return self.state == "open" and self.due_at is not None and now > self.due_at

    def is_of(self, actor: Actor) -> bool:
        """Whether it is against this person or this person's unit."""
        return self.person == actor.id if self.person is not None else self.unit in actor.units


COLUMNS = ", ".join(Finding.__struct_fields__)
_WORDS = """
    UPDATE finding SET words = '', reply = NULL, verify_note = NULL, appeal = NULL, appeal_reason = NULL
    WHERE case_id = $1
"""


async def make(
    work: Work, *, source: str, what: str, words: str, unit: str = "", person: UUID | None = None,
    file: CaseFile | None = None, recheck: UUID | None = None, inspection: UUID | None = None,
    test: UUID | None = None,
) -> Finding:  # fmt: skip
    """Write a finding, numbered; a case's stands in its ledger too, a unit's has a date by which it is answered."""
    if what not in KINDS_OF[source]:
        raise invalid({"what": Say("请选是哪一种问题。", "Choose the kind of finding.")})
    if (person is None) == (unit == ""):
        raise invalid({"unit": Say("请选是哪个单位的问题。", "Choose whose finding it is.")})
    year = clock.local_day(work.now).year
    number = f"问题〔{year}〕{await serials.following(work.connection, 'finding', year)}号"
    due = None
    if unit:
        days = int(city.current().rule("inspection.correction"))
        due = calendar.of(city.current()).add_working_days(work.now, days).at
    identifier = new_id()
    if file is not None:
        await verbs_audit.found(
            work, file, finding=identifier, number=number, what=what, source=source, words=words, unit=unit
        )
    row = await work.connection.fetchrow(
        "INSERT INTO finding (id, number, source, recheck_id, inspection_id, test_id, case_id, unit, person, what,"
        " words, found_at, found_by, state, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open', $14)"
        f" RETURNING {COLUMNS}",
        identifier, number, source, recheck, inspection, test, file.case.id if file is not None else None, unit, person,
        what, words, work.now, work.actor.id, due,
    )  # fmt: skip
    if file is None:
        await acts.note(work, work.actor, "finding_made", f"finding:{number}", {"kind": what, "unit": unit})
    return Finding(**row)


async def upset(
    work: Work, file: CaseFile, finding: Finding, request: RequestRow, *, reopen: bool, annul: bool, cause: str,
    profile: str = "", since: datetime | None = None,
) -> None:  # fmt: skip
    """What the auditor decides to follow: the grade does not stand, the case is opened again. 409 where it cannot."""
    annulled = False
    if annul:
        gone = await verbs_audit.annul(work, file, request, reason=finding.what, finding=finding.id, since=since)
        annulled = gone is not None
    if reopen:
        share = at_closing(file)
        if share is None:
            raise conflict("no_unit", "结案时没有单位在办，不能重启。", "No unit had it when it was closed.")
        await verbs_visit.reopen(
            work, file, assignment=share, request=request, reason=f"{finding.number}：{finding.say.zh}", cause=cause,
            profile=profile,
        )  # fmt: skip
    await work.connection.execute(
        "UPDATE finding SET is_reopened = $2, is_annulled = $3 WHERE id = $1", finding.id, reopen, annulled
    )


def at_closing(file: CaseFile) -> AssignmentRow | None:
    """The lead's share as it stood when the case was closed."""
    ended = [a for a in file.assignments.values() if a.ended_at is not None and a.ended_at == file.case.closed_at]
    return next((one for one in ended if one.role == "lead"), None)


def reach(actor: Actor, first: int = 1) -> tuple[str, list[object]]:
    """SQL over ``finding f``: all for who inspects, units' for who exposes, else those against oneself or own units."""
    if may(actor, "inspection.check") or may(actor, "inspection.plan"):
        return "TRUE", []
    if may(actor, "notice.draft"):
        return f"(f.person IS NULL OR f.person = ${first})", [actor.id]
    return f"(f.person = ${first} OR f.unit = ANY(${first + 1}::text[]))", [actor.id, list(actor.units)]


async def found(connection: db.Connection, actor: Actor, identifier: UUID, *, lock: bool = False) -> Finding:
    """The finding within the actor's reach; 404 otherwise."""
    where, args = reach(actor, 2)
    columns = ", ".join(f"f.{name}" for name in Finding.__struct_fields__)
    tail = " FOR UPDATE" if lock else ""
    sql = f"SELECT {columns} FROM finding f WHERE f.id = $1 AND {where}{tail}"
    row = await connection.fetchrow(sql, identifier, *args)
    if row is None:
        raise not_found()
    return Finding(**row)


async def listed(connection: db.Connection, actor: Actor, *, size: int = SIZE, **given: Any) -> list[Finding]:
    """Findings within reach, what waits first and the nearest due on top; ``given`` are columns and their values."""
    where, args = reach(actor)
    for name, value in given.items():
        if value:
            args.append(value)
            where += f" AND f.{name} = ${len(args)}"
    columns = ", ".join(f"f.{name}" for name in Finding.__struct_fields__)
    rows = await connection.fetch(
        f"SELECT {columns} FROM finding f WHERE {where} ORDER BY f.state NOT IN ('open', 'replied'),"
        f" f.due_at NULLS LAST, f.found_at DESC, f.id LIMIT {size}",
        *args,
    )
    return [Finding(**row) for row in rows]


async def reply(work: Work, identifier: UUID, *, words: str) -> Finding:
    """The unit says how it was put right. 409 unless it waits for that."""
    one = await found(work.connection, work.actor, identifier, lock=True)
    if not one.unit or one.unit not in work.actor.units:
        raise not_found()
    if one.state != "open":
        raise conflict("not_open", "这条问题不用整改，或已经回复了。", "It needs no answer, or has one already.")
    await work.connection.execute(
        "UPDATE finding SET state = 'replied', reply = $2, replied_at = $3, replied_by = $4 WHERE id = $1",
        identifier, words, work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "finding_answered", f"finding:{one.number}")
    return one


async def verify(work: Work, identifier: UUID, *, is_right: bool, note: str) -> Finding:
    """核实: put right and closed, or back to the unit with what is missing and some days for it (the city's rule).

    Not by anybody of that unit, and never by who answered.
    """
    one = await found(work.connection, work.actor, identifier, lock=True)
    if one.state != "replied":
        raise conflict("not_replied", "单位还没回复，或已经核实过。", "It is not answered, or verified already.")
    if one.replied_by == work.actor.id or (one.unit in work.actor.units and not may(work.actor, "inspection.plan")):
        raise conflict("own_unit", "本单位的整改由别人核实。", "Somebody else verifies one's own unit's correction.")
    if not is_right and not note.strip():
        raise invalid({"note": Say("请写明还差什么。", "Say what is still missing.")})
    days = int(city.current().rule("inspection.correction_again"))
    again = calendar.of(city.current()).add_working_days(work.now, days).at
    await work.connection.execute(
        "UPDATE finding SET state = $2, verified_at = $3, verified_by = $4, verify_note = $5, due_at = CASE"
        " WHEN $2 = 'open' THEN greatest(due_at, $6) ELSE due_at END, reminded_at = NULL WHERE id = $1",
        identifier, "closed" if is_right else "open", work.now, work.actor.id, note, again,
    )  # fmt: skip
    await acts.note(work, work.actor, "finding_verified", f"finding:{one.number}", {"right": is_right})
    return one


async def appeal(work: Work, identifier: UUID, *, words: str) -> Finding:
    """申诉 by the one whose work it was, once, within the city's working days. 404 for anybody else."""
    one = await found(work.connection, work.actor, identifier, lock=True)
    if not one.is_of(work.actor):
        raise not_found()
    if one.appealed_at is not None or one.state in ("closed", "lifted"):
        raise conflict("appealed", "只能申诉一次，或这条已经了结。", "One appeals once, and not what is settled.")
    until = appeal_until(one)
    if work.now > until:
        at = clock.local(until)
        raise conflict(
            "appeal_late", f"申诉期限已过（{at:%m-%d %H:%M}）。", f"The time to appeal has passed ({at:%m-%d %H:%M})."
        )
    await work.connection.execute(
        "UPDATE finding SET appeal = $2, appealed_at = $3, appealed_by = $4 WHERE id = $1",
        identifier, words, work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "finding_appealed", f"finding:{one.number}")
    return one


async def decide_appeal(
    work: Work, identifier: UUID, file: CaseFile | None, *, is_upheld: bool, reason: str
) -> Finding:
    """裁定申诉, by somebody else than who made the finding. Upheld, it is lifted and an annulled grade stands again.

    What was reopened stays open: the unit's work goes on to its own end.
    """
    one = await found(work.connection, work.actor, identifier, lock=True)
    if one.appealed_at is None or one.appeal_decided_at is not None:
        raise conflict("no_appeal", "没有待裁定的申诉。", "No appeal waits to be decided.")
    if work.actor.id == one.found_by or one.is_of(work.actor):
        raise conflict("same_person", "申诉须由另一位同事裁定。", "An appeal is for somebody else to decide.")
    state = "lifted" if is_upheld else ("closed" if one.person is not None else one.state)
    if is_upheld and file is not None:
        await verbs_audit.lift(work, file, finding=one.id, number=one.number, reason=reason)
        if one.is_annulled:
            await verbs_audit.restore(work, file, finding=one.id)
    await work.connection.execute(
        "UPDATE finding SET state = $2, appeal_upheld = $3, appeal_reason = $4, appeal_decided_at = $5,"
        " appeal_decided_by = $6 WHERE id = $1",
        identifier, state, is_upheld, reason, work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "finding_appeal_decided", f"finding:{one.number}", {"upheld": is_upheld})
    return one


async def settle(work: Work, identifier: UUID) -> Finding:
    """A caller's finding that nobody appealed in time, or that was talked over, is closed by who inspects."""
    one = await found(work.connection, work.actor, identifier, lock=True)
    until = appeal_until(one)
    waits = one.appealed_at is not None and one.appeal_decided_at is None
    if one.person is None or one.state != "open" or waits or (one.appealed_at is None and work.now <= until):
        raise conflict("appeal_open", "申诉期还没过，或申诉还没裁定。", "It may still be appealed, or an appeal waits.")
    await work.connection.execute("UPDATE finding SET state = 'closed' WHERE id = $1", identifier)
    await acts.note(work, work.actor, "finding_closed", f"finding:{one.number}")
    return one


async def on_erased(work: Work, file: CaseFile, _: object) -> None:
    """What was written about an erased case goes with its other words; kinds, units and dates stay (rules.md 5)."""
    for sql in (
        _WORDS,
        "UPDATE recheck SET note = '' WHERE case_id = $1",
        "UPDATE mystery_test SET answer = '' WHERE case_id = $1",
    ):
        await work.connection.execute(sql, file.case.id)


def appeal_until(one: Finding) -> datetime:
    """Until when it may be appealed."""
    days = int(city.current().rule("inspection.appeal"))
    return calendar.of(city.current()).add_working_days(one.found_at, days).at
