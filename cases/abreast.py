"""The citizen's word beside the unit's claim, question by question, with the differences marked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases.rows import AssignmentRow, VisitRow
from cases.states import GRADES, RESULTS
from cases.states_visit import CAUSES
from cases.views import CaseView, Line
from hotline.errors import Say

HEARD = frozenset({"reached", "answered"})
CONTACTED = Say("联系过诉求人", "Was in touch")
SOLVED = Say("问题解决了", "Solved")
TRUE = Say("答复属实", "The answer is true")


_WORDS = {True: Say("是", "Yes"), False: Say("否", "No"), None: Say("–", "–")}


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One question: what the unit claims and what the citizen says; ``differs`` when one says yes and the other no."""

    say: Say
    claim: Say
    word: Say
    differs: bool


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """One visit beside what one unit had claimed by then."""

    unit: str
    result: Say
    at: datetime
    request: UUID
    grade: Say | None
    cause: Say | None
    pairs: Sequence[Pair]
    is_latest: bool = False

    @property
    def differences(self) -> int:
        """How many answers differ."""
        return sum(one.differs for one in self.pairs)


def pairs(claim: object, visit: VisitRow) -> list[Pair]:
    """The questions that both were asked; ``claim`` has ``has_contacted`` and ``is_solved`` as an assignment has.

    That its answer is true a unit always claims: it sent it.
    """
    asked: list[tuple[Say, bool | None, bool | None]] = [
        (CONTACTED, getattr(claim, "has_contacted", None), visit.was_contacted),
        (SOLVED, getattr(claim, "is_solved", None), visit.is_solved),
        (TRUE, True, visit.is_truthful),
    ]
    return [
        Pair(say=say, claim=_WORDS[own], word=_WORDS[word], differs=None not in {own, word} and own is not word)
        for say, own, word in asked
    ]


class _Told(msgspec.Struct, frozen=True):
    has_contacted: bool | None
    is_solved: bool | None


def rounds(view: CaseView, units: Iterable[str] = ()) -> list[Round]:
    """Every visit that was answered beside the claims of that time, oldest first.

    ``units`` narrows it to their own claims; a shielded viewer is shown none.
    """
    if view.is_shielded:
        return []
    only = set(units)
    shares = {one.id: one for one in view.assignments if not only or one.unit in only}
    claims = [line for line in view.lines if line.kind == "handled" and line.claim.get("assignment") in shares]
    heard = [one for one in view.visits if one.outcome in HEARD]
    return [
        _round(shares[line.claim["assignment"]], line, visit, is_latest=visit is heard[-1])  # type: ignore[index]
        for visit in heard
        for line in _latest(claims, visit.at)
    ]


def _latest(claims: Sequence[Line], at: datetime) -> list[Line]:
    """The last claim of each share before a moment."""
    last = {line.claim["assignment"]: line for line in claims if line.at <= at}
    return list(last.values())


def _round(share: AssignmentRow, line: Line, visit: VisitRow, *, is_latest: bool) -> Round:
    told = _Told(_bool(line.claim.get("has_contacted")), _bool(line.claim.get("is_solved")))
    return Round(
        unit=share.unit, result=RESULTS.get(str(line.claim.get("result")), _WORDS[None]), at=visit.at,
        request=visit.request_id, grade=GRADES.get(visit.grade or ""), cause=CAUSES.get(visit.cause or ""),
        pairs=pairs(told, visit), is_latest=is_latest,
    )  # fmt: skip


def _bool(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
