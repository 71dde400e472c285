"""Matter × place × requester × date → responsible unit, with the reason that a person can read. Pure.

A line of the catalogue speaks first; without one the matter's own route does; a lead that takes no cases falls back to
the government of the place (domain.md 2.8).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import msgspec

from cases.file import CaseFile
from hotline.city import City, Matter
from hotline.errors import Say
from routing import book
from routing.book import Book, Line

REASONS: dict[str, Say] = {
    "TERR": Say("按目录：属地承办", "Catalogue: the place's own government"),
    "FUNC": Say("按目录：职能部门承办", "Catalogue: the functional department"),
    "UTIL": Say("按目录：公用事业单位承办", "Catalogue: the utility"),
    "fallback": Say("按目录：主管单位不接件，由属地政府兜底", "Catalogue: fallback, the government of the place"),
    "precedent": Say("按会商先例", "A conference's precedent"),
    "no_matter": Say("没有事项，须人工派单", "No matter: to be dispatched by hand"),
    "no_unit": Say("目录里没有对应单位，须人工派单", "No unit in the catalogue: by hand"),
    "about_itself": Say("被投诉单位不能自办，须人工派单", "The unit complained about cannot handle it: by hand"),
    "sealed": Say("举报、保密件由人工派单", "Reports and confidential cases are dispatched by hand"),
    "unit_off": Say("目录里的单位停用，须人工派单", "The catalogue's unit takes no cases: by hand"),
    "summary_missing": Say("承办的乡镇街道看不到原话，写了转述再派", "A township sees no words: first the summary"),
}
TOWNSHIP = 4
"""The tier of township governments: a line that asks for it wants the township's own where it takes cases."""


class Choice(msgspec.Struct, frozen=True):
    """The unit chosen (or None) and the code of the reason, a key of REASONS.

    ``co_handlers`` work beside it, ``tier`` is the unit's own, ``line`` the catalogue's line that decided (None: the
    matter's own route), ``precedent`` the conference that the line comes from.
    """

    unit: str | None
    reason: str
    co_handlers: tuple[str, ...] = ()
    tier: int = 0
    line: int | None = None
    precedent: str = ""

    @property
    def basis(self) -> str:
        """What a dispatch by this choice rests on, as its event says it."""
        return f"precedent:{self.precedent}" if self.precedent else f"catalogue:{self.reason}"


def choose(file: CaseFile, day: date, city: City) -> Choice:
    """The lead unit for the case as of ``day``; None with the reason when a person has to decide (domain.md 2.8)."""
    case = file.case
    if case.is_sealed:
        return Choice(None, "sealed")
    if case.matter is None:
        return Choice(None, "no_matter")
    about = {request.about_unit for request in file.requests.values()}
    return of(case.matter, case.county, case.township, day, city, about, requester_of(is_enterprise=case.is_enterprise))


def requester_of(*, is_enterprise: bool) -> str:
    """The kind of requester as the catalogue knows it; an anonymous one is a person."""
    return "enterprise" if is_enterprise else "person"


def of(
    matter: str, county: str, township: str | None, day: date, city: City, about: Collection[str | None] | None = None,
    requester_kind: str = "person", *, lines: Book | None = None,
) -> Choice:  # fmt: skip
    """What the catalogue answers on a day, past or to come, keeping a unit away from complaints about itself.

    Units, counties, successors and lines are those of that day. ``lines`` stands for this process's book in trials.
    """
    known = city.matter(matter, day)
    if known is None:
        return Choice(None, "no_unit")
    governed = county_on(county, township, day, city)
    places = [place for place in (township, governed) if place]
    line = (lines or book.current()).find(matter, places, requester_kind, day)
    wanted = _lead(line, known, governed, township, day, city)
    unit = _working(wanted, day, city)
    reason = ("precedent" if line.source == "precedent" else line.route) if line else known.route
    if unit is None:
        unit, reason = _working(governed, day, city), "fallback"
    if unit is None:
        return Choice(None, "unit_off" if wanted else "no_unit", line=line.id if line else None)
    if about and unit in about:
        return Choice(None, "about_itself", line=line.id if line else None)
    found = city.unit(unit, day)
    return Choice(
        unit, reason, _beside(line, known, unit, about or (), day, city), found.tier if found else 0,
        line.id if line else None, line.source_id if line and reason == "precedent" else "",
    )  # fmt: skip


def county_on(county: str, township: str | None, day: date, city: City) -> str | None:
    """The county that governs a place on a day: by its township where one is known, for that survives its county."""
    return (city.county_of(township, day) if township else None) or city.county_of(county, day)


def _lead(
    line: Line | None, matter: Matter, county: str | None, township: str | None, day: date, city: City
) -> str | None:
    """The code of the unit that is meant, whether it takes cases or not."""
    lead = line.lead if line else (book.PLACE if matter.route == "TERR" else book.MATTER)
    if lead == book.MATTER:
        return matter.lead_unit
    if lead != book.PLACE:
        return lead
    if line and line.tier == TOWNSHIP and township and _working(township, day, city):
        return township
    return county


def _working(code: str | None, day: date, city: City) -> str | None:
    """The unit that answers for this code on that day, if it takes cases."""
    heir = city.heir(code, day) if code else None
    unit = city.unit(heir, day) if heir else None
    return unit.code if unit and unit.is_on else None


def _beside(
    line: Line | None, matter: Matter, lead: str, about: Collection[str | None], day: date, city: City
) -> tuple[str, ...]:
    """Who works beside the lead: whom the line names; without a line the city's own body beside a utility (4.3)."""
    if line is not None:
        named = line.co_handlers
    else:
        named = (str(city.rule("routing.utility_beside")),) if matter.route == "UTIL" else ()
    found = (_working(code, day, city) for code in named)
    return tuple(dict.fromkeys(code for code in found if code and code != lead and code not in about))
