"""The score engine: a formula applied to figures, exact to the last place, each step kept. Pure.

Arithmetic is in fractions; only what is shown is rounded, half away from zero, to the formula's decimals. Places go by
the total as it is shown, so that nobody stands behind an equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from hotline.errors import Say
from sla import agreement, scores_words
from sla.scores_exact import plain, rounded
from sla.scores_formula import Adjustment, Entry, Formula, Given, Item


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """One item of one unit: figure and points. ``points`` is exact ("53/3"), ``shown`` rounded; None: no figure."""

    code: str
    name: Say
    value: str | None
    points: str | None
    shown: str | None
    raw: str | None
    words: Say
    weight: str = "0"
    hits: int | None = None
    n: int | None = None
    low: str | None = None
    high: str | None = None
    aside: dict[str, int] = {}
    restored: str | None = None

    @property
    def exact(self) -> Fraction | None:
        """The points as a fraction."""
        return None if self.points is None else Fraction(self.points)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's line of a sheet. ``reasons`` say why it has no rank, or what was left out."""

    unit: str
    name: Say
    group: str
    items: tuple[Worked, ...]
    exact: str | None
    total: str | None
    full: str
    is_ranked: bool
    sample: int | None = None
    rank: int | None = None
    tier: str | None = None
    reasons: tuple[Say, ...] = ()
    words: Say = Say("", "")

    def item(self, code: str) -> Worked | None:
        """One of its items."""
        return next((one for one in self.items if one.code == code), None)


def raw_points(item: Item, value: Fraction) -> Fraction:
    """What the item comes to before floor and cap."""
    weight, slope = Fraction(item.weight), Fraction(item.slope)
    if item.way == "off":
        return -slope * value
    if item.way == "bonus":
        return slope * value
    if item.way == "share":
        full = Fraction(item.full)
        return weight * (value if item.better == "high" else full - value) / full
    target = Fraction(item.target)
    return weight - slope * max(Fraction(0), target - value if item.better == "high" else value - target)


def bounded(item: Item, raw: Fraction) -> Fraction:
    """Not over the cap, not under the floor."""
    most, least = item.most, item.least
    got = raw if most is None else min(most, raw)
    return got if least is None else max(least, got)


def scored(formula: Formula, entries: Iterable[Entry], adjustments: Sequence[Adjustment] = ()) -> list[Row]:
    """A row for each entry: each group by rank, those without one last. The same for the same input."""
    return placed(formula, [_row(formula, entry, adjustments) for entry in entries])


def placed(formula: Formula, rows: Sequence[Row]) -> list[Row]:
    """The rows with their places: equals share one, and as many are skipped after them."""
    totals: dict[str, list[Decimal]] = {}
    for row in rows:
        if row.is_ranked and row.total is not None:
            totals.setdefault(row.group, []).append(Decimal(row.total))
    ranked = [
        msgspec.structs.replace(row, rank=1 + sum(one > Decimal(row.total) for one in totals[row.group]))
        if row.is_ranked and row.total is not None else row
        for row in rows
    ]  # fmt: skip
    order = {group.code: n for n, group in enumerate(formula.groups)}
    return sorted(ranked, key=lambda row: (order[row.group], row.rank or 10**6, row.total is None, row.unit))


def _row(formula: Formula, entry: Entry, adjustments: Sequence[Adjustment]) -> Row:
    items = [(one, _worked(formula, one, entry, adjustments)) for one in formula.items_of(entry.group)]
    full = Fraction(formula.group(entry.group).full)
    reasons = list(_apart(formula, entry, items))
    total = None if reasons else _total(items, full)
    if total is None and not reasons:
        reasons.append(scores_words.NOTHING)
    is_few = total is not None and entry.sample is not None and entry.sample < formula.least
    if is_few:
        reasons.append(scores_words.few(entry.sample or 0, formula.least))
    left_out = [item for item, worked in items if worked.points is None and item.is_weighed]
    if total is not None and left_out:
        reasons.append(scores_words.left_out(left_out))
    return Row(
        unit=entry.unit, name=Say(entry.name_zh, entry.name_en), group=entry.group, full=plain(full),
        items=tuple(worked for _, worked in items), sample=entry.sample, is_ranked=total is not None and not is_few,
        exact=None if total is None else str(total),
        total=None if total is None else f"{rounded(total, formula.decimals):f}",
        tier=tier_of(formula, total, entry.given) if total is not None and not is_few else None, reasons=tuple(reasons),
        words=Say("", "") if total is None else scores_words.total(items, total, full, formula.decimals),
    )  # fmt: skip


def _worked(formula: Formula, item: Item, entry: Entry, adjustments: Sequence[Adjustment]) -> Worked:
    given = entry.given.get(item.code, Given())
    value = given.exact
    raw = None if value is None else raw_points(item, value)
    points = _of_missing(item) if raw is None else bounded(item, raw)
    back = sum((Fraction(one.points) for one in adjustments if (one.unit, one.item) == (entry.unit, item.code)),
               Fraction(0))  # fmt: skip
    got = points
    if points is not None and back:
        got = points + back if item.most is None else min(item.most, points + back)
    low, high = _interval(item, given)
    return Worked(
        code=item.code, name=item.name, value=None if value is None else plain(value), weight=plain(item.weight),
        points=None if got is None else str(got), raw=None if raw is None else str(raw),
        shown=None if got is None else f"{rounded(got, max(formula.decimals, 2)):f}", hits=given.hits, n=given.n,
        low=low, high=high, aside=given.aside, restored=plain(back) if back else None,
        words=scores_words.item(item, value, raw, points, back),
    )  # fmt: skip


def _of_missing(item: Item) -> Fraction | None:
    if not item.is_weighed:
        return Fraction(0)
    return {"full": Fraction(item.weight), "zero": item.least}.get(item.missing)


def _interval(item: Item, given: Given) -> tuple[str | None, str | None]:
    if item.figure != "percent" or given.hits is None or not given.n:
        return None, None
    low, high = agreement.wilson(given.hits, given.n)
    return f"{100 * low:.1f}", f"{100 * high:.1f}"


def _apart(formula: Formula, entry: Entry, items: Sequence[tuple[Item, Worked]]) -> Iterable[Say]:
    if entry.sample == 0:
        yield scores_words.NO_CASES
        return
    lacking = [item for item, worked in items if worked.points is None and item.missing == "apart"]
    if lacking and formula.items:
        yield scores_words.none_due(lacking)


def _total(items: Sequence[tuple[Item, Worked]], full: Fraction) -> Fraction | None:
    """Weighed items scaled to the maximum where some have no figure, then what comes off and on; never under 0."""
    weighed = [(item, worked.exact) for item, worked in items if item.is_weighed]
    known = sum((Fraction(item.weight) for item, points in weighed if points is not None), Fraction(0))
    if known == 0:
        return None
    earned = sum((points for _, points in weighed if points is not None), Fraction(0)) * full / known
    beside = sum((worked.exact or Fraction(0) for item, worked in items if not item.is_weighed), Fraction(0))
    return max(Fraction(0), earned + beside)


def tier_of(formula: Formula, total: Fraction, figures: Mapping[str, Given]) -> str | None:
    """The best tier whose score it reaches, and whose figures it has; a figure that is not there stands in no way."""
    for tier in formula.tiers:
        reached = rounded(total, formula.decimals) >= tier.least
        values = ((figures.get(code, Given()).exact, Fraction(least)) for code, least in tier.needs.items())
        if reached and all(value is None or value >= least for value, least in values):
            return tier.code
    return None
