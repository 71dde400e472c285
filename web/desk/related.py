"""Numbers that are none of ours, at the desk: which one the words point to, what is said, how it ends."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from hotline.city import City, Line, RelatedNumber
from hotline.errors import Say
from web.desk.call import Call
from web.forms import Form

MOST = 3
_NUMBER = re.compile(r"(?<!\d)\d{3,6}(?!\d)")
_HANDED_ON = frozenset({"SUBCENTRE", "TRANSFER", "PARTNER"})
_TOLD = frozenset({"NOT_MERGED", "EMERGENCY", *_HANDED_ON})
"""Treatments that the desk speaks of; a merged number is simply ours."""


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """One number: ``act`` is decline (a statutory channel), transfer, or emergency (its buttons are there)."""

    number: str
    name: Say
    say: Say
    act: str


def hints(city: City, form: Form[Call]) -> list[Hint]:
    """The numbers that the words, the typed number or the line point to, at most MOST; statutory ones first."""
    words = unicodedata.normalize("NFKC", f"{form.text('words')} {form.text('matter_q')}")
    named = {*_NUMBER.findall(words), form.text("target").strip(), form.text("phone").strip(), form.text("related")}
    found = [one for one in city.related_numbers.values() if one.treatment in _TOLD
             and (one.number in named or any(clue in words for clue in one.clues))]  # fmt: skip
    found.sort(key=lambda one: (one.number not in named, one.treatment != "NOT_MERGED", one.number))
    line = city.line(form.text("line"))
    own = [_of_line(line)] if line and line.mode in _HANDED_ON else []
    return own + [_hint(one) for one in found][: MOST - len(own)]


def _hint(one: RelatedNumber) -> Hint:
    act = {"NOT_MERGED": "decline", "EMERGENCY": "emergency"}.get(one.treatment, "transfer")
    return Hint(number=one.number, name=one.name, say=one.say, act=act)


def _of_line(line: Line) -> Hint:
    say = Say(
        f"{line.name_zh}由 {line.number} 接，我为您转过去。",
        f"{line.name_en} answers on {line.number}; I am putting you through.",
    )
    return Hint(number=line.number, name=line.name, say=say, act="transfer")


def statutory(city: City) -> dict[str, Say]:
    """The numbers that are never merged, to pick from."""
    return {one.number: one.name for one in city.related_numbers.values() if one.treatment == "NOT_MERGED"}


def targets(city: City) -> dict[str, Say]:
    """Whom a call may be handed to: related numbers, and lines that others answer."""
    others = {
        one.number: one.name for one in city.related_numbers.values() if one.treatment in {"EMERGENCY", *_HANDED_ON}
    }
    return others | {one.number: one.name for one in city.open_lines.values() if one.mode in _HANDED_ON}


def _named(city: City, number: str) -> Hint | None:
    one = city.related_numbers.get(number)
    if one is not None and one.treatment in _TOLD:
        return _hint(one)
    line = city.open_lines.get(number)
    return _of_line(line) if line and line.mode in _HANDED_ON else None


def fill(city: City, fields: dict[str, list[str]], lang: str = "zh") -> dict[str, list[str]]:
    """The form with a number's ending filled in: by a hint's button (``refer``), or where a picked one left blanks."""
    asked = (fields.get("refer") or [""])[0]
    picked = (fields.get("related") or [""])[0]
    hint = _named(city, asked if asked and asked != "picked" else picked)
    if hint is None or hint.act == "emergency":
        return fields
    given = _ending(hint, lang)
    if asked:
        return {**fields, **given, "related": [hint.number]}
    if (fields.get("outcome") or [""])[0] != given["outcome"][0]:
        return fields
    return {**given, **{name: texts for name, texts in fields.items() if any(texts)}}


def _ending(hint: Hint, lang: str) -> dict[str, list[str]]:
    say = hint.say.in_(lang)
    if hint.act == "decline":
        return {
            "outcome": ["decline"], "decline_reason": ["statutory_channel"],
            "decline_channel": [f"{hint.number} {hint.name.in_(lang)}"], "decline_reply": [say],
        }  # fmt: skip
    return {"outcome": ["transfer"], "target": [hint.number], "transfer_reply": [say]}
