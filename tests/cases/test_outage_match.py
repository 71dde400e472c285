"""Which outage a call is about: the right one first, a wrong one not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from cases.outage_match import Asked, Match, match
from cases.outage_rows import Area, Outage

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
CONGTAI, HANSHAN, PEACE = "130403", "130402", "130403001"
PEACE_ROAD = Area(county=CONGTAI, township=PEACE, words=("和平路", "罗城头小区"))


def an_outage(kind: str = "water", *areas: Area, number: int = 1, **change: Any) -> Outage:
    given: dict[str, Any] = {
        "id": UUID(int=number), "number": str(number), "kind": kind, "is_planned": False, "unit": "WSU",
        "since": NOW - timedelta(hours=number), "expected": None, "cause": "抢修", "note": "", "source": "",
        "state": "on", "round": 1, "over_at": None, "over_words": "", "ended_at": None, "made_by": UUID(int=9),
        "made_at": NOW, "changed_at": NOW, "revision": 1, "areas": areas or (PEACE_ROAD,),
    }  # fmt: skip
    return Outage(**{**given, **change})


def found(outages: list[Outage], words: str, **known: str) -> list[Match]:
    return match(outages, Asked(words=words, **known), NOW)


@pytest.mark.parametrize(
    ("words", "known"),
    [
        ("和平路这边从早上就没水了", {"county": CONGTAI}),
        ("家里停水，罗城头小区 3 号楼", {"county": CONGTAI}),
        ("自来水一直不来水，在和平路", {"county": CONGTAI, "township": PEACE}),
        ("和平路", {"county": CONGTAI, "matter": "030101"}),
        ("和平路停水管道还没修好吗", {"county": CONGTAI}),
    ],
)
def test_the_outage_of_the_same_kind_and_street_is_sure(words: str, known: dict[str, str]) -> None:
    first = found([an_outage("power", number=2), an_outage()], words, **known)
    assert [(one.outage.kind, one.is_sure) for one in first] == [("water", True)]


@pytest.mark.parametrize(
    ("words", "known", "why"),
    [
        ("陵西大街停水了", {"county": CONGTAI}, "another street of the district"),
        ("南和平路停水了", {"county": CONGTAI}, "a name that only ends in it"),
        ("和平路停水了", {"county": HANSHAN}, "another district's street of the same name"),
        ("和平路停电了", {"county": CONGTAI}, "another kind"),
        ("和平路的水费多收了", {"county": CONGTAI, "matter": "030101"}, "a bill"),
        ("和平路水管爆裂往外冒水，家里没水", {"county": CONGTAI}, "a burst that somebody has to see"),
        ("和平路电梯没电困人", {"county": CONGTAI}, "another kind still"),
        ("和平路的路灯不亮", {"county": CONGTAI}, "nothing that is off"),
        ("和平路的物业太没水平了", {"county": CONGTAI}, "a word with water in it"),
        ("和平路小区没有水表", {"county": CONGTAI}, "a thing that is missing"),
    ],
)
def test_a_wrong_one_is_not_offered(words: str, known: dict[str, str], why: str) -> None:
    assert not found([an_outage()], words, **known), why


@pytest.mark.parametrize("words", ["市民来电反映和平路占道经营", "和平路小区没电梯", "和平路商户不给票，没电子发票"])
def test_a_call_that_came_in_and_a_thing_that_is_missing_are_no_power_cut(words: str) -> None:
    off = an_outage("power")
    assert not found([off], words, county=CONGTAI)
    for real in ("和平路没电了", "和平路什么时候来电", "和平路停电影响孩子写作业", "和平路不来电"):
        assert [one.is_sure for one in found([off], real, county=CONGTAI)] == [True], real


def test_one_past_its_expected_end_is_shown_to_be_checked_and_never_sure() -> None:
    late = an_outage(expected=NOW - timedelta(minutes=1))
    (only,) = found([late], "和平路停水了", county=CONGTAI)
    assert not only.is_sure
    assert "请先核实" in only.why.zh


def test_one_that_is_over_or_lies_ahead_explains_nothing_but_answers_who_asks_when() -> None:
    over = an_outage(state="over", over_at=NOW, ended_at=NOW)
    ahead = an_outage(number=2, since=NOW + timedelta(hours=20), is_planned=True)
    assert not found([over, ahead], "和平路停水了", county=CONGTAI)
    assert [one.is_sure for one in found([ahead], "听说明天和平路要停水，几点停", county=CONGTAI)] == [False]


def test_a_place_said_less_exactly_is_asked_for_and_stands_behind_the_exact_one() -> None:
    whole = an_outage("water", Area(county=CONGTAI), number=2)
    both = found([an_outage(), whole], "我们小区停水了", county=CONGTAI, township=PEACE)
    assert [(one.outage.number, one.is_sure) for one in both] == [("2", True), ("1", False)]
    assert "请问清" in both[1].why.zh
    assert [one.is_sure for one in found([an_outage()], "停水了")] == [False]
