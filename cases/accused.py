"""Whether words complain about a body or an official, where nobody wrote that into the fields for it. Pure.

The words are rules of the city (``accept.about_words``, ``statutory.words``). What is in doubt goes to a person.
"""

from __future__ import annotations

from functools import lru_cache

from cases import risk
from hotline import city
from hotline.city import City

_SAID_BY_NAME = frozenset({"council", "oversight", "functional", "vertical"})
"""Kinds of bodies that a complaint calls by name; utilities and places are named in any request."""


def is_said(words: str, kind: str) -> bool:
    """Officials' conduct or corruption in any request; in a complaint (``kind``) a bureau by its name too."""
    said, snapshot = risk.folded(words), city.current()
    rules = (snapshot.rule("accept.about_words"), snapshot.rule("statutory.words"))
    if any(word in said for rule in rules for word in risk.split(str(rule))):
        return True
    return kind == "complaint" and any(name in said for name in _bodies(snapshot))


@lru_cache(maxsize=2)
def _bodies(snapshot: City) -> tuple[str, ...]:
    """Units' names as people say them: without 市 before them and remarks behind them."""
    found = (
        risk.folded(one.name_zh).partition("(")[0].removeprefix("市")
        for one in snapshot.units.values()
        if one.kind in _SAID_BY_NAME
    )
    return tuple(name for name in found if len(name) > 2)
