"""Which cases an actor may find at all. A record is reached only through this; otherwise it is a 404."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cases.states import KINDS
from hotline import city
from hotline.actor import Actor
from hotline.permissions import may

CITY_ROLES = frozenset({
    "agent", "shift_supervisor", "dispatcher", "callback", "auditor", "supervisor", "coordination", "publication",
    "business_reviewer", "secrecy_reviewer",
})  # fmt: skip
UNIT_ROLES = frozenset({"unit_handler", "unit_head", "unit_deputy", "unit_liaison"})
CITY_TIER = 2
THIRD_LEVEL = 4
"""From this tier down a unit never receives requester fields (domain.md 2.15, rule 3)."""
NOTE_BLIND = frozenset({"agent", "shift_supervisor"})
"""Roles that never read a unit's internal note (ux.md 3)."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """How far an actor sees: the whole city, one county, some units, the cases one coordinates; and sealed ones too."""

    city: bool = False
    county: str = ""
    units: tuple[str, ...] = ()
    leads: bool = False
    sealed: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing at all: administrators read no case."""
        return not (self.city or self.county or self.units or self.leads)


def scope_of(actor: Actor) -> Scope:
    """The scope of the actor's roles (domain.md 2.15)."""
    roles = actor.roles
    return Scope(
        city=bool(roles & CITY_ROLES),
        county=actor.jurisdiction if "county_office" in roles else "",
        units=actor.units if roles & UNIT_ROLES else (),
        leads="level_leader" in roles,
        sealed=may(actor, "report.read"),
    )


def condition(actor: Actor, first: int = 1) -> tuple[str, list[object]]:
    """SQL over ``cases c`` that holds for the actor's cases, its arguments numbered from ``first``.

    Sealed cases are for those who work on reports, for the units that have them, and for the agent who logged them.
    """
    scope = scope_of(actor)
    args: list[object] = []
    parts: list[str] = []

    def place(value: object) -> str:
        args.append(value)
        return f"${first + len(args) - 1}"

    open_sealed = "" if scope.sealed else " AND ((c.kind <> 'report' AND NOT c.is_confidential) OR c.accepted_by = {0})"
    if scope.city:
        parts.append("TRUE" + (open_sealed.format(place(actor.id)) if open_sealed else ""))
    if scope.county:
        parts.append(f"c.county = {place(scope.county)}" + (open_sealed.format(place(actor.id)) if open_sealed else ""))
    if scope.leads:
        parts.append(f"c.leader = {place(actor.id)}")
    if scope.units:
        parts.append(f"c.unit_codes && {place(list(scope.units))}::text[]")
    if not parts:
        return "FALSE", []
    return "(" + " OR ".join(f"({part})" for part in parts) + ")", args


def reads_notes(actor: Actor) -> bool:
    """Whether internal handling notes are the actor's to read."""
    return not (actor.roles & NOTE_BLIND) or bool(actor.roles - NOTE_BLIND)


def is_of_unit(actor: Actor) -> bool:
    """Whether the actor sees cases only as a unit does."""
    return not scope_of(actor).city and not scope_of(actor).county


def lineage(unit: str) -> list[str]:
    """A unit's code and those of all above it: a complaint about any of them is a complaint about its own house.

    Not the city or the province, under which everybody stands.
    """
    found: list[str] = []
    one = city.current().unit(unit)
    while one is not None and one.code not in found and (one.tier > CITY_TIER or not found):
        found.append(one.code)
        one = city.current().unit(one.parent) if one.parent else None
    return found


def is_of_house(unit: str, about: Iterable[str]) -> bool:
    """Whether a unit is one of those complained about, one below it, or the heir of one that is no more."""
    heirs = {city.current().heir(code) or code for code in about}
    return bool(heirs) and not heirs.isdisjoint(lineage(unit))


def house(unit: str) -> list[str]:
    """For SQL, ``about_units && house``: what ``is_of_house`` says, with the abolished whose heir stands above."""
    above = set(lineage(unit))
    return sorted(above | {code for code in city.current().gone_units() if city.current().heir(code) in above})


def is_third_level(actor: Actor) -> bool:
    """Whether the actor works for a village, a property company, a contractor, a township: summaries only."""
    unit = city.current().unit(actor.unit)
    return is_of_unit(actor) and unit is not None and unit.tier >= THIRD_LEVEL


def is_blind(actor: Actor, about: Iterable[str], *, is_sealed: bool) -> bool:
    """Whether requester and words of a case are absent for this viewer, and only the summary is theirs.

    For units of a sealed case, for third-level units, and for the house complained about, a county's own centre
    included (domain.md 2.15, rules 2 to 4).
    """
    if is_of_unit(actor) and (is_sealed or is_third_level(actor)):
        return True
    return not scope_of(actor).city and is_of_house(actor.unit, about)


def bare_title(kind: str, matter: str | None) -> str:
    """A title that holds none of the requester's words: what kind of case, and its matter."""
    known = city.current().matter(matter) if matter else None
    return f"{KINDS[kind].zh}：{known.l3_zh}" if known else KINDS[kind].zh
