"""Makes a model from lessons: n-grams, two linear learners joined into one table, and the proof that judges it.

The only place that needs scikit-learn, and it asks for it late: web and worker answer without it. Deterministic.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing import grams
from routing.classifier import TITLE_WEIGHT, UNKNOWN, Floats, Trained, bent, narrowed, softened
from routing.folds import folds, twins

MOST_GRAMS = 60_000
"""N-grams kept, those that tell the labels apart best: 180 labels weigh 11 MB with them."""
PROVING_FOLDS = 5
ENOUGH_SAID = 300
HEATS = np.geomspace(0.2, 40, 160)
UNSEEN = -3.0
"""The score of a label that no lesson at hand has."""
_SMOOTH = 0.05
_STRIDE = 0.25
_SHARES = {"plain": 0.5, "ratio": 0.5}


class Lesson(msgspec.Struct, frozen=True):
    """One text and what it is about. ``is_case``: said by a requester, not written for the starting model."""

    label: str
    title: str
    text: str
    is_case: bool = True


class _Read(msgspec.Struct, frozen=True):
    """A lesson as n-grams of its title and of its text."""

    title: Counter[str]
    text: Counter[str]
    is_case: bool = True


class Unseen(msgspec.Struct, frozen=True):
    """Every lesson's scores (lessons × labels) by a model that saw neither it nor its twins, its label and fold."""

    labels: tuple[str, ...]
    scores: Any
    truth: Any
    fold: Any


def train(lessons: Sequence[Lesson], *, workers: int = 1) -> Trained:
    """A model of these lessons. ``workers`` processes prove it; the same lessons give the same model.

    Probabilities are fitted on lessons that the model at hand had not seen, near-duplicates kept together.
    ValueError for fewer than two labels.
    """
    proof = unseen(lessons, workers=workers)
    whole = _fitted(proof.labels, [_read(one) for one in lessons], proof.truth)
    asked = _proving(lessons)
    heat, bend = calibrated(proof.scores[asked], proof.truth[asked])
    first, right = first_guesses(proof.scores[asked], proof.truth[asked], heat)
    shown = tuple((round(float(p), 4), bool(hit)) for p, hit in zip(bent(first, bend), right, strict=True))
    return msgspec.structs.replace(whole, heat=heat, bend=bend, proof=shown)


def unproved(lessons: Sequence[Lesson]) -> Trained:
    """A model of these lessons whose ranks are good and whose probabilities nobody has proved: for measuring ranks."""
    labels, truth = np.unique([one.label for one in lessons], return_inverse=True)
    return _fitted([str(label) for label in labels], [_read(one) for one in lessons], truth)


def _proving(lessons: Sequence[Lesson]) -> NDArray[np.int64]:
    """The lessons that judge: what requesters said, as soon as there is enough of it."""
    said = np.flatnonzero([one.is_case for one in lessons])
    return said if len(said) >= ENOUGH_SAID else np.arange(len(lessons))


def unseen(lessons: Sequence[Lesson], *, workers: int = 1) -> Unseen:
    """Cross-validated scores: each of PROVING_FOLDS parts is judged by a model of the others.

    ValueError for fewer than two labels.
    """
    labels, truth = np.unique([one.label for one in lessons], return_inverse=True)
    if len(labels) < 2:
        msg = "two labels at least are needed"
        raise ValueError(msg)
    of = folds([one.label for one in lessons], twins([one.title + one.text for one in lessons]), PROVING_FOLDS)
    parts = [(np.flatnonzero(of != fold), np.flatnonzero(of == fold)) for fold in range(PROVING_FOLDS)]
    asked = [_Part(_some(lessons, taught), truth[taught], _some(lessons, part)) for taught, part in parts]
    scores = np.full((len(lessons), len(labels)), UNSEEN)
    for (_, part), (present, found) in zip(parts, _all_judged(asked, workers), strict=True):
        scores[np.ix_(part, present)] = found
    return Unseen(tuple(str(label) for label in labels), scores, truth, of)


def _some(lessons: Sequence[Lesson], index: NDArray[np.int64]) -> list[Lesson]:
    return [lessons[int(i)] for i in index]


class _Part(msgspec.Struct, frozen=True):
    taught: list[Lesson]
    truth: Any
    asked: list[Lesson]


_Scored = tuple[NDArray[np.int64], NDArray[np.float64]]


def _all_judged(parts: Sequence[_Part], workers: int) -> list[_Scored]:
    if workers == 1:
        return [_judged(part) for part in parts]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(_judged, parts))


def _judged(part: _Part) -> _Scored:
    """The labels that a model of the taught lessons knows, and its scores for the asked ones."""
    present = np.unique(part.truth)
    if len(present) < 2 or not part.asked:
        return present, np.zeros((len(part.asked), len(present)))
    read = [_read(one) for one in part.taught]
    some = _fitted([str(one) for one in present], read, np.searchsorted(present, part.truth))
    matrix = _matrix([_read(one) for one in part.asked], some.rows, some.idf)
    return present, matrix @ some.table() + some.bias


def calibrated(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> tuple[float, tuple[float, float]]:
    """The heat under which probabilities are likeliest to have said what came true, and the bend that then mends them.

    The heat is shared by all labels and errs most where the model is surest; the first guess is what is acted on.
    """
    if not len(truth):  # all are twins of one another: nothing was judged by anything else
        return 1.0, (1.0, 0.0)
    row = np.arange(len(truth))
    loss = [-np.log(softened(scores * heat)[row, truth] + 1e-12).mean() for heat in HEATS]
    heat = float(HEATS[int(np.argmin(loss))])
    return heat, _bend(*first_guesses(scores, truth, heat))


def first_guesses(
    scores: NDArray[np.float64], truth: NDArray[np.int64], heat: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Each first guess's probability before it is bent, and whether it was right."""
    soft = softened(scores * heat)
    return soft.max(axis=1), soft.argmax(axis=1) == truth


def _bend(first: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Logistic regression of being right on the log odds, by Newton's steps; slightly held to what they say."""
    inner = np.clip(first, 1e-4, 1 - 1e-4)
    given = np.column_stack((np.log(inner / (1 - inner)), np.ones(len(first))))
    fit = np.array([1.0, 0.0])
    for _ in range(200):
        guess = 1 / (1 + np.exp(-given @ fit))
        slope = given.T @ (guess - right) + (fit - (1.0, 0.0))
        step = np.linalg.solve((given * (guess * (1 - guess))[:, None]).T @ given + np.eye(2), slope)
        fit = fit - np.clip(step, -_STRIDE, _STRIDE)  # a whole step may leap over the valley
        if np.abs(step).max() < 1e-9:
            break
    return max(float(fit[0]), 0.05), float(fit[1])


def _read(lesson: Lesson) -> _Read:
    title, text = (grams.counted(grams.flat(part).text) for part in (lesson.title, lesson.text))
    return _Read(title, text, lesson.is_case)


def _fitted(labels: Sequence[str], read: Sequence[_Read], truth: NDArray[np.int64]) -> Trained:
    """Weights for these lessons, not yet calibrated."""
    rows, idf = _vocabulary(read)
    matrix = _matrix(read, rows, idf)
    keep = _telling(matrix, truth)
    matrix, idf = matrix[:, keep], idf[keep]
    names = list(rows)
    weights, bias = _learned(matrix, truth, len(labels))
    table, scale = narrowed(weights)
    return Trained(
        labels=tuple(labels), rows={names[old]: new for new, old in enumerate(keep)}, idf=idf, weights=table,
        scale=scale, bias=bias.astype(np.float32),
    )  # fmt: skip


def _vocabulary(read: Sequence[_Read]) -> tuple[dict[str, int], Floats]:
    """Every n-gram that stands in two lessons, or in one that was written to teach; with how rare it is."""
    seen: Counter[str] = Counter()
    meant: set[str] = set()
    for one in read:
        found = one.title.keys() | one.text.keys()
        seen.update(found)
        if not one.is_case:
            meant |= found
    known = sorted(gram for gram, n in seen.items() if n > 1 or gram in meant)
    idf = np.log((1 + len(read)) / (1 + np.array([seen[gram] for gram in known]))) + 1
    return {gram: row for row, gram in enumerate(known)}, idf.astype(np.float32)


def _matrix(read: Sequence[_Read], rows: dict[str, int], idf: Floats) -> Any:
    """Lessons × n-grams: title and text each of length one, the title weighted, as ``Trained.scores`` reads them."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - comes with scikit-learn

    index: list[NDArray[np.int64]] = []
    values: list[NDArray[np.float64]] = []
    ends = [0]
    for one in read:
        size = 0
        for counts, weight in ((one.title, TITLE_WEIGHT), (one.text, 1.0)):
            rows_of = np.fromiter(map(rows.get, counts, repeat(UNKNOWN)), np.int64, len(counts))
            is_known = rows_of != UNKNOWN
            at = rows_of[is_known]
            value = (1 + np.log(np.fromiter(counts.values(), float, len(counts))[is_known])) * idf[at]
            length = np.sqrt(value @ value)
            index.append(at)
            values.append(value * (weight / length) if length else value)
            size += len(at)
        ends.append(ends[-1] + size)
    matrix = csr_matrix((np.concatenate(values), np.concatenate(index), ends), shape=(len(read), len(rows)))
    matrix.sum_duplicates()
    return matrix


def _telling(matrix: Any, truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """The columns that tell labels apart best (chi-squared), at most MOST_GRAMS."""
    if matrix.shape[1] <= MOST_GRAMS:
        return np.arange(matrix.shape[1])
    from sklearn.feature_selection import chi2  # noqa: PLC0415 - only here

    score = np.nan_to_num(chi2(matrix, truth)[0])
    return np.sort(np.argsort(-score, kind="stable")[:MOST_GRAMS])


def _learned(matrix: Any, truth: NDArray[np.int64], k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two linear machines, one of them on n-grams scaled by how much oftener they stand with a label; their mean.

    Both are linear in the same numbers, so that together they are one table.
    """
    plain, plain_bias = _machine(matrix, truth, k, 1.0)
    weights, bias = _SHARES["plain"] * plain, _SHARES["plain"] * plain_bias
    for label in range(k):
        scale = _ratio(matrix, truth == label)
        one, one_bias = _machine(matrix.multiply(scale).tocsr(), (truth == label).astype(np.int64), 2, 0.3)
        weights[:, label] += _SHARES["ratio"] * scale * one[:, 1]
        bias[label] += _SHARES["ratio"] * one_bias[1]
    return weights, bias


def _ratio(matrix: Any, is_label: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Naive Bayes' log ratio of each n-gram within the label and without."""
    inside = _SMOOTH + np.asarray(matrix[is_label].sum(axis=0)).ravel()
    outside = _SMOOTH + np.asarray(matrix[~is_label].sum(axis=0)).ravel()
    ratio: NDArray[np.float64] = np.log((inside / inside.sum()) / (outside / outside.sum()))
    return ratio


def _machine(
    matrix: Any, truth: NDArray[np.int64], k: int, strictness: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - a second to import, and only training needs it

    machine = LinearSVC(C=strictness, random_state=0).fit(matrix, truth)
    if k == 2:  # one row stands for both sides
        return np.vstack((-machine.coef_, machine.coef_)).T, np.concatenate((-machine.intercept_, machine.intercept_))
    return machine.coef_.T.copy(), machine.intercept_.copy()
