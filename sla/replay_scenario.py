"""What somebody wants to try: a period, profiles, a calendar, hands; checked, made into the rules of a replay. Pure.

Profiles come as TOML or JSON (``[STD5]`` with ``finish = "3 wd"``), a calendar as TOML or JSON (``hours``,
``rest_days``, ``work_days``), staffing as CSV (unit, handlers, now, capacity).
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from hotline.city_nouns import Day
from hotline.errors import Refusal, Say, invalid
from sla import targets
from sla.calendar import Calendar
from sla.hours import read_hours
from sla.replay import Calendars, Rules
from sla.replay_queue import ORDERS, Staff
from sla.targets import Book, Target

STAGES = ("accept", "dispatch", *targets.UNIT_STAGES, "audit", "visit")
"""The stages whose past promises are replayed."""
MOST_DAYS = 366 * 5
MOST_HANDS = 10_000
MOST_AMOUNT = 10_000
"""Of working days or hours: more is a slip of the hand (and what is no number at all is not below it)."""
YEARS = (1990, 2100)
_TRIED = Say("推演", "what if")
_AMOUNT = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(wd|h|clock|minutes)\s*")
_CALENDAR_KEYS = {"hours", "rest_days", "work_days"}
_STAFF_COLUMNS = ("unit", "handlers", "now", "capacity")


class Scenario(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is tried, as it is kept and told. ``staff`` by unit, ``*`` for all others; empty parts stay as they were."""

    since: date
    until: date
    profiles: dict[str, dict[str, Target]] = {}
    hours: str = ""
    rest_days: tuple[date, ...] = ()
    work_days: tuple[date, ...] = ()
    staff: dict[str, Staff] = {}
    order: str = "as_was"

    @property
    def moves_calendar(self) -> bool:
        """Whether any working hour or day is another."""
        return bool(self.hours or self.rest_days or self.work_days)


def check(one: Scenario, book: Book) -> None:
    """Raise the 422 refusal by field for whatever cannot be replayed."""
    wrong: dict[str, Say] = {}
    if one.since > one.until:
        wrong["until"] = Say("结束日不能早于开始日。", "The period ends before it begins.")
    elif (one.until - one.since).days >= MOST_DAYS:
        wrong["until"] = Say("最长五年。", "Five years at most.")
    elif one.since.year < YEARS[0] or one.until.year > YEARS[1]:
        first, last = YEARS
        wrong["since"] = Say(f"日子要在 {first} 年到 {last} 年之间。", f"Choose days from {first} to {last}.")
    for code, stages in one.profiles.items():
        wrong |= _profile_faults(code, stages, book)
    wrong |= _calendar_faults(one)
    for unit, staff in one.staff.items():
        hands_fit = 1 <= staff.handlers <= MOST_HANDS and 1 <= staff.now <= MOST_HANDS
        if not hands_fit or (staff.capacity is not None and not 0 < staff.capacity <= MOST_HANDS):
            wrong["staff"] = Say(f"{unit} 的人数、日办件量要大于 0。", f"Hands and capacity of {unit} must be above 0.")
    if one.order not in ORDERS:
        wrong["order"] = Say("没有这种先后次序。", "There is no such order.")
    if wrong:
        raise invalid(wrong)


def _profile_faults(code: str, stages: dict[str, Target], book: Book) -> dict[str, Say]:
    known = book.profiles.get(code)
    if known is None:
        listed = "、".join(sorted(book.profiles))
        return {"profile": Say(f"没有“{code}”这个时限档案，有：{listed}。",
                               f"No profile {code}; there are: {listed}.")}  # fmt: skip
    for stage, target in stages.items():
        name = targets.STAGES.get(stage)
        if name is None or stage not in STAGES:
            taken = "、".join(STAGES)
            return {"profile": Say(f"{code} 里的环节“{stage}”不认得，可写：{taken}。",
                                   f"{code}: unknown stage {stage}; there are: {taken}.")}  # fmt: skip
        if target.unit not in ("wd", "h", "clock") or not 0 < target.amount <= MOST_AMOUNT:
            return {"profile": Say(
                f"{code} 的{name.zh}时限要大于 0、不超过 {MOST_AMOUNT}，现在是 {target.amount:g}。",
                f"{code}: time to {name.en} must be above 0 and at most {MOST_AMOUNT}, not {target.amount:g}.",
            )}  # fmt: skip
        if target.unit == "wd" and target.amount != int(target.amount):
            return {"profile": Say(f"{code} 的{name.zh}时限：工作日要写整数。",
                                   f"{code}: working days to {name.en} are whole numbers.")}  # fmt: skip
    missing = [stage for stage in known.stages if stage not in stages]
    if missing:
        zh = "、".join(f"{stage}（{targets.STAGES[stage].zh}）" for stage in missing)
        en = ", ".join(missing)
        return {"profile": Say(f"{code} 缺环节：{zh}。不变的也请写上。",
                               f"{code} lacks stages: {en}. Write those that stay as well.")}  # fmt: skip
    return {}


def _calendar_faults(one: Scenario) -> dict[str, Say]:
    both = set(one.rest_days) & set(one.work_days)
    if both:
        day = min(both)
        return {"calendar": Say(f"{day} 不能既放假又上班。", f"{day} cannot be both a rest and a working day.")}
    if one.hours:
        try:
            read_hours(one.hours)
        except ValueError:
            return {"hours": Say("工作时间写成 09:00-12:00 13:30-18:00，先后不重叠。",
                                 "Write hours as 09:00-12:00 13:30-18:00, in order, not overlapping.")}  # fmt: skip
    return {}


def rules(one: Scenario, calendars: Calendars, as_of: datetime, local: Mapping[str, Calendars] | None = None) -> Rules:
    """The rules of a checked scenario: over one calendar, and those of counties that have their own, by unit."""
    tried = {(code, stage): target for code, stages in one.profiles.items() for stage, target in stages.items()}
    return Rules(
        since=one.since, until=one.until, as_of=as_of, calendars=calendars, local=local or {}, targets=tried,
        staff=one.staff, order=one.order,
    )  # fmt: skip


def changes_of(one: Scenario) -> dict[date, Day]:
    """The days that the scenario makes working or rest days."""
    off = {day: Day(is_working=False, name=_TRIED) for day in one.rest_days}
    return off | {day: Day(is_working=True, name=_TRIED) for day in one.work_days}


def over(one: Scenario, before: Calendar) -> Calendars:
    """A calendar and the scenario's changes of it; its hours are those of its first day where they stay."""
    if not one.moves_calendar:
        return Calendars(before, before)
    hours = read_hours(one.hours) if one.hours else before.hours_of(one.since)
    return Calendars(before, Calendar({**before.days, **changes_of(one)}, hours, before.announced, before.zone))


def read_profiles(text: str) -> dict[str, dict[str, Target]]:
    """The profiles of a file. Raises the 422 refusal with what is wrong in it."""
    found: dict[str, dict[str, Target]] = {}
    for code, stages in _table(text, "profile").items():
        if not isinstance(stages, dict):
            raise _profile(f"“{code}”下面要写各环节的时限。", f"Under {code} its stages are expected.")
        found[code] = {stage: read_amount(code, stage, amount) for stage, amount in stages.items()}
    if not found:
        raise _profile("文件里没有时限档案。", "The file holds no profile.")
    return found


def read_amount(code: str, stage: str, text: object) -> Target:
    """``3 wd``, ``4 h``, ``24 clock`` or ``30 minutes``. Raises the 422 refusal that names the stage."""
    fits = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if fits is None:
        raise _profile(
            f"{code} 的 {stage} 写成“3 wd”“4 h”“24 clock”或“30 minutes”，现在是“{text}”。",
            f"{code}, {stage}: write 3 wd, 4 h, 24 clock or 30 minutes, not {text}.",
        )
    amount, unit = float(fits[1]), fits[2]
    return Target(amount / 60, "clock") if unit == "minutes" else Target(amount, unit)


def read_calendar(text: str) -> dict[str, Any]:
    """``hours``, ``rest_days`` and ``work_days`` of a file, for a Scenario. Raises the 422 refusal."""
    table = _table(text, "calendar")
    strange = sorted(set(table) - _CALENDAR_KEYS)
    if strange:
        raise invalid({"calendar": Say(f"日历文件里不认得：{'、'.join(strange)}。可写 hours、rest_days、work_days。",
                                       f"Unknown in the calendar file: {', '.join(strange)}. "
                                       "It takes hours, rest_days, work_days.")})  # fmt: skip
    return {
        "hours": str(table.get("hours", "")),
        **{key: read_days(" ".join(map(str, table.get(key, [])))) for key in ("rest_days", "work_days")},
    }


def read_days(text: str) -> tuple[date, ...]:
    """Days apart by blanks, commas or lines. Raises the 422 refusal that quotes what is no day."""
    found = []
    for word in re.split(r"[\s,，、;；]+", text.strip()):
        try:
            found += [date.fromisoformat(word)] if word else []
        except ValueError:
            raise invalid({"calendar": Say(f"“{word}”不是日期，写成 2026-05-05。",
                                           f"{word} is no day: write 2026-05-05.")}) from None  # fmt: skip
    return tuple(sorted(set(found)))


def read_staff(text: str) -> dict[str, Staff]:
    """Hands by unit from CSV, or a number: so many hands in every unit. Raises the 422 refusal."""
    plain = text.strip().removeprefix("﻿")
    if plain.isdigit():
        return {"*": Staff(handlers=int(plain))}
    rows = csv.DictReader(io.StringIO(plain))
    names = [name.strip() for name in rows.fieldnames or []]
    rows.fieldnames = names
    strange = [name for name in names if name not in _STAFF_COLUMNS]
    if "unit" not in names or strange or not {"handlers", "capacity"} & set(names):
        raise _staff(f"人力文件的列：{'、'.join(_STAFF_COLUMNS)}（unit 和 handlers 或 capacity 必有）。",
                     f"Columns of the staffing file: {', '.join(_STAFF_COLUMNS)} "
                     "(unit, and handlers or capacity, must be there).")  # fmt: skip
    found: dict[str, Staff] = {}
    for row in rows:
        unit = (row["unit"] or "").strip()
        try:
            capacity = (row.get("capacity") or "").strip()
            found[unit] = Staff(
                handlers=int(row.get("handlers") or 1), now=int(row.get("now") or 1),
                capacity=float(capacity) if capacity else None,
            )  # fmt: skip
        except (TypeError, ValueError):
            raise _staff(f"{unit}：人数写整数，日办件量写数字。",
                         f"{unit}: hands are whole numbers, capacity a number.") from None  # fmt: skip
    if not found:
        raise _staff("人力文件里没有单位。", "The staffing file names no unit.")
    return found


def _table(text: str, field: str) -> dict[str, Any]:
    """A TOML or JSON table."""
    try:
        table = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text.removeprefix("﻿"))
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        say = Say("文件读不懂：要写成 TOML 或 JSON。", "The file cannot be read: TOML or JSON is expected.")
        raise invalid({field: say})
    return table


def _profile(zh: str, en: str) -> Refusal:
    return invalid({"profile": Say(zh, en)})


def _staff(zh: str, en: str) -> Refusal:
    return invalid({"staff": Say(zh, en)})
