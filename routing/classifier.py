"""The trained model: words in, ranked matters out, with calibrated probabilities and the words that speak for each.

Numpy alone answers; ``routing.training`` makes a model, ``routing.models`` keeps it. Nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing import grams
from routing.guess import MOST, Guess, Suggestion

TITLE_WEIGHT = 0.8
"""A title says in twelve characters what the text says in four hundred."""
NEVER = 1.01
"""A threshold that no probability reaches."""
MOST_WORDS = 3
LEAST_PROVED = 40
"""Held-back messages that have to lie above a threshold before it is believed."""

Floats = NDArray[np.floating[Any]]
_CHUNK = 512
"""Rows of the weights that are widened at once: all that is ever held twice."""


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """What training leaves: labels, the rows of known n-grams, and linear weights; ``proof`` judges probabilities.

    ``weights`` is int8, n-grams × labels, to be multiplied by ``scale`` (one a label); ``idf``, ``scale`` and
    ``bias`` are float32. ``heat`` turns scores into probabilities.
    ``proof``: the first guess's probability and whether it was right, for messages the model had not seen.
    """

    labels: tuple[str, ...]
    rows: dict[str, int]
    idf: Any
    weights: Any
    scale: Any
    bias: Any
    heat: float = 1.0
    proof: tuple[tuple[float, bool], ...] = ()

    def scores(self, title: str, text: str) -> Floats:
        """One score a label for flat texts: title and text are each of length one, the title weighted."""
        rows, values = self._placed(title, TITLE_WEIGHT)
        more, others = self._placed(text, 1.0)
        index, value = np.concatenate((rows, more)), np.concatenate((values, others))
        total = np.zeros(len(self.labels), np.float32)
        for start in range(0, len(index), _CHUNK):
            here = slice(start, start + _CHUNK)
            total += value[here] @ self.weights[index[here]].astype(np.float32)
        scored: Floats = total * self.scale + self.bias
        return scored

    def table(self) -> Floats:
        """The weights at their full width."""
        wide: Floats = self.weights * self.scale
        return wide

    def _placed(self, plain: str, weight: float) -> tuple[NDArray[np.int32], Floats]:
        known = self.rows
        found = [(row, count) for gram, count in grams.counted(plain).items() if (row := known.get(gram)) is not None]
        rows = np.fromiter((row for row, _ in found), np.int32, len(found))
        counts = np.fromiter((count for _, count in found), np.float32, len(found))
        values = (1 + np.log(counts)) * self.idf[rows]
        length = float(np.sqrt(values @ values))
        return rows, values * np.float32(weight / length) if length else values

    def probabilities(self, title: str, text: str) -> Floats:
        """One probability a label; they make one."""
        return softened(self.scores(title, text) * self.heat)


def narrowed(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], Floats]:
    """A table of weights as int8 with one scale a label: an eighth of the memory, and no guess of a hundred changes."""
    scale = np.abs(weights).max(axis=0) / 127 + 1e-12
    return np.rint(weights / scale).astype(np.int8), scale.astype(np.float32)


def softened(scores: Floats) -> Floats:
    """Scores as probabilities, along the last axis."""
    raised: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    soft: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return soft


def threshold(proof: Sequence[tuple[float, bool]], wanted: float) -> float:
    """The lowest probability above which a share ``wanted`` of the proof's first guesses was right; NEVER if none is.

    A few lucky ones on top prove nothing: at least LEAST_PROVED must lie above it.
    """
    right, n, lowest = 0, 0, NEVER
    for probability, tied in groupby(sorted(proof, reverse=True), key=itemgetter(0)):
        outcomes = [was_right for _, was_right in tied]
        right, n = right + sum(outcomes), n + len(outcomes)
        if n >= LEAST_PROVED and right / n >= wanted:
            lowest = probability
    return lowest


class Classifier:
    """A trained model in service under a name, sure from the threshold that the wanted precision sets.

    ``wanted`` above 1 is never reached: the model proposes and decides nothing. ``stands_for`` is the version that
    should have answered, where that one cannot be read.
    """

    def __init__(self, trained: Trained, name: str, wanted: float = 0.95, *, stands_for: str = "") -> None:
        self.trained = trained
        self.name = name
        self.wanted = wanted
        self.stands_for = stands_for or name
        self.threshold = threshold(trained.proof, wanted)

    def is_outdated(self, wanted: float) -> bool:
        """Whether another precision is wanted now than the threshold was set by."""
        return self.wanted <= 1 and self.wanted != wanted

    def ranked(self, title: str, text: str, most: int = MOST) -> list[tuple[str, float]]:
        """Labels with their probabilities, best first, for a title and a text that are known apart."""
        soft = self.trained.probabilities(grams.flat(title).text, grams.flat(text).text)
        return [(self.trained.labels[k], float(soft[k])) for k in np.argsort(-soft, kind="stable")[:most]]

    def suggest(self, words: str, *, most: int = MOST) -> Suggestion:
        """The most probable matters for ``words``, best first; empty when none of the words are known."""
        title, text = grams.parted(words)
        heads, body = grams.flat(title), grams.flat(text)
        probabilities = self.trained.probabilities(heads.text, body.text)
        if not _says_anything(self.trained, heads.text, body.text):
            return Suggestion(model=self.name)
        order = np.argsort(-probabilities, kind="stable")[:most]
        words_of = _speaking(self.trained, [(title, heads), (text, body)], order)
        ranked = tuple(
            Guess(self.trained.labels[k], float(probabilities[k]), said)
            for k, said in zip(order, words_of, strict=True)
        )
        return Suggestion(ranked=ranked, is_sure=ranked[0].probability >= self.threshold, model=self.name)


def _says_anything(trained: Trained, *texts: str) -> bool:
    """Whether two neighbouring characters are known: single ones stand in every text."""
    return any(text[i : i + 2] in trained.rows for text in texts for i in range(len(text) - 1))


def _speaking(
    trained: Trained, spoken: Sequence[tuple[str, grams.Flat]], labels: NDArray[np.int64]
) -> list[tuple[str, ...]]:
    """For each label the stretches that raise it most, as they were typed."""
    found: list[list[tuple[float, str]]] = [[] for _ in labels]
    for typed, (plain, at) in spoken:
        for k, heard in enumerate(_heard(trained, plain, labels)):
            found[k] += _stretches(typed, at, heard)
    return [_best(some) for some in found]


def _best(found: list[tuple[float, str]]) -> tuple[str, ...]:
    found.sort(key=lambda one: -one[0])
    return tuple(dict.fromkeys(words for _, words in found))[:MOST_WORDS]


def _heard(trained: Trained, plain: str, labels: NDArray[np.int64]) -> Floats:
    """Labels × characters: how much all n-grams of two and three that a character is part of speak for the label."""
    heard = np.zeros((len(labels), len(plain) + 1), np.float32)
    for size in (2, 3):
        runs = [(i, row) for i in range(len(plain) - size + 1)
                if (row := trained.rows.get(plain[i : i + size])) is not None]  # fmt: skip
        if not runs:
            continue
        starts, rows = np.array(runs, np.int64).T
        pull = trained.weights[rows][:, labels] * trained.scale[labels] * trained.idf[rows, None]
        heard[:, starts] += pull.T
        heard[:, starts + size] -= pull.T
    return heard.cumsum(axis=1)[:, :-1]


def _stretches(typed: str, at: Sequence[int], heard: Floats) -> list[tuple[float, str]]:
    """Runs of characters that pull strongly, as typed, with their pull."""
    if not len(heard) or heard.max() <= 0:
        return []
    strong = np.flatnonzero(heard > 0.5 * heard.max())
    found: list[tuple[float, str]] = []
    for run in np.split(strong, np.flatnonzero(np.diff(strong) > 1) + 1):
        words = typed[at[run[0]] : at[run[-1]] + 1].strip()
        if len(words) > 1:
            found.append((float(heard[run].sum()), words))
    return found
