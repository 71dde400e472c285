"""A text as the redaction reads it: width, circled digits, traditional and invisible characters seen through. Pure.

Characters are exchanged one for one, so that places stay; only where something invisible goes are they kept apart.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator

from cases.spelling_pairs import PAIRS

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20dd-\u20e4\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u0300-\u036f]+"
)
"""Characters without a width, and what is laid over another (keycaps, accents)."""
_BLOCKS = (
    (0x80, 0x2E80), (0x3000, 0x3400), (0xA620, 0xABFA), (0xFE30, 0x10000), (0x1D400, 0x1D800), (0x1F100, 0x1F200),
)  # fmt: skip
"""Where other forms of digits and letters stand; Chinese characters are in ``PAIRS``."""
_LEFT = frozenset("\u3000，：；（）！？")
"""Wide signs that every text has: the rules know them as they are, so that most texts need no exchange."""
_WIDEST = 4
"""From one letter to the next: three signs between."""


class Spelt:
    """``plain`` is the text to look at; ``at`` gives back where its nth character stood."""

    __slots__ = ("_places", "plain", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        is_plain = _OTHER.search(text) is None and _ASTRAL.search(text) is None
        plain = text if is_plain else text.translate(_TABLE)
        self._places: list[int] | None = None
        if _INVISIBLE.search(plain) is not None:
            gone = {at for match in _INVISIBLE.finditer(plain) for at in range(*match.span())}
            self._places = [at for at in range(len(text)) if at not in gone]
            plain = "".join(plain[at] for at in self._places)
        self.plain = plain

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A stretch ``plain[start:end]`` (not empty) as it stands in the text, invisible characters within included."""
        if self._places is None:
            return start, end
        return self._places[start], self._places[end - 1] + 1


class Letters:
    """The letters and digits of a spelt text alone, folded, for looking a known name or number up in any spelling."""

    __slots__ = ("_places", "_text")

    def __init__(self, text: str) -> None:
        kept = [(at, letter) for at, letter in enumerate(text) if letter.isalnum()]
        self._places = [at for at, _ in kept]
        self._text = folded("".join(letter for _, letter in kept))

    def places(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Where ``wanted`` (folded) stands, with at most three signs between two of its letters."""
        at = self._text.find(wanted) if wanted else -1
        while at >= 0:
            places = self._places[at : at + len(wanted)]
            if all(after - before <= _WIDEST for before, after in itertools.pairwise(places)):
                yield places[0], places[-1] + 1
            at = self._text.find(wanted, at + 1)


def folded(text: str) -> str:
    """``text`` in small letters, each still one character."""
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def letters(text: str) -> str:
    """The letters and digits of a name or number as ``Letters.places`` wants them."""
    return folded("".join(letter for letter in plain(text) if letter.isalnum()))


def plain(text: str) -> str:
    """``text`` as the redaction reads it."""
    return Spelt(text).plain


def _table() -> dict[int, str]:
    """Every digit of whatever script and form, letters of other forms, full width, and the pairs."""
    letters = (chr(code) for first, last in _BLOCKS for code in range(first, last))
    table = {ord(letter): one for letter in letters if letter not in _LEFT and (one := _ascii(letter)) is not None}
    table |= dict.fromkeys([*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0)], "\u200b")
    return table | {ord(form): base for form, base in PAIRS.items()}


def _ascii(letter: str) -> str | None:
    digit = unicodedata.digit(letter, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", letter)
    if len(folded) == 1 and " " <= folded <= "~":
        return folded
    return " " if letter.isspace() else None


_TABLE = _table()
_OTHER = re.compile(f"[{re.escape(''.join(chr(code) for code in _TABLE if code <= 0xFFFF))}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
"""Two expressions: with one character beyond the first plane a class is searched one by one."""
