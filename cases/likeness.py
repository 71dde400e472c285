"""How much two texts are about the same thing: the pairs of characters and the roads that they share. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

from cases import search
from hotline import city
from hotline.city import City

LONGEST = 1_000
"""Characters of a text that are compared."""
_ENDS = (
    "大街", "大道", "胡同", "小区", "社区", "花园", "家园", "公园", "市场", "学校", "小学", "中学", "医院",
    "路", "街", "巷", "村", "桥",
)  # fmt: skip
_ROAD = re.compile(rf"(?=([\u4e00-\u9fff]{{2}}(?:{'|'.join(_ENDS)})))")
_NO_ROADS = re.compile(
    "^(?:.大[街道]|.(?:马|道|公|铁|线|网|电|走|条|个|段|的|在|到|这|那|过|上|下|修)|[这那一某本在的])"
)
_HAN = re.compile("[\u4e00-\u9fff]")
_NO_NAME = frozenset("与和及到在的从至区县市镇乡村街路道口")
"""Characters that stand before a name and belong to none."""
_MOST_ROADS = 6
_PAIRS, _SHARE, _FEW = 2, 0.15, 3


def pairs(text: str) -> frozenset[str]:
    """The pairs of characters and the words of ``text``, as the column ``grams`` holds them for a case."""
    return of_grams(search.grams(text[:LONGEST]))


def of_grams(grams: str) -> frozenset[str]:
    """The same from a case's column."""
    return frozenset(one for one in grams.split(" ") if len(one) > 1)


def shared(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two texts share, 0 to 1: the cosine of their sets of pairs."""
    if not one or not other:
        return 0.0
    return len(one & other) / math.sqrt(len(one) * len(other))


def roads(text: str) -> tuple[str, ...]:
    """Roads, estates and villages that a text names, each with the two characters before its ending: 民东路."""
    found = (match[1] for match in _ROAD.finditer(text[:LONGEST]))
    return tuple(dict.fromkeys(one for one in found if not _NO_ROADS.match(one)))[:_MOST_ROADS]


def road_of(road: str, one: str, other: str) -> str:
    """The road as both texts write it: with the character before it where both have the same one there.

    Never a character that only one of them has: it may be shown to the writer of the other.
    """
    before = {text[at - 1 : at] if at > 0 else "" for text in (one, other) for at in (text.find(road),)}
    same = before.pop() if len(before) == 1 else ""
    return f"{same}{road}" if _HAN.match(same) and same not in _NO_NAME else road


def asked(names: tuple[str, ...]) -> str:
    """The roads as a tsquery over the column ``search``: any of them. "" for none."""
    return " | ".join(f"({one})" for name in names if (one := search.query(name)))


def is_same_thing(words: str, grams: str) -> bool:
    """Whether further words of a requester are about the case with these ``grams``, which is theirs and open.

    A road or estate that they name must be that case's; of what is left they must share a word that names a trouble
    (one that few matters of the catalogue have in their names) and one pair beside it.
    """
    there, said = of_grams(grams), pairs(words)
    for road in roads(words):
        if not pairs(road) <= there:
            return False
        said -= pairs(road)
    shared_pairs = said & there
    if len(shared_pairs) < _PAIRS or len(shared_pairs) < _SHARE * len(said):
        return False
    return not shared_pairs.isdisjoint(_telling(city.current()))


@lru_cache(maxsize=2)
def _telling(snapshot: City) -> frozenset[str]:
    """Pairs that stand in the names of few matters: 路灯, 井盖, but not 小区."""
    seen = Counter(pair for one in snapshot.matters.values() for pair in pairs(one.l3_zh))
    return frozenset(pair for pair, n in seen.items() if n <= _FEW)
