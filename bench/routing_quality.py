"""How well words are put to categories and to matters: the product's classifier beside the usual baseline.

Needs the evaluation messages, which are no part of the project: `python -m bench.routing_quality --data FILE`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bench.common import LEFT_OUT, note, quantile
from routing import evaluation, keeping, starting
from routing.classifier import Classifier
from routing.figures import Judged, figures
from routing.training import PROVING_FOLDS, Lesson, Unseen, unproved, unseen

LABELS = Path(__file__).parent / "labels" / "matters_300.csv"
RESAMPLES = 2000
GOAL_START, GOAL_TAUGHT = 0.70, 0.80
GOAL_ECE, GOAL_MS, GOAL_MB = 0.02, 1.5, 100


def main() -> int:
    """Run the parts that are asked for; LEFT_OUT when the messages are not there."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--data", type=Path, default=Path(os.environ.get("BENCH_MESSAGES", "messages_dev.jsonl.gz")))
    ask.add_argument("--parts", default="categories,matters,speed")
    ask.add_argument("--workers", type=int, default=1)
    asked = ask.parse_args()
    if not asked.data.exists():
        print(f"{asked.data} is not there: these messages are no part of the project (bench/labels/README.md). "
              "Name the file with --data or BENCH_MESSAGES.", file=sys.stderr)  # fmt: skip
        return LEFT_OUT
    os.nice(int(os.environ.get("BENCH_NICE", "0")))
    parts = asked.parts.split(",")
    if "categories" in parts:
        note("Words to categories", categories(evaluation.read(asked.data), asked.workers))
    if "matters" in parts:
        note("Words to matters", matters(asked.data))
    if "speed" in parts:
        note("The model's speed and memory", speed(evaluation.read(asked.data)))
    return 0


def categories(messages: list[Lesson], workers: int) -> list[str]:
    """The seven categories, five folds, near-duplicates together: ours beside TF-IDF and a linear SVM."""
    began = time.perf_counter()
    proof = unseen(messages, workers=workers)
    judged = evaluation.cross_judged(proof)
    ours = time.perf_counter() - began
    theirs, sure = baseline(messages, proof)
    truth = np.array([one.label for one in messages])
    mine = np.array([one.guesses[0] for one in judged])
    found, other = figures(judged), _beside(messages, theirs, sure)
    spans = _bootstrap(truth, mine, theirs)
    return [
        f"{len(messages):,} messages, 7 categories, {PROVING_FOLDS} folds, near-duplicates kept together ({ours:.0f} s)",
        f"{'':<26}{'ours':>8}{'baseline':>10}   ours - baseline, 95 % of {RESAMPLES} paired resamples",
        *(f"{name:<26}{getattr(found, name):>8.4f}{getattr(other, name):>10.4f}   {low:+.4f} to {high:+.4f}"
          for name, (low, high) in spans.items()),
        f"{'right on the surest 80 %':<26}{found.surest_80:>8.4f}{other.surest_80:>10.4f}",
        f"{'coverage at 95 %':<26}{found.coverage_95:>8.4f}{other.coverage_95:>10.4f}",
        f"{'coverage at 97 %':<26}{found.coverage_97:>8.4f}{other.coverage_97:>10.4f}",
        f"{'calibration error':<26}{found.ece:>8.4f}{'—':>10}   (goal {GOAL_ECE})",
        f"  goal: both intervals above zero: {'met' if min(low for low, _ in spans.values()) > 0 else 'missed'}",
    ]  # fmt: skip


def baseline(messages: list[Lesson], proof: Unseen) -> tuple[Any, Any]:
    """Characters 1 to 3 by TF-IDF and a linear SVM on title and text, in the same folds: guesses and margins."""
    texts = [f"{one.title}\n{one.text}" for one in messages]
    labels = np.array([one.label for one in messages])
    guesses, margins = np.empty(len(texts), object), np.zeros(len(texts))
    for fold in range(PROVING_FOLDS):
        taught, asked = np.flatnonzero(proof.fold != fold), np.flatnonzero(proof.fold == fold)
        read = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
        machine = LinearSVC(random_state=0).fit(read.fit_transform([texts[i] for i in taught]), labels[taught])
        scores = machine.decision_function(read.transform([texts[i] for i in asked]))
        guesses[asked] = machine.classes_[scores.argmax(axis=1)]
        ordered = np.sort(scores, axis=1)
        margins[asked] = ordered[:, -1] - ordered[:, -2]
    return guesses.astype(str), margins


def _beside(messages: list[Lesson], guesses: Any, margins: Any) -> Any:
    """The baseline's figures, by its margin: it has no probabilities."""
    scaled = margins / margins.max()
    return figures([Judged(one.label, (str(g),), float(m)) for one, g, m in zip(messages, guesses, scaled, strict=True)])


def _bootstrap(truth: Any, ours: Any, theirs: Any) -> dict[str, tuple[float, float]]:
    """The middle 95 % of the differences in accuracy and macro-F1 over paired resamples."""
    labels = np.unique(truth)
    t, a, b = (np.searchsorted(labels, some) for some in (truth, ours, theirs))
    chance = np.random.default_rng(0)
    accuracy, f1 = [], []
    for _ in range(RESAMPLES):
        i = chance.integers(0, len(t), len(t))
        accuracy.append(float((a[i] == t[i]).mean() - (b[i] == t[i]).mean()))
        f1.append(_macro(t[i], a[i], len(labels)) - _macro(t[i], b[i], len(labels)))
    return {name: (float(np.quantile(some, 0.025)), float(np.quantile(some, 0.975)))
            for name, some in (("accuracy", accuracy), ("macro_f1", f1))}  # fmt: skip


def _macro(truth: Any, guess: Any, k: int) -> float:
    hit = np.bincount(truth[truth == guess], minlength=k)
    both = np.bincount(truth, minlength=k) + np.bincount(guess, minlength=k)
    return float((2 * hit / np.maximum(both, 1)).mean())


def matters(data: Path) -> list[str]:
    """The 180 matters on 300 messages labelled by hand: the shipped model, and one taught by the other labelled ones."""
    said = _labelled(data)
    shipped = Classifier(starting.model(), starting.VERSION)
    lines = [f"{len(said)} messages labelled by hand, 180 matters (first code alone / first or second code)"]
    lines += [_row("shipped model", [_ranks(shipped, one) for one, _ in said], said, GOAL_START)]
    ranks: list[tuple[str, ...]] = [()] * len(said)
    for fold in range(PROVING_FOLDS):
        taught = [one for i, (one, _) in enumerate(said) if i % PROVING_FOLDS != fold]
        model = Classifier(unproved([*starting.lessons(), *taught]), "taught")
        for i, (one, _) in enumerate(said):
            if i % PROVING_FOLDS == fold:
                ranks[i] = _ranks(model, one)
    return [*lines, _row("with the others labelled", ranks, said, GOAL_TAUGHT)]


def _labelled(data: Path) -> list[tuple[Lesson, str]]:
    opened = gzip.open if data.suffix == ".gz" else open
    with opened(data, "rt", encoding="utf-8") as file:
        rows = {str(row["id"]): row for row in map(msgspec.json.decode, file)}
    with LABELS.open(encoding="utf-8", newline="") as file:
        return [
            (Lesson(one["code"], rows[one["id"]].get("title") or "", rows[one["id"]]["text"]), one["second"])
            for one in csv.DictReader(file)
            if one["id"] in rows
        ]


def _ranks(model: Classifier, one: Lesson) -> tuple[str, ...]:
    return tuple(label for label, _ in model.ranked(one.title, one.text))


def _row(name: str, ranks: list[tuple[str, ...]], said: list[tuple[Lesson, str]], goal: float) -> str:
    shares = []
    for k in (1, 3, 5):
        first = np.mean([one.label in some[:k] for some, (one, _) in zip(ranks, said, strict=True)])
        either = np.mean([bool({one.label, second} & set(some[:k])) for some, (one, second) in zip(ranks, said, strict=True)])
        shares.append(f"top-{k} {first:.3f} / {either:.3f}")
    return f"{name:<26}{'   '.join(shares)}   (goal: top-3 {goal:.2f})"


def speed(messages: list[Lesson]) -> list[str]:
    """One message after another through the shipped model, words shown included; what the model takes of memory."""
    kept = keeping.pack(starting.model())
    tracemalloc.start()
    model = Classifier(keeping.unpack(kept), "speed")
    megabytes = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    words = [f"{one.title}\n{one.text}" for one in messages[:2000]]
    for one in words[:100]:
        model.suggest(one)
    alone = _times([lambda one=one: model.ranked(one.title, one.text) for one in messages[:2000]])
    shown = _times([lambda one=one: model.suggest(one) for one in words])
    shape = model.trained.weights.shape
    return [
        f"shipped model: {shape[0]:,} n-grams × {shape[1]} matters, {starting.FILE.stat().st_size / 1e6:.2f} MB on disk, "
        f"{megabytes:.0f} MB in memory (goal {GOAL_MB})",
        f"the model itself:      {_line(alone)}   (goal {GOAL_MS} a message)",
        f"suggest, words shown:  {_line(shown)}",
    ]


def _times(calls: list[Callable[[], object]]) -> list[float]:
    """Milliseconds of each."""
    found = []
    for call in calls:
        began = time.perf_counter()
        call()
        found.append((time.perf_counter() - began) * 1000)
    return found


def _line(times: list[float]) -> str:
    return f"mean {np.mean(times):.2f} ms  p50 {quantile(times, 0.5):.2f} ms  p95 {quantile(times, 0.95):.2f} ms"


if __name__ == "__main__":
    raise SystemExit(main())
