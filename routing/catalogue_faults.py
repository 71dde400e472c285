"""What is wrong with a line of the catalogue, by field, each with what to do. Pure over the city snapshot."""

from __future__ import annotations

from datetime import date

from hotline.city import City
from hotline.errors import Say
from routing import book
from routing.book import Line

ROUTES = ("TERR", "FUNC", "UTIL")
TIERS = (3, 4)
"""What a line may ask for where its lead is the government of the place: the county's, or the township's own."""
MOST_BESIDE = 8
LAST_DAY = date(2199, 12, 31)
"""No line says more than this; calendars end soon after the year that people write for "for ever"."""


def faults(line: Line, city: City) -> dict[str, Say]:
    """A sentence for each field that cannot stand on the line's first day; empty when all is well."""
    found = {
        "matter": matter_fault(line.matter, line.valid_from, city),
        "place": place_fault(line.place, line.valid_from, city),
        "requester": _among(line.requester, ("", *book.REQUESTERS)),
        "lead": _lead_fault(line, city),
        "co_handlers": _beside_fault(line, city),
        "tier": _tier_fault(line, city),
        "route": _among(line.route, ROUTES),
        "valid_from": day_fault(line.valid_from),
        "valid_to": _order_fault(line) or day_fault(line.valid_to),
    }
    return {name: say for name, say in found.items() if say is not None}


def matter_fault(matter: str, day: date, city: City) -> Say | None:
    """Whether a leaf, group or division of this code stands on a day; empty is every matter."""
    if matter == book.EVERY:
        return None
    if len(matter) in (2, 4, 6) and any(
        code.startswith(matter) and city.matter(code, day) is not None for code in city.matters
    ):
        return None
    return Say(
        f"没有代码是“{matter[:20]}”的事项、小类或大类，请对照事项目录改。",
        f"No matter, group or division has the code “{matter[:20]}”; see the catalogue of matters.",
    )


def place_fault(place: str, day: date, city: City) -> Say | None:
    """Whether a county (6 digits) or township (9) of this code stands on a day; empty is everywhere."""
    if place == book.EVERY or city.jurisdiction(place, day) is not None or city.township(place, day) is not None:
        return None
    heirs = city.counties_after(place, day) if city.any_jurisdiction(place) is not None else ()
    if heirs:
        zh = "、".join(_county(code, city).zh for code in heirs)
        en = ", ".join(_county(code, city).en for code in heirs)
        return Say(
            f"{place} 那时已撤销，请改用承接的 {zh}。", f"{place} is abolished by then; use its successor {en} instead."
        )
    return Say(
        f"没有代码是“{place[:20]}”的县区或乡镇街道，请对照区划表改。",
        f"No county or township has the code “{place[:20]}”; see the table of places.",
    )


def unit_fault(code: str, day: date, city: City) -> Say | None:
    """Whether a unit of this code takes cases on a day."""
    unit = city.unit(code, day)
    if unit is not None and unit.is_on:
        return None
    if unit is not None:
        return Say(
            f"单位 {unit.name_zh}（{code}）没启用，请先在“单位”里启用，或换一个。",
            f"{unit.name_en} ({code}) is switched off: switch it on under Units, or choose another.",
        )
    heir = city.heir(code, day)
    if heir:
        return Say(f"单位 {code} 那时已撤并，请改用 {heir}。", f"{code} has ended by then; use {heir} instead.")
    shown = code[:20]
    return Say(f"没有代码是“{shown}”的单位，请对照单位表改。", f"No unit has the code “{shown}”; see the units.")


def tier_of(lead: str, tier: int, day: date, city: City) -> int:
    """The tier that a line's lead has: a unit's own; where the place decides, the one that was asked for."""
    unit = city.unit(lead, day)
    if unit is not None:
        return unit.tier
    return tier if lead == book.PLACE and tier in TIERS else TIERS[0]


def _lead_fault(line: Line, city: City) -> Say | None:
    if line.lead in (book.PLACE, book.MATTER):
        return None
    return unit_fault(line.lead, line.valid_from, city)


def _beside_fault(line: Line, city: City) -> Say | None:
    if len(line.co_handlers) > MOST_BESIDE:
        return Say(f"协办单位最多 {MOST_BESIDE} 个。", f"At most {MOST_BESIDE} co-handling units.")
    for code in line.co_handlers:
        if code == line.lead:
            return Say("主办单位不能又是协办单位。", "The lead cannot be its own co-handler.")
        if wrong := unit_fault(code, line.valid_from, city):
            return wrong
    if len(set(line.co_handlers)) < len(line.co_handlers):
        return Say("同一个协办单位写了两次。", "A co-handling unit is named twice.")
    return None


def _tier_fault(line: Line, city: City) -> Say | None:
    wanted = tier_of(line.lead, line.tier, line.valid_from, city)
    is_symbol = line.lead in (book.PLACE, book.MATTER)
    if line.tier == wanted or (city.unit(line.lead, line.valid_from) is None and not is_symbol):
        return None  # an unknown lead has its own fault
    if line.lead == book.PLACE:
        return Say("属地承办时层级写 3（县区）或 4（乡镇街道）。", "With PLACE the tier is 3 (county) or 4 (township).")
    return Say(f"这个主办单位的层级是 {wanted}。", f"This lead stands on tier {wanted}.")


def _order_fault(line: Line) -> Say | None:
    if line.valid_to is None or line.valid_to >= line.valid_from:
        return None
    return Say("最后一天不能早于第一天。", "The last day cannot be before the first.")


def day_fault(day: date | None) -> Say | None:
    """Whether a day is too far off to be reckoned with."""
    if day is None or day <= LAST_DAY:
        return None
    return Say(f"最晚写到 {LAST_DAY}；长期有效就把最后一天留空。", f"{LAST_DAY} at most; leave it empty for good.")


def _among(value: str, known: tuple[str, ...]) -> Say | None:
    if value in known:
        return None
    listed = "、".join(one for one in known if one)
    return Say(f"请写 {listed} 之一。", f"Write one of {listed.replace('、', ', ')}.")


def _county(code: str, city: City) -> Say:
    found = city.jurisdiction(code) or city.any_jurisdiction(code)
    return Say(f"{found.name_zh} {code}", f"{found.name_en} {code}") if found else Say(code, code)
