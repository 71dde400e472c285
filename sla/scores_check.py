"""Whether a formula may be put in force: every fault with its reason, none raised halfway. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from fractions import Fraction

from hotline.errors import Refusal, Say
from sla.measures import MEASURES
from sla.scores_exact import plain
from sla.scores_formula import Formula, Group, Item

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
FULLEST = 1000
OWN_FIGURES: dict[str, Say] = {"points": Say("被扣的督办分", "Points lost"), "": Say("手工填报", "Entered by hand")}
"""Figures that are not of the fact store: points from cards, findings and bounties; and what only a sheet holds."""
Fault = tuple[str, Say]
"""Where (``items.0.weight``, ``groups.counties``, ``least``) and what is wrong there."""


def figures() -> Collection[str]:
    """Every figure that an item may name."""
    return MEASURES.keys() | OWN_FIGURES.keys()


def faults(formula: Formula) -> list[Fault]:
    """What is wrong with it; empty when it may be used."""
    found = list(_of_whole(formula))
    for n, item in enumerate(formula.items):
        found += [(f"items.{n}.{where}", say) for where, say in _of_item(item, formula)]
    for group in formula.groups:
        found += _of_group(group, formula)
    return found + list(_of_tiers(formula))


def demand(formula: Formula) -> None:
    """Raise the 422 refusal that names every fault by its place."""
    wrong = faults(formula)
    if wrong:
        first = wrong[0][1]
        more = len(wrong) - 1
        say = Say(first.zh + (f"（另有 {more} 处）" if more else ""), first.en + (f" ({more} more)" if more else ""))
        raise Refusal(422, "formula_wrong", say, fields=dict(reversed(wrong)))


def _of_whole(formula: Formula) -> Iterator[Fault]:
    if not formula.items:
        yield "items", Say("办法里一项都没有，算不出分。", "The formula has no items, so it scores nothing.")
    if not formula.groups:
        yield "groups", Say("至少要有一组单位。", "The formula needs at least one group of units.")
    if not CODE.fullmatch(formula.preset.replace("-", "_")):
        yield "preset", Say("代码用小写字母、数字和连字符。", "A code takes lower-case letters, digits and hyphens.")
    if not formula.name_zh.strip() or not formula.name_en.strip():
        yield "name_zh", Say("请写办法的中文名和英文名。", "Give the formula a name in both languages.")
    for what, codes in (("items", [one.code for one in formula.items]), ("groups", [g.code for g in formula.groups])):
        for code, times in Counter(codes).items():
            if times > 1:
                yield what, Say(f"代码“{code}”用了 {times} 次。", f"The code “{code}” is used {times} times.")
    if not 0 <= formula.decimals <= 4:
        yield "decimals", Say("小数位数取 0 到 4。", "Decimals: 0 to 4.")
    if formula.least < 0:
        yield "least", Say("最少件数不能小于 0。", "The least sample must not be negative.")
    if min(formula.red, formula.black) < 0:
        yield "red", Say("红黑榜的名次数不能小于 0。", "Places on the lists must not be negative.")
    if formula.sample not in MEASURES:
        yield "sample", _unknown(formula.sample)


def _unknown(name: str) -> Say:
    return Say(f"没有叫“{name}”的数据。", f"There is no figure called “{name}”.")


def _of_item(item: Item, formula: Formula) -> Iterator[Fault]:
    name_zh, name_en = item.name_zh, item.name_en
    if not CODE.fullmatch(item.code):
        yield "code", Say("代码用小写字母、数字和下划线。", "A code takes lower-case letters, digits and underscores.")
    if not item.name_zh.strip() or not item.name_en.strip():
        yield "name_zh", Say("请写这一项的中文名和英文名。", "Give the item a name in both languages.")
    if item.measure not in figures():
        yield "measure", _unknown(item.measure)
    elif item.figure != _figure_of(item):
        yield "figure", (
            Say(f"“{name_zh}”的数据是件数或分数，不是百分比。", f"The figure of “{name_en}” is a count, no percentage.")
            if item.figure == "percent"
            else Say(f"“{name_zh}”的数据是百分比。", f"The figure of “{name_en}” is a percentage.")
        )  # fmt: skip
    if unknown := set(item.groups) - {one.code for one in formula.groups}:
        yield "groups", Say(f"没有“{min(unknown)}”这一组单位。", f"There is no group “{min(unknown)}”.")
    yield from _of_amounts(item)


def _figure_of(item: Item) -> str:
    """What its figure is given in: a rate without cases is no figure, a count without any is 0."""
    measure = MEASURES.get(item.measure)
    if measure is None:
        return "count" if item.measure == "points" else item.figure
    return "percent" if measure.is_rate else "count"


def _of_amounts(item: Item) -> Iterator[Fault]:
    name = item.name_zh, item.name_en
    if item.slope < 0:
        yield "slope", Say(f"“{name[0]}”的扣分斜率是负数：越差分越高。",
                           f"“{name[1]}” has a negative slope: worse would score more.")
    if item.weight < 0:
        yield "weight", Say(f"“{name[0]}”的权重是负数。", f"“{name[1]}” has a negative weight.")
    if item.is_weighed and item.weight == 0:
        yield "weight", Say(f"“{name[0]}”没有权重。", f"“{name[1]}” has no weight.")
    if not item.is_weighed and item.weight != 0:
        yield "weight", Say(f"“{name[0]}”是加减分项，不占权重。", f"“{name[1]}” goes on or off and takes no weight.")
    if item.way == "share" and item.full == 0:
        yield "full", Say(f"“{name[0]}”要除以 0。", f"“{name[1]}” divides by nothing.")
    elif item.way == "share" and item.full < 0:
        yield "full", Say(f"“{name[0]}”的满分值是负数。", f"“{name[1]}” has a negative full mark.")
    if item.way != "share" and item.slope == 0:
        yield "slope", Say(f"“{name[0]}”没有写每点几分。", f"“{name[1]}” lacks its points for each point.")
    if item.way == "slope" and item.figure == "percent" and not 0 <= item.target <= 100:
        yield "target", Say(f"“{name[0]}”的目标要在 0 到 100 之间。",
                            f"The target of “{name[1]}” must be from 0 to 100.")
    yield from _of_ends(item)


def _of_ends(item: Item) -> Iterator[Fault]:
    least, most = item.least, item.most
    if least is not None and most is not None and least > most:
        yield "floor", Say(f"“{item.name_zh}”的下限 {plain(least)} 高于上限 {plain(most)}。",
                           f"The floor of “{item.name_en}” ({plain(least)}) is over its cap ({plain(most)}).")
    if item.is_weighed and most is not None and most > Fraction(item.weight):
        yield "cap", Say(f"“{item.name_zh}”的上限超过了它的权重。", f"The cap of “{item.name_en}” is over its weight.")


def _of_group(group: Group, formula: Formula) -> Iterator[Fault]:
    where = f"groups.{group.code}"
    if not 0 < group.full <= FULLEST:
        yield where, Say(f"“{group.name_zh}”的满分要大于 0，不超过 {FULLEST}。",
                         f"The maximum of “{group.name_en}” must be over 0 and at most {FULLEST}.")
    total = sum((Fraction(one.weight) for one in formula.items_of(group.code) if one.is_weighed), Fraction(0))
    if formula.items and total == 0:
        yield where, Say(f"“{group.name_zh}”没有占权重的项，要除以 0。",
                         f"“{group.name_en}” has no item with a weight: it divides by nothing.")
    elif formula.items and total != Fraction(group.full):
        yield where, Say(f"“{group.name_zh}”各项权重合计 {plain(total)}，应为 {plain(group.full)}。",
                         f"The weights of “{group.name_en}” add up to {plain(total)}, not {plain(group.full)}.")


def _of_tiers(formula: Formula) -> Iterator[Fault]:
    bounds = [one.least for one in formula.tiers]
    if bounds != sorted(bounds, reverse=True) or len(set(bounds)) != len(bounds):
        yield "tiers", Say("等次要从高到低写，界线不能相同。", "Tiers stand best first, each from another score on.")
    for tier in formula.tiers:
        for code in tier.needs:
            if formula.item(code) is None:
                yield "tiers", Say(f"“{tier.name_zh}”要求的“{code}”不在各项之中。",
                                   f"“{tier.name_en}” asks for “{code}”, which is no item.")
