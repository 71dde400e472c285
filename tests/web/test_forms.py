"""Forms: what Litestar answers with a bare 400 comes back filled in, every error beside its field."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import Say, invalid
from web import forms
from web.fields import clean
from web.filters import moment_in
from web.forms import label


class Sample(msgspec.Struct):
    """One field of every kind."""

    words: Annotated[str, label("发生了什么", "What happened", most=10, missing=Say("还没写。", "Say it."))]
    kind: Annotated[Literal["a", "b"], label("类型", "Kind")]
    is_secret: Annotated[bool, label("保密", "Confidential")] = False
    is_solved: Annotated[bool | None, label("解决了吗", "Solved?")] = None
    units: Annotated[list[str], label("单位", "Units", most=2)] = []
    counts: Annotated[tuple[int, ...], label("数", "Counts")] = ()
    floor: Annotated[int | None, label("楼层", "Floor", least=1, most=99)] = None
    share: Annotated[float | None, label("份额", "Share")] = None
    day: Annotated[date | None, label("日期", "Day")] = None
    at: Annotated[datetime | None, label("时间", "Time")] = None
    who: Annotated[UUID | None, label("谁", "Who")] = None
    phone: Annotated[str, label("电话", "Phone", pattern=r"\d{11}", wrong=Say("号码不对。", "Wrong number."))] = ""

    def check(self) -> dict[str, Say]:
        """A rule across two fields."""
        return {"floor": Say("保密时不写楼层。", "No floor.")} if self.is_secret and self.floor else {}


GOOD = {"words": ["路灯不亮"], "kind": ["a"]}


def test_unticked_boxes_single_values_for_lists_and_empty_numbers_are_no_errors() -> None:
    form = forms.parse(Sample, {**GOOD, "units": ["CGB"], "floor": [""], "share": [""], "day": [""], "at": [""]})
    assert form.is_good, form.errors
    assert form.good == Sample(words="路灯不亮", kind="a", units=["CGB"])


def test_every_kind_of_field_is_read() -> None:
    form = forms.parse(
        Sample,
        {**GOOD, "is_secret": ["yes"], "is_solved": ["no"], "units": ["A", "B"], "counts": ["1", "2"], "share": ["0.5"],
         "day": ["2026-11-27"], "at": ["2026-11-27T18:00"], "who": ["00000000-0000-7000-8000-000000000001"],
         "phone": ["13800000001"]},
    )  # fmt: skip
    assert form.is_good, form.errors
    good = form.good
    assert (good.is_secret, good.is_solved, good.units) == (True, False, ["A", "B"])
    assert (good.counts, good.share) == ((1, 2), 0.5)
    assert good.day == date(2026, 11, 27)
    assert good.at == datetime(2026, 11, 27, 10, 0, tzinfo=UTC), "the city's wall clock, kept in UTC"


def test_all_errors_come_at_once_in_the_labels_words_and_the_typed_text_stays() -> None:
    form = forms.parse(
        Sample,
        {"words": [""], "kind": ["c"], "floor": ["三"], "share": ["nan"], "day": ["tomorrow"], "phone": ["138"],
         "units": ["A", "B", "C"]},
    )  # fmt: skip
    assert not form.is_good
    assert set(form.errors) == {"words", "kind", "floor", "share", "day", "phone", "units"}
    assert form.errors["words"] == Say("还没写。", "Say it.")
    assert form.errors["phone"] == Say("号码不对。", "Wrong number.")
    assert "楼层" in form.errors["floor"].zh
    assert "Floor" in form.errors["floor"].en
    assert form.text("floor") == "三"
    assert form.has("units", "B")


@pytest.mark.parametrize(
    ("floor", "is_good"), [("1", True), ("99", True), ("0", False), ("100", False), ("9" * 40, False)]
)
def test_a_number_stays_within_its_limits(floor: str, is_good: bool) -> None:
    assert forms.parse(Sample, {**GOOD, "floor": [floor]}).is_good is is_good


def test_a_text_that_is_too_long_is_told_by_how_much() -> None:
    form = forms.parse(Sample, {**GOOD, "words": ["字" * 11]})
    assert form.errors["words"].zh == "“发生了什么”最多 10 字，现在 11 字。"


def test_a_rule_across_fields_shows_beside_the_field_it_names() -> None:
    form = forms.parse(Sample, {**GOOD, "is_secret": ["on"], "floor": ["3"]})
    assert list(form.errors) == ["floor"]


def test_a_verbs_refusal_lands_beside_its_fields() -> None:
    form = forms.parse(Sample, GOOD)
    form.take(invalid({"kind": Say("不行。", "No.")}))
    assert form.error("kind") == Say("不行。", "No.")
    assert not form.is_good


def test_a_blank_form_shows_what_is_known() -> None:
    known = Sample(words="x", kind="b", is_secret=True, units=["A"], at=datetime(2026, 11, 27, 10, 0, tzinfo=UTC))
    form = forms.blank(Sample, known)
    assert (form.text("kind"), form.text("is_secret"), form.has("units", "A")) == ("b", "yes", True)
    assert form.text("at") == "2026-11-27T18:00"
    assert not form.text("floor")


def test_required_and_optional_and_lengths_are_told_to_templates() -> None:
    form = forms.blank(Sample)
    assert not form.is_optional("words")
    assert form.is_optional("floor")
    assert form.most("words") == 10


@given(st.dictionaries(st.sampled_from(Sample.__struct_fields__), st.lists(st.text(max_size=30), max_size=4)))
def test_nothing_that_can_be_posted_raises(posted: dict[str, list[str]]) -> None:
    form = forms.parse(Sample, posted)
    assert form.is_good is not bool(form.errors)


@given(st.text())
def test_cleaned_text_has_no_characters_that_the_database_refuses(text: str) -> None:
    assert "\x00" not in clean(text)
    assert "\r" not in clean(text)
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-02-13T10:00+08:00", datetime(2026, 2, 13, 2, tzinfo=UTC)),
        ("2026-02-13T02:00Z", datetime(2026, 2, 13, 2, tzinfo=UTC)),
        ("2026-02-13T10:00", None),
        ("0001-01-01T00:00+14:00", None),
        ("9999-12-31T23:59-14:00", None),
        ("昨天", None),
        ("", None),
    ],
)
def test_a_moment_in_an_address_is_one_with_a_zone_and_within_the_years(text: str, moment: datetime | None) -> None:
    assert moment_in(text) == moment
