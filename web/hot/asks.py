"""The forms of hot issues, themes and tasks."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from web.forms import label


class Dismiss(msgspec.Struct, kw_only=True):
    """Why an issue is none."""

    reason: Annotated[str, label("排除理由", "Why it is none", most=300)]


class Plan(msgspec.Struct, kw_only=True):
    """A theme."""

    title: Annotated[str, label("题目", "Title", most=60)]
    why: Annotated[str, label("为什么立这一题", "Why", most=1000)]
    grade: Annotated[str, label("由哪一级解决", "Who is to solve it")]
    unit: Annotated[str, label("牵头单位", "Unit that leads")]
    matters: Annotated[list[str], label("包括哪些事项", "Matters")]
    leaf: Annotated[str, label("再加一项细目", "One leaf more")] = ""
    areas: Annotated[list[str], label("哪些地方", "Places")] = []
    since: Annotated[date, label("从哪天的来件算起", "Cases from")]
    until: Annotated[date | None, label("到哪天为止", "Cases until")] = None
    issue: UUID | None = None
    revision: int | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """All matters that were chosen."""
        return tuple(dict.fromkeys([*self.matters, *([self.leaf] if self.leaf else [])]))


class Step(msgspec.Struct, kw_only=True):
    """A step of the plan."""

    what: Annotated[str, label("做什么", "What", most=300)]
    unit: Annotated[str, label("由哪个单位", "By which unit")]
    due: Annotated[date, label("期限", "Due")]


class Done(msgspec.Struct, kw_only=True):
    """A step that is done."""

    step: Annotated[UUID, label("哪一步", "Which step")]
    note: Annotated[str, label("做了什么", "What was done", most=500)]


class Report(msgspec.Struct, kw_only=True):
    """Progress."""

    words: Annotated[str, label("进展", "Progress", most=1000)]
    files: Annotated[str, label("证明材料", "Proof")] = ""


class Show(msgspec.Struct, kw_only=True):
    """An entry of progress that is made public; ``entry`` names the field beside which a find is told."""

    id: UUID
    entry: Annotated[str, label("这条进展", "This entry")] = ""


class Answer(msgspec.Struct, kw_only=True):
    """The official answer."""

    answer: Annotated[str, label("统一答复", "The answer", most=1500)]
    sources: Annotated[str, label("政策依据", "Sources", most=800)] = ""


class Revision(msgspec.Struct, kw_only=True):
    """An act on exactly what was read; the other names are where finds are told."""

    revision: int | None = None
    answer: Annotated[str, label("统一答复", "The answer")] = ""
    sources: Annotated[str, label("政策依据", "Sources")] = ""
    title: Annotated[str, label("题目", "Title")] = ""
    why: Annotated[str, label("为什么立这一题", "Why")] = ""
    plan: Annotated[str, label("办理步骤", "The plan")] = ""


class Close(msgspec.Struct, kw_only=True):
    """The end of a theme."""

    closing: Annotated[str, label("办结情况", "What came of it", most=1500)]
    files: Annotated[str, label("办结证明", "Proof")] = ""


class Ended(msgspec.Struct, kw_only=True):
    """How a theme ended, made public; the name is where finds are told."""

    closing: Annotated[str, label("办结情况", "What came of it")] = ""


class Drop(msgspec.Struct, kw_only=True):
    """The end of a theme or task that is given up."""

    closing: Annotated[str, label("撤销理由", "Why it is dropped", most=500)]


class OneCase(msgspec.Struct, kw_only=True):
    """A case by its number."""

    case: Annotated[str, label("编号", "Number", most=40)]


class Task(msgspec.Struct, kw_only=True):
    """A task before complaints."""

    what: Annotated[str, label("要办的事", "What is to be done", most=500)]
    why: Annotated[str, label("依据", "Why", most=1000)]
    matter: Annotated[str, label("哪类事项", "Matter")]
    area: Annotated[str, label("哪里", "Where")] = ""
    unit: Annotated[str, label("交给哪个单位", "Unit")]
    due: Annotated[date, label("期限", "Due")]
    source: str = "own"
    issue: UUID | None = None


class Reply(msgspec.Struct, kw_only=True):
    """A unit's reply to a task."""

    reply: Annotated[str, label("办理情况", "What was done", most=1500)]
    files: Annotated[str, label("证明材料", "Proof")] = ""


class Decide(msgspec.Struct, kw_only=True):
    """What the centre makes of a reply."""

    closing: Annotated[str, label("核实情况或还差什么", "What was verified, or what is missing", most=1000)]
    decision: Annotated[str, label("决定", "Decision")] = "close"
