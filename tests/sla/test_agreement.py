"""The statistics of an audit, against values that others have published or that follow in closed form."""

from __future__ import annotations

import hashlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla import agreement as a
from sla import sampling as s

PUBLISHED = [  # Newcombe 1998, table I, method 3 (score)
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("hits", "n", "low", "high"), PUBLISHED)
def test_wilsons_interval_is_as_newcombe_published_it(hits: int, n: int, low: float, high: float) -> None:
    assert [round(one, 4) for one in a.wilson(hits, n)] == [low, high]


def test_wilsons_interval_at_the_ends_is_what_the_closed_form_says() -> None:
    z2 = a.Z95**2
    assert a.wilson(0, 7) == (0.0, pytest.approx(z2 / (7 + z2)))
    assert a.wilson(7, 7) == (pytest.approx(7 / (7 + z2)), 1.0)
    for wrong in ((1, 0), (-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="of"):
            a.wilson(*wrong)


@given(st.integers(1, 400), st.data())
@settings(max_examples=30, deadline=None)
def test_wilsons_bounds_solve_the_score_equation(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    for bound in a.wilson(hits, n):
        if 0 < bound < 1:
            assert abs(hits / n - bound) == pytest.approx(a.Z95 * math.sqrt(bound * (1 - bound) / n), rel=1e-6)


def _pairs(both: int, first: int, second: int, neither: int) -> list[tuple[bool, bool]]:
    return (
        [(True, True)] * both + [(True, False)] * first + [(False, True)] * second + [(False, False)] * neither
    )


@pytest.mark.parametrize(
    ("table", "want"),
    [((20, 5, 10, 15), 0.4), ((45, 15, 25, 15), 0.1304), ((25, 35, 5, 35), 0.2593), ((10, 0, 0, 10), 1.0)],
)
def test_kappa_is_as_the_textbooks_have_it(table: tuple[int, int, int, int], want: float) -> None:
    assert a.kappa(_pairs(*table)) == pytest.approx(want, abs=5e-5)


def test_kappa_says_nothing_where_there_is_nothing_to_say() -> None:
    assert a.kappa([]) is None
    assert a.kappa([("satisfied", "satisfied")] * 4) is None
    assert a.agreement(_pairs(20, 5, 10, 15)) == a.Rate(35, 50)
    assert a.Rate(0, 0).interval is None


def test_a_unit_stands_out_only_beyond_both_intervals() -> None:
    assert a.stands_out(12, 40, 10, 400)
    assert not a.stands_out(2, 3, 10, 40), "three are too few to say so"
    assert not a.stands_out(0, 40, 0, 400)


def test_a_sample_is_what_three_lines_of_anybodys_code_draw() -> None:
    frame, seed = [f"item-{n}" for n in range(100)], "ab" * 32
    want = sorted(frame, key=lambda one: hashlib.sha256(f"hotline.sample.1:{seed}:{one}".encode()).hexdigest())[:7]
    assert s.draw(frame, seed, 7) == want
    assert s.draw(reversed(frame), seed, 7) == want, "the order of the frame is no way to steer it"
    assert s.draw(frame, seed, 5) == want[:5], "a larger sample holds the smaller"
    assert s.draw(frame, "cd" * 32, 7) != want


def test_a_share_is_rounded_up_and_a_stratified_sample_leaves_no_caller_out() -> None:
    assert [s.Wanted("share", 10).of(n) for n in (0, 1, 10, 11, 300)] == [0, 1, 1, 2, 30]
    assert [s.Wanted("share", 7).of(100), s.Wanted("count", 5).of(3)] == [7, 3]
    strata = {f"v{n}": ("big" if n < 40 else "small") for n in range(42)}
    found = s.drawn(strata, "00" * 32, s.Wanted("share", 5), by_stratum=True)
    assert sorted(strata[one] for one in found) == ["big", "big", "small"]


def test_each_item_is_drawn_as_often_as_any_other() -> None:
    frame = [str(n) for n in range(10)]
    counts = dict.fromkeys(frame, 0)
    for seed in range(2000):
        for one in s.draw(frame, str(seed), 3):
            counts[one] += 1
    chi2 = sum((n - 600) ** 2 / 600 for n in counts.values())
    assert chi2 < 27.9, counts  # 9 degrees of freedom, p = 0.001; fixed seeds, so it always says the same


def test_the_frames_hash_notices_one_item_more_or_another_order() -> None:
    rows = [("a", "x"), ("b", "x")]
    assert s.frame_hash(rows) == hashlib.sha256(b"hotline.sample.frame.1\na x\nb x\n").hexdigest()
    assert len({s.frame_hash(rows), s.frame_hash(rows[::-1]), s.frame_hash([*rows, ("c", "x")])}) == 3
