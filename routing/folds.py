"""Messages that are nearly the same are kept together, so that none is judged by its own twin. Pure, numpy.

Twins share half of their five-character runs (minhash finds the candidates, then they are compared).
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SHINGLE, HASHES, BANDS = 5, 64, 16
ALIKE = 0.5
_PRIME = np.uint64(4294967291)
_MOST_IN_BUCKET = 20
"""Copies of one circular fill a bucket: comparing with some of them joins them all."""


def twins(texts: Sequence[str]) -> NDArray[np.int64]:
    """One number a text; texts that are nearly the same have the same number."""
    shingles = [_shingles(text) for text in texts]
    signatures = _signatures(shingles)
    heads = list(range(len(texts)))
    width = HASHES // BANDS
    for band in range(BANDS):
        buckets: defaultdict[bytes, list[int]] = defaultdict(list)
        for i, row in enumerate(signatures[:, band * width : (band + 1) * width]):
            bucket = buckets[row.tobytes()]
            for j in bucket[:_MOST_IN_BUCKET]:
                a, b = _head(heads, i), _head(heads, j)
                if a != b and _alike(shingles[i], shingles[j]):
                    heads[max(a, b)] = min(a, b)
            bucket.append(i)
    return np.array([_head(heads, i) for i in range(len(texts))], np.int64)


def _shingles(text: str) -> frozenset[int]:
    return frozenset(zlib.crc32(text[i : i + SHINGLE].encode("utf-8", "replace"))
                     for i in range(max(1, len(text) - SHINGLE + 1)))  # fmt: skip


def _signatures(shingles: Sequence[frozenset[int]]) -> NDArray[np.uint64]:
    chance = np.random.RandomState(1)
    slope = chance.randint(1, 1 << 31, HASHES).astype(np.uint64)
    start = chance.randint(0, 1 << 31, HASHES).astype(np.uint64)
    found = np.empty((len(shingles), HASHES), np.uint64)
    for i, some in enumerate(shingles):
        numbers = np.fromiter(some, np.uint64, len(some))
        found[i] = ((numbers[:, None] * slope + start) % _PRIME).min(axis=0)
    return found


def _alike(one: frozenset[int], other: frozenset[int]) -> bool:
    shared = len(one & other)
    return shared >= ALIKE * (len(one) + len(other) - shared)


def _head(heads: list[int], i: int) -> int:
    while heads[i] != i:
        heads[i] = heads[heads[i]]
        i = heads[i]
    return i


def folds(labels: Sequence[str], groups: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """A fold from 0 to k - 1 for each message: groups whole, each label spread as evenly as that allows."""
    names = {label: n for n, label in enumerate(dict.fromkeys(labels))}
    members: defaultdict[int, list[int]] = defaultdict(list)
    for i, group in enumerate(groups):
        members[int(group)].append(i)
    order = list(members)
    np.random.RandomState(0).shuffle(order)
    order.sort(key=lambda group: -len(members[group]))
    share, filled = np.zeros((k, len(names))), np.zeros(k)
    found = np.zeros(len(labels), np.int64)
    for group in order:
        of = Counter(names[labels[i]] for i in members[group])
        label = of.most_common(1)[0][0]
        fold = min(range(k), key=lambda f: (share[f, label], filled[f], f))
        found[members[group]] = fold
        for name, count in of.items():
            share[fold, name] += count
        filled[fold] += len(members[group])
    return found
