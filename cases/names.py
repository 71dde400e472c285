"""Finds the names of people in running text: a surname and a given name, weighed by what stands beside them. Pure.

No dictionary tells a Chinese name from two words: a boundary or a role before it and a verb or a mark after it count.
Names with a form of their own are found by ``cases.names_called``. Texts come in as ``cases.spelling`` gives them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cases import names_called
from cases.name_edges import AFTER, BEFORE, is_edge, is_han, is_open
from cases.name_lookalikes import NO_NAMES, ORGANISATIONS, PART_OF_WORD, WORDS
from cases.name_words import (
    ANNOUNCED,
    COMMON,
    DOUBLE,
    DOUBTFUL,
    FAMILY,
    GIVEN,
    NOT_GIVEN,
    PLACE_ENDS,
    ROLES,
    TITLES,
)  # fmt: skip
from cases.numbers import Place

NAME = "name"
Span = tuple[int, int]

_PLAIN = COMMON - DOUBTFUL
_DOUBLE = frozenset(DOUBLE.split("|"))
_AT_SURNAME = re.compile(f"(?:{DOUBLE}|[{''.join(sorted(FAMILY))}])")
_WEIGHTS = dict.fromkeys(ROLES.split("|"), 2) | dict.fromkeys(ANNOUNCED.split("|"), 3)
_ENDS = frozenset(word[-1] for word in _WEIGHTS)
_FAMILY = f"(?:{DOUBLE}|[{''.join(sorted(FAMILY))}])"
_MAY_BEGIN = re.compile(
    f"{_FAMILY}(?=[{''.join(sorted(GIVEN))}\\s])(?![{''.join(sorted(NOT_GIVEN))}])"
    f"|(?<=[是为{''.join(sorted(_ENDS))}：:]){_FAMILY}(?=[\u4e00-\u9fff])"
)
"""A surname before a character of given names; before any character where it may have been announced."""
_A_TITLE = re.compile(TITLES)
_ORG = re.compile(ORGANISATIONS)
_MANY = frozenset("王张李刘陈杨赵黄周吴徐胡朱郭林罗郑梁宋唐许韩冯邓曹彭肖田董蒋蔡杜程苏魏吕丁卢姚沈钟姜崔谭陆范汪廖贾")
"""The commonest surnames: of three characters the first two may be a word (``周一鸣``)."""
_SAYS = re.compile("反映|来电|来访|来信|称|说")
_SPEAKS = frozenset("说称骂打")
_TO_NAME = '是为叫:：“"（( \n\t'
"""What may stand between a role and the name, up to three of them."""
_HAN_RUN = re.compile("[\u4e00-\u9fff]+")
_LIST_SIGNS = frozenset("、,，")
_AND = frozenset("和与及跟同")
_STRICT = frozenset("的了在是不")
_ONE, _TWO = 1, 2


def names(text: str) -> list[Place]:
    """Where people are named; the same name again, and its given part alone, wherever it stands. May overlap."""
    found = [*names_called.called(text), *_running(text)]
    if found:
        found += _listed(text, found)
        found += _again(text, found)
    return [(start, end, NAME) for start, end in dict.fromkeys(found)]


def _running(text: str) -> Iterator[Span]:
    """A surname with one or two characters of a given name, as far as what stands beside it speaks for it."""
    done = 0
    for family in _MAY_BEGIN.finditer(text):
        start, given = family.span()
        if start >= done and (end := _name_end(text, start, given)):
            yield start, end
            done = end


def _name_end(text: str, start: int, given: int) -> int:
    """Where the name that begins at ``start`` ends, 0 when there is none."""
    if _is_within_words(text, start, given):
        return 0
    if text[given].isspace():
        return _spaced(text, start, given, _left(text, start))
    if text[given] in NOT_GIVEN and _left(text, start) < 3:
        return 0
    before = _left(text, start)
    is_twice = text[given + 1 : given + 2] == text[given + 2 : given + 3] != ""  # 孙梅天天吵: 天天 is a word of its own
    for end in (given + 1,) if is_twice else (given + 2, given + 1):
        if end <= len(text) and _is_name(text, start, given, end, before):
            return end
    return 0


def _is_within_words(text: str, start: int, given: int) -> bool:
    """Most surnames stand within words: only a plain one before two characters of a given name is looked at there."""
    last = text[start - 1 : start]
    if not last or last in _ENDS or last in BEFORE or last in _TO_NAME or is_open(last, 0):
        return False
    return (given - start == 1 and text[start] not in _PLAIN) or not GIVEN.issuperset(text[given : given + 2])


def _left(text: str, start: int) -> int:
    """3 after words that announce a name, 2 after a role, 1 at a boundary, 0 within words."""
    end = start
    while end and start - end <= 3:
        if text[end - 1] in _ENDS:
            for size in (2, 3, 4, 5):
                weight = _WEIGHTS.get(text[max(0, end - size) : end], 0)
                if weight:
                    return weight
        if text[end - 1] not in _TO_NAME:
            break
        end -= 1
    return 1 if is_edge(text, start - 1, BEFORE) else 0


def _is_name(text: str, start: int, given: int, end: int, before: int) -> bool:
    rest = text[given:end]
    if not is_han(rest[-1]) or _A_TITLE.match(text, given):
        return False
    after = 2 if is_open(text, end) else 1 if text[end] in AFTER else 0
    if text[start : start + 2] in NO_NAMES or text[start : start + 3] in NO_NAMES:
        return _is_name_too(text, start, end, rest, before, after)
    if rest[0] == "某" or _ORG.search(text, start + 1, end + 2):
        return False
    if before < _TWO and rest in WORDS and text[start] not in _PLAIN:
        return False
    if not NOT_GIVEN.isdisjoint(rest):
        return before > _TWO and after == _TWO and _STRICT.isdisjoint(rest)
    return _weighs(text, start, rest, before, after)


def _is_name_too(text: str, start: int, end: int, rest: str, before: int, after: int) -> bool:
    """A word that is somebody's name all the same: announced and alone, or spoken of by a role that says something."""
    if len(rest) == _TWO and text[start : start + 3] not in NO_NAMES and GIVEN.issuperset(rest) and after:
        is_third = text[start] in _MANY and rest[1] not in AFTER and rest[1] not in BEFORE and rest[1] not in PLACE_ENDS
        return before > 1 or (is_third and is_open(text, start - 1))
    is_speaking = before > 1 and end - start == _TWO and _SAYS.match(text, end) is not None
    return is_speaking or (before > _TWO and after == _TWO)


def _weighs(text: str, start: int, rest: str, before: int, after: int) -> bool:
    is_good = GIVEN.issuperset(rest)
    is_plain = text[start] in _PLAIN or text[start : start + 2] in _DOUBLE
    if before > 1:
        return (is_good or text[start] not in DOUBTFUL) and (after > 0 or (is_good and len(rest) == _TWO))
    is_apart = is_open(text, start - 1)
    if is_apart and after == _TWO and is_plain and len(rest) == _TWO and not GIVEN.isdisjoint(rest):
        return rest[-1] not in PLACE_ENDS
    if not is_good or text[start - 1 : start] in _ends(text[start]):
        return False
    if len(rest) == _ONE:
        return before == 1 and after > 0 and (is_plain or _speaks(text, start + 2))
    if rest[-1] in PLACE_ENDS:
        return False
    return (after > 0 and (is_plain or before == 1)) or (is_plain and is_apart)


def _ends(family: str) -> frozenset[str]:
    """The characters after which this surname is the end of a word."""
    return PART_OF_WORD.get(family, frozenset())


def _speaks(text: str, end: int) -> bool:
    return text[end : end + 1] in _SPEAKS


def _spaced(text: str, start: int, given: int, before: int) -> int:
    """``张 伟``: a blank within a name, where it stands apart from both sides."""
    if before < _TWO and not is_open(text, start - 1):
        return 0
    for size in (_TWO, _ONE):
        end = given + 1 + size
        rest = text[given + 1 : end]
        is_given = GIVEN.issuperset(rest) and (before > _TWO or NOT_GIVEN.isdisjoint(rest))
        if len(rest) == size and is_open(text, end) and is_given:
            return end
    return 0


def _listed(text: str, found: list[Span]) -> list[Span]:
    """``A、B、C``: what stands beside names in a list is one too."""
    starts, ends = {start for start, _ in found}, {end for _, end in found}
    more: list[Span] = []
    for one in list(ends):
        end = one
        while end < len(text) and (text[end] in _LIST_SIGNS or text[end] in _AND):
            item = _HAN_RUN.match(text, end + 1)
            span = _item(text, item, is_sure=text[end] not in _AND) if item else None
            if span is None or span[0] in starts:
                break
            more.append(span)
            starts.add(span[0])
            end = span[1]
    for one in list(starts):
        start = one
        while start > 1 and text[start - 1] in _LIST_SIGNS:
            first = start - 1
            while first and start - first <= 5 and is_han(text[first - 1]):
                first -= 1
            span = next((span for at in (first, start - 4, start - 3) if (span := _last(text, at, start - 1))), None)
            if span is None or span[1] in ends:
                break
            more.append(span)
            ends.add(span[1])
            start = span[0]
    return more


def _item(text: str, item: re.Match[str], *, is_sure: bool) -> Span | None:
    """The item of a list as a name: a surname and one or two characters, as a whole or with a verb after it."""
    start, stop = item.span()
    family = _AT_SURNAME.match(text, start, stop)
    if family is None:
        return None
    given = family.end()
    for end in (given + 2, given + 1):
        rest = text[given:end]
        if end <= stop and NOT_GIVEN.isdisjoint(rest) and rest[-1] not in PLACE_ENDS and is_edge(text, end, AFTER):
            good = sum(c in GIVEN for c in rest)
            return (start, end) if good == len(rest) or (good and is_sure and end == stop) else None
    return None


def _last(text: str, start: int, end: int) -> Span | None:
    """``text[start:end]`` as a name before another of a list."""
    if start < 0 or not 2 <= end - start <= 4:
        return None
    family = _AT_SURNAME.match(text, start, end)
    if family is None or not 1 <= end - family.end() <= _TWO or text[start : start + 2] in NO_NAMES:
        return None
    rest = text[family.end() : end]
    is_good = GIVEN.issuperset(rest) or (len(rest) == _TWO and not GIVEN.isdisjoint(rest) and is_open(text, start - 1))
    return (start, end) if is_good and NOT_GIVEN.isdisjoint(rest) and rest[-1] not in PLACE_ENDS else None


def _again(text: str, found: list[Span]) -> Iterator[Span]:
    """Every further place of the full names found, and of their given names of two characters."""
    whole = {text[start:end] for start, end in found if end - start > 1} - NO_NAMES
    given = {name[-2:] for name in whole if len(name) > _TWO and name[0] in FAMILY and GIVEN.issuperset(name[-2:])}
    for name in whole | (given - WORDS):
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            if name in whole or (is_edge(text, at - 1, BEFORE) and is_edge(text, end, AFTER)):
                yield at, end
            at = text.find(name, end)
