"""What the acts on cases that are not routed plainly offer, and with what their forms begin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cases import levels, risk
from cases.demands_care import EMERGENCIES, FINDINGS
from hotline import city
from hotline.city import RelatedNumber
from hotline.errors import Say
from web import units

if TYPE_CHECKING:
    from web.cases.choices import Standing

DISCIPLINE, PETITION = "12388", "PET"
PETITION_SAY = Say(
    "这属于信访事项，请到市信访局或国家信访局网上信访平台提出。12345 不受理信访，但会记下您来过。",
    "This is for the petition bureau: go there, or use the national petition website. 12345 takes no petitions.",
)


def channels() -> dict[str, Say]:
    """The statutory channels: discipline first, petition, then the other numbers that are never merged."""
    snapshot = city.current()
    numbers = {one.number: one for one in snapshot.related_numbers.values() if one.treatment == "NOT_MERGED"}
    first = [numbers.pop(DISCIPLINE)] if DISCIPLINE in numbers else []
    petition = {PETITION: units.name(snapshot, PETITION)} if PETITION in snapshot.units else {}
    found = {one.number: _named(one) for one in first} | petition
    return found | {one.number: _named(one) for one in sorted(numbers.values(), key=lambda one: one.number)}


def _named(one: RelatedNumber) -> Say:
    return Say(f"{one.number} {one.name_zh}", f"{one.number} {one.name_en}")


def told(target: str) -> Say:
    """What the requester is told of a channel."""
    if target == PETITION:
        return PETITION_SAY
    known = city.current().related_numbers.get(target)
    return known.say if known else Say("", "")


def fitting(target: str, reply: str) -> str:
    """The sentence typed; that of another channel, left as the form had it, gives way to this one's."""
    others = {told(one).zh for one in channels() if one != target}
    return told(target).zh if reply.strip() in others else reply


def pointed_to(words: str) -> str:
    """The channel that the words point to: one of its clues, discipline for the city's words; "" for none."""
    snapshot = city.current()
    said = risk.folded(words)
    if any(word in said for word in risk.split(str(snapshot.rule("statutory.words")))):
        return DISCIPLINE
    numbers = sorted(snapshot.related_numbers.values(), key=lambda one: one.number)
    return next(
        (one.number for one in numbers if one.treatment == "NOT_MERGED" and any(c in said for c in one.clues)), ""
    )


def start_statutory(at: Standing) -> dict[str, object]:
    """The channel that the words point to, with its sentence."""
    target = pointed_to(" ".join(at.view.words)) or DISCIPLINE
    return {"target": target, "reply": told(target).zh}


def start_summary(at: Standing) -> dict[str, object]:
    """What stands."""
    return {"summary": at.view.summary}


def start_about(at: Standing) -> dict[str, object]:
    """What is known of the first request."""
    first = at.view.file.first_request
    return {"request": first.id, "unit": first.about_unit or ""}


def _all_units() -> list[tuple[Say, list[city.Unit]]]:
    return units.choices(city.current(), ())


OPTIONS: dict[str, Callable[[Standing], dict[str, Any]]] = {
    "about": lambda at: {
        "request": {str(one.request): Say(one.receipt_no, one.receipt_no) for one in at.view.requesters},
        "unit": _all_units(),
    },
    "flag": lambda _: {"kind": risk.KINDS},
    "police": lambda _: {"number": {number: Say(number, number) for number in EMERGENCIES}},
    "verify": lambda _: {"finding": FINDINGS},
    "statutory": lambda _: {"target": channels()},
    "climb": lambda at: {"next": _next(at)},
}


def _next(at: Standing) -> Say:
    following = levels.next_of(at.view.file.case)
    if following is None:
        return Say("", "")
    level, unit = following
    name, says = units.name(city.current(), unit), levels.LEVELS[level]
    return Say(f"{says.zh}：{name.zh}", f"{says.en}: {name.en}")
