"""The arithmetic of a score in words, for people who compute it again by hand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hotline.errors import Say
from sla.scores_exact import plain, rounded
from sla.scores_formula import Item

if TYPE_CHECKING:
    from sla.scores import Worked

NO_CASES = Say("本期没有派给它的诉求，单列不排名。", "It had no cases in this period: listed apart, not ranked.")
NOTHING = Say("各项都没有数据，无从计算，单列不排名。",
              "No item has a figure, so there is nothing to divide: listed apart.")


def few(n: int, least: int) -> Say:
    """Too small a sample for a rank."""
    return Say(f"只有 {n} 件，不足 {least} 件，不排名。", f"Only {n} cases, fewer than {least}: not ranked.")


def left_out(items: Sequence[Item]) -> Say:
    """Items without a figure were left out, and the rest scaled up."""
    return Say(f"没有数据、不计的项：{'、'.join(one.name_zh for one in items)}；其余各项按权重折算到满分。",
               f"Left out for want of figures: {', '.join(one.name_en for one in items)}; the rest are scaled up.")


def none_due(items: Sequence[Item]) -> Say:
    """Listed apart: nothing fell due."""
    return Say(f"“{'、'.join(one.name_zh for one in items)}”本期没有数据，单列不排名。",
               f"No figure for {', '.join(one.name_en for one in items)} in this period: listed apart, not ranked.")


def item(one: Item, value: Fraction | None, raw: Fraction | None, points: Fraction | None, back: Fraction) -> Say:
    """How one item came to its points."""
    if value is None or raw is None or points is None:
        return _missing(one, points)
    body = _body(one, value)
    zh = en = f"{body} = {plain(raw)}"
    if points > raw:
        zh, en = f"{zh}，低于下限，取 {plain(points)}", f"{en}, under the floor: {plain(points)}"
    elif points < raw:
        zh, en = f"{zh}，高于上限，取 {plain(points)}", f"{en}, over the cap: {plain(points)}"
    if back:
        zh, en = f"{zh}；申诉成立，加回 {plain(back)}", f"{en}; {plain(back)} given back after an appeal"
    return Say(zh.replace("-", "−"), en.replace("-", "−"))


def _missing(one: Item, points: Fraction | None) -> Say:
    if not one.is_weighed:
        return Say("没有，计 0", "none: 0")
    if points is None:
        return Say("没有数据，不计", "no figure: not counted")
    return Say(f"没有数据，按约定计 {plain(points)}", f"no figure: {plain(points)} by the formula")


def _body(one: Item, value: Fraction) -> str:
    shown, weight, slope = plain(value), plain(one.weight), plain(one.slope)
    if one.way == "off":
        return f"−{slope} × {shown}"
    if one.way == "bonus":
        return f"{slope} × {shown}"
    if one.way == "share":
        part = shown if one.better == "high" else f"({plain(one.full)} − {shown})"
        return f"{weight} × {part} ÷ {plain(one.full)}"
    target = Fraction(one.target)
    short = target - value if one.better == "high" else value - target
    if short <= 0:
        return f"{weight} − {slope} × 0"
    gap = f"{plain(target)} − {shown}" if one.better == "high" else f"{shown} − {plain(target)}"
    return f"{weight} − {slope} × ({gap})"


def total(items: Sequence[tuple[Item, Worked]], result: Fraction, full: Fraction, decimals: int) -> Say:
    """The sum of the items, scaled where some are missing, and how it is rounded."""
    weighed = [(item, worked.exact) for item, worked in items if item.is_weighed and worked.exact is not None]
    beside = [worked.exact for item, worked in items if not item.is_weighed and worked.exact]
    known = sum((Fraction(item.weight) for item, _ in weighed), Fraction(0))
    parts = " + ".join(plain(points or Fraction(0)) for _, points in weighed)
    text = parts if known == full else f"({parts}) × {plain(full)} ÷ {plain(known)}"
    for points in beside:
        text += f" {'+' if points > 0 else '−'} {plain(abs(points))}"
    shown = f"{rounded(result, decimals):f}"
    exact = plain(result)
    said = text if exact == text else f"{text} = {exact}"
    if Decimal(shown) == Decimal(exact):
        return Say(said, said)
    return Say(f"{said}，四舍五入为 {shown}", f"{said}, rounded to {shown}")


def formula(one: Item) -> Say:
    """The item's rule in words, as the table of the formula has it."""
    name_zh, name_en = one.name_zh, one.name_en
    weight, slope, target = plain(one.weight), plain(one.slope), plain(one.target)
    ends_zh, ends_en = _ends(one)
    if one.way == "off":
        return Say(f"每 1 {_unit(one).zh}扣 {slope} 分{ends_zh}", f"{slope} off for each {_unit(one).en}{ends_en}")
    if one.way == "bonus":
        return Say(f"每 1 {_unit(one).zh}加 {slope} 分{ends_zh}", f"{slope} more for each {_unit(one).en}{ends_en}")
    if one.way == "share":
        part_zh = f" {name_zh} " if one.better == "high" else f"（{plain(one.full)} − {name_zh}）"
        part_en = name_en if one.better == "high" else f"({plain(one.full)} − {name_en})"
        return Say(f"{weight} ×{part_zh}÷ {plain(one.full)}{ends_zh}",
                   f"{weight} × {part_en} ÷ {plain(one.full)}{ends_en}")
    gap_zh, gap_en = (
        (f"{target} − {name_zh}", f"{target} − {name_en}") if one.better == "high"
        else (f"{name_zh} − {target}", f"{name_en} − {target}")
    )  # fmt: skip
    return Say(f"{weight} − {slope} ×（{gap_zh}）{ends_zh}", f"{weight} − {slope} × ({gap_en}){ends_en}")


def _unit(one: Item) -> Say:
    return Say("个百分点", "percentage point") if one.figure == "percent" else Say("分（件）", "one")


def _ends(one: Item) -> tuple[str, str]:
    zh, en = [], []
    if one.floor is not None:
        zh.append(f"最低 {plain(one.floor)}")
        en.append(f"not under {plain(one.floor)}")
    if one.cap is not None:
        zh.append(f"最高 {plain(one.cap)}")
        en.append(f"not over {plain(one.cap)}")
    return (f"，{'，'.join(zh)}", f", {', '.join(en)}") if zh else ("", "")
