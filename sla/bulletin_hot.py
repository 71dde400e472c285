"""Hot issues that the detector found in the period and what became of them; the monthly themes and how they stand."""

from __future__ import annotations

from hotline import city, clock
from hotline.errors import Say
from sla.bulletin_document import Cell, Column, Section, Table
from sla.bulletin_reading import Asking, name_of
from sla.hot_lists import LEVELS, STATES

_FOUND = """
    SELECT matter, kind, area, level, observed, high, requesters, state FROM hot_issue
    WHERE found_at >= $1 AND found_at < $2 AND state <> 'dismissed' AND (NOT $3 OR settled_at IS NOT NULL)
    ORDER BY level DESC, observed DESC, number
"""
_THEMES = """
    SELECT number, title, unit, closed_at IS NOT NULL AND closed_at < $2 AND state = 'closed' AS is_closed,
        approved_at IS NOT NULL AND approved_at < $2 AS is_answered FROM theme
    WHERE month < $2::date AND (closed_at IS NULL OR closed_at >= $1) AND state <> 'dropped' AND made_at < $2
    AND (NOT $3 OR published_at < $2) ORDER BY month, number
"""


async def found(ask: Asking) -> Table:
    """Issues found in the period: matter, place, how many beside what is usual, and what was done about them.

    The public reads of those that a person looked at: what the detector alone found may be chance.
    """
    rows: list[list[Cell]] = [
        [_matter(row["matter"]), _place(row["kind"], row["area"]),
         row["observed"], row["high"], row["requesters"], LEVELS[row["level"]], STATES[row["state"]]]
        for row in await ask.connection.fetch(_FOUND, clock.on(ask.span.first), clock.on(ask.span.end), ask.is_public)
    ]  # fmt: skip
    usual = Say("同时段、同季节常见的上限", "the most that is usual for these hours and this season")
    return Table(
        key="hot", title=Say("什么事异常地多？", "What was unusually frequent?"),
        columns=(
            Column(name=Say("事项", "Matter")), Column(name=Say("地点", "Place")),
            Column(name=Say("最近一次看到", "Last seen"), formula=Say("窗口内的件数", "cases within the window")),
            Column(name=Say("常见上限", "Usual at most"), formula=usual),
            Column(name=Say("诉求人", "Requesters"), formula=Say("不同的诉求人", "different requesters")),
            Column(name=Say("程度", "How much")), Column(name=Say("处置", "What became of it")),
        ),
        rows=ask.rows(rows), nothing=Say("没有发现异常的热点。", "No unusual issue was found."),
    )  # fmt: skip


def _place(kind: str, area: str) -> Say:
    return Say("全市", "The city") if kind == "city" else name_of(kind, area)


def _matter(code: str) -> Say:
    one = city.current().matter(code)
    if one is not None:
        return one.name
    first = next((each for key, each in sorted(city.current().matters.items()) if key.startswith(code)), None)
    return Say(first.l2_zh, first.l2_en) if first is not None else Say(code, code)


async def themes(ask: Asking) -> Section:
    """每月一题: what was open in the period, whether it was answered and closed; the public sees the published ones."""
    rows = await ask.connection.fetch(_THEMES, clock.on(ask.span.first), clock.on(ask.span.end), ask.is_public)
    yes, no = Say("是", "Yes"), Say("还没有", "Not yet")
    return Section(
        key="themes", title=Say("每月一题", "Monthly themes"),
        tables=(
            Table(
                key="themes", title=Say("每月一题办得怎样？", "How do the monthly themes stand?"),
                columns=(
                    Column(name=Say("编号", "Number")), Column(name=Say("题目", "Theme")),
                    Column(name=Say("牵头", "Led by")), Column(name=Say("已统一答复", "Answered")),
                    Column(name=Say("已办结", "Closed")),
                ),
                rows=tuple(
                    (row["number"], row["title"], name_of("unit", row["unit"]), yes if row["is_answered"] else no,
                     yes if row["is_closed"] else no) for row in rows
                ),
                nothing=Say("这段时间没有每月一题。", "No monthly theme in this period."),
            ),
        ),
    )  # fmt: skip
