"""The form of a dispatch rule: plain rows of conditions, read into a rule or given back filled."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from cases.states import URGENCIES
from hotline import city, clock
from hotline.errors import Say
from routing import conditions, rules
from routing.rules import Condition, Rule
from web import units
from web.admin import words
from web.forms import Form, blank, label

ROWS = 6
"""Conditions that one rule may have; whoever needs more writes two rules."""
BY_HAND = "by_hand"
_SPLIT = re.compile(r"[,，、;；\s]+")


class Edit(msgspec.Struct, kw_only=True):
    """A rule but for its conditions, which stand in the rows ``field-1``, ``operator-1``, ``value-1`` and so on."""

    name: Annotated[str, label("名称", "Name", most=80)]
    unit: Annotated[str, label("派给", "Dispatch to", most=20, missing=Say("请选派给谁。", "Choose who gets it."))]
    co_handlers: Annotated[str, label("协办单位", "Co-handlers", most=300)] = ""
    urgency: Annotated[Literal["", "normal", "urgent", "critical"], label("紧急程度定为", "Set the urgency to")] = ""
    note: Annotated[str, label("给承办单位的话", "Note to the unit", most=500)] = ""
    valid_from: Annotated[date, label("自哪天起", "From")]
    valid_to: Annotated[date | None, label("到哪天为止", "Until")] = None
    version: int = 0

    def check(self) -> dict[str, Say]:
        """The last day is not before the first."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            return {"valid_to": Say("最后一天早于第一天，请核对。", "The last day is before the first; check them.")}
        return {}


def choices() -> dict[str, Any]:
    """What the selects of the form offer."""
    hand = {BY_HAND: Say("人工派单（留在派单台）", "A person (it waits on the desk)")}
    return {
        "units": {**hand, **rules.SYMBOLS, **words.unit_choices()},
        "fields": {code: one.say for code, one in conditions.FIELDS.items()},
        "operators": conditions.OPERATORS, "urgencies": URGENCIES,
        "rows": range(1, ROWS + 1),
        "hints": conditions.FIELDS,
    }


def begin(rule: Rule | None = None) -> Form[Edit]:
    """The form with a rule in it, or empty for a new one that holds from today."""
    if rule is None:
        return blank(Edit, {"valid_from": clock.today()})
    snapshot = city.current()
    start: dict[str, object] = {
        "name": rule.name, "unit": BY_HAND if rule.by_hand else rule.unit, "urgency": rule.urgency, "note": rule.note,
        "co_handlers": "、".join(conditions.unit_name(one, snapshot).zh for one in rule.co_handlers),
        "valid_from": rule.valid_from, "valid_to": rule.valid_to, "version": rule.version,
    }  # fmt: skip
    for n, one in enumerate(rule.conditions, 1):
        start |= {f"field-{n}": one.field, f"operator-{n}": one.operator, f"value-{n}": conditions.shown(one, snapshot)}
    return blank(Edit, start)


def read_rule(form: Form[Edit], author: UUID) -> Rule | None:
    """The rule that the form says; None with every fault beside its field."""
    found = _conditions(form)
    helpers = _helpers(form)
    if not form.is_good:
        return None
    good = form.good
    unit = "" if good.unit == BY_HAND else good.unit
    if unit and unit not in rules.SYMBOLS and unit not in city.current().units:
        form.errors["unit"] = Say("请从列表里选。", "Choose from the list.")
        return None
    if unit in helpers:
        form.errors["co_handlers"] = Say("主办单位不用再写作协办。", "The lead is no co-handler beside itself.")
        return None
    return Rule(
        id=0, place=0, name=good.name.strip(), conditions=found, unit=unit, by_hand=not unit,
        co_handlers=() if not unit else helpers, urgency=good.urgency, note=good.note.strip(),
        valid_from=good.valid_from, valid_to=good.valid_to, author=author,
    )  # fmt: skip


def _conditions(form: Form[Edit]) -> tuple[Condition, ...]:
    found: list[Condition] = []
    for n in range(1, ROWS + 1):
        field, operator, value = (form.text(f"{name}-{n}").strip() for name in ("field", "operator", "value"))
        if not field and not value:
            continue
        one = conditions.read(field, operator, value[:2000], city.current())
        if isinstance(one, Say):
            form.errors[f"value-{n}"] = one
        else:
            found.append(one)
    return tuple(found)


def _helpers(form: Form[Edit]) -> tuple[str, ...]:
    found: list[str] = []
    for text in filter(None, _SPLIT.split(form.text("co_handlers"))):
        unit = units.named(city.current(), text)
        if unit is None or not unit.is_on:
            form.errors["co_handlers"] = Say(f"没有接单的单位“{text}”。", f"No unit “{text}” takes cases.")
        else:
            found.append(unit.code)
    if len(found) > 8:
        form.errors["co_handlers"] = Say("最多 8 个协办单位。", "At most 8 co-handlers.")
    return tuple(dict.fromkeys(found))
