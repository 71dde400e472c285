"""The annotated texts by which the redaction is measured, and the measure: what was missed, what was found in error.

A marked stretch is found when every letter and digit of it is covered, by whatever kind of find: it is gone from the
page then. A find is right when at least half of it is marked.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from cases.redaction import DOOR, NAME, finds

HALVES = {"development": "redaction_development.txt", "held-out": "redaction_held_out.txt"}
CLASSES = {
    "n": "name", "p": "phone", "l": "landline", "i": "identity number", "c": "bank card", "v": "plate", "a": "address",
    "e": "e-mail", "w": "account", "d": "document",
}  # fmt: skip
GROUPS = {"name": "names", "address": "addresses"}
"""Every other class is an identifier."""
_MARK = re.compile(r"\{([a-z]):(.*?)\}", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:n|r|u([0-9a-f]{4}))")


class Marked(msgspec.Struct, frozen=True):
    """A stretch marked by hand, ``text[start:end]`` of its text."""

    start: int
    end: int
    of: str


class Sample(msgspec.Struct, frozen=True):
    """One text of the corpus with its marks; ``line`` in its file."""

    line: int
    text: str
    marks: tuple[Marked, ...]


class Score(msgspec.Struct, kw_only=True):
    """The measure of one half, by group: identifiers, names, addresses."""

    marked: dict[str, int] = {}
    covered: dict[str, int] = {}
    found: dict[str, int] = {}
    right: dict[str, int] = {}
    misses: list[str] = []
    errors: list[str] = []

    def recall(self, group: str) -> float:
        return self.covered.get(group, 0) / max(1, self.marked.get(group, 0))

    def precision(self, group: str) -> float:
        return self.right.get(group, 0) / max(1, self.found.get(group, 0))


def read(half: str) -> list[Sample]:
    """The texts of ``development`` or ``held-out``."""
    lines = (Path(__file__).parent / HALVES[half]).read_text("utf-8").splitlines()
    return [_sample(n, line) for n, line in enumerate(lines, 1) if line and not line.startswith("#")]


def measure(half: str) -> Score:
    """Every text of one half through ``redaction.finds``, with no names known."""
    score = Score()
    for one in read(half):
        _count(score, one)
    return score


def _sample(line: int, marked: str) -> Sample:
    text, marks, done = "", [], 0
    raw = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else {"\\n": "\n", "\\r": "\r"}[m[0]], marked)
    for match in _MARK.finditer(raw):
        text += raw[done : match.start()]
        marks.append(Marked(len(text), len(text) + len(match[2]), CLASSES[match[1]]))
        text += match[2]
        done = match.end()
    return Sample(line, text + raw[done:], tuple(marks))


def _count(score: Score, one: Sample) -> None:
    found = finds(one.text)
    covered = {at for find in found for at in range(find.start, find.end)}
    marked = {at for mark in one.marks for at in range(mark.start, mark.end)}
    for mark in one.marks:
        group = GROUPS.get(mark.of, "identifiers")
        is_found = all(at in covered or not one.text[at].isalnum() for at in range(mark.start, mark.end))
        _add(score.marked, group, 1)
        _add(score.covered, group, is_found)
        if not is_found:
            score.misses.append(f"{one.line} {mark.of}: {one.text[mark.start : mark.end]!r} in {one.text!r}")
    for find in found:
        group = {NAME: "names", DOOR: "addresses"}.get(find.kind, "identifiers")
        said = [at for at in range(find.start, find.end) if one.text[at].isalnum()]
        is_right = 2 * sum(at in marked for at in said) >= len(said)
        _add(score.found, group, 1)
        _add(score.right, group, is_right)
        if not is_right:
            score.errors.append(f"{one.line} {find.kind}: {find.text!r} in {one.text!r}")


def _add(counts: dict[str, int], group: str, more: int) -> None:
    counts[group] = counts.get(group, 0) + more
