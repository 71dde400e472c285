"""Names with a form of their own: before a title, nicknames, half masked, of other peoples, in Latin letters. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cases.name_edges import AFTER, is_edge, is_open
from cases.name_lookalikes import NO_NAMES, NO_NICKNAMES, ORGANISATIONS, PART_OF_WORD
from cases.name_words import COMMON, DOUBLE, DOUBTFUL, FAMILY, GIVEN, KIN, NOT_GIVEN, SHORT_TITLES, TITLES
from cases.names_far import LATIN_MAY, before_title, far, latin

Span = tuple[int, int]


def _class(letters: frozenset[str] | set[str]) -> str:
    return f"[{''.join(sorted(letters))}]"


_COMMON, _GIVEN, _AFTER = _class(COMMON), _class(GIVEN), _class(AFTER)
_HAN = "\u4e00-\u9fff"
_SURNAME = f"(?:{DOUBLE}|{_class(FAMILY)})"
_AT_SURNAME = re.compile(_SURNAME)
_ORG = re.compile(ORGANISATIONS)
_FIRST = _class({word[0] for word in TITLES.split("|")} | set("常副"))
_TITLED = re.compile(f"(?={_FIRST})(?:常务)?副?(?:{TITLES})")
_SHORT_TITLED = re.compile(
    rf"{_class(COMMON - set('施高金石安万水于司龙'))}(?=[{SHORT_TITLES}](?P<after>.)?)", re.DOTALL
)
_BEFORE_TITLE = frozenset("找跟和给叫问让被是与由对向请")
_NO_AFTER_SHORT = frozenset("长务线部程")
_NICK = re.compile(
    rf"[老小大阿](?:(?<=[老小大])(?<![广养古长元敬爱尊父大中最弱窄细缩幼矮].){_COMMON}(?:头(?![部顶]))?"
    rf"(?![村庄屯寨镇店营桥沟湾城区校院河江湖山])"
    rf"|(?<=阿)(?:(?<![{_HAN}].){_class(GIVEN - set('里拉富坝胶莫洛奇司昌'))}"
    r"|(?<=[锁店理发卖修送开车游].)[强明辉华龙虎彪勇军飞亮芳英美珍]))",
    re.DOTALL,
)
"""Looks behind only once its first character is there: a pattern that begins with a look is tried at every place."""
_AFTER_NICK = frozenset("说把被给将收骂和与，、。：天帮不打包")
_BY_SIGN = (
    ("名", re.compile(rf"(?<![{_HAN}])(?P<name>{_SURNAME}[{_HAN}]{{1,2}})(?=是我的?名字|是我?的?本名|这个名字)")),
    ("某", re.compile(rf"(?P<name>{_SURNAME}某(?!某){_GIVEN}?)(?={_AFTER}|(?![{_HAN}]))")),
    ("姓", re.compile(rf"姓(?P<name>{_SURNAME})(?![名氏])(?:[，,\s]{{0,2}}名(?P<given>{_GIVEN}{{1,2}}))?")),
)
"""Rules that one sign calls for."""
_POLITE = re.compile(rf"(?<![{_HAN}])(?P<name>{_SURNAME}[{_HAN}]{{1,2}})(?=先生|女士|小姐|同志)")
_POLITE_MAY = re.compile("先生|女士|小姐|同志")
_MASKED_MAY = re.compile("[*×xX○]")
_MASKED = re.compile(
    rf"(?:(?<![{_HAN}])(?P<name>{_COMMON}[{_HAN}]?[*×xX○]{{1,2}}(?![*×xX○]){_GIVEN}?)|(?<=[的叫是和与])(?P<part>{_COMMON}[*×xX○]{{1,2}}(?![*×xX○])))"
)
"""Half masked already: the rest still tells. Not what ``redact`` itself leaves (某某, three asterisks)."""
_LONGEST = 2


def called(text: str) -> Iterator[Span]:
    """Names by their title, nicknames, masked names, foreign and Latin ones, in no order."""
    yield from _titled(text)
    yield from _short_titled(text)
    yield from _nicknames(text)
    yield from _by_sign(text)
    yield from far(text)
    if LATIN_MAY.search(text) is not None:
        yield from latin(text)


def _titled(text: str) -> Iterator[Span]:
    """A surname and up to two characters before a title: ``王先生``, ``李建国副主任``. The title stays."""
    for match in _TITLED.finditer(text):
        end = match.start()
        if end > 1 and text[end - 1] in "老代总":
            end -= 1
        first = before_title(text, end)
        if first < end:
            yield first, end
        for start in range(max(0, end - 4), end):
            family = _AT_SURNAME.match(text, start, end)
            if family is not None and end - family.end() <= _LONGEST and _may_be(text, start, family.end(), end):
                yield start, end
                break


def _may_be(text: str, start: int, given: int, end: int) -> bool:
    """Whether ``text[start:end]`` with its given name from ``given`` on is no word and no end of one."""
    family, rest = text[start], text[given:end]
    if text[start - 1 : start] in PART_OF_WORD.get(family, ()) or not NOT_GIVEN.isdisjoint(rest):
        return False
    if not rest:
        return family not in DOUBTFUL or family in COMMON or is_edge(text, start - 1, _BEFORE_TITLE)
    if is_open(text, end - 1) or is_open(text, given):
        return False
    if text[start:end] in NO_NAMES or text[start : start + 2] in NO_NAMES:
        return False
    return (len(rest) < _LONGEST or not GIVEN.isdisjoint(rest)) and _ORG.search(text, given, end + 1) is None


def _short_titled(text: str) -> Iterator[Span]:
    """``王总``, ``刘姐``: only where the phrase begins and ends right there."""
    for match in _SHORT_TITLED.finditer(text):
        start, end = match.span()
        after = match["after"] or " "
        if is_edge(text, start - 1, _BEFORE_TITLE) and after not in _NO_AFTER_SHORT and is_edge(after, 0, AFTER):
            yield start, end + (text[end] in KIN)


def _nicknames(text: str) -> Iterator[Span]:
    for match in _NICK.finditer(text):
        end = match.end()
        is_plain = match[0][0] != "大" and match[0][:2] not in NO_NICKNAMES
        if is_plain or (text[end : end + 1] in _AFTER_NICK and _ORG.search(text, end, end + 2) is None):
            yield match.span()


def _by_sign(text: str) -> Iterator[Span]:
    rules = [rule for sign, rule in _BY_SIGN if sign in text]
    if _POLITE_MAY.search(text) is not None:
        rules.append(_POLITE)
    if _MASKED_MAY.search(text) is not None:
        rules.append(_MASKED)
    for rule in rules:
        for match in rule.finditer(text):
            yield from (match.span(group) for group, value in match.groupdict().items() if value)
