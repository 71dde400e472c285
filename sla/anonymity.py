"""k-anonymity of open data by generalising step by step. Pure, and the same rows always give the same result.

What could tell who somebody is (matter, place, day, door and kind) is made coarser for those rows whose class is too
small, never for the others. A class counts the people behind it, not its rows: somebody who asks five times is one, and
all who are unknown count as one together. Why so: docs/adr/0032.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date

import msgspec

ALL = "*"
HARSH = frozenset({"neutral", "dissatisfied"})
"""Grades that somebody may be made to regret."""
WITHHELD = "withheld"
LEAST = 5
"""No city sets k lower."""


class Case(msgspec.Struct, frozen=True, array_like=True):
    """One request as it was frozen. ``who`` numbers the requester within the month; 0 is whoever is unknown."""

    id: str
    day: date
    county: str
    township: str
    matter: str
    door: str
    kind: str
    first_answer: str
    finish: str
    on_time: str
    grade: str
    who: int


class Shown(msgspec.Struct, frozen=True, order=True):
    """What of it could tell who somebody is, as far as it is shown."""

    period: str
    county: str
    township: str
    matter: str
    door: str
    kind: str


class Step(msgspec.Struct, frozen=True):
    """How coarse: the unit of time, whether the township and the county show, digits of the matter, door and kind."""

    name: str
    time: str = "day"
    has_township: bool = True
    has_county: bool = True
    digits: int = 6
    has_door: bool = True
    has_kind: bool = True

    def of(self, case: Case) -> Shown:
        """The case seen so coarsely."""
        return Shown(
            _period(case.day, self.time),
            case.county if self.has_county else ALL,
            case.township if self.has_township else ALL,
            case.matter[: self.digits] if self.digits else ALL,
            case.door if self.has_door else ALL,
            case.kind if self.has_kind else ALL,
        )


STEPS = (
    Step("day"),
    Step("week", "week"),
    Step("month", "month"),
    Step("county", "month", has_township=False),
    Step("group", "month", has_township=False, digits=4),
    Step("division", "month", has_township=False, digits=2),
    Step("door", "month", has_township=False, digits=2, has_door=False),
    Step("kind", "month", has_township=False, digits=2, has_door=False, has_kind=False),
    Step("city", "month", has_township=False, has_county=False, digits=2, has_door=False, has_kind=False),
)
"""Tried in this order; what fits in none is left out."""


class Row(msgspec.Struct, frozen=True, order=True):
    """One published row: what is shown, how coarsely, and what came of it."""

    shown: Shown
    step: str
    first_answer: str
    finish: str
    on_time: str
    grade: str


class Result(msgspec.Struct, frozen=True):
    """The rows in the order of their content, and how they came to be so."""

    rows: list[Row]
    classes: dict[Shown, list[Case]]
    by_step: dict[str, int]
    suppressed: int
    withheld: int
    smallest: int


def _period(day: date, time: str) -> str:
    if time == "day":
        return day.isoformat()
    if time == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return f"{day:%Y-%m}"


def people(cases: Sequence[Case]) -> int:
    """How many different people are behind these, at the least."""
    return len({case.who for case in cases})


def anonymous(cases: Sequence[Case], k: int, harsh_share: int) -> Result:
    """The cases of a month so that behind every class of published rows there are ``k`` people or more.

    In a class in which more than ``harsh_share`` percent graded harshly (``_is_mild``) no grade is shown at all:
    knowing that somebody is in it would tell what they thought.
    """
    left, classes, steps = list(cases), {}, {}
    for step in STEPS:
        groups = _grouped(left, step.of)
        good = {shown: group for shown, group in groups.items() if people(group) >= k}
        classes.update(good)
        steps.update(dict.fromkeys(good, step.name))
        left = [case for case in left if step.of(case) not in good]
    rows: list[Row] = []
    withheld = 0
    for shown, group in classes.items():
        is_open = _is_mild(group, harsh_share)
        withheld += 0 if is_open else len(group)
        rows += [_row(shown, steps[shown], case, case.grade if is_open else WITHHELD) for case in group]
    counts = Counter(row.step for row in rows)
    return Result(
        rows=sorted(rows), classes=classes, by_step={step.name: counts[step.name] for step in STEPS},
        suppressed=len(left), withheld=withheld, smallest=min(map(people, classes.values()), default=0),
    )  # fmt: skip


def _is_mild(group: Sequence[Case], share: int) -> bool:
    """Whether at most ``share`` percent graded harshly, by requests and by people: one who asks often hides nobody."""
    harsh = [case for case in group if case.grade in HARSH]
    return len(harsh) * 100 <= share * len(group) and people(harsh) * 100 <= share * people(group)


def _grouped(cases: Sequence[Case], of: Callable[[Case], Shown]) -> dict[Shown, list[Case]]:
    groups: dict[Shown, list[Case]] = defaultdict(list)
    for case in cases:
        groups[of(case)].append(case)
    return groups


def _row(shown: Shown, step: str, case: Case, grade: str) -> Row:
    return Row(shown, step, case.first_answer, case.finish, case.on_time, grade)


def without(cases: Sequence[Case], gone: frozenset[str], k: int, harsh_share: int) -> list[Case]:
    """The cases for another version without those that may no longer be published: their whole class goes with them.

    So the difference between two versions singles nobody out.
    """
    classes = anonymous(cases, k, harsh_share).classes
    lost = {case.id for group in classes.values() if any(one.id in gone for one in group) for case in group} | gone
    return [case for case in cases if case.id not in lost]
