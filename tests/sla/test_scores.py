"""The score engine: which formulas are refused, how tiers, lists, gaps and handfuls are treated, that it is exact."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from hotline.errors import Refusal
from sla import scores, scores_check, scores_presets, scores_sheet
from sla.scores_formula import Adjustment, Entry, Formula, Given
from sla.scores_period import read

CITY = scores_presets.preset("handan")
GOOD = {"response": 100, "on_time": 100, "resolution": 100, "satisfaction": 100, "returned": 0, "reworked": 0}


def an_entry(unit: str = "a", group: str = "counties", n: int = 40, **figures: Any) -> Entry:
    """A unit with full marks, but for what is said."""
    given = {code: Given(value=Decimal(value)) for code, value in {**GOOD, **figures}.items() if value is not None}
    return Entry(unit=unit, name_zh=unit, name_en=unit, group=group, given=given, sample=n)


def row(**figures: Any) -> scores.Row:
    return scores.scored(CITY, [an_entry(**figures)])[0]


def changed(**parts: Any) -> Formula:
    """The city's formula with its first item changed."""
    first = msgspec.structs.replace(CITY.items[0], **parts)
    return msgspec.structs.replace(CITY, items=(first, *CITY.items[1:]))


def of_whole(**parts: Any) -> Formula:
    return msgspec.structs.replace(CITY, **parts)


@pytest.mark.parametrize(
    ("formula", "where", "why"),
    [
        (changed(weight=Decimal(16)), "groups.counties", "add up to 101, not 100"),
        (changed(full=Decimal(0)), "items.0.full", "divides by nothing"),
        (changed(measure="beauty"), "items.0.measure", "no figure called “beauty”"),
        (changed(measure="praise"), "items.0.figure", "is a count, no percentage"),
        (changed(figure="count"), "items.0.figure", "is a percentage"),
        (changed(slope=Decimal(-1)), "items.0.slope", "negative slope"),
        (changed(floor=Decimal(10), cap=Decimal(9)), "items.0.floor", "over its cap"),
        (changed(cap=Decimal(20)), "items.0.cap", "over its weight"),
        (changed(groups=("moon",)), "items.0.groups", "no group “moon”"),
        (changed(code="on_time"), "items", "used 2 times"),
        (of_whole(items=()), "items", "has no items"),
        (of_whole(items=CITY.items[-2:]), "groups.districts", "divides by nothing"),
        (of_whole(sample="moons"), "sample", "no figure called “moons”"),
        (of_whole(tiers=CITY.tiers[::-1]), "tiers", "best first"),
    ],
)
def test_a_formula_that_cannot_be_used_is_refused_with_its_reason(formula: Formula, where: str, why: str) -> None:
    assert any(place == where and why in say.en for place, say in scores_check.faults(formula))
    with pytest.raises(Refusal) as refused:
        scores_check.demand(formula)
    assert refused.value.status == 422
    assert where in refused.value.fields


def test_a_fall_of_one_figure_alone_moves_a_unit_from_a_to_c() -> None:
    assert (row().total, row().tier) == ("100.00", "a")
    late = row(on_time=84)
    assert (late.total, late.tier) == ("92.00", "c")


def test_what_has_no_figure_is_left_out_and_the_rest_scaled_and_nothing_at_all_is_listed_apart() -> None:
    unrated = row(satisfaction=None, response=50)
    assert Fraction(unrated.exact or 0) == Fraction(Decimal("67.5")) * 100 / 75
    assert unrated.total == "90.00"
    assert "满意率" in unrated.reasons[0].zh
    bare = row(**dict.fromkeys(GOOD))
    assert (bare.total, bare.rank, bare.is_ranked) == (None, None, False)


def test_points_off_stop_at_their_floor_and_an_adjustment_at_full_marks() -> None:
    assert row(points=10).total == "95.00"
    assert row(points=500).total == "80.00"
    assert row(points=500).item("points").words.zh == "−0.5 × 500 = −250，低于下限，取 −20"  # type: ignore[union-attr]
    back = Adjustment(unit="a", item="satisfaction", points=Decimal(20), reason="x", appeal="1")
    (one,) = scores.scored(CITY, [an_entry(satisfaction=50)], [back])
    assert one.total == "100.00"


def test_all_who_share_the_last_place_are_on_a_list_and_nobody_for_want_of_others() -> None:
    totals = {"a": 0, "b": 2, "c": 2, "d": 8, "e": 10, "f": 12}
    entries = [an_entry(unit, points=n) for unit, n in totals.items()]
    formula = of_whole(red=2, black=1)
    body = scores_sheet.made("handan", read("2026-03"), 0, formula, entries=entries)  # type: ignore[arg-type]
    red, black = scores_sheet.red_and_black(scores_sheet.Sheet(body=body))
    assert ([one.unit for one in red], [one.unit for one in black]) == (["a", "b", "c"], ["f"])
    assert [one.rank for one in body.rows] == [1, 2, 2, 4, 5, 6]
    alone = scores_sheet.made("handan", read("2026-03"), 0, formula, entries=entries[:1])  # type: ignore[arg-type]
    assert scores_sheet.red_and_black(scores_sheet.Sheet(body=alone)) == ([], [])
    alike = [an_entry(unit) for unit in "abcd"]
    equal = scores_sheet.made("handan", read("2026-03"), 0, formula, entries=alike)  # type: ignore[arg-type]
    assert scores_sheet.red_and_black(scores_sheet.Sheet(body=equal)) == ([], [])


def test_a_sheet_read_back_from_its_text_computes_to_the_same_rows_and_a_touched_one_does_not() -> None:
    entries = [an_entry("a", satisfaction="83.33"), an_entry("b", n=3), an_entry("c", n=0, **dict.fromkeys(GOOD))]
    body = scores_sheet.made("handan", read("2026-Q3"), 0, CITY, entries=entries)  # type: ignore[arg-type]
    again = msgspec.json.decode(body.text, type=scores_sheet.Body)
    assert again.again() == body.rows
    assert again.text == body.text
    touched = msgspec.json.decode(body.text.replace('"83.33"', '"84.33"'), type=scores_sheet.Body)
    assert not scores_sheet.same(touched.rows, touched.again())


def test_the_citys_own_formula_as_everybody_reads_it_uses_no_word_of_the_trade() -> None:
    from tests.web.test_citizen_words import BANNED_ZH

    read_by_all = [CITY.name_zh, CITY.source_zh, *(one.name_zh for one in (*CITY.items, *CITY.groups))]
    assert not [word for word in BANNED_ZH if any(word in text for text in read_by_all)]
