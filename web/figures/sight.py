"""Who sees which figures: leaders and the centre the city and any part of it, a county its own, a unit its own."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cases import scope
from hotline import city
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import may
from web.figures.names import name_of

WHOLE = Say("全市", "The whole city")
PARTS = ("county", "unit", "line")


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What a board is narrowed to. ``is_city``: the viewer may choose; ``units`` are those one may choose between."""

    within: tuple[str, str] | None
    is_city: bool
    units: tuple[str, ...] = ()

    @property
    def name(self) -> Say:
        """Of what the figures are."""
        return name_of(*self.within) if self.within else WHOLE

    @property
    def query(self) -> dict[str, str]:
        """The values of an address that name it."""
        return {self.within[0]: self.within[1]} if self.within else {}

    def is_by(self, by: str) -> bool:
        """Whether figures of this may be put side by side by ``by``: not by what they are narrowed to."""
        return self.within is None or self.within[0] != by

    def choices(self) -> dict[str, Say]:
        """What the viewer may choose from, as values of a select: "" is all of theirs."""
        if not self.is_city:
            return {f"unit:{one}": name_of("unit", one) for one in self.units} if len(self.units) > 1 else {}
        snapshot = city.current()
        return {
            "": WHOLE,
            **{f"county:{code}": one.name for code, one in snapshot.jurisdictions.items()},
            **{f"unit:{code}": one.name for code, one in snapshot.units.items() if one.is_on and one.tier <= 3},
            **{f"line:{number}": name_of("line", number) for number in snapshot.lines},
        }


def of(actor: Actor, query: Mapping[str, str]) -> Sight:
    """What the address asks for, as far as the viewer may see it; the 404 refusal for anything else."""
    wanted = _wanted(query)
    own = scope.scope_of(actor)
    if own.city or own.leads or (may(actor, "figures.read") and not own.county and not own.units):
        return Sight(within=wanted, is_city=True)
    if own.county:
        if wanted not in (None, ("county", own.county)):
            raise not_found()
        return Sight(within=("county", own.county), is_city=False)
    units = tuple(own.units)
    if not units or (wanted is not None and (wanted[0] != "unit" or wanted[1] not in units)):
        raise not_found()
    return Sight(within=wanted or ("unit", units[0]), is_city=False, units=units)


def _wanted(query: Mapping[str, str]) -> tuple[str, str] | None:
    """``?of=county:130403``, or ``?county=130403``; None where there is none."""
    name, _, code = query.get("of", "").partition(":")
    if name in PARTS and code:
        return name, code[:40]
    return next(((one, query[one][:40]) for one in PARTS if query.get(one)), None)
