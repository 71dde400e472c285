"""Names of places with one character wrong: 尚壁镇 is 尚璧镇, 从台区 is 丛台区. Pure over the names of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from hotline import sounds
from hotline.places import Name

_ENDS = frozenset("镇乡道区县市")
_SHORTEST, _LONGEST = 3, 7
_AFTER = 14
"""Characters after a county's name in which a township of it is looked for without its ending."""


class Slip(msgspec.Struct, frozen=True):
    """A stretch of the text that is a name but for one character; ``is_by_ear`` when the two sound the same."""

    start: int
    text: str
    name: Name
    is_by_ear: bool


class Misspelt:
    """Every whole name under each of its forms with one character left open; built once a snapshot."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._open: dict[str, list[Name]] = {}
        self._short: list[Name] = []
        for name in names:
            if name.bare:
                self._short.append(name)
                continue
            for at in range(len(name.text) - 1):
                self._open.setdefault(_but(name.text, at), []).append(name)

    def find(self, text: str, taken: Sequence[range] = ()) -> Iterator[Slip]:
        """Stretches with a name's ending that are one character off it and overlap no name that was ``taken``."""
        for end in (n + 1 for n, c in enumerate(text) if c in _ENDS):
            for length in range(_SHORTEST, min(_LONGEST, end) + 1):
                start = end - length
                if not any(start < one.stop and one.start < end for one in taken):
                    yield from self._at(text[start:end], start)

    def _at(self, stretch: str, start: int) -> Iterator[Slip]:
        for at in range(len(stretch) - 1):
            for name in self._open.get(_but(stretch, at), ()):
                if name.text != stretch:
                    yield Slip(start, stretch, name, sounds.same(stretch[at], name.text[at]))

    def beside(self, text: str, start: int, codes: frozenset[str]) -> Iterator[Slip]:
        """Short names of these townships right after a county's name that sound the same: 邯郸县尚壁南街."""
        window = text[start : start + _AFTER]
        for name in self._short:
            if name.is_county or codes.isdisjoint(name.codes):
                continue
            length = len(name.text)
            for at in range(len(window) - length + 1):
                stretch = window[at : at + length]
                wrong = [n for n in range(length) if stretch[n] != name.text[n]]
                if len(wrong) == 1 and sounds.same(stretch[wrong[0]], name.text[wrong[0]]):
                    yield Slip(start + at, stretch, name, is_by_ear=True)


def _but(text: str, at: int) -> str:
    return f"{text[:at]}?{text[at + 1 :]}"
