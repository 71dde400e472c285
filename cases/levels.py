"""The three levels by which an enterprise's request climbs, and who stands next above. Pure."""

from __future__ import annotations

from cases import scope
from cases.file import CaseFile
from cases.rows import CaseRow
from hotline import city
from hotline.errors import Say

LEVELS: dict[str, Say] = {
    "township": Say("乡镇（街道）", "Township"),
    "district": Say("县（市、区）", "District"),
    "city": Say("市领导", "City leader"),
}
ORDER = tuple(LEVELS)
CAUSES: dict[str, Say] = {
    "begun": Say("企业诉求，从这一级协调", "an enterprise's request begins here"),
    "limit": Say("到期没解决，自动提级", "not solved within the limit"),
    "asked": Say("承办单位提请", "the unit asked for it"),
    "unsolved": Say("企业说没解决，重办", "the enterprise says it is not solved"),
    "handover": Say("负责领导更换", "another leader took over"),
}
CITY_UNIT = "GOV"
"""Whose leaders coordinate at the top."""


def stage_of(level: str) -> str:
    """The clock stage of a level."""
    return f"level_{level}"


def unit_of(case: CaseRow, level: str) -> str | None:
    """The body whose leader coordinates a case at a level; None where there is none, or it is complained about."""
    snapshot = city.current()
    if level == "township":
        code = case.township or ""
    elif level == "district":
        code = snapshot.county_of(case.township or case.county) or ""
    else:
        code = CITY_UNIT
    heir = snapshot.heir(code) if code else None
    unit = snapshot.unit(heir) if heir else None
    return None if unit is None or scope.is_of_house(unit.code, case.about_units) else unit.code


def next_of(case: CaseRow) -> tuple[str, str] | None:
    """The next level above with its body, else None: the first one at the beginning, one that is there."""
    above = ORDER[ORDER.index(case.level) + 1 :] if case.level else ORDER
    return next(((level, unit) for level in above if (unit := unit_of(case, level))), None)


def climbs(file: CaseFile) -> bool:
    """Whether the case is one that climbs and has somewhere to climb to."""
    return file.case.is_enterprise and file.case.is_open and next_of(file.case) is not None
