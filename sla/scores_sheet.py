"""A sheet: one period's scores of all units by one formula, with every input, as it is kept and made again. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from hashlib import sha256
from uuid import UUID

import msgspec

from hotline import canon
from hotline.errors import Say
from sla import scores, scores_year
from sla.scores import Row
from sla.scores_formula import Adjustment, Entry, Formula
from sla.scores_period import Period, read
from sla.scores_year import Part

FORM = "hotline.score.1"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What is hashed: inputs (formula, entries or parts, adjustments) and outcome (rows).

    ``is_given``: the figures came from a sheet, for a period from before the city had this system.
    """

    form: str
    preset: str
    period: str
    version: int
    first: date
    end: date
    formula: Formula
    entries: tuple[Entry, ...]
    parts: tuple[Part, ...]
    adjustments: tuple[Adjustment, ...]
    rows: tuple[Row, ...]
    is_given: bool = False

    def again(self) -> tuple[Row, ...]:
        """The rows, computed anew from the inputs."""
        if self.parts:
            return tuple(scores_year.rolled(self.formula, self.parts))
        return tuple(scores.scored(self.formula, self.entries, self.adjustments))

    @property
    def text(self) -> str:
        """Its one spelling."""
        return canon.canonical(msgspec.structs.asdict(self))


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet, live or frozen. ``revision`` 0: live. ``rows`` stand by group and rank (``scores.scored``).

    ``reason`` says why a revision after the first was made; ``first_by`` froze the first.
    """

    body: Body
    revision: int = 0
    id: UUID | None = None
    hash: str = ""
    reason: str = ""
    frozen_at: datetime | None = None
    frozen_by: UUID | None = None
    formula_id: UUID | None = None

    @property
    def preset(self) -> str:
        """By which formula."""
        return self.body.preset

    @property
    def formula(self) -> Formula:
        """The formula as it stood."""
        return self.body.formula

    @property
    def period(self) -> Period:
        """Which period."""
        found = read(self.body.period)
        if found is None:
            raise ValueError(self.body.period)
        return found

    @property
    def rows(self) -> tuple[Row, ...]:
        """One a unit."""
        return self.body.rows

    @property
    def is_frozen(self) -> bool:
        """It will never change."""
        return self.revision > 0

    def row(self, unit: str) -> Row | None:
        """One unit's line."""
        return next((one for one in self.rows if one.unit == unit), None)

    def of_group(self, group: str) -> list[Row]:
        """A group's lines, those without a rank last."""
        return [one for one in self.rows if one.group == group]


def made(
    preset: str, period: Period, version: int, formula: Formula, *, entries: Sequence[Entry] = (),
    parts: Sequence[Part] = (), adjustments: Sequence[Adjustment] = (), is_given: bool = False,
) -> Body:  # fmt: skip
    """A body with its rows computed."""
    bare = Body(
        form=FORM, preset=preset, period=period.text, version=version, first=period.first, end=period.end,
        formula=formula, entries=tuple(entries), parts=tuple(parts), adjustments=tuple(adjustments), rows=(),
        is_given=is_given,
    )  # fmt: skip
    return msgspec.structs.replace(bare, rows=bare.again())


def digest(text: str) -> bytes:
    """The hash of a body's text."""
    return sha256(text.encode()).digest()


def part_of(sheet: Sheet) -> Part:
    """A sheet as a part of a longer period: what it printed, and the hash of what it was."""
    totals = tuple(
        scores_year.Total(unit=one.unit, name_zh=one.name.zh, name_en=one.name.en, group=one.group, total=one.total,
                          is_ranked=one.is_ranked, sample=one.sample)
        for one in sheet.rows
    )  # fmt: skip
    return Part(period=sheet.body.period, revision=sheet.revision, hash=sheet.hash, totals=totals)


def moved(frozen: Sheet, now: Sheet) -> dict[str, tuple[str | None, str | None]]:
    """Units whose score would be another today: what was published, what it would be. None for a year or a sheet."""
    if frozen.body.parts or frozen.body.is_given:
        return {}
    fresh = {one.unit: one.total for one in now.rows}
    return {
        one.unit: (one.total, fresh.get(one.unit)) for one in frozen.rows if fresh.get(one.unit) != one.total
    }


def red_and_black(sheet: Sheet) -> tuple[list[Row], list[Row]]:
    """The red list (the top places of each group, or of all) and the black one (the bottom of all that are ranked).

    All who share the last place on a list are on it; within a list nobody stands before another (domain.md 2.11). The
    bottom is counted in per cent of each unit's maximum, for maxima differ. Only the better half of a group is red and
    only the worse half of all is black, so that nobody is praised or blamed for want of others; who would be on both,
    as where all are equal, is on neither.
    """
    formula = sheet.formula
    ranked = [one for one in sheet.rows if one.is_ranked]
    groups: Mapping[str, list[Row]] = (
        {group.code: [one for one in ranked if one.group == group.code] for group in formula.groups}
        if formula.is_red_by_group else {"": ranked}
    )  # fmt: skip
    red = [one for rows in groups.values() for one in _first(rows, min(formula.red, len(rows) // 2), is_top=True)]
    black = _first(ranked, min(formula.black, len(ranked) // 2), is_top=False)
    both = {one.unit for one in red} & {one.unit for one in black}
    return [one for one in red if one.unit not in both], [one for one in black if one.unit not in both]


def _first(rows: Sequence[Row], places: int, *, is_top: bool) -> list[Row]:
    if places < 1 or not rows:
        return []
    order = sorted((_share(one) for one in rows), reverse=is_top)
    edge = order[min(places, len(order)) - 1]
    return [one for one in rows if (_share(one) >= edge if is_top else _share(one) <= edge)]


def _share(row: Row) -> Fraction:
    return Fraction(row.total or "0") / Fraction(row.full)


def same(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether two computations say the same numbers, places and tiers; words may have been put better since."""
    return [_numbers(one) for one in left] == [_numbers(one) for one in right]


def _numbers(row: Row) -> tuple[object, ...]:
    items = tuple((one.code, one.value, one.points, one.hits, one.n) for one in row.items)
    return row.unit, row.group, row.exact, row.total, row.rank, row.tier, row.is_ranked, items


def heading(period: Period, formula: Formula) -> Say:
    """What a page or bulletin calls the sheet."""
    return Say(f"{period.name.zh}考核（{formula.name_zh}）", f"Scores of {period.name.en} ({formula.name_en})")
