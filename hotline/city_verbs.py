"""Administration of the city as data: the verbs that change units, matters, days and rules from a day on.

A change never rewrites the past: the old version ends the day before, the new one begins (rules.md 9). A trigger moves
``city_version`` with every change, so each process reads its snapshot anew. Who did it is noted by the caller.
"""

from __future__ import annotations

import contextlib
import re
from datetime import date, timedelta
from typing import Any

from hotline import clock
from hotline.city_nouns import Matter, Unit
from hotline.city_tables import DayTable, MatterTable, RuleTable, UnitTable
from hotline.city_versions import (
    PAST,
    UNKNOWN_UNIT,
    changing,
    choice,
    empty,
    known,
    new_version,
    not_past,
    open_version,
    stop,
    texts,
    unit_exists,
)
from hotline.errors import Say, invalid, not_found

ROUTES = ("TERR", "FUNC", "UTIL")
PROFILE_CODES = ("EMG2H", "UTIL24H", "CON1", "STD5", "CPX15", "RPT15", "MKT7_45", "LAW60", "NOTICE3")

_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_HOURS = re.compile(f"{_TIME}-{_TIME}(?: {_TIME}-{_TIME})*")



async def add_unit(
    code: str, name_zh: str, name_en: str, *, kind: str, parent: str, jurisdiction: str | None = None,
    valid_from: date | None = None,
) -> None:
    """Enter a unit below another; it begins switched off. 422 by field."""
    begins = valid_from or clock.today()
    async with changing():
        wrong = empty(name_zh=name_zh, name_en=name_en) | not_past(begins)
        if not re.fullmatch(r"[A-Z0-9]{2,12}", code):
            wrong["code"] = Say("代码用 2 到 12 位大写字母和数字。", "Use 2 to 12 capital letters and digits.")
        elif await UnitTable.exists().where(UnitTable.code == code):
            wrong["code"] = Say("这个代码已经有单位用过。", "A unit has used this code already.")
        above = await unit_exists(parent, begins)
        if not above:
            wrong["parent"] = UNKNOWN_UNIT
        elif above["tier"] == 5:
            wrong["parent"] = Say("村社区之下不能再设单位。", "Nothing stands below a village.")
        stop(wrong)
        await UnitTable.insert(UnitTable(
            code=code, name_zh=name_zh.strip(), name_en=name_en.strip(), kind=kind, tier=above["tier"] + 1,
            parent=parent, jurisdiction=jurisdiction, is_on=False, valid_from=begins, valid_to=None, successor=None,
        ))


async def change_unit(code: str, /, *, has_liaison: bool, from_day: date | None = None, **changes: Any) -> None:
    """A new version of a unit from a day on. 404 when there is none, 422 by field.

    ``has_liaison`` says whether the unit has a liaison: without one it cannot be switched on (seed 004-42).
    """
    async with changing():
        begins = from_day or clock.today()
        wrong = known(Unit, changes, {"code", "tier"}) | empty(**texts(changes, "name_zh", "name_en"))
        if changes.get("is_on") and not has_liaison:
            wrong["is_on"] = Say("先给单位设一名联络员，再启用。", "Give the unit a liaison first, then switch it on.")
        if changes.get("parent"):
            wrong |= await _parent_fault(code, changes["parent"], begins)
        if changes.get("successor") and not await unit_exists(changes["successor"], begins):
            wrong["successor"] = UNKNOWN_UNIT
        stop(wrong)
        await new_version(UnitTable, "code", code, begins, changes)


async def end_unit(code: str, *, last_day: date, successor: str) -> None:
    """The unit exists until ``last_day``; its successor answers for it afterwards. 404, or 422 by field."""
    async with changing():
        row = await open_version(UnitTable, "code", code)
        wrong = {} if successor != code and await unit_exists(successor, last_day + timedelta(days=1)) else {
            "successor": UNKNOWN_UNIT}
        if last_day < max(row["valid_from"], clock.today() - timedelta(days=1)):
            wrong["last_day"] = PAST
        stop(wrong)
        await UnitTable.update({UnitTable.valid_to: last_day, UnitTable.successor: successor}).where(
            UnitTable.id == row["id"])


async def change_matter(code: str, /, *, from_day: date | None = None, **changes: Any) -> None:
    """A new version of a matter from a day on, the same for the whole city. 404 when there is none, 422 by field."""
    async with changing():
        begins = from_day or clock.today()
        wrong = known(Matter, changes, {"code"})
        wrong |= empty(**texts(changes, "l1_zh", "l2_zh", "l3_zh", "l1_en", "l2_en", "l3_en"))
        wrong |= choice("route", changes.get("route"), ROUTES)
        wrong |= choice("profile", changes.get("profile"), PROFILE_CODES)
        if "lead_unit" in changes and not await unit_exists(changes["lead_unit"], begins):
            wrong["lead_unit"] = UNKNOWN_UNIT
        stop(wrong)
        await new_version(MatterTable, "code", code, begins, changes)


async def set_day(day: date, *, is_working: bool, name_zh: str = "", name_en: str = "") -> None:
    """Make a day a working or a rest day; one that is so by its weekday alone is taken off the table. 422 by field."""
    async with changing():
        if is_working == (day.weekday() < 5):
            await DayTable.delete().where(DayTable.day == day)
            return
        stop(empty(name_zh=name_zh, name_en=name_en))
        await DayTable.delete().where(DayTable.day == day)
        one = DayTable(day=day, is_working=is_working, name_zh=name_zh.strip(), name_en=name_en.strip())
        await DayTable.insert(one)


async def set_rule(key: str, value: str) -> None:
    """Set one of the city's own numbers. 404 for an unknown key, 422 when the value does not fit its unit."""
    async with changing():
        row = await RuleTable.select().where(RuleTable.key == key).first()
        if row is None:
            raise not_found()
        if not _fits(key, value.strip(), row["unit"]):
            raise invalid({"value": Say("这个值不合这条规则的单位。", "This value does not fit the rule's unit.")})
        await RuleTable.update({RuleTable.value: value.strip()}).where(RuleTable.key == key)


async def _parent_fault(code: str, parent: str, on: date) -> dict[str, Say]:
    """Whether ``parent`` cannot stand above ``code``: unknown, itself, below it, or not one tier up."""
    own, above = await unit_exists(code, on), await unit_exists(parent, on)
    if not above:
        return {"parent": UNKNOWN_UNIT}
    if await _is_loop(code, above, on):
        return {"parent": Say("不能以自己或自己的下级为上级。", "A unit cannot stand below itself.")}
    if own and above["tier"] != own["tier"] - 1:
        return {"parent": Say("上级须正好高一层。", "The parent must stand exactly one tier above.")}
    return {}


async def _is_loop(code: str, above: dict[str, Any], on: date) -> bool:
    """Whether the way up from ``above`` leads through ``code``, or round in a circle."""
    seen: set[str] = set()
    while above and above["code"] not in seen:
        if above["code"] == code:
            return True
        seen.add(above["code"])
        above = await unit_exists(above["parent"], on) if above["parent"] else {}
    return bool(above)


_QUIET = r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d|none"
_HOUR = r"(?:[01]\d|2[0-3]):[0-5]\d|off"
_TOLD = "(?:liaison|deputy|head)"
_LOOKS = {
    "message.quiet": _QUIET, "remind.quiet": _QUIET, "remind.rest_days": "yes|no",
    "remind.to.": rf"none|{_TOLD}(?: {_TOLD})*", "remind.before": "[a-z_]+(?: [a-z_]+)*",
    "remind.after": "[a-z_]+(?: [a-z_]+)*", "remind.centre": "none|[a-z_]+:[a-z_]+(?: [a-z_]+:[a-z_]+)*",
    "bulletin.daily_at": _HOUR, "bulletin.weekly_at": _HOUR, "bulletin.monthly_at": _HOUR,
    "bulletin.posts_named": "yes|no",
}  # fmt: skip
"""What rules that are words look like, by their names or how those begin."""


def _fits(key: str, value: str, unit: str) -> bool:
    """Whether a rule's value is of its unit: a day, hours of the day in order, a whole number, or a number."""
    if unit == "date":
        with contextlib.suppress(ValueError):
            return bool(date.fromisoformat(value))
        return False
    if key == "hours.working":
        edges = re.split("[- ]", value)
        return bool(_HOURS.fullmatch(value)) and edges == sorted(set(edges))
    if unit == "text":
        looks = next((look for name, look in _LOOKS.items() if key.startswith(name)), ".+")
        return bool(re.fullmatch(looks, value, re.DOTALL))
    return bool(re.fullmatch(r"\d+(?:\.\d+)?" if unit in ("h", "clock", "minutes", "percent") else r"\d+", value))
