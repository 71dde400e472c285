"""Chinese search by bigrams: ``grams`` for the column, ``query`` for the question. Pure; the SQL is in ``queries``.

The column is ``array_to_tsvector`` of the space-separated grams, so PostgreSQL's own parser never sees the text:
under C.UTF-8 it would keep a whole Chinese sentence as one word (stack.md, Chinese search).
"""

from __future__ import annotations

import re
import unicodedata
from operator import add

from cases.redaction import INDEXED_KINDS, cut, finds

_HAN = "〇\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_HAN}]+|[a-z0-9]+")
_LAST_LATIN = "z"
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_LONGEST_WORD = 64
_LONGEST_QUESTION = 40


def grams(text: str) -> str:
    """The search tokens of ``text``, each once, by spaces: two characters at a time, Latin words and numbers whole.

    The last character of a run stands alone too, so that a one-character question finds every place as a prefix.
    Pass the text through ``strip_personal`` first, or use ``indexable``.
    """
    tokens: list[str] = []
    for run in _RUNS.findall(_plain(text)):
        if run[0] > _LAST_LATIN:
            tokens += map(add, run, run[1:])
            tokens.append(run[-1])
        else:
            tokens.append(run[:_LONGEST_WORD])
    return " ".join(dict.fromkeys(tokens))


def indexable(*texts: str) -> str:
    """The grams of several texts of one case, personal things cut out before (rules.md 10)."""
    return grams("\n".join(strip_personal(text) for text in texts if text))


def query(text: str) -> str:
    """``text`` as a tsquery for ``search @@ $1::tsquery``: all its grams. "" when it holds nothing to search for.

    A single character and a Latin word or number of three and more are prefixes. From three characters on, the
    grams may stand apart in a text: recheck with ``LIKE`` where that matters.
    """
    asked: dict[str, None] = {}
    for run in _RUNS.findall(_plain(text)):
        if run[0] <= _LAST_LATIN:
            asked[f"'{run[:_LONGEST_WORD]}'{':*' if len(run) > 2 else ''}"] = None
        elif len(run) > 1:
            asked.update((f"'{pair}'", None) for pair in map(add, run, run[1:]))
        else:
            asked[f"'{run}':*"] = None
    return " & ".join(list(asked)[:_LONGEST_QUESTION])


def strip_personal(text: str) -> str:
    """``text`` without names, phone numbers, ids, plates and addresses of the net, each leaving one space."""
    found = finds(text, kinds=INDEXED_KINDS)
    return cut(text, found) if found else text


def _plain(text: str) -> str:
    if _WIDE.search(text):
        text = unicodedata.normalize("NFKC", text)
    return text.lower()
