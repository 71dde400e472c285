"""Ranked proposals for the dispatcher: the catalogue's answer, then who else might lead, each with its reason. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import msgspec

from cases.file import CaseFile
from cases.rows import CaseRow
from hotline.city import City, Matter, Unit
from hotline.errors import Say
from routing.catalogue import REASONS, of

MOST = 5
"""As many as there are number keys."""
FOUND = 20
"""Units that one search answers with."""
DEPARTMENT = Say("事项目录里的主管部门", "The matter's own department")
PLACE = Say("诉求所在地的政府", "The government of the place")
SUPERIOR = Say("被投诉单位的上级", "Superior of the unit complained about")
OVERSIGHT = Say("监督单位（被投诉单位不能自办）", "An oversight body (no unit handles a complaint about itself)")


class Proposal(msgspec.Struct, frozen=True):
    """A unit that could lead, and the reason as a person reads it."""

    unit: Unit
    reason: Say


def ranked(file: CaseFile, day: date, city: City) -> list[Proposal]:
    """At most MOST units that may take the case on ``day``, best first, none twice, none complained about.

    Order: catalogue, superior or oversight where a unit is complained about, the matter's department, the place's
    government, units that lead other matters of the same group (domain.md 2.8).
    """
    about = {request.about_unit for request in file.requests.values() if request.about_unit}
    found: dict[str, Proposal] = {}
    for code, reason in _candidates(file.case, about, day, city):
        heir = city.heir(code, day) or code
        unit = city.unit(heir, day)
        if unit is not None and unit.is_on and heir not in about and heir not in found:
            found[heir] = Proposal(unit, reason)
        if len(found) == MOST:
            break
    return list(found.values())


def _candidates(case: CaseRow, about: set[str], day: date, city: City) -> Iterator[tuple[str, Say]]:
    matter = city.matter(case.matter, day) if case.matter else None
    if matter is not None:
        choice = of(matter.code, case.county, case.township, day, city, set(about))
        if choice.unit is not None:
            yield choice.unit, REASONS[choice.reason]
    yield from _oversight(about, day, city)
    if matter is not None:
        yield matter.lead_unit, DEPARTMENT
    county = city.county_of(case.township or case.county, day)
    if county is not None:
        yield county, PLACE
    if matter is not None:
        yield from _alike(matter, city)


def _oversight(about: set[str], day: date, city: City) -> Iterator[tuple[str, Say]]:
    for code in sorted(about):
        unit = city.unit(code, day)
        while unit is not None and unit.parent:
            unit = city.unit(unit.parent, day)
            if unit is not None and unit.is_on:
                yield unit.code, SUPERIOR
                break
    if about:
        yield from ((unit.code, OVERSIGHT) for unit in city.units.values() if unit.kind == "oversight")


def _alike(matter: Matter, city: City) -> Iterator[tuple[str, Say]]:
    """Units that lead matters of the same second level, then of the same first level, the busiest first."""
    for zh, en, level in ((matter.l2_zh, matter.l2_en, "l2_zh"), (matter.l1_zh, matter.l1_en, "l1_zh")):
        leads = Counter(one.lead_unit for one in city.matters.values() if getattr(one, level) == zh)
        for code, _ in leads.most_common():
            yield code, Say(f"主管其他“{zh}”事项", f"Leads other matters of “{en}”")


def search(text: str, city: City) -> list[Unit]:
    """Units that take cases and whose code or name in either language holds ``text``; at most FOUND."""
    wanted = text.strip().casefold()
    if not wanted:
        return []
    hits = [
        unit
        for unit in city.units.values()
        if unit.is_on
        and (
            wanted in unit.name_zh.casefold()
            or wanted in unit.name_en.casefold()
            or unit.code.casefold().startswith(wanted)
        )
    ]
    return sorted(hits, key=lambda unit: (unit.code.casefold() != wanted, unit.tier, unit.code))[:FOUND]


def why_missed(reason: str) -> Say:
    """The sentence for the code of a RoutingMissed event, whether the catalogue's own or a refusal's."""
    if reason in REASONS:
        return REASONS[reason]
    if reason == "self_handling":
        return REASONS["about_itself"]
    return Say("自动派单没有成功，须人工派单", "Dispatching by rule did not succeed: by hand")
