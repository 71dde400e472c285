"""How Chinese characters sound: syllables and initials, each character by itself. For what is typed by ear."""

from __future__ import annotations

import os
from functools import lru_cache


@lru_cache(maxsize=8192)
def syllables(character: str) -> frozenset[str]:
    """Every way the character is read, without tones (重 is zhong or chong); itself when it is no Chinese one."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # its phrases cost 25 MB and change nothing that matters here
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin import Style, pinyin  # noqa: PLC0415 - 0.1 s and 13 MB, only where somebody types by ear

    return frozenset(one for found in pinyin(character, style=Style.NORMAL, heteronym=True) for one in found)


def initials(character: str) -> frozenset[str]:
    """The letters that the character may begin with."""
    return frozenset(one[0] for one in syllables(character) if one)


def same(one: str, other: str) -> bool:
    """Whether two characters may sound the same."""
    return not syllables(one).isdisjoint(syllables(other))
