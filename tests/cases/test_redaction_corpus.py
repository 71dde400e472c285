"""The rules against the annotated texts: what is found, what is missed, and what is found in error, by name."""

from __future__ import annotations

import pytest

from tests.corpus.redaction import CLASSES, HALVES, Score, measure, read

GROUPS = ("identifiers", "names", "addresses")
LEAST = {"identifiers": 0.99, "names": 0.95, "addresses": 0.95}
PRECISE = 0.9


@pytest.mark.parametrize("half", HALVES)
def test_hardly_anything_is_missed_and_little_is_found_in_error(half: str) -> None:
    score = measure(half)
    told = "\n".join([*score.misses, "found in error:", *score.errors])
    for group in GROUPS:
        assert score.recall(group) >= LEAST[group], f"{group}\n{told}"
        assert score.precision(group) >= PRECISE, f"{group}\n{told}"


def test_the_corpus_holds_every_class_in_both_halves_and_texts_that_name_nobody() -> None:
    for half in HALVES:
        texts = read(half)
        assert {mark.of for one in texts for mark in one.marks} == set(CLASSES.values())
        assert sum(not one.marks for one in texts) >= 50
        assert all(one.text[mark.start : mark.end] for one in texts for mark in one.marks)
    assert sum(len(read(half)) for half in HALVES) >= 300


def test_what_is_missed_and_what_is_found_in_error_is_counted() -> None:
    score = Score(marked={"names": 4}, covered={"names": 3}, found={"names": 4}, right={"names": 2})
    assert (score.recall("names"), score.precision("names")) == (0.75, 0.5)
