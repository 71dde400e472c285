"""Finds what tells who somebody is (numbers, names, plates, doors), for notices and before indexing. Pure.

It proposes; a person decides before anything is published. How a text is read: ``cases.spelling``; the rules:
``cases.numbers``, ``cases.handles``, ``cases.doors``, ``cases.names``. What they find is measured on tests/corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cases import doors, handles, numbers
from cases import names as people
from cases.name_words import DOUBLE, SHORT_TITLES, TITLES
from cases.numbers import Place
from cases.spelling import Letters, Spelt, letters

PHONE, ID, CARD, PLATE, EMAIL, ACCOUNT, DOOR, NAME = "phone", "id", "card", "plate", "email", "account", "door", "name"
ALL_KINDS = frozenset({PHONE, ID, CARD, PLATE, EMAIL, ACCOUNT, DOOR, NAME})
INDEXED_KINDS = ALL_KINDS - {DOOR}
"""What is cut out before indexing: a door stays, staff search by place."""

MARKS = {NAME: "某某"}
"""What stands in a published text instead; anything else becomes three asterisks."""


_HAN_NAME = re.compile(rf"(?P<family>{DOUBLE}|[\u4e00-\u9fff])[\u4e00-\u9fff]{{1,3}}")
_CALLED = re.compile(rf"\s?(?:副|老|总|{TITLES}|[{SHORT_TITLES}])")
_FAMILIAR = frozenset("老小大阿")


class Find(msgspec.Struct, frozen=True, order=True):
    """A stretch of a text, ``text[start:end]``, and what it is."""

    start: int
    end: int
    kind: str
    text: str


def finds(text: str, names: Iterable[str] = (), kinds: frozenset[str] = ALL_KINDS) -> list[Find]:
    """What in ``text`` tells who somebody is, in order and without overlaps; ``names`` are known to be of the case.

    Width, Chinese digits, traditional characters, separators, invisible signs are seen through. It errs to finding.
    """
    spelt = Spelt(text)
    found = [one for one in _places(spelt.plain, names, kinds) if one[2] in kinds]
    return _apart(text, [(*spelt.span(start, end), kind) for start, end, kind in found]) if found else []


def _places(text: str, names: Iterable[str], kinds: frozenset[str]) -> Iterator[Place]:
    yield from _known(text, names)
    yield from numbers.numbers(text)
    yield from handles.accounts(text)
    yield from handles.papers(text)
    if PLATE in kinds:
        yield from handles.plates(text)
    if EMAIL in kinds:
        yield from handles.emails(text)
    if NAME in kinds:
        yield from people.names(text)
    if DOOR in kinds:
        yield from doors.doors(text)


def redact(text: str, found: Sequence[Find]) -> str:
    """``text`` with each find replaced by its mark; the finds are as ``finds`` gave them, perhaps fewer."""
    return _replaced(text, found, MARKS, "***")


def cut(text: str, found: Sequence[Find]) -> str:
    """``text`` with a space for each find."""
    return _replaced(text, found, {}, " ")


def _replaced(text: str, found: Sequence[Find], marks: dict[str, str], otherwise: str) -> str:
    parts: list[str] = []
    done = 0
    for one in sorted(found):
        parts += (text[done : one.start], marks.get(one.kind, otherwise))
        done = one.end
    parts.append(text[done:])
    return "".join(parts)


def _known(text: str, names: Iterable[str]) -> Iterator[Place]:
    """The names of the case, with up to three signs between their letters, and their surnames before a title."""
    wanted = {letters(name) for name in names}
    if not wanted:
        return
    held = Letters(text)
    for name in wanted:
        if len(name) > 1:
            yield from ((start, end, NAME) for start, end in held.places(name))
    for family in {match["family"] for name in wanted if (match := _HAN_NAME.fullmatch(name))}:
        for match in re.finditer(family, text):
            start, end = match.span()
            if _CALLED.match(text, end):
                yield start, end, NAME
            if text[start - 1 : start] in _FAMILIAR:
                yield start - 1, end, NAME


def _apart(text: str, found: list[tuple[int, int, str]]) -> list[Find]:
    """Overlaps become one find of the wider one's kind."""
    kept: list[list[int | str]] = []
    for start, end, kind in sorted(found, key=lambda one: (one[0], -one[1])):
        if kept and start < int(kept[-1][1]):
            kept[-1][1] = max(int(kept[-1][1]), end)
        else:
            kept.append([start, end, kind])
    return [Find(int(s), int(e), str(kind), text[int(s) : int(e)]) for s, e, kind in kept]
