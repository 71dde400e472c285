"""Ranking tables and the red and black list, from sheets that were frozen: a bulletin never scores by itself."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hotline import city
from hotline.errors import Say
from sla import scores_black, scores_frozen, scores_presets
from sla.bulletin_document import FEW, HIDDEN, Cell, Column, Section, Table
from sla.bulletin_periods import Span
from sla.bulletin_reading import Asking
from sla.scores import Row, Worked
from sla.scores_sheet import Sheet
from sla.scores_words import NO_CASES

RANKING, LISTS = Say("得分排名", "Ranking"), Say("红黑榜", "Red and black list")
_NOT_YET = Say("本期得分还没有核定，没有名次。", "The scores of this period are not frozen yet: no ranks.")
_NO_LIST = Say("本期红黑榜还没有核定。", "The red and black list of this period is not frozen yet.")
_CLOSED = Say("末位名单没有全部同意公开，没有同意的不列。", "Of the bottom list only what was approved is shown.")
_RED, _BLACK = Say("红榜", "Red list"), Say("黑榜", "Black list")
_UNIT = Column(name=Say("单位", "Unit"))


def period_of(span: Span) -> str:
    """How the scores call the span: 2026-10, 2026-Q3, 2026; "" for one that is not scored."""
    first = span.first
    return {
        "monthly": f"{first:%Y-%m}", "quarterly": f"{first.year}-Q{(first.month + 2) // 3}", "yearly": str(first.year)
    }.get(span.kind, "")  # fmt: skip


async def rankings(ask: Asking) -> Section:
    """得分排名 by the city's own formula: rank, tier, score; ties share a place, those without a rank say why."""
    period = period_of(ask.span)
    preset = str(city.current().rule("bulletin.score_preset")) or scores_presets.OWN
    sheet = await scores_frozen.frozen(ask.connection, preset, period) if period else None
    if sheet is None:
        return Section(key="rankings", title=RANKING, words=(_NOT_YET,))
    formula = Say(sheet.formula.name_zh, sheet.formula.name_en)
    columns = (
        _UNIT, Column(name=Say("名次", "Rank")), Column(name=Say("等次", "Tier")),
        Column(name=Say("得分", "Score"), formula=formula), Column(name=Say("满分", "Of"), formula=formula),
        Column(name=Say("说明", "Remarks")),
    )  # fmt: skip
    tables = tuple(
        Table(
            key=f"rank_{group.code}", title=Say(group.name_zh, group.name_en), columns=columns,
            rows=tuple(_ranked(one) for one in sheet.of_group(group.code) if not _is_idle(one)),
            notes=(*_idle([one for one in sheet.of_group(group.code) if _is_idle(one)]), _kept(sheet)),
            nothing=Say("这一组没有可排名的单位。", "No unit of this group can be scored."),
        )
        for group in sheet.formula.groups
    )  # fmt: skip
    return Section(key="rankings", title=RANKING, words=(Say(f"按“{formula.zh}”计分。", f"Scored by “{formula.en}”."),),
                   tables=tables)  # fmt: skip


def _is_idle(row: Row) -> bool:
    return NO_CASES in row.reasons


def _idle(rows: list[Row]) -> tuple[Say, ...]:
    """Units without cases in a sentence: as lines of the table they would be most of a monthly bulletin."""
    if not rows:
        return ()
    zh, en = "、".join(one.name.zh for one in rows), ", ".join(one.name.en for one in rows)
    return (Say(f"本期没有派给它们的诉求，不排名：{zh}。", f"Without cases in this period, not ranked: {en}."),)


def _ranked(row: Row) -> tuple[Cell, ...]:
    reasons = Say("；".join(one.zh for one in row.reasons), "; ".join(one.en for one in row.reasons))
    score = float(Decimal(row.total)) if row.total is not None else None
    return (row.name, row.rank, row.tier or "—", score, float(Decimal(row.full)), reasons)


def _kept(sheet: Sheet) -> Say:
    """Which revision it is, so that anybody may ask for the very sheet."""
    mark = f"{sheet.body.period} r{sheet.revision} {sheet.hash[:16]}"
    return Say(f"核定的得分表：{mark}", f"The frozen sheet: {mark}")


async def lists(ask: Asking) -> Section:
    """红黑榜: the first of each group and the last of all, as many as the formula says, without an order among them."""
    period = period_of(ask.span)
    preset = str(city.current().rule("bulletin.list_preset"))
    sheet = await scores_frozen.frozen(ask.connection, preset, period) if period else None
    if sheet is None:
        return Section(key="lists", title=LISTS, words=(_NO_LIST,))
    groups = {one.code: Say(one.name_zh, one.name_en) for one in sheet.formula.groups}
    red, black = scores_frozen.red_and_black(sheet)
    words = [Say("同榜不分先后。", "Units on a list stand in no order.")]
    if ask.is_public:
        kept = await scores_frozen.revisions(ask.connection, preset, period)
        opened = await scores_black.opened(ask.connection, sheet, kept)
        black = list(opened.rows)
        words += [_CLOSED] if opened.waits else []
    items = {item.code: Say(item.name_zh, item.name_en) for item in sheet.formula.items}
    tables = tuple(
        Table(
            key=key, title=say, notes=(_kept(sheet),),
            columns=(_UNIT, Column(name=Say("组别", "Group")), Column(name=Say("得分", "Score")),
                     *(Column(name=one) for one in items.values())),
            rows=tuple(_listed(ask, one, groups, items) for one in sorted(rows, key=lambda one: one.unit)),
            nothing=Say("没有上榜的单位。", "No unit is on it."),
        )
        for key, say, rows in (("red", _RED, red), ("black", _BLACK, black))
    )  # fmt: skip
    return Section(key="lists", title=LISTS, words=tuple(words), tables=tables)


def _listed(ask: Asking, row: Row, groups: dict[str, Say], items: dict[str, Say]) -> tuple[Cell, ...]:
    score = float(Decimal(row.total)) if row.total is not None else None
    return (row.name, groups.get(row.group, ""), score, *(_value(ask, row.item(code)) for code in items))


def _value(ask: Asking, one: Worked | None) -> Cell:
    """An item's figure; of too few cases it is hidden from the public."""
    if one is None or one.value is None:
        return None
    is_few = ask.is_public and one.n is not None and one.n < FEW
    return HIDDEN if is_few else round(float(Fraction(one.value)), 2)
