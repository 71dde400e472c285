"""A second person answers the same script, blind to the first; then both stand side by side, and the rates are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from cases.file import CaseFile
from cases.hands import is_separate
from cases.states import GRADES
from hotline import acts, clock, db
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla.agreement import Rate, agreement, kappa

QUESTIONS: dict[str, Say] = {
    "was_contacted": Say("联系过诉求人", "Requester contacted"),
    "is_solved": Say("解决了", "Solved"),
    "is_truthful": Say("办理情况属实", "Handling told truly"),
    "grade": Say("满意度", "Grade"),
}
OUTCOMES: dict[str, Say] = {
    "reached": Say("打通，重新问过", "Reached and asked anew"),
    "heard": Say("听录音、看材料核对", "Judged from recording and papers"),
    "unreached": Say("没打通，再试", "Not reached, try again"),
}


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """The script's answers; a grade may be missing where none was given."""

    was_contacted: bool | None
    is_solved: bool | None
    is_truthful: bool | None
    grade: str | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One drawn item with what it is about: nothing of the first answers is in it."""

    sample_id: UUID
    position: int
    item: UUID
    case_id: UUID
    number: str
    unit: str | None
    request_id: UUID
    receipt_no: str
    caller: UUID | None
    at: datetime
    recheck: UUID | None
    outcome: str | None
    checker: UUID | None
    tries: int | None
    findings: int

    @property
    def is_done(self) -> bool:
        """Answered, not only tried."""
        return self.outcome in ("reached", "heard")


class Recheck(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, beside what had been recorded; ``is_error`` when a finding stands on it."""

    id: UUID
    caller: UUID | None
    unit: str
    month: date
    checker: UUID
    at: datetime
    outcome: str
    note: str
    first: Answers
    second: Answers
    is_error: bool


_ITEMS = """
    SELECT f.sample_id, f.position, f.item, f.case_id, c.number, c.lead_unit AS unit, q.id AS request_id, q.receipt_no,
        v.visitor AS caller, coalesce(v.at, c.closed_at, s.drawn_at) AS at, k.id AS recheck, k.outcome, k.checker,
        k.tries, (SELECT count(*) FROM finding n WHERE n.recheck_id = k.id AND n.state <> 'lifted')::int AS findings
    FROM sample_frame f JOIN sample s ON s.id = f.sample_id JOIN cases c ON c.id = f.case_id
    LEFT JOIN visit v ON v.id = f.item
    JOIN LATERAL (SELECT r.id, r.receipt_no FROM request r WHERE r.id = v.request_id
        OR (v.id IS NULL AND r.case_id = f.case_id) ORDER BY r.filed_at, r.id LIMIT 1) q ON TRUE
    LEFT JOIN recheck k ON k.sample_id = f.sample_id AND k.position = f.position
    WHERE f.sample_id = $1 AND f.is_drawn
"""
_FIRST_OF_VISIT = "SELECT was_contacted, is_solved, is_truthful, grade FROM visit WHERE id = $1"
_JUDGES = """
    SELECT DISTINCT actor FROM case_event WHERE case_id = $1
        AND kind IN ('approved', 'visited', 'visit_missed', 'cause_set', 'closed', 'rating_followed')
"""
_SAVE = """
    INSERT INTO recheck (id, sample_id, position, case_id, request_id, caller, unit, month, checker, tries, at, outcome,
        first_contacted, first_solved, first_truthful, first_grade, was_contacted, is_solved, is_truthful, grade, note)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
    ON CONFLICT (sample_id, position) DO UPDATE SET checker = EXCLUDED.checker, tries = recheck.tries + 1,
        at = EXCLUDED.at, outcome = EXCLUDED.outcome, was_contacted = EXCLUDED.was_contacted,
        is_solved = EXCLUDED.is_solved, is_truthful = EXCLUDED.is_truthful, grade = EXCLUDED.grade, note = EXCLUDED.note
    WHERE recheck.outcome = 'unreached' RETURNING id
"""
_READ = """
    SELECT k.*, EXISTS (SELECT FROM finding n WHERE n.recheck_id = k.id AND n.state <> 'lifted') AS is_error
    FROM recheck k {join} WHERE k.outcome <> 'unreached' AND {where} ORDER BY k.at, k.id
"""


async def items(connection: db.Connection, sample: UUID) -> list[Item]:
    """The drawn items in the order of the frame."""
    return [Item(**row) for row in await connection.fetch(f"{_ITEMS} ORDER BY f.position", sample)]


async def item(connection: db.Connection, sample: UUID, position: int) -> Item:
    """One drawn item; 404 for one that was not drawn."""
    row = await connection.fetchrow(f"{_ITEMS} AND f.position = $2", sample, position)
    if row is None:
        raise not_found()
    return Item(**row)


_CHOSE = "SELECT drawn_by = $2 AND criteria::jsonb ->> 'outcome' <> '' FROM sample WHERE id = $1"


async def why_not(
    connection: db.Connection, file: CaseFile, actor: Actor, sample: UUID | None = None
) -> Say | None:
    """Why this person may not re-check the case, compared by person; None when they may.

    Neither acceptor, handler, caller, nor who passed its result, weighed a cause or closed it, nor anybody of a unit
    that had it (rules.md 2). Who drew the ``sample`` by what had been recorded knows that, and is not blind to it.
    """
    if sample is not None and await connection.fetchval(_CHOSE, sample, actor.id):
        return Say(
            "这次抽样是您按原来的结果抽的，请换一位同事复核。",
            "You drew this sample by what had been recorded; let a colleague re-check it.",
        )
    if actor.id in {row["actor"] for row in await connection.fetch(_JUDGES, file.case.id)}:
        return Say(
            "您审核、回访或结过这件，请换一位同事复核。",
            "You audited, called or closed it; let a colleague re-check it.",
        )
    if not is_separate(file, actor) or actor.id == file.case.accepted_by:
        return Say("您受理或承办过这件，请换一位同事复核。", "You accepted or handled it; let a colleague re-check it.")
    return None


async def save(work: Work, file: CaseFile, one: Item, *, outcome: str, answers: Answers, note: str = "") -> UUID:
    """Keep the second answers, once; a try that reached nobody may be followed by another. 409 and 422 else."""
    why = await why_not(work.connection, file, work.actor, one.sample_id)
    if why is not None:
        raise conflict("not_separate", *why)
    if outcome not in OUTCOMES or (answers.grade is not None and answers.grade not in GRADES):
        raise invalid({"outcome": Say("请从列出的里面选。", "Choose from the list.")})
    first = await first_answers(work.connection, file, one)
    second = answers if outcome != "unreached" else Answers(was_contacted=None, is_solved=None, is_truthful=None)
    done: UUID | None = await work.connection.fetchval(
        _SAVE, new_id(), one.sample_id, one.position, one.case_id, one.request_id, one.caller, one.unit or "",
        clock.local_day(one.at).replace(day=1), work.actor.id, work.now, outcome, first.was_contacted, first.is_solved,
        first.is_truthful, first.grade, second.was_contacted, second.is_solved, second.is_truthful, second.grade, note,
    )  # fmt: skip
    if done is None:
        raise conflict("checked", "这件已经复核过，答案不能再改。", "It is re-checked already; its answers stand.")
    await acts.note(work, work.actor, "rechecked", f"case:{one.number}", {"outcome": outcome})
    return done


async def first_answers(connection: db.Connection, file: CaseFile, one: Item) -> Answers:
    """What had been recorded: by the caller, or for a closed case by the unit, with the requester's final grade."""
    row = await connection.fetchrow(_FIRST_OF_VISIT, one.item)
    if row is not None:
        return Answers(**row)
    lead = next((a for a in reversed(list(file.assignments.values())) if a.role == "lead" and a.handled_at), None)
    grade = file.requests[one.request_id].final_grade if one.request_id in file.requests else None
    return Answers(
        was_contacted=lead.has_contacted if lead else None, is_solved=lead.is_solved if lead else None,
        is_truthful=True if lead else None, grade=grade,
    )  # fmt: skip


async def of_sample(connection: db.Connection, sample: UUID) -> list[Recheck]:
    """The finished re-checks of a sample."""
    return await _read(connection, "k.sample_id = $1", sample)


async def one(connection: db.Connection, recheck: UUID) -> Recheck:
    """One finished re-check; 404 for one that is not (so nothing of the first answers is told before)."""
    found = await _read(connection, "k.id = $1", recheck)
    if not found:
        raise not_found()
    return found[0]


async def of_months(connection: db.Connection, first: date, end: date) -> list[Recheck]:
    """The finished re-checks of return visits made in the months from ``first`` to before ``end``."""
    where = "k.month >= $1 AND k.month < $2 AND s.kind = 'visits'"
    return await _read(connection, where, first, end, join="JOIN sample s ON s.id = k.sample_id")


async def _read(connection: db.Connection, where: str, *args: object, join: str = "") -> list[Recheck]:
    rows = await connection.fetch(_READ.format(where=where, join=join), *args)
    return [
        Recheck(
            **{name: row[name] for name in Recheck.__struct_fields__ if name not in ("first", "second")},
            first=Answers(
                was_contacted=row["first_contacted"], is_solved=row["first_solved"],
                is_truthful=row["first_truthful"], grade=row["first_grade"],
            ),
            second=Answers(
                was_contacted=row["was_contacted"], is_solved=row["is_solved"], is_truthful=row["is_truthful"],
                grade=row["grade"],
            ),
        )
        for row in rows
    ]  # fmt: skip


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement per question, kappa of the grade, and the error rate of one group of re-checks."""

    key: str
    questions: dict[str, Rate]
    kappa: float | None
    errors: Rate


def figure(rows: Sequence[Recheck], key: str = "") -> Figure:
    """The figure of these re-checks. A question counts where both answered it; an error is a finding that stands."""
    pairs: dict[str, list[tuple[Any, Any]]] = {
        name: [
            (getattr(row.first, name), getattr(row.second, name))
            for row in rows
            if getattr(row.first, name) is not None and getattr(row.second, name) is not None
        ]
        for name in QUESTIONS
    }
    return Figure(
        key=key, questions={name: agreement(found) for name, found in pairs.items()}, kappa=kappa(pairs["grade"]),
        errors=Rate(sum(row.is_error for row in rows), len(rows)),
    )  # fmt: skip


def by(rows: Iterable[Recheck], field: str) -> list[Figure]:
    """A figure for each caller, unit or month among these re-checks; most errors first."""
    groups: dict[str, list[Recheck]] = {}
    for row in rows:
        value = getattr(row, field)
        key = f"{value:%Y-%m}" if isinstance(value, date) else str(value or "")
        groups.setdefault(key, []).append(row)
    return sorted((figure(part, key) for key, part in groups.items()), key=lambda f: (-(f.errors.share or 0), f.key))
