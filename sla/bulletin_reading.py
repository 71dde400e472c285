"""What the sections of a bulletin read from: sums of the fact store for its days, those before and a year ago."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from cases.states import KINDS
from cases.wording import CHANNELS
from hotline import city, db
from hotline.errors import Say
from sla import facts, small_cells
from sla.bulletin_document import FEW, HIDDEN, Cell, Column, Table, change, guarded, rate
from sla.bulletin_periods import Span
from sla.facts import Figure
from sla.measures import MEASURES

Sums = Mapping[str, Figure]
MOST = 10
"""Rows of a table of the most frequent."""
ALL = Say("合计", "In all")
UNKNOWN = Say("未填", "not given")
THIS, BEFORE, GREW = Say("本期", "This period"), Say("上期", "Before"), Say("环比", "Change")
YEAR, YEARLY = Say("去年同期", "A year ago"), Say("同比", "On the year")


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for which days; for the public small figures are hidden."""

    connection: db.Connection
    span: Span
    is_public: bool = False
    began: date | None = None
    """The first day of which the city's figures tell; before it there are none, not none of anything."""

    def knows(self, span: Span) -> bool:
        """Whether any day of the span is one of the figures'."""
        return self.began is not None and self.began < span.end

    async def sums(self, measures: Sequence[str], span: Span | None = None) -> dict[str, Figure]:
        """The whole city's sums by measure; a measure without facts is one of zeros."""
        days = span or self.span
        found = await facts.counted(self.connection, measures, days.first, days.end)
        return {one: Figure(measure=one, first=None, key="", total=0, good=0) for one in measures} | {
            one.measure: one for one in found
        }

    async def by(self, measures: Sequence[str], by: str, span: Span | None = None) -> dict[str, dict[str, Figure]]:
        """Sums by one thing more: key → measure → figure."""
        days = span or self.span
        found: dict[str, dict[str, Figure]] = {}
        for one in await facts.counted(self.connection, measures, days.first, days.end, by=by):
            found.setdefault(one.key, {})[one.measure] = one
        return found

    def n(self, count: int) -> Cell:
        """A count in a sentence or cell, as far as the reader may know it."""
        return HIDDEN if self.is_public and 0 < count < FEW else count

    def rate(self, figure: Figure | None) -> Cell:
        """A rate as a cell: of too few it is hidden from the public."""
        if figure is None or not figure.total:
            return None
        return HIDDEN if self.is_public and figure.total < FEW else rate(figure.good, figure.total)

    def counts(self, of: Mapping[str, int], most: int = 0) -> dict[str, Cell]:
        """Counts by key; for the public those cells without a number that no other public table tells (small_cells)."""
        return {**of, **(small_cells.marks(of, most) if self.is_public else {})}

    def of(self, figure: Figure) -> tuple[Cell, Cell, Cell]:
        """Good ones, all, and their rate side by side: for the public none of them tells another that is small."""
        if self.is_public and (0 < figure.total < FEW or 0 < figure.good < FEW):
            return HIDDEN, self.n(figure.total), HIDDEN
        return figure.good, figure.total, self.rate(figure)

    def rows(self, rows: Iterable[Sequence[Cell]], parts: Sequence[int] = ()) -> tuple[tuple[Cell, ...], ...]:
        """Finished rows; for the public with what is small hidden."""
        return guarded([list(row) for row in rows], tuple(parts)) if self.is_public else tuple(map(tuple, rows))


def total(sums: Sums | None, measure: str) -> int:
    """A measure's total, 0 where there is none."""
    figure = sums.get(measure) if sums else None
    return figure.total if figure is not None else 0


def name_of(by: str, key: str) -> Say:
    """The name behind a key of the fact store."""
    snapshot = city.current()
    if by == "channel":
        return CHANNELS.get(key, Say(key or "未知", key or "unknown"))
    if by == "kind":
        return KINDS.get(key, Say(key, key))
    found: dict[str, Callable[[str], Any]] = {
        "unit": snapshot.unit, "matter": snapshot.matter, "county": snapshot.any_jurisdiction,
        "township": snapshot.township, "line": snapshot.line,
    }  # fmt: skip
    named = found[by](key) if key else None
    if named is None:
        return Say("全市", "The city") if key == "city" else Say(key, key) if key else UNKNOWN
    say: Say = named.name
    return Say(f"{key} {say.zh}", f"{key} {say.en}") if by == "line" else say


def compared(first: Say, formula: Say) -> tuple[Column, ...]:
    """The columns of a table of counts beside those before and a year ago."""
    grew = Say("（本期 − 上期）÷ 上期", "(this period − before) ÷ before")
    yearly = Say("（本期 − 去年同期）÷ 去年同期", "(this period − a year ago) ÷ a year ago")
    return (
        Column(name=first), Column(name=THIS, formula=formula), Column(name=BEFORE, formula=formula),
        Column(name=GREW, formula=grew, is_percent=True), Column(name=YEAR, formula=formula),
        Column(name=YEARLY, formula=yearly, is_percent=True),
    )  # fmt: skip


def grown(rows: Iterable[Sequence[Cell]], ask: Asking) -> tuple[tuple[Cell, ...], ...]:
    """Rows of counts with their changes; a period before the city's first day has no figure."""
    has_before, has_year = ask.knows(ask.span.before), ask.knows(ask.span.year_ago)
    shown = ask.rows(
        [name, now, before if has_before else None, year if has_year else None] for name, now, before, year in rows
    )
    return tuple(
        (name, now, before, change(now, before), year, change(now, year)) for name, now, before, year in shown
    )


async def counts_by(
    ask: Asking, by: str, title: Say, first: Say, *, measure: str = "requests", most: int = 0, **more: object
) -> Table:
    """A table of one measure by one thing, the most frequent first, beside the period before and a year ago."""
    now = await ask.by([measure], by)
    before, year = await ask.by([measure], by, ask.span.before), await ask.by([measure], by, ask.span.year_ago)
    keys = sorted({*now, *(() if most else (*before, *year))}, key=lambda one: (-total(now.get(one), measure), one))
    columns = [
        ask.counts({key: total(one, measure) for key, one in found.items()}, most) for found in (now, before, year)
    ]
    rows = [
        (name_of(by, key), *(column.get(key, 0) for column in columns)) for key in (keys[:most] if most else keys)
    ]
    return Table(
        key=f"{measure}_{by}", title=title, columns=compared(first, MEASURES[measure].counts),
        rows=grown(rows, ask), **more,  # type: ignore[arg-type] # fields of Table
    )  # fmt: skip
