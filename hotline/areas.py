"""What codes of matters and areas are called when a group of leaves, a township or the whole city may be meant."""

from __future__ import annotations

from hotline import city
from hotline.errors import Say

WHOLE = Say("全市", "the whole city")


def matter_name(code: str) -> Say:
    """A leaf's name, or a group's: the second level of any of its leaves."""
    snapshot = city.current()
    known = snapshot.matter(code)
    if known is not None:
        return known.name
    leaf = next((one for key, one in snapshot.matters.items() if key.startswith(code)), None)
    return Say(leaf.l2_zh, leaf.l2_en) if leaf is not None else Say(code, code)


def groups() -> dict[str, Say]:
    """The groups of matters by their four digits."""
    return {code[:4]: Say(one.l2_zh, one.l2_en) for code, one in city.current().matters.items()}


def kind_of(area: str) -> str:
    """What a code names: "" and "city" are the city; else a county or a township."""
    if area in ("", city.CITY):
        return "city"
    return "county" if city.current().any_jurisdiction(area) is not None else "township"


def county_of(area: str) -> str:
    """The county that an area lies in; "" for the city."""
    kind = kind_of(area)
    if kind == "city":
        return ""
    return area if kind == "county" else city.current().county_of(area) or ""


def area_name(area: str) -> Say:
    """A township with its county, a county, or the whole city."""
    snapshot, kind = city.current(), kind_of(area)
    if kind == "city":
        return WHOLE
    over = snapshot.any_jurisdiction(county_of(area))
    town = snapshot.township(area) if kind == "township" else None
    parts = [one.name for one in (over, town) if one is not None]
    if not parts:
        return Say(area, area)
    return Say("".join(one.zh for one in parts), ", ".join(one.en for one in reversed(parts)))
