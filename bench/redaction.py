"""What the redaction finds and misses on the annotated corpus, and how long it takes for 500 characters.

    python -m bench.redaction [--rounds 20]

Two kinds of text: the corpus's own, glued together, where nearly every clause tells of somebody, and those of its texts
that tell of nobody. Processor time, because others may share the machine.
"""

from __future__ import annotations

import argparse
import time

from bench import common
from cases import redaction
from tests.corpus.redaction import HALVES, Sample, measure, read

GOAL = 1.0
LENGTH = 500
GROUPS = ("identifiers", "names", "addresses")


def pieces(samples: list[Sample]) -> list[str]:
    """Texts of ``LENGTH`` characters."""
    text = "".join(one.text for one in samples)
    return [text[at : at + LENGTH] for at in range(0, len(text) - LENGTH, LENGTH // 2)]


def timed(texts: list[str], rounds: int) -> list[float]:
    """Milliseconds of each text, the best of every third round."""
    found = []
    for _ in range(rounds):
        for text in texts:
            tries = []
            for _ in range(3):
                start = time.process_time()
                redaction.finds(text)
                tries.append((time.process_time() - start) * 1000)
            found.append(min(tries))
    return found


def figures() -> list[str]:
    """Recall and precision of both halves, and every miss by name."""
    lines, missed = [], []
    for half in HALVES:
        score = measure(half)
        told = "; ".join(
            f"{group} {score.covered.get(group, 0)}/{score.marked.get(group, 0)} found ({score.recall(group):.3f}), "
            f"precision {score.precision(group):.3f}"
            for group in GROUPS
        )
        lines.append(f"{half}, {len(read(half))} texts: {told}")
        missed += [f"missed, {half}: {one}" for one in score.misses]
        missed += [f"in error, {half}: {one}" for one in score.errors]
    return lines + missed


def main() -> None:
    """Measure and note."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    samples = [one for half in HALVES for one in read(half)]
    lines = [f"{common.machine()}; {common.load()}"]
    for name, texts in (
        ("of people", pieces(samples)),
        ("of nobody", pieces([one for one in samples if not one.marks])),
    ):
        taken = timed(texts, rounds)
        p50, p95 = common.quantile(taken, 0.5), common.quantile(taken, 0.95)
        lines.append(f"{LENGTH} characters {name}: p50 {p50:.2f} ms, p95 {p95:.2f} ms (goal {GOAL:.0f} ms)")
    common.note("redaction", lines + figures())


if __name__ == "__main__":
    main()
