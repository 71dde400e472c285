"""Words become matters: bad input, verbatim words, abstaining, determinism, figures, near-duplicates."""

from __future__ import annotations

import itertools
import random
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.errors import Refusal
from routing import evaluation, folds, grams, guess, keeping, starting
from routing.classifier import NEVER, Classifier, Trained, softened, threshold
from routing.figures import Judged, OfLabel, by_label, confusions, figures
from routing.training import Lesson, train

TOPICS = {
    "灯": ["路灯不亮", "路灯坏了", "晚上没有路灯", "灯杆倒了", "夜里漆黑请装路灯"],
    "水": ["自来水停水", "水压很低", "家里没水", "水管爆裂", "水质发黄有异味"],
    "噪": ["工地半夜施工吵闹", "夜间打桩噪音", "施工噪声扰民", "凌晨浇筑混凝土吵", "机器轰鸣睡不着"],
}


def some_lessons(n: int = 20) -> list[Lesson]:
    """A small made-up set: n messages of each of three topics, each with a street of its own."""
    chance = random.Random(7)  # noqa: S311 - a story, no secret
    return [
        Lesson(label, chance.choice(phrases), f"{where}街{i}号，{'，'.join(chance.choices(phrases, k=2))}，请处理")
        for i, where in zip(range(n), itertools.cycle("东西南北中山河湖海"))
        for label, phrases in TOPICS.items()
    ]


@cache
def trained() -> Trained:
    """A model of the small set."""
    return train(some_lessons())


@cache
def shipped() -> Classifier:
    """The model that comes with the installation."""
    return Classifier(starting.model(), "start", 0.95)


@pytest.mark.parametrize(
    "words",
    ["", " \n ", "。", "x", "路" * 12_000, "<script>alert('路灯')</script>路灯不亮", "'; DROP TABLE cases; --",
     "\x00\ud800路灯",
     "The street light 路灯 is ПОЛОМАНО 壊れた", "&nbsp;" * 3000, "1" * 500, "Ａ市Ｂ３区路灯", "🙂" * 50],
)  # fmt: skip
def test_whatever_is_typed_is_classified_or_abstained_on(words: str) -> None:
    found = shipped().suggest(words)
    assert len(found.ranked) <= guess.MOST
    assert all(0 <= one.probability <= 1 for one in found.ranked)
    assert not found.is_sure or found.ranked


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300) | st.lists(st.sampled_from(["路灯", "A市B3区", " ", "\n", "<b>", "１２"])).map("".join))
def test_the_words_shown_are_stretches_of_what_was_typed(words: str) -> None:
    for one in shipped().suggest(words).ranked:
        assert all(said in words for said in one.words)


def test_a_plain_complaint_finds_its_matter_with_the_words_that_say_so() -> None:
    found = shipped().suggest("您好，A市B3区幸福路的路灯坏了好几天，晚上回家看不见路，请尽快修。")
    assert found.ranked[0].matter == "020201"
    assert any("路灯" in said for said in found.ranked[0].words)
    assert found.model == "start"
    chances = [p for _, p in shipped().ranked("", "路灯", 180)]
    assert chances == sorted(chances, reverse=True)
    assert 0.5 < sum(chances) < 1.001


def test_words_that_it_does_not_know_get_no_guess() -> None:
    assert shipped().suggest("qzx wvk jjj").ranked == ()


def test_the_shipped_file_is_made_from_the_shipped_words() -> None:
    labels = {one.label for one in starting.lessons()}
    assert set(starting.model().labels) == labels
    assert len(labels) == 180
    assert starting.FILE.stat().st_size < 3_000_000
    assert starting.stamped() == starting.fingerprint(), "run `python -m routing.starting`"


def test_training_twice_gives_the_same_model_and_it_survives_being_kept() -> None:
    first, second = keeping.pack(trained()), keeping.pack(train(some_lessons()))
    assert first == second
    again = keeping.unpack(first)
    assert Classifier(again, "m").suggest("路灯不亮") == Classifier(trained(), "m").suggest("路灯不亮")
    for broken in (b"", b"nonsense", first[:-9], first[9:]):
        with pytest.raises(keeping.Unreadable):
            keeping.unpack(broken)


def test_it_is_sure_only_above_the_precision_wanted() -> None:
    proof = tuple((0.9, True) for _ in range(95)) + tuple((0.5, False) for _ in range(100))
    assert threshold(proof, 0.95) == 0.9
    assert threshold(proof, 0.40) == 0.5
    assert threshold(proof[95:], 0.95) == NEVER
    assert threshold(proof[:10], 0.95) == NEVER, "ten lucky ones prove nothing"
    model = Classifier(msgspec.structs.replace(trained(), proof=tuple((0.5, True) for _ in range(60))), "m")
    assert model.suggest("路灯坏了，晚上没有路灯").is_sure
    assert not Classifier(trained(), "m", None).suggest("路灯坏了，晚上没有路灯").is_sure


def test_twins_stay_in_one_fold_and_folds_are_even() -> None:
    text = "我家住在山河街三号，楼下饭店的油烟天天往家里飘，开不了窗，请有关部门处理一下。"
    texts = [text, text + "谢谢", "完全是另外一回事：村里的路没有硬化，下雨天全是泥。", text.replace("三", "五")]
    groups = folds.twins(texts)
    assert groups[0] == groups[1] == groups[3] != groups[2]
    labels = ["a", "b"] * 50
    of = folds.folds(labels, folds.twins([f"第{n}件事，{chr(0x4E00 + 37 * n) * 9}" for n in range(100)]), 5)
    assert all(9 <= sum(1 for i in range(100) if of[i] == fold and labels[i] == "a") <= 11 for fold in range(5))


def test_figures_say_what_they_say() -> None:
    judged = [Judged("a", ("a", "b"), 0.9)] * 18 + [Judged("a", ("b", "a"), 0.9)] * 2 + [Judged("b", ("b",), 0.5)] * 10
    found = figures(judged)
    assert found.n == 30
    assert found.accuracy == pytest.approx(28 / 30)
    assert found.top_3 == 1
    assert found.coverage_95 == pytest.approx(18 / 30)
    assert found.ece == pytest.approx((20 * 0.0 + 10 * 0.5) / 30)
    assert by_label(judged) == [OfLabel("a", 20, 18, 18), OfLabel("b", 10, 12, 10)]
    assert confusions(judged) == [("a", "b", 2)]
    assert figures([]).accuracy == 0
    assert softened(trained().scores(trained().read("路灯", 1.0))).sum() == pytest.approx(1)


def test_markup_numbers_and_masked_places_are_read_as_what_they_are() -> None:
    assert grams.flat("<p>A市Ｂ３区　12 栋</p>").text == "某市某区0栋"
    typed = "<b>Ａ市路灯 12 盏</b>"
    text, at = grams.flat(typed)
    assert [typed[i] for i in at] == list("Ａ市路灯1盏")
    assert text == "某市路灯0盏"
    assert grams.parted("标题\n正文") == ("标题", "正文")
    assert grams.parted("只有一行") == ("", "只有一行")


def test_a_set_is_judged_across_folds_and_from_one_file_to_the_other() -> None:
    messages = some_lessons(12)
    crossed = evaluation.evaluate(messages, workers=1)
    assert crossed.n == 36
    assert crossed.accuracy > 0.9
    assert evaluation.evaluate(messages[:12], messages[12:], workers=1).n == 12
    with pytest.raises(Refusal):
        evaluation.evaluate([one for one in messages if one.label == "灯"], workers=1)
