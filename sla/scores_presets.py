"""The formulas that come with the product: hotline/data/scores/*.json, one a file, read once."""

from __future__ import annotations

from functools import cache

import msgspec

from hotline.errors import Refusal, Say
from hotline.places import DATA
from sla import scores_check
from sla.scores_formula import Formula

OWN = "handan"
"""The city's own, by which live sheets are made unless another is asked for."""
FOLDER = DATA / "scores"


@cache
def names() -> tuple[str, ...]:
    """The presets, the city's own first."""
    return tuple(sorted((path.stem for path in FOLDER.glob("*.json")), key=lambda one: (one != OWN, one)))


@cache
def preset(name: str) -> Formula:
    """One preset, checked. Raises the 404 refusal that lists the others for an unknown name."""
    if name not in names():
        known = ", ".join(names())
        raise Refusal(404, "unknown_preset", Say(f"没有叫“{name}”的办法。现有：{known}。",
                                                 f"There is no preset “{name}”. There are: {known}."))
    formula = read((FOLDER / f"{name}.json").read_bytes())
    scores_check.demand(formula)
    return formula


def read(data: bytes | str) -> Formula:
    """A formula from JSON; the 422 refusal says where it is not one."""
    try:
        return msgspec.json.decode(data, type=Formula)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # a validation error is a decode error
        say = Say(f"读不出这份办法：{error}", f"This formula cannot be read: {error}")
        raise Refusal(422, "formula_wrong", say) from None
