"""What every board has at hand: days, part of the city, and the ways to cases and to other boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request

from hotline import db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from sla import facts
from sla.facts import Figure
from sla.measures import MEASURES
from web.chart import Chart, Line, Series
from web.figures import sight, spans
from web.figures.names import DIMENSIONS, name_of
from web.figures.sight import Sight
from web.figures.spans import Span

AnyRequest = Request[Any, Any, Any]
STORE = Say("事实库", "the fact store")
FORMULAS = "/figures/measures"
TABS = (
    ("/figures", Say("总览", "Overview")),
    ("/figures/places", Say("哪里多", "Where")),
    ("/figures/matters", Say("什么事", "What")),
    ("/figures/units", Say("哪个单位", "Units")),
    ("/figures/stages", Say("卡在哪", "Stages")),
    ("/figures/calls", Say("来电", "Calls")),
)


class Room(msgspec.Struct, kw_only=True):
    """One board as asked for."""

    connection: db.Connection
    actor: Actor
    span: Span
    sight: Sight
    as_of: datetime | None = None

    @property
    def query(self) -> dict[str, str]:
        """The values of an address that name these days and this part."""
        return {**self.span.query, **self.sight.query}

    def link(self, measure: str, where: Mapping[str, str] | None = None, *, span: Span | None = None) -> str:
        """The cases behind a figure."""
        days = span or self.span
        return "/figures/cases?" + urlencode({
            "measure": measure, "from": str(days.first), "to": str(days.last), **self.sight.query, **(where or {})
        })  # fmt: skip

    def at(self, path: str, **more: str) -> str:
        """Another board of the same days and part."""
        return f"{path}?{urlencode({**self.query, **more})}"

    def tabs(self, here: str) -> list[tuple[Say, str, None, bool]]:
        """The boards, for the tabs; calls are nobody's but the centre's."""
        return [
            (say, self.at(path), None, path == here)
            for path, say in TABS
            if path != "/figures/calls" or self.has_calls
        ]

    @property
    def has_calls(self) -> bool:
        """Calls are counted for the city and by line."""
        return self.sight.is_city and (self.sight.within is None or self.sight.within[0] == "line")

    async def counted(
        self, measures: Sequence[str], *, span: Span | None = None, by: str = "", each: str = ""
    ) -> list[Figure]:
        """Figures of this part of the city."""
        days = span or self.span
        return await facts.counted(
            self.connection, measures, days.first, days.end, by=by, each=each, within=self.sight.within
        )  # fmt: skip

    async def by(self, measures: Sequence[str], by: str) -> dict[str, dict[str, Figure]]:
        """Key → measure → figure."""
        found: dict[str, dict[str, Figure]] = {}
        for one in await self.counted(measures, by=by):
            found.setdefault(one.key, {})[one.measure] = one
        return found

    def chart(self, id: str, title: Say, **given: Any) -> Chart:
        """A chart of this room."""
        return Chart(
            id=id, title=title, source=STORE, as_of=self.as_of, formula=FORMULAS, files=self.at_files(id), **given
        )

    def at_files(self, table: str) -> str:
        """The address of a table's file, to which the kind is added."""
        return f"?{urlencode({**self.query, 'table': table})}&as="


async def enter(connection: db.Connection, request: AnyRequest, actor: Actor, span: Span) -> Room:
    """The room for what the address asks."""
    return Room(
        connection=connection, actor=actor, span=span, sight=sight.of(actor, request.query_params),
        as_of=await facts.as_of(connection),
    )  # fmt: skip


def days_of(request: AnyRequest) -> tuple[Span, Say | None]:
    """The days, and what is wrong with those that were asked for."""
    try:
        return spans.asked(request.query_params), None
    except Refusal as refusal:
        return spans.named("month"), refusal.say


def percent(value: float | None) -> str:
    """A rate to one place; a dash of nothing."""
    return "–" if value is None else f"{value:.1f}%"


def shown(one: Figure | None, measure: str) -> str:
    """A figure as a table shows it: a count, or a rate with what it is of."""
    if not MEASURES[measure].is_rate:
        return f"{one.total if one else 0:,}"
    return f"{percent(one.rate)} ({one.good:,}/{one.total:,})" if one and one.total else "–"


def bars(
    room: Room, id: str, title: Say, by: str, found: Mapping[str, Mapping[str, Figure]], measures: Sequence[str],
    *, most: int = 0, seen: int = 12,
) -> Chart:  # fmt: skip
    """Sorted bars of the first measure by key; all measures and keys in the table, rates with what they are of."""
    first = measures[0]
    keys = sorted(found, key=lambda key: (-(found[key][first].total if first in found[key] else 0), key))
    keys = keys[:most] if most else keys
    drawn = [key for key in keys if first in found[key] and found[key][first].total][:seen]
    name = MEASURES[first].name
    rows = [
        Line(
            name=name_of(by, key), link=room.link(first, {by: key}),
            cells=[shown(found[key].get(one), one) for one in measures],
        )
        for key in keys
    ]  # fmt: skip
    return room.chart(
        id, title, by=DIMENSIONS[by], names=[name_of(by, key) for key in drawn], rows=rows, is_flat=True,
        heads=[MEASURES[one].name for one in measures],
        series=[Series(name=name, data=[found[key][first].total for key in drawn])],
    )  # fmt: skip
