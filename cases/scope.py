"""Which cases an actor may find at all. A record is reached only through this; otherwise it is a 404."""

from __future__ import annotations

import msgspec

from hotline import city
from hotline.actor import Actor
from hotline.permissions import may

CITY_ROLES = frozenset({
    "agent", "shift_supervisor", "dispatcher", "callback", "auditor", "supervisor", "coordination", "publication",
    "business_reviewer", "secrecy_reviewer",
})  # fmt: skip
UNIT_ROLES = frozenset({"unit_handler", "unit_head", "unit_deputy", "unit_liaison"})
CITY_TIER = 2
NOTE_BLIND = frozenset({"agent", "shift_supervisor"})
"""Roles that never read a unit's internal note (ux.md 3)."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """How far an actor sees: the whole city, one county, some units, or nothing; and whether sealed cases too."""

    city: bool = False
    county: str = ""
    units: tuple[str, ...] = ()
    sealed: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing at all: administrators read no case."""
        return not (self.city or self.county or self.units)


def scope_of(actor: Actor) -> Scope:
    """The scope of the actor's roles (domain.md 2.15)."""
    roles = actor.roles
    return Scope(
        city=bool(roles & CITY_ROLES),
        county=actor.jurisdiction if "county_office" in roles else "",
        units=actor.units if roles & UNIT_ROLES else (),
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
