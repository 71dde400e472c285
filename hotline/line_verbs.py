"""Administration of lines: register, change from a day on, take a plan back. What is never merged is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from hotline import clock, line_hours
from hotline.city_nouns import Line
from hotline.city_tables import LineTable, RelatedTable
from hotline.city_versions import (
    UNKNOWN_UNIT,
    changing,
    choice,
    empty,
    known,
    new_version,
    not_past,
    stop,
    texts,
    unit_exists,
)
from hotline.errors import Refusal, Say, conflict, not_found

EMERGENCY = frozenset({"110", "119", "120", "122"})
"""Numbers that are never merged into the hotline: calls are handed over (seed 004-03)."""

MODES = ("HOST", "MERGED", "MERGED_SEATS", "DUAL", "DUAL_EXPERT", "SUBCENTRE", "TRANSFER", "PARTNER")
PHASES = ("planned", "trial", "live", "retired")
SHORTEST_CLUE = 2
_HOURS_WRONG = Say(
    "按“09:00-17:00”或“Mo-Fr 09:00-12:00,13:30-17:00; Sa 09:00-12:00”填写，时段不重叠。",
    "Write “09:00-17:00” or “Mo-Fr 09:00-12:00,13:30-17:00; Sa 09:00-12:00”; intervals must not overlap.",
)


def normal_number(text: str) -> str:
    """A number as it is dialled: full-width digits made plain, spaces and dashes gone, 0310-12388 is 12388."""
    number = re.sub(r"[\s\-()–—]", "", unicodedata.normalize("NFKC", text))
    if (behind := re.fullmatch(r"(?:\+?86|0086)?0?310(\d{3})", number)) and behind[1] in EMERGENCY:
        return behind[1]
    short = re.fullmatch(r"(?:\+?86|0086|0|\+?860|00860)310(1\d{4})", number)  # a local number has seven digits
    return short[1] if short else number


async def register_line(
    number: str, name_zh: str, name_en: str, unit: str, *, mode: str = "MERGED", phase: str = "planned",
    aliases: Iterable[str] = (), greeting_zh: str = "", greeting_en: str = "", valid_from: date | None = None,
    hours: str = line_hours.ALWAYS, farewell_zh: str = "", farewell_en: str = "",
) -> str:
    """Enter a new line from a day on (today) and answer its number as stored.

    Refuses 110, 119, 120 and 122 with 422 ``emergency_number`` and numbers that are never merged (12388) with 422
    ``statutory_number``, as number or alias and however written; the caller notes the attempt. Other faults are a
    422 by field: number taken or malformed, unit, mode, phase, names, hours.
    """
    number, others = normal_number(number), [normal_number(one) for one in aliases if one.strip()]
    _refuse_emergency(number, others)
    begins = valid_from or clock.today()
    async with changing():
        wrong = empty(name_zh=name_zh, name_en=name_en) | not_past(begins)
        wrong |= choice("mode", mode, MODES) | choice("phase", phase, PHASES) | _hours({"hours": hours})
        await _refuse_statutory(number, others)
        if not re.fullmatch(r"[0-9]{3,12}|[0-9]+x+" if phase == "planned" else r"[0-9]{3,12}", number):
            wrong["number"] = Say("线路号码是 3 到 12 位数字。", "A line's number has 3 to 12 digits.")
        elif await _is_taken([number, *others], begins):
            wrong["number"] = Say("这个号码已经登记。", "This number is registered already.")
        if not await unit_exists(unit, begins):
            wrong["unit"] = UNKNOWN_UNIT
        stop(wrong)
        await LineTable.insert(LineTable(
            number=number, name_zh=name_zh.strip(), name_en=name_en.strip(), unit=unit, mode=mode, phase=phase,
            aliases=others, greeting_zh=greeting_zh, greeting_en=greeting_en, valid_from=begins, valid_to=None,
            hours=line_hours.write(hours), farewell_zh=farewell_zh, farewell_en=farewell_en,
        ))
    return number


async def change_line(number: str, /, *, from_day: date | None = None, **changes: Any) -> None:
    """A new version of a line from a day on. 404 when there is none, 422 by field; aliases never merged are refused."""
    if "aliases" in changes:
        changes["aliases"] = [normal_number(one) for one in changes["aliases"] if one.strip()]
        _refuse_emergency("", changes["aliases"])
    async with changing():
        begins = from_day or clock.today()
        wrong = known(Line, changes, {"number"}) | empty(**texts(changes, "name_zh", "name_en"))
        wrong |= choice("mode", changes.get("mode"), MODES) | choice("phase", changes.get("phase"), PHASES)
        wrong |= _hours(changes)
        await _refuse_statutory("", changes.get("aliases", ()))
        if await _is_taken(changes.get("aliases", ()), begins, beside=number):
            wrong["aliases"] = Say("这个号码已经登记在别的线路上。", "Another line has this number already.")
        if not number.isdigit() and changes.get("phase", "planned") not in {"planned", "retired"}:
            wrong["phase"] = Say("号码还没定，先用真正的号码登记。", "Its number is not known; register the real one.")
        if "unit" in changes and not await unit_exists(changes["unit"], begins):
            wrong["unit"] = UNKNOWN_UNIT
        stop(wrong)
        await new_version(LineTable, "number", number, begins, changes)


async def withdraw_line_plan(number: str, from_day: date) -> dict[str, Any]:
    """Take back what is planned from ``from_day`` on: the version before goes on. Gives the first version taken back.

    404 when nothing is planned from that day, 409 once it has begun.
    """
    async with changing():
        rows = await LineTable.select().where(LineTable.number == number).order_by(LineTable.valid_from)
        gone = [row for row in rows if row["valid_from"] >= from_day]
        kept = [row for row in rows if row["valid_from"] < from_day]
        if not gone or gone[0]["valid_from"] != from_day or not kept:
            raise not_found()
        if from_day <= clock.today():
            raise conflict("line_begun", "这一步已经生效，不能撤销，可以另行变更。",
                           "That step is in force and cannot be taken back; make another change.")
        await LineTable.delete().where(LineTable.id.is_in([row["id"] for row in gone]))
        await LineTable.update({LineTable.valid_to: None}).where(LineTable.id == kept[-1]["id"])
    first: dict[str, Any] = gone[0]
    return first


async def _is_taken(numbers: Collection[str], on: date, *, beside: str = "") -> bool:
    """Whether a line other than ``beside`` has one of these as its number or alias."""
    rows = await LineTable.select(LineTable.number, LineTable.aliases, LineTable.valid_to)
    standing = [row for row in rows if row["number"] != beside and (row["valid_to"] is None or row["valid_to"] >= on)]
    used = {row["number"] for row in standing} | {alias for row in standing for alias in row["aliases"]}
    return not used.isdisjoint(numbers)


def _refuse_emergency(number: str, aliases: Collection[str]) -> None:
    found = EMERGENCY & {number, *aliases}
    if not found:
        return
    which = "、".join(sorted(found))
    say = Say(
        f"{which} 是紧急号码，不并入热线，来电直接转接。",
        f"{', '.join(sorted(found))}: an emergency number is never merged into the hotline; its calls are handed over.",
    )
    raise Refusal(422, "emergency_number", say, fields={"number" if number in found else "aliases": say})


async def _refuse_statutory(number: str, aliases: Collection[str]) -> None:
    """Discipline inspection, courts and their like have their own channels by law (seed 003-08)."""
    row = await RelatedTable.select().where(
        RelatedTable.treatment == "NOT_MERGED", RelatedTable.number.is_in([number, *aliases])).first()
    if row is None:
        return
    which = row["number"]
    say = Say(
        f"{which} 是{row['name_zh']}，依法自行受理，不并入热线。",
        f"{which} ({row['name_en']}) takes its matters itself by law and is never merged into the hotline.",
    )
    raise Refusal(422, "statutory_number", say, fields={"number" if which == number else "aliases": say})


def _hours(changes: dict[str, Any]) -> dict[str, Say]:
    """A fault in the hours; good ones are written the one way, in place."""
    if "hours" not in changes:
        return {}
    try:
        changes["hours"] = line_hours.write(changes["hours"])
    except ValueError:
        return {"hours": _HOURS_WRONG}
    return {}


async def tell_of(number: str, *, say_zh: str, say_en: str, clues: Collection[str]) -> None:
    """What the agent tells callers who belong to a number that is none of ours, and the words that point to it.

    404 when there is no such number, 422 by field.
    """
    async with changing():
        if not await RelatedTable.exists().where(RelatedTable.number == number):
            raise not_found()
        wrong = empty(say_zh=say_zh, say_en=say_en)
        if any(len(one) < SHORTEST_CLUE for one in clues):
            wrong["clues"] = Say("每个词至少两个字，太短会处处命中。", "Each word needs two characters.")
        stop(wrong)
        await RelatedTable.update({
            RelatedTable.say_zh: say_zh.strip(), RelatedTable.say_en: say_en.strip(), RelatedTable.clues: list(clues),
        }).where(RelatedTable.number == number)  # fmt: skip
