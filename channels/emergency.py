"""What a text message marked as an emergency means: which of 110, 119, 120 and 122 it is for. Pure.

Only a plain mark counts: the number or a cry for help in front, with nothing else behind it than the story. A street
light on National Road 110 is none, and a bill of 120 yuan neither.
"""

from __future__ import annotations

import re
import unicodedata

NUMBERS = ("110", "119", "120", "122")
DOORS = frozenset({"sms", "wechat", "email"})
_WORDS = {"救命": "110", "报警": "110", "火警": "119", "着火了": "119", "起火了": "119", "急救": "120", "救护车": "120"}
_MARK = re.compile(
    rf"\s*[\[【]?({'|'.join((*NUMBERS, *_WORDS))})[\]】]?(?=[\s,，。.!！:：]|$)(?!\s*[元块米号路人户天年国%])"
)


def marked(words: str) -> str:
    """The emergency number that the words begin with or cry for; "" when they do neither."""
    found = _MARK.match(unicodedata.normalize("NFKC", words))
    return _WORDS.get(found[1], found[1]) if found else ""


def cried(words: str) -> str:
    """The emergency number that a cry for help anywhere in the words is for; "" without one.

    For a talk that is going on, where showing a number too often costs nothing: ``marked`` decides what is transferred.
    """
    plain = unicodedata.normalize("NFKC", words)
    return marked(words) or next((number for cry, number in _WORDS.items() if cry in plain), "")
