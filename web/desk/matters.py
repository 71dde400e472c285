"""Matters proposed while somebody types: by code, Chinese or the initials of its pinyin, else by the words themselves.

Pure but for reading the city's snapshot; 180 matters cost about a millisecond.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import msgspec

from hotline import sounds
from hotline.city import City, Matter
from hotline.errors import Say
from routing import guess

MOST = 5
"""As many as there are keys Alt+1 … Alt+5."""
_ENOUGH = 1.0
_SOUND = 0.85
_WORTH = 0.005
"""Below half a percent a guess is none: it would read 0%."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One matter offered, with what speaks for it; ``is_sure`` when it may be filled in and marked as proposed.

    ``model`` is the version of the model that offers it, "" where names were compared.
    """

    code: str
    name: Say
    path: Say
    why: Say
    is_sure: bool = False
    model: str = ""


@lru_cache(maxsize=2)
def _book(city: City) -> dict[str, tuple[frozenset[str], ...]]:
    """Each matter's name as the initials that each of its characters may have (重 is z or c)."""
    def initials(name: str) -> tuple[frozenset[str], ...]:
        return tuple(
            sounds.initials(c)
            for c in name
            if "\u4e00" <= c <= "\u9fff" or (c.isascii() and c.isalnum())
        )

    return {code: initials(one.l3_zh) for code, one in city.matters.items()}


@lru_cache(maxsize=2)
def _weights(city: City) -> dict[str, float]:
    """How much a pair of characters tells: the rarer among the matters, the more."""
    seen = Counter(pair for one in city.matters.values() for pair in set(_pairs(one.l3_zh)))
    return {pair: 1.0 / n for pair, n in seen.items()}


def propose(city: City, typed: str, words: str) -> list[Proposal]:
    """At most five matters: for what was ``typed`` into the field, or, while it is empty, for the ``words``.

    The live model reads the words; without one the names of the matters are looked for in them.
    """
    typed = typed.strip()
    if typed:
        return _typed(city, typed)
    return _guessed(city, words) or _heard(city, words)


def _guessed(city: City, words: str) -> list[Proposal]:
    found = guess.suggest(words, most=MOST)
    return [
        Proposal(
            code=one.matter, name=city.matters[one.matter].name, path=city.matters[one.matter].path, why=_spoken(one),
            is_sure=found.is_sure and n == 0, model=found.model,
        )
        for n, one in enumerate(found.ranked[:MOST])
        if one.matter in city.matters and (n == 0 or one.probability >= _WORTH)
    ]  # fmt: skip


def _spoken(one: guess.Guess) -> Say:
    """How probable, and the words that speak for it: 96% “路灯”."""
    said = "".join(f"“{word}”" for word in one.words[:3])
    return Say(f"{one.probability:.0%} {said}".strip(), f"{one.probability:.0%} {said}".strip())


def _typed(city: City, typed: str) -> list[Proposal]:
    query = typed.lower()
    ranked: list[tuple[float, str, Say]] = []
    for code, one in city.matters.items():
        rank = _rank(city, one, query)
        if rank:
            ranked.append((-rank, code, Say(f"“{typed}”", f"“{typed}”")))
    ranked.sort()
    is_only = len(ranked) == 1
    return [_proposal(city, code, why, is_sure=is_only or -rank >= 4) for rank, code, why in ranked[:MOST]]


def _rank(city: City, one: Matter, query: str) -> float:
    """4 for the very name or code, then beginnings, then parts; 0 for no match."""
    if query in (one.code, one.l3_zh, one.l3_en.lower()):
        return 4
    if query.isdigit():
        return 3 if one.code.startswith(query) else 0
    if query.isascii() and query.isalpha():
        by_sound = _initials_rank(_book(city)[one.code], query)
        return max(by_sound, 1.5 if f" {query}" in f" {one.l3_en.lower()}" else 0)
    if query in one.l3_zh:
        return 3 if one.l3_zh.startswith(query) else 2.5
    return 1 if query in f"{one.l2_zh}{one.l1_zh}" or query in one.path.en.lower() else 0


def _initials_rank(name: tuple[frozenset[str], ...], query: str) -> float:
    for start in range(len(name) - len(query) + 1):
        if all(letter in name[start + n] for n, letter in enumerate(query)):
            whole = len(query) == len(name)
            return 3.5 if whole else (3 if start == 0 else 2)
    return 0


def _heard(city: City, words: str) -> list[Proposal]:
    weights = _weights(city)
    said = set(_pairs(words)) & weights.keys()
    ranked: list[tuple[float, str, Say]] = []
    for code, one in city.matters.items() if said else ():
        pairs = _pairs(one.l3_zh)
        hits = [pair for pair in pairs if pair in said]
        score = sum(weights[pair] for pair in hits)
        if score >= 0.3:
            ranked.append((-score - len(hits) / max(1, len(pairs)), code, _quoted(hits, words)))
    ranked.sort()
    best, second = (ranked[0][0], ranked[1][0] if len(ranked) > 1 else 0.0) if ranked else (0.0, 0.0)
    is_clear = -best >= _ENOUGH + _SOUND and -best >= 1.5 * -second
    return [_proposal(city, code, why, is_sure=is_clear and rank == best) for rank, code, why in ranked[:MOST]]


def _quoted(hits: list[str], words: str) -> Say:
    """The stretch of the words that the hits cover, as the reason shown."""
    first = min(words.find(pair) for pair in hits)
    last = first + 2
    while words[last - 1 : last + 1] in hits:
        last += 1
    text = words[first:last]
    return Say(f"“{text}”", f"“{text}”")


def _proposal(city: City, code: str, why: Say, *, is_sure: bool) -> Proposal:
    one = city.matters[code]
    return Proposal(code=code, name=one.name, path=one.path, why=why, is_sure=is_sure)


def _pairs(text: str) -> list[str]:
    return [
        text[n : n + 2]
        for n in range(len(text) - 1)
        if "\u4e00" <= text[n] <= "\u9fff" and "\u4e00" <= text[n + 1] <= "\u9fff"
    ]
