"""The ladder's papers as rows: bulletins, interviews, accountability with their steps; leaders' instructions."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import sla.rows  # noqa: F401 - its tables come first in ORDER: ours point at them
from hotline.work import ORDER, Row

ORDER += ["ladder_paper", "ladder_step", "instruction"]


class PaperRow(Row, kw_only=True):
    """A bulletin (通报), an interview (约谈) or an accountability record (问责) about a unit or a person in it.

    ``person`` is a name sealed by ``hotline.vault``. ``rule`` and ``rule_from`` name the version of the ladder's rule
    that it cites, whose ground stands in ``cited_zh`` and ``cited_en`` for good.
    ``cause_id`` or ``cause_month`` is what a rule made it of, so that none is made twice.
    """

    table: ClassVar[str] = "ladder_paper"

    id: UUID
    number: str
    measure: str
    state: str
    unit: str
    subject: str
    person: bytes | None = None
    post: str = ""
    case_id: UUID | None = None
    assignment_id: UUID | None = None
    rule: str
    rule_from: date
    cited_zh: str
    cited_en: str
    cause_id: UUID | None = None
    cause_month: date | None = None
    level: int
    ground: str = ""
    words: str = ""
    drafted_at: datetime
    drafted_by: UUID
    effective_at: datetime | None = None
    planned_at: datetime | None = None
    place: str = ""
    interviewer: str = ""
    held_at: datetime | None = None
    record: str = ""
    undertaking: str = ""
    due_at: datetime | None = None
    chase: str | None = None
    chase_at: datetime | None = None
    report: str = ""
    decision: str = ""
    decided_by: str = ""
    handed_to: str = ""
    ended_at: datetime | None = None
    steps: int = 0


class StepRow(Row, kw_only=True):
    """One step of a paper: who did it, when, under which rule. Never rewritten."""

    table: ClassVar[str] = "ladder_step"
    is_final: ClassVar[bool] = True
    identity: ClassVar[tuple[str, ...]] = ("paper_id", "seq")

    paper_id: UUID
    seq: int
    step: str
    at: datetime
    by: UUID
    rule: str
    words: str = ""


class InstructionRow(Row, kw_only=True):
    """A leader's instruction (批示) on a case; ``unit`` owes a written report by ``due_at``, "" is the centre."""

    table: ClassVar[str] = "instruction"

    id: UUID
    case_id: UUID
    unit: str
    leader: str
    given_at: datetime
    given_by: UUID
    words: str
    due_at: datetime
    reported_at: datetime | None = None
    reported_by: UUID | None = None
    report: str | None = None
