"""Risk words in what people say: threats, self-harm, crowds, petitions in the capital. Pure over the city's lists.

The lists are rules of the city (``risk.<kind>``). A phrase that only sounds so (跳楼价) and a plain denial right before
the word (不会跳楼) raise nothing; whatever is doubtful raises it: a false alarm costs a glance, a missed one a life.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from hotline.errors import Say

if TYPE_CHECKING:
    from hotline.city import City

KINDS: dict[str, Say] = {
    "threat": Say("扬言", "Threat"),
    "self_harm": Say("轻生", "Self-harm"),
    "crowd": Say("聚集", "Crowd"),
    "petition": Say("进京上访", "Petition in Beijing"),
}
_BLANK = re.compile(r"[\s\u200b\ufeff]+")
_LINKS = "再去要想是有会"
_MASK = "\0"


class Found(msgspec.Struct, frozen=True):
    """What was found: the kinds in the order of KINDS, and the words as the lists have them."""

    kinds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.kinds)


class Lists(msgspec.Struct, frozen=True):
    """The city's words by kind, the phrases that only sound so, and the denials; all folded, the longest first."""

    words: Mapping[str, tuple[str, ...]]
    harmless: tuple[str, ...]
    denials: tuple[str, ...]


def folded(text: str) -> str:
    """A text as it is compared: full-width letters narrow, lower case, without blanks."""
    return _BLANK.sub("", unicodedata.normalize("NFKC", text).casefold())


def split(text: str) -> tuple[str, ...]:
    """A list as a rule holds it, "扬言|炸了": folded, the longest first, none twice."""
    return tuple(sorted(dict.fromkeys(filter(None, map(folded, text.split("|")))), key=lambda one: (-len(one), one)))


@lru_cache(maxsize=2)
def lists_of(city: City) -> Lists:
    """The lists of a city snapshot, made once a snapshot."""
    return Lists(
        words={kind: split(str(city.rule(f"risk.{kind}"))) for kind in KINDS},
        harmless=split(str(city.rule("risk.harmless"))),
        denials=split(str(city.rule("risk.denials"))),
    )


def find(text: str, lists: Lists) -> Found:
    """The risk words of ``text``, in well under a millisecond; never raises, whatever was typed."""
    said = folded(text)
    for phrase in lists.harmless:
        said = said.replace(phrase, _MASK * len(phrase))
    kinds, words = [], []
    for kind, listed in lists.words.items():
        hits = [word for word in listed if _is_said(said, word, lists.denials)]
        if hits:
            kinds.append(kind)
            words += hits
    return Found(tuple(kinds), tuple(dict.fromkeys(words)))


def _is_said(said: str, word: str, denials: tuple[str, ...]) -> bool:
    """Whether the word stands there at least once without a denial right before it."""
    at = said.find(word)
    while at >= 0:
        if not _is_denied(said[max(0, at - 8) : at], denials):
            return True
        at = said.find(word, at + 1)
    return False


def _is_denied(before: str, denials: tuple[str, ...]) -> bool:
    """“不会”, “没有” … right before it; “会不会”, “有没有” ask and deny nothing."""
    for tail in (before, before[:-1] if before[-1:] in _LINKS else ""):
        for denial in denials:
            if tail.endswith(denial):
                asked = tail[: -len(denial)][-1:]
                return not (asked and asked == denial[-1])
    return False
