"""How the figures of dispatch call their rows."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from hotline import city, people
from hotline.actor import SYSTEM_ID
from hotline.errors import Say
from routing import book
from web import units

TITLES = {
    "decider": Say("谁派的", "By who dispatched"), "source": Say("事项由谁定（含模型版本）", "By who named the matter"),
    "matter": Say("按事项", "By matter"), "unit": Say("按首派单位", "By first unit"),
}  # fmt: skip
VERDICTS = {
    "right": Say("一次派准", "Right the first time"), "wrong": Say("退回或改派过", "Taken back"),
    "undecided": Say("还没定", "Not yet known"), "": Say("全部", "All"),
}  # fmt: skip
_FIXED = {
    "catalogue": Say("派单目录", "The catalogue"), "precedent": Say("会商先例", "Precedents"),
    "conference": Say("会商决定", "Conferences"), "person": Say("人工", "A person"),
    str(SYSTEM_ID): Say("系统", "The system"),
}  # fmt: skip


async def of_people(keys: Iterable[str]) -> dict[str, str]:
    """The names of those keys that are people's ids."""
    ids = {UUID(key) for key in keys if len(key) == len(str(SYSTEM_ID)) and key.count("-") == 4}
    return {str(one): name for one, name in (await people.names(ids - {SYSTEM_ID})).items()}


def row(dimension: str, key: str, known: dict[str, str]) -> Say:
    """What a row of a table is called."""
    if dimension == "matter":
        matter = city.current().matter(key)
        return Say(f"{key} {matter.l3_zh}", f"{key} {matter.l3_en}") if matter else Say(key, key)
    if dimension == "unit":
        return units.name(city.current(), key)
    if key in _FIXED:
        return _FIXED[key]
    kind, _, rest = key.partition(":")
    if kind == "rule":
        found = next((one.name for one in book.current().rules if one.basis == key), rest)
        return Say(f"规则 {found}", f"Rule {found}")
    if kind == "model":
        return Say(f"模型 {rest}", f"Model {rest}")
    name = known.get(key, "")
    return Say(name, name) if name else Say("已离开的人员", "Somebody who has left")
