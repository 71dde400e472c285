"""Tells phone numbers, identity numbers and bank cards apart in a run of digits in whatever spelling. Pure.

Texts come in as ``cases.spelling`` gives them: digits of other forms are plain ones already, Chinese numerals are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

PHONE, ID, CARD = "phone", "id", "card"
Place = tuple[int, int, str]
"""Where a number stands, and what it is."""

_VALUES = (
    "0〇零洞oO", "1一壹幺弌lI|", "2二贰貳两弍", "3三叁參仨弎", "4四肆", "5五伍", "6六陆陸", "7七柒拐", "8八捌",
    "9九玖勾",
)  # fmt: skip
_DIGITS = {spelling: str(value) for value, spellings in enumerate(_VALUES) for spelling in spellings}
_LETTERS = "oOlI|"
DIGIT = "".join(c for spellings in _VALUES for c in spellings if c not in _LETTERS)
"""Every way to write a digit, but for the letters that stand in for one between digits only."""
_PLAIN = {ord(spelling): value for spelling, value in _DIGITS.items() if spelling not in _LETTERS}
_BETWEEN = r"[\s\-_.·/*()（）~]"
RUN = re.compile(
    rf"[+{DIGIT}{_LETTERS}](?:(?<=[{DIGIT}])|(?<=[{_LETTERS}])(?<![A-Za-z].)(?=[{DIGIT}{_LETTERS}])"
    rf"|(?<=[+])(?:[{DIGIT}]|[{_LETTERS}](?=[{DIGIT}{_LETTERS}])))"
    rf"(?:{_BETWEEN}{{0,3}}[{DIGIT}{_LETTERS}]){{6,}}(?:{_BETWEEN}?[xX](?![A-Za-z0-9]))?",
    re.DOTALL,
)
"""Seven and more digits in any spelling, with up to three separators between two of them. A class of characters comes
first, by which the places to try are found fast; what must stand before it is looked at afterwards."""

_SHAPES = re.compile(
    r"(?P<id>[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX])"
    r"|(?P<phone>(?:0{0,2}86)?1[3-9]\d{9})"
    r"|(?P<card>[3-9]\d{15,18})"
    r"|(?P<old>[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})"
    r"|(?P<line>(?:(?:0{0,2}86)?0|86)(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7})"
    r"|(?P<free>[48]00\d{7})"
)
_KINDS = {"id": ID, "old": ID, "phone": PHONE, "line": PHONE, "free": PHONE, "card": CARD}
_SHORTEST = {"card": 16, "line": 10}
"""Shapes of several lengths with the fewest digits: what is too long is tried down to it."""
_SEVERAL = re.compile(r"(?:1[3-9]\d{9}){2,9}")
_GROUPS = re.compile(r"\d{4} \d{4} \d{4} \d{4}(?: \d{1,3})?")
_CALL_BEFORE = re.compile(
    r"(?:电话|电|手机|联系方式|联系|号码|拨打|致电|座机|固话|值班室|呼叫|tel|phone|mobile)[号码是为：:\s]{0,4}$",
    re.IGNORECASE,
)
_ID_BEFORE = re.compile(r"(?:身份证|证件|证号|居住证|驾驶证|驾照|残疾证|医保卡|社保卡|护照)[号码是为：:\s]{0,4}$")
_CARD_BEFORE = re.compile(r"(?:银行|[卡账帐户]|打到|转到|退到|汇到|存到|收款|转给)[号码户是为里：:\s]{0,4}$")
_THING_BEFORE = re.compile(
    r"(?:订单|工单|运单|快递|单号|编号|案号|文号|户号|户表|电表|水表|气表|批号|流水|条码|型号|合同|受理|房产证|代码|发票)"
    r"[编单号码是为：:\s]{0,4}$"
)
_EXTENSION = re.compile(r"\s?(?:转|分机|-|ext\.?)\s?(?:分机)?\s?\d{1,6}(?!\d)")
_APART = r"(?:[^0-9A-Za-z\u4e00-\u9fff]{1,6}|\s?(?:横?杠|横线?|短横|减|点|空格?)\s?)"
_SPACED = re.compile(
    rf"[1一壹幺lI](?<![{DIGIT}].)[{DIGIT}][{DIGIT}oO]{_APART}[{DIGIT}oO]{{4}}{_APART}[{DIGIT}oO]{{4}}(?![{DIGIT}])",
    re.DOTALL,
)
"""A mobile number in its three groups, whatever stands between them: commas would tear a run apart."""


def numbers(text: str) -> Iterator[Place]:
    """The phone, identity and card numbers in a plainly spelt text, as (start, end, kind); they may overlap."""
    for run in RUN.finditer(text):
        yield from _in_run(text, run.start(), run.end())
    for match in _SPACED.finditer(text):
        if _value(match[0][1]) in "3456789":
            yield *match.span(), PHONE


def values(text: str) -> str:
    """``text`` with every way to write a digit as that digit, character for character; letters stay."""
    return text.translate(_PLAIN)


def _value(digit: str) -> str:
    return _DIGITS.get(digit, "")


def _in_run(text: str, start: int, end: int) -> Iterator[Place]:
    places = [at for at in range(start, end) if text[at] in _DIGITS or text[at] in "xX"]
    digits = "".join(_DIGITS.get(text[at], "X") for at in places)
    before = text[max(0, start - 10) : start]
    named = _by_context(text, start, digits, before)
    hit = False
    for first, last, kind in _shapes(text, places, digits, is_thing=_THING_BEFORE.search(before) is not None):
        stop = places[last - 1] + 1
        if kind == PHONE and (more := _EXTENSION.match(text, stop)):
            stop = more.end()
        yield _from(text, places[first], stop), stop, named or kind
        hit = True
    if named and not (hit and named == PHONE):
        yield start, places[-1] + 1, named


def _shapes(text: str, places: list[int], digits: str, *, is_thing: bool) -> Iterator[Place]:
    """The known shapes among the digits, as places in them, each widened to the digits that touch it."""
    done = 0
    while (match := _SHAPES.search(digits, done)) is not None:
        first, done = match.start(), match.start() + 1
        if last := _several(places, digits, first):
            yield first, last, PHONE
            done = last
            continue
        kind = match.lastgroup or "phone"
        begins = _edge(places, first, -1)
        for last in range(match.end(), first + _SHORTEST.get(kind, match.end() - first) - 1, -1):
            ends = _edge(places, last, 1)
            is_apart = _stands_apart(first - begins, ends - last, is_thing=is_thing)
            shown = text[places[first] : places[last - 1] + 1]
            if is_apart and (kind != "card" or _is_card(digits[first:last], shown)):
                yield begins, ends, _KINDS[kind]
                done = ends
                break


def _several(places: list[int], digits: str, first: int) -> int:
    """Where mobile numbers end that were written without anything between them; 0 when they were not."""
    several = _SEVERAL.match(digits, first)
    if several is None or _edge(places, first, -1) != first:
        return 0
    last = several.end()
    is_close = places[last - 1] - places[first] < last - first
    return last if is_close and _edge(places, last, 1) <= last + 4 else 0


def _stands_apart(before: int, after: int, *, is_thing: bool) -> bool:
    """Begins or ends where a stretch between separators does, with few digits more: not the middle of a longer one."""
    return before + after <= (0 if is_thing else 4) and not (before and after)


def _edge(places: list[int], at: int, step: int) -> int:
    """How far the digits reach from here without a separator, five more at most."""
    for n in range(5):
        here = at + n * step
        if here <= 0 or here >= len(places) or places[here] - places[here - 1] > 1:
            return max(0, min(here, len(places)))
    return at + 5 * step


def _is_card(card: str, shown: str) -> bool:
    """A card's check digit is right, or it is one by its look: a bank's own 62, or four digits at a time."""
    return card.isdigit() and (card.startswith("62") or _luhn(card) or _GROUPS.fullmatch(shown) is not None)


def _luhn(card: str) -> bool:
    doubled = (sum(divmod(2 * int(c), 10)) for c in card[-2::-2])
    return (sum(map(int, card[-1::-2])) + sum(doubled)) % 10 == 0


def _from(text: str, at: int, end: int) -> int:
    """A plus sign before the first digit goes with it, and a bracket that is closed within the number."""
    opens = "(（" if any(c in ")）" for c in text[at:end]) else ""
    while at and text[at - 1] in "+" + opens:
        at -= 1
    return at


def _by_context(text: str, start: int, digits: str, before: str) -> str | None:
    """A number of no known shape is still one when the words before it say so."""
    if _THING_BEFORE.search(before):
        return None
    if _ID_BEFORE.search(before):
        return ID
    if _CARD_BEFORE.search(before) and len(digits) >= 12:
        return CARD
    if 7 <= len(digits) <= 13 and (_CALL_BEFORE.search(before) or text[start] == "+"):
        return PHONE
    return None
