"""Matter × place × date → responsible unit, with the reason that a person can read. Pure over the city snapshot."""

from __future__ import annotations

from datetime import date

import msgspec

from cases.file import CaseFile
from hotline.city import City
from hotline.errors import Say

REASONS: dict[str, Say] = {
    "TERR": Say("按目录：属地承办", "Catalogue: the place's own government"),
    "FUNC": Say("按目录：职能部门承办", "Catalogue: the functional department"),
    "UTIL": Say("按目录：公用事业单位承办", "Catalogue: the utility"),
    "no_matter": Say("没有事项，须人工派单", "No matter: to be dispatched by hand"),
    "no_unit": Say("目录里没有对应单位，须人工派单", "No unit in the catalogue: by hand"),
    "about_itself": Say("被投诉单位不能自办，须人工派单", "The unit complained about cannot handle it: by hand"),
    "sealed": Say("举报、保密件由人工派单", "Reports and confidential cases are dispatched by hand"),
    "unit_off": Say("目录里的单位停用，须人工派单", "The catalogue's unit takes no cases: by hand"),
}


class Choice(msgspec.Struct, frozen=True):
    """The unit chosen (or None) and the code of the reason, a key of REASONS."""

    unit: str | None
    reason: str


def choose(file: CaseFile, day: date, city: City) -> Choice:
    """The lead unit for the case as of ``day``; None with the reason when a person has to decide (domain.md 2.8)."""
    case = file.case
    if case.is_sealed:
        return Choice(None, "sealed")
    if case.matter is None:
        return Choice(None, "no_matter")
    return of(case.matter, case.county, case.township, day, city, {r.about_unit for r in file.requests.values()})


def of(
    matter: str, county: str, township: str | None, day: date, city: City, about: set[str | None] | None = None
) -> Choice:
    """What the catalogue answers for matter and place on a day, keeping a unit away from complaints about itself."""
    unit = city.lead_unit(matter, county, township, day)
    known = city.matter(matter, day)
    if unit is None or known is None:
        return Choice(None, "no_unit")
    if about and unit in about:
        return Choice(None, "about_itself")
    found = city.unit(unit, day)
    if found is None or not found.is_on:
        return Choice(None, "unit_off")
    return Choice(unit, known.route)
