"""Tells phone numbers, identity numbers and bank cards apart in a run of digits in whatever spelling. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

PHONE, ID, CARD = "phone", "id", "card"

_VALUES = (
    "0０〇零⓪oO", "1１一壹幺①", "2２二贰貳②", "3３三叁參③", "4４四肆④", "5５五伍⑤", "6６六陆陸⑥", "7７七柒⑦",
    "8８八捌⑧", "9９九玖⑨",
)  # fmt: skip
_DIGITS = {spelling: str(value) for value, spellings in enumerate(_VALUES) for spelling in spellings}
DIGIT = "".join(c for spellings in _VALUES for c in spellings if c not in "oO")
_BETWEEN = r"[\s\-‐-―−－_.·．/*()（）~～]"
RUN = re.compile(rf"[+＋]?[{DIGIT}](?:{_BETWEEN}{{0,3}}[{DIGIT}oO]){{6,}}(?:{_BETWEEN}?[xXｘＸ])?")
"""Seven and more digits in any spelling, with up to three separators between two of them."""

_SHAPES = re.compile(
    r"(?P<id>[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX])"
    r"|(?P<phone>(?:0{0,2}86)?1[3-9]\d{9})"
    r"|(?P<card>[3-9]\d{15,18})"
    r"|(?P<old>[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})"
    r"|(?P<line>(?:0{0,2}86)?0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7})"
    r"|(?P<free>[48]00\d{7})"
)
_KINDS = {"id": ID, "old": ID, "phone": PHONE, "line": PHONE, "free": PHONE, "card": CARD}
_CALL_BEFORE = re.compile(
    r"(?:电话|电|手机|联系方式|联系|号码|拨打|致电|座机|固话|tel|phone)[号码是为：:\s]{0,4}$", re.IGNORECASE
)
_ID_BEFORE = re.compile(r"(?:身份证|证件|卡|账|帐|户)[号码是为：:\s]{0,4}$")


def numbers(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The phone, identity and card numbers within the run ``text[start:end]`` of ``RUN``, as (start, end, kind)."""
    places = [at for at in range(start, end) if text[at] in _DIGITS or text[at] in "xXｘＸ"]
    digits = "".join(_DIGITS.get(text[at], "X") for at in places)
    done = 0
    hit = False
    while (match := _SHAPES.search(digits, done)) is not None:
        first, last = match.span()
        if _stands_apart(places, digits, first, last) and _is_real(match):
            end = places[last - 1] + 1
            yield _from(text, places[first], end), end, _KINDS[match.lastgroup or "phone"]
            done, hit = last, True
        else:
            done = first + 1
    if not hit and (kind := _by_context(text, start, digits)):
        yield start, places[-1] + 1, kind


def _stands_apart(places: list[int], digits: str, first: int, last: int) -> bool:
    """Begins or ends where the run, or a stretch of it between separators, does: not the middle of a longer number."""
    begins = next((n for n in range(5) if first == n or _gap(places, first - n)), 5)
    ends = next((n for n in range(5) if last + n == len(digits) or _gap(places, last + n)), 5)
    return (begins == 0 and ends < 5) or (ends == 0 and begins < 5)


def _gap(places: list[int], n: int) -> bool:
    return places[n] - places[n - 1] > 1


def _is_real(match: re.Match[str]) -> bool:
    return match.lastgroup != "card" or _luhn(match[0])


def _luhn(card: str) -> bool:
    doubled = (sum(divmod(2 * int(c), 10)) for c in card[-2::-2])
    return card.isdigit() and (sum(map(int, card[-1::-2])) + sum(doubled)) % 10 == 0


def _from(text: str, at: int, end: int) -> int:
    """A plus sign before the first digit goes with it, and a bracket that is closed within the number."""
    opens = "(（" if any(c in ")）" for c in text[at:end]) else ""
    while at and text[at - 1] in "+＋" + opens:
        at -= 1
    return at


def _by_context(text: str, start: int, digits: str) -> str | None:
    """A number of no known shape is still one when the words before it say so."""
    before = text[max(0, start - 10) : start]
    if _ID_BEFORE.search(before):
        return ID if len(digits) < 16 else CARD
    if 7 <= len(digits) <= 13 and (_CALL_BEFORE.search(before) or text[start] in "+＋"):
        return PHONE
    return None
