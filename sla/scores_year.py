"""A longer period from frozen ones: the sum or the mean of the totals as they were published, exact. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from hotline.errors import Say
from sla.scores import Row, Worked, placed, tier_of
from sla.scores_exact import plain, rounded
from sla.scores_formula import Formula
from sla.scores_period import read


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's published total in one part; None where it was listed apart."""

    unit: str
    name_zh: str
    name_en: str
    group: str
    total: str | None
    is_ranked: bool
    sample: int | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen period as it goes into a longer one: which revision, its hash, its totals."""

    period: str
    revision: int
    hash: str
    totals: tuple[Total, ...]


def rolled(formula: Formula, parts: Sequence[Part]) -> list[Row]:
    """A row for each unit that is in any part; each item is a part."""
    latest = {one.unit: one for part in parts for one in part.totals}
    rows = [_row(formula, one, parts) for one in latest.values()]
    return placed(formula, rows)


def _row(formula: Formula, unit: Total, parts: Sequence[Part]) -> Row:
    found = [(part, next((one for one in part.totals if one.unit == unit.unit), None)) for part in parts]
    items = tuple(_item(part, one) for part, one in found)
    got = [Fraction(one.total) for _, one in found if one is not None and one.total is not None]
    total = _of(formula, got)
    is_ranked = total is not None and any(one is not None and one.is_ranked for _, one in found)
    samples = [one.sample for _, one in found if one is not None and one.sample is not None]
    full = Fraction(formula.group(unit.group).full) * (len(parts) if formula.year == "sum" else 1)
    return Row(
        unit=unit.unit, name=Say(unit.name_zh, unit.name_en), group=unit.group, items=items, full=plain(full),
        exact=None if total is None else str(total), is_ranked=is_ranked, sample=sum(samples) if samples else None,
        total=None if total is None else f"{rounded(total, formula.decimals):f}",
        tier=tier_of(formula, total, {}) if is_ranked and total is not None and formula.year == "mean" else None,
        reasons=_reasons(got, parts, is_ranked=is_ranked), words=_words(formula, got, total),
    )  # fmt: skip


def _of(formula: Formula, totals: Sequence[Fraction]) -> Fraction | None:
    if not totals:
        return None
    whole = sum(totals, Fraction(0))
    return whole if formula.year == "sum" else whole / len(totals)


def _item(part: Part, one: Total | None) -> Worked:
    period = read(part.period)
    total = None if one is None else one.total
    said = Say("公布的得分", "the score as published") if total else Say("单列，不计", "listed apart: not counted")
    return Worked(
        code=part.period, name=period.name if period else Say(part.period, part.period), value=total, raw=None,
        points=None if total is None else str(Fraction(total)), shown=total, words=said,
    )  # fmt: skip


def _reasons(got: Sequence[Fraction], parts: Sequence[Part], *, is_ranked: bool) -> tuple[Say, ...]:
    found = []
    if len(got) < len(parts):
        found.append(Say(f"{len(parts)} 期中有得分的 {len(got)} 期。",
                         f"Scored in {len(got)} of {len(parts)} periods."))
    if not is_ranked:
        found.append(Say("各期都没有排名，不排名。", "Ranked in none of the periods: not ranked."))
    return tuple(found)


def _words(formula: Formula, got: Sequence[Fraction], total: Fraction | None) -> Say:
    if total is None:
        return Say("", "")
    parts = " + ".join(plain(one) for one in got)
    text = parts if formula.year == "sum" else f"({parts}) ÷ {len(got)}"
    shown = f"{rounded(total, formula.decimals):f}"
    return Say(f"{text} = {shown}", f"{text} = {shown}")
