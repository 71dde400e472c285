"""What the keys of figures are called."""

from __future__ import annotations

from cases.states import KINDS
from cases.wording import CHANNELS
from hotline import city
from hotline.errors import Say

DIMENSIONS: dict[str, Say] = {
    "county": Say("区县", "County"),
    "unit": Say("承办单位", "Unit"),
    "matter": Say("事项", "Matter"),
    "township": Say("街道、乡镇", "Subdistrict"),
    "line": Say("线路", "Line"),
    "channel": Say("渠道", "Channel"),
    "kind": Say("类型", "Kind"),
}
NOWHERE: dict[str, Say] = {
    "county": Say("地点不详", "Place unknown"),
    "unit": Say("还没派单的", "Not with a unit"),
    "matter": Say("还没定事项", "No matter yet"),
    "township": Say("街道、乡镇不详", "Subdistrict unknown"),
    "line": Say("线路不详", "Line unknown"),
    "channel": Say("渠道不详", "Channel unknown"),
    "kind": Say("类型不详", "Kind unknown"),
}


def name_of(by: str, key: str) -> Say:
    """A key of a dimension in words; abolished ones by their last name, unknown codes as they are."""
    snapshot = city.current()
    if not key or (by == "county" and key == city.CITY):
        return NOWHERE[by]
    if by == "kind":
        return KINDS.get(key, Say(key, key))
    if by == "channel":
        one = CHANNELS.get(key, Say(key, key))
        return Say(one.zh, one.en[:1].upper() + one.en[1:])
    if by == "line":
        line = snapshot.lines.get(key)
        return Say(f"{key} {line.name_zh}", f"{key} {line.name_en}") if line else Say(key, key)
    if by == "county":
        county = snapshot.any_jurisdiction(key)
        return county.name if county else Say(key, key)
    if by == "unit":
        unit = snapshot.unit(key)
        return unit.name if unit else Say(key, key)
    if by == "matter":
        matter = snapshot.matter(key)
        return matter.name if matter else Say(key, key)
    town = snapshot.township(key)
    return town.name if town else Say(key, key)
