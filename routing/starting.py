"""The model that comes with the installation: taught by the catalogue's own names and by how citizens put each matter.

``python -m routing.starting`` makes the file anew after a change of the words; the same words give the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
from functools import cache
from pathlib import Path

from routing import keeping
from routing.classifier import Trained
from routing.training import Lesson, train

DATA = Path(__file__).resolve().parent.parent / "hotline" / "data"
WORDS = DATA / "matter_words.csv"
FILE = Path(__file__).with_name("start.model")
VERSION = "start"
_STAMP = 16


def lessons() -> list[Lesson]:
    """What the shipped words teach: each phrase by itself, and each matter's name."""
    with (DATA / "matters.csv").open(encoding="utf-8", newline="") as text:
        found = [Lesson(row["code"], "", row["l3_zh"], is_case=False) for row in csv.DictReader(text)]
    with WORDS.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            found += [Lesson(row["code"], "", phrase, is_case=False) for phrase in row["words"].split("|")]
    return found


def fingerprint() -> str:
    """Of the words: the file says from which it was made."""
    spelt = "\n".join(f"{one.label} {one.text}" for one in lessons())
    return hashlib.sha256(spelt.encode()).hexdigest()[:_STAMP]


@cache
def model() -> Trained:
    """The shipped model. Never fails on an installation that is whole; about 50 ms."""
    return keeping.unpack(FILE.read_bytes()[_STAMP:])


def stamped() -> str:
    """The fingerprint of the words that the file was made from."""
    return FILE.read_bytes()[:_STAMP].decode()


def main() -> None:
    """Train on the words and write the file."""
    FILE.write_bytes(fingerprint().encode() + keeping.pack(train(lessons())))
    print(f"{FILE.name}: {FILE.stat().st_size / 1e6:.2f} MB")  # noqa: T201 - a tool of the makers


if __name__ == "__main__":
    main()
