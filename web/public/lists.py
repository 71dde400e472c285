"""What citizens choose from: units and matters in groups, counties with a portal, and the promises by kind."""

from __future__ import annotations

from hotline.city import City, current
from hotline.errors import Say
from sla import targets

_HIDDEN_KINDS = frozenset({"province", "city", "village"})


def portal_county(code: str) -> str:
    """The county's code when there is such a county today, else ""."""
    return code if code and current().jurisdiction(code) is not None else ""


def grouped_units(city: City) -> list[tuple[Say, dict[str, Say]]]:
    """Units that a complaint may name: the city's departments, the counties, then townships county by county."""
    departments = {u.code: u.name for u in city.units.values() if u.tier == 3 and not u.code.isdigit()}
    counties = {u.code: u.name for u in city.units.values() if u.code.isdigit() and len(u.code) == 6}
    groups = [
        (Say("市直部门、公共服务单位", "City departments and public services"), departments),
        (Say("县（市、区）政府", "County and district governments"), counties),
    ]
    for code, county in city.jurisdictions.items():
        towns = {u.code: u.name for u in city.units.values() if len(u.code) == 9 and u.parent == code}
        if towns:
            groups.append((county.name, towns))
    return groups


def grouped_matters(city: City) -> list[tuple[Say, dict[str, Say]]]:
    """All matters by division, for one list."""
    groups: dict[str, tuple[Say, dict[str, Say]]] = {}
    for code, one in city.matters.items():
        group = groups.setdefault(one.l1_zh, (Say(one.l1_zh, one.l1_en), {}))
        group[1][code] = Say(f"{one.l2_zh}：{one.l3_zh}", f"{one.l2_en}: {one.l3_en}")
    return list(groups.values())


def promise(kind: str) -> Say:
    """How long a kind takes, from the city's own table."""
    return promise_of(targets.profile_for(kind, "normal", None))


def promise_of(profile: str) -> Say:
    """How long a clock profile gives to finish."""
    target = targets.of(current()).target(profile, "finish")
    if target is None:
        return Say("按规定办理", "As the rules say")
    n = f"{target.amount:g}"
    if target.unit == "wd":
        return Say(f"{n} 个工作日", f"{n} working day{'' if n == '1' else 's'}")
    return Say(f"{n} 小时", f"{n} hours")
