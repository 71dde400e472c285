"""Administration of the city as data: the verbs that change units, matters, lines, days and rules from a day on.

A change never rewrites the past: the old version ends the day before, the new one begins (rules.md 9). A trigger moves
``city_version`` with every change, so each process reads its snapshot anew. Who did it is noted by the caller.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import date, timedelta
from typing import Any

from hotline import clock, db
from hotline.city_nouns import Line, Matter, Unit
from hotline.city_tables import DayTable, LineTable, MatterTable, RuleTable, UnitTable
from hotline.errors import Refusal, Say, invalid, not_found

EMERGENCY = frozenset({"110", "119", "120", "122"})
"""Numbers that are never merged into the hotline: calls are handed over (seed 004-03)."""

MODES = ("HOST", "MERGED", "MERGED_SEATS", "DUAL", "DUAL_EXPERT", "SUBCENTRE", "TRANSFER", "PARTNER")
PHASES = ("planned", "trial", "live", "retired")
ROUTES = ("TERR", "FUNC", "UTIL")
PROFILE_CODES = ("EMG2H", "UTIL24H", "CON1", "STD5", "CPX15", "RPT15", "MKT7_45", "LAW60", "NOTICE3")

_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_HOURS = re.compile(f"{_TIME}-{_TIME}(?: {_TIME}-{_TIME})*")
_EMPTY = Say("还没填写。", "This is empty.")
_UNKNOWN_UNIT = Say("没有这个单位。", "There is no such unit.")
_PAST = Say(
    "生效日期不能早于今天：过去的案件按当时的资料。",
    "It cannot take effect before today: old cases keep the data of their day.",
)
_BEFORE_VERSION = Say("这个日期之后已经安排了变更。", "A change is already set for a later day.")


def normal_number(text: str) -> str:
    """A number as it is dialled: full-width digits made plain, spaces and dashes gone, 0310-110 is 110."""
    number = re.sub(r"[\s\-()–—]", "", unicodedata.normalize("NFKC", text))
    behind = re.fullmatch(r"(?:\+?86|0086)?0?310(\d{3})", number)
    return behind[1] if behind and behind[1] in EMERGENCY else number


async def register_line(
    number: str, name_zh: str, name_en: str, unit: str, *, mode: str = "MERGED", phase: str = "planned",
    aliases: Iterable[str] = (), greeting_zh: str = "", greeting_en: str = "", valid_from: date | None = None,
) -> str:
    """Enter a new line from a day on (today) and answer its number as stored.

    Refuses 110, 119, 120 and 122, as number or alias and however written, with 422 ``emergency_number``; the caller
    notes the attempt. Other faults are a 422 by field: number taken or malformed, unit, mode, phase, names.
    """
    number, others = normal_number(number), [normal_number(one) for one in aliases if one.strip()]
    _refuse_emergency(number, others)
    begins = valid_from or clock.today()
    async with _changing():
        wrong = _empty(name_zh=name_zh, name_en=name_en) | _not_past(begins)
        wrong |= _choice("mode", mode, MODES) | _choice("phase", phase, PHASES)
        if not re.fullmatch(r"[0-9]{3,12}|[0-9]+x+" if phase == "planned" else r"[0-9]{3,12}", number):
            wrong["number"] = Say("线路号码是 3 到 12 位数字。", "A line's number has 3 to 12 digits.")
        elif await _is_taken([number, *others], begins):
            wrong["number"] = Say("这个号码已经登记。", "This number is registered already.")
        if not await _unit_exists(unit, begins):
            wrong["unit"] = _UNKNOWN_UNIT
        _stop(wrong)
        await LineTable.insert(LineTable(
            number=number, name_zh=name_zh.strip(), name_en=name_en.strip(), unit=unit, mode=mode, phase=phase,
            aliases=others, greeting_zh=greeting_zh, greeting_en=greeting_en, valid_from=begins, valid_to=None,
        ))
    return number


async def change_line(number: str, /, *, from_day: date | None = None, **changes: Any) -> None:
    """A new version of a line from a day on. 404 when there is none, 422 by field; emergency aliases are refused."""
    if "aliases" in changes:
        changes["aliases"] = [normal_number(one) for one in changes["aliases"] if one.strip()]
        _refuse_emergency("", changes["aliases"])
    async with _changing():
        begins = from_day or clock.today()
        wrong = _known(Line, changes, {"number"}) | _empty(**_texts(changes, "name_zh", "name_en"))
        wrong |= _choice("mode", changes.get("mode"), MODES) | _choice("phase", changes.get("phase"), PHASES)
        if await _is_taken(changes.get("aliases", ()), begins, beside=number):
            wrong["aliases"] = Say("这个号码已经登记在别的线路上。", "Another line has this number already.")
        if not number.isdigit() and changes.get("phase", "planned") not in {"planned", "retired"}:
            wrong["phase"] = Say("号码还没定，先用真正的号码登记。", "Its number is not known; register the real one.")
        if "unit" in changes and not await _unit_exists(changes["unit"], begins):
            wrong["unit"] = _UNKNOWN_UNIT
        _stop(wrong)
        await _new_version(LineTable, "number", number, begins, changes)


async def add_unit(
    code: str, name_zh: str, name_en: str, *, kind: str, parent: str, jurisdiction: str | None = None,
    valid_from: date | None = None,
) -> None:
    """Enter a unit below another; it begins switched off. 422 by field."""
    begins = valid_from or clock.today()
    async with _changing():
        wrong = _empty(name_zh=name_zh, name_en=name_en) | _not_past(begins)
        if not re.fullmatch(r"[A-Z0-9]{2,12}", code):
            wrong["code"] = Say("代码用 2 到 12 位大写字母和数字。", "Use 2 to 12 capital letters and digits.")
        elif await UnitTable.exists().where(UnitTable.code == code):
            wrong["code"] = Say("这个代码已经有单位用过。", "A unit has used this code already.")
        above = await _unit_exists(parent, begins)
        if not above:
            wrong["parent"] = _UNKNOWN_UNIT
        elif above["tier"] == 5:
            wrong["parent"] = Say("村社区之下不能再设单位。", "Nothing stands below a village.")
        _stop(wrong)
        await UnitTable.insert(UnitTable(
            code=code, name_zh=name_zh.strip(), name_en=name_en.strip(), kind=kind, tier=above["tier"] + 1,
            parent=parent, jurisdiction=jurisdiction, is_on=False, valid_from=begins, valid_to=None, successor=None,
        ))


async def change_unit(code: str, /, *, has_liaison: bool, from_day: date | None = None, **changes: Any) -> None:
    """A new version of a unit from a day on. 404 when there is none, 422 by field.

    ``has_liaison`` says whether the unit has a liaison: without one it cannot be switched on (seed 004-42).
    """
    async with _changing():
        begins = from_day or clock.today()
        wrong = _known(Unit, changes, {"code", "tier"}) | _empty(**_texts(changes, "name_zh", "name_en"))
        if changes.get("is_on") and not has_liaison:
            wrong["is_on"] = Say("先给单位设一名联络员，再启用。", "Give the unit a liaison first, then switch it on.")
        if changes.get("parent"):
            wrong |= await _parent_fault(code, changes["parent"], begins)
        if changes.get("successor") and not await _unit_exists(changes["successor"], begins):
            wrong["successor"] = _UNKNOWN_UNIT
        _stop(wrong)
        await _new_version(UnitTable, "code", code, begins, changes)


async def end_unit(code: str, *, last_day: date, successor: str) -> None:
    """The unit exists until ``last_day``; its successor answers for it afterwards. 404, or 422 by field."""
    async with _changing():
        row = await _open_version(UnitTable, "code", code)
        wrong = {} if successor != code and await _unit_exists(successor, last_day + timedelta(days=1)) else {
            "successor": _UNKNOWN_UNIT}
        if last_day < max(row["valid_from"], clock.today() - timedelta(days=1)):
            wrong["last_day"] = _PAST
        _stop(wrong)
        await UnitTable.update({UnitTable.valid_to: last_day, UnitTable.successor: successor}).where(
            UnitTable.id == row["id"])


async def change_matter(code: str, /, *, from_day: date | None = None, **changes: Any) -> None:
    """A new version of a matter from a day on, the same for the whole city. 404 when there is none, 422 by field."""
    async with _changing():
        begins = from_day or clock.today()
        wrong = _known(Matter, changes, {"code"})
        wrong |= _empty(**_texts(changes, "l1_zh", "l2_zh", "l3_zh", "l1_en", "l2_en", "l3_en"))
        wrong |= _choice("route", changes.get("route"), ROUTES)
        wrong |= _choice("profile", changes.get("profile"), PROFILE_CODES)
        if "lead_unit" in changes and not await _unit_exists(changes["lead_unit"], begins):
            wrong["lead_unit"] = _UNKNOWN_UNIT
        _stop(wrong)
        await _new_version(MatterTable, "code", code, begins, changes)


async def set_day(day: date, *, is_working: bool, name_zh: str = "", name_en: str = "") -> None:
    """Make a day a working or a rest day; one that is so by its weekday alone is taken off the table. 422 by field."""
    async with _changing():
        if is_working == (day.weekday() < 5):
            await DayTable.delete().where(DayTable.day == day)
            return
        _stop(_empty(name_zh=name_zh, name_en=name_en))
        await DayTable.delete().where(DayTable.day == day)
        one = DayTable(day=day, is_working=is_working, name_zh=name_zh.strip(), name_en=name_en.strip())
        await DayTable.insert(one)


async def set_rule(key: str, value: str) -> None:
    """Set one of the city's own numbers. 404 for an unknown key, 422 when the value does not fit its unit."""
    async with _changing():
        row = await RuleTable.select().where(RuleTable.key == key).first()
        if row is None:
            raise not_found()
        if not _fits(key, value.strip(), row["unit"]):
            raise invalid({"value": Say("这个值不合这条规则的单位。", "This value does not fit the rule's unit.")})
        await RuleTable.update({RuleTable.value: value.strip()}).where(RuleTable.key == key)


@contextlib.asynccontextmanager
async def _changing() -> AsyncIterator[None]:
    """A transaction in which nobody else changes reference data: checks and versions see one state."""
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        yield


async def _open_version(table: Any, key: str, code: str) -> dict[str, Any]:
    row = await table.select().where(getattr(table, key) == code, table.valid_to.is_null()).first()
    if row is None:
        raise not_found()
    found: dict[str, Any] = row
    return found


async def _new_version(table: Any, key: str, code: str, begins: date, changes: dict[str, Any]) -> None:
    """End the open version the day before ``begins`` and begin a new one; on its own first day it is changed itself."""
    row = await _open_version(table, key, code)
    if begins < clock.today():
        raise invalid({"from_day": _PAST})
    if begins < row["valid_from"]:
        raise invalid({"from_day": _BEFORE_VERSION})
    if begins == row["valid_from"]:
        await table.update(dict(changes)).where(table.id == row["id"])
        return
    await table.update({"valid_to": begins - timedelta(days=1)}).where(table.id == row["id"])
    del row["id"]
    await table.insert(table(**{**row, **changes, "valid_from": begins, "valid_to": None}))


async def _unit_exists(code: str, on: date) -> dict[str, Any]:
    """The unit's version of that day, or an empty dict."""
    rows = await UnitTable.select().where(UnitTable.code == code, UnitTable.valid_from <= on)
    return next((row for row in rows if row["valid_to"] is None or row["valid_to"] >= on), {})


async def _parent_fault(code: str, parent: str, on: date) -> dict[str, Say]:
    """Whether ``parent`` cannot stand above ``code``: unknown, below it, or not one tier up."""
    own, above = await _unit_exists(code, on), await _unit_exists(parent, on)
    if not above:
        return {"parent": _UNKNOWN_UNIT}
    if own and above["tier"] != own["tier"] - 1:
        return {"parent": Say("上级须正好高一层。", "The parent must stand exactly one tier above.")}
    return {}


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


def _known(struct: type[Line | Matter | Unit], changes: dict[str, Any], fixed: set[str]) -> dict[str, Say]:
    """A fault for each change that names no field, or one that stands still."""
    fields = {*struct.__struct_fields__} - fixed - {"valid_from", "valid_to"}
    return {name: Say("这一项不能改。", "This cannot be changed.") for name in changes if name not in fields}


def _texts(changes: dict[str, Any], *names: str) -> dict[str, str]:
    return {name: changes[name] for name in names if name in changes}


def _empty(**texts: str) -> dict[str, Say]:
    return {name: _EMPTY for name, text in texts.items() if not text.strip()}


def _choice(field: str, value: str | None, among: Collection[str]) -> dict[str, Say]:
    if value is None or value in among:
        return {}
    return {field: Say(f"请从这些里选：{'、'.join(among)}。", f"Choose one of {', '.join(among)}.")}


def _not_past(begins: date) -> dict[str, Say]:
    return {"valid_from": _PAST} if begins < clock.today() else {}


def _stop(wrong: dict[str, Say]) -> None:
    if wrong:
        raise invalid(wrong)


def _fits(key: str, value: str, unit: str) -> bool:
    """Whether a rule's value is of its unit: a day, hours of the day in order, a whole number, or a number."""
    if unit == "date":
        with contextlib.suppress(ValueError):
            return bool(date.fromisoformat(value))
        return False
    if key == "hours.working":
        edges = re.split("[- ]", value)
        return bool(_HOURS.fullmatch(value)) and edges == sorted(set(edges))
    if key == "message.quiet":
        return bool(re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d|none", value))
    if unit == "text":
        return bool(value)
    return bool(re.fullmatch(r"\d+(?:\.\d+)?" if unit in ("h", "clock", "minutes", "percent") else r"\d+", value))
