"""How the catalogue's screens call things: a line's key in addresses, and matters, places and leads to choose from."""

from __future__ import annotations

import re
from datetime import date

from hotline import city
from hotline.city import City
from hotline.errors import Say, not_found
from routing import book, catalogue, sheets
from routing.book import Key, Line
from web import units

_BETWEEN = re.compile("[,，、;；\n]")
EVERY = "-"
"""Stands in an address and in a form for every matter, place or kind of requester."""
REQUESTERS = {
    EVERY: Say("个人和企业", "Persons and enterprises"), "person": Say("个人", "Persons"),
    "enterprise": Say("企业", "Enterprises"),
}  # fmt: skip
LEADS = {
    book.PLACE: Say("属地：诉求所在地的政府", "PLACE: the government of the place"),
    book.MATTER: Say("主管：事项自己的牵头单位", "MATTER: the matter's own lead"),
}
TIERS = {
    "": Say("按主办单位", "As the lead's"), "3": Say("县区（3）", "County (3)"),
    "4": Say("乡镇街道（4）", "Township (4)"),
}  # fmt: skip
SOURCES = {
    "edit": Say("逐条维护", "By hand"), "sheet": Say("表格导入", "A sheet"),
    "precedent": Say("会商先例", "A precedent"),
}  # fmt: skip


def address(key: Key) -> str:
    """A key as part of an address: "020201.130403.-"."""
    return ".".join(part or EVERY for part in key)


def key_of(text: str) -> Key:
    """The key in an address. 404 when it is none."""
    parts = text.split(".")
    if len(parts) != len(("matter", "place", "requester")) or not text.isprintable():
        raise not_found()
    matter, place, requester = ("" if part == EVERY else part for part in parts)
    return (matter, place, requester)


def url(key: Key) -> str:
    """The page of all versions of a line."""
    return f"/admin/catalogue/lines/{address(key)}"


def matter(code: str, day: date) -> Say:
    """What a line's matter is called on a day."""
    return sheets.matter_name(code, city.current(), day)


def place(code: str, day: date) -> Say:
    """What a line's place is called on a day."""
    return sheets.place_name(code, city.current(), day)


def title(key: Key, day: date | None = None) -> Say:
    """What a line is about: "路灯不亮 · 丛台区 · 企业"."""
    on = day or city.current().day
    parts = [matter(key[0], on), place(key[1], on)]
    if key[2]:
        parts.append(REQUESTERS.get(key[2], Say(key[2], key[2])))
    return Say(" · ".join(one.zh for one in parts), " · ".join(one.en for one in parts))


def lead(line: Line) -> Say:
    """Who leads by a line."""
    if line.lead == book.PLACE:
        if line.tier == catalogue.TOWNSHIP:
            return Say("所在乡镇街道", "The township's own government")
        return Say("属地政府", "The place's government")
    if line.lead == book.MATTER:
        return Say("事项的牵头单位", "The matter's own lead")
    return unit(line.lead)


def unit(code: str | None, day: date | None = None) -> Say:
    """A unit as of a day (today by default) with its code; nobody is the dispatcher's desk."""
    if not code:
        return Say("派单台", "The dispatcher's desk")
    found = city.current().unit(code, day)
    return Say(f"{found.name_zh} {code}", f"{found.name_en} {code}") if found else Say(code, code)


def matters(snapshot: City) -> dict[str, Say]:
    """Everything that a line can be about: all, and each division, group and leaf, as a tree."""
    found = {EVERY: Say("全部事项", "Every matter")}
    for code, one in sorted(snapshot.matters.items()):
        found.setdefault(code[:2], Say(f"{code[:2]} {one.l1_zh}", f"{code[:2]} {one.l1_en}"))
        found.setdefault(code[:4], Say(f"　{code[:4]} {one.l2_zh}", f"  {code[:4]} {one.l2_en}"))
        found[code] = Say(f"　　{code} {one.l3_zh}", f"    {code} {one.l3_en}")
    return found


def places(snapshot: City) -> dict[str, Say]:
    """Everywhere, each county and its townships, as a tree."""
    found = {EVERY: Say("全市", "Everywhere")}
    below: dict[str, list[city.Township]] = {}
    for township in snapshot.townships.values():
        below.setdefault(township.county, []).append(township)
    for code, county in snapshot.jurisdictions.items():
        found[code] = Say(f"{county.name_zh} {code}", f"{county.name_en} {code}")
        for one in below.get(code, ()):
            found[one.code] = Say(f"　{one.name_zh} {one.code}", f"  {one.name_en} {one.code}")
    return found


def leads(snapshot: City) -> dict[str, Say]:
    """Who can lead: the two that the place or the matter decides, then every unit that takes cases."""
    found = dict(LEADS)
    for _, some in units.choices(snapshot):
        found |= {one.code: Say(f"{one.name_zh} {one.code}", f"{one.name_en} {one.code}") for one in some}
    return found


def beside(text: str, snapshot: City) -> tuple[str, ...]:
    """Units named in a field, by code or by full name, apart by spaces, commas or lines; unknown ones as typed."""
    found: list[str] = []
    for part in _BETWEEN.split(text):
        whole = units.named(snapshot, part)
        found += [whole.code] if whole else part.split()
    return tuple(found)
