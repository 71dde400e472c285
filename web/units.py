"""Units as forms offer them: grouped by tier, and found again by code or by name."""

from __future__ import annotations

from hotline.city import City, Unit
from hotline.errors import Say

GROUPS = {
    "department": Say("市直部门", "City departments"),
    "utility": Say("公用事业单位", "Utilities"),
    "county": Say("区县", "Districts and counties"),
    "township": Say("乡镇街道", "Towns and subdistricts"),
    "village": Say("村、社区", "Villages and communities"),
}
_DEPARTMENT_TIER = 3


def group_of(unit: Unit) -> str:
    """Under which heading a unit is offered."""
    if unit.kind in GROUPS:
        return unit.kind
    return "department" if unit.tier <= _DEPARTMENT_TIER else "township"


def choices(city: City, under: tuple[str, ...] = ()) -> list[tuple[Say, list[Unit]]]:
    """Units that take cases, under their headings; ``under`` narrows them to those codes."""
    found: dict[str, list[Unit]] = {name: [] for name in GROUPS}
    for unit in city.units.values():
        if unit.is_on and unit.kind not in ("province", "city") and (not under or unit.code in under):
            found[group_of(unit)].append(unit)
    return [(GROUPS[name], units) for name, units in found.items() if units]


def named(city: City, text: str) -> Unit | None:
    """The unit that a code, a full name, or the only name containing ``text`` means."""
    text = text.strip()
    if not text:
        return None
    if text in city.units:
        return city.units[text]
    lower = text.lower()
    exact = [one for one in city.units.values() if lower in (one.name_zh, one.name_en.lower())]
    if exact:
        return exact[0]
    parts = [one for one in city.units.values() if text in one.name_zh or lower in one.name_en.lower()]
    return parts[0] if len(parts) == 1 else None


def name(city: City, code: str | None) -> Say:
    """The unit's name, or its code for one that is no more."""
    unit = city.units.get(code or "")
    return unit.name if unit else Say(code or "", code or "")
