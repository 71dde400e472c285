"""A formula as a form: indexed fields that become the struct, each fault beside its field; and back again. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from hotline.errors import Refusal, Say
from sla import scores_check, scores_presets
from sla.scores_formula import Formula

ITEM_TEXTS = ("code", "name_zh", "name_en", "way", "measure", "figure", "better", "missing", "note_zh", "note_en")
ITEM_AMOUNTS = ("weight", "target", "slope", "full", "floor", "cap")
TIER_FIELDS = ("code", "name_zh", "name_en", "least")
WHOLE = ("least", "decimals", "red", "black")
SPARE = 2
"""Empty lines at the end of the items and of the tiers, for new ones."""
_LINE = re.compile(r"(items|tiers|groups)\.(\d{1,2})\.([a-z_]+)")
_AMOUNT = re.compile(r"-?\d{1,7}(\.\d{1,4})?")
_NUMBER = Say("请写数字，最多四位小数。", "Enter a number, at most four places.")


class Filled(msgspec.Struct, kw_only=True):
    """The form as typed, by field; ``errors`` by field; ``formula`` once all can be read."""

    typed: dict[str, str]
    errors: dict[str, Say]
    formula: Formula | None = None
    begins: date | None = None
    note: str = ""

    @property
    def is_good(self) -> bool:
        """It may be used."""
        return self.formula is not None and not self.errors

    def text(self, name: str) -> str:
        """What a field shows."""
        return self.typed.get(name, "")

    def lines(self, kind: str) -> int:
        """How many lines of items, tiers or groups the page shows."""
        numbers = [int(match[2]) for name in self.typed if (match := _LINE.fullmatch(name)) and match[1] == kind]
        return max(numbers, default=-1) + 1


def of(formula: Formula, begins: date | None = None) -> Filled:
    """The form that shows a formula."""
    typed = {name: str(getattr(formula, name)) for name in ("name_zh", "name_en", "year", "cycle", *WHOLE)}
    for n, group in enumerate(formula.groups):
        typed[f"groups.{n}.full"] = f"{group.full:f}"
    for n, item in enumerate(formula.items):
        typed |= {f"items.{n}.{name}": getattr(item, name) for name in ITEM_TEXTS}
        typed |= {f"items.{n}.{name}": _shown(getattr(item, name)) for name in ITEM_AMOUNTS}
        typed[f"items.{n}.groups"] = " ".join(item.groups)
    for n, tier in enumerate(formula.tiers):
        typed |= {f"tiers.{n}.{name}": _shown(getattr(tier, name)) for name in TIER_FIELDS}
        typed[f"tiers.{n}.needs"] = " ".join(f"{code}={least:f}" for code, least in tier.needs.items())
    typed["begins"] = f"{begins:%Y-%m}" if begins else ""
    return Filled(typed=typed, errors={}, formula=formula, begins=begins)


def _shown(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def read(before: Formula, posted: Mapping[str, list[str]]) -> Filled:
    """The posted form over the formula that it began with: codes of groups and which units are in them stay."""
    typed = {name: values[-1] for name, values in posted.items() if not name.startswith("_")}
    found = Filled(typed=typed, errors={}, note=typed.get("note", "").strip())
    found.begins = _begins(found)
    if not 2 <= len(found.note) <= 500:
        found.errors["note"] = Say("请写改了什么、为什么，500 字以内。", "Say what changed and why, in 500 characters.")
    data = _data(before, found)
    if data is None:
        return found
    try:
        found.formula = scores_presets.read(msgspec.json.encode(data))
    except Refusal as refusal:
        found.errors[""] = refusal.say
        return found
    found.errors |= {_field(before, where): say for where, say in reversed(scores_check.faults(found.formula))}
    return found


def _field(before: Formula, where: str) -> str:
    """The field beside which a fault stands."""
    kind, _, code = where.partition(".")
    codes = [one.code for one in before.groups]
    return f"groups.{codes.index(code)}.full" if kind == "groups" and code in codes else where


def _begins(found: Filled) -> date | None:
    try:
        return date.fromisoformat(f"{found.text('begins')}-01")
    except ValueError:
        found.errors["begins"] = Say("从哪个月起，写成 2026-12。", "From which month, such as 2026-12.")
        return None


def _data(before: Formula, found: Filled) -> dict[str, Any] | None:
    """The formula as plain data; None after noting what cannot be read."""
    data: dict[str, Any] = msgspec.to_builtins(before)
    data |= {name: found.text(name) for name in ("name_zh", "name_en", "year", "cycle")}
    for name in WHOLE:
        text = found.text(name)
        if text.isascii() and text.isdigit() and len(text) < 6:
            data[name] = int(text)
        else:
            found.errors[name] = Say("请写整数。", "Enter a whole number.")
    for n, group in enumerate(data["groups"]):
        group["full"] = _amount(found, f"groups.{n}.full") or "0"
    data["items"] = [_item(found, n) for n in range(found.lines("items")) if found.text(f"items.{n}.code").strip()]
    data["tiers"] = [_tier(found, n) for n in range(found.lines("tiers")) if found.text(f"tiers.{n}.code").strip()]
    return None if found.errors.keys() - {"begins", "note"} else data


def _amount(found: Filled, name: str) -> str | None:
    text = found.text(name).strip()
    if text and not _AMOUNT.fullmatch(text):
        found.errors[name] = _NUMBER
    return text or None


def _item(found: Filled, n: int) -> dict[str, Any]:
    at = f"items.{n}."
    data: dict[str, Any] = {name: found.text(at + name).strip() for name in ITEM_TEXTS if found.text(at + name)}
    amounts = {name: _amount(found, at + name) for name in ITEM_AMOUNTS}
    if data.get("way") in ("off", "bonus"):
        amounts["weight"] = None
    data |= {name: value for name, value in amounts.items() if value is not None}
    return data | {"groups": found.text(at + "groups").split()}


def _tier(found: Filled, n: int) -> dict[str, Any]:
    at = f"tiers.{n}."
    data: dict[str, Any] = {name: found.text(at + name).strip() for name in TIER_FIELDS}
    data["least"] = _amount(found, at + "least") or "0"
    data["needs"] = {}
    for part in found.text(at + "needs").split():
        code, _, least = part.partition("=")
        try:
            data["needs"][code] = f"{Decimal(least):f}"
        except InvalidOperation:
            found.errors[at + "needs"] = Say("写成 on_time=95。", "Write on_time=95.")
    return data
