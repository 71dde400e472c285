"""A chart as pages make it: a question, its series and its table. Drawn by static/chart.js; the table is the truth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hotline.errors import Say


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table: a name, its cells as shown, and where its cases are."""

    name: Say
    cells: Sequence[str | Say]
    link: str = ""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One series. ``kind``: line, bar, band ([low, high] a place) or dot ([place, rate, low, high]).

    ``look``: now, past, danger, good, soon; ``shaded``: pairs of names between which a line's ground is shaded.
    """

    name: Say
    data: Sequence[Any]
    kind: str = "bar"
    look: str = "now"
    stack: str = ""
    target: float | None = None
    target_name: Say | None = None
    shaded: Sequence[tuple[str, str]] = ()


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a page. ``names`` are the places along the axis; ``is_flat``: bars lie, one below the other.

    ``files``: the address of the table as a file, to which ``csv`` or ``xlsx`` is added (web.sheets).
    """

    id: str
    title: Say
    source: Say
    by: Say
    names: Sequence[Say]
    series: Sequence[Series]
    heads: Sequence[Say]
    rows: Sequence[Line]
    as_of: datetime | None = None
    formula: str = ""
    files: str = ""
    unit: Say = Say("", "")
    is_flat: bool = False
    is_whole: bool = True
    is_table_open: bool = False
    least: float | None = None
    most: float | None = None
    nothing: Say = Say("这段时间没有数据。", "There are no figures for this time.")

    @property
    def is_empty(self) -> bool:
        """Nothing to draw: no place, or nothing but gaps."""
        return not self.names or not any(value is not None for one in self.series for value in one.data)

    def sheet(self, lang: str) -> list[list[str]]:
        """The table as rows of texts, heads first."""
        rows: list[list[str | Say]] = [[self.by, *self.heads], *([row.name, *row.cells] for row in self.rows)]
        return [[one.in_(lang) if isinstance(one, Say) else one for one in row] for row in rows]

    def data(self, lang: str) -> str:
        """What the script reads, as JSON; it stands in an attribute, where the template escapes it."""
        told = {
            "names": [one.in_(lang) for one in self.names],
            "series": [_series(one, lang) for one in self.series],
            "flat": self.is_flat,
            "whole": self.is_whole,
            "unit": self.unit.in_(lang),
            "says": self.title.in_(lang),
            **({} if self.least is None else {"min": self.least}),
            **({} if self.most is None else {"max": self.most}),
        }
        return json.dumps(told, ensure_ascii=False)


def _series(one: Series, lang: str) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name.in_(lang), "as": one.kind, "look": one.look, "data": list(one.data)}
    if one.stack:
        told["stack"] = one.stack
    if one.target is not None:
        told |= {"target": one.target, "target_name": (one.target_name or Say("", "")).in_(lang)}
    if one.shaded:
        told["shaded"] = [list(pair) for pair in one.shaded]
    return told
