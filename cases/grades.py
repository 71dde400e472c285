"""Scales of satisfaction: the hotline's four grades, the national five (好差评), both directions between them. Pure."""

from __future__ import annotations

import re
import unicodedata

from cases.states import GRADES
from hotline import city
from hotline.errors import Say

FIVE: dict[str, Say] = {
    "very_satisfied": Say("非常满意", "Very satisfied"),
    "satisfied": Say("满意", "Satisfied"),
    "basically_satisfied": Say("基本满意", "Basically satisfied"),
    "dissatisfied": Say("不满意", "Dissatisfied"),
    "very_dissatisfied": Say("非常不满意", "Very dissatisfied"),
}
SCALES: dict[str, Say] = {
    "four": Say("四级", "Four grades"),
    "five": Say("国家五级（好差评）", "The national five grades"),
    "hundred": Say("百分制", "Score to 100"),
}
GRADES_OF = {"four": GRADES, "five": FIVE}
TO_FOUR: dict[str, str] = {
    "very_satisfied": "satisfied",
    "satisfied": "satisfied",
    "basically_satisfied": "basically_satisfied",
    "dissatisfied": "dissatisfied",
    "very_dissatisfied": "dissatisfied",
}
"""In: the five as the four. 一般 is none of the five, so nothing becomes it."""
TO_FIVE: dict[str, str] = {
    "satisfied": "satisfied",
    "basically_satisfied": "basically_satisfied",
    "dissatisfied": "dissatisfied",
}
"""Out: the four as the five. What 一般 becomes is the city's rule ``rating.neutral_five``."""
_WORDS = {
    scale: {say.zh: code for code, say in grades.items()} | {say.en.casefold(): code for code, say in grades.items()}
    for scale, grades in GRADES_OF.items()
}
_WORDS["five"] |= {"很满意": "very_satisfied", "很不满意": "very_dissatisfied"}


def read(text: str, scale: str) -> str:
    """The code of a grade of ``scale`` as it is written, in Chinese, English or as the code; "" for anything else.

    Digits are refused: some systems count from the best and some from the worst.
    """
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()
    return plain if plain in GRADES_OF[scale] else _WORDS[scale].get(plain, "")


def four(code: str, scale: str) -> str:
    """A grade of ``scale`` as one of the four; "" for a code that is none of its grades."""
    if scale == "five":
        return TO_FOUR.get(code, "")
    return code if scale == "four" and code in GRADES else ""


def five(grade: str, raw: str, scale: str) -> str:
    """One of the four as the national five: what was given stays what it was where it was given in five."""
    if scale == "five" and raw in FIVE:
        return raw
    return TO_FIVE.get(grade) or str(city.current().rule("rating.neutral_five"))


def counted() -> frozenset[str]:
    """The grades that count as satisfied in the city (rule ``rating.counted``)."""
    return frozenset(str(city.current().rule("rating.counted")).split())
