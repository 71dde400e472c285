"""The detector's parts: tails and false alarms against known values, day types, words, places, what explains what."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from cases.search import indexable
from hotline.city_nouns import Day
from hotline.errors import Say
from sla import hot_detect, hot_hours, hot_places, hot_tail, hot_words, proactive
from sla.calendar import Calendar
from sla.hot_nouns import Cell, Hit, Limits
from sla.hot_places import Spot
from sla.hot_words import Said

NOW = datetime(2026, 8, 12, 8, tzinfo=UTC)
WEEKS = 8 * 7 * 24


@pytest.mark.parametrize("mean", [0.01, 0.8, 7.0, 240.0])
@pytest.mark.parametrize("spread", [0.0, 0.05, 0.7])
def test_tails_are_those_of_the_negative_binomial(mean: float, spread: float) -> None:
    for k in (0, 1, 5, 40, 400):
        size = 1 / spread if spread else 0.0
        want = stats.nbinom.sf(k - 1, size, size / (size + mean)) if spread else stats.poisson.sf(k - 1, mean)
        assert math.isclose(hot_tail.tail(k, mean, spread), max(want, 1e-300), rel_tol=1e-6, abs_tol=1e-250), k
    low, high = hot_tail.band(mean, spread)
    assert hot_tail.tail(high + 1, mean, spread) <= 0.025 < hot_tail.tail(high, mean, spread)
    assert low == 0 or 1 - hot_tail.tail(low, mean, spread) < 0.025


def test_of_many_tests_only_so_many_pass_that_few_are_false() -> None:
    assert hot_tail.passing([0.001, 0.008, 0.039, 0.041], 10, 0.05) == 0.008  # Benjamini and Hochberg's step up
    assert hot_tail.passing([0.02], 10, 0.05) == 0.0
    assert hot_tail.passing([], 0, 0.05) == 0.0


def test_a_make_up_day_is_a_working_day_and_a_holiday_a_kind_of_its_own() -> None:
    holiday, make_up = date(2026, 10, 1), date(2026, 10, 10)
    name = Say("国庆节", "National Day")
    calendar = Calendar({holiday: Day(False, name), make_up: Day(True, name)})  # type: ignore[dict-item]
    kinds = [hot_hours.kind_of(calendar, holiday + timedelta(days=n)) for n in range(10)]
    assert kinds == [2, 0, 1, 1, 0, 0, 0, 0, 0, 0]  # the tenth of October 2026 is a Saturday
    cells = hot_hours.cells(calendar, datetime(2026, 10, 1, 4, tzinfo=UTC), 2)
    assert cells.tolist() == [2 * 24 + 11, 2 * 24 + 10], "the hour that ended at twelve is the eleventh"


def _even(matter: str, town: str, every: int, county: str = "130403") -> Cell:
    return Cell(matter, county, town, list(range(6, WEEKS, every)))


def _found(cells: list[Cell]) -> list[Hit]:
    kinds = hot_hours.cells(Calendar({}), NOW, WEEKS)
    return hot_detect.found(cells, kinds, {}, Limits())


def test_nothing_is_found_where_nothing_is_unusual_and_a_burst_is_where_it_is() -> None:
    calm = [_even(f"0202{n:02}", f"13040300{t}", 20 + n + t) for n in range(1, 9) for t in range(1, 6)]
    assert _found(calm) == []
    (one,) = _found([*calm, Cell("020203", "130403", "130403002", [0, 0, 1, 1, 1, 2, 2, 2, 2])])
    assert (one.matter, one.kind, one.area, one.hours) == ("020203", "township", "130403002", 3)
    assert one.observed == 9
    assert one.expected < 1 < one.low + 2
    assert one.points[-1].observed == 9
    assert len(one.points) == 15


def test_a_hotline_without_a_past_finds_nothing_and_a_gap_is_no_past() -> None:
    def cases(days: int, gap: range = range(0)) -> list[Cell]:
        return [
            Cell(f"0202{m:02}", "130403", f"13040300{t}", [
                h for h in range(m, days * 24, 5) for _ in range(1 + h % 3) if h // 24 not in gap])
            for m in range(1, 9) for t in range(1, 6)
        ]  # fmt: skip

    for days in (1, 8, 20):
        assert _found(cases(days)) == [], days
    assert _found(cases(56, range(3, 48))) == [], "one week and a bit of the past is known"
    assert _found(cases(56, range(2, 33))) == []
    burst = Cell("020203", "130403", "130403009", [0] * 30)
    assert _found([*cases(12), burst]) == []
    (one,) = _found([*cases(18), burst])
    assert (one.area, one.observed) == ("130403009", 30)


def test_the_same_in_many_counties_is_one_thing_of_the_city() -> None:
    calm = [_even("020201", f"13040{c}001", 30, f"13040{c}") for c in range(2, 8)]
    burst = [Cell("030101", f"13040{c}", f"13040{c}001", [0, 1, 1, 2, 2, 2, 2, 1, 0]) for c in range(2, 8)]
    assert [(one.matter, one.kind, one.observed) for one in _found([*calm, *burst])] == [("030101", "city", 54)]


def test_what_the_season_brings_each_year_is_not_unusual() -> None:
    last = {"030201": [*(d for d in range(14) for _ in range(40)), *(d for d in range(14, 70) for _ in range(4))]}
    turns = hot_detect.season(last, 56)
    assert 4 < turns["030201"] <= 5
    assert turns["0302"] == turns["030201"]
    even = hot_detect.season({"020201": [d for d in range(70) for _ in range(5)]}, 56)
    assert even["020201"] == pytest.approx(1, abs=0.05)
    began = {"020201": [d for d in range(44) for _ in range(5)]}
    assert hot_detect.season(began, 56)["020201"] == pytest.approx(1, abs=0.05), "what was before it began is not zero"
    assert hot_detect.season({"020201": [*range(14)] * 50}, 56) == {}, "a year of which too little is known"


def test_only_what_five_people_said_is_a_word_and_pairs_become_words() -> None:
    tails = ("家里暖气不热", "暖气不热好几天", "怎么暖气不热呀", "楼上暖气不热", "反映暖气不热", "暖气不热投诉")
    said = [Said(indexable(f"联纺路{tail}"), f"p{n}") for n, tail in enumerate(tails)]
    before = [indexable("小区供暖缴费问题咨询") for _ in range(60)]
    words = {one.text: one.requesters for one in hot_words.distinctive(said, before)}
    assert "暖气不热" in words, words
    assert set(words.values()) == {6}
    assert hot_words.distinctive(said[:4], before) == []
    alone = [Said(one.grams, "p1") for one in said]
    assert hot_words.distinctive(alone, before) == [], "one person six times is one person"
    named = [Said(indexable(f"找王建国先生13800000001，暖气不热{n}"), f"p{n}") for n in range(6)]
    assert {one.text for one in hot_words.distinctive(named, before)} <= {"暖气不热", "先生"}


def test_places_are_told_from_five_people_on_and_points_to_a_hundred_metres() -> None:
    spots = [Spot(who=f"p{n}", township="130403001", place="和平路 12 号", point=(36.6012 + n / 1e5, 114.5))
             for n in range(5)]  # fmt: skip
    told = hot_places.where(spots, 200)
    assert [(one.kind, one.name, one.requesters) for one in told] == [
        ("township", "130403001", 5), ("road", "和平路", 5), ("point", "", 5)]  # fmt: skip
    assert told[-1].point == (36.601, 114.5)
    assert [one.kind for one in hot_places.where(spots[:4], 200)] == ["township"]


def test_a_fall_is_told_with_its_interval() -> None:
    fell = proactive.change(40, 12, 28)
    assert fell.ratio == 0.3
    assert fell.has_fallen
    assert fell.low is not None
    assert fell.low < 0.3 < (fell.high or 0) < 1
    assert not proactive.change(5, 4, 28).has_fallen
    nothing = proactive.change(0, 0, 3)
    assert nothing.ratio is None
    assert not nothing.has_fallen
    assert not proactive.change(0, 3, 3).has_fallen
    assert np.isfinite(proactive.change(3, 0, 3).high or 0)
