"""Is the satisfaction rate of units fair? Each rate with its interval; too few are listed, not ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hotline import city
from hotline.errors import Say
from sla.agreement import wilson
from sla.facts import Figure
from sla.measures import MEASURES
from web.chart import Chart, Line, Series
from web.figures.names import DIMENSIONS, name_of
from web.figures.room import Room, percent

FEW = 30
"""Under so many a rate is listed, not ranked."""
HEADS = (Say("名次", "Place"), Say("评价数", "Grades"), Say("满意率", "Rate"), Say("95% 区间", "95 % interval"))
UNRANKED = Say("不排", "none")


def is_county(code: str) -> bool:
    """Counties and departments are never put in one ranking."""
    unit = city.current().unit(code)
    return unit is not None and unit.code in city.current().jurisdictions


def charts(room: Room, found: Iterable[Figure], measure: str = "rated") -> list[Chart]:
    """One chart for counties, one for departments."""
    figures = [one for one in found if one.total and one.key]
    kinds: tuple[tuple[str, Say, Callable[[str], bool]], ...] = (
        ("departments", Say("各部门的满意率公平吗？", "Are the departments' rates fair?"),
         lambda code: not is_county(code)),
        ("counties", Say("各区县的满意率公平吗？", "Are the counties' rates fair?"), is_county),
    )  # fmt: skip
    return [
        _chart(room, f"fair-{code}", title, [one for one in figures if belongs(one.key)], measure)
        for code, title, belongs in kinds
    ]


def _rank(figures: list[Figure]) -> tuple[list[tuple[int, Figure]], list[Figure]]:
    """Places of those with enough grades, ties sharing one; and those with too few."""
    enough = sorted((one for one in figures if one.total >= FEW), key=lambda one: (-(one.rate or 0), one.key))
    places: list[tuple[int, Figure]] = []
    for n, one in enumerate(enough, 1):
        is_tie = bool(places) and places[-1][1].rate == one.rate
        places.append((places[-1][0] if is_tie else n, one))
    return places, sorted((one for one in figures if one.total < FEW), key=lambda one: (-one.total, one.key))


def _chart(room: Room, id: str, title: Say, figures: list[Figure], measure: str) -> Chart:
    places, few = _rank(figures)
    drawn = [*(one for _, one in places), *few]
    bounds = [tuple(round(100 * edge, 1) for edge in wilson(one.good, one.total)) for one in drawn]
    ranks = [*(str(n) for n, _ in places), *(None for _ in few)]
    dots = [[n, round(one.rate or 0, 1), *bounds[n]] for n, one in enumerate(drawn)]
    target = float(city.current().rule("figures.satisfaction_target"))
    rows = [
        Line(
            name=name_of("unit", one.key), link=room.link(measure, {"unit": one.key}),
            cells=[rank or UNRANKED, f"{one.total:,}", percent(one.rate), f"{low:.1f}–{high:.1f}%"],
        )
        for rank, one, (low, high) in zip(ranks, drawn, bounds, strict=True)
    ]  # fmt: skip
    series = [
        Series(name=MEASURES[measure].name, kind="dot", data=dots[: len(places)], target=target,
               target_name=Say("目标", "Target")),
        Series(name=Say(f"不足 {FEW} 件，不排名", f"under {FEW}: not ranked"), kind="dot", look="past",
               data=dots[len(places):]),
    ]  # fmt: skip
    return room.chart(
        id, title, by=DIMENSIONS["unit"], names=[name_of("unit", one.key) for one in drawn], is_flat=True,
        is_whole=False, least=0, most=100, unit=Say("%", "%"), heads=HEADS, rows=rows,
        series=[one for one in series if one.data or one.look == "now"],
        nothing=Say("这段时间还没有评价。", "Nothing was graded in these days."),
    )  # fmt: skip
