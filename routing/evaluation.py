"""``hotline eval routing``: how good the product's classifier is on a file of labelled messages. Needs no database."""

from __future__ import annotations

import csv
import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from hotline.errors import Refusal, Say
from routing.classifier import Classifier, bent, softened
from routing.figures import Figures, Judged, figures
from routing.training import PROVING_FOLDS, Lesson, Unseen, calibrated, train, unseen

LEAST = 2 * PROVING_FOLDS
ALONE = 500
"""Up to so many messages one process is faster than starting two."""


def read(path: Path, least: int = LEAST) -> list[Lesson]:
    """The messages of a file: JSON lines or CSV, plain or gzipped, with ``label``, ``text`` and perhaps ``title``.

    Refusal that names the line for anything else, and for fewer than ``least`` of them.
    """
    found: list[Lesson] = []
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            is_table = ".csv" in path.suffixes
            for number, row in _table(file) if is_table else _lines(file):
                found.append(_lesson(path, number, row))
    except FileNotFoundError as error:
        raise _bad(path, 0, Say("没有这个文件", "there is no such file")) from error
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise _bad(path, len(found) + 1, Say("读不出来", "it cannot be read")) from error
    if len(found) < least:
        raise _bad(path, 0, Say(f"至少要 {least} 条", f"{least} messages at least are needed"))
    return found


def _lines(file: Any) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                yield number, msgspec.json.decode(line)
            except msgspec.DecodeError:
                yield number, None


def _table(file: Any) -> Iterator[tuple[int, Any]]:
    yield from enumerate(csv.DictReader(file), start=2)


def _lesson(path: Path, number: int, row: Any) -> Lesson:
    if not isinstance(row, dict):
        raise _bad(path, number, Say("不是一条 JSON", "it is no JSON object"))
    label, text, title = row.get("label"), row.get("text"), row.get("title")
    if label in (None, "") or not isinstance(text or title, str):
        raise _bad(path, number, Say("缺 label 或 text", "label or text is missing"))
    return Lesson(str(label), str(title or ""), str(text or ""))


def _bad(path: Path, number: int, why: Say) -> Refusal:
    at = (f"第 {number} 行：", f"line {number}: ") if number else ("", "")
    return Refusal(422, "bad_messages", Say(f"{path.name} {at[0]}{why.zh}。", f"{path.name}, {at[1]}{why.en}."))


def evaluate(messages: Sequence[Lesson], taught: Sequence[Lesson] = (), *, workers: int = 0) -> Figures:
    """Figures of a model of ``taught`` on ``messages``; without ``taught`` cross-validated on ``messages`` alone.

    Refusal when there is but one label.
    """
    if len({one.label for one in taught or messages}) < 2:
        raise Refusal(422, "one_label", Say("至少要有两种标签。", "Two different labels at least are needed."))
    workers = workers or (min(2, os.cpu_count() or 1) if len(taught or messages) > ALONE else 1)
    return figures(judged_by(taught, messages, workers) if taught else cross_judged(unseen(messages, workers=workers)))


def judged_by(taught: Sequence[Lesson], messages: Sequence[Lesson], workers: int = 1) -> list[Judged]:
    """``messages`` judged by a model of ``taught``."""
    model = Classifier(train(taught, workers=workers), "eval")
    found: list[Judged] = []
    for one in messages:
        ranked = model.ranked(one.title, one.text)
        found.append(Judged(one.label, tuple(label for label, _ in ranked), ranked[0][1]))
    return found


def cross_judged(proof: Unseen) -> list[Judged]:
    """Each message judged by a model that saw neither it nor its twins, calibrated on the other parts."""
    found: list[Judged] = [Judged("", (), 0.0)] * len(proof.truth)
    for fold in range(PROVING_FOLDS):
        here = proof.fold == fold
        heat, bend = calibrated(proof.scores[~here], proof.truth[~here])
        soft = softened(proof.scores[here] * heat)
        order = np.argsort(-soft, axis=1, kind="stable")[:, :5]
        for i, ranks, first in zip(np.flatnonzero(here), order, bent(soft.max(axis=1), bend), strict=True):
            guesses = tuple(proof.labels[k] for k in ranks)
            found[i] = Judged(proof.labels[proof.truth[i]], guesses, float(first))
    return found
