"""A text as pairs of characters, the tokens of every search in the house. Pure.

A column is ``array_to_tsvector`` of the tokens, so PostgreSQL's own parser never sees the text: under C.UTF-8 it would
keep a whole Chinese sentence as one word.
"""

from __future__ import annotations

import re
import unicodedata
from operator import add

_HAN = "〇\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_HAN}]+|[a-z0-9]+")
_LAST_LATIN = "z"
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
LONGEST_WORD = 64


def runs(text: str) -> list[str]:
    """Runs of Chinese characters, and of Latin letters and digits, small and half-width."""
    found: list[str] = _RUNS.findall(plain(text))
    return found


def is_han(run: str) -> bool:
    """Whether a run is of Chinese characters."""
    return run[0] > _LAST_LATIN


def pairs(text: str) -> list[str]:
    """The tokens in order, as often as they come: two characters at a time, Latin words and numbers whole."""
    tokens: list[str] = []
    for run in runs(text):
        if is_han(run):
            tokens += map(add, run, run[1:])
            if len(run) == 1:
                tokens.append(run)
        else:
            tokens.append(run[:LONGEST_WORD])
    return tokens


def grams(text: str) -> str:
    """The search tokens of ``text``, each once, by spaces.

    The last character of a run stands alone too, so that a one-character question finds every place as a prefix.
    """
    tokens: list[str] = []
    for run in runs(text):
        if is_han(run):
            tokens += map(add, run, run[1:])
            tokens.append(run[-1])
        else:
            tokens.append(run[:LONGEST_WORD])
    return " ".join(dict.fromkeys(tokens))


def plain(text: str) -> str:
    """Small letters, wide letters and digits half-width: as ``runs`` sees it."""
    if _WIDE.search(text):
        text = unicodedata.normalize("NFKC", text)
    return text.lower()
