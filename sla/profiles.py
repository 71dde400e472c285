"""A profile's version: its content as kept, laid over what the city began with, and what it must be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec

from hotline.city_nouns import PromiseVersion
from hotline.errors import Say
from sla import targets
from sla.calendar import Calendar
from sla.targets import Book, Extension, Profile, Target

ALL = targets.ALL
DECIDERS: dict[str, Say] = {
    "centre": Say("中心派单员", "the centre"),
    "city": Say("协调办公室", "the coordination office"),
    "statute": Say("中心，须引法条", "the centre, with the law cited"),
}
UNITS: dict[str, Say] = {
    "wd": Say("工作日", "working days"),
    "h": Say("工作小时", "working hours"),
    "clock": Say("小时（不分昼夜）", "hours around the clock"),
}
OWN_STAGES = ("accept", *targets.UNIT_STAGES)
"""What a profile may promise for itself; the other stages are the same for all."""
_NEEDED = ("sign_off", "finish")
_MOST = {"wd": 250.0, "h": 2000.0, "clock": 9000.0}


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a version holds: amounts with their units by stage, the extension and the law that the profile rests on."""

    stages: dict[str, Target]
    extension: Extension | None = None
    law: str = ""


def read(text: str) -> Content:
    """A version's content from its JSON."""
    return msgspec.json.decode(text, type=Content)


def written(content: Content) -> str:
    """The content as JSON."""
    return msgspec.json.encode(content).decode()


def content_of(book: Book, code: str) -> Content:
    """What stands in a book for a profile, or for the stages common to all."""
    if code == ALL:
        return Content(stages=dict(book.common))
    one = book.profiles[code]
    return Content(stages=dict(one.stages), extension=one.extension, law=one.law)


def laid_over(book: Book, versions: Iterable[PromiseVersion], day: date) -> Book:
    """The book as it stands on ``day``: of each profile the last version in force."""
    return _over(book, [one for one in _ordered(versions) if one.effective_from <= day])


def as_made(book: Book, versions: Iterable[PromiseVersion], code: str, version: int) -> Profile:
    """A profile as a version had it: by it the clocks that were made with it live."""
    return _over(book, [one for one in versions if one.profile == code and one.version == version]).profiles[code]


def with_content(book: Book, code: str, content: Content, version: int) -> Book:
    """A book in which a profile has this content."""
    numbers = {**book.versions, code: version}
    if code == ALL:
        return msgspec.structs.replace(book, common={**book.common, **content.stages}, versions=numbers)
    own = msgspec.structs.replace(
        book.profiles[code], stages=content.stages, extension=content.extension, law=content.law
    )
    return msgspec.structs.replace(book, profiles={**book.profiles, code: own}, versions=numbers)


def _over(book: Book, versions: Iterable[PromiseVersion]) -> Book:
    for one in versions:
        book = with_content(book, one.profile, read(one.content), one.version)
    return book


def _ordered(versions: Iterable[PromiseVersion]) -> list[PromiseVersion]:
    return sorted(versions, key=lambda one: (one.effective_from, one.version))


def faults(calendar: Calendar, code: str, content: Content, laws: Mapping[str, object], at: datetime) -> dict[str, Say]:
    """What forbids a version, by field: ``stage.finish``, ``extension``, ``law``; empty when it may be kept.

    ``at`` is the moment from which stages are compared; ``laws`` the statutes known.
    """
    wrong = {f"stage.{name}": say for name, one in content.stages.items() if (say := fault_of(one)) is not None}
    if code == ALL:
        return wrong
    for name in _NEEDED:
        if name not in content.stages:
            stage = targets.STAGES[name]
            wrong[f"stage.{name}"] = Say(
                f"每个档案都要有{stage.zh}时限，不能空。", f"Every profile needs a time to {stage.en}."
            )
    if not wrong:
        wrong.update(_out_of_order(calendar, content, at))
    if code == "EMG2H" and any(one.unit != "clock" for one in content.stages.values()):
        wrong.setdefault("stage.finish", Say(
            "特急不分昼夜，单位只能是小时（不分昼夜）。", "A critical case is counted in hours around the clock."
        ))
    return {**wrong, **_extension_faults(content, laws)}


def fault_of(target: Target) -> Say | None:
    """What is wrong with one amount: its unit, zero or less, part of a working day, or past all measure."""
    if target.unit not in UNITS:
        return Say("单位只能是工作日、工作小时或小时。", "The unit is working days, working hours or hours.")
    if not target.amount > 0:  # also what is no number
        return Say("时限要大于 0。", "A time limit is more than 0.")
    if target.amount > _MOST[target.unit]:
        most = int(_MOST[target.unit])
        return Say(f"时限太长，最多 {most}。", f"Too long; at most {most}.")
    if target.unit == "wd" and target.amount != int(target.amount):
        return Say("工作日要是整数。", "Working days are whole numbers.")
    return None


def _out_of_order(calendar: Calendar, content: Content, at: datetime) -> dict[str, Say]:
    """Each stage ends at the finish or before it."""
    ends = {name: targets.ends(calendar, at, one.unit, one.amount)[0] for name, one in content.stages.items()}
    finish = targets.STAGES["finish"]
    wrong = {}
    for name, end in ends.items():
        if end > ends["finish"]:
            stage = targets.STAGES[name]
            wrong["stage.finish"] = Say(
                f"{finish.zh}时限不能比{stage.zh}短。", f"The time to {finish.en} cannot be shorter than to {stage.en}."
            )
    return wrong


def _extension_faults(content: Content, laws: Mapping[str, object]) -> dict[str, Say]:
    wrong: dict[str, Say] = {}
    if content.law and content.law not in laws:
        wrong["law"] = Say("法条表里没有这一条，请先登记。", "No such statute in the table; register it first.")
    one = content.extension
    if one is None:
        return wrong
    say = fault_of(one.most)
    if say is not None:
        wrong["extension"] = say
    elif "finish" in content.stages and one.most.unit != content.stages["finish"].unit:
        wrong["extension"] = Say(
            "延期要和办结用同一个单位。", "An extension is counted in the same unit as the time to finish."
        )
    if one.by not in DECIDERS:
        wrong["by"] = Say("请选由谁决定延期。", "Choose who decides an extension.")
    if one.by == "statute" and not content.law:
        wrong["law"] = Say(
            "延期依法决定的，要写明是哪一条法。", "Where a statute decides an extension, it must be named."
        )
    return wrong
