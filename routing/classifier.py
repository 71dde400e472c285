"""The trained model: words in, ranked matters out, with calibrated probabilities and the words that speak for each.

Numpy alone answers; ``routing.training`` makes a model, ``routing.models`` keeps it. Nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing import grams
from routing.guess import MOST, Guess, Suggestion

TITLE_WEIGHT = 0.8
"""A title says in twelve characters what the text says in four hundred."""
NEVER = 1.01
"""A threshold that no probability reaches."""
UNKNOWN = -1
"""The row of an n-gram that no lesson had."""
MOST_WORDS = 3
LEAST_PROVED = 40
"""Held-back messages that have to lie above a threshold before it is believed."""

Floats = NDArray[np.floating[Any]]
_CHUNK = 512
"""Rows of the weights that are widened at once: all that is ever held twice."""


class Read(NamedTuple):
    """A text as a model reads it: where each character was typed, and the rows of its runs of 1, 2, 3 characters."""

    typed: str
    at: Sequence[int]
    rows: Sequence[NDArray[np.int64]]
    weight: float


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """What training leaves: labels, the rows of known n-grams, and linear weights; ``proof`` judges probabilities.

    ``weights`` is int8, n-grams × labels, to be multiplied by ``scale`` (one a label); ``idf``, ``scale`` and
    ``bias`` are float32. ``heat`` turns scores into probabilities, ``bend``
    mends the first one's (slope and lift of its log odds).
    ``proof``: the first guess's probability and whether it was right, for messages the model had not seen.
    """

    labels: tuple[str, ...]
    rows: dict[str, int]
    idf: Any
    weights: Any
    scale: Any
    bias: Any
    heat: float = 1.0
    bend: tuple[float, float] = (1.0, 0.0)
    proof: tuple[tuple[float, bool], ...] = ()

    def scores(self, *texts: Read) -> Floats:
        """One score a label for texts that were read: each is of length one, times its weight."""
        parts = [self._placed(one) for one in texts]
        index, value = (np.concatenate(some) for some in zip(*parts, strict=True))
        total = np.zeros(len(self.labels), np.float32)
        for start in range(0, len(index), _CHUNK):
            here = slice(start, start + _CHUNK)
            total += value[here] @ self.weights[index[here]].astype(np.float32)
        scored: Floats = total * self.scale + self.bias
        return scored

    def _placed(self, one: Read) -> tuple[NDArray[np.int64], Floats]:
        """The rows of a text's known n-grams, each once, and their values."""
        rows, counts = np.unique(np.concatenate(one.rows), return_counts=True)
        known = slice(1, None) if len(rows) and rows[0] == UNKNOWN else slice(None)
        rows = rows[known]
        values = (1 + np.log(counts[known], dtype=np.float32)) * self.idf[rows]
        length = float(np.sqrt(values @ values))
        return rows, values * np.float32(one.weight / length) if length else values

    def read(self, typed: str, weight: float) -> Read:
        """A text as this model reads it."""
        flat = grams.flat(typed)
        known = self.rows.get
        rows = [np.fromiter(map(known, some, repeat(UNKNOWN)), np.int64, len(some)) for some in grams.runs(flat.text)]
        return Read(typed, flat.at, rows, weight)

    def table(self) -> Floats:
        """The weights at their full width."""
        wide: Floats = self.weights * self.scale
        return wide


def narrowed(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], Floats]:
    """A table of weights as int8 with one scale a label: an eighth of the memory, and no guess of a hundred changes."""
    scale = np.abs(weights).max(axis=0) / 127 + 1e-12
    return np.rint(weights / scale).astype(np.int8), scale.astype(np.float32)


def softened(scores: Floats) -> Floats:
    """Scores as probabilities, along the last axis."""
    raised: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    soft: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return soft


def bent(first: Any, bend: tuple[float, float]) -> Any:
    """The first guess's probability as experience has it: slope and lift of its log odds. In order as it was."""
    inner = np.clip(first, 1e-4, 1 - 1e-4)
    return 1 / (1 + np.exp(-(bend[0] * np.log(inner / (1 - inner)) + bend[1])))


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

    Without a ``wanted`` precision the model proposes and decides nothing. ``stands_for`` is the version that should
    have answered, where that one cannot be read.
    """

    def __init__(self, trained: Trained, name: str, wanted: float | None = 0.95, *, stands_for: str = "") -> None:
        self.trained = trained
        self.name = name
        self.wanted = wanted
        self.stands_for = stands_for or name
        self.threshold = NEVER if wanted is None else threshold(trained.proof, wanted)

    def is_outdated(self, wanted: float) -> bool:
        """Whether another precision is wanted now than the threshold was set by."""
        return self.wanted is not None and self.wanted != wanted

    def ranked(self, title: str, text: str, most: int = MOST) -> list[tuple[str, float]]:
        """Labels with their probabilities, best first, for a title and a text that are known apart."""
        order, chances = self._ranked(self._read(title, text), most)
        return [(self.trained.labels[k], chance) for k, chance in zip(order, chances, strict=True)]

    def suggest(self, words: str, *, most: int = MOST) -> Suggestion:
        """The most probable matters for ``words``, best first; empty when none of the words are known."""
        read = self._read(*grams.parted(words))
        if not any((one.rows[1] != UNKNOWN).any() for one in read):  # single characters stand in every text
            return Suggestion(model=self.name)
        order, chances = self._ranked(read, most)
        ranked = tuple(
            Guess(self.trained.labels[k], chance, said)
            for k, chance, said in zip(order, chances, _speaking(self.trained, read, order), strict=True)
        )
        return Suggestion(ranked=ranked, is_sure=ranked[0].probability >= self.threshold, model=self.name)

    def _read(self, title: str, text: str) -> tuple[Read, Read]:
        return self.trained.read(title, TITLE_WEIGHT), self.trained.read(text, 1.0)

    def _ranked(self, read: tuple[Read, Read], most: int) -> tuple[NDArray[np.int64], list[float]]:
        """Labels, best first, and how probable each is: the first by experience, the others share what it leaves."""
        soft = softened(self.trained.scores(*read) * self.trained.heat)
        order = np.argsort(-soft, kind="stable")[:most]
        first = float(soft[order[0]])
        mended = float(bent(first, self.trained.bend))
        left = (1 - mended) / max(1 - first, 1e-6)
        return order, [mended, *(min(mended, float(soft[k]) * left) for k in order[1:])]


def _speaking(trained: Trained, read: Sequence[Read], labels: NDArray[np.int64]) -> list[tuple[str, ...]]:
    """For each label the stretches that raise it most, as they were typed."""
    found: list[list[tuple[float, str]]] = [[] for _ in labels]
    for one in read:
        for k, heard in enumerate(_heard(trained, one, labels)):
            found[k] += _stretches(one, heard)
    return [_best(some) for some in found]


def _best(found: list[tuple[float, str]]) -> tuple[str, ...]:
    found.sort(key=lambda one: -one[0])
    return tuple(dict.fromkeys(words for _, words in found))[:MOST_WORDS]


def _heard(trained: Trained, one: Read, labels: NDArray[np.int64]) -> Floats:
    """Labels × characters: how much all n-grams of two and three that a character is part of speak for the label."""
    heard = np.zeros((len(labels), len(one.at) + 1), np.float32)
    wide = trained.scale[labels, None]
    for size in (2, 3):
        starts = np.flatnonzero(one.rows[size - 1] != UNKNOWN)
        rows = one.rows[size - 1][starts]
        pull = trained.weights[rows[:, None], labels].T * wide * trained.idf[rows]
        heard[:, starts] += pull
        heard[:, starts + size] -= pull
    return heard.cumsum(axis=1)[:, :-1]


def _stretches(one: Read, heard: Floats) -> list[tuple[float, str]]:
    """Runs of characters that pull strongly, as typed, with their pull."""
    if not len(heard) or (peak := heard.max()) <= 0:
        return []
    found: list[tuple[float, str]] = []
    first = last = -2
    for i in [*np.flatnonzero(heard > 0.5 * peak).tolist(), len(heard) + 1]:
        if i != last + 1:
            words = one.typed[one.at[first] : one.at[last] + 1].strip() if last > first >= 0 else ""
            if len(words) > 1:
                found.append((float(heard[first : last + 1].sum()), words))
            first = i
        last = i
    return found
