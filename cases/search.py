"""Chinese search by bigrams: ``grams`` for the column, ``query`` for the question. Pure; the SQL is in ``queries``."""

from __future__ import annotations

from operator import add

from cases.redaction import INDEXED_KINDS, cut, finds
from hotline.grams import LONGEST_WORD, grams, is_han, runs

__all__ = ["grams", "indexable", "query", "strip_personal"]

_LONGEST_QUESTION = 40


def indexable(*texts: str) -> str:
    """The grams of several texts of one case, personal things cut out before (rules.md 10)."""
    return grams("\n".join(strip_personal(text) for text in texts if text))


def query(text: str) -> str:
    """``text`` as a tsquery for ``search @@ $1::tsquery``: all its grams. "" when it holds nothing to search for.

    A single character and a Latin word or number of three and more are prefixes. From three characters on, the
    grams may stand apart in a text: recheck with ``LIKE`` where that matters.
    """
    asked: dict[str, None] = {}
    for run in runs(text):
        if not is_han(run):
            asked[f"'{run[:LONGEST_WORD]}'{':*' if len(run) > 2 else ''}"] = None
        elif len(run) > 1:
            asked.update((f"'{pair}'", None) for pair in map(add, run, run[1:]))
        else:
            asked[f"'{run}':*"] = None
    return " & ".join(list(asked)[:_LONGEST_QUESTION])


def strip_personal(text: str) -> str:
    """``text`` without names, phone numbers, ids, plates and addresses of the net, each leaving one space."""
    found = finds(text, kinds=INDEXED_KINDS)
    return cut(text, found) if found else text
