"""A random sample that anybody can draw again: the frame in order, its hash, a seed, an algorithm in three lines. Pure.

The algorithm ``hotline.sample.1``: each item gets the rank SHA-256("hotline.sample.1:" + seed + ":" + item) in hex; the
items with the lowest ranks are drawn. So the order of the frame does not matter to the draw, no library's random
generator is needed to check it, and a larger sample under the same seed contains the smaller one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

ALGORITHM = "hotline.sample.1"
SEED = "hotline.sample.seed.1"
FRAME = "hotline.sample.frame.1"


class Wanted(msgspec.Struct, frozen=True):
    """How many of a frame: ``count`` items, or ``share`` percent of it, rounded up; of each stratum when stratified."""

    kind: str
    amount: float

    def of(self, size: int) -> int:
        """How many of ``size`` items are drawn: never more than there are, never none of some."""
        asked = self.amount if self.kind == "count" else math.ceil(round(size * self.amount / 100, 9))
        return min(size, max(1 if size else 0, int(asked)))


def rank(seed: str, item: str) -> str:
    """The rank of an item under a seed, 64 hex digits."""
    return hashlib.sha256(f"{ALGORITHM}:{seed}:{item}".encode()).hexdigest()


def draw(frame: Iterable[str], seed: str, size: int) -> list[str]:
    """The ``size`` items of the lowest ranks, lowest first; all of them when there are no more."""
    return sorted(frame, key=lambda item: (rank(seed, item), item))[:size]


def drawn(strata: Mapping[str, str], seed: str, wanted: Wanted, *, by_stratum: bool) -> list[str]:
    """The sample of a frame given as item → stratum: of the whole, or ``wanted`` of each stratum; by rank.

    A count is meant for each stratum, a share is rounded up in each: so that no caller is left out.
    """
    if not by_stratum:
        return draw(strata, seed, wanted.of(len(strata)))
    parts: dict[str, list[str]] = {}
    for item, stratum in strata.items():
        parts.setdefault(stratum, []).append(item)
    found = [one for part in parts.values() for one in draw(part, seed, wanted.of(len(part)))]
    return sorted(found, key=lambda item: (rank(seed, item), item))


def frame_hash(rows: Sequence[tuple[str, str]]) -> str:
    """SHA-256 of the frame as text: its name, then one line "item stratum" each, in the order given."""
    lines = "".join(f"{item} {stratum}\n" for item, stratum in rows)
    return hashlib.sha256(f"{FRAME}\n{lines}".encode()).hexdigest()


def seed_of(root: str, number: str, nonce: str) -> str:
    """The seed of the sample ``number``: of the ledger's last sealed root ("" while there is none) and a random nonce.

    The nonce is the system's, drawn when the frame is fixed, so that nobody knows the seed before; the root ties it to
    that hour. Both are on record.
    """
    return hashlib.sha256(f"{SEED}:{root}:{number}:{nonce}".encode()).hexdigest()
