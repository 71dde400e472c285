"""What words tell: what is asked (how long, who, how, what it costs, what to bring), what means the same, which matter.

The words are data (data/knowledge_words.csv and matter_words.csv), read once a process.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from math import log
from pathlib import Path

from hotline.grams import pairs

_DATA = Path(__file__).parent / "data"
ASKED, VAGUE = "asked", "how"
"""The kind of word that says what is asked; ``怎么`` alone says little, and nothing beside a plainer word."""
MOST_MATTERS = 6
_LEAST = 0.35
"""A matter that explains less than this share of what the best one explains is not likely."""
_FULL = 0.35
"""A matter that explains this share of the words is as sure as words alone make it."""


@cache
def _read(name: str) -> tuple[dict[str, str], ...]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _groups() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return tuple((row["code"], row["kind"], tuple(row["words"].split("|"))) for row in _read("knowledge_words.csv"))


def senses(text: str) -> list[str]:
    """Codes of the groups of words of which ``text`` has one, those that only mean the same."""
    return [code for code, kind, words in _groups() if kind != ASKED and any(word in text for word in words)]


def asked(text: str) -> list[str]:
    """What is asked: time, who, fee, docs, late; or how when nothing plainer is said."""
    found = [code for code, kind, words in _groups() if kind == ASKED and any(word in text for word in words)]
    return found if found == [VAGUE] else [code for code in found if code != VAGUE]


@cache
def _matters() -> tuple[dict[str, list[tuple[str, float]]], dict[str, float]]:
    """For each token the matters it speaks for with its share in them; and how much each token tells."""
    counts = {row["code"]: Counter(pairs(row["words"])) for row in _read("matter_words.csv")}
    holding: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for code, tokens in counts.items():
        for token, n in tokens.items():
            holding[token].append((code, n / (n + 0.8)))
    total = len(counts)
    return holding, {token: log(1 + (total - len(at) + 0.5) / (len(at) + 0.5)) for token, at in holding.items()}


def likely_matters(words: str) -> dict[str, float]:
    """Matters by how much of the words their own words explain, 0 to 1, the likeliest first; at most MOST_MATTERS."""
    holding, tells = _matters()
    tokens = set(pairs(words))
    most = log(1 + 2 * 180)
    whole = sum(tells.get(token, most) for token in tokens)
    scores: dict[str, float] = defaultdict(float)
    for token in tokens:
        for code, share in holding.get(token, ()):
            scores[code] += tells[token] * share
    if not scores:
        return {}
    best = max(scores.values())
    sure = min(1.0, best / whole / _FULL)
    ranked = sorted(scores.items(), key=lambda one: -one[1])[:MOST_MATTERS]
    return {code: sure * score / best for code, score in ranked if score >= _LEAST * best}


def blended(chosen: str, guessed: Sequence[str], words: str) -> dict[str, float]:
    """What a person chose counts most; else the model's guesses, likeliest first, and what the words say, half each."""
    said = likely_matters(words)
    proposed = {code: 1.0 / (1 + 0.5 * n) for n, code in enumerate(guessed)}
    if not proposed:
        found = dict(said)
    else:
        found = {code: (proposed.get(code, 0.0) + said.get(code, 0.0)) / 2 for code in {*proposed, *said}}
    if chosen:
        found = {code: weight / 2 for code, weight in found.items()} | {chosen: 1.0}
    return found
