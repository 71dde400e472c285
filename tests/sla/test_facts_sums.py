"""The sums of the fact store, without a database: classes of minutes, and small cells that give nobody away."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla import small_cells as small
from sla.facts_sums import CELLS, CLASSES, class_of, quantile


@pytest.mark.parametrize("n", [1, 2, 7, 40, 400])
@pytest.mark.parametrize("q", [0.5, 0.9])
def test_a_quantile_of_classes_is_the_exact_one_to_two_percent(n: int, q: float) -> None:
    rng = random.Random(n)  # noqa: S311 - the same times every time
    minutes = [int(rng.lognormvariate(6, 2)) for _ in range(n)]
    classes: dict[int, int] = {}
    for one in minutes:
        classes[class_of(one)] = classes.get(class_of(one), 0) + 1
    exact = sorted(minutes)[-(-int(q * len(minutes) * 1000) // 1000) - 1]
    found = quantile(classes, q)
    assert found is not None
    assert abs(found - exact) <= max(1.0, 0.02 * exact)


def test_classes_rise_and_no_cell_is_summed_twice() -> None:
    assert sorted(set(CLASSES)) == CLASSES
    assert len(set(CELLS)) == len(CELLS)
    assert quantile({}, 0.5) is None


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(st.integers(min_value=0, max_value=14), min_size=1, max_size=6))
def test_no_small_cell_can_be_worked_out_from_the_total_and_what_is_shown(cells: list[int]) -> None:
    table = {str(n): value for n, value in enumerate(cells)}
    hidden = small.hidden(table)
    assert {key for key, value in table.items() if 0 < value < small.LEAST} <= set(hidden)
    assert all(table[key] for key in hidden)
    if set(hidden.values()) == {small.KEPT}:
        assert len(hidden) == sum(map(bool, cells))
        return  # nothing of the table is told
    whole = sum(table[key] for key in hidden)
    ranges = [range(1, 5) if mark == small.SMALL else range(5, whole + 1) for mark in hidden.values()]
    fitting = [one for one in product(*ranges) if sum(one) == whole] if len(ranges) < 5 else []
    for n, mark in enumerate(hidden.values()):
        if fitting and mark == small.SMALL:
            assert {one[n] for one in fitting} == {1, 2, 3, 4}
