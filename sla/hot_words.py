"""Which words tell a window's cases from the ones before: log-likelihood ratio over pairs of characters. Pure.

The pairs come from the column ``grams``, from which names and numbers were cut before (rules.md 10). What fewer than
``least`` requesters said is never shown. Dunning, *Computational Linguistics* 19 (1993).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import msgspec

_LONGEST = 6
"""Characters of a word that pairs are put together to."""
_TOGETHER = 0.8
"""Which share of the rarer pair's texts must hold the other too, that both are one word."""
_LEAST_SCORE = 10.83
"""The 99.9 % point of the chi-square with one degree of freedom."""
_EMPTY = frozenset("的了是我们在有和就都一个上也这那么您你好请吗呢吧啊把被给让与及等为对到从")
_HAN = ("\u3400", "\u9fff")


class Said(msgspec.Struct, frozen=True, gc=False):
    """One case's pairs and who said them: a key of the requester, "" for the nameless."""

    grams: str
    who: str


class Word(msgspec.Struct, frozen=True, gc=False):
    """A distinctive word: how many said it, and how many of as many cases usually do."""

    text: str
    requesters: int
    usual: float


def ratio(here: int, n_here: int, there: int, n_there: int) -> float:
    """Dunning's G²; 0 when the word is no more frequent here than there."""
    if not here or not n_here or not n_there or here / n_here <= there / n_there:
        return 0.0
    share = (here + there) / (n_here + n_there)
    return 2 * sum(
        seen * math.log(seen / (n * rate))
        for n, part, rate in ((n_here, here, share), (n_there, there, share))
        for seen, rate, n in ((part, rate, n), (n - part, 1 - rate, n))
        if seen > 0 and n * rate > 0
    )


def distinctive(now: Sequence[Said], before: Sequence[str], least: int = 5, most: int = 6) -> list[Word]:
    """The words of ``now`` against the grams of earlier cases of the same kind, the most telling first."""
    people: dict[str, set[str]] = {}
    texts: dict[str, set[int]] = {}
    for n, one in enumerate(now):
        for pair in _pairs(one.grams):
            people.setdefault(pair, set()).add(one.who)
            texts.setdefault(pair, set()).add(n)
    usual = Counter(pair for grams in before for pair in _pairs(grams))
    scored = []
    for pair, who in people.items():
        score = ratio(len(texts[pair]), len(now), usual[pair], len(before)) if len(who) >= least else 0.0
        if score >= _LEAST_SCORE:
            scored.append((score, pair))
    chains = _chains([pair for _, pair in sorted(scored, reverse=True)], texts)
    found = []
    for word, pairs in chains:
        said = set.intersection(*(texts[pair] for pair in pairs))
        who = {now[n].who for n in said}
        if len(who) >= least:
            share = min(usual[pair] for pair in pairs) / max(len(before), 1)
            found.append(Word(word, len(who), round(share * len(now), 1)))
    return found[:most]


def _pairs(grams: str) -> set[str]:
    return {
        one for one in grams.split(" ")
        if len(one) == 2 and all(_HAN[0] <= c <= _HAN[1] for c in one) and not (set(one) & _EMPTY)
    }  # fmt: skip


def _chains(pairs: Sequence[str], texts: dict[str, set[int]]) -> list[tuple[str, list[str]]]:
    """Pairs that overlap and stand in the same texts put together: 暖气 气不 不热 → 暖气不热."""
    left = dict.fromkeys(pairs)
    found = []
    while left:
        first = next(iter(left))
        word, used = first, [first]
        del left[first]
        while len(word) < _LONGEST:
            after = next((one for one in left if one[0] == word[-1] and _same(one, used[-1], texts)), None)
            before = next((one for one in left if one[1] == word[0] and _same(one, used[0], texts)), None)
            if after is not None:
                word, used = word + after[1], [*used, after]
                del left[after]
            elif before is not None:
                word, used = before[0] + word, [before, *used]
                del left[before]
            else:
                break
        found.append((word, used))
    return found


def _same(one: str, other: str, texts: dict[str, set[int]]) -> bool:
    both = len(texts[one] & texts[other])
    return both >= _TOGETHER * max(min(len(texts[one]), len(texts[other])), 1)
