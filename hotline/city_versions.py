"""What every change of reference data shares: one changer at a time, versions from a day on, faults by field.

A change never rewrites the past: the old version ends the day before, the new one begins (rules.md 9).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection
from datetime import date, timedelta
from typing import Any

from hotline import clock, db
from hotline.city_nouns import Line, Matter, Unit
from hotline.city_tables import UnitTable
from hotline.errors import Say, invalid, not_found

_EMPTY = Say("还没填写。", "This is empty.")
UNKNOWN_UNIT = Say("没有这个单位。", "There is no such unit.")
PAST = Say(
    "生效日期不能早于今天：过去的案件按当时的资料。",
    "It cannot take effect before today: old cases keep the data of their day.",
)
_BEFORE_VERSION = Say("这个日期之后已经安排了变更。", "A change is already set for a later day.")


@contextlib.asynccontextmanager
async def changing() -> AsyncIterator[None]:
    """A transaction in which nobody else changes reference data: checks and versions see one state."""
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        yield


async def open_version(table: Any, key: str, code: str) -> dict[str, Any]:
    """The version without an end. 404 when there is none."""
    row = await table.select().where(getattr(table, key) == code, table.valid_to.is_null()).first()
    if row is None:
        raise not_found()
    found: dict[str, Any] = row
    return found


async def new_version(table: Any, key: str, code: str, begins: date, changes: dict[str, Any]) -> None:
    """End the open version the day before ``begins`` and begin a new one; on its own first day it is changed itself."""
    row = await open_version(table, key, code)
    if begins < clock.today():
        raise invalid({"from_day": PAST})
    if begins < row["valid_from"]:
        raise invalid({"from_day": _BEFORE_VERSION})
    if begins == row["valid_from"]:
        await table.update(dict(changes)).where(table.id == row["id"])
        return
    await table.update({"valid_to": begins - timedelta(days=1)}).where(table.id == row["id"])
    del row["id"]
    await table.insert(table(**{**row, **changes, "valid_from": begins, "valid_to": None}))


async def unit_exists(code: str, on: date) -> dict[str, Any]:
    """The unit's version of that day, or an empty dict."""
    rows = await UnitTable.select().where(UnitTable.code == code, UnitTable.valid_from <= on)
    return next((row for row in rows if row["valid_to"] is None or row["valid_to"] >= on), {})


def known(struct: type[Line | Matter | Unit], changes: dict[str, Any], fixed: set[str]) -> dict[str, Say]:
    """A fault for each change that names no field, or one that stands still."""
    fields = {*struct.__struct_fields__} - fixed - {"valid_from", "valid_to"}
    return {name: Say("这一项不能改。", "This cannot be changed.") for name in changes if name not in fields}


def texts(changes: dict[str, Any], *names: str) -> dict[str, str]:
    """The changes of these names."""
    return {name: changes[name] for name in names if name in changes}


def empty(**texts: str) -> dict[str, Say]:
    """A fault for each text that is empty."""
    return {name: _EMPTY for name, text in texts.items() if not text.strip()}


def choice(field: str, value: str | None, among: Collection[str]) -> dict[str, Say]:
    """A fault where the value is none of those; None is no change."""
    if value is None or value in among:
        return {}
    return {field: Say(f"请从这些里选：{'、'.join(among)}。", f"Choose one of {', '.join(among)}.")}


def not_past(begins: date) -> dict[str, Say]:
    """A fault for a day that is over."""
    return {"valid_from": PAST} if begins < clock.today() else {}


def stop(wrong: dict[str, Say]) -> None:
    """Raise the 422 of these faults, if there are any."""
    if wrong:
        raise invalid(wrong)
