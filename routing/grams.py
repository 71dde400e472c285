"""From words to character n-grams, and from an n-gram back to the stretch of the words it stood in. Pure.

Chinese needs no word list this way, and a misspelt word still shares most of its n-grams with the right one.
"""

from __future__ import annotations

import re
from collections import Counter
from operator import add
from typing import NamedTuple

LONGEST = 2000
"""Characters of a message that are read: what it is about stands in front, and an answer takes a millisecond."""
TITLE = 60
"""A first line of at most so many characters is a title."""

_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_PLAIN |= {ord(letter): ord(letter.lower()) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_PLAIN |= {wide: ord(chr(narrow).lower()) for wide, narrow in _PLAIN.items() if narrow < 0x80}
"""Full-width and capital letters become plain ones, one for one, so that places in the text stay where they are."""
_CUT = re.compile(r"<[^<>]{1,200}>|&[a-z]{2,6};|[a-z]\d*(?=[市县区省镇乡])|\d+|\s+")
"""Marks of HTML and white space say nothing; a number is a number; a masked place (A市, B3区) is some place."""


class Flat(NamedTuple):
    """A text as the model reads it; ``at[i]`` is where its character ``i`` stands in what was typed."""

    text: str
    at: list[int]


def flat(text: str) -> Flat:
    """``text`` without what says nothing, with the way back. At most LONGEST characters of it."""
    typed = text[:LONGEST].translate(_PLAIN)
    parts: list[str] = []
    at: list[int] = []
    done = 0
    for cut in _CUT.finditer(typed):
        start, end = cut.span()
        parts.append(typed[done:start])
        at += range(done, start)
        if stands := _stand_in(cut[0]):
            parts.append(stands)
            at.append(start)
        done = end
    parts.append(typed[done:])
    at += range(done, len(typed))
    return Flat("".join(parts), at)


def _stand_in(cut: str) -> str:
    if cut[0].isdigit():
        return "0"
    return "某" if cut[0].isalpha() else ""


def counted(plain: str) -> Counter[str]:
    """How often each run of one, two and three characters stands in a flat text."""
    found: Counter[str] = Counter()
    for some in runs(plain):
        found.update(some)
    return found


def runs(plain: str) -> tuple[list[str], list[str], list[str]]:
    """Every run of one, two and three characters of a flat text, in order."""
    pairs = list(map(add, plain, plain[1:]))
    return list(plain), pairs, list(map(add, pairs, plain[2:]))


def parted(words: str) -> tuple[str, str]:
    """Title and text of words typed in one box: a short first line with more below it is a title."""
    first, newline, rest = words.strip().partition("\n")
    return (first, rest) if newline and rest.strip() and len(first) <= TITLE else ("", words)
