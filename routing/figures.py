"""How good first guesses were: accuracy, macro-F1, coverage at a precision, calibration. Pure, numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

BINS = 15


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Shares from 0 to 1.

    ``coverage_95``: the most probable share of which 95 % is right; ``ece``: how far the probabilities are from what
    comes true, on the average over 15 bins of equal width.
    """

    n: int
    accuracy: float
    macro_f1: float
    top_3: float
    coverage_95: float
    coverage_97: float
    surest_80: float
    ece: float


class Judged(msgspec.Struct, frozen=True):
    """One message: what it is, the guesses best first, and the first one's probability."""

    truth: str
    guesses: tuple[str, ...]
    probability: float

    @property
    def is_right(self) -> bool:
        """Whether the first guess is it."""
        return self.guesses[:1] == (self.truth,)


class OfLabel(msgspec.Struct, frozen=True):
    """One label: messages that are it, that were taken for it, and both."""

    label: str
    n: int
    taken: int
    right: int

    @property
    def f1(self) -> float:
        """Between how many were found and how many of those taken were right."""
        return 2 * self.right / (self.n + self.taken) if self.right else 0.0


def figures(judged: Sequence[Judged]) -> Figures:
    """All figures of one judging; zeros for none."""
    n = len(judged)
    if not n:
        return Figures(n=0, accuracy=0, macro_f1=0, top_3=0, coverage_95=0, coverage_97=0, surest_80=0, ece=0)
    right = np.array([one.is_right for one in judged], bool)
    sure = np.array([one.probability for one in judged], float)
    ordered = right[np.argsort(-sure, kind="stable")]
    of = by_label(judged)
    return Figures(
        n=n,
        accuracy=float(right.mean()),
        macro_f1=float(np.mean([one.f1 for one in of])),
        top_3=float(np.mean([one.truth in one.guesses[:3] for one in judged])),
        coverage_95=_coverage(ordered, 0.95),
        coverage_97=_coverage(ordered, 0.97),
        surest_80=float(ordered[: max(1, int(0.8 * n))].mean()),
        ece=calibration_error(sure, right),
    )


def _coverage(ordered: np.ndarray, precision: float) -> float:
    share = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    enough = np.flatnonzero(share >= precision)
    return float((enough[-1] + 1) / len(ordered)) if len(enough) else 0.0


def calibration_error(sure: np.ndarray, right: np.ndarray) -> float:
    """The expected calibration error over BINS bins of equal width."""
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gap = sum(abs(float(sure[bins == b].sum() - right[bins == b].sum())) for b in range(BINS))
    return gap / len(sure)


def by_label(judged: Sequence[Judged]) -> list[OfLabel]:
    """Each label that was meant or guessed, in order of its code."""
    n = Counter(one.truth for one in judged)
    taken = Counter(one.guesses[0] for one in judged if one.guesses)
    right = Counter(one.truth for one in judged if one.is_right)
    return [OfLabel(label, n[label], taken[label], right[label]) for label in sorted(n | taken)]


def confusions(judged: Sequence[Judged], most: int = 10) -> list[tuple[str, str, int]]:
    """The commonest mistakes: what it was, what it was taken for, how often."""
    wrong = Counter((one.truth, one.guesses[0]) for one in judged if one.guesses and not one.is_right)
    ordered = sorted(wrong.items(), key=lambda one: (-one[1], one[0]))
    return [(truth, guess, count) for (truth, guess), count in ordered[:most]]
