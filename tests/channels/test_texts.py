"""Every text has both languages and fits: a Chinese SMS in one part with the signature, an English one in two."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases import track
from channels import texts
from hotline.errors import Say
from web.cases import messages


@pytest.mark.parametrize("name", sorted(texts.TEXTS))
def test_a_text_says_the_same_values_in_both_languages_and_fits(name: str) -> None:
    assert texts.wrongs(name, texts.TEXTS[name]) == []


def test_the_receipt_of_an_accepted_report_is_exactly_one_sms_at_full_length() -> None:
    text = texts.write(
        "accepted", subject="字" * texts.SUBJECT, number="261122-00417", code="583920", due="12月31日"
    )
    assert len(texts.SIGNATURE + text) == texts.ONE_SMS


@pytest.mark.parametrize("name", ["received", "replied_sealed", "progress_sealed"])
def test_what_the_sender_of_a_report_is_told_names_no_subject(name: str) -> None:
    one = texts.TEXTS[name]
    for say in (one.words, one.state, one.remark, one.subject):
        assert not texts.values_of(say.zh + say.en) & {"subject", "reply", "unit"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_long_answer_is_cut_so_that_the_message_fits_and_says_where_the_rest_is(lang: str) -> None:
    text = texts.shorten(
        "replied", lang, number="261122-00417", reply="路灯已修好。" * 40, where="12345.hd.gov.cn/track"
    )
    assert len(texts.SIGNATURE + text) == texts.MOST[lang]
    assert text.endswith("12345.hd.gov.cn/track")
    short = texts.shorten("replied", lang, number="1", reply="路灯已修好。", where="12345.hd.gov.cn/track")
    assert "路灯已修好。" in short


def test_staff_read_what_each_text_is_called() -> None:
    assert set(texts.TEXTS) == set(messages.MESSAGES)


def test_no_state_is_longer_than_is_reckoned_with() -> None:
    for lang, most in texts.IN_WORDS.items():
        assert max(len(one.in_(lang)) for one in track.STATES.values()) <= most


def test_a_value_that_is_missing_is_a_mistake_and_no_gap_in_a_message() -> None:
    with pytest.raises(KeyError):
        texts.write("received", number="261122-00417")


def text(words: Say, **more: Say) -> texts.Text:
    """A text of these words."""
    none = Say("", "")
    return texts.Text(**{"state": none, "remark": none, "subject": none, **more}, words=words)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (text(Say("您好", "")), "lacks a language"),
        (text(Say("{number}", "{code}")), "other values"),
        (text(Say("{colour}", "{colour}")), "how long colour becomes"),
        (text(Say("字" * 62, "ok")), "71 characters in zh"),
        (text(Say("字", "x" * 126)), "135 characters in en"),
        (text(Say("字", "x"), remark=Say("{unit}", "{unit}")), "takes unit"),
    ],
)
def test_a_text_that_cannot_be_sent_is_named(wrong: texts.Text, said: str) -> None:
    assert [one for one in texts.wrongs("it", wrong) if said in one], texts.wrongs("it", wrong)


def test_a_folder_with_a_wrong_text_is_refused_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "zh.txt").write_text("您好{number}", encoding="utf-8")
    (tmp_path / "bad" / "en.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(ValueError, match="bad: the languages take other values"):
        texts.load(tmp_path)


def test_a_templates_fields_are_as_long_as_wechat_takes_them() -> None:
    for name in texts.TEXTS:
        values = {"number": "1", "code": "1", "due": "12月31日", "subject": "s", "unit": "字" * 30, "reply": "字" * 99,
                  "state": "字" * 9, "target": "字" * 30, "where": "x", "days": "1", "tries": "1", "minutes": "1",
                  "grade": "g"}  # fmt: skip
        assert len(texts.state(name, **values)) <= 5
        assert len(texts.remark(name, **values)) <= 20
