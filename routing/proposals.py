"""Ranked proposals for the dispatcher: the catalogue's answer, then who else might lead, each with its reason. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import msgspec

from cases import scope
from cases.file import CaseFile
from cases.rows import CaseRow
from cases.wording_route import left_by_rule
from hotline.city import City, Matter, Unit
from hotline.errors import Say
from routing import facts, rules
from routing.book import Book
from routing.catalogue import REASONS, of
from routing.conditions import say
from routing.decision import would
from routing.guess import Suggestion

MOST = 5
"""As many as there are number keys."""
LEAST = 0.1
"""A matter less probable than this proposes no unit."""
FOUND = 20
"""Units that one search answers with."""
DEPARTMENT = Say("事项目录里的主管部门", "The matter's own department")
SUGGESTED = Say("退回的单位建议派给它", "Suggested by the unit that returned the case")
PLACE = Say("诉求所在地的政府", "The government of the place")
SUPERIOR = Say("被投诉单位的上级", "Superior of the unit complained about")
OVERSIGHT = Say("监督单位（被投诉单位不能自办）", "An oversight body (no unit handles a complaint about itself)")


class Proposal(msgspec.Struct, frozen=True):
    """A unit that could lead, and the reason as a person reads it."""

    unit: Unit
    reason: Say


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What the case went through: units that returned it, and whom the last of them suggests."""

    returned_by: tuple[str, ...] = ()
    suggested: str = ""


def ranked(
    file: CaseFile, day: date, city: City, *, kept: Book | None = None, suggestion: Suggestion | None = None,
    past: Past | None = None,
) -> list[Proposal]:  # fmt: skip
    """At most MOST units that may take the case on ``day``, best first, none twice, none complained about.

    Order: the rule that wins, whom a returning unit suggests, the catalogue, superior or oversight where a unit is
    complained about, the matter's department, the place's government, what the model's matters lead to (before the
    place while the case has no matter), units that lead other matters of the same group (domain.md 2.8). Units that
    returned the case come last and say so.
    """
    about = {request.about_unit for request in file.requests.values() if request.about_unit}
    gone = past or Past()
    found: dict[str, Proposal] = {}
    back: dict[str, Proposal] = {}
    first = _first(file, day, city, kept, gone)
    guessed = _guessed(file, day, city, kept, suggestion)
    for code, reason in (*first, *_candidates(file.case, about, day, city, guessed)):
        heir = city.heir(code, day) or code
        unit = city.unit(heir, day)
        if unit is None or not unit.is_on or scope.is_of_house(heir, about) or heir in found:
            continue
        if heir in gone.returned_by:
            back.setdefault(heir, Proposal(unit, Say(f"{reason.zh}；它退回过", f"{reason.en}; it returned the case")))
        else:
            found[heir] = Proposal(unit, reason)
    return [*found.values(), *back.values()][:MOST]


def _first(file: CaseFile, day: date, city: City, kept: Book | None, past: Past) -> Iterator[tuple[str, Say]]:
    if kept is not None and not file.case.is_sealed:
        match = rules.first(kept.rules_on(day), facts.of(file, city), city, day).match
        if match is not None and match.unit is not None:
            when = "，且".join(say(one, city).zh for one in match.rule.conditions) or "任何诉求"
            why = " and ".join(say(one, city).en for one in match.rule.conditions) or "any request"
            yield match.unit, Say(f"规则 {match.rule.id}：{when}", f"Rule {match.rule.id}: {why}")
    if past.suggested:
        yield past.suggested, SUGGESTED


def _guessed(
    file: CaseFile, day: date, city: City, kept: Book | None, suggestion: Suggestion | None
) -> Iterator[tuple[str, Say]]:
    """The units of the matters that the model names, other than the case's own."""
    for one in suggestion.ranked if suggestion is not None and kept is not None else ():
        matter = city.matter(one.matter, day)
        if matter is None or one.matter == file.case.matter or one.probability < LEAST:
            continue
        unit = would(file, one.matter, kept, day, city).unit if kept is not None else None
        if unit is not None:
            percent = round(one.probability * 100)
            yield unit, Say(f"模型：若是“{matter.l3_zh}”（{percent}%）", f"Model: if “{matter.l3_en}” ({percent} %)")


def _candidates(
    case: CaseRow, about: set[str], day: date, city: City, guessed: Iterator[tuple[str, Say]]
) -> Iterator[tuple[str, Say]]:
    matter = city.matter(case.matter, day) if case.matter else None
    if matter is not None:
        choice = of(matter.code, case.county, case.township, day, city, set(about))
        if choice.unit is not None:
            yield choice.unit, REASONS[choice.reason]
    yield from _oversight(about, day, city)
    if matter is not None:
        yield matter.lead_unit, DEPARTMENT
    else:
        yield from guessed
    county = city.county_of(case.township or case.county, day)
    if county is not None:
        yield county, PLACE
    yield from guessed  # what another matter would lead to stands behind what the chosen one does
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
    by_rule = left_by_rule(reason)
    if by_rule is not None:
        return by_rule
    if reason == "self_handling":
        return REASONS["about_itself"]
    return Say("自动派单没有成功，须人工派单", "Dispatching by rule did not succeed: by hand")
